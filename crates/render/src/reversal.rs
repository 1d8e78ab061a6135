//! Windows in which time runs backwards.

use evz_core::{EventBatch, EventSlice};

use crate::paint::Clock;

/// The events of a window as if time ran backwards in it, in memory that is given, and the times of its clock.
pub(crate) fn mirror<'a>(
    events: EventSlice<'_>,
    clock: &mut Clock,
    mirrored: &'a mut EventBatch,
) -> EventSlice<'a> {
    let start = clock.window.start;
    // The largest time stands for no end, and may be that of an event.
    let last = match clock.window.end {
        i64::MAX => i64::MAX,
        end => end.wrapping_sub(1),
    };
    // The sum of both may pass what a time holds, and what comes of it does not.
    let image = |t: i64| start.wrapping_add(last.wrapping_sub(t));
    (clock.first, clock.last) = (image(clock.last), image(clock.first));
    mirrored.clear();
    mirrored.t.extend(events.t.iter().rev().map(|t| image(*t)));
    mirrored.x.extend(events.x.iter().rev());
    mirrored.y.extend(events.y.iter().rev());
    mirrored.p.extend(events.p.iter().rev().map(|p| p ^ 1));
    mirrored.as_slice()
}
