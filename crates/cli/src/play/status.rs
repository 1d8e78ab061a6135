//! The line below the picture.

use super::clock::Clock;
use super::player::Shot;
use crate::words::human::{duration, seconds, short, trimmed};

const KEYS: &str = "q quit  space pause  ←→ skip  ,. step  +- speed  m mode  [] window  0-9";

/// What the line says of what is on the screen, no longer than the screen is wide.
pub(super) fn line(clock: &Clock, shot: &Shot, n_events: u64, columns: usize) -> String {
    let speed = clock.speed();
    let speed = speed.over as f64 / speed.under as f64;
    let rate = n_events as f64 * 1e9 / shot.window as f64;
    let state = if clock.runs() { "" } else { " paused" };
    let line = format!(
        "{} / {} s{state}  x{}  {} {}  {} events/s  {KEYS}",
        seconds(shot.moment),
        seconds(clock.end()),
        trimmed(speed, 6),
        duration(shot.window.unsigned_abs()),
        shot.mode.facts().name,
        short(rate),
    );
    line.chars().take(columns).collect()
}
