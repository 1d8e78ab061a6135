//! When the first and the last of some events are.

use evz_core::{Columns, EventBatch, EventIndex, Result, Selection};

/// Earliest and latest of these times.
pub(crate) fn of_times(t: &[i64]) -> Option<(i64, i64)> {
    let first = *t.first()?;
    let widen = |(a, b): (i64, i64), t: &i64| (a.min(*t), b.max(*t));
    Some(t.iter().fold((first, first), widen))
}

/// Earliest and latest time of the selected events; `events` is memory to work in.
pub(crate) fn of_selected(
    index: &dyn EventIndex,
    selection: &Selection,
    events: &mut EventBatch,
) -> Result<Option<(i64, i64)>> {
    let times = |s: Selection| s.with_columns(Columns::T);
    if let Some(range) = &selection.events
        && index.extent().sorted
        && *selection == Selection::default().with_events(range.clone())
    {
        // Two events tell it, and the rest need not be read.
        let last = range.end.min(index.extent().n_events).saturating_sub(1);
        let mut time_of = |number: u64| -> Result<Option<i64>> {
            let one = Selection::default().with_events(number..number.saturating_add(1));
            Ok(index.read_here(&times(one), events)?.t.first().copied())
        };
        return Ok(time_of(range.start)?.zip(time_of(last)?));
    }
    let mut span: Option<(i64, i64)> = None;
    index.visit(&times(selection.clone()), events, &mut |events| {
        if let Some((first, last)) = of_times(events.t) {
            let (a, b) = span.unwrap_or((first, last));
            span = Some((a.min(first), b.max(last)));
        }
        Ok(())
    })?;
    Ok(span)
}
