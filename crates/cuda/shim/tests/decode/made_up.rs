//! Payloads of `small` whose modes and tables are anything, over streams of anything: no encoder makes
//! them, and all that a decoder can do comes up.

use evz_codec::ChunkTime;
use evz_core::Columns;

use super::cases::{Chunk, SMALL};
use super::data::Random;

/// Bits to bytes, the lowest first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, v: u64, width: u32) {
        self.0.extend((0..width).map(|i| v >> i & 1 == 1));
    }

    /// Elias's gamma code of `v + 1`.
    fn put_gamma(&mut self, v: u64) {
        let width = (v + 1).ilog2();
        self.put(1 << width, width + 1);
        self.put((v + 1) % (1 << width), width);
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter()
                .rev()
                .fold(0, |byte, &bit| byte << 1 | u8::from(bit))
        };
        self.0.chunks(8).map(byte).collect()
    }
}

/// An axis's modes, and its number of tables.
fn axis(random: &mut Random, second: bool) -> ([u8; 8], u64) {
    let mode = random.below(if second { 4 } else { 3 }) as u8;
    let given = match (mode, second) {
        (3, _) => 3,
        (_, true) => random.below(4) as u8,
        _ => random.below(2) as u8,
    };
    let most = if mode == 0 { 256 } else { 224 };
    let symbols = if random.below(3) == 0 {
        most
    } else {
        1 + random.below(most)
    };
    let most = if mode == 3 { 255 } else { 256 };
    let most = [4, 40, most][random.below(3) as usize];
    let values = 1 + random.below(most);
    let tables = [1, 16, 2, values][usize::from(given)] + u64::from(mode == 3);
    let [b0, b1] = (random.next() as u16).to_le_bytes();
    let modes = [
        given << 4 | mode,
        random.below(9) as u8,
        random.below(17) as u8,
        (values - 1) as u8,
        (symbols - 1) as u8,
        random.below(4) as u8,
        b0,
        b1,
    ];
    (modes, tables)
}

/// Levels of tables, as bits.
fn tables(random: &mut Random, bits: &mut Bits, rows: u64, symbols: u64) {
    let most = 1 + random.below(77);
    let mut before = 0i64;
    for _ in 0..symbols {
        let level = random.below(most) as i64;
        let off = level - before;
        bits.put_gamma((off << 1 ^ off >> 63) as u64);
        before = level;
    }
    if rows > 1 {
        for _ in 0..rows {
            let total = if random.below(5) == 0 {
                0
            } else {
                random.below(77)
            };
            bits.put(total, 7);
        }
    }
}

/// A chunk of two segments or one, each of more than two groups of events, whose tables can be read.
pub(crate) fn made_up(random: &mut Random) -> Chunk {
    loop {
        let chunk = anything(random);
        // Where cells happen to escape, the bits of the next column are not where they were put.
        let columns = Columns {
            t: false,
            ..Columns::ALL
        };
        if chunk.decode(0..1, columns).is_ok() {
            return chunk;
        }
    }
}

fn anything(random: &mut Random) -> Chunk {
    let more = if random.below(4) == 0 { 8_192 } else { 0 };
    let n_events = 2_049 + more + random.below(2_500) as usize;
    let segments = n_events.div_ceil(8_192);
    let epochs = |span: u8| (segments as u64).div_ceil(1 << span);

    let mut head = vec![0; 4];
    let t_span = random.below(4) as u8;
    head[0] = (random.next() as u8 & 0x83) | t_span << 2;
    head[1] = random.next() as u8 % [3, 60, 255][random.below(3) as usize];
    let x_max = [3, 1_279, u64::from(u16::MAX)][random.below(3) as usize];
    head[2..4].copy_from_slice(&(x_max as u16).to_le_bytes());
    let mut bits = Bits::default();
    for _ in 0..48 {
        bits.put(1 + random.below(1_023), 10);
    }
    tables(random, &mut bits, epochs(t_span), u64::from(head[1]) + 1);
    let mut shifts = Vec::new();
    let mut cells = epochs(t_span) * 256;
    for second in [false, true] {
        let (modes, n) = axis(random, second);
        let rows = epochs(modes[5]) * n;
        tables(random, &mut bits, rows, u64::from(modes[4]) + 1);
        cells += rows * 256;
        shifts.push((modes[0] & 15 == 0).then_some(modes[1]));
        head.extend(modes);
    }
    let mut told = bits.bytes();
    // Room for escapes.
    told.extend((0..cells).map(|_| random.next() as u8));
    head.extend((told.len() as u32).to_le_bytes());

    let mut bytes = Vec::new();
    let mut streams = Vec::new();
    for segment in 0..segments {
        let len = (n_events - 8_192 * segment).min(8_192);
        let raw_len = |shift: &Option<u8>| match shift {
            Some(shift) => len.div_ceil(256) * 32 * usize::from(*shift),
            None => len.div_ceil(8) * 11 / 2 * 2,
        };
        let raw = [0, raw_len(&shifts[0]), raw_len(&shifts[1])];
        // States, and more words than there are symbols that could take one.
        let lens =
            [128 + 2 * len, 128 + raw[1] + raw[2] + 6 * len].map(|len| len.next_multiple_of(4));
        bytes.extend([0; 16]);
        for half in lens.map(|len| len / 4).into_iter().chain(raw) {
            bytes.extend(
                u16::try_from(half)
                    .expect("segments are short")
                    .to_le_bytes(),
            );
        }
        bytes.extend([0; 2]);
        for len in lens {
            streams.extend((0..128).map(|i| {
                if i % 4 == 3 {
                    0
                } else {
                    random.next() as u8 | 1
                }
            }));
            streams.extend((128..len).map(|_| random.next() as u8));
        }
    }
    bytes.extend(head);
    bytes.extend(told);
    bytes.extend((0..128).map(|i| {
        if i % 4 == 3 {
            0
        } else {
            random.next() as u8 | 1
        }
    }));
    bytes.extend((0..2 * cells).map(|_| random.next() as u8));
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let toc_len = bytes.len();
    bytes.extend(streams);
    let time = ChunkTime {
        first: random.next() as i64,
        divisor: random.next(),
    };
    let mut chunk = Chunk {
        case: &SMALL,
        bytes,
        toc_len,
        n_events,
        time,
    };
    chunk.mend();
    chunk
}
