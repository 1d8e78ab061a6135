//! The chunks of an event stream, or the batches of a side stream, as they are met: which are taken, and in
//! which order, by their numbers.

use std::collections::BTreeMap;
use std::fmt;

use super::listing::Verdict;
use crate::wire::RecordHeader;

/// A chunk or a batch whose checksums hold.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) offset: u64,
    pub(super) header: RecordHeader,
    n_rows: u64,
}

impl Turn {
    /// One that nothing is known of.
    pub(super) fn at(offset: u64, header: &RecordHeader) -> Self {
        Self::new(offset, *header, 0)
    }

    /// One of so many events or rows.
    pub(super) fn new(offset: u64, header: RecordHeader, n_rows: u64) -> Self {
        Self {
            offset,
            header,
            n_rows,
        }
    }

    /// The number behind its last event or row.
    fn end(&self) -> u64 {
        self.header.number.saturating_add(self.n_rows)
    }

    fn is_same(&self, other: &Self) -> bool {
        let what = |t: &Self| (t.header.number, t.n_rows, t.header.body_crc);
        what(self) == what(other)
    }
}

/// Why a chunk or a batch is not taken.
#[derive(Clone, Copy)]
pub(super) enum Refused {
    /// It stands there too.
    Twice(u64),
    /// Another one has its numbers.
    Foreign(u64),
    /// It goes on where that one ends.
    GoesOn(u64),
    /// The index has others of its numbers.
    Unlisted,
    /// Of what stream it is nobody knows.
    Undeclared,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice(other) => write!(f, "it stands at byte {other} too"),
            Self::Foreign(other) => write!(
                f,
                "what stands at byte {other} has these numbers and is another: it is of another recording"
            ),
            Self::GoesOn(other) => write!(
                f,
                "it goes on where the one at byte {other} ends, which is none of these: it is of another recording"
            ),
            Self::Unlisted => f.write_str(
                "the index has another of these numbers, or none: it is of another recording",
            ),
            Self::Undeclared => f.write_str("the declaration of its stream is lost"),
        }
    }
}

/// Those of a stream.
#[derive(Default)]
pub(super) struct Sequence {
    /// By the number of their first event or row.
    taken: BTreeMap<u64, Turn>,
    /// Where those start.
    slots: Vec<u64>,
    /// The number with which the next one of another recording would go on, and where the one before starts.
    foreign: Option<(u64, u64)>,
}

impl Sequence {
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether the one with this number is taken.
    pub(super) fn has(&self, number: u64) -> bool {
        self.taken.contains_key(&number)
    }

    /// Takes one, or says why not; true if it stands behind later ones.
    pub(super) fn take(&mut self, turn: Turn, verdict: Verdict) -> Result<bool, Refused> {
        let number = turn.header.number;
        let known = self.with_rows_of(&turn).copied();
        if let Some(known) = known.filter(|known| known.is_same(&turn)) {
            return Err(Refused::Twice(known.offset));
        }
        let before = self.foreign.take().filter(|(next, _)| *next == number);
        let refused = match (verdict, known, before) {
            (Verdict::Unlisted, ..) => Some(Refused::Unlisted),
            (_, Some(known), _) => Some(Refused::Foreign(known.offset)),
            (Verdict::Unknown, None, Some((_, before))) => Some(Refused::GoesOn(before)),
            _ => None,
        };
        if let Some(why) = refused {
            self.foreign = Some((turn.end(), turn.offset));
            return Err(why);
        }
        let latest = self.taken.last_key_value().map(|(number, _)| *number);
        self.taken.insert(number, turn);
        self.slots.push(turn.offset);
        Ok(latest > Some(number))
    }

    /// One that has events or rows of this one.
    fn with_rows_of(&self, turn: &Turn) -> Option<&Turn> {
        let before = self.taken.range(..turn.end()).next_back();
        before
            .map(|(_, t)| t)
            .filter(|t| t.end() > turn.header.number)
    }

    /// Those that are taken: at each place of one the one whose turn it is.
    pub(super) fn turns(self) -> impl Iterator<Item = (u64, Turn)> {
        self.slots.into_iter().zip(self.taken.into_values())
    }
}
