//! What was noticed and lost, in words.

use evz::{Loss, LossKind, Note, Report};

use super::human::count;
use super::say::say;

/// Says what was noticed and lost, once everything has been read; whether anything was that nobody agreed to.
pub(crate) fn say_report(report: &Report) -> bool {
    say_report_of(report, "")
}

/// The same of frames: that events lie beyond the sensor is no news where they are lost.
pub(crate) fn say_frames_report(mut report: Report) -> bool {
    let beyond = |loss: &Loss| loss.kind == LossKind::BeyondSensor;
    if report.losses.iter().any(beyond) {
        let beyond = |note: &Note| matches!(note, Note::BeyondSensor { .. });
        report.notes.retain(|note| !beyond(note));
    }
    say_report(&report)
}

/// The same of one of several event streams.
pub(crate) fn say_stream_report(report: &Report, stream: &str) -> bool {
    say_report_of(report, &format!("{stream}: "))
}

fn say_report_of(report: &Report, whose: &str) -> bool {
    for note in &report.notes {
        say(format_args!(
            "note: {whose}{}",
            note.text(super::error::way_out)
        ));
    }
    for loss in &report.losses {
        let (word, kept_by) = match loss.agreed {
            true => ("as told", ""),
            false => ("lost", kept_by(loss)),
        };
        let n = count(loss.count);
        let what = Loss::what_of(&loss.what, loss.count);
        say(format_args!("{word}: {whose}{n} {what}{kept_by}"));
        for example in &loss.examples {
            say(format_args!("  {example}"));
        }
        let more = loss.count.saturating_sub(loss.examples.len() as u64);
        if more > 0 && !loss.examples.is_empty() {
            say(format_args!("  and {} more", count(more)));
        }
    }
    report.has_unasked_losses()
}

/// What keeps such a thing from being lost.
fn kept_by(loss: &Loss) -> &'static str {
    match loss.kind {
        LossKind::SideStreams => "; --stream NAME of convert writes one, --events-only agrees",
        LossKind::Epoch => "; --time absolute adds it to the times",
        _ => "",
    }
}
