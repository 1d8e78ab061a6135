//! Reading without I/O: opening a file, finding a selection and taking a chunk are machines that say
//! which bytes they need next and go on when they are given them. A map, a file, a request over HTTP
//! and a page in a browser are loops around these:
//!
//! ```
//! use std::sync::Arc;
//! use evz_core::Selection;
//! use evz_file::steps::{OpenSteps, SelectSteps, Step};
//!
//! # fn whole_file() -> Vec<u8> {
//! #     let info = evz_core::StreamInfo::new(evz_core::TimeBase::MICROSECONDS);
//! #     let mut writer = evz_file::WriteOptions::new().write_to(Vec::new(), &info).unwrap();
//! #     let events: evz_core::EventBatch =
//! #         (0..1_000).map(|t| evz_core::Event { t, x: 1, y: 2, p: 1 }).collect();
//! #     writer.write_batch(events.as_slice()).unwrap();
//! #     writer.finish_into(&Default::default()).unwrap().0
//! # }
//! let file = whole_file();
//! let get = |range: &std::ops::Range<u64>| &file[range.start as usize..range.end as usize];
//!
//! let mut steps = OpenSteps::new(file.len() as u64);
//! let index = loop {
//!     match steps.step()? {
//!         Step::Need(ranges) => ranges.iter().for_each(|r| steps.give(r.start, get(r))),
//!         Step::Done(index) => break Arc::new(index),
//!     }
//! };
//! let window = Selection::default().with_time(10..20);
//! let mut steps = SelectSteps::new(index.clone(), window.clone());
//! let mut batch = evz_core::EventBatch::default();
//! loop {
//!     match steps.step()? {
//!         Step::Need(ranges) => ranges.iter().for_each(|r| steps.give(r.start, get(r))),
//!         Step::Done(None) => break,
//!         Step::Done(Some(piece)) => {
//!             let mut steps = piece.steps();
//!             let chunk = loop {
//!                 match steps.step()? {
//!                     Step::Need(ranges) => ranges.iter().for_each(|r| steps.give(r.start, get(r))),
//!                     Step::Done(chunk) => break chunk,
//!                 }
//!             };
//!             piece.read(&chunk, &window, &mut batch)?;
//!         }
//!     }
//! }
//! assert_eq!(batch.t, (10..20).collect::<Vec<i64>>());
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! Bytes that are given may be more than were asked for and come in any order; a step that still
//! lacks some asks again. An error names the place in the file and not the file.

mod chunk;
mod codec_of;
mod open;
mod out;
mod piece;
mod record;
mod select;
mod walk;
mod wanted;

use std::io;
use std::ops::Range;

use evz_core::{Error, Place, ReadAt, Result, read_error};

pub use chunk::{Chunk, ChunkSteps};
pub(crate) use chunk::{Part, payload};
pub(crate) use codec_of::{CodecOf, codec_of};
pub use open::OpenSteps;
pub(crate) use out::Out;
pub use piece::Piece;
pub(crate) use record::{RecordSteps, body_of, check_len};
pub use select::SelectSteps;
pub(crate) use walk::Walk;
pub(crate) use wanted::Wanted;

/// Bytes between two ranges that are read with them rather than asked for apart: from a local file
/// as many are copied in the time of a call of the system, 1 µs at 5 to 10 GB/s. Over a network a
/// request costs as much as some 100 kB, and more are worth it.
pub const DEFAULT_GAP: u64 = 4 << 10;

/// What a machine says.
#[derive(Debug)]
pub enum Step<T> {
    /// It goes on when it is given these bytes of the file.
    Need(Vec<Range<u64>>),
    /// What it was for.
    Done(T),
}

/// A machine as the loops of this crate see it: they read straight into its memory.
pub(crate) trait Machine {
    type Output;

    /// Goes on as far as it can; none if bytes are wanted.
    fn advance(&mut self) -> Result<Option<Self::Output>>;

    /// Shows all that it reads into.
    fn for_each_wanted(&mut self, act: &mut dyn FnMut(&mut Wanted));

    /// Bytes between two ranges that are read with them.
    fn gap(&self) -> u64;

    /// What it reads, for errors of reading.
    fn place(&self) -> Place {
        Place::default()
    }

    fn step(&mut self) -> Result<Step<Self::Output>> {
        if let Some(output) = self.advance()? {
            return Ok(Step::Done(output));
        }
        let gap = self.gap();
        let mut missing = Vec::new();
        self.for_each_wanted(&mut |wanted| missing.extend(wanted.missing()));
        Ok(Step::Need(joined(missing, gap)))
    }

    fn give(&mut self, offset: u64, bytes: &[u8]) {
        self.for_each_wanted(&mut |wanted| wanted.give(offset, bytes));
    }
}

/// Lets a machine run on bytes that are there.
pub(crate) fn run<M: Machine>(machine: &mut M, bytes: &dyn ReadAt) -> Result<M::Output> {
    loop {
        if let Some(output) = machine.advance()? {
            return Ok(output);
        }
        let mut missing = 0;
        machine.for_each_wanted(&mut |wanted| missing += usize::from(wanted.is_missing()));
        if missing == 1 {
            let mut filled = Ok(());
            machine.for_each_wanted(&mut |wanted| {
                if wanted.is_missing() {
                    filled = wanted.fill(|offset, buffer| read(bytes, offset, buffer));
                }
            });
            filled.map_err(|e| e.within(machine.place()))?;
            continue;
        }
        let Step::Need(ranges) = machine.step()? else {
            continue;
        };
        for range in ranges {
            let mut buffer = vec![0; (range.end - range.start) as usize];
            read(bytes, range.start, &mut buffer)?;
            machine.give(range.start, &buffer);
        }
    }
}

fn read(bytes: &dyn ReadAt, offset: u64, buffer: &mut [u8]) -> Result<()> {
    bytes
        .read_exact_at(offset, buffer)
        .map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => {
                let what = "the file was cut after it was opened";
                Error::insufficient(Place::byte(offset), what)
            }
            _ => read_error(Place::byte(offset), e),
        })
}

/// Ranges in their order, those that lie no more than `gap` bytes apart as one.
pub fn joined(mut ranges: Vec<Range<u64>>, gap: u64) -> Vec<Range<u64>> {
    if ranges.len() < 2 {
        return ranges;
    }
    ranges.sort_by_key(|r| r.start);
    let mut out: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap) => {
                last.end = last.end.max(range.end);
            }
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn neighbours_are_joined() {
        let ranges = vec![90..95, 0..10, 12..20, 5..8, 23..30];
        assert_eq!(joined(ranges.clone(), 2), [0..20, 23..30, 90..95]);
        assert_eq!(joined(ranges, 10), [0..30, 90..95]);
    }
}
