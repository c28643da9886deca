//! The launcher alone, for the tests of this crate and of those that start programs.

fn main() -> ! {
    child::main(std::env::args_os().skip(2))
}
