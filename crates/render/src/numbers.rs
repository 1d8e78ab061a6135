//! Which events a selection takes, by their numbers.

use std::ops::Range;

use evz_core::{EventIndex, Result, Selection};

/// The numbers of the selected events, which stand next to each other: in a recording in order, or
/// where no time is selected. Pixels and polarity do not count.
pub(crate) fn numbers(index: &dyn EventIndex, selection: &Selection) -> Result<Range<u64>> {
    let mut numbers = 0..index.extent().n_events;
    if let Some(events) = &selection.events {
        numbers = numbers.start.max(events.start)..numbers.end.min(events.end);
    }
    if let Some(time) = &selection.time {
        let (start, end) = (
            index.events_before(time.start)?,
            index.events_until(time.end)?,
        );
        numbers = numbers.start.max(start)..numbers.end.min(end);
    }
    numbers.end = numbers.end.max(numbers.start);
    Ok(numbers)
}

/// Whether a selection by pixel or polarity leaves some events out.
pub(crate) fn picks(selection: &Selection) -> bool {
    selection.roi.is_some() || selection.polarity.is_some()
}
