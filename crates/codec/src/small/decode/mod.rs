//! Payloads to columns.

mod coordinate;
mod scratch;
mod segment;
mod target;

use std::ops::Range;

use evz_core::{ColumnsMut, Error, Place, Result};

use self::scratch::SCRATCH;
use self::segment::SegmentDecoder;
use super::forever::SEGMENT_LEN;
use super::loops::Loops;
use super::model::{EpochSlots, Model, TABLED};
use super::toc::Toc;
use crate::codec::{Payload, Run, check_request, check_start};

pub(super) fn decode(
    loops: Loops,
    payload: Payload<'_>,
    run: Run<'_>,
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
                SegmentDecoder::new(loops, payload, run, &toc, &model, (number, offset), scratch)?;
            decoder.decode(from - start..to - start, columns)?;
            offset += decoder.segment.len();
            from = to;
        }
        Ok(())
    })
}

/// The lower bounds of times. A segment that holds several of them is decoded once.
pub(super) fn lower_bounds<const N: usize>(
    loops: Loops,
    payload: Payload<'_>,
    times: [i64; N],
) -> Result<[usize; N]> {
    let toc = toc(payload)?;
    let mut bounds = [0; N];
    // The segment before the first that starts at the time or later holds the answer, or ends at it.
    let later = toc.segments_before(payload.time, times)?;
    let segments = later.map(|later| later.checked_sub(1));
    let Some(last) = segments.into_iter().flatten().max() else {
        return Ok(bounds);
    };
    let model = model(loops, &toc, 1, last)?;
    let bytes = payload.bytes;
    let run = Run { start: 0, bytes };
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
                let mut decoder = SegmentDecoder::new(
                    loops,
                    payload,
                    run,
                    &toc,
                    &model,
                    (number, offset),
                    scratch,
                )?;
                let columns = ColumnsMut {
                    t: Some(&mut decoded),
                    ..ColumnsMut::default()
                };
                decoder.decode(0..len, columns)?;
                check_start(toc.starts(payload.time).nth(number), decoded[0])?;
                known = Some(number);
            }
            *bound = number * SEGMENT_LEN + decoded.partition_point(|&v| v < t);
        }
        scratch.times = decoded;
        Ok(bounds)
    })
}

pub(super) fn toc(payload: Payload<'_>) -> Result<Toc<'_>> {
    Toc::new(payload).map_err(|what| Error::corrupt(Place::part("table of contents"), what))
}

/// The model of the first `columns` columns. Of the last of them it has only the tables that
/// segments up to `last` use.
pub(super) fn model(loops: Loops, toc: &Toc<'_>, columns: usize, last: usize) -> Result<Model> {
    Model::read(loops, toc.model, toc.segments(), columns, last)
        .map_err(|what| Error::corrupt(Place::part("table of contents"), what))
}
