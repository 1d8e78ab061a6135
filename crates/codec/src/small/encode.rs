//! Columns to payloads.

use evz_core::EventSlice;

use super::bits::BitWriter;
use super::bucket::{PixelBucket, TimeBucket, zigzag, zigzag_time};
use super::contexts::contexts;
use super::estimate::Histogram;
use super::frequency::shares;
use super::head::{Axis, Head, Mode};
use super::history::{CONTEXTS, History};
use super::model::{Model, PolarityModel};
use super::plan::{Extent, Plan};
use super::polarity;
use super::rans::{Encoder, Step};
use super::sample::Sample;
use super::span;
use super::stream;
use super::tables::Tables;
use super::toc::{ENTRY_SIZE, Entry, STREAM_ALIGN};
use super::{LANES, SEGMENT_LEN, TOTAL, TOTAL_BITS};
use crate::fast::{MINI_LEN, pack::pack};
use crate::{ChunkTime, Encoded};

pub(super) fn encode(events: EventSlice<'_>, time: ChunkTime, out: &mut Vec<u8>) -> Encoded {
    let n = events.len();
    assert!(
        events.t.len() == n && events.x.len() == n && events.y.len() == n && events.p.len() == n,
        "columns of one length"
    );
    if n == 0 {
        return Encoded::default();
    }
    let start = out.len();
    let segments = n.div_ceil(SEGMENT_LEN);
    let times = Times::new(events.t, time);
    let sample = Sample::new(events, &times.symbols);
    let (x, y) = (Extent::of(events.x), Extent::of(events.y));
    let plan = Plan::new(&sample, x, y);
    let ((a, a_extent), (b, _)) = if plan.swap {
        ((events.x, x), (events.y, y))
    } else {
        ((events.y, y), (events.x, x))
    };
    let mut a = Coded::new(plan.a, a_extent.min, &times.symbols, &[], a);
    let mut b = Coded::new(
        plan.b,
        a_extent.min,
        &times.symbols,
        if plan.swap { events.x } else { events.y },
        b,
    );

    let mut head = Head {
        swap: plan.swap,
        zigzag: times.zigzag,
        t_symbols: symbols(&times.symbols),
        t_span: 0,
        a: a.axis,
        b: b.axis,
        x_max: x.max,
        bits_len: 0,
    };
    let t_counts = counts(&times.symbols, None, 1, head.t_symbols);
    let (t_span, t_tables) = span::choose(&t_counts);
    head.t_span = t_span;
    let (a_span, a_tables) = span::choose(&a.counts());
    let (b_span, b_tables) = span::choose(&b.counts());
    (a.axis.span, b.axis.span) = (a_span, b_span);
    (head.a, head.b) = (a.axis, b.axis);
    let p = Polarities::new(events, x.max);

    let mut encoder = Encoder::new();
    let model = Model {
        head,
        p: p.model,
        tables: vec![t_tables, a_tables, b_tables],
    };
    out.resize(start + segments * ENTRY_SIZE, 0);
    model.write(&mut encoder, out);
    out.resize(
        start + (out.len() - start).next_multiple_of(STREAM_ALIGN),
        0,
    );
    let toc_len = out.len() - start;

    let steps = [
        steps_of(&model.tables[0]),
        steps_of(&model.tables[1]),
        steps_of(&model.tables[2]),
    ];
    let p_steps: Vec<[Step; 2]> = model
        .p
        .iter()
        .map(|&ones| {
            [
                Step::new(ones, TOTAL as u16 - ones, TOTAL_BITS),
                Step::new(0, ones, TOTAL_BITS),
            ]
        })
        .collect();
    let mut raw = Vec::new();
    let mut column_bytes = [0; 4];
    for number in 0..segments {
        let range = number * SEGMENT_LEN..n.min((number + 1) * SEGMENT_LEN);
        let len = range.len();
        let mut entry = Entry {
            t_first: times.counts[range.start],
            ..Entry::default()
        };
        for stream in 0..4 {
            let at = out.len();
            raw.clear();
            let raw_len = match stream {
                0 => {
                    times.write_raw(range.clone(), &mut raw);
                    let symbols = &times.symbols[range.clone()];
                    let steps = steps[0].of(number >> head.t_span);
                    stream::write(
                        &mut encoder,
                        len,
                        &raw,
                        |i| steps[usize::from(symbols[i])],
                        out,
                    )
                }
                1 | 2 => {
                    let coded = if stream == 1 { &a } else { &b };
                    coded.write_raw(range.clone(), &mut raw);
                    let steps = steps[stream].of(number >> coded.axis.span);
                    coded.write(&mut encoder, range.clone(), &raw, steps, out)
                }
                _ => {
                    let contexts = &p.contexts[range.clone()];
                    let p = &events.p[range.clone()];
                    let step = |i: usize| {
                        p_steps[usize::from(contexts[i]) % CONTEXTS][usize::from(p[i] & 1)]
                    };
                    let (coded, last) = p.split_at(polarity::coded_len(len));
                    let seeds = polarity::seeds(last);
                    stream::write_seeded(&mut encoder, len, coded.len(), &[], &seeds, step, out);
                    0
                }
            };
            let bytes = &out[at..];
            entry.crc[stream] = crc32fast::hash(bytes);
            entry.units[stream] = (bytes.len() / STREAM_ALIGN) as u16;
            entry.raw_len[stream] = raw_len as u16;
            column_bytes[stream] += bytes.len();
        }
        let at = start + number * ENTRY_SIZE;
        out[at..at + ENTRY_SIZE].copy_from_slice(&entry.write());
    }
    let to_u32 = |len| u32::try_from(len).expect("a payload is shorter than 4 GiB");
    let [t, first, second, p] = column_bytes;
    let (x, y) = if plan.swap {
        (first, second)
    } else {
        (second, first)
    };
    Encoded {
        toc_len: to_u32(toc_len),
        column_bytes: [to_u32(t + toc_len), to_u32(x), to_u32(y), to_u32(p)],
    }
}

/// One more than the largest symbol.
fn symbols(symbols: &[u8]) -> usize {
    usize::from(symbols.iter().copied().max().unwrap_or(0)) + 1
}

/// Histograms of the segments.
fn counts(values: &[u8], contexts: Option<&[u8]>, tables: usize, symbols: usize) -> Vec<Histogram> {
    let mut all = Vec::new();
    for start in (0..values.len()).step_by(SEGMENT_LEN) {
        let end = values.len().min(start + SEGMENT_LEN);
        let mut histogram = Histogram::default();
        histogram.start(tables, symbols);
        match contexts {
            None => {
                for &v in &values[start..end] {
                    histogram.add(0, v);
                }
            }
            Some(contexts) => {
                for (&v, &c) in values[start..end].iter().zip(&contexts[start..end]) {
                    histogram.add(c.into(), v);
                }
            }
        }
        all.push(histogram);
    }
    all
}

/// How to encode the symbols of a column.
struct Steps {
    steps: Vec<Step>,
    /// Steps of an epoch.
    epoch: usize,
}

impl Steps {
    fn of(&self, epoch: usize) -> &[Step] {
        &self.steps[epoch * self.epoch..][..self.epoch]
    }
}

fn steps_of(tables: &Tables) -> Steps {
    let shape = tables.shape;
    let mut steps: Vec<Step> = Vec::with_capacity(shape.rows() * shape.symbols);
    let bits = tables.bits();
    for epoch in 0..shape.epochs {
        for table in 0..shape.tables {
            let at = steps.len();
            steps.resize(at + shape.symbols, Step::default());
            shares(tables.row(epoch, table), bits, |symbol, from, to| {
                steps[at + symbol] = Step::new(from, to - from, bits);
            });
        }
    }
    Steps {
        steps,
        epoch: shape.tables * shape.symbols,
    }
}

/// Times as symbols.
struct Times {
    counts: Vec<i64>,
    zigzag: bool,
    /// What [`TimeBucket`] codes.
    steps: Vec<u64>,
    symbols: Vec<u8>,
}

impl Times {
    fn new(t: &[i64], time: ChunkTime) -> Self {
        let count = time.counter();
        let counts: Vec<i64> = t.iter().map(|&t| count(t)).collect();
        let mut steps: Vec<u64> = Vec::with_capacity(counts.len());
        for segment in counts.chunks(SEGMENT_LEN) {
            steps.push(0);
            steps.extend(segment.windows(2).map(|w| w[1].wrapping_sub(w[0]) as u64));
        }
        let zigzag = steps.iter().fold(0, |any, step| any | step) >> 63 == 1;
        if zigzag {
            steps.iter_mut().for_each(|step| *step = zigzag_time(*step));
        }
        Self {
            symbols: steps.iter().map(|&step| TimeBucket::symbol(step)).collect(),
            counts,
            zigzag,
            steps,
        }
    }

    fn write_raw(&self, range: std::ops::Range<usize>, out: &mut Vec<u8>) {
        let mut bits = BitWriter::new(out);
        for (&step, &symbol) in self.steps[range.clone()].iter().zip(&self.symbols[range]) {
            let width = u32::from(TimeBucket::WIDTH[usize::from(symbol)]);
            bits.put(step & ((1 << width) - 1), width);
        }
        bits.finish();
        out.resize(out.len().next_multiple_of(2), 0);
    }
}

/// A coordinate as symbols.
struct Coded {
    axis: Axis,
    symbols: Vec<u8>,
    /// Empty if there is one table.
    contexts: Vec<u8>,
    /// What is coded: values above the base, or changes.
    values: Vec<u16>,
}

impl Coded {
    fn new(axis: Axis, first_base: u16, t: &[u8], first: &[u16], v: &[u16]) -> Self {
        let mut all = vec![0; v.len()];
        let mut several = false;
        let mut values = Vec::with_capacity(v.len());
        for start in (0..v.len()).step_by(SEGMENT_LEN) {
            let end = v.len().min(start + SEGMENT_LEN);
            let first = first.get(start..end).unwrap_or_default();
            let out = &mut all[start..end];
            let contexts = contexts(&axis, first_base, &t[start..end], first, out);
            several = contexts.is_some();
            let v = &v[start..end];
            let before = std::iter::once(&0).chain(v);
            match axis.mode {
                Mode::Direct => values.extend(v.iter().map(|&v| v - axis.base)),
                Mode::Delta => {
                    values.extend(before.zip(v).map(|(&b, &v)| zigzag(v.wrapping_sub(b))));
                }
                Mode::Xor => values.extend(before.zip(v).map(|(&b, &v)| v ^ b)),
                Mode::Mixed => {
                    let contexts = contexts.expect("mixed mode has several tables");
                    values.extend(before.zip(v).zip(contexts).map(|((&b, &v), &context)| {
                        if context == 0 {
                            zigzag(v.wrapping_sub(b))
                        } else {
                            v - axis.base
                        }
                    }));
                }
            }
        }
        if !several {
            all.clear();
        }
        let mut coded = Self {
            axis,
            symbols: Vec::with_capacity(v.len()),
            contexts: all,
            values,
        };
        let bucket = |v: u16| PixelBucket::symbol(v.into());
        let high = |v: u16| (v >> axis.shift) as u8;
        let values = coded.values.iter();
        match axis.mode {
            Mode::Direct => coded.symbols.extend(values.map(|&v| high(v))),
            Mode::Delta | Mode::Xor => coded.symbols.extend(values.map(|&v| bucket(v))),
            Mode::Mixed => coded.symbols.extend(
                values
                    .zip(&coded.contexts)
                    .map(|(&v, &context)| if context == 0 { bucket(v) } else { high(v) }),
            ),
        }
        coded.axis.symbols = symbols(&coded.symbols);
        coded
    }

    fn counts(&self) -> Vec<Histogram> {
        let contexts = (!self.contexts.is_empty()).then_some(&self.contexts[..]);
        counts(
            &self.symbols,
            contexts,
            self.axis.tables(),
            self.axis.symbols,
        )
    }

    fn write_raw(&self, range: std::ops::Range<usize>, out: &mut Vec<u8>) {
        let values = &self.values[range.clone()];
        if self.axis.mode == Mode::Direct {
            for values in values.chunks(MINI_LEN) {
                let mut mini = [0; MINI_LEN];
                mini[..values.len()].copy_from_slice(values);
                pack(self.axis.shift.into(), &mini, out);
            }
            return;
        }
        let mut bits = BitWriter::new(out);
        for (i, (&v, &symbol)) in values.iter().zip(&self.symbols[range.clone()]).enumerate() {
            let bucket = self.axis.mode != Mode::Mixed || self.contexts[range.start + i] == 0;
            let width = if bucket {
                PixelBucket::WIDTH[usize::from(symbol)].into()
            } else {
                u32::from(self.axis.shift)
            };
            bits.put(u64::from(v) & ((1 << width) - 1), width);
        }
        bits.finish();
        out.resize(out.len().next_multiple_of(2), 0);
    }

    fn write(
        &self,
        encoder: &mut Encoder,
        range: std::ops::Range<usize>,
        raw: &[u8],
        steps: &[Step],
        out: &mut Vec<u8>,
    ) -> usize {
        let symbols = &self.symbols[range.clone()];
        if self.contexts.is_empty() {
            let step = |i: usize| steps[usize::from(symbols[i])];
            stream::write(encoder, range.len(), raw, step, out)
        } else {
            let contexts = &self.contexts[range.clone()];
            let n = self.axis.symbols;
            let step = |i: usize| steps[usize::from(contexts[i]) * n + usize::from(symbols[i])];
            stream::write(encoder, range.len(), raw, step, out)
        }
    }
}

/// Polarities with their contexts.
struct Polarities {
    contexts: Vec<u8>,
    model: PolarityModel,
}

impl Polarities {
    fn new(events: EventSlice<'_>, x_max: u16) -> Self {
        let mut history = History::new();
        let mut contexts = Vec::with_capacity(events.len());
        let mut counts = [[0u32; 2]; CONTEXTS];
        let mut step = [0; LANES];
        let mut polarities = [0; LANES];
        for start in (0..events.len()).step_by(SEGMENT_LEN) {
            let end = events.len().min(start + SEGMENT_LEN);
            history.start(x_max);
            let coded = start + polarity::coded_len(end - start);
            for at in (start..coded).step_by(LANES) {
                let events = events.slice(at..coded.min(at + LANES));
                history.contexts(events.x, events.y, &mut step);
                let polarities = &mut polarities[..events.len()];
                for ((p, &from), &context) in polarities.iter_mut().zip(events.p).zip(&step) {
                    *p = from & 1;
                    counts[usize::from(context) % CONTEXTS][usize::from(*p)] += 1;
                }
                history.remember(polarities);
                contexts.extend_from_slice(&step[..events.len()]);
            }
            contexts.resize(end, 0);
        }
        let total = u64::from(TOTAL);
        let model = counts.map(|[zeros, ones]| {
            let (zeros, ones) = (u64::from(zeros), u64::from(ones));
            let share = (ones * total + (zeros + ones) / 2) / (zeros + ones).max(1);
            share.clamp(1, total - 1) as u16
        });
        Self { contexts, model }
    }
}
