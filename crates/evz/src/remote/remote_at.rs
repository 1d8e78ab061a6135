//! Ranges of a file that is somewhere else.

use std::io;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evz_core::ReadAt;

use super::ahead::{Ahead, Block, FIRST};
use super::failure::Failure;
use super::location::{Object, Service};
use super::version::Version;
use super::worker::{Wanted, Worker};

/// A file of a server, in the state that it had when it was opened.
pub(super) struct RemoteAt {
    object: Object,
    version: Version,
    state: Mutex<State>,
}

/// What asks, and what was asked for.
struct State {
    /// The process that it belongs to: after a fork its thread is missing, and its connections are
    /// those of the parent.
    process: u32,
    worker: Worker,
    ahead: Ahead,
}

impl RemoteAt {
    /// Asks for the first bytes and learns with them how long the file is; and at the same time for the
    /// last, where most formats with an index have it.
    pub(super) fn open(object: Object) -> Result<Self, Failure> {
        let worker = Worker::start(&object)?;
        let fetch = worker.fetch(Wanted::Range(0..FIRST), None);
        // Azure knows no ranges that count from the end.
        let last = object.service() != Service::Azure;
        let last = last.then(|| worker.fetch(Wanted::Last(FIRST), None));
        let (version, first) = match fetch.wait() {
            Ok(answer) => {
                let range = 0..answer.bytes.len() as u64;
                (
                    Version::of(answer.meta.clone()),
                    Some(Block { range, fetch }),
                )
            }
            Err(failure) if failure.is_empty_range() => {
                let answer = worker.fetch(Wanted::Nothing, None).wait()?;
                (Version::of(answer.meta.clone()), None)
            }
            Err(failure) => return Err(failure),
        };
        let len = version.len();
        let mut ahead = Ahead::new(len);
        if let Some(block) = first {
            ahead.hold(block);
        }
        // What is no answer is asked for again if it is wanted.
        if let Some(fetch) = last.filter(|_| len > FIRST)
            && let Ok(answer) = fetch.wait()
            && version.check(&answer.meta).is_ok()
        {
            let range = len - answer.bytes.len() as u64..len;
            ahead.hold(Block { range, fetch });
        }
        Ok(Self {
            object,
            version,
            state: Mutex::new(State {
                process: process::id(),
                worker,
                ahead,
            }),
        })
    }

    /// What asks, in this process.
    fn state(&self) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.process != process::id() {
            let fresh = State {
                process: process::id(),
                worker: Worker::start(&self.object)?,
                ahead: Ahead::new(self.version.len()),
            };
            // Ending it would reach into the parent, whose connections it shares.
            std::mem::forget(std::mem::replace(&mut *state, fresh));
        }
        Ok(state)
    }

    fn block(&self, offset: u64, wanted: u64) -> Result<Block, Failure> {
        let mut state = self.state()?;
        let State { worker, ahead, .. } = &mut *state;
        let ask = |range| worker.fetch(Wanted::Range(range), Some(&self.version));
        Ok(ahead.block(offset, wanted, ask))
    }
}

impl ReadAt for RemoteAt {
    fn len(&self) -> u64 {
        self.version.len()
    }

    fn read_exact_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.len()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        while !buffer.is_empty() {
            let block = self.block(offset, buffer.len() as u64)?;
            let answer = match block.fetch.wait() {
                Ok(answer) => answer,
                Err(failure) => {
                    self.state()?.ahead.forget(&block);
                    return Err(failure.into());
                }
            };
            let bytes = &answer.bytes[(offset - block.range.start) as usize..];
            let n = bytes.len().min(buffer.len());
            let (now, rest) = buffer.split_at_mut(n);
            now.copy_from_slice(&bytes[..n]);
            (buffer, offset) = (rest, offset + n as u64);
        }
        Ok(())
    }

    fn beside(&self, extension: &str) -> Option<Arc<dyn ReadAt>> {
        let found = Self::open(self.object.beside(extension)?);
        found.ok().map(|found| Arc::new(found) as Arc<dyn ReadAt>)
    }
}
