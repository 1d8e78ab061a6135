//! A decoder of `small` written from the text of the layout alone, event by event: it checks the
//! text and the fast decoder against each other. It trusts its input.

use std::ops::Range;

use evz_codec::Payload;
use evz_core::{Event, EventBatch};

/// The table of the text: how often each code comes, by class and nearness.
const PRIOR: [[u32; 16]; 150] = include!("prior.in");

fn uint(bytes: &[u8], at: usize, len: usize) -> u64 {
    (0..len).map(|i| u64::from(bytes[at + i]) << (8 * i)).sum()
}

/// CRC-32/ISO-HDLC, bit by bit.
fn crc32(bytes: &[u8]) -> u64 {
    let crc = !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    crc.into()
}

/// Bits of bytes, the lowest first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, n: u32) -> u64 {
        (0..n)
            .map(|i| {
                let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
                self.at += 1;
                u64::from(bit) << i
            })
            .sum()
    }

    fn gamma(&mut self) -> u64 {
        let mut n = 0;
        while self.take(1) == 0 {
            n += 1;
        }
        (1 << n) + self.take(n) - 1
    }
}

fn unzigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}

/// 32 rANS decoders.
struct Lanes<'a> {
    states: Vec<u64>,
    words: &'a [u8],
    at: usize,
}

impl<'a> Lanes<'a> {
    fn new(bytes: &'a [u8], lanes: usize, words: usize) -> Self {
        Self {
            states: (0..lanes).map(|l| uint(bytes, 4 * l, 4)).collect(),
            words: &bytes[words..],
            at: 0,
        }
    }

    /// Decodes a symbol of lane `lane` with such frequencies, whose sum is `2^bits`.
    fn symbol(&mut self, lane: usize, frequencies: &[u32], bits: u32) -> usize {
        let state = self.states[lane];
        let place = state % (1 << bits);
        let (mut symbol, mut start) = (0, 0);
        while start + u64::from(frequencies[symbol]) <= place {
            start += u64::from(frequencies[symbol]);
            symbol += 1;
        }
        let mut next = u64::from(frequencies[symbol]) * (state >> bits) + place - start;
        if next < 1 << 16 {
            next = next << 16 | uint(self.words, self.at, 2);
            self.at += 2;
        }
        self.states[lane] = next;
        symbol
    }
}

/// The least count of a level.
fn least(level: usize) -> u64 {
    match level {
        0 => 0,
        1..=5 => 1 << (level - 1),
        6..=11 => (2 + (level as u64 - 6) % 2) << (4 + (level - 6) / 2),
        _ => (4 + (level as u64 - 12) % 4) << (6 + (level - 12) / 4),
    }
}

/// The highest level whose least count is not above a count.
fn level(count: u64) -> usize {
    (0..=76).rev().find(|&l| least(l) <= count).unwrap()
}

fn weight(level: usize) -> u64 {
    match level {
        0 => 0,
        76 => 2 * least(76),
        _ => least(level) + least(level + 1) - 1,
    }
}

fn frequencies(levels: &[usize], bits: u32) -> Vec<u32> {
    let total = 1u64 << bits;
    let mut out = vec![0; levels.len()];
    let used: Vec<usize> = (0..levels.len()).filter(|&s| levels[s] > 0).collect();
    if used.is_empty() {
        out[0] = total as u32;
        return out;
    }
    let sum: u64 = levels.iter().map(|&l| weight(l)).sum();
    let beyond = |s: usize| (total * weight(levels[s])).saturating_sub(sum);
    let all: u64 = used.iter().map(|&s| beyond(s)).sum();
    let scale = ((total - used.len() as u64) << 32) / all.max(1);
    let (mut before, mut start) = (0, 0);
    for (i, &s) in used.iter().enumerate() {
        before += beyond(s);
        let mut end = i as u64 + 1 + (before * scale + (1 << 31)) / (1 << 32);
        if i + 1 == used.len() {
            end = total;
        }
        out[s] = (end - start) as u32;
        start = end;
    }
    out
}

/// Levels by epoch, table and symbol.
fn tables(
    epochs: usize,
    n: usize,
    symbols: usize,
    bits: &mut Bits<'_>,
    lanes: &mut Option<Lanes<'_>>,
) -> Vec<Vec<Vec<usize>>> {
    let mut overall = Vec::new();
    let mut before = 0;
    for _ in 0..symbols {
        before += unzigzag(bits.gamma());
        overall.push(before as usize);
    }
    if epochs * n == 1 {
        return vec![vec![overall]];
    }
    let totals: Vec<usize> = (0..epochs * n).map(|_| bits.take(7) as usize).collect();
    let sum: u64 = overall.iter().map(|&l| weight(l)).sum::<u64>().max(1);
    let mut all = vec![vec![vec![0; symbols]; n]; epochs];
    for e in 0..epochs {
        for c in 0..n {
            let total = totals[e * n + c];
            if total == 0 {
                continue;
            }
            let zeros = vec![0; symbols];
            let up = (c > 0).then(|| all[e][c - 1].clone());
            // Row by row, what is one table earlier in the epoch before.
            let back = (e > 0).then(|| all[e - 1][c].clone());
            let around = [
                up.clone().or(back.clone()).unwrap_or(zeros.clone()),
                back.or(up).unwrap_or(zeros),
            ];
            let scale = weight(total) * 8 * 65_536 / sum;
            for block in (0..symbols).step_by(32) {
                let end = symbols.min(block + 32);
                let mut codes = Vec::new();
                for s in block..end {
                    let sixteenths = weight(overall[s]) * scale / 65_536;
                    let expected = level(sixteenths / 16);
                    let class = if expected > 0 {
                        (expected + 4).min(14)
                    } else {
                        64 - sixteenths.leading_zeros() as usize
                    };
                    let near: usize = around
                        .iter()
                        .map(|row| {
                            let beside = |s: Option<usize>| {
                                s.and_then(|s| row.get(s)).map_or(0, |&l| l.min(2))
                            };
                            2 * row[s].min(3) + beside(s.checked_sub(1)) + beside(Some(s + 1))
                        })
                        .sum();
                    let near = match near {
                        0..=6 => near,
                        7 => 6,
                        8..=9 => 7,
                        10..=13 => 8,
                        _ => 9,
                    };
                    let lanes = lanes.as_mut().expect("there are lanes");
                    let code = lanes.symbol(s % 32, &PRIOR[10 * class + near], 10);
                    codes.push((code, expected.max(1)));
                }
                for (s, (code, expected)) in (block..end).zip(codes) {
                    all[e][c][s] = match code {
                        0 => 0,
                        15 => bits.take(7) as usize,
                        _ => (expected as i64 + unzigzag(code as u64 - 1)).clamp(0, 76) as usize,
                    };
                }
            }
        }
    }
    all
}

/// Least number and raw bits of a symbol of the bucket code.
fn bucket(symbol: usize, direct: u32, sub: u32) -> (u64, u32) {
    if symbol < 1 << direct {
        return (symbol as u64, 0);
    }
    if symbol == 255 {
        return (0, 64);
    }
    let r = symbol - (1 << direct);
    let width = direct + (r >> sub) as u32 - sub;
    (((1 << sub) + (r as u64 & ((1 << sub) - 1))) << width, width)
}

struct Axis {
    mode: u8,
    given: u8,
    shift: u32,
    given_shift: u32,
    given_values: usize,
    symbols: usize,
    span: u32,
    base: u16,
}

impl Axis {
    fn new(b: &[u8]) -> Self {
        Self {
            mode: b[0] & 15,
            given: b[0] >> 4,
            shift: b[1].into(),
            given_shift: b[2].into(),
            given_values: usize::from(b[3]) + 1,
            symbols: usize::from(b[4]) + 1,
            span: b[5].into(),
            base: uint(b, 6, 2) as u16,
        }
    }

    fn tables(&self) -> usize {
        [1, 16, 2, self.given_values][usize::from(self.given)] + usize::from(self.mode == 3)
    }
}

/// The lanes of a stream and its raw bits.
struct Stream<'a> {
    lanes: Lanes<'a>,
    raw: &'a [u8],
}

impl<'a> Stream<'a> {
    fn new(bytes: &'a [u8], raw_len: usize, len: usize) -> Self {
        let states = 4 * len.min(32);
        Self {
            lanes: Lanes::new(bytes, len.min(32), states + raw_len),
            raw: &bytes[states..states + raw_len],
        }
    }

    /// The symbols of events of which the first has lane 0.
    fn symbols(
        &mut self,
        n: usize,
        tables: &[Vec<usize>],
        contexts: impl Fn(usize) -> usize,
    ) -> Vec<usize> {
        let bits = if tables.len() == 1 { 12 } else { 10 };
        let rows: Vec<_> = tables.iter().map(|t| frequencies(t, bits)).collect();
        (0..n)
            .map(|i| {
                let row = if tables.len() == 1 { 0 } else { contexts(i) };
                self.lanes.symbol(i % 32, &rows[row], bits)
            })
            .collect()
    }

    /// What the states hold at the end.
    fn end(&self) -> Vec<u16> {
        // At most one word of padding is left.
        let rest = &self.lanes.words[self.lanes.at..];
        assert!(rest.iter().all(|&b| b == 0) && rest.len() < 4);
        let low = |&state: &u64| {
            assert_eq!(state >> 16, 1);
            state as u16
        };
        self.lanes.states.iter().map(low).collect()
    }
}

/// Decodes a whole payload.
pub(crate) fn decode(payload: Payload<'_>) -> EventBatch {
    let Payload {
        bytes,
        toc_len,
        n_events: n,
        time,
        ..
    } = payload;
    let mut events = EventBatch::default();
    if n == 0 {
        assert!(bytes.is_empty());
        return events;
    }
    let segments = n.div_ceil(8192);
    let head = &bytes[28 * segments..toc_len];
    let (swap, zigzag, t_span) = (
        head[0] & 1 == 1,
        head[0] & 2 == 2,
        u32::from(head[0] >> 2 & 31),
    );
    let before = head[0] >> 7 == 1;
    let x_max = uint(head, 2, 2);
    let (a, b) = (Axis::new(&head[4..12]), Axis::new(&head[12..20]));
    let bits_len = uint(head, 20, 4) as usize;
    let mut bits = Bits {
        bytes: &head[24..24 + bits_len],
        at: 0,
    };
    let ones: Vec<u32> = (0..48).map(|_| bits.take(10) as u32).collect();
    let cells = &head[24 + bits_len..];
    let mut lanes = (cells.len() >= 128).then(|| Lanes::new(cells, 32, 128));
    let epochs = |span: u32| segments.div_ceil(1 << span);
    let t_tables = tables(
        epochs(t_span),
        1,
        usize::from(head[1]) + 1,
        &mut bits,
        &mut lanes,
    );
    let a_tables = tables(epochs(a.span), a.tables(), a.symbols, &mut bits, &mut lanes);
    let b_tables = tables(epochs(b.span), b.tables(), b.symbols, &mut bits, &mut lanes);

    let mut at = toc_len;
    for segment in 0..segments {
        let entry = &bytes[28 * segment..28 * (segment + 1)];
        let len = (n - 8192 * segment).min(8192);
        let raw_len: Vec<usize> = (0..3)
            .map(|i| uint(entry, 20 + 2 * i, 2) as usize)
            .collect();
        let mut streams = Vec::new();
        for (s, raw_len) in [raw_len[0], raw_len[1] + raw_len[2]]
            .into_iter()
            .enumerate()
        {
            let size = 4 * uint(entry, 16 + 2 * s, 2) as usize;
            let stream = &bytes[at..at + size];
            assert_eq!(crc32(stream), uint(entry, 8 + 4 * s, 4));
            streams.push(Stream::new(stream, raw_len, len));
            at += size;
        }
        let [of_times, of_places] = &mut streams[..] else {
            unreachable!("two were pushed")
        };

        let t = of_times.symbols(len, &t_tables[segment >> t_span], |_| 0);
        let mut raw = of_times.raw.to_vec();
        for half in of_times.end() {
            raw.extend_from_slice(&half.to_le_bytes());
        }
        let mut raw = Bits { bytes: &raw, at: 0 };
        let mut k = uint(entry, 0, 8);
        let mut times = Vec::new();
        for &symbol in &t {
            let (base, width) = bucket(symbol, 6, 2);
            let step = base + raw.take(width);
            k = k.wrapping_add(if zigzag { unzigzag(step) as u64 } else { step });
            times.push(
                time.first
                    .wrapping_add((k as i64).wrapping_mul(time.divisor as i64)),
            );
        }
        let size = raw.at.div_ceil(16) * 2;
        assert_eq!(raw_len[0], size - size.min(2 * len.min(32)));

        let (a_raw, b_raw) = of_places.raw.split_at(raw_len[1]);
        let mut first = Coordinate::new(&a, &a, &a_tables[segment >> a.span], a_raw);
        let mut second = Coordinate::new(&b, &a, &b_tables[segment >> b.span], b_raw);
        let mut polarities = Polarities::new(before, &ones, x_max, len);
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for group in (0..len).step_by(1024) {
            let range = group..len.min(group + 1024);
            first.group(of_places, range.clone(), &t, &[]);
            second.group(of_places, range.clone(), &t, &first.values);
            let (xs, ys) = if swap {
                (&first.values, &second.values)
            } else {
                (&second.values, &first.values)
            };
            x.extend_from_slice(&xs[range.clone()]);
            y.extend_from_slice(&ys[range.clone()]);
            polarities.group(of_places, range, &x, &y);
        }
        first.end();
        second.end();
        let p = polarities.end(&of_places.end());
        for i in 0..len {
            events.push(Event {
                t: times[i],
                x: x[i],
                y: y[i],
                p: p[i],
            });
        }
    }
    assert_eq!(at, bytes.len());
    events
}

struct Coordinate<'a> {
    axis: &'a Axis,
    first: &'a Axis,
    tables: &'a [Vec<usize>],
    raw: Bits<'a>,
    values: Vec<u16>,
}

impl<'a> Coordinate<'a> {
    fn new(axis: &'a Axis, first: &'a Axis, tables: &'a [Vec<usize>], raw: &'a [u8]) -> Self {
        Self {
            axis,
            first,
            tables,
            raw: Bits { bytes: raw, at: 0 },
            values: Vec::new(),
        }
    }

    fn group(&mut self, stream: &mut Stream<'_>, range: Range<usize>, t: &[usize], first: &[u16]) {
        let axis = self.axis;
        let same = |i: usize| i > 0 && first[i] == first[i - 1];
        let context = |i: usize| match axis.given {
            1 => t[i].min(15),
            2 => usize::from(same(i)),
            3 if axis.mode == 3 && same(i) => 0,
            3 => {
                let high = u32::from(first[i].wrapping_sub(self.first.base)) >> axis.given_shift;
                (high as usize).min(axis.given_values - 1) + usize::from(axis.mode == 3)
            }
            _ => 0,
        };
        let start = range.start;
        let symbols = stream.symbols(range.len(), self.tables, |i| context(start + i));
        let plane = 32 * axis.shift as usize;
        let bits = &mut self.raw;
        for (i, symbol) in range.zip(symbols) {
            let before = self.values.last().copied().unwrap_or(0);
            let direct = |low: u64| {
                axis.base
                    .wrapping_add(((symbol as u64) << axis.shift | low) as u16)
            };
            let mut change = || {
                let (base, width) = bucket(symbol, 6, 4);
                base + bits.take(width)
            };
            self.values.push(match axis.mode {
                0 => {
                    bits.at = 8 * plane * (i / 256 + 1);
                    direct(low_bits(
                        bits.bytes,
                        i / 256 * plane,
                        axis.shift as usize,
                        i % 256,
                    ))
                }
                1 => before.wrapping_add(unzigzag(change()) as u16),
                2 => before ^ change() as u16,
                _ if same(i) => before.wrapping_add(unzigzag(change()) as u16),
                _ => direct(bits.take(axis.shift)),
            });
        }
    }

    fn end(&self) {
        assert_eq!(self.raw.bytes.len(), self.raw.at.div_ceil(16) * 2);
    }
}

/// Residual `i` of a plane of width `w` at `at`, as in `fast`.
fn low_bits(bytes: &[u8], at: usize, w: usize, i: usize) -> u64 {
    let (lane, row) = (i % 16, i / 16);
    (0..w)
        .map(|b| {
            let bit = row * w + b;
            let word = uint(bytes, at + 2 * (bit / 16 * 16 + lane), 2);
            (word >> (bit % 16) & 1) << b
        })
        .sum()
}

struct Polarities<'a> {
    /// Whether the event before tells them, not cells.
    before: bool,
    ones: &'a [u32],
    x_max: u64,
    len: usize,
    small: Vec<u8>,
    large: Vec<u8>,
    p: Vec<u8>,
}

impl<'a> Polarities<'a> {
    fn new(before: bool, ones: &'a [u32], x_max: u64, len: usize) -> Self {
        Self {
            before,
            ones,
            x_max,
            len,
            small: vec![1; 65_536],
            large: vec![1; 4_096],
            p: Vec::new(),
        }
    }

    fn cells(&self, x: u16, y: u16) -> (usize, usize) {
        let (x, y) = (u64::from(x), u64::from(y));
        (
            ((y / 4 * (self.x_max / 4 + 1) + x / 4) % 65_536) as usize,
            ((y / 16 * (self.x_max / 16 + 1) + x / 16) % 4_096) as usize,
        )
    }

    fn group(&mut self, stream: &mut Stream<'_>, range: Range<usize>, x: &[u16], y: &[u16]) {
        let coded = self.len.saturating_sub(512);
        for i in range.start..range.end.min(coded) {
            if i % 32 == 0 {
                // As they were before the last 32 events.
                let (small, large) = (self.small.clone(), self.large.clone());
                for j in i.saturating_sub(32)..i {
                    let (near, far) = self.cells(x[j], y[j]);
                    for (memory, old, full) in [
                        (&mut self.small[near], small[near], 16),
                        (&mut self.large[far], large[far], 8),
                    ] {
                        *memory = 2 * old + self.p[j];
                        if *memory >= 2 * full {
                            *memory = full + *memory % full;
                        }
                    }
                }
            }
            let context = if self.before {
                place(x, y, i)
            } else {
                let (near, far) = self.cells(x[i], y[i]);
                match self.small[near] {
                    1 => self.large[far].into(),
                    memory => 16 + usize::from(memory),
                }
            };
            let one = self.ones[context];
            // Symbol 1 comes first.
            let bit = 1 - stream.lanes.symbol(i % 32, &[one, 1024 - one], 10) as u8;
            let last = self.p.last().copied().unwrap_or(0);
            self.p.push(if self.before { last ^ bit } else { bit });
        }
    }

    fn end(mut self, states: &[u16]) -> Vec<u8> {
        for j in 0..self.len.min(512) {
            self.p.push((states[j % 32] >> (j / 32) & 1) as u8);
        }
        self.p
    }
}

/// Where the event before was.
fn place(x: &[u16], y: &[u16], i: usize) -> usize {
    if i == 0 {
        return 28;
    }
    let d = |v: &[u16]| i32::from(v[i].wrapping_sub(v[i - 1]) as i16);
    let (dx, dy) = (d(x), d(y));
    match (dx, dy) {
        (-2..=2, -2..=2) => (5 * (dy + 2) + dx + 2) as usize,
        (i32::MIN..0, 0) => 25,
        (_, 0) => 26,
        (-8..=8, -8..=8) => 27,
        _ => 28,
    }
}
