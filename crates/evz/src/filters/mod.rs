//! What is done to events while they are read: each filter is a source that changes another.

mod background;
mod changed;
mod chosen;
mod crop;
mod decimate;
mod hot_pixels;
mod pixel_counts;
mod pixel_map;
mod refractory;

use evz_core::{Error, EventSource, Filter, Result, StreamInfo, TimeBase};

use changed::Changed;
use chosen::Chosen;
pub use pixel_counts::PixelCounts;

use crate::shifted::Shifted;

/// Makes a source of the same events once more, from the first one on.
pub(crate) type Again<'a> = dyn FnMut() -> Result<Box<dyn EventSource>> + 'a;

/// The source with these filters, one behind the other. Those that have to see a recording before they
/// begin read it `again`; `name` is what it is called in an error.
///
/// # Errors
/// If a filter cannot be had for this recording, or it cannot be read again.
pub(crate) fn apply(
    filters: &[Filter],
    mut source: Box<dyn EventSource>,
    name: &str,
    again: &mut Again<'_>,
) -> Result<Box<dyn EventSource>> {
    for (i, filter) in filters.iter().enumerate() {
        source = match filter {
            Filter::HotPixels {
                limit,
                window: Some(window),
            } => Chosen::of(source, filter, name, |info| {
                hot_pixels::InWindows::new(*limit, *window, info.time_base)
            }),
            Filter::HotPixels {
                limit,
                window: None,
            } => {
                let before = again()?;
                let before = apply(&filters[..i], before, name, again)?;
                let hot = hot_pixels::Known::count(before, *limit, name)?;
                Chosen::of(source, filter, name, |_| hot)
            }
            Filter::Refractory(ns) => Chosen::of(source, filter, name, |info| {
                refractory::Refractory::new(ticks(*ns, info.time_base))
            }),
            Filter::Background(ns) => Chosen::of(source, filter, name, |info| {
                background::Background::new(ticks(*ns, info.time_base))
            }),
            Filter::Decimate(n) => {
                Chosen::of(source, filter, name, |_| decimate::Decimate::new(*n))
            }
            Filter::Crop(roi) => {
                let inside = Chosen::of(source, filter, name, |_| crop::Inside(*roi));
                Changed::of(inside, filter, name)?
            }
            Filter::TimeShift(ns) => {
                let info = filtered(source.info(), filter);
                let ticks = whole_ticks(*ns, info.time_base, name)?;
                Shifted::of(source, info, ticks.into(), name)
            }
            _ => Changed::of(source, filter, name)?,
        };
    }
    Ok(source)
}

/// Ticks that all of these add to a time.
pub(crate) fn total_shift(filters: &[Filter], base: TimeBase, name: &str) -> Result<i64> {
    let shifts = filters.iter().filter_map(|filter| match filter {
        Filter::TimeShift(ns) => Some(whole_ticks(*ns, base, name)),
        _ => None,
    });
    shifts.sum()
}

/// So many nanoseconds in ticks.
///
/// # Errors
/// If they are no whole number of them.
fn whole_ticks(nanoseconds: i128, base: TimeBase, name: &str) -> Result<i64> {
    let ticks = base.tick_at_or_after(nanoseconds);
    match base.to_nanoseconds(ticks) == nanoseconds {
        true => Ok(ticks),
        false => {
            let tick = base.time_in_words(1);
            let what = format!("{name}: times count in {tick}, of which {nanoseconds} ns are no");
            Err(Error::invalid(format!(
                "{what} whole number to move them by"
            )))
        }
    }
}

/// The fewest ticks that are not less than so many nanoseconds: an event is less than the time before
/// another exactly if it is less than these ticks before it.
fn ticks(nanoseconds: u64, base: TimeBase) -> i64 {
    base.tick_at_or_after(nanoseconds.into())
}

/// What a filtered recording says of itself: that it is filtered, and how.
fn filtered(info: &StreamInfo, filter: &Filter) -> StreamInfo {
    const KEY: &str = "filters";
    let mut info = info.clone();
    let before = info.metadata.get(KEY).and_then(|value| value.as_text());
    let all = match before {
        Some(before) => format!("{before}; {filter}"),
        None => filter.to_string(),
    };
    info.metadata.insert(KEY.to_owned(), all.into());
    info
}
