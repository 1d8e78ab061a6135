//! Rows of a dataset in pieces: its chunks, found in order and unpacked ahead on all cores.

use std::collections::VecDeque;

use evz_core::parallel::{InOrder, threads};
use evz_core::{Error, Memory, Place, Result, max_memory};

use crate::ecf;
use crate::h5::{Dataset, Part, Parts, Type};

/// Bytes of pieces that are unpacked ahead, of one stream, and the part of the memory that may be taken.
const AHEAD: u64 = 32 << 20;
const AHEAD_OF_ALL: u64 = 16;

/// Pieces in a row that cannot be found: what comes behind them is given up.
const MAX_MISSING: u64 = 1 << 16;

/// Rows at hand.
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Rows that the memory of a column has room for.
    pub(crate) capacity: usize,
    /// The number of the first row.
    pub(crate) first: u64,
    /// Rows that are there.
    rows: u64,
    /// Why there are no more, where there should be.
    missing: Option<Missing>,
    /// Rows that there should be.
    expected: u64,
    /// What it, and what was unpacked with it, takes.
    memory: Option<Memory>,
    /// Why it was not read, where the file is not to blame.
    refused: Option<Error>,
}

/// Why rows are not there.
#[derive(Clone)]
pub(crate) enum Missing {
    /// The dataset has room for them, and nobody wrote them.
    NeverWritten,
    /// They are damaged or cut off.
    Lost(String, bool),
    /// They were not read, and the file is not to blame: [`Stream::refused`] has why.
    Refused,
}

/// What comes at a row.
pub(crate) enum Ahead {
    /// So many rows are at hand.
    Rows(u64),
    /// So many rows are not there.
    Missing(u64, Missing),
}

/// Bytes of chunks that are unpacked in one go, at least, where they are small.
const RUN: u64 = 1 << 19;

/// And their rows: as many as make a batch.
const RUN_ROWS: u64 = 1 << 15;

/// What is to be unpacked: the first row, the rows that there should be, and where they stand.
type Wanted = (u64, u64, Result<Part, Missing>);

/// The pieces of a dataset.
pub(crate) struct Stream {
    parts: Parts,
    /// Of a dataset with the filter ECF, where t, x, y and p stand in a record.
    ecf: Option<[usize; 4]>,
    place: Place,
    /// Rows of the dataset.
    total: u64,
    /// The row before which all are that are looked for.
    until: u64,
    /// The number of the next piece to be looked for.
    next: u64,
    loading: InOrder<Vec<Piece>>,
    ready: VecDeque<Piece>,
    /// Memory of pieces that are done with.
    spare: Vec<Vec<u8>>,
    pub(crate) piece: Option<Piece>,
    /// Pieces since one was found.
    missing: u64,
    /// How many runs of chunks are unpacked ahead.
    ahead: usize,
    /// Why rows were not read, where the file is not to blame.
    refused: Option<Error>,
}

impl Piece {
    /// The number of the row behind those that are there.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.rows
    }
}

impl Missing {
    fn lost(error: Error) -> Self {
        let is_cut = error.kind() == evz_core::ErrorKind::InsufficientData;
        Self::Lost(error.to_string(), is_cut)
    }
}

impl Stream {
    /// The pieces of those columns that are in this chunk along the second dimension.
    ///
    /// # Errors
    /// If there is no way to read the dataset.
    pub(crate) fn open(dataset: &Dataset, second: u64) -> Result<Self> {
        Ok(Self {
            parts: dataset.parts(second)?,
            ecf: dataset.is_ecf().then(|| places(dataset)).transpose()?,
            place: dataset.place(),
            total: dataset.rows(),
            until: dataset.rows(),
            next: 0,
            loading: InOrder::default(),
            ready: VecDeque::new(),
            spare: Vec::new(),
            piece: None,
            missing: 0,
            ahead: 1,
            refused: None,
        })
    }

    /// Sees to it that the piece with this row is at hand, and says what is there of it.
    pub(crate) fn at(&mut self, row: u64) -> Ahead {
        loop {
            if let Some(piece) = &self.piece {
                let (there, end) = (piece.first + piece.rows, piece.first + piece.expected);
                if row < there {
                    return Ahead::Rows(there - row);
                }
                if row < end {
                    let why = piece.missing.clone().unwrap_or(Missing::NeverWritten);
                    return Ahead::Missing(end - row, why);
                }
            }
            if self.missing > MAX_MISSING {
                return Ahead::Missing(self.total - row, Missing::NeverWritten);
            }
            if self.ready.is_empty() {
                // Its memory is given back before more is taken.
                let done = self.piece.take();
                self.keep(done);
                self.look_ahead();
                self.ready.extend(self.loading.pop().into_iter().flatten());
            }
            let Some(mut piece) = self.ready.pop_front() else {
                return Ahead::Missing(self.total - row, Missing::NeverWritten);
            };
            self.missing = match piece.rows {
                0 => self.missing + 1,
                _ => 0,
            };
            self.refused = piece.refused.take().or(self.refused.take());
            let done = self.piece.replace(piece);
            self.keep(done);
        }
    }

    /// Keeps the memory of a piece that is done with, unless it is much.
    fn keep(&mut self, done: Option<Piece>) {
        if let Some(done) = done
            && self.spare.len() <= self.ahead
            && done.bytes.capacity() as u64 <= most_ahead()
        {
            self.spare.push(done.bytes);
        }
    }

    /// Why rows that are [missing](Missing::Refused) were not read.
    pub(crate) fn refused(&mut self) -> Error {
        let unsaid = || Error::corrupt(self.place.clone(), "its rows cannot be read");
        self.refused.take().unwrap_or_else(unsaid)
    }

    /// Goes to a row, which may be before those at hand.
    pub(crate) fn seek(&mut self, row: u64) {
        self.loading = InOrder::default();
        self.ready.clear();
        (self.piece, self.missing, self.ahead) = (None, 0, 1);
        self.next = row / self.parts.rows.max(1);
    }

    /// Unpacks nothing ahead that has no row before this one.
    pub(crate) fn until(&mut self, row: u64) {
        self.until = row.min(self.total);
    }

    /// As [`Stream::at`] of any row, where nothing behind its chunk is wanted.
    pub(crate) fn only(&mut self, row: u64) -> Ahead {
        let is_here = |piece: &&Piece| (piece.first..piece.end()).contains(&row);
        if self.piece.as_ref().filter(is_here).is_none() {
            self.seek(row);
            self.refused = None;
            let wanted = self.wanted();
            let run = wanted.into_iter().collect();
            self.piece = load(run, self.ecf, &self.place, Vec::new()).pop();
            // It may not have been found, or not be read where it was.
            let refused = self.piece.as_mut().and_then(|piece| piece.refused.take());
            self.refused = refused.or(self.refused.take());
        }
        match &self.piece {
            Some(piece) if row < piece.end() => Ahead::Rows(piece.end() - row),
            _ if self.refused.is_some() => Ahead::Missing(1, Missing::Refused),
            _ => Ahead::Missing(1, Missing::NeverWritten),
        }
    }

    /// Rows of a chunk.
    pub(crate) fn rows_of_part(&self) -> u64 {
        self.parts.rows
    }

    /// The next chunk to be unpacked; none at the end.
    fn wanted(&mut self) -> Option<Wanted> {
        let first = self.next.checked_mul(self.parts.rows);
        let first = first.filter(|first| *first < self.until)?;
        let found = match self.parts.part(self.next) {
            Ok(Some(part)) => Ok(part),
            Ok(None) => Err(Missing::NeverWritten),
            Err(error) if error.is_of_the_machine() => {
                self.refused = Some(error);
                Err(Missing::Refused)
            }
            Err(error) => Err(Missing::lost(error)),
        };
        self.next += 1;
        Some((first, self.parts.rows.min(self.total - first), found))
    }

    /// Begins to unpack further chunks.
    fn look_ahead(&mut self) {
        while self.loading.len() < self.ahead.max(1) {
            let (mut run, mut cost) = (Vec::<Wanted>::new(), 0u64);
            let begin = self.next;
            while cost < RUN && (self.next - begin).saturating_mul(self.parts.rows) < RUN_ROWS {
                let Some(wanted) = self.wanted() else {
                    break;
                };
                // What is not there costs something too, so that a run ends.
                let more = wanted.2.as_ref().map_or(1 << 10, Part::cost).max(1);
                cost = cost.saturating_add(more);
                run.push(wanted);
            }
            if run.is_empty() {
                return;
            }
            let most = usize::try_from(most_ahead() / cost.max(1)).unwrap_or(usize::MAX);
            self.ahead = most.clamp(1, 2 * threads());
            let (ecf, place) = (self.ecf, self.place.clone());
            let spare = self.spare.pop().unwrap_or_default();
            self.loading.push(move || load(run, ecf, &place, spare));
        }
    }
}

/// Bytes of pieces that are unpacked ahead, of one stream.
fn most_ahead() -> u64 {
    AHEAD.min(max_memory() / AHEAD_OF_ALL)
}

/// Where t, x, y and p stand in the records that ECF makes of its columns: whole numbers of 8, 2, 2 and
/// 2 bytes.
fn places(dataset: &Dataset) -> Result<[usize; 4]> {
    let Type::Record(fields, 16) = &dataset.of else {
        let what = format!(
            "filter ECF of {}, and records of 16 bytes are expected",
            dataset.of
        );
        return Err(Error::corrupt(dataset.place(), what));
    };
    let place = |name: &str, size: usize| {
        let field = fields
            .iter()
            .find(|f| f.name == name && f.of.size() == size);
        field.map(|field| field.offset)
    };
    let places = [place("t", 8), place("x", 2), place("y", 2), place("p", 2)];
    match places {
        [Some(t), Some(x), Some(y), Some(p)] => Ok([t, x, y, p]),
        _ => {
            let what = format!("filter ECF of {}, which are no events", dataset.of);
            Err(Error::corrupt(dataset.place(), what))
        }
    }
}

/// The pieces of a run of chunks: those that are whole and follow each other are one.
fn load(
    run: Vec<Wanted>,
    ecf: Option<[usize; 4]>,
    place: &Place,
    mut spare: Vec<u8>,
) -> Vec<Piece> {
    let (mut pieces, mut next): (Vec<Piece>, _) = (Vec::new(), Vec::new());
    let parts = || {
        run.iter()
            .filter_map(|(first, _, part)| Some((*first, part.as_ref().ok()?)))
    };
    let taken = parts()
        .map(|(_, part)| part.memory())
        .fold(0, u64::saturating_add);
    let first = parts().next().map_or(0, |(first, _)| first);
    let what = if parts().count() == 1 {
        "a chunk"
    } else {
        "a run of chunks"
    };
    let (mut memory, mut refused) = (None, None);
    match Memory::take(taken, what, place.clone().with_row(first)) {
        Ok(taken) => memory = Some(taken),
        Err(error) => refused = Some(error),
    }
    let is_refused = refused.is_some();
    for (first, expected, part) in run {
        let mut lost = |e: Error| {
            let e = e.within(place.clone().with_row(first));
            if e.is_of_the_machine() {
                refused.get_or_insert(e);
                return Missing::Refused;
            }
            Missing::lost(e)
        };
        let part = part.and_then(|part| match is_refused {
            true => Err(Missing::Refused),
            false => Ok(part),
        });
        let loaded = part.and_then(|part| match ecf {
            Some(places) => events(&part, places).map_err(&mut lost),
            None => {
                let into = if pieces.is_empty() {
                    &mut spare
                } else {
                    &mut next
                };
                let loaded = part.load(into).map_err(&mut lost);
                loaded.map(|()| (std::mem::take(into), expected, 0))
            }
        });
        let piece = match loaded {
            Ok((bytes, rows, capacity)) => {
                let mut short = || {
                    let what = format!("a chunk of {rows} events, and {expected} are expected");
                    lost(Error::corrupt(Place::default(), what))
                };
                Piece {
                    bytes,
                    capacity,
                    first,
                    rows: rows.min(expected),
                    missing: (rows < expected).then(&mut short),
                    expected,
                    memory: None,
                    refused: None,
                }
            }
            Err(why) => Piece {
                bytes: Vec::new(),
                capacity: 0,
                first,
                rows: 0,
                missing: Some(why),
                expected,
                memory: None,
                refused: None,
            },
        };
        match pieces.last_mut() {
            Some(last) if last.missing.is_none() && piece.missing.is_none() && ecf.is_none() => {
                last.bytes.extend_from_slice(&piece.bytes);
                last.rows += piece.rows;
                last.expected += piece.expected;
                next = piece.bytes;
            }
            _ => pieces.push(piece),
        }
    }
    if let Some(last) = pieces.last_mut() {
        last.memory = memory;
    }
    let is_refused = |piece: &&mut Piece| matches!(piece.missing, Some(Missing::Refused));
    if let Some(first) = pieces.iter_mut().find(is_refused) {
        first.refused = refused;
    }
    pieces
}

/// The columns of a chunk of events, how many there are, and for how many there is room.
fn events(part: &Part, places: [usize; 4]) -> Result<(Vec<u8>, u64, usize)> {
    let chunk = part.raw()?;
    // What the filter could not pack stands there as it is.
    let decoded = match part.is_filtered() {
        true => ecf::decode(&chunk),
        false => Ok(ecf::of_records(&chunk, places)),
    };
    let decoded = decoded.map_err(|what| Error::corrupt(part.place(), what))?;
    Ok((decoded.bytes, decoded.events as u64, decoded.capacity))
}
