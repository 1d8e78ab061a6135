//! What is said to people, on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use evz::Report;

/// Says a line. A standard error that is closed is no reason to stop.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says what was noticed and lost, once everything has been read; whether anything was lost.
pub(crate) fn say_report(report: &Report) -> bool {
    for note in &report.notes {
        say(format_args!("note: {note}"));
    }
    for loss in &report.losses {
        say(format_args!(
            "lost: {} {}",
            crate::human::count(loss.count),
            loss.what
        ));
        for example in &loss.examples {
            say(format_args!("  {example}"));
        }
        let more = loss.count.saturating_sub(loss.examples.len() as u64);
        if more > 0 && !loss.examples.is_empty() {
            say(format_args!("  and {} more", crate::human::count(more)));
        }
    }
    !report.losses.is_empty()
}
