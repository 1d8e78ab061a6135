//! Bytes that somebody sends, taken from them by a thread of its own, so that it is known how much waits
//! and how long the sender had to.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use evz_core::Arriving;

/// Bytes that may wait: a tenth of a second of 50 million events of 4 bytes.
const CAPACITY: usize = 20 << 20;
/// Bytes that are taken at once: what a pipe holds.
const BLOCK: usize = 64 << 10;
/// Blocks that are kept to be filled again; fresh ones would cost a page fault every 4 kB.
const SPARE: usize = 64;
/// Bytes that are kept until it is clear how they are read.
const KEPT: u64 = 1 << 20;
/// How often it is looked whether to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How far the reading is behind whoever sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lag {
    /// Bytes that have come and are not read yet.
    pub bytes: u64,
    /// How long the sender was made to wait, all times together: as long as the most bytes waited that
    /// may, nothing more was taken.
    pub waited: Duration,
    /// The longest of these times.
    pub longest: Duration,
}

/// What a sender has sent.
#[derive(Clone)]
pub(super) struct Sent {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    told_to_end: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    blocks: VecDeque<Vec<u8>>,
    /// The block that is read, and bytes of it that were.
    at: usize,
    used: usize,
    spare: Vec<Vec<u8>>,
    /// Bytes that came, and that were read.
    come: u64,
    read: u64,
    /// Whether what was read is kept.
    keep: bool,
    /// How it ended, once it has: an error is given once.
    end: Option<Option<io::Error>>,
    full_since: Option<Instant>,
    waited: Duration,
    longest: Duration,
}

impl Sent {
    /// What this reader gives, until it ends or that is told.
    pub(super) fn by(
        sender: impl Read + Send + 'static,
        told_to_end: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let state = State {
            keep: true,
            ..State::default()
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            told_to_end,
        });
        let taking = shared.clone();
        let thread = std::thread::Builder::new().name("evz-sent".to_owned());
        thread.spawn(move || taking.take_from(sender))?;
        Ok(Self { shared })
    }

    /// Waits until so many bytes have come, it has ended, or this time is over; says how many have.
    pub(super) fn wait_for(&self, bytes: u64, most: Duration) -> u64 {
        let until = Instant::now() + most;
        let mut state = self.shared.lock();
        while state.come < bytes && state.end.is_none() && Instant::now() < until {
            state = self.shared.wait(state);
        }
        state.come
    }

    /// Whether all has come.
    pub(super) fn has_ended(&self) -> bool {
        self.shared.lock().end.is_some()
    }

    /// Begins anew, at the first byte; false if that is not kept any more.
    pub(super) fn rewind(&self) -> bool {
        let mut state = self.shared.lock();
        if state.keep {
            (state.at, state.used, state.read) = (0, 0, 0);
        }
        state.keep
    }

    /// What was read is not kept any more.
    pub(super) fn settle(&self) {
        self.shared.lock().settle();
    }

    pub(super) fn lag(&self) -> Lag {
        let state = self.shared.lock();
        let now = state.full_since.map_or(Duration::ZERO, |s| s.elapsed());
        Lag {
            bytes: state.come - state.read,
            waited: state.waited + now,
            longest: state.longest.max(now),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change, but not for long, and ends if that was told.
    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, LOOK_EVERY);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if self.told_to_end.load(Ordering::Relaxed) {
            state.end.get_or_insert(None);
        }
        state
    }

    /// Takes what is sent, as far as it may wait.
    fn take_from(&self, mut sender: impl Read) {
        loop {
            let spare = self.lock().spare.pop();
            let mut block = spare.unwrap_or_default();
            block.resize(BLOCK, 0);
            let end = match sender.read(&mut block) {
                Ok(0) => Some(None),
                Ok(n) => {
                    block.truncate(n);
                    None
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Some(Some(e)),
            };
            let mut state = self.lock();
            if let Some(end) = end {
                state.end.get_or_insert(end);
                return self.changed.notify_all();
            }
            while state.come - state.read >= CAPACITY as u64 && state.end.is_none() {
                state.full_since.get_or_insert_with(Instant::now);
                state = self.wait(state);
            }
            state.stop_waiting();
            if state.end.is_some() {
                return;
            }
            state.come += block.len() as u64;
            state.blocks.push_back(block);
            self.changed.notify_all();
        }
    }
}

impl State {
    fn stop_waiting(&mut self) {
        if let Some(since) = self.full_since.take() {
            let waited = since.elapsed();
            self.waited += waited;
            self.longest = self.longest.max(waited);
        }
    }

    fn settle(&mut self) {
        self.keep = false;
        self.blocks.drain(..std::mem::take(&mut self.at));
    }

    /// Reads what is there; nothing if nothing is.
    fn read(&mut self, out: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < out.len()
            && let Some(block) = self.blocks.get(self.at)
        {
            let left = &block[self.used..];
            let n = left.len().min(out.len() - filled);
            out[filled..filled + n].copy_from_slice(&left[..n]);
            filled += n;
            self.used += n;
            if self.used == block.len() {
                self.used = 0;
                match self.keep {
                    true => self.at += 1,
                    false => {
                        let block = self.blocks.pop_front();
                        self.spare
                            .extend(block.filter(|_| self.spare.len() < SPARE));
                    }
                }
            }
        }
        self.read += filled as u64;
        if self.keep && self.read > KEPT {
            self.settle();
        }
        filled
    }
}

impl Read for Sent {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut state = self.shared.lock();
        loop {
            let n = state.read(out);
            if n > 0 || out.is_empty() {
                self.shared.changed.notify_all();
                return Ok(n);
            }
            if let Some(end) = &mut state.end {
                return end.take().map_or(Ok(0), Err);
            }
            state = self.shared.wait(state);
        }
    }
}

impl Arriving for Sent {
    fn there(&self) -> usize {
        let state = self.shared.lock();
        match state.end {
            Some(_) => usize::MAX,
            None => (state.come - state.read) as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte, and then nothing for ever.
    struct Stalls(bool);

    impl Read for Stalls {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                std::thread::sleep(Duration::from_secs(3600));
            }
            out[0] = 7;
            Ok(1)
        }
    }

    #[test]
    fn what_was_sent_is_read_again_until_it_is_settled() {
        let bytes: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
        let sent = Sent::by(io::Cursor::new(bytes.clone()), Arc::default()).unwrap();
        for _ in 0..2 {
            let mut some = vec![0; 100_000];
            assert!(sent.rewind());
            sent.clone().read_exact(&mut some).unwrap();
            assert_eq!(some, bytes[..100_000]);
        }
        assert!(sent.rewind());
        sent.settle();
        let mut all = Vec::new();
        sent.clone().read_to_end(&mut all).unwrap();
        assert!(all == bytes && !sent.rewind());
        assert_eq!(sent.there(), usize::MAX);
    }

    #[test]
    fn it_ends_when_it_is_told_to() {
        let told = Arc::new(AtomicBool::new(false));
        let mut sent = Sent::by(Stalls(false), told.clone()).unwrap();
        let mut byte = [0; 8];
        assert_eq!(sent.read(&mut byte).unwrap(), 1);
        assert_eq!(sent.there(), 0);
        told.store(true, Ordering::Relaxed);
        assert_eq!(sent.read(&mut byte).unwrap(), 0);
        assert!(sent.has_ended());
    }

    #[test]
    fn who_sends_more_than_may_wait_is_made_to_and_that_is_told() {
        let mut sent = Sent::by(io::repeat(1), Arc::default()).unwrap();
        sent.settle();
        assert!(sent.wait_for(CAPACITY as u64, Duration::from_secs(60)) >= CAPACITY as u64);
        std::thread::sleep(Duration::from_millis(20));
        let lag = sent.lag();
        assert!(lag.bytes >= CAPACITY as u64 && lag.bytes <= (CAPACITY + BLOCK) as u64);
        assert!(lag.waited > Duration::ZERO, "{lag:?}");
        let mut some = vec![0; 1 << 20];
        sent.read_exact(&mut some).unwrap();
        assert!(sent.lag().longest >= lag.longest);
    }
}
