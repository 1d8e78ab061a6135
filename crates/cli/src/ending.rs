//! How signals end a run: a verb that would go on as long as more comes ends by itself, any other one at
//! once and without files that it has begun.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Set by the first signal that ends a run, where a verb ends by itself then.
static BY_ITSELF: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);

/// The process that this one waits for.
static CHILD: Mutex<Option<u32>> = Mutex::new(None);

/// Has a signal that ends the process remove what was begun and not finished. Without the right to start
/// a thread all stays as the system has it, and such files under their temporary names.
pub(crate) fn clean_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        outlive_full_files();
        let (ready, waits) = mpsc::channel();
        let thread = thread::Builder::new().name("evz-signals".to_owned());
        // Nothing is begun before it waits. It never sends: that it is there drops what would.
        if thread.spawn(|| wait_for_signals(ready)).is_ok() {
            let _: Result<(), _> = waits.recv();
        }
    });
}

/// Makes a file that is longer than the shell allows (`ulimit -f`) an error of the call that writes, and not the
/// end of the process.
fn outlive_full_files() {
    #[cfg(unix)]
    {
        use signal_hook::consts::SIGXFSZ;
        // What it sets is looked at by nobody: the call says the same.
        let seen = Arc::new(AtomicBool::new(false));
        if !ignored().contains(&SIGXFSZ) {
            let _ = signal_hook::flag::register(SIGXFSZ, seen);
        }
    }
}

/// A child that a signal ends with this process, as long as this lives.
pub(crate) struct WithUs(());

/// Has a signal end this child too, before what it writes is removed.
pub(crate) fn with_us(process: u32) -> WithUs {
    *CHILD.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
    WithUs(())
}

impl Drop for WithUs {
    fn drop(&mut self) {
        *CHILD.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Ends a child and waits until it is gone, which whoever started it notices; not for ever.
fn kill(process: u32) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process, test_kill_process};
        let Some(child) = Pid::from_raw(process.cast_signed()) else {
            return;
        };
        let _ = kill_process(child, Signal::KILL);
        for _ in 0..1000 {
            if test_kill_process(child).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
    #[cfg(not(unix))]
    let _ = process;
}

fn wait_for_signals(ready: Sender<()>) {
    let ignored = ignored();
    let signals = [SIGINT, SIGTERM, SIGHUP];
    let signals = signals
        .into_iter()
        .filter(|signal| !ignored.contains(signal));
    let Ok(mut signals) = Signals::new(signals) else {
        return;
    };
    drop(ready);
    for signal in signals.forever() {
        let verb = BY_ITSELF.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(end) = &*verb
            && !end.swap(true, Ordering::Relaxed)
        {
            continue;
        }
        // Held until the process is no more: who waits for that child does not go on with it.
        let child = CHILD.lock().unwrap_or_else(PoisonError::into_inner);
        child.iter().for_each(|process| kill(*process));
        evz::remove_partial_files();
        let _ = emulate_default_handler(signal);
    }
}

/// The signals that whoever started this process has it ignore, as nohup does: they stay ignored.
fn ignored() -> Vec<i32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    match mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) {
        Some(mask) => (1..=64)
            .filter(|signal| mask >> (signal - 1) & 1 == 1)
            .collect(),
        // Nobody says it; a hangup is what nohup is for.
        None => vec![SIGHUP],
    }
}

/// Set by the first SIGINT, SIGTERM or SIGHUP. A second one ends the process at once.
pub(crate) fn by_signal() -> Arc<AtomicBool> {
    let end = Arc::new(AtomicBool::new(false));
    *BY_ITSELF.lock().unwrap_or_else(PoisonError::into_inner) = Some(end.clone());
    end
}

/// The same, and set where nobody reads standard output any more: who waits for more to write does not
/// notice that by writing.
pub(crate) fn by_signal_or_reader() -> Result<Arc<AtomicBool>> {
    let end = by_signal();
    #[cfg(unix)]
    {
        let set = end.clone();
        thread::Builder::new()
            .name("evz-reader-left".to_owned())
            .spawn(move || wait_until_nobody_reads(&set))
            .map_err(|e| evz::Error::no_thread("standard output", &e))?;
    }
    Ok(end)
}

/// Waits for as long as standard output has a reader.
#[cfg(unix)]
fn wait_until_nobody_reads(end: &AtomicBool) {
    use rustix::event::{PollFd, PollFlags, poll};

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
