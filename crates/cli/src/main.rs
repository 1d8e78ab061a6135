//! The program `evz`.
#![deny(unsafe_code)]

mod closed_at_start;
mod out_of_memory;

use std::env;
use std::process::ExitCode;

#[global_allocator]
static MEMORY: out_of_memory::SystemOrEnd = out_of_memory::SystemOrEnd;

fn main() -> ExitCode {
    out_of_memory::end_for_zstd();
    if closed_at_start::stdout_was_closed() {
        evz_cli::standard_output_is_closed();
    }
    let mut args = env::args_os();
    let name = args.next().unwrap_or_default();
    let itself = env::current_exe().map_or(name, Into::into);
    ExitCode::from(evz_cli::run(&[itself], args))
}
