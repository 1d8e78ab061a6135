//! Chunks whose events stand in another file: the payload says where.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crc32fast::Hasher;
use evz_core::{
    ColumnsMut, Error, EventBatch, EventSlice, PartReader, PartWriter, Parts, Result, parallel,
};

use crate::codec::{
    Decoder, Encoded, Payload, Run, check_all, check_order, check_request, check_same,
    sealed::Sealed,
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
    /// The parts that this thread decoded last, the last one in front: who looks for the ends of a window
    /// takes events of the same parts next. Taken out while one is decoded.
    static LAST: Cell<Vec<Held>> = const { Cell::new(Vec::new()) };
}

/// Parts that a thread holds: those of both ends of a window.
const HELD: usize = 2;

/// Events of several parts from which on they are decoded on all cores: fewer are done before another
/// core has begun.
const SIDE_BY_SIDE: usize = 1 << 14;

/// A part that was decoded.
#[derive(Default)]
struct Held {
    number: u64,
    told: Vec<u8>,
    crc: u32,
    batch: EventBatch,
}

/// Events that are wanted of a part, and where they go.
struct Piece<'a> {
    part: Listed<'a>,
    events: Range<usize>,
    out: ColumnsMut<'a>,
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
        let mut all = LAST.take();
        let mut held = match all.iter().position(|held| self.is_of(held, part)) {
            Some(at) => all.remove(at),
            None if all.len() < HELD => Held::default(),
            None => all.pop().unwrap_or_default(),
        };
        let decoded = match self.is_of(&held, part) {
            true => Ok(()),
            false => self.decode_part(part, &mut held),
        };
        let result = decoded.map(|()| act(held.batch.as_slice()));
        all.insert(0, held);
        LAST.set(all);
        result
    }

    /// Whether this is that part.
    fn is_of(&self, held: &Held, part: &Listed<'_>) -> bool {
        // Another list may have the same bytes, and say other things of them.
        let of_held = (held.number, &held.told[..], held.crc, held.batch.len());
        of_held == (self.number, part.told, part.crc, part.events.len())
    }

    /// Whether this thread holds that part.
    fn holds(&self, part: &Listed<'_>) -> bool {
        let all = LAST.take();
        let holds = all.iter().any(|held| self.is_of(held, part));
        LAST.set(all);
        holds
    }

    fn decode_part(&self, part: &Listed<'_>, held: &mut Held) -> Result<()> {
        held.number = 0;
        self.parts.read_part(part.told, &mut held.batch)?;
        let events = held.batch.as_slice();
        let crc = one_behind_the_other(&hashed(events));
        if events.len() != part.events.len() || crc != part.crc {
            let what = "the file that this is the index of has other events there: it was changed";
            return Err(Error::corrupt("", what));
        }
        held.told.clear();
        held.told.extend_from_slice(part.told);
        held.crc = part.crc;
        held.number = self.number;
        Ok(())
    }

    /// Fills the columns with the events that are wanted of a part.
    fn take(&self, mut piece: Piece<'_>) -> Result<()> {
        let Range { start, end } = piece.events;
        let out = &mut piece.out;
        self.with_part(&piece.part, |events| {
            let events = events.slice(start..end);
            copy(events.t, &mut out.t);
            copy(events.x, &mut out.x);
            copy(events.y, &mut out.y);
            copy(events.p, &mut out.p);
        })
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
        mut out: ColumnsMut<'_>,
    ) -> Result<()> {
        check_request(payload, &range, &out)?;
        let (mut here, mut others, mut rest) = (Vec::new(), Vec::new(), out.reborrow());
        for part in listed(payload)? {
            let Range { start, end } = part.events;
            let taken = range.start.max(start)..range.end.min(end);
            if taken.is_empty() {
                continue;
            }
            let (out, behind) = rest.split_at(taken.len());
            rest = behind;
            let events = taken.start - start..taken.end - start;
            let pieces = match self.holds(&part) {
                true => &mut here,
                false => &mut others,
            };
            pieces.push(Piece { part, events, out });
        }
        here.into_iter().try_for_each(|piece| self.take(piece))?;
        let many = others.len() > 1 && range.len() >= SIDE_BY_SIDE;
        match many {
            true => parallel::try_each(others, |piece| self.take(piece)),
            false => others.into_iter().try_for_each(|piece| self.take(piece)),
        }?;
        check_order(payload, out.t.as_deref())
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

fn copy<T: Copy>(from: &[T], to: &mut Option<&mut [T]>) {
    if let Some(to) = to {
        to.copy_from_slice(from);
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

#[cfg(test)]
mod tests {
    use evz_core::Columns;

    use super::*;
    use crate::ChunkTime;

    /// A recording whose only part has so many events.
    struct One(usize);

    impl Parts for One {
        fn read_part(&self, _: &[u8], batch: &mut EventBatch) -> Result<()> {
            batch.clear();
            batch.resize(self.0, Columns::TXYP);
            Ok(())
        }
    }

    /// An index that lists the same part twice, and says once that it has other events than it has: all of them are
    /// looked at, also where the thread holds the part.
    #[test]
    fn what_is_held_of_a_part_is_what_is_said_of_it() {
        const N: usize = 100;
        let told = b"part".to_vec();
        let decode = |second: usize, crc: u32| {
            let mut events = EventBatch::default();
            events.resize(N + second, Columns::TXYP);
            let parts = [(N, told.clone()), (second, told.clone())];
            let (mut bytes, _) = Elsewhere::payload(&parts, events.as_slice());
            // Its checksum stands before the bytes of the part, their number and nothing else.
            if crc != 0 {
                let mut out = PartWriter::new();
                let (first, _) = Elsewhere::payload(&parts[..1], events.as_slice().slice(0..N));
                out.uint(second as u64);
                out.sint(0);
                out.uint(crc.into());
                out.bytes(&told);
                bytes.truncate(first.len());
                bytes.extend(out.into_bytes());
            }
            let payload = Payload {
                bytes: &bytes,
                toc_len: bytes.len(),
                n_events: N + second,
                time: ChunkTime {
                    first: 0,
                    divisor: 1,
                },
                sorted: true,
            };
            let run = Run {
                start: 0,
                bytes: &bytes,
            };
            let codec = Elsewhere::of(Arc::new(One(N)));
            let mut t = vec![0; N + second];
            let out = ColumnsMut {
                t: Some(&mut t),
                ..ColumnsMut::default()
            };
            codec.decode_run(payload, run, 0..N + second, out)
        };
        decode(N, 0).unwrap();
        for (second, crc) in [(2 * N, 0), (N / 2, 0), (N, 7), (2 * N, 7)] {
            let error = decode(second, crc).unwrap_err().to_string();
            assert!(error.contains("has other events there"), "{error}");
        }
    }
}
