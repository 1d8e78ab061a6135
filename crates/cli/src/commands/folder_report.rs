//! What became of the recordings of a folder, as a table.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use evz::folder::{Done, Job};
use evz::{Error, Input, OpenOptions, Output, Recording};
use serde::Serialize;

use super::digest;
use crate::words::error_of;

/// What became of each recording, in their order.
pub(super) type Ended = Vec<(Job, evz::Result<Done>)>;

/// A recording.
#[derive(Debug, Default, Serialize)]
struct Row {
    source: String,
    output: String,
    /// `converted`, `as it was` or `failed`.
    outcome: &'static str,
    source_bytes: Option<u64>,
    bytes: Option<u64>,
    events: Option<u64>,
    /// Seconds from the first event to the last; of outputs that are `.evz`, as the digest.
    duration_s: Option<f64>,
    bits_per_event: Option<f64>,
    /// Of all losses together, agreed to or not.
    lost: u64,
    losses: String,
    /// What was inferred and noticed, and what filters left out.
    said: String,
    digest: String,
    /// Seconds that the conversion took.
    took_s: Option<f64>,
    error: String,
}

/// A table that is begun, before anything is converted.
pub(super) struct FolderReport {
    out: Output,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Json,
    Csv,
}

impl FolderReport {
    /// Begins the table of the recordings that become files of the folder `of`, as JSON or CSV, as its name
    /// says.
    ///
    /// # Errors
    /// If the name says neither, or the file cannot be written.
    pub(super) fn begin(path: &Path, of: &Path) -> Result<Self> {
        let form = match path.extension().and_then(|e| e.to_str()) {
            Some("json") => Form::Json,
            Some("csv") => Form::Csv,
            _ => {
                let what = format!("{}: a report ends in .csv or .json", path.display());
                return Err(Error::invalid(what).into());
            }
        };
        // It may stand in that folder, which is made by who converts.
        std::fs::create_dir_all(of)
            .map_err(|e| Error::io(of.display().to_string(), "cannot make the folder", e))?;
        // A report is made anew by every run.
        let out = evz::create_output(path, true)?;
        Ok(Self { out, form })
    }

    /// Writes what became of each.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn write(mut self, ended: &Ended) -> Result<()> {
        let rows: Vec<Row> = ended.iter().map(row).collect();
        let text = match self.form {
            Form::Json => serde_json::to_string_pretty(&rows)? + "\n",
            Form::Csv => csv(&rows)?,
        };
        let written = self.out.write_all(text.as_bytes());
        written.map_err(|e| self.out.failed(e))?;
        Ok(self.out.commit()?)
    }
}

fn row((job, outcome): &(Job, evz::Result<Done>)) -> Row {
    let mut row = Row {
        source: job.source.display().to_string(),
        output: job.output.display().to_string(),
        source_bytes: job.source.metadata().ok().map(|file| file.len()),
        outcome: "failed",
        ..Row::default()
    };
    let done = match outcome {
        Ok(done) => done,
        Err(error) => {
            row.error = error_of(&job.source, error);
            return row;
        }
    };
    row.outcome = match done.took {
        Some(_) => "converted",
        None => "as it was",
    };
    row.bytes = Some(done.bytes);
    row.events = Some(done.events);
    row.bits_per_event = (done.events > 0).then(|| done.bytes as f64 * 8.0 / done.events as f64);
    row.lost = done.lost.iter().map(|(_, count, _)| count).sum();
    let losses = done
        .lost
        .iter()
        .map(|(what, count, _)| format!("{count} {what}"));
    row.losses = losses.collect::<Vec<_>>().join("; ");
    row.took_s = done.took.map(|took| took.as_secs_f64());
    row.said = done.said.join("; ");
    if let Some(recording) = only_stream(&job.output)
        && let Some(index) = recording.index()
    {
        let (extent, base) = (index.extent(), index.info().time_base);
        let ns = base.to_nanoseconds(extent.t_max) - base.to_nanoseconds(extent.t_min);
        row.duration_s = (extent.n_events > 0).then_some(ns as f64 / 1e9);
        row.digest = digest::of_columns(index, &job.output).unwrap_or_default();
    }
    row
}

/// An output of one event stream, if it is an `.evz`: of several there is no one digest.
fn only_stream(output: &Path) -> Option<Recording> {
    let format = evz::format("evz").ok();
    let input = Input::open(output).ok()?;
    let mut streams = evz::open_streams(input, format, &OpenOptions::new()).ok()?;
    streams.pop().filter(|_| streams.is_empty())
}

/// The rows with the names above them; what holds a comma, a quote or a line's end is quoted.
fn csv(rows: &[Row]) -> Result<String> {
    const NAMES: [&str; 14] = [
        "source",
        "output",
        "outcome",
        "source_bytes",
        "bytes",
        "events",
        "duration_s",
        "bits_per_event",
        "lost",
        "losses",
        "said",
        "digest",
        "took_s",
        "error",
    ];
    let mut lines = vec![NAMES.join(",")];
    for row in rows {
        let row = serde_json::to_value(row)?;
        lines.push(NAMES.map(|name| field(&row[name])).join(","));
    }
    Ok(lines.join("\n") + "\n")
}

fn field(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.contains(['"', ',', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}
