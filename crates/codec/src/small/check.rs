//! What a checker sees of a payload and no decoder needs: a payload is written again with the modes and
//! tables that it has.

use evz_core::{Error, EventSlice, Result};

use super::axis::{Axis, Given, Mode};
use super::axis_choice::Extent;
use super::columns::{Places, Times};
use super::decode::{model, toc};
use super::encode::{Coded, Polarities, write};
use super::head::{Head, epochs};
use super::loops::Loops;
use super::model::Model;
use crate::codec::{Encoded, Payload, check_all, check_same};

/// Symbols of t that stand for numbers of another symbol.
const NO_TIMES: std::ops::RangeInclusive<usize> = 252..=254;

/// Refuses a payload that is not what these events, which it decodes to, make with its modes and tables.
pub(super) fn check(loops: Loops, payload: Payload<'_>, events: EventSlice<'_>) -> Result<Encoded> {
    check_all(payload, events)?;
    let toc = toc(payload)?;
    let Some(last) = toc.segments().checked_sub(1) else {
        return Ok(Encoded::default());
    };
    let model = model(loops, &toc, 3, last)?;
    let coded = code(&model, payload, events, toc.segments())
        .map_err(|what| Error::corrupt("table of contents", what))?;
    let mut again = Vec::with_capacity(payload.bytes.len());
    let encoded = write(&model, &coded, events.p, &mut again);
    check_same(payload, &again).map(|()| encoded)
}

/// The columns as a model codes them, whose fields are what they must be where nothing needs them.
fn code(
    model: &Model,
    payload: Payload<'_>,
    events: EventSlice<'_>,
    segments: usize,
) -> Result<Coded, String> {
    let head = &model.head;
    let (x, y) = (Extent::of(events.x), Extent::of(events.y));
    let ((a, a_values), (b, b_values)) = if head.swap {
        ((x, events.x), (y, events.y))
    } else {
        ((y, events.y), (x, events.x))
    };
    check_head(head, segments, x.max)?;
    check_axis("first", &head.a, segments, a.min)?;
    check_axis("second", &head.b, segments, b.min)?;

    let times = Times::new(events.t, payload.time);
    if head.zigzag != times.zigzag {
        return Err("a flag zigzag that differences do not need, or its lack".to_owned());
    }
    let t = &times.symbols;
    let coded = Coded {
        a: Places::new(head.a, a.min, t, &[], a_values),
        b: Places::new(head.b, a.min, t, a_values, b_values),
        p: Polarities::new(events, head.p, x.max),
        times,
    };
    let symbols = [
        coded.times.n_symbols,
        coded.a.axis.symbols,
        coded.b.axis.symbols,
    ];
    if symbols != [head.t_symbols, head.a.symbols, head.b.symbols] {
        return Err(format!(
            "{:?} symbols of t and both axes, where {symbols:?} occur",
            [head.t_symbols, head.a.symbols, head.b.symbols]
        ));
    }
    let levels = model.tables[0].rows();
    let others = levels.flat_map(|row| row.get(NO_TIMES).unwrap_or_default());
    if others.into_iter().any(|level| *level != 0) {
        return Err("levels of symbols 252 to 254 of t".to_owned());
    }
    let unused = coded.p.counts().map(|[zeros, ones]| zeros + ones == 0);
    if unused
        .iter()
        .zip(&model.p)
        .any(|(unused, p)| *unused && *p != 1)
    {
        return Err("a probability of polarities that nothing needs, and that is not 1".to_owned());
    }
    Ok(coded)
}

fn check_head(head: &Head, segments: usize, x_max: u16) -> Result<(), String> {
    if head.x_max != x_max {
        return Err(format!(
            "the largest x is {}, and {x_max} occurs",
            head.x_max
        ));
    }
    check_span("t", head.t_span, segments)
}

fn check_axis(name: &str, axis: &Axis, segments: usize, least: u16) -> Result<(), String> {
    let plain_given = axis.given == Given::First || (axis.given_shift, axis.given_values) == (0, 1);
    let plain_shift = matches!(axis.mode, Mode::Direct | Mode::Mixed) || axis.shift == 0;
    if !plain_given || !plain_shift || axis.base != least {
        return Err(format!(
            "the {name} axis has fields that mean nothing and are not 0, or a base of {} where the \
             least value is {least}",
            axis.base
        ));
    }
    check_span(name, axis.span, segments)
}

/// A span is no longer than one epoch of all segments makes it.
fn check_span(name: &str, span: u8, segments: usize) -> Result<(), String> {
    match span > 0 && epochs(segments, span - 1) == 1 {
        true => Err(format!(
            "a span of {span} of {name} for {segments} segments"
        )),
        false => Ok(()),
    }
}
