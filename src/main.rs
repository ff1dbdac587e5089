//! The binary: hands the command line to [`vccpipe::cli`] and exits with what it says.

fn main() -> std::process::ExitCode {
    vccpipe::cli::main()
}
