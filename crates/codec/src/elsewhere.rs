//! Chunks whose events stand in another file: the payload says where.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crc32fast::Hasher;
use evz_core::{ColumnsMut, Error, EventBatch, EventSlice, PartReader, PartWriter, Parts, Result};

use crate::codec::{
    Decoder, Encoded, Payload, Run, check_all, check_request, check_same, sealed::Sealed,
};

/// What decodes the chunks of an index that stands beside a file of another format.
///
/// The payload is a list of parts, one behind the other, and all of it is table of contents. Of each it
/// has numbers of seven bits a byte: the events in it, how much later than the one before its first event
/// is (the sign in the lowest bit), the CRC-32 of its columns, one behind the other as little-endian
/// numbers, and the bytes that follow, which are what [`Parts`] takes to decode it. So events of a file
/// that was changed are found out, whatever its length and its time say.
#[derive(Clone)]
pub struct Elsewhere {
    parts: Arc<dyn Parts>,
    /// Tells it from every other one of this process.
    number: u64,
}

/// A part, as the payload has it.
struct Listed<'a> {
    /// Its events, by their positions in the chunk.
    events: Range<usize>,
    /// Time of the first of them.
    t_first: i64,
    crc: u32,
    told: &'a [u8],
}

thread_local! {
    /// The part that this thread decoded last: who looks for a time takes events of it next.
    static LAST: RefCell<Last> = RefCell::default();
}

#[derive(Default)]
struct Last {
    number: u64,
    told: Vec<u8>,
    batch: EventBatch,
}

impl Elsewhere {
    /// The number that stands for it in files.
    pub const ID: u16 = 4;

    /// Of the parts of this recording.
    pub fn of(parts: Arc<dyn Parts>) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        Self {
            parts,
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The payload of events that stand in parts, of which each has so many; and the checksums of all t, x,
    /// y and p, which follow from those of the parts.
    pub fn payload(parts: &[(usize, Vec<u8>)], events: EventSlice<'_>) -> (Vec<u8>, [u32; 4]) {
        let mut out = PartWriter::new();
        let mut all: [Hasher; 4] = Default::default();
        let (mut start, mut t) = (0, 0);
        for (n, told) in parts {
            let events = events.slice(start..start + n);
            let t_first = events.t.first().copied().unwrap_or_default();
            out.uint(*n as u64);
            out.sint(t_first.wrapping_sub(t));
            let columns = hashed(events);
            out.uint(one_behind_the_other(&columns).into());
            for (all, column) in all.iter_mut().zip(&columns) {
                all.combine(column);
            }
            out.bytes(told);
            (start, t) = (start + n, t_first);
        }
        (out.into_bytes(), all.map(Hasher::finalize))
    }

    /// Acts on the events of a part.
    fn with_part<R>(&self, part: &Listed<'_>, act: impl FnOnce(EventSlice<'_>) -> R) -> Result<R> {
        LAST.with_borrow_mut(|last| {
            if (last.number, &last.told[..]) != (self.number, part.told) {
                self.decode_part(part, last)?;
            }
            Ok(act(last.batch.as_slice()))
        })
    }

    fn decode_part(&self, part: &Listed<'_>, last: &mut Last) -> Result<()> {
        last.number = 0;
        self.parts.read_part(part.told, &mut last.batch)?;
        let events = last.batch.as_slice();
        let crc = one_behind_the_other(&hashed(events));
        if events.len() != part.events.len() || crc != part.crc {
            let what = "the file that this is the index of has other events there: it was changed";
            return Err(Error::corrupt("", what));
        }
        last.told.clear();
        last.told.extend_from_slice(part.told);
        last.number = self.number;
        Ok(())
    }
}

/// The parts of a payload, which are all there is.
fn listed(payload: Payload<'_>) -> Result<Vec<Listed<'_>>> {
    let (mut fields, mut parts) = (PartReader::new(payload.bytes), Vec::new());
    let (mut start, mut t_first) = (0, 0i64);
    while start < payload.n_events {
        let n: usize = fields.narrow()?;
        t_first = t_first.wrapping_add(fields.sint()?);
        let crc = fields.narrow()?;
        let told = fields.bytes()?;
        let end = start + n.min(payload.n_events + 1);
        let events = start..end;
        if n == 0 || end > payload.n_events {
            return Err(Error::corrupt(
                "",
                "its parts have other events than it says",
            ));
        }
        parts.push(Listed {
            events,
            t_first,
            crc,
            told,
        });
        start = end;
    }
    fields.end()?;
    Ok(parts)
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Elsewhere").field(&self.number).finish()
    }
}

impl Sealed for Elsewhere {}

impl Decoder for Elsewhere {
    fn decode_run(
        &self,
        payload: Payload<'_>,
        _: Run<'_>,
        range: Range<usize>,
        out: ColumnsMut<'_>,
    ) -> Result<()> {
        check_request(payload, &range, &out)?;
        let mut out = out;
        for part in listed(payload)? {
            let (start, end) = (part.events.start, part.events.end);
            let taken = range.start.max(start)..range.end.min(end);
            if taken.is_empty() {
                continue;
            }
            let to = taken.start - range.start..taken.end - range.start;
            let from = taken.start - start..taken.end - start;
            self.with_part(&part, |events| {
                copy(&events.t[from.clone()], &mut out.t, &to);
                copy(&events.x[from.clone()], &mut out.x, &to);
                copy(&events.y[from.clone()], &mut out.y, &to);
                copy(&events.p[from.clone()], &mut out.p, &to);
            })?;
        }
        Ok(())
    }

    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize> {
        let parts = listed(payload)?;
        let later = parts.partition_point(|part| part.t_first < t);
        let Some(part) = later.checked_sub(1).map(|at| &parts[at]) else {
            return Ok(0);
        };
        let before = self.with_part(part, |events| events.t.partition_point(|at| *at < t))?;
        Ok(part.events.start + before)
    }

    fn window(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>> {
        let start = self.lower_bound(payload, t.start)?;
        Ok(start..self.lower_bound(payload, t.end)?.max(start))
    }

    fn events_around(&self, payload: Payload<'_>, _: Range<i64>) -> Result<Range<usize>> {
        Ok(0..payload.n_events)
    }

    fn bytes_of(&self, payload: Payload<'_>, _: Range<usize>) -> Result<Range<usize>> {
        Ok(payload.bytes.len()..payload.bytes.len())
    }

    fn starts(&self, payload: Payload<'_>) -> Result<Vec<i64>> {
        Ok(vec![payload.time.first])
    }

    fn check(&self, payload: Payload<'_>, events: EventSlice<'_>) -> Result<Encoded> {
        check_all(payload, events)?;
        let parts = listed(payload)?.into_iter();
        let parts: Vec<_> = parts.map(|p| (p.events.len(), p.told.to_vec())).collect();
        check_same(payload, &Self::payload(&parts, events).0)?;
        let len = payload.bytes.len() as u32;
        Ok(Encoded {
            toc_len: len,
            column_bytes: [len, 0, 0, 0],
        })
    }

    fn entry_len(&self) -> usize {
        usize::MAX
    }
}

fn copy<T: Copy>(from: &[T], to: &mut Option<&mut [T]>, range: &Range<usize>) {
    if let Some(to) = to {
        to[range.clone()].copy_from_slice(from);
    }
}

/// The checksum of columns that stand one behind the other.
fn one_behind_the_other([t, rest @ ..]: &[Hasher; 4]) -> u32 {
    let mut all = t.clone();
    rest.iter().for_each(|column| all.combine(column));
    all.finalize()
}

/// The checksums of t, x, y and p as little-endian numbers.
fn hashed(events: EventSlice<'_>) -> [Hasher; 4] {
    const PIECE: usize = 1024;
    fn of<T: Copy, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Hasher {
        let (mut hasher, mut buffer) = (Hasher::new(), [[0; N]; PIECE]);
        for piece in values.chunks(PIECE) {
            for (out, value) in buffer.iter_mut().zip(piece) {
                *out = bytes(*value);
            }
            hasher.update(buffer[..piece.len()].as_flattened());
        }
        hasher
    }
    [
        of(events.t, i64::to_le_bytes),
        of(events.x, u16::to_le_bytes),
        of(events.y, u16::to_le_bytes),
        of(events.p, u8::to_le_bytes),
    ]
}
