//! A section: the values of a further column in a chunk.

use std::ops::Range;

use evz_core::{Error, Result};
use pco::errors::{ErrorKind, PcoError};
use pco::standalone::{DecompressorItem, FileDecompressor};

use super::compress::compress;
use super::forever::{PCO, PCO_FORMAT, PCO_HEAD, RAW};
use super::head::chunk_len;
use super::value::{Value, type_byte, with_value};
use evz_core::ColumnType;

/// Values that are decoded at a time: a multiple of pco's 256, few enough for the first cache.
const STEP: usize = 1024;

/// Appends the section of `values`, which are little-endian, and returns the number of its codec. It
/// has at most as many bytes as `values`.
///
/// The section is decoded again to see that it is right; values that pco does not give back, or does
/// not make smaller, are stored as they are.
///
/// # Panics
/// If the bytes are no whole number of values, or a bool is neither 0 nor 1.
pub fn encode(column_type: ColumnType, values: &[u8], out: &mut Vec<u8>) -> u16 {
    let n_events = values.len() / column_type.size();
    assert_eq!(
        n_events * column_type.size(),
        values.len(),
        "whole values of {column_type}"
    );
    assert!(
        column_type != ColumnType::Bool || values.iter().all(|v| *v <= 1),
        "a bool is 0 or 1"
    );
    let packed = with_value!(column_type, packed(values));
    let section = Section {
        codec: PCO,
        column_type,
        n_events,
        bytes: &packed,
    };
    if packed.len() < values.len() && section.gives(values) {
        out.extend_from_slice(&packed);
        return PCO;
    }
    out.extend_from_slice(values);
    RAW
}

fn packed<T: Value>(values: &[u8]) -> Vec<u8> {
    let values: Vec<T> = values.chunks_exact(T::SIZE).map(T::read).collect();
    compress(&values)
}

/// A section as found in a file.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// The number of its codec.
    pub codec: u16,
    /// The type of the values.
    pub column_type: ColumnType,
    /// Values that it has to hold: the events in the chunk.
    pub n_events: usize,
    /// All its bytes and nothing else.
    pub bytes: &'a [u8],
}

impl Section<'_> {
    /// The values of `range` to `out`, little-endian. What comes before them is decoded on the way,
    /// what comes behind is not looked at.
    ///
    /// # Errors
    /// If the codec is not known; if the bytes contradict themselves, or, where `range` goes to the
    /// end, do not end with the last value. If `range` ends beyond the section, or `out` is not as
    /// long as `range`. After an error the contents of `out` are unspecified.
    pub fn decode(self, range: Range<usize>, out: &mut [u8]) -> Result<()> {
        let size = self.column_type.size();
        if range.start > range.end || range.end > self.n_events {
            return Err(Error::invalid(format!(
                "values {}..{} of a section of {}",
                range.start, range.end, self.n_events
            )));
        }
        if Some(out.len()) != range.len().checked_mul(size) {
            return Err(Error::invalid(format!(
                "{} bytes for {} values of {}",
                out.len(),
                range.len(),
                self.column_type
            )));
        }
        match self.codec {
            RAW => self.decode_raw(range, out),
            PCO => with_value!(self.column_type, decode_pco(self, range, out)),
            codec => Err(Error::unsupported(
                "",
                format!("codec {codec} of a further column; {RAW} and {PCO} are known"),
            )),
        }?;
        match self.column_type {
            ColumnType::Bool => check_bools(out),
            _ => Ok(()),
        }
    }

    fn decode_raw(self, range: Range<usize>, out: &mut [u8]) -> Result<()> {
        let size = self.column_type.size();
        if Some(self.bytes.len()) != self.n_events.checked_mul(size) {
            return Err(Error::corrupt(
                "",
                format!(
                    "{} bytes of {} values of {}",
                    self.bytes.len(),
                    self.n_events,
                    self.column_type
                ),
            ));
        }
        out.copy_from_slice(&self.bytes[range.start * size..range.end * size]);
        Ok(())
    }

    /// Whether it decodes to these.
    fn gives(self, values: &[u8]) -> bool {
        let mut decoded = vec![0; values.len()];
        self.decode(0..self.n_events, &mut decoded).is_ok() && decoded == values
    }
}

fn check_bools(values: &[u8]) -> Result<()> {
    match values.iter().find(|v| **v > 1) {
        None => Ok(()),
        Some(v) => Err(Error::corrupt("", format!("a bool of {v}; it is 0 or 1"))),
    }
}

fn decode_pco<T: Value>(section: Section<'_>, range: Range<usize>, out: &mut [u8]) -> Result<()> {
    let Section {
        bytes, n_events, ..
    } = section;
    if !bytes.starts_with(&PCO_HEAD) {
        let what = match PCO_HEAD.starts_with(bytes) {
            true => return Err(Error::insufficient("", "the section ends within its head")),
            false => "the section does not begin as a pco file of version 3 does",
        };
        return Err(Error::corrupt("", what));
    }
    let (file, mut bytes) = FileDecompressor::new(bytes).map_err(from_pco)?;
    let version = file.format_version();
    if version.major != PCO_FORMAT.0 || version.minor > PCO_FORMAT.1 {
        let (major, minor) = PCO_FORMAT;
        let what = format!("pco format {version}; {major}.0 to {major}.{minor} are known");
        return Err(Error::unsupported("", what));
    }

    let mut step = [T::default(); STEP];
    let mut at = 0;
    while at < range.end {
        chunk_len(bytes, type_byte::<T>(), T::SIZE * 8, n_events - at)?;
        let chunk = file.chunk_decompressor::<T, _>(bytes).map_err(from_pco)?;
        let DecompressorItem::Chunk(mut chunk) = chunk else {
            return Err(Error::insufficient("", "the section ends early"));
        };
        let mut finished = false;
        while !finished && at < range.end {
            let progress = chunk.read(&mut step).map_err(from_pco)?;
            finished = progress.finished;
            copy(&step[..progress.n_processed], at, &range, out);
            at += progress.n_processed;
        }
        bytes = chunk.into_src();
    }
    if file.n_hint() != n_events {
        let what = format!("pco is told of {} values, for {n_events}", file.n_hint());
        return Err(Error::corrupt("", what));
    }
    match range.end == n_events && bytes != [0] {
        true => Err(Error::corrupt(
            "",
            format!(
                "{} bytes behind the last value, where one of 0 is due",
                bytes.len()
            ),
        )),
        false => Ok(()),
    }
}

/// Of the values from `at` on those that lie in `range`, to their places in `out`.
fn copy<T: Value>(values: &[T], at: usize, range: &Range<usize>, out: &mut [u8]) {
    let start = at.max(range.start);
    let end = (at + values.len()).min(range.end);
    if start < end {
        let out = &mut out[(start - range.start) * T::SIZE..(end - range.start) * T::SIZE];
        let values = &values[start - at..end - at];
        for (bytes, value) in out.chunks_exact_mut(T::SIZE).zip(values) {
            value.write(bytes);
        }
    }
}

fn from_pco(error: PcoError) -> Error {
    match error.kind {
        ErrorKind::InsufficientData => Error::insufficient("", error.message),
        _ => Error::corrupt("", error.message),
    }
}
