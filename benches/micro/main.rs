//! The parts of a load and of an extract alone: `cargo bench --bench micro`.

mod map;
mod read;
mod rules;
mod wapi;
mod wire;

fn main() {
    divan::main();
}
