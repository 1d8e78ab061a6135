//! Decodes a segment.

use std::ops::Range;

use evz_core::{ColumnsMut, Error, Place, Result};

use super::coordinate::AxisDecoder;
use super::scratch::Scratch;
use super::target::Target;
use crate::codec::{Payload, Run};
use crate::small::axis::Given;
use crate::small::forever::{GROUP_LEN, LANES};
use crate::small::head::PolarityContext;
use crate::small::loops::Loops;
use crate::small::model::Model;
use crate::small::polarity::{coded_len, contexts_before, unchange, unseed};
use crate::small::raw_bits::PADDING;
use crate::small::stream::{Missing, Reader, SHORT};
use crate::small::toc::{NAMES, Segment, Toc};
use crate::small::values::{SegmentClock, time_bits};

/// Numbers of streams.
const T: usize = 0;
const XYP: usize = 1;

/// The decoder of a segment.
pub(super) struct SegmentDecoder<'a, 's> {
    loops: Loops,
    model: &'a Model,
    payload: Payload<'a>,
    pub(super) segment: Segment<'a>,
    number: usize,
    /// Events of the segment.
    len: usize,
    scratch: &'s mut Scratch,
}

impl<'a, 's> SegmentDecoder<'a, 's> {
    /// Of the segment with a number, whose streams start at `offset` behind the table of contents.
    pub(super) fn new(
        loops: Loops,
        payload: Payload<'a>,
        run: Run<'a>,
        toc: &Toc<'_>,
        model: &'a Model,
        (number, offset): (usize, usize),
        scratch: &'s mut Scratch,
    ) -> Result<Self> {
        let segment = toc
            .segment(number, offset, run)
            .map_err(|what| Error::corrupt(Place::part(format!("segment {number}")), what))?;
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
    pub(super) fn decode(&mut self, range: Range<usize>, mut out: ColumnsMut<'_>) -> Result<()> {
        let number = self.number;
        let wrong = |stream: usize, what: String| {
            Error::corrupt(
                Place::part(format!("segment {number}, {}", NAMES[stream])),
                what,
            )
        };
        let head = &self.model.head;
        let places = out.x.is_some() || out.y.is_some() || out.p.is_some();
        let timed = [&head.a, &head.b].map(|axis| axis.given == Given::Time);
        let timed = places && timed.contains(&true);
        // The last polarities stand in the states that the whole segment ends with.
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
