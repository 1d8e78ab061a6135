//! What there was to say of a recording, for `evz/report.py`.

use evz::Report;

/// What was inferred, what was noticed, and what was lost: in words, how many, and examples.
pub(crate) type Words = (Vec<String>, Vec<String>, Vec<(String, u64, Vec<String>)>);

pub(crate) fn words(report: &Report) -> Words {
    let losses = report.losses.iter();
    (
        report.inferred.clone(),
        report.notes.iter().map(ToString::to_string).collect(),
        losses
            .map(|loss| (loss.what.clone(), loss.count, loss.examples.clone()))
            .collect(),
    )
}
