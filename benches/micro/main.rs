//! The parts of a campaign load alone: `cargo bench --bench micro`.

mod map;
mod read;
mod wire;

fn main() {
    divan::main();
}
