//! What a survey of the events found, for a program.

use evz::{BURST_NANOSECONDS, HotPixel, Survey, TimeBase};
use serde::Serialize;

/// The same as [`Survey`], with times in microseconds and lengths in seconds. What is not known is null.
#[derive(Debug, Serialize)]
pub(crate) struct SurveyFacts {
    /// Events looked at, and whether they are all.
    events: u64,
    all: bool,
    clock_step: Option<StepFacts>,
    ties: u64,
    longest_tie: u64,
    longest_tie_us: Option<i128>,
    backward_steps: u64,
    largest_backward_step_s: f64,
    gaps: Option<GapFacts>,
    burst: Option<BurstFacts>,
    outside_sensor: Option<u64>,
    hot_pixels: Option<HotFacts>,
}

#[derive(Debug, Serialize)]
struct StepFacts {
    ticks: u64,
    seconds: f64,
    differences: u64,
    all_but: u64,
}

#[derive(Debug, Serialize)]
struct GapFacts {
    longest_s: f64,
    longest_start_us: i128,
    count: u64,
    least_s: f64,
}

#[derive(Debug, Serialize)]
struct BurstFacts {
    events: u64,
    width_s: f64,
    start_us: i128,
    events_per_s: f64,
}

#[derive(Debug, Serialize)]
struct HotFacts {
    pixels: u64,
    events: u64,
    /// Of all events.
    share: f64,
    hottest: Vec<PixelFacts>,
}

#[derive(Debug, Serialize)]
struct PixelFacts {
    x: u16,
    y: u16,
    events: u64,
    events_per_s: Option<f64>,
}

impl SurveyFacts {
    /// Those of events that take so many seconds in all.
    pub(super) fn of(survey: &Survey, base: TimeBase, lasts: Option<f64>) -> Self {
        let seconds = |ticks: u64| ticks as f64 * base.approximate_nanoseconds() / 1e9;
        let us = |t| base.to_microseconds(t);
        let pixel = |hot: &HotPixel| PixelFacts {
            x: hot.x,
            y: hot.y,
            events: hot.events,
            events_per_s: lasts.map(|lasts| hot.events as f64 / lasts),
        };
        Self {
            events: survey.n_events,
            all: survey.is_all,
            clock_step: survey.step.map(|step| StepFacts {
                ticks: step.ticks,
                seconds: seconds(step.ticks),
                differences: step.differences,
                all_but: step.others,
            }),
            ties: survey.ties,
            longest_tie: survey.longest_tie,
            longest_tie_us: survey.longest_tie_time.map(us),
            backward_steps: survey.backward,
            largest_backward_step_s: seconds(survey.largest_backward),
            gaps: survey.gaps.map(|gaps| GapFacts {
                longest_s: seconds(gaps.longest),
                longest_start_us: us(gaps.longest_start),
                count: gaps.count,
                least_s: gaps.least_nanoseconds as f64 / 1e9,
            }),
            burst: survey.burst.map(|burst| BurstFacts {
                events: burst.events,
                width_s: BURST_NANOSECONDS as f64 / 1e9,
                start_us: us(burst.start),
                events_per_s: burst.events as f64 * 1e9 / BURST_NANOSECONDS as f64,
            }),
            outside_sensor: survey.outside,
            hot_pixels: survey.hot.as_ref().map(|hot| HotFacts {
                pixels: hot.pixels,
                events: hot.events,
                share: hot.events as f64 / survey.n_events.max(1) as f64,
                hottest: hot.hottest.iter().map(pixel).collect(),
            }),
        }
    }
}
