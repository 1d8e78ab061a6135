//! Chunks whose events stand in another file: the payload says where.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evz_core::{ColumnsMut, Error, EventBatch, EventSlice, Parts, Result};

use crate::codec::{
    Codec, Encoded, Payload, Run, check_all, check_request, check_same, sealed::Sealed,
};
use crate::time::ChunkTime;

/// Bytes of the checksum of the events, which is in front of what is said of the part.
const CRC: usize = 4;

/// The codec of an index that stands beside a file of another format.
///
/// The payload is a CRC-32 of the columns, one behind the other as little-endian numbers, and what
/// [`Parts`] takes to decode them; all of it is table of contents. So events of a file that was changed
/// are found out, whatever its length and its time say.
#[derive(Clone)]
pub struct Elsewhere {
    parts: Arc<dyn Parts>,
    /// Tells it from every other one of this process.
    number: u64,
}

thread_local! {
    /// The part that this thread decoded last: who looks for a time takes events of it next.
    static LAST: RefCell<Last> = RefCell::default();
}

#[derive(Default)]
struct Last {
    number: u64,
    payload: Vec<u8>,
    batch: EventBatch,
}

impl Elsewhere {
    /// The number that stands for it in files.
    pub const ID: u16 = 3;

    /// Of the parts of this recording.
    pub fn of(parts: Arc<dyn Parts>) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        Self {
            parts,
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The payload of these events, which are those of this part.
    pub fn payload(part: &[u8], events: EventSlice<'_>) -> Vec<u8> {
        [&crc(events).to_le_bytes()[..], part].concat()
    }

    fn with_events<R>(
        &self,
        payload: Payload<'_>,
        act: impl FnOnce(EventSlice<'_>) -> Result<R>,
    ) -> Result<R> {
        LAST.with_borrow_mut(|last| {
            if (last.number, &last.payload[..]) != (self.number, payload.bytes) {
                self.decode_into(payload, last)?;
            }
            act(last.batch.as_slice())
        })
    }

    fn decode_into(&self, payload: Payload<'_>, last: &mut Last) -> Result<()> {
        last.number = 0;
        let (expected, part) = payload
            .bytes
            .split_at_checked(CRC)
            .ok_or_else(|| Error::corrupt("", "it does not say where its events are"))?;
        self.parts.read_part(part, &mut last.batch)?;
        let events = last.batch.as_slice();
        if events.len() != payload.n_events || crc(events).to_le_bytes() != *expected {
            let what = "the file that this is the index of has other events there: it was changed";
            return Err(Error::corrupt("", what));
        }
        last.payload.clear();
        last.payload.extend_from_slice(payload.bytes);
        last.number = self.number;
        Ok(())
    }
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Elsewhere").field(&self.number).finish()
    }
}

impl Sealed for Elsewhere {}

impl Codec for Elsewhere {
    fn id(&self) -> u16 {
        Self::ID
    }

    fn name(&self) -> &'static str {
        "elsewhere"
    }

    fn max_encoded_len(&self, _: usize) -> usize {
        usize::MAX
    }

    /// # Panics
    /// Always: nothing but the recording itself says where its parts are.
    fn encode(&self, _: EventSlice<'_>, _: ChunkTime, _: &mut Vec<u8>) -> Encoded {
        unimplemented!("the place of a part is told, and not encoded")
    }

    fn decode_run(
        &self,
        payload: Payload<'_>,
        _: Run<'_>,
        range: Range<usize>,
        out: ColumnsMut<'_>,
    ) -> Result<()> {
        check_request(payload, &range, &out)?;
        self.with_events(payload, |events| {
            fn copy<T: Copy>(from: &[T], to: Option<&mut [T]>, range: &Range<usize>) {
                if let Some(to) = to {
                    to.copy_from_slice(&from[range.clone()]);
                }
            }
            copy(events.t, out.t, &range);
            copy(events.x, out.x, &range);
            copy(events.y, out.y, &range);
            copy(events.p, out.p, &range);
            Ok(())
        })
    }

    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize> {
        self.with_events(payload, |events| Ok(events.t.partition_point(|at| *at < t)))
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
        let again = Self::payload(payload.bytes.get(CRC..).unwrap_or_default(), events);
        check_same(payload, &again)?;
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

/// The checksum of the columns.
fn crc(events: EventSlice<'_>) -> u32 {
    const PIECE: usize = 1024;
    fn add<T: Copy, const N: usize>(
        hasher: &mut crc32fast::Hasher,
        values: &[T],
        bytes: impl Fn(T) -> [u8; N],
    ) {
        let mut buffer = [[0; N]; PIECE];
        for piece in values.chunks(PIECE) {
            for (out, value) in buffer.iter_mut().zip(piece) {
                *out = bytes(*value);
            }
            hasher.update(buffer[..piece.len()].as_flattened());
        }
    }
    let mut hasher = crc32fast::Hasher::new();
    add(&mut hasher, events.t, i64::to_le_bytes);
    add(&mut hasher, events.x, u16::to_le_bytes);
    add(&mut hasher, events.y, u16::to_le_bytes);
    hasher.update(events.p);
    hasher.finalize()
}
