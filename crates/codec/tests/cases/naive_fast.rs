//! A decoder written from the text of the layout alone, event by event: it checks the text and the
//! fast decoder against each other. It trusts its input.

use evz_codec::{ChunkTime, Payload};
use evz_core::{Event, EventBatch};

fn uint(bytes: &[u8], at: usize, len: usize) -> u64 {
    (0..len).map(|i| u64::from(bytes[at + i]) << (8 * i)).sum()
}

fn int(bytes: &[u8], at: usize, len: usize) -> i64 {
    let shift = 64 - 8 * len as u32;
    ((uint(bytes, at, len) << shift) as i64) >> shift
}

/// CRC-32/ISO-HDLC, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

/// Residual `i` of a plane of width `w` at `at`.
fn residual(bytes: &[u8], at: usize, w: usize, i: usize) -> u64 {
    let (lane, row) = (i % 16, i / 16);
    (0..w)
        .map(|b| {
            let bit = row * w + b;
            let word = uint(bytes, at + 2 * (bit / 16 * 16 + lane), 2);
            (word >> (bit % 16) & 1) << b
        })
        .sum()
}

fn unzigzag(r: u64) -> u64 {
    (r >> 1) ^ (r & 1).wrapping_neg()
}

struct Column {
    w: usize,
    exceptions: usize,
    high_len: usize,
    planes: usize,
    highs: usize,
    positions: usize,
}

impl Column {
    fn new(w: u64, exceptions: u64, high_len: usize) -> Self {
        Self {
            w: w as usize,
            exceptions: exceptions as usize,
            high_len,
            planes: 0,
            highs: 0,
            positions: 0,
        }
    }

    fn residual(&self, bytes: &[u8], i: usize) -> u64 {
        let mut r = 0;
        let mut at = self.planes;
        for low in (0..self.w).step_by(16) {
            let w = (self.w - low).min(16);
            r |= residual(bytes, at, w, i) << low;
            at += 32 * w;
        }
        for e in 0..self.exceptions {
            if uint(bytes, self.positions + e, 1) == i as u64 {
                r |= (int(bytes, self.highs + e * self.high_len, self.high_len) as u64) << self.w;
            }
        }
        r
    }
}

/// Decodes a whole payload.
pub(crate) fn decode(payload: Payload<'_>) -> EventBatch {
    let Payload {
        bytes,
        n_events,
        time,
        ..
    } = payload;
    let mut events = EventBatch::default();
    let blocks = n_events.div_ceil(1024);
    for b in 0..blocks {
        let start = uint(bytes, 16 * b, 4) as usize;
        let end = if b + 1 < blocks {
            uint(bytes, 16 * (b + 1), 4) as usize
        } else {
            bytes.len()
        };
        assert_eq!(start % 16, 0);
        assert_eq!(
            uint(bytes, 16 * b + 4, 4),
            u64::from(crc32(&bytes[start..end]))
        );
        let t_first = int(bytes, 16 * b + 8, 8);
        let len = (n_events - 1024 * b).min(1024);
        decode_block(&bytes[start..end], t_first, len, time, &mut events);
    }
    events
}

fn decode_block(bytes: &[u8], t_first: i64, len: usize, time: ChunkTime, events: &mut EventBatch) {
    let m = len.div_ceil(256);
    // Columns in the order t, x, y.
    let mut columns: Vec<[Column; 3]> = (0..m)
        .map(|j| {
            let byte = |i: usize| uint(bytes, 12 * j + i, 1);
            assert_eq!(byte(11), 0);
            [
                Column::new(byte(8) % 128, byte(9), 1 << byte(10)),
                Column::new(byte(0) % 32, byte(1), 1 + byte(0) as usize / 128),
                Column::new(byte(4) % 32, byte(5), 1 + byte(4) as usize / 128),
            ]
        })
        .collect();
    let mut at = (12 * m).next_multiple_of(16);
    for c in [1, 2] {
        for column in &mut columns {
            column[c].planes = at;
            at += 32 * column[c].w;
        }
    }
    let bitmaps = at;
    at += 32 * m;
    for column in &mut columns {
        column[0].planes = at;
        at += 32 * column[0].w;
    }
    for c in 0..3 {
        for column in &mut columns {
            column[c].highs = at;
            at += column[c].exceptions * column[c].high_len;
        }
    }
    for c in 0..3 {
        for column in &mut columns {
            column[c].positions = at;
            at += column[c].exceptions;
        }
    }
    assert_eq!(at.next_multiple_of(16), bytes.len());

    let mut k = t_first;
    let mut before = [0; 2];
    for i in 0..len {
        let (j, i) = (i / 256, i % 256);
        let r = columns[j][0].residual(bytes, i);
        let zigzag = uint(bytes, 12 * j + 8, 1) >= 128;
        k = k.wrapping_add(if zigzag { unzigzag(r) } else { r } as i64);
        let pixel = [0, 1].map(|c| {
            let r = columns[j][1 + c].residual(bytes, i) as u16;
            let reference = uint(bytes, 12 * j + 4 * c + 2, 2) as u16;
            let last = if i == 0 { reference } else { before[c] };
            match uint(bytes, 12 * j + 4 * c, 1) / 32 % 4 {
                0 => reference.wrapping_add(r),
                1 => last.wrapping_add(unzigzag(r.into()) as u16),
                2 => last ^ r,
                mode => panic!("mode {mode}"),
            }
        });
        before = pixel;
        events.push(Event {
            t: time.first.wrapping_add(k.wrapping_mul(time.divisor as i64)),
            x: pixel[0],
            y: pixel[1],
            p: (uint(bytes, bitmaps + 32 * j + i / 8, 1) >> (i % 8) & 1) as u8,
        });
    }
}
