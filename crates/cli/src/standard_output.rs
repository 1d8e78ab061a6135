//! Standard output, where there is one.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

static CLOSED: AtomicBool = AtomicBool::new(false);

/// Standard output was not there when the process began, which only its program can know: what is written there
/// then is an error. The runtime puts `/dev/null` in its place, and all would be well.
pub fn standard_output_is_closed() {
    CLOSED.store(true, Ordering::Relaxed);
}

/// Standard output in bytes.
pub(crate) struct StandardOutput(Stdout);

pub(crate) fn stdout() -> StandardOutput {
    StandardOutput(io::stdout())
}

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match CLOSED.load(Ordering::Relaxed) {
            true => Err(io::Error::other("it is closed, or not open for writing")),
            false => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes text to standard output.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<()> {
    let mut out = stdout();
    let written = out.write_all(text.as_ref()).and_then(|()| out.flush());
    written.context("cannot write to standard output")
}
