//! What a codec is.

use std::fmt::Debug;
use std::ops::Range;

use evz_core::{ColumnsMut, Error, EventSlice, Result};

use crate::time::ChunkTime;

/// What an encoder has appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encoded {
    /// Bytes of the table of contents at the payload's start.
    pub toc_len: u32,
    /// Bytes spent on `t`, `x`, `y` and `p`. They sum up to the bytes appended: what serves all
    /// columns (the table of contents, padding) counts as `t`.
    pub column_bytes: [u32; 4],
}

/// A payload as found in a chunk. The caller has verified the checksum of `bytes[..toc_len]` but
/// of nothing behind it.
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a> {
    /// The whole payload and nothing else.
    pub bytes: &'a [u8],
    /// Bytes of the table of contents.
    pub toc_len: usize,
    /// Events in the chunk.
    pub n_events: usize,
    /// How the chunk's times relate to ticks.
    pub time: ChunkTime,
    /// Whether no time is said to be earlier than the one before it. A decoder of times that finds one
    /// refuses the chunk.
    pub sorted: bool,
}

/// A run of the bytes of a payload, where they are not all at hand.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Where in the payload it begins.
    pub start: usize,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl<'a> Run<'a> {
    /// These bytes of the payload, if it has them.
    pub(crate) fn get(self, range: Range<usize>) -> Option<&'a [u8]> {
        let at = |at: usize| at.checked_sub(self.start);
        self.bytes.get(at(range.start)?..at(range.end)?)
    }
}

/// A way to take the events of a chunk out of its bytes. All methods are pure functions.
pub trait Decoder: sealed::Sealed + Send + Sync + Debug {
    /// Fills the wanted columns with the events of `range`. It verifies the checksum of every block
    /// or stream that it reads.
    ///
    /// # Errors
    /// If the bytes contradict themselves or their checksums; the error names the block. If `range`
    /// ends beyond the payload, or a column is not as long as `range`. After an error the contents
    /// of the columns are unspecified.
    fn decode(&self, payload: Payload<'_>, range: Range<usize>, out: ColumnsMut<'_>) -> Result<()> {
        let bytes = payload.bytes;
        self.decode_run(payload, Run { start: 0, bytes }, range, out)
    }

    /// The same where the bytes that [`Decoder::bytes_of`] names for these events lie in `run`. Of
    /// those of the payload the table of contents alone is read.
    ///
    /// # Errors
    /// As [`Decoder::decode`].
    fn decode_run(
        &self,
        payload: Payload<'_>,
        run: Run<'_>,
        range: Range<usize>,
        out: ColumnsMut<'_>,
    ) -> Result<()>;

    /// Index of the first event with a time of at least `t`, or the number of events if there is
    /// none. The times of the chunk must never decrease.
    ///
    /// # Errors
    /// As [`Decoder::decode`].
    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize>;

    /// Both lower bounds of a window of times.
    ///
    /// # Errors
    /// As [`Decoder::decode`].
    fn window(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>>;

    /// The events among which both lower bounds of a window of times lie, from one entry point to
    /// another. Reads the table of contents and nothing behind it.
    ///
    /// # Errors
    /// If the table of contents is damaged.
    fn events_around(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>>;

    /// The bytes of the payload behind the table of contents that [`Decoder::decode`] reads for these
    /// events, as do [`Decoder::lower_bound`] and [`Decoder::window`] for those of
    /// [`Decoder::events_around`]. Reads the table of contents and nothing behind it: what lies
    /// elsewhere in the payload may hold anything.
    ///
    /// # Errors
    /// If the table of contents is damaged.
    fn bytes_of(&self, payload: Payload<'_>, events: Range<usize>) -> Result<Range<usize>>;

    /// The times of the entry points, every [`Decoder::entry_len`] events.
    ///
    /// # Errors
    /// If the table of contents is damaged.
    fn starts(&self, payload: Payload<'_>) -> Result<Vec<i64>>;

    /// Looks for bits that no decoder needs and that may be none: writes the payload again, of the
    /// `events` that all of it decodes to and with the modes and tables that it has, and compares. Gives
    /// what [`Codec::encode`] gave.
    ///
    /// # Errors
    /// If there are any.
    fn check(&self, payload: Payload<'_>, events: EventSlice<'_>) -> Result<Encoded>;

    /// Events between two entry points. A range that starts at a multiple of it is decoded from its
    /// first event on; any other from the entry point before it.
    fn entry_len(&self) -> usize;
}

/// A way to turn the events of a chunk into bytes and back. All methods are pure functions.
pub trait Codec: Decoder {
    /// The number that stands for it in files.
    fn id(&self) -> u16;

    /// Its name in commands and messages.
    fn name(&self) -> &'static str;

    /// The most bytes that the payload of `n_events` events can have.
    fn max_encoded_len(&self, n_events: usize) -> usize;

    /// Appends the payload of `events` to `out`. The payload's first byte stands at a multiple of
    /// 64 in the file.
    ///
    /// # Panics
    /// If the columns differ in length, or the payload passes 4 GiB (which takes more than
    /// 300 million events).
    fn encode(&self, events: EventSlice<'_>, time: ChunkTime, out: &mut Vec<u8>) -> Encoded;
}

/// A payload is written again of all of its events.
pub(crate) fn check_all(payload: Payload<'_>, events: EventSlice<'_>) -> Result<()> {
    match events.check().is_ok() && events.len() == payload.n_events {
        true => Ok(()),
        false => Err(Error::invalid(format!(
            "{} events of a chunk of {}",
            events.len(),
            payload.n_events
        ))),
    }
}

/// What was written again must be the payload.
pub(crate) fn check_same(payload: Payload<'_>, again: &[u8]) -> Result<()> {
    if payload.bytes == again {
        return Ok(());
    }
    let same = payload.bytes.iter().zip(again).take_while(|(a, b)| a == b);
    let what = format!(
        "byte {} of the payload is none that its events, modes and tables make",
        same.count()
    );
    Err(Error::corrupt("", what))
}

/// An entry point starts at the time that the table of contents has: who searches goes by that.
pub(crate) fn check_start(told: Option<i64>, found: i64) -> Result<()> {
    match told == Some(found) {
        true => Ok(()),
        false => {
            let what = "an event is not where the table of contents has it";
            Err(Error::corrupt("table of contents", what))
        }
    }
}

/// How many of the entry points of a chunk in order, which starts at `first`, start before each of these
/// times; `starts` are theirs.
pub(crate) fn entries_before<const N: usize>(
    starts: impl Iterator<Item = i64>,
    first: i64,
    times: [i64; N],
) -> Result<[usize; N]> {
    let mut starts = starts.peekable();
    if let Some(start) = starts.peek() {
        check_start(Some(*start), first)?;
    }
    let (mut last, mut before) = (first, [0; N]);
    for start in starts {
        if start < last {
            let what = "entry points that run backwards in a chunk that is in order";
            return Err(Error::corrupt("table of contents", what));
        }
        for (before, t) in before.iter_mut().zip(times) {
            *before += usize::from(start < t);
        }
        last = start;
    }
    Ok(before)
}

/// The events of the entries in which two lower bounds lie: each in the entry before the first
/// `later` one, or at its end.
pub(crate) fn around(later: [usize; 2], entry_len: usize, n_events: usize) -> Range<usize> {
    let [from, to] = later;
    let start = from.saturating_sub(1) * entry_len;
    start..(to * entry_len).min(n_events).max(start)
}

pub(crate) mod sealed {
    /// Keeps [`Decoder`](super::Decoder) to this crate: a codec is part of the format.
    pub trait Sealed {}
}

/// Times of a chunk in order that were decoded must be; of another one nothing is asked.
pub(crate) fn check_order(payload: Payload<'_>, t: Option<&[i64]>) -> Result<()> {
    match payload.sorted && t.is_some_and(|t| !t.is_sorted()) {
        true => Err(Error::corrupt("", BACKWARDS)),
        false => Ok(()),
    }
}

/// What is said of such a chunk.
pub(crate) const BACKWARDS: &str = "times that run backwards in a chunk that is in order";

/// The range must lie in the chunk, and each wanted column be as long as it.
pub(crate) fn check_request(
    payload: Payload<'_>,
    range: &Range<usize>,
    out: &ColumnsMut<'_>,
) -> Result<()> {
    if range.start > range.end || range.end > payload.n_events {
        return Err(Error::invalid(format!(
            "events {}..{} of a chunk of {}",
            range.start, range.end, payload.n_events
        )));
    }
    let fits = |len: Option<usize>| len.is_none_or(|len| len == range.len());
    if !(fits(out.t.as_deref().map(<[_]>::len))
        && fits(out.x.as_deref().map(<[_]>::len))
        && fits(out.y.as_deref().map(<[_]>::len))
        && fits(out.p.as_deref().map(<[_]>::len)))
    {
        return Err(Error::invalid(format!(
            "a column is not as long as the {} events asked for",
            range.len()
        )));
    }
    Ok(())
}
