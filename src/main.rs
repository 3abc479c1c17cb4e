//! The process edge: a panic message for people, the exit code.

use std::env;
use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    panic::set_hook(Box::new(linchpin::cli::say_panic));
    linchpin::cli::run(env::args_os())
}
