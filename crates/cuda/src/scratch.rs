//! How much scratch memory the kernels need to decode a chunk of `small`: as `small::Layout` in
//! small_model.cuh has it.

/// Bytes of the part of a payload that [`scratch_len`] reads.
pub(crate) const HEAD_LEN: usize = 24;

/// Bytes before all else.
const MODEL_LEN: u64 = 128;
/// Memories of cells that a segment has, where these tell polarities.
const CELLS_LEN: u64 = 65_536;
const SEGMENT_LEN: u32 = 8_192;
const SEGMENT_ENTRY: usize = 28;

/// Where the head is in the payload of a chunk of so many events.
pub(crate) fn head_at(n_events: u32) -> usize {
    n_events.div_ceil(SEGMENT_LEN) as usize * SEGMENT_ENTRY
}

/// Whether cells of pixels tell polarities, or else the event before.
pub(crate) fn by_cells(head: &[u8; HEAD_LEN]) -> bool {
    head[0] >> 7 == 0
}

/// Bytes of scratch memory for a chunk of so many events, whose head may be any bytes; a multiple
/// of 16. A head that is no head may claim gigabytes; each table that it claims costs a payload 7
/// bits.
pub(crate) fn scratch_len(head: &[u8; HEAD_LEN], n_events: u32) -> u64 {
    let segments = n_events.div_ceil(SEGMENT_LEN);
    let times = [1, (head[0] >> 2 & 31).into(), u64::from(head[1]) + 1];
    let axis = |at: usize| {
        let (mode, given) = (head[at] & 15, head[at] >> 4);
        let several = match given {
            0 => 1,
            1 => 16,
            2 => 2,
            _ => u64::from(head[at + 3]) + 1,
        };
        [
            several + u64::from(mode == 3),
            head[at + 5].into(),
            u64::from(head[at + 4]) + 1,
        ]
    };
    let tables: u64 = [times, axis(4), axis(12)]
        .into_iter()
        .map(|[tables, span, symbols]| {
            let epochs = u64::from(segments).div_ceil(1 << span.min(32));
            let places: u64 = if tables == 1 { 4_096 } else { 1_024 };
            let table_len = (4 * symbols).next_multiple_of(16) + places;
            let levels_len = (epochs * tables * symbols).next_multiple_of(16);
            levels_len + epochs * tables * table_len
        })
        .sum();
    let cells = if by_cells(head) {
        CELLS_LEN * u64::from(segments)
    } else {
        0
    };
    MODEL_LEN + u64::from(n_events).next_multiple_of(16) + tables + cells
}
