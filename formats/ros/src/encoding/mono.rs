//! `mono`: an event in 64 bits, little-endian, nanoseconds after the time base of the packet in the
//! low half, above it 16 bits of x, 15 of y and the polarity; `trigger` is the same without a pixel.

use evz_core::{EventBatch, SideColumn, SideRows, SideValues};

fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u64::from_le_bytes(*word))
}

fn time(time_base: i64, word: u64) -> i64 {
    time_base.wrapping_add(i64::from(word as u32))
}

pub(super) fn decode(time_base: i64, bytes: &[u8], batch: &mut EventBatch) {
    batch
        .t
        .extend(words(bytes).map(|word| time(time_base, word)));
    batch.x.extend(words(bytes).map(|word| (word >> 32) as u16));
    let rows = words(bytes).map(|word| (word >> 48) as u16 & 0x7fff);
    batch.y.extend(rows);
    batch.p.extend(words(bytes).map(|word| (word >> 63) as u8));
}

/// Triggers as rows of a side stream. The decoder that drivers use takes the bits of y for the number
/// of the input; they are not documented, and 0 in what there is.
pub(crate) fn trigger_rows(stream: &str, time_base: i64, bytes: &[u8]) -> SideRows {
    let rising = words(bytes).map(|word| word >> 63 == 1).collect();
    let id = words(bytes).map(|word| (word >> 48) as u8).collect();
    let columns = vec![
        SideColumn::new("polarity", SideValues::Bool(rising)),
        SideColumn::new("id", SideValues::U8(id)),
    ];
    let mut rows = SideRows::new(stream, columns);
    rows.t = words(bytes).map(|word| time(time_base, word)).collect();
    rows
}
