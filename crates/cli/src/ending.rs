//! When a verb ends that would go on as long as more comes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Set by the first SIGINT or SIGTERM. A second one ends the process at once.
pub(crate) fn by_signal() -> Result<Arc<AtomicBool>> {
    let end = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, end.clone())
            .and_then(|_| flag::register(signal, end.clone()))
            .context("cannot wait for signals")?;
    }
    Ok(end)
}

/// The same, and set where nobody reads standard output any more: who waits for more to write does not
/// notice that by writing.
pub(crate) fn by_signal_or_reader() -> Result<Arc<AtomicBool>> {
    let end = by_signal()?;
    #[cfg(unix)]
    {
        let set = end.clone();
        std::thread::Builder::new()
            .name("evz-reader-left".to_owned())
            .spawn(move || wait_until_nobody_reads(&set))
            .context("cannot start a thread")?;
    }
    Ok(end)
}

/// Waits for as long as standard output has a reader.
#[cfg(unix)]
fn wait_until_nobody_reads(end: &AtomicBool) {
    use rustix::event::{PollFd, PollFlags, poll};
    use std::sync::atomic::Ordering;

    let stdout = std::io::stdout();
    loop {
        // An error, and a reader that has left, are told without being asked for.
        let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut fds, None) {
            Ok(_) if fds[0].revents().contains(PollFlags::ERR) => {
                return end.store(true, Ordering::Relaxed);
            }
            Err(rustix::io::Errno::INTR) => {}
            _ => return,
        }
    }
}
