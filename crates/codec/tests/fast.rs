//! What only `fast` has.

mod cases;

use cases::{Chunk, FAST};
use evz_codec::ChunkTime;
use evz_core::Columns;
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_bytes_do_no_harm(
        mut bytes in prop::collection::vec(any::<u8>(), 0..3_000),
        n_events in 0..1_500usize,
        first: i64,
        divisor: u64,
        t: i64,
    ) {
        let toc_len = 16 * n_events.div_ceil(1_024);
        if bytes.len() >= 16 && toc_len == 16 {
            bytes[..4].copy_from_slice(&16u32.to_le_bytes());
        }
        let time = ChunkTime { first, divisor };
        let mut chunk = Chunk { case: &FAST, bytes, toc_len, n_events, time };
        chunk.mend();
        if let Ok(decoded) = chunk.decode(0..n_events, Columns::ALL) {
            let _ = chunk.check(&decoded);
        }
        let _ = chunk.lower_bound(t);
    }
}
