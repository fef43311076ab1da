//! The program: everything is in the library's `cli` floor.

fn main() -> std::process::ExitCode {
    caregrid::cli::run()
}
