//! Rows of a dataset in pieces: its chunks, found in order and unpacked ahead on all cores.

use evz_core::parallel::{InOrder, threads};
use evz_core::{Error, Place, Result};

use crate::ecf;
use crate::h5::{Dataset, Part, Parts};

/// Bytes of pieces that are unpacked ahead, of one stream.
const AHEAD: u64 = 32 << 20;

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
}

/// Why rows are not there.
#[derive(Clone)]
pub(crate) enum Missing {
    /// The dataset has room for them, and nobody wrote them.
    NeverWritten,
    /// They are damaged or cut off.
    Lost(String, bool),
}

/// What comes at a row.
pub(crate) enum Next {
    /// So many rows are at hand.
    Rows(u64),
    /// So many rows are not there.
    Missing(u64, Missing),
}

/// A piece that is being unpacked.
type Loading = (u64, Loaded);

/// Its bytes, its rows, and the rows that a column of it has room for.
type Loaded = Result<(Vec<u8>, usize, usize), Missing>;

/// The pieces of a dataset.
pub(crate) struct Stream {
    parts: Parts,
    is_ecf: bool,
    place: Place,
    /// Rows of the dataset.
    total: u64,
    /// The number of the next piece to be looked for.
    next: u64,
    loading: InOrder<Loading>,
    pub(crate) piece: Option<Piece>,
    /// Pieces since one was found.
    missing: u64,
    /// How many are unpacked ahead.
    ahead: usize,
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
            is_ecf: dataset.is_ecf(),
            place: dataset.place(),
            total: dataset.rows(),
            next: 0,
            loading: InOrder::default(),
            piece: None,
            missing: 0,
            ahead: 1,
        })
    }

    /// Sees to it that the piece with this row is at hand, and says what is there of it.
    pub(crate) fn at(&mut self, row: u64) -> Next {
        loop {
            if let Some(piece) = &self.piece {
                let (there, end) = (piece.first + piece.rows, piece.first + piece.expected);
                if row < there {
                    return Next::Rows(there - row);
                }
                if row < end {
                    let why = piece.missing.clone().unwrap_or(Missing::NeverWritten);
                    return Next::Missing(end - row, why);
                }
            }
            if self.missing > MAX_MISSING {
                return Next::Missing(self.total - row, Missing::NeverWritten);
            }
            self.look_ahead();
            let Some((number, loaded)) = self.loading.pop() else {
                return Next::Missing(self.total - row, Missing::NeverWritten);
            };
            self.piece = Some(self.piece_of(number, loaded));
        }
    }

    fn piece_of(&mut self, number: u64, loaded: Loaded) -> Piece {
        let first = number * self.parts.rows;
        let expected = self.parts.rows.min(self.total - first);
        match loaded {
            Ok((bytes, rows, capacity)) => {
                self.missing = 0;
                let rows = (rows as u64).min(expected);
                let short = || {
                    let what = format!("a chunk of {rows} events, and {expected} are expected");
                    let place = self.place.clone().with_row(first);
                    Missing::lost(Error::corrupt(place, what))
                };
                let missing = (rows < expected).then(short);
                Piece {
                    bytes,
                    capacity,
                    first,
                    rows,
                    missing,
                    expected,
                }
            }
            Err(why) => {
                self.missing += 1;
                Piece {
                    bytes: Vec::new(),
                    capacity: 0,
                    first,
                    rows: 0,
                    missing: Some(why),
                    expected,
                }
            }
        }
    }

    /// Begins to unpack further pieces.
    fn look_ahead(&mut self) {
        while self.loading.len() < self.ahead.max(1) {
            let first = self.next.checked_mul(self.parts.rows);
            if first.is_none_or(|first| first >= self.total) {
                return;
            }
            let number = self.next;
            self.next += 1;
            let found = self.parts.part(number);
            let is_ecf = self.is_ecf;
            match found {
                Ok(Some(part)) => {
                    let most = usize::try_from(AHEAD / part.cost().max(1)).unwrap_or(usize::MAX);
                    self.ahead = most.clamp(1, 2 * threads());
                    let place = self.place.clone();
                    let first = number * self.parts.rows;
                    self.loading.push(move || {
                        let loaded = load(&part, is_ecf);
                        let place = || place.with_row(first);
                        (number, loaded.map_err(|e| Missing::lost(e.within(place()))))
                    });
                }
                Ok(None) => self
                    .loading
                    .push(move || (number, Err(Missing::NeverWritten))),
                Err(error) => {
                    let why = Missing::lost(error);
                    self.loading.push(move || (number, Err(why)));
                }
            }
        }
    }
}

/// The bytes of a part, its rows, and the rows that a column of it has room for.
fn load(part: &Part, is_ecf: bool) -> Result<(Vec<u8>, usize, usize)> {
    if !is_ecf {
        return Ok((part.load()?, usize::MAX, 0));
    }
    let chunk = part.raw()?;
    let decoded = ecf::decode(&chunk).map_err(|what| Error::corrupt(part.place(), what))?;
    Ok((decoded.bytes, decoded.events, decoded.capacity))
}
