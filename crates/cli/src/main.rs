//! The program `evz`.
#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = env::args_os();
    let name = args.next().unwrap_or_default();
    let itself = env::current_exe().map_or(name, Into::into);
    ExitCode::from(evz_cli::run(&[itself], args))
}
