//! The events of a file that grows, one after the other as they come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use evz_core::{EventBatch, EventSource, Next, Noticed, Report, Result, Selection, StreamInfo};

use super::{Batches, Reader, notes_of};

/// How long it waits before it looks again: a look costs a call of the system, and nobody sees a tenth of a
/// second.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The events of a file from its first on, each once and in order, and those that are added while it is
/// read. It ends where the file was finished, when nobody writes it any more ([`Reader::may_grow`]), or
/// when it is told to. Rows of side streams are not given.
pub struct Follow {
    reader: Reader,
    told_to_end: Arc<AtomicBool>,
    /// What is there already, of which the events before `next` were given.
    batches: Batches,
    next: u64,
    noticed: Noticed,
    /// Whether nobody writes the file any more.
    is_left: bool,
}

impl Reader {
    /// Follows the file while it grows, until it is finished or left by its writer, or `told_to_end` is set.
    /// It looks ten times a second.
    pub fn follow(&self, told_to_end: Arc<AtomicBool>) -> Follow {
        Follow {
            batches: self.batches(&Selection::default()),
            reader: self.clone(),
            told_to_end,
            next: 0,
            noticed: Noticed::default(),
            is_left: false,
        }
    }
}

impl Follow {
    /// The reader, as far as the file was looked at.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Waits for more than was known; false at the end.
    fn wait(&mut self) -> Result<bool> {
        while !self.told_to_end.load(Ordering::Relaxed) && self.reader.unfinished().is_some() {
            // Asked before it is looked at: what was written last is not missed.
            let may_grow = self.reader.may_grow();
            if self.reader.refresh()? {
                return Ok(true);
            }
            if !may_grow {
                self.is_left = true;
                break;
            }
            sleep(LOOK_EVERY);
        }
        Ok(false)
    }
}

impl EventSource for Follow {
    fn info(&self) -> &StreamInfo {
        self.reader.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        loop {
            if let Some(next) = self.batches.next().transpose()? {
                *batch = next;
                let noticed = Noticed::of(batch.as_slice(), self.info().size);
                self.noticed.add_at(&noticed, self.next);
                self.next += batch.len() as u64;
                return Ok(Next::Events(batch.len()));
            }
            if !self.wait()? {
                batch.clear();
                return Ok(Next::End(self.report()));
            }
            let rest = Selection::default().with_events(self.next..self.reader.n_events());
            self.batches = self.reader.batches(&rest);
        }
    }

    fn report(&self) -> Report {
        let mut notes = notes_of(&self.reader, &Selection::default(), &self.noticed);
        let (unfinished, cut) = self.reader.how_it_ends();
        notes.extend(unfinished);
        Report {
            notes,
            // What is being written is not lost.
            losses: cut.filter(|_| self.is_left).into_iter().collect(),
            ..Report::default()
        }
    }
}
