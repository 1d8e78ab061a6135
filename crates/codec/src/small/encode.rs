//! Columns to payloads.

use std::ops::Range;

use evz_core::EventSlice;

use super::axis_choice::{AxisChoice, Extent};
use super::columns::{Places, Times};
use super::encoder::{Encoder, Step};
use super::forever::{GROUP_LEN, LANES, SEGMENT_LEN, TOTAL, TOTAL_BITS};
use super::frequency::shares;
use super::head::{Head, PolarityContext};
use super::history::History;
use super::model::Model;
use super::polarity::{self, CONTEXTS, PolarityModel};
use super::sample::Sample;
use super::span;
use super::stream;
use super::tables::Tables;
use super::toc::{ENTRY_SIZE, Entry, STREAM_ALIGN};
use crate::codec::Encoded;
use crate::time::ChunkTime;

pub(super) fn encode(
    events: EventSlice<'_>,
    time: ChunkTime,
    by: PolarityContext,
    out: &mut Vec<u8>,
) -> Encoded {
    let n = events.len();
    assert!(
        events.t.len() == n && events.x.len() == n && events.y.len() == n && events.p.len() == n,
        "columns of one length"
    );
    if n == 0 {
        return Encoded::default();
    }
    let times = Times::new(events.t, time);
    let sample = Sample::new(events, &times.symbols);
    let (x, y) = (Extent::of(events.x), Extent::of(events.y));
    let axes = AxisChoice::new(&sample, x, y);
    let ((a, a_extent), (b, _)) = if axes.swap {
        ((events.x, x), (events.y, y))
    } else {
        ((events.y, y), (events.x, x))
    };
    let mut a = Places::new(axes.a, a_extent.min, &times.symbols, &[], a);
    let mut b = Places::new(
        axes.b,
        a_extent.min,
        &times.symbols,
        if axes.swap { events.x } else { events.y },
        b,
    );

    let mut head = Head {
        swap: axes.swap,
        zigzag: times.zigzag,
        t_symbols: times.n_symbols,
        t_span: 0,
        p: by,
        a: a.axis,
        b: b.axis,
        x_max: x.max,
        bits_len: 0,
    };
    let (t_span, t_tables) = span::choose(&times.counts());
    head.t_span = t_span;
    let (a_span, a_tables) = span::choose(&a.counts());
    let (b_span, b_tables) = span::choose(&b.counts());
    (a.axis.span, b.axis.span) = (a_span, b_span);
    (head.a, head.b) = (a.axis, b.axis);
    let p = Polarities::new(events, by, x.max);
    let model = Model {
        head,
        p: p.model(),
        tables: vec![t_tables, a_tables, b_tables],
    };
    let coded = Coded { times, a, b, p };
    write(&model, &coded, events.p, out)
}

/// The columns of a chunk as a model codes them.
pub(super) struct Coded {
    pub(super) times: Times,
    pub(super) a: Places,
    pub(super) b: Places,
    pub(super) p: Polarities,
}

/// Appends the payload of columns, of which there is an event; `polarities` are those of the events.
pub(super) fn write(model: &Model, coded: &Coded, polarities: &[u8], out: &mut Vec<u8>) -> Encoded {
    let Coded { times, a, b, p } = coded;
    let (head, n) = (&model.head, polarities.len());
    let start_of_payload = out.len();
    let segments = n.div_ceil(SEGMENT_LEN);
    let mut encoder = Encoder::new();
    out.resize(start_of_payload + segments * ENTRY_SIZE, 0);
    model.write(&mut encoder, out);
    out.resize(
        start_of_payload + (out.len() - start_of_payload).next_multiple_of(STREAM_ALIGN),
        0,
    );
    let toc_len = out.len() - start_of_payload;

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
    let mut both_raw = Vec::new();
    let mut column_bytes = [0; 4];
    for number in 0..segments {
        let range = number * SEGMENT_LEN..n.min((number + 1) * SEGMENT_LEN);
        let len = range.len();
        let (t_raw, a_raw, b_raw) = (times.raw.of(number), a.raw.of(number), b.raw.of(number));
        let mut entry = Entry {
            t_first: times.first[number],
            ..Entry::default()
        };

        let t_start = out.len();
        let symbols = &times.symbols[range.clone()];
        let t_steps = steps[0].of(number >> head.t_span);
        let step = |i: usize| t_steps[usize::from(symbols[i])];
        let stored = stream::write(&mut encoder, len, t_raw, step, out);
        column_bytes[0] += out.len() - t_start;

        let start = out.len();
        let coded = range.start + polarity::coded_len(len);
        encoder.start(3 * len, &polarity::seeds(&polarities[coded..range.end]));
        let a_steps = steps[1].of(number >> head.a.span);
        let b_steps = steps[2].of(number >> head.b.span);
        for group in (range.clone()).step_by(GROUP_LEN).rev() {
            let group = group..range.end.min(group + GROUP_LEN);
            let mut words = encoder.words();
            let mut coded_by = |encoder: &Encoder, column: usize| {
                column_bytes[column] += 2 * (encoder.words() - words);
                words = encoder.words();
            };
            p.write(&mut encoder, group.start..group.end.min(coded), &p_steps);
            coded_by(&encoder, 3);
            write_places(b, &mut encoder, group.clone(), b_steps);
            coded_by(&encoder, 2);
            write_places(a, &mut encoder, group, a_steps);
            coded_by(&encoder, 1);
        }
        column_bytes[1] += a_raw.len();
        column_bytes[2] += b_raw.len();
        both_raw.clear();
        both_raw.extend_from_slice(a_raw);
        both_raw.extend_from_slice(b_raw);
        stream::finish(&encoder, len, &both_raw, out);

        for (stream, bytes) in [&out[t_start..start], &out[start..]]
            .into_iter()
            .enumerate()
        {
            entry.crc[stream] = crc32fast::hash(bytes);
            entry.units[stream] = (bytes.len() / STREAM_ALIGN) as u16;
        }
        entry.raw_len = [stored, a_raw.len(), b_raw.len()].map(|len| len as u16);
        let at = start_of_payload + number * ENTRY_SIZE;
        out[at..at + ENTRY_SIZE].copy_from_slice(&entry.write());
    }
    // What is left are the states, which hold the last polarities.
    column_bytes[3] =
        out.len() - start_of_payload - toc_len - column_bytes.iter().take(3).sum::<usize>();
    let to_u32 = |len| u32::try_from(len).expect("a payload is shorter than 4 GiB");
    let [t, first, second, p] = column_bytes;
    let (x, y) = if head.swap {
        (first, second)
    } else {
        (second, first)
    };
    Encoded {
        toc_len: to_u32(toc_len),
        column_bytes: [to_u32(t + toc_len), to_u32(x), to_u32(y), to_u32(p)],
    }
}

/// How to encode the symbols of a column.
struct Steps {
    steps: Vec<Step>,
    /// Number of steps of an epoch.
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

/// Encodes a coordinate.
fn write_places(places: &Places, encoder: &mut Encoder, range: Range<usize>, steps: &[Step]) {
    let symbols = &places.symbols[range.clone()];
    if places.contexts.is_empty() {
        encoder.encode(range.len(), |i| steps[usize::from(symbols[i])]);
    } else {
        let contexts = &places.contexts[range.clone()];
        let n = places.axis.symbols;
        encoder.encode(range.len(), |i| {
            steps[usize::from(contexts[i]) * n + usize::from(symbols[i])]
        });
    }
}

/// Polarities with their contexts.
pub(super) struct Polarities {
    /// What is coded: polarities, or changes of them.
    bits: Vec<u8>,
    contexts: Vec<u8>,
}

impl Polarities {
    /// Those of events with contexts of this kind; `x_max` is the chunk's.
    pub(super) fn new(events: EventSlice<'_>, by: PolarityContext, x_max: u16) -> Self {
        match by {
            PolarityContext::History => Self::by_history(events, x_max),
            PolarityContext::Before => Self::by_before(events),
        }
    }

    fn by_history(events: EventSlice<'_>, x_max: u16) -> Self {
        let mut history = History::new();
        let bits: Vec<u8> = events.p.iter().map(|p| p & 1).collect();
        let mut contexts = Vec::with_capacity(bits.len());
        for start in (0..bits.len()).step_by(SEGMENT_LEN) {
            let end = bits.len().min(start + SEGMENT_LEN);
            history.start(x_max);
            let coded = start + polarity::coded_len(end - start);
            for at in (start..coded).step_by(LANES) {
                let range = at..coded.min(at + LANES);
                let (x, y) = (&events.x[range.clone()], &events.y[range.clone()]);
                let cells = history.cells(&polarity::step(x), &polarity::step(y));
                contexts.extend_from_slice(&history.contexts(&cells)[..range.len()]);
                history.remember(&cells, &bits[range]);
            }
            contexts.resize(end, 0);
        }
        Self { bits, contexts }
    }

    fn by_before(events: EventSlice<'_>) -> Self {
        let mut bits = Vec::with_capacity(events.len());
        let mut contexts = vec![0; events.len()];
        for start in (0..events.len()).step_by(SEGMENT_LEN) {
            let range = start..events.len().min(start + SEGMENT_LEN);
            let (x, y) = (&events.x[range.clone()], &events.y[range.clone()]);
            polarity::contexts_before(x, y, None, &mut contexts[range.clone()]);
            let p = &events.p[range];
            let before = std::iter::once(&0).chain(p);
            bits.extend(before.zip(p).map(|(before, p)| (before ^ p) & 1));
        }
        Self { bits, contexts }
    }

    /// How often each bit is coded in each context.
    pub(super) fn counts(&self) -> [[u32; 2]; CONTEXTS] {
        let mut counts = [[0u32; 2]; CONTEXTS];
        let bits = self.bits.chunks(SEGMENT_LEN);
        for (bits, contexts) in bits.zip(self.contexts.chunks(SEGMENT_LEN)) {
            let coded = polarity::coded_len(bits.len());
            for (&bit, &context) in bits[..coded].iter().zip(contexts) {
                counts[usize::from(context)][usize::from(bit)] += 1;
            }
        }
        counts
    }

    fn model(&self) -> PolarityModel {
        let total = u64::from(TOTAL);
        self.counts().map(|[zeros, ones]| {
            let (zeros, ones) = (u64::from(zeros), u64::from(ones));
            let share = (ones * total + (zeros + ones) / 2) / (zeros + ones).max(1);
            share.clamp(1, total - 1) as u16
        })
    }

    fn write(&self, encoder: &mut Encoder, range: Range<usize>, steps: &[[Step; 2]]) {
        if range.is_empty() {
            return;
        }
        let (contexts, bits) = (&self.contexts[range.clone()], &self.bits[range.clone()]);
        encoder.encode(range.len(), |i| {
            steps[usize::from(contexts[i])][usize::from(bits[i])]
        });
    }
}
