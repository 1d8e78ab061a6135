//! What `bench` measures, each operation in its own file.

mod child;
mod decode;
mod encode;
mod gpu;
mod matrix;
mod memory;
mod parse;
mod query;
mod render;

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
pub(crate) use gpu::{GpuFigures, gpu};
pub(crate) use matrix::matrix;
pub(crate) use parse::parse;
pub(crate) use query::{query, spread};
pub(crate) use render::render;

/// Bytes of an event in plain columns: t 8, x 2, y 2, p 1.
const PLAIN_BYTES: u64 = 13;
/// Runs at least, and the time that more runs are taken in.
const MIN_RUNS: usize = 3;
const MAX_RUNS: usize = 50;
const ENOUGH: Duration = Duration::from_secs(1);

/// The figures of one operation; rates are those of the median run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) operation: &'static str,
    /// Events of one run; for queries the sum over all windows.
    pub(crate) events: u64,
    pub(crate) runs: usize,
    pub(crate) threads: usize,
    pub(crate) median_s: f64,
    pub(crate) best_s: f64,
    pub(crate) events_per_s: f64,
    pub(crate) bytes_per_s: f64,
    pub(crate) peak_rss_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_pass_events_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) us_per_query: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mean_us_per_query: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frames: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frames_per_s: Option<f64>,
}

impl Figures {
    fn new(operation: &'static str, events: u64, bytes: u64, mut runs: Vec<f64>) -> Self {
        runs.sort_by(f64::total_cmp);
        let (median_s, best_s) = (median(&runs), runs.first().copied().unwrap_or(0.0));
        let per_s = |n: u64| n as f64 / median_s.max(f64::MIN_POSITIVE);
        Self {
            operation,
            events,
            runs: runs.len(),
            threads: evz::parallel::threads(),
            median_s,
            best_s,
            events_per_s: per_s(events),
            bytes_per_s: per_s(bytes),
            peak_rss_bytes: memory::peak_rss_bytes(),
            ..Self::default()
        }
    }
}

/// The middle of sorted values; the mean of the two in the middle of an even number.
fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// The seconds of each run of `act`, several of them.
fn repeat(mut act: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    let (mut runs, started) = (Vec::new(), Instant::now());
    while runs.len() < MIN_RUNS || (started.elapsed() < ENOUGH && runs.len() < MAX_RUNS) {
        runs.push(seconds(&mut act)?);
    }
    Ok(runs)
}

fn seconds(act: &mut impl FnMut() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    act()?;
    Ok(started.elapsed().as_secs_f64())
}
