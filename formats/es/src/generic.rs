//! Bytes to generic events: each is a time and bytes of any meaning, without a pixel, and becomes a
//! row of a side stream.

use evz_core::{Error, Place, Result, SideColumn, SideRows, SideValues};

/// What the side stream is called.
pub(crate) const STREAM: &str = "generic";

/// "Generic events": a byte in the place of byte 0 that is no time, and the microseconds that pass
/// with the byte behind it.
const RESET: u8 = 0b1111_1110;
const LONGEST: i64 = 0b1111_1110;

/// Size bytes of an event, at most: 126 bits, where 26 are enough. The specification has no limit.
const MAX_SIZE_BYTES: usize = 18;

/// Data bytes of an event, at most.
const MAX_DATA: usize = 64 << 20;

/// Decodes the generic events of a stream in their order.
#[derive(Debug, Default)]
pub(crate) struct GenericDecoder {
    /// The time so far.
    t: i64,
    /// The time of the last event.
    last: i64,
    /// Reset bytes.
    pub(crate) resets: u64,
}

impl GenericDecoder {
    /// Adds the events of `bytes`, which begin at byte `at` of the file, to rows; returns how many
    /// bytes they take. What is left is less than an event, or an error.
    pub(crate) fn decode(
        &mut self,
        bytes: &[u8],
        at: u64,
        rows: &mut SideRows,
    ) -> (usize, Result<()>) {
        let mut datas = Vec::new();
        let mut rest = bytes;
        let done = loop {
            let Some((&first, after)) = rest.split_first() else {
                break Ok(());
            };
            if first >= RESET {
                let overflows = i64::from(first - RESET);
                self.resets += u64::from(overflows == 0);
                self.t += LONGEST * overflows;
                rest = after;
                continue;
            }
            let place = Place::byte(at + (bytes.len() - rest.len()) as u64);
            let (len, after) = match size(after) {
                Ok(Some(found)) => found,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error.within(place)),
            };
            let Some((data, after)) = after.split_at_checked(len) else {
                break Ok(());
            };
            self.t += i64::from(first);
            self.last = self.t;
            rows.t.push(self.t);
            datas.push(data.to_vec());
            rest = after;
        };
        if let Some(SideColumn {
            values: SideValues::Bytes(all),
            ..
        }) = rows.columns.first_mut()
        {
            all.append(&mut datas);
        }
        (bytes.len() - rest.len(), done)
    }

    /// Whether time has passed behind the last event: another one must follow.
    pub(crate) fn awaits_event(&self) -> bool {
        self.t > self.last
    }
}

/// No rows yet.
pub(crate) fn no_rows() -> SideRows {
    let data = SideColumn::new("data", SideValues::Bytes(Vec::new()));
    SideRows::new(STREAM, vec![data])
}

/// Number of data bytes, and what stands behind the size bytes that say it; none if those are cut.
/// Each has seven bits, the low ones first, and a bit that is 1 where another one follows.
fn size(bytes: &[u8]) -> Result<Option<(usize, &[u8])>> {
    let mut len = 0u128;
    for (i, byte) in bytes.iter().enumerate().take(MAX_SIZE_BYTES) {
        len |= u128::from(byte >> 1) << (7 * i);
        if byte & 1 == 0 {
            let len = usize::try_from(len).ok().filter(|len| *len <= MAX_DATA);
            let what = || format!("an event of more than {MAX_DATA} bytes");
            let len = len.ok_or_else(|| too_long(what()))?;
            return Ok(Some((len, &bytes[i + 1..])));
        }
    }
    match bytes.len() {
        0..MAX_SIZE_BYTES => Ok(None),
        _ => Err(too_long(format!(
            "an event whose size takes more than {MAX_SIZE_BYTES} bytes"
        ))),
    }
}

fn too_long(what: String) -> Error {
    let what = format!("{what}, which is not read");
    Error::limit(Place::default(), what).advise("read it with event_stream of Python")
}
