//! What a survey of the events found, in the words of the page: that alone which tells something.

use evz::{Survey, TimeBase};

use crate::facts::Facts;
use crate::words::human::{count, counted, duration, short, time_base};

/// Differences that a step of the clock is believed by.
const BELIEVED: u64 = 100;

/// Events within a millisecond that are told, if they are so many times as dense as at the peak.
const BURST: u64 = 100;
const TIMES_PEAK: f64 = 1.5;

/// Events at one time that are told, where the clock goes in ticks.
const TIED: u64 = 1_000;

/// Hot pixels are told if they have such a part of the events.
const HOT_SHARE: f64 = 0.01;

/// The clock: a step coarser than the ticks, how many events share a time, and steps back.
pub(super) fn clock(facts: &Facts) -> Option<String> {
    let survey = facts.survey.as_ref()?;
    let base = facts.time_base;
    let mut said = Vec::new();
    let coarse = coarse_step(survey, base);
    said.extend(coarse.clone());
    let all_at_once = survey.step.is_none() && survey.ties > 0;
    if all_at_once && survey.is_all {
        said.push("all events are at one time".to_owned());
    } else if coarse.is_some() || survey.longest_tie >= TIED {
        let longest = counted(survey.longest_tie, "event");
        said.push(format!("{longest} at one time at most"));
    }
    if survey.backward > 0 {
        let back = length(survey.largest_backward, base);
        let times = match survey.backward {
            1 => "once".to_owned(),
            n => format!("{} times", count(n)),
        };
        said.push(format!("runs backwards {times}, by {back} at most"));
    }
    let of_what = if survey.is_all { "" } else { ", in the sample" };
    (!said.is_empty()).then(|| said.join("; ") + of_what)
}

/// `steps of 10 ms, though written in microseconds`.
fn coarse_step(survey: &Survey, base: TimeBase) -> Option<String> {
    let step = survey
        .step
        .filter(|step| step.ticks > 1 && step.differences >= BELIEVED)?;
    let but = match step.others {
        0 => String::new(),
        others => format!(" (all but {})", count(others)),
    };
    let length = length(step.ticks, base);
    Some(format!(
        "steps of {length}{but}, though written in {}",
        time_base(base)
    ))
}

/// Whether the steps of the clock are so long that a millisecond tells nothing.
fn is_coarser_than_a_burst(survey: &Survey, base: TimeBase) -> bool {
    let step = survey.step.map_or(0.0, |step| step.ticks as f64);
    step * base.approximate_nanoseconds() >= evz::BURST_NANOSECONDS as f64
}

/// The longest of the times without an event, if there are such that are called gaps.
pub(super) fn gaps(facts: &Facts) -> Option<String> {
    let gaps = facts.survey.as_ref()?.gaps.filter(|gaps| gaps.count > 0)?;
    let base = facts.time_base;
    let start = facts.clock_time(gaps.longest_start);
    let longest = length(gaps.longest, base);
    let least = duration(gaps.least_nanoseconds);
    let others = match gaps.count {
        1 => format!("the only one of {least} or more"),
        n => format!("the longest of {} of {least} or more", count(n)),
    };
    Some(format!("no event for {longest} from {start} on, {others}"))
}

/// The most events within a millisecond, for behind the other rates.
pub(super) fn burst(facts: &Facts) -> Option<String> {
    let survey = facts.survey.as_ref()?;
    let burst = survey.burst.filter(|burst| burst.events >= BURST)?;
    let base = facts.time_base;
    if is_coarser_than_a_burst(survey, base) {
        return None;
    }
    let rate = burst.events as f64 * 1e9 / evz::BURST_NANOSECONDS as f64;
    let peak = facts.peak_events_per_s.unwrap_or_default();
    let start = facts.clock_time(burst.start);
    (rate >= TIMES_PEAK * peak)
        .then(|| format!("{} events/s in the 1 ms from {start} on", short(rate)))
}

/// The pixels that `--hot-pixels` leaves out.
pub(super) fn hot(facts: &Facts) -> Option<String> {
    let survey = facts.survey.as_ref()?;
    let hot = survey.hot.as_ref().filter(|hot| hot.pixels > 0)?;
    let share = hot.events as f64 / survey.n_events as f64;
    let named = hot.hottest.iter();
    let named = named.map(|hot| format!("{} at {},{}", counted(hot.events, "event"), hot.x, hot.y));
    let named = named.collect::<Vec<_>>().join(", ");
    let pixels = counted(hot.pixels, "pixel");
    let percent = 100.0 * share;
    (share >= HOT_SHARE).then(|| {
        format!("{pixels} with {percent:.1} % of the events, as --hot-pixels finds them: {named}")
    })
}

/// Events beyond the sensor, for behind its size.
pub(super) fn outside(facts: &Facts) -> Option<String> {
    let outside = facts.survey.as_ref()?.outside.filter(|n| *n > 0)?;
    Some(format!("{} of them beyond the sensor", count(outside)))
}

/// How much of the events this is about, if not all.
pub(super) fn sample(facts: &Facts) -> Option<String> {
    let survey = facts.survey.as_ref().filter(|survey| !survey.is_all)?;
    let (some, all) = (survey.n_events as f64, facts.events as f64);
    Some(format!(
        "of {} of {} events; --full looks at all, for gaps, bursts and hot pixels too",
        short(some),
        short(all)
    ))
}

/// So many ticks, as near as a float comes.
fn length(ticks: u64, base: TimeBase) -> String {
    duration((ticks as f64 * base.approximate_nanoseconds()).round() as u128)
}
