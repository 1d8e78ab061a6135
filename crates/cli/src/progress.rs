//! A progress bar with rate and time left, on a terminal only.

use std::io::{self, IsTerminal};
use std::time::Instant;

use evz::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far a long work has come.
pub(crate) struct Meter {
    bar: ProgressBar,
    started: Instant,
    events: u64,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        Self {
            bar,
            started: Instant::now(),
            events: 0,
        }
    }

    /// Counts `n` more events, and moves to where the source has come.
    pub(crate) fn add(&mut self, n: usize, progress: Option<Progress>) {
        self.events += n as u64;
        if self.bar.is_hidden() {
            return;
        }
        if let Some(Progress {
            done,
            total: Some(total),
        }) = progress
        {
            if self.bar.length().is_none() {
                let style = "{bar:30} {percent}% {msg}, {eta} left";
                self.bar.set_style(style_of(style));
                self.bar.set_length(total);
            }
            self.bar.set_position(done.min(total));
        }
        let rate = self.events as f64 / self.started.elapsed().as_secs_f64().max(1e-9);
        self.bar.set_message(format!(
            "{} events, {} events/s",
            crate::words::human::short(self.events as f64),
            crate::words::human::short(rate)
        ));
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}

fn style_of(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
