//! Payloads to columns.

use std::cell::RefCell;
use std::ops::Range;

use evz_core::{ColumnsMut, Error, Result};

use super::axis::{Axis, Given};
use super::forever::{GROUP_LEN, LANES, SEGMENT_LEN};
use super::head::PolarityContext;
use super::history::History;
use super::loops::Loops;
use super::model::{EpochSlots, Model, TABLED};
use super::polarity::{coded_len, contexts_before, unchange, unseed};
use super::raw_bits::PADDING;
use super::slots::ColumnSlots;
use super::stream::{Missing, Reader, SHORT};
use super::toc::{NAMES, Segment, Toc};
use super::values::{SegmentClock, Walk, time_bits};
use crate::codec::{Payload, check_request};

/// Numbers of streams.
const T: usize = 0;
const XYP: usize = 1;

/// Buffers of a thread: to make them anew for each call would take longer than a window.
struct Scratch {
    slots: [EpochSlots; TABLED],
    /// Times of a segment, where only their order matters.
    times: Vec<i64>,
    /// Symbols of a segment's times.
    t: Box<[u8; SEGMENT_LEN]>,
    /// Raw bits of times, of the first axis, of the second.
    raw: [Vec<u8>; 3],
    group: Group,
    history: History,
}

/// Columns of a group.
struct Group {
    symbols: [u8; GROUP_LEN],
    contexts: [u8; GROUP_LEN],
    x: [u16; GROUP_LEN],
    y: [u16; GROUP_LEN],
    p: [u8; GROUP_LEN],
}

thread_local! {
    static SCRATCH: RefCell<Box<Scratch>> = RefCell::new(Box::new(Scratch {
        slots: std::array::from_fn(|_| EpochSlots::new()),
        times: Vec::new(),
        t: Box::new([0; SEGMENT_LEN]),
        raw: Default::default(),
        group: Group {
            symbols: [0; GROUP_LEN],
            contexts: [0; GROUP_LEN],
            x: [0; GROUP_LEN],
            y: [0; GROUP_LEN],
            p: [0; GROUP_LEN],
        },
        history: History::new(),
    }));
}

pub(super) fn decode(
    loops: Loops,
    payload: Payload<'_>,
    range: Range<usize>,
    mut out: ColumnsMut<'_>,
) -> Result<()> {
    check_request(payload, &range, &out)?;
    let toc = toc(payload)?;
    if range.is_empty() {
        return Ok(());
    }
    let places = out.x.is_some() || out.y.is_some() || out.p.is_some();
    let columns = if places { TABLED } else { 1 };
    let model = model(loops, &toc, columns, (range.end - 1) / SEGMENT_LEN)?;
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.slots.iter_mut().for_each(EpochSlots::clear);
        let mut from = range.start;
        let mut offset = toc.offset(from / SEGMENT_LEN);
        while from < range.end {
            let number = from / SEGMENT_LEN;
            let start = number * SEGMENT_LEN;
            let to = range.end.min(start.saturating_add(SEGMENT_LEN));
            let at = from - range.start..to - range.start;
            let columns = ColumnsMut {
                t: out.t.as_deref_mut().map(|c| &mut c[at.clone()]),
                x: out.x.as_deref_mut().map(|c| &mut c[at.clone()]),
                y: out.y.as_deref_mut().map(|c| &mut c[at.clone()]),
                p: out.p.as_deref_mut().map(|c| &mut c[at]),
            };
            let mut decoder =
                SegmentDecoder::new(loops, payload, &toc, &model, (number, offset), scratch)?;
            decoder.decode(from - start..to - start, columns)?;
            offset += decoder.segment.len();
            from = to;
        }
        Ok(())
    })
}

/// The lower bounds of some times; those in one segment decode it once.
pub(super) fn lower_bounds<const N: usize>(
    loops: Loops,
    payload: Payload<'_>,
    times: [i64; N],
) -> Result<[usize; N]> {
    let toc = toc(payload)?;
    let mut bounds = [0; N];
    // The segment before the first that starts at the time or later holds the answer, or ends at it.
    let segments = times.map(|t| {
        toc.partition_point(|t_first| payload.time.tick(t_first) < t)
            .checked_sub(1)
    });
    let Some(last) = segments.into_iter().flatten().max() else {
        return Ok(bounds);
    };
    let model = model(loops, &toc, 1, last)?;
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.slots.iter_mut().for_each(EpochSlots::clear);
        let mut decoded = std::mem::take(&mut scratch.times);
        let mut known = None;
        for ((bound, t), segment) in bounds.iter_mut().zip(times).zip(segments) {
            let Some(number) = segment else {
                continue;
            };
            let len = toc.len_of(number);
            decoded.resize(len, 0);
            if known != Some(number) {
                let offset = toc.offset(number);
                let mut decoder =
                    SegmentDecoder::new(loops, payload, &toc, &model, (number, offset), scratch)?;
                let columns = ColumnsMut {
                    t: Some(&mut decoded),
                    ..ColumnsMut::default()
                };
                decoder.decode(0..len, columns)?;
                known = Some(number);
            }
            *bound = number * SEGMENT_LEN + decoded.partition_point(|&v| v < t);
        }
        scratch.times = decoded;
        Ok(bounds)
    })
}

fn toc(payload: Payload<'_>) -> Result<Toc<'_>> {
    Toc::new(payload).map_err(|what| Error::corrupt("table of contents", what))
}

/// The model of the first `columns` columns, as far as segments up to `last` need it.
fn model(loops: Loops, toc: &Toc<'_>, columns: usize, last: usize) -> Result<Model> {
    Model::read(loops, toc.model, toc.segments(), columns, last)
        .map_err(|what| Error::corrupt("table of contents", what))
}

struct SegmentDecoder<'a, 's> {
    loops: Loops,
    model: &'a Model,
    payload: Payload<'a>,
    segment: Segment<'a>,
    number: usize,
    /// Events of the segment.
    len: usize,
    scratch: &'s mut Scratch,
}

impl<'a, 's> SegmentDecoder<'a, 's> {
    /// Of the segment with a number, whose streams start at `offset` behind the table of contents.
    fn new(
        loops: Loops,
        payload: Payload<'a>,
        toc: &Toc<'a>,
        model: &'a Model,
        (number, offset): (usize, usize),
        scratch: &'s mut Scratch,
    ) -> Result<Self> {
        let segment = toc
            .segment(number, offset)
            .map_err(|what| Error::corrupt(format!("segment {number}"), what))?;
        Ok(Self {
            loops,
            model,
            payload,
            segment,
            number,
            len: toc.len_of(number),
            scratch,
        })
    }

    /// Decodes a range of the segment that is not empty.
    fn decode(&mut self, range: Range<usize>, mut out: ColumnsMut<'_>) -> Result<()> {
        let number = self.number;
        let wrong = |stream: usize, what: String| {
            Error::corrupt(format!("segment {number}, {}", NAMES[stream]), what)
        };
        let head = &self.model.head;
        let places = out.x.is_some() || out.y.is_some() || out.p.is_some();
        let timed = [&head.a, &head.b].map(|axis| axis.given == Given::Time);
        let timed = places && timed.contains(&true);
        // The last polarities are known when all is decoded.
        let last = out.p.is_some() && range.end > coded_len(self.len);
        let groups = if last {
            self.len
        } else {
            range.end.next_multiple_of(GROUP_LEN).min(self.len)
        };
        if out.t.is_some() || timed {
            let steps = range.end.next_multiple_of(LANES).min(self.len);
            let some = if timed { groups } else { steps };
            for to in [some, self.len] {
                match self.times(to, range.clone(), out.t.as_deref_mut()) {
                    Ok(()) => break,
                    Err(Missing::Later) if to < self.len => {}
                    Err(Missing::Later) => return Err(wrong(T, "raw bits are missing".to_owned())),
                    Err(Missing::Wrong(what)) => return Err(wrong(T, what)),
                }
            }
        }
        if places {
            self.places(groups, range, &mut out)
                .map_err(|what| wrong(XYP, what))?;
        }
        Ok(())
    }

    /// Decodes the first `to` symbols of time, and times where they are wanted.
    fn times(
        &mut self,
        to: usize,
        range: Range<usize>,
        out: Option<&mut [i64]>,
    ) -> std::result::Result<(), Missing> {
        let bytes = self.segment.stream(T).map_err(Missing::Wrong)?;
        let raw_len = self.segment.entry.raw_len[0].into();
        let mut reader = Reader::new(bytes, raw_len, self.len).map_err(Missing::Wrong)?;
        let scratch = &mut *self.scratch;
        let head = &self.model.head;
        let epoch = self.number >> head.t_span;
        let slots = scratch.slots[0].of(self.loops, &self.model.tables[0], epoch);
        let symbols = &mut scratch.t[..to];
        reader
            .symbols(self.loops, slots, None, symbols)
            .map_err(Missing::Wrong)?;
        let at_end = to == self.len;
        if at_end {
            reader.check_end().map_err(Missing::Wrong)?;
        }
        if let Some(out) = out {
            let raw = &mut scratch.raw[0];
            reader.raw_times(time_bits(symbols), at_end, raw)?;
            let time = self.payload.time;
            let clock = SegmentClock {
                zigzag: head.zigzag,
                divisor: time.divisor as i64,
                first: time.tick(self.segment.entry.t_first),
            };
            let symbols = &symbols[..range.end];
            self.loops.times(clock, symbols, raw, range.start, out);
        }
        Ok(())
    }

    /// Decodes the first `to` coordinates and polarities, group by group.
    fn places(
        &mut self,
        to: usize,
        range: Range<usize>,
        out: &mut ColumnsMut<'_>,
    ) -> std::result::Result<(), String> {
        let head = &self.model.head;
        let raw_len: [_; 3] = self.segment.entry.raw_len.map(usize::from);
        let bytes = self.segment.stream(XYP)?;
        let mut reader = Reader::new(bytes, raw_len[1] + raw_len[2], self.len)?;
        let Scratch {
            slots: [_, a_slots, b_slots],
            t,
            raw: [_, a_raw, b_raw],
            group,
            history,
            ..
        } = &mut *self.scratch;
        let (a_stored, b_stored) = reader.stored.split_at(raw_len[1]);
        for (raw, stored) in [(&mut *a_raw, a_stored), (&mut *b_raw, b_stored)] {
            raw.clear();
            raw.extend_from_slice(stored);
            raw.resize(stored.len() + PADDING, 0);
        }
        let slots = [(a_slots, &head.a, 1), (b_slots, &head.b, 2)].map(|(slots, axis, column)| {
            let epoch = self.number >> axis.span;
            slots.of(self.loops, &self.model.tables[column], epoch)
        });
        let mut a_decoder = AxisDecoder::new(self.loops, &head.a, head.a.base, slots[0], a_raw);
        let mut b_decoder = AxisDecoder::new(self.loops, &head.b, head.a.base, slots[1], b_raw);
        if head.p == PolarityContext::History {
            history.start(head.x_max);
        }
        let coded = coded_len(self.len);
        let (mut before, mut p_before) = (None, 0);
        for start in (0..to).step_by(GROUP_LEN) {
            let n = GROUP_LEN.min(to - start);
            let all = start..start + n;
            let x = Target::new(&mut out.x, &range, all.clone(), &mut group.x);
            let y = Target::new(&mut out.y, &range, all.clone(), &mut group.y);
            let p = Target::new(&mut out.p, &range, all.clone(), &mut group.p);
            let t = &t[all];
            let (a, b) = if head.swap {
                (&mut *x.values, &mut *y.values)
            } else {
                (&mut *y.values, &mut *x.values)
            };
            let first_before = before.map(|(x, y)| if head.swap { x } else { y });
            let buffers = (&mut group.symbols[..n], &mut group.contexts[..n]);
            a_decoder.decode(&mut reader, t, &[], None, buffers, a)?;
            let buffers = (&mut group.symbols[..n], &mut group.contexts[..n]);
            b_decoder.decode(&mut reader, t, a, first_before, buffers, b)?;

            let n = n.min(coded.saturating_sub(start));
            let (px, py, pp) = (&x.values[..n], &y.values[..n], &mut p.values[..n]);
            let (loops, lanes, model) = (self.loops, &mut reader.lanes, &self.model.p);
            match head.p {
                PolarityContext::History => {
                    loops.polarities_by_history(lanes, model, history, (px, py), pp)
                }
                PolarityContext::Before => {
                    let contexts = &mut group.contexts[..n];
                    contexts_before(px, py, before, contexts);
                    loops.polarities_by_contexts(lanes, model, contexts, pp)
                }
            }
            .map_err(|_| SHORT.to_owned())?;
            if head.p == PolarityContext::Before {
                unchange(&mut p_before, pp);
            }
            before = x.values.last().copied().zip(y.values.last().copied());
            x.finish();
            y.finish();
            p.finish();
        }
        if to < self.len {
            return Ok(());
        }
        reader.check_end()?;
        a_decoder.check_end(raw_len[1])?;
        b_decoder.check_end(raw_len[2])?;
        if let Some(out) = &mut out.p
            && range.end > coded
        {
            let mut last = [0; 16 * LANES];
            let last = &mut last[..self.len - coded];
            unseed(&reader.lanes.states, last);
            let wanted = coded.max(range.start)..range.end;
            out[wanted.start - range.start..]
                .copy_from_slice(&last[wanted.start - coded..wanted.end - coded]);
        }
        Ok(())
    }
}

/// Where a column of a group is decoded to.
struct Target<'a, T> {
    /// The group's values.
    values: &'a mut [T],
    /// Those of them that are wanted, and where they go, unless the column has room for the group.
    copy: Option<(Range<usize>, &'a mut [T])>,
}

impl<'a, T: Copy> Target<'a, T> {
    /// Of a group `all`, if a column `out` is wanted for `range`.
    fn new(
        out: &'a mut Option<&mut [T]>,
        range: &Range<usize>,
        all: Range<usize>,
        scratch: &'a mut [T; GROUP_LEN],
    ) -> Self {
        let values = &mut scratch[..all.len()];
        let wanted = all.start.max(range.start)..all.end.min(range.end);
        let Some(out) = out.as_deref_mut().filter(|_| !wanted.is_empty()) else {
            return Self { values, copy: None };
        };
        let out = &mut out[wanted.start - range.start..wanted.end - range.start];
        if wanted == all {
            return Self {
                values: out,
                copy: None,
            };
        }
        let wanted = wanted.start - all.start..wanted.end - all.start;
        Self {
            values,
            copy: Some((wanted, out)),
        }
    }

    fn finish(self) {
        if let Some((wanted, out)) = self.copy {
            out.copy_from_slice(&self.values[wanted]);
        }
    }
}

/// Decodes a coordinate, some events at a time.
struct AxisDecoder<'a> {
    loops: Loops,
    axis: &'a Axis,
    /// The base of the first axis.
    first_base: u16,
    slots: ColumnSlots<'a>,
    raw: &'a [u8],
    walk: Walk,
}

impl<'a> AxisDecoder<'a> {
    fn new(
        loops: Loops,
        axis: &'a Axis,
        first_base: u16,
        slots: ColumnSlots<'a>,
        raw: &'a [u8],
    ) -> Self {
        Self {
            loops,
            axis,
            first_base,
            slots,
            raw,
            walk: Walk::default(),
        }
    }

    /// Decodes as many events as a multiple of 256, or all that are left; `t`, `first` and `before`
    /// are as in [`contexts`].
    fn decode(
        &mut self,
        reader: &mut Reader<'_>,
        t: &[u8],
        first: &[u16],
        before: Option<u16>,
        (symbols, some): (&mut [u8], &mut [u8]),
        out: &mut [u16],
    ) -> std::result::Result<(), String> {
        let (loops, axis) = (self.loops, self.axis);
        let contexts = loops.contexts(axis, self.first_base, t, first, before, some);
        reader.symbols(loops, self.slots, contexts, symbols)?;
        let (walk, raw) = (&mut self.walk, self.raw);
        loops.coordinates(axis, walk, symbols, contexts, raw, out);
        if self.walk.at > 8 * (self.raw.len() - PADDING) {
            return Err("the raw bits end too early".to_owned());
        }
        Ok(())
    }

    /// Behind the last event: were these all the raw bits?
    fn check_end(&self, raw_len: usize) -> std::result::Result<(), String> {
        let needed = self.walk.at.div_ceil(16) * 2;
        if needed == raw_len {
            return Ok(());
        }
        Err(format!(
            "{raw_len} raw bytes, but its symbols make {needed}"
        ))
    }
}
