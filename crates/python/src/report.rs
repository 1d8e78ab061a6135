//! What there was to say of a recording, for `evz/report.py`.

use evz::Report;

/// What was inferred, what was noticed, and what was lost: in words, how many, examples, and whether that
/// was agreed to.
pub(crate) type Words = (Vec<String>, Vec<String>, Vec<Lost>);

type Lost = (String, u64, Vec<String>, bool);

pub(crate) fn words(report: &Report) -> Words {
    let losses = report.losses.iter();
    (
        report.inferred.clone(),
        report.notes.iter().map(ToString::to_string).collect(),
        losses
            .map(|l| (l.what.clone(), l.count, l.examples.clone(), l.agreed))
            .collect(),
    )
}
