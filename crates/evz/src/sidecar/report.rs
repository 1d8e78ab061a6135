//! The report of a reading of each event stream, kept in an index: who goes by it is told what who reads
//! all is told.

use evz_core::{Loss, LossKind, Metadata, Note, Report, Value};
use serde_json::json;

const KEY: &str = "index.reports";

/// The kinds of losses by name.
const KINDS: [(LossKind, &str); 9] = [
    (LossKind::NoEvent, "no event"),
    (LossKind::Damaged, "damaged"),
    (LossKind::CutOff, "cut off"),
    (LossKind::BeyondSensor, "beyond sensor"),
    (LossKind::Unknown, "unknown"),
    (LossKind::Columns, "columns"),
    (LossKind::SideStreams, "side streams"),
    (LossKind::Rounded, "rounded"),
    (LossKind::Epoch, "epoch"),
];

/// Puts reports into metadata.
pub(super) fn keep(reports: &[Report], metadata: &mut Metadata) {
    let kept: Vec<_> = reports.iter().map(as_json).collect();
    metadata.insert(KEY.to_owned(), Value::Json(json!(kept).to_string()));
}

/// The reports in metadata; none if there are no such things.
pub(super) fn of(metadata: &Metadata) -> Option<Vec<Report>> {
    let Some(Value::Json(text)) = metadata.get(KEY) else {
        return None;
    };
    let kept: serde_json::Value = serde_json::from_str(text).ok()?;
    kept.as_array()?.iter().map(of_json).collect()
}

fn as_json(report: &Report) -> serde_json::Value {
    let notes: Vec<String> = report.notes.iter().map(Note::to_string).collect();
    let loss = |loss: &Loss| {
        let kind = KINDS.iter().find(|(kind, _)| *kind == loss.kind);
        json!({
            "kind": kind.map_or("other", |(_, name)| name),
            "what": loss.what,
            "count": loss.count,
            "examples": loss.examples,
            "agreed": loss.agreed,
        })
    };
    let losses: Vec<_> = report.losses.iter().map(loss).collect();
    json!({ "inferred": report.inferred, "notes": notes, "losses": losses })
}

fn of_json(kept: &serde_json::Value) -> Option<Report> {
    let texts = |key: &str| -> Option<Vec<String>> {
        let list = kept.get(key)?.as_array()?;
        list.iter().map(|v| Some(v.as_str()?.to_owned())).collect()
    };
    let mut report = Report {
        inferred: texts("inferred")?,
        notes: texts("notes")?.into_iter().map(Note::Other).collect(),
        losses: Vec::new(),
    };
    for loss in kept.get("losses")?.as_array()? {
        let kind = KINDS.iter().find(|(_, name)| loss["kind"] == *name);
        let kind = kind.map_or(LossKind::Other, |(kind, _)| *kind);
        let (what, count) = (loss["what"].as_str()?, loss["count"].as_u64()?);
        let examples = loss["examples"].as_array()?.iter();
        let examples = examples.filter_map(|v| v.as_str());
        let told = Loss::new(kind, what, count).with_examples(examples);
        report.losses.push(match loss["agreed"].as_bool()? {
            true => told.agreed(),
            false => told,
        });
    }
    Some(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_come_back() {
        let mut losses: Vec<Loss> = (KINDS.iter().map(|(kind, _)| *kind))
            .chain([LossKind::Other])
            .map(|kind| Loss::new(kind, format!("{kind:?}"), 3).with_examples(["a", "b"]))
            .collect();
        losses[2] = losses[2].clone().agreed();
        let report = Report {
            inferred: vec!["read as: x".to_owned()],
            notes: vec![Note::Other("odd".to_owned())],
            losses,
        };
        let mut metadata = Metadata::new();
        let reports = vec![report, Report::default()];
        keep(&reports, &mut metadata);
        assert_eq!(of(&metadata), Some(reports));
        assert_eq!(of(&Metadata::new()), None);
    }
}
