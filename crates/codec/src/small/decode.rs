//! Payloads to columns.

use std::cell::RefCell;
use std::ops::Range;

use evz_core::{ColumnsMut, Error, Result};

use super::contexts::contexts;
use super::head::{Axis, Given};
use super::history::History;
use super::model::{EpochSlots, Model, TABLED};
use super::polarity::{coded_len, polarities, unseed};
use super::simd::Vectors;
use super::stream::{Missing, Reader};
use super::toc::{NAMES, Segment, Toc};
use super::values::{axis_bits, coordinates, time_bits, times};
use super::{LANES, SEGMENT_LEN};
use crate::Payload;
use crate::codec::check_request;

/// Numbers of streams.
const T: usize = 0;
const A: usize = 1;
const B: usize = 2;
const P: usize = 3;

/// Buffers of a thread: to make them anew for each call would take longer than a window.
struct Scratch {
    slots: [EpochSlots; TABLED],
    t: Box<[u8; SEGMENT_LEN]>,
    symbols: Box<[u8; SEGMENT_LEN]>,
    contexts: Box<[u8; SEGMENT_LEN]>,
    a: Box<[u16; SEGMENT_LEN]>,
    b: Box<[u16; SEGMENT_LEN]>,
    p: Box<[u8; SEGMENT_LEN]>,
    raw: Vec<u8>,
    history: History,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch {
        slots: std::array::from_fn(|_| EpochSlots::new()),
        t: Box::new([0; SEGMENT_LEN]),
        symbols: Box::new([0; SEGMENT_LEN]),
        contexts: Box::new([0; SEGMENT_LEN]),
        a: Box::new([0; SEGMENT_LEN]),
        b: Box::new([0; SEGMENT_LEN]),
        p: Box::new([0; SEGMENT_LEN]),
        raw: Vec::new(),
        history: History::new(),
    });
}

/// What is wanted of a payload, and what that takes.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    t: bool,
    a: bool,
    b: bool,
    p: bool,
}

impl Wanted {
    fn first_axis(self) -> bool {
        self.a || self.second_axis()
    }

    fn second_axis(self) -> bool {
        self.b || self.p
    }

    fn time_symbols(self, a: &Axis, b: &Axis) -> bool {
        self.t
            || self.first_axis() && a.given == Given::Time
            || self.second_axis() && b.given == Given::Time
    }
}

pub(super) fn decode(
    vectors: Option<Vectors>,
    payload: Payload<'_>,
    range: Range<usize>,
    mut out: ColumnsMut<'_>,
) -> Result<()> {
    check_request(payload, &range, &out)?;
    let toc = toc(payload)?;
    if range.is_empty() {
        return Ok(());
    }
    let columns = if out.x.is_some() || out.y.is_some() || out.p.is_some() {
        TABLED
    } else {
        1
    };
    let model = model(vectors, &toc, columns)?;
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
            let segment = toc
                .segment(number, offset)
                .map_err(|what| Error::corrupt(format!("segment {number}"), what))?;
            let mut decoder = SegmentDecoder {
                vectors,
                model: &model,
                payload,
                segment,
                number,
                len: toc.len_of(number),
                scratch,
            };
            decoder.decode(from - start..to - start, columns)?;
            offset += segment.len();
            from = to;
        }
        Ok(())
    })
}

pub(super) fn lower_bound(vectors: Option<Vectors>, payload: Payload<'_>, t: i64) -> Result<usize> {
    let toc = toc(payload)?;
    // The segment before the first that starts at `t` or later holds the answer, or ends at it.
    let later = toc.partition_point(|t_first| payload.time.tick(t_first) < t);
    let Some(number) = later.checked_sub(1) else {
        return Ok(0);
    };
    let start = number * SEGMENT_LEN;
    let len = toc.len_of(number);
    let mut times = [0; SEGMENT_LEN];
    let times = &mut times[..len];
    let out = ColumnsMut {
        t: Some(&mut *times),
        ..ColumnsMut::default()
    };
    decode(vectors, payload, start..start + len, out)?;
    Ok(start + times.partition_point(|&v| v < t))
}

fn toc(payload: Payload<'_>) -> Result<Toc<'_>> {
    Toc::new(payload).map_err(|what| Error::corrupt("table of contents", what))
}

fn model(vectors: Option<Vectors>, toc: &Toc<'_>, columns: usize) -> Result<Model> {
    Model::read(vectors, toc.model, toc.segments(), columns)
        .map_err(|what| Error::corrupt("table of contents", what))
}

struct SegmentDecoder<'a, 's> {
    vectors: Option<Vectors>,
    model: &'a Model,
    payload: Payload<'a>,
    segment: Segment<'a>,
    number: usize,
    /// Events of the segment.
    len: usize,
    scratch: &'s mut Scratch,
}

impl SegmentDecoder<'_, '_> {
    /// Decodes a range of the segment that is not empty.
    fn decode(&mut self, range: Range<usize>, mut out: ColumnsMut<'_>) -> Result<()> {
        // Steps are decoded whole.
        let some = range.end.next_multiple_of(LANES).min(self.len);
        for to in [some, self.len] {
            match self.decode_to(to, range.clone(), &mut out) {
                Ok(()) => return Ok(()),
                Err((_, Missing::Later)) if to < self.len => {}
                Err((stream, missing)) => {
                    let place = format!("segment {}, {}", self.number, NAMES[stream]);
                    return Err(Error::corrupt(
                        place,
                        match missing {
                            Missing::Wrong(what) => what,
                            Missing::Later => "raw bits are missing".to_owned(),
                        },
                    ));
                }
            }
        }
        unreachable!("the whole segment gives a result");
    }

    /// Decodes the first `to` events of the streams that are needed; an error names its stream.
    fn decode_to(
        &mut self,
        to: usize,
        range: Range<usize>,
        out: &mut ColumnsMut<'_>,
    ) -> std::result::Result<(), (usize, Missing)> {
        let head = &self.model.head;
        let (x, y) = (out.x.is_some(), out.y.is_some());
        let wanted = Wanted {
            t: out.t.is_some(),
            a: if head.swap { x } else { y },
            b: if head.swap { y } else { x },
            p: out.p.is_some(),
        };
        if wanted.time_symbols(&head.a, &head.b) {
            let t = out.t.as_deref_mut();
            self.times(to, range.clone(), t).map_err(|e| (T, e))?;
        }
        if wanted.first_axis() {
            self.axis(A, to).map_err(|e| (A, e))?;
        }
        if wanted.second_axis() {
            self.axis(B, to).map_err(|e| (B, e))?;
        }
        let scratch = &mut *self.scratch;
        let (x, y) = if head.swap {
            (&scratch.a, &scratch.b)
        } else {
            (&scratch.b, &scratch.a)
        };
        if let Some(out) = out.x.as_deref_mut() {
            out.copy_from_slice(&x[range.clone()]);
        }
        if let Some(out) = out.y.as_deref_mut() {
            out.copy_from_slice(&y[range.clone()]);
        }
        if let Some(out) = out.p.as_deref_mut() {
            (|| {
                let mut reader = Reader::new(self.segment.stream(P)?, self.len)?;
                scratch.history.start(head.x_max);
                let p = &mut scratch.p[..to];
                let coded = coded_len(self.len);
                let (p, last) = p.split_at_mut(coded.min(to));
                polarities(
                    self.vectors,
                    &mut reader.lanes,
                    &self.model.p,
                    &mut scratch.history,
                    &x[..p.len()],
                    &y[..p.len()],
                    p,
                )
                .map_err(|_| "the words end too early".to_owned())?;
                if to >= coded {
                    unseed(&reader.lanes.states, last);
                    reader.finish()?;
                }
                Ok(())
            })()
            .map_err(|what| (P, Missing::Wrong(what)))?;
            out.copy_from_slice(&scratch.p[range]);
        }
        Ok(())
    }

    /// Decodes the symbols of time, and times where they are wanted.
    fn times(
        &mut self,
        to: usize,
        range: Range<usize>,
        out: Option<&mut [i64]>,
    ) -> std::result::Result<(), Missing> {
        let stream = self.segment.stream(T).map_err(Missing::Wrong)?;
        let scratch = &mut *self.scratch;
        let head = &self.model.head;
        let slots = scratch.slots[T].of(&self.model.tables[T], self.number >> head.t_span);
        let symbols = &mut scratch.t[..to];
        let mut reader = Reader::new(stream, self.len).map_err(Missing::Wrong)?;
        reader
            .symbols(self.vectors, slots, None, symbols)
            .map_err(Missing::Wrong)?;
        if let Some(out) = out {
            reader.raw(time_bits(symbols), &mut scratch.raw)?;
            let time = self.payload.time;
            let first = time.tick(self.segment.entry.t_first);
            let divisor = time.divisor as i64;
            let symbols = &symbols[..range.end];
            let raw = &scratch.raw;
            let from = range.start;
            match self.vectors {
                Some(vectors) => {
                    vectors.times(symbols, raw, head.zigzag, divisor, first, from, out);
                }
                None => times(symbols, raw, head.zigzag, divisor, first, from, out),
            }
        }
        Ok(())
    }

    /// Decodes a coordinate.
    fn axis(&mut self, number: usize, to: usize) -> std::result::Result<(), Missing> {
        let stream = self.segment.stream(number).map_err(Missing::Wrong)?;
        let scratch = &mut *self.scratch;
        let head = &self.model.head;
        let axis = if number == A { &head.a } else { &head.b };
        let slots = scratch.slots[number].of(&self.model.tables[number], self.number >> axis.span);
        let symbols = &mut scratch.symbols[..to];
        let (first, values) = if number == A {
            (&[][..], &mut scratch.a[..to])
        } else {
            (&scratch.a[..to], &mut scratch.b[..to])
        };
        let contexts = contexts(
            axis,
            head.a.base,
            &scratch.t[..to],
            first,
            &mut scratch.contexts[..to],
        );
        let mut reader = Reader::new(stream, self.len).map_err(Missing::Wrong)?;
        reader
            .symbols(self.vectors, slots, contexts, symbols)
            .map_err(Missing::Wrong)?;
        reader.raw(axis_bits(axis, symbols, contexts), &mut scratch.raw)?;
        match self.vectors {
            Some(vectors) => vectors.coordinates(axis, symbols, contexts, &scratch.raw, values),
            None => coordinates(axis, symbols, contexts, &scratch.raw, values),
        }
        Ok(())
    }
}
