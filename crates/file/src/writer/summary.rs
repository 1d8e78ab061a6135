//! Sums over the chunks of an event stream.

use crc32fast::Hasher;

use crate::wire::{ChunkHead, ColumnDeclaration, ColumnSection, Span, StreamSummary};

/// Bytes of a value of t, x, y, p.
const VALUE_BYTES: [u64; 4] = [8, 2, 2, 1];

/// Adds a chunk with these further columns, as the chunk and as the stream declares them, whose last
/// event has the time `t_last`.
pub(crate) fn add(
    sum: &mut StreamSummary,
    head: &ChunkHead,
    columns: (&[ColumnSection], &[ColumnDeclaration]),
    t_last: i64,
) {
    let first = sum.span.n_rows == 0;
    let n = u64::from(head.n_events);
    sum.sorted &= head.sorted() && (first || sum.span.t_max <= head.t_min);
    if first {
        *sum = StreamSummary {
            t_first: head.t_first,
            x_min: head.x_min,
            x_max: head.x_max,
            y_min: head.y_min,
            y_max: head.y_max,
            ..std::mem::take(sum)
        };
    }
    sum.span = sum.span.and(Span {
        n_items: 1,
        n_rows: n,
        t_min: head.t_min,
        t_max: head.t_max,
        t_end: head.t_max,
    });
    sum.t_last = t_last;
    sum.n_on += u64::from(head.n_on);
    sum.x_min = sum.x_min.min(head.x_min);
    sum.x_max = sum.x_max.max(head.x_max);
    sum.y_min = sum.y_min.min(head.y_min);
    sum.y_max = sum.y_max.max(head.y_max);
    let others = head.column_bytes.iter().map(|n| u64::from(*n)).sum::<u64>();
    let t_bytes = u64::from(head.payload_len).saturating_sub(others);
    let bytes = std::iter::once(t_bytes).chain(head.column_bytes.map(u64::from));
    for (sum, bytes) in sum.column_bytes.iter_mut().zip(bytes) {
        *sum = sum.saturating_add(bytes);
    }
    let parts = head.column_crc.iter().zip(VALUE_BYTES);
    for (sum, (crc, size)) in sum.column_crc.iter_mut().zip(parts) {
        *sum = joined(*sum, *crc, n * size);
    }
    let columns = columns.0.iter().zip(columns.1);
    for (sum, (column, declared)) in sum.columns.iter_mut().zip(columns) {
        sum.0 = sum.0.saturating_add(u64::from(column.len));
        sum.1 = joined(
            sum.1,
            column.values_crc,
            n * declared.column_type().size() as u64,
        );
    }
}

/// The checksum of bytes with this one followed by `len` bytes with that one.
fn joined(this: u32, that: u32, len: u64) -> u32 {
    let mut hasher = Hasher::new_with_initial(this);
    hasher.combine(&Hasher::new_with_initial_len(that, len));
    hasher.finalize()
}
