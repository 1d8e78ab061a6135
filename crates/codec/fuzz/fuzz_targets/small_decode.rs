//! Any bytes as a payload of `small`: an error or some events, never a panic, and the loops with
//! and without vector instructions agree. `cargo +nightly fuzz run small_decode`.
#![no_main]

use evz_codec::{ChunkTime, Codec, Payload, SMALL};
use evz_core::ColumnsMut;
use libfuzzer_sys::fuzz_target;

const ENTRY: usize = 40;
const SEGMENT: usize = 8192;

/// Makes checksums right, so that what they guard is reached.
fn mend(bytes: &mut [u8], toc_len: usize, segments: usize) {
    let mut at = toc_len;
    for s in 0..segments {
        for stream in 0..4 {
            let field = ENTRY * s + 24 + 2 * stream;
            let Some(&[low, high]) = bytes.get(field..field + 2).and_then(<[u8]>::first_chunk)
            else {
                return;
            };
            let end = at + 4 * usize::from(u16::from_le_bytes([low, high]));
            let Some(body) = bytes.get(at..end) else {
                return;
            };
            let crc = crc32fast::hash(body).to_le_bytes();
            bytes[ENTRY * s + 8 + 4 * stream..][..4].copy_from_slice(&crc);
            at = end;
        }
    }
}

fuzz_target!(|input: (u16, u16, i64, u64, i64, Vec<u8>)| {
    let (n_events, toc_len, first, divisor, t, mut bytes) = input;
    let (n_events, toc_len) = (usize::from(n_events), usize::from(toc_len));
    mend(&mut bytes, toc_len, n_events.div_ceil(SEGMENT));
    let payload = Payload {
        bytes: &bytes,
        toc_len,
        n_events,
        time: ChunkTime { first, divisor },
    };
    let decode = |portable: bool, range: std::ops::Range<usize>| {
        let n = range.len();
        let (mut t, mut x, mut y, mut p) = (vec![0; n], vec![0; n], vec![0; n], vec![0; n]);
        let out = ColumnsMut {
            t: Some(&mut t),
            x: Some(&mut x),
            y: Some(&mut y),
            p: Some(&mut p),
        };
        let result = if portable {
            SMALL.decode_portable(payload, range, out)
        } else {
            SMALL.decode(payload, range, out)
        };
        result.ok().map(|()| (t, x, y, p))
    };
    for range in [0..n_events, n_events / 3..n_events / 2] {
        assert_eq!(decode(false, range.clone()), decode(true, range));
    }
    if let Ok(bound) = SMALL.lower_bound(payload, t) {
        assert!(bound <= n_events);
    }
});
