//! The tests once more, with sanitizers.

use std::process::{Command, Output};

/// Which of the libraries a process uses; set in those that are started here.
const BUILD: &str = "EVZ_SHIM_BUILD";

pub(crate) fn build() -> String {
    std::env::var(BUILD).unwrap_or_else(|_| "plain".to_owned())
}

/// Whether this process runs with a sanitizer, where large inputs take long.
pub fn sanitized() -> bool {
    build() != "plain"
}

/// What looks on while kernels run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sanitizer {
    /// Stray reads and writes, and undefined behaviour.
    Address,
    /// Reads and writes of the same place that no barrier puts in order.
    Thread,
}

/// Runs the calling test binary with these arguments under a sanitizer.
///
/// # Panics
/// If it cannot be started.
pub fn run_under(sanitizer: Sanitizer, args: &[&str]) -> Output {
    let (build, runtime) = match sanitizer {
        Sanitizer::Address => ("address", env!("EVZ_LIBASAN")),
        Sanitizer::Thread => ("thread", env!("EVZ_LIBTSAN")),
    };
    Command::new(std::env::current_exe().expect("a test binary"))
        .args(["--test-threads=1", "--nocapture"])
        .args(args)
        .env(BUILD, build)
        // It must be there before all others, and the test binary itself does not bring it.
        .env("LD_PRELOAD", runtime)
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .env("UBSAN_OPTIONS", "print_stacktrace=1")
        .env(
            "TSAN_OPTIONS",
            "halt_on_error=1:ignore_noninstrumented_modules=1",
        )
        .output()
        .expect("a test binary can be started")
}

/// Runs all tests of the calling test binary once more under each sanitizer: to be called by a test
/// of its own.
///
/// # Panics
/// If one of them fails there.
pub fn under_sanitizers() {
    if sanitized() {
        return;
    }
    // Side by side: each runs one test after the other.
    std::thread::scope(|scope| {
        let run = |sanitizer| scope.spawn(move || (sanitizer, run_under(sanitizer, &[])));
        for running in [Sanitizer::Address, Sanitizer::Thread].map(run) {
            let (sanitizer, output) = running.join().expect("it only waits for a process");
            assert!(
                output.status.success(),
                "{sanitizer:?}: {}\n{}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
        }
    });
}
