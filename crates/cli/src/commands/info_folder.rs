//! `info` of a folder: a line a recording.

use anyhow::Result;
use evz::Report;
use evz::folder::answering;

use super::Outcome;
use crate::args::InfoArgs;
use crate::facts::{self, Facts};
use crate::input::files_of;
use crate::refuse::refuse;
use crate::standard_output::print;
use crate::words::human::{bytes, count, duration, short};
use crate::words::{error_text, say};

pub(super) fn run(args: &InfoArgs) -> Result<Outcome> {
    refuse(
        &[("--pixels", args.pixels.is_some())],
        "it is of one recording, and this is a folder of them",
    )?;
    let mut failed = false;
    let mut all = Vec::new();
    let told = args.reading.options();
    for file in files_of(std::slice::from_ref(&args.file), "recording", |_| true)? {
        let streams = answering(&told, |reading| {
            evz::open_streams(evz::Input::open(&file)?, args.reading.input_format, reading)
        });
        let facts = streams
            .map_err(anyhow::Error::from)
            .and_then(|(streams, _)| {
                streams
                    .into_iter()
                    .map(|stream| facts::of(stream, args.reach(true)))
                    .collect::<Result<Vec<_>>>()
            });
        match facts {
            Ok(streams) => {
                let several = streams.len() > 1;
                all.extend(streams.into_iter().map(|found| {
                    let mut facts = found.facts;
                    facts.source = file.display().to_string();
                    if several {
                        facts.is_one_of_several();
                    }
                    (facts, found.report)
                }));
            }
            Err(error) => {
                say(format_args!("failed: {}", error_text(error.as_ref())));
                failed = true;
            }
        }
    }
    let lossy = |(_, report): &&(Facts, Report)| report.has_unasked_losses();
    for (facts, report) in all.iter().filter(lossy) {
        let lost = report.losses.iter().map(ToString::to_string);
        let lost = lost.collect::<Vec<_>>().join(", ");
        say(format_args!("lost: {}: {lost}", facts.source));
        failed = true;
    }
    let all: Vec<Facts> = all.into_iter().map(|(facts, _)| facts).collect();
    let text = match args.json {
        true => serde_json::to_string_pretty(&all)? + "\n",
        false => table(&all),
    };
    print(&text)?;
    Ok(Outcome::of_loss(failed))
}

/// Numbers to the right, below their names.
fn table(all: &[Facts]) -> String {
    let names = [
        "events",
        "sensor",
        "time",
        "events/s",
        "size",
        "bits an event",
    ];
    let mut rows = vec![(names.map(str::to_owned), "recording".to_owned())];
    rows.extend(all.iter().map(row));
    let width = |column: usize| rows.iter().map(|(row, _)| row[column].len()).max();
    let widths: Vec<usize> = (0..names.len()).filter_map(width).collect();
    let line = |(row, name): &([String; 6], String)| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell:>width$}  "));
        cells.collect::<String>() + name + "\n"
    };
    rows.iter().map(line).collect()
}

fn row(facts: &Facts) -> ([String; 6], String) {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let sensor = facts
        .width
        .zip(facts.height)
        .map(|(w, h)| format!("{w}x{h}"));
    let time = facts.t_range.map(|(first, last)| {
        let base = facts.time_base;
        let ns = base.to_nanoseconds(last) - base.to_nanoseconds(first);
        duration(ns.unsigned_abs())
    });
    let bits = facts.bits_per_event.map(|bits| format!("{bits:.1}"));
    let name = match facts.name.as_str() {
        "" => facts.source.clone(),
        name => format!("{} {name}", facts.source),
    };
    let cells = [
        count(facts.events),
        or_none(sensor),
        or_none(time),
        or_none(facts.events_per_s.map(short)),
        or_none(facts.bytes.map(bytes)),
        or_none(bits),
    ];
    (cells, name)
}
