//! `pack` and `unpack`: many short recordings in one file, and back.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};
use evz::folder::{Found, Job, recordings};
use evz::{Error, OpenOptions, Packing, Progress, Unpacking, create_output, sample_name};

use super::Outcome;
use super::folder_report::Ended;
use super::folder_words::{
    say_failures, say_left_out, say_passed_over, say_unasked, say_what_was_lost,
};
use crate::args::{PackArgs, UnpackArgs};
use crate::input;
use crate::progress::Meter;
use crate::refuse::check_writing;
use crate::words::{human, say, say_report};

pub(crate) fn run(args: &PackArgs) -> Result<Outcome> {
    let started = Instant::now();
    let Some((out, inputs)) = args.files.split_last() else {
        return Err(Error::invalid("no folder to pack").into());
    };
    let mut found = recordings(inputs, None)?;
    // A pack that is made again may stand in the folder.
    let before = out.canonicalize().ok();
    let is_output = |path: &Path| before.is_some() && path.canonicalize().ok() == before;
    found.recordings.retain(|(path, _)| !is_output(path));
    say_left_out(&args.exclude, &found.leave_out(&args.exclude)?);
    say_passed_over(&found);
    let labels = args.labels.as_deref().map(labels).transpose()?;
    if let (Some(labels), Some(table)) = (&labels, &args.labels) {
        say_unlabelled(labels, table, &found);
    }
    let packing = Packing {
        conversion: args.conversion(),
        labels,
    };
    let bytes = |path: &Path| path.metadata().map_or(0, |file| file.len());
    let total = Some(found.recordings.iter().map(|(path, _)| bytes(path)).sum());
    let (mut ended, mut meter, mut read) = (Ended::new(), Meter::new(), 0);
    let packed = packing.run(
        &found.recordings,
        || create_output(out, args.force),
        &mut |path, outcome| {
            read += bytes(path);
            let events = outcome.as_ref().map_or(0, |done| done.events as usize);
            meter.add(events, Some(Progress { done: read, total }));
            ended.push((of_sample(path.to_owned()), outcome));
        },
    )?;
    meter.end();
    let unread = found.failed.into_iter();
    ended.extend(unread.map(|(path, error)| (of_sample(path), Err(error))));
    let mut lost = say_what_was_lost(&ended);
    lost |= say_failures(&failed(&ended));
    say_unasked(&packing.conversion.reading, &ended);
    let Some(report) = packed else {
        let what = format!(
            "{}: not written, as no recording could be read",
            out.display()
        );
        return Err(Error::invalid(what).into());
    };
    lost |= say_report(&report);
    let done = ended
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().ok());
    let (n, events) = done.fold((0_u64, 0), |(n, events), done| {
        (n + 1, events + done.events)
    });
    super::convert::summarize(
        &format!("{}: {}", out.display(), human::counted(n, "sample")),
        events,
        Some(bytes(out)),
        started,
    );
    Ok(Outcome::of_loss(lost))
}

/// A recording that becomes no file of its own.
fn of_sample(source: PathBuf) -> Job {
    let (output, name) = (PathBuf::new(), source.clone());
    Job {
        source,
        output,
        name,
    }
}

fn failed(ended: &Ended) -> Vec<(&Path, &Error)> {
    let failed = ended.iter();
    let failed = failed.filter_map(|(job, outcome)| Some((&*job.source, outcome.as_ref().err()?)));
    failed.collect()
}

/// Labels by name of a recording.
fn labels(table: &Path) -> Result<HashMap<String, String>> {
    let name = || format!("{}: cannot read the labels", table.display());
    let mut reader = csv::Reader::from_reader(input::bytes(table)?.into_reader());
    let headers = reader.headers().with_context(name)?;
    let column = |wanted: &str| headers.iter().position(|header| header.trim() == wanted);
    let (Some(file), Some(label)) = (column("file"), column("label")) else {
        let has = headers.iter().collect::<Vec<_>>().join(", ");
        let what = format!("{}: has the columns {has}", table.display());
        let advice = "name them in its first line: file, as in the folder, and label";
        return Err(Error::invalid(what).advise(advice).into());
    };
    let mut labels = HashMap::new();
    for row in reader.records() {
        let row = row.with_context(name)?;
        let field = |at: usize| row.get(at).unwrap_or_default().trim();
        let (file, label) = (sample_name(Path::new(field(file))), field(label));
        if let Some(other) = labels.insert(file.clone(), label.to_owned())
            && other != label
        {
            let table = table.display();
            let what = format!("{table}: {file} has two labels, {other:?} and {label:?}");
            return Err(Error::invalid(what)
                .advise("take one of its rows away")
                .into());
        }
    }
    Ok(labels)
}

/// Says which rows of a table of labels are of no recording, and how many recordings have none.
fn say_unlabelled(labels: &HashMap<String, String>, table: &Path, found: &Found) {
    let names = found.recordings.iter().map(|(_, name)| sample_name(name));
    let names: HashSet<String> = names.collect();
    let lacking = [
        (labels.keys().filter(|name| !names.contains(*name))).collect::<Vec<_>>(),
        (names.iter().filter(|name| !labels.contains_key(*name))).collect(),
    ];
    let [of_none, without] = lacking.map(|names| Some((names.len() as u64, *names.iter().min()?)));
    let table = table.display();
    if let Some((n, first)) = of_none {
        let rows = human::counted(n, "row");
        say(format_args!(
            "note: {table}: {rows} of no recording, such as {first}"
        ));
    }
    if let Some((n, first)) = without {
        let n = human::counted(n, "recording");
        say(format_args!(
            "note: {table}: no row for {n}, such as {first}; the label is that of the folder"
        ));
    }
}

pub(crate) fn run_unpack(args: &UnpackArgs) -> Result<Outcome> {
    let started = Instant::now();
    let format = match args.output_format {
        Some(format) => format,
        None => evz::format("evz")?,
    };
    let writing = args.writing.options();
    check_writing(&writing, format)?;
    let recording = evz::open_input(input::bytes(&args.pack)?, None, &OpenOptions::new())?;
    let samples = recording.samples()?;
    let numbers = (args.sample.iter())
        .map(|told| samples.number_told(told))
        .collect::<evz::Result<Vec<_>>>()?;
    let unpacking = Unpacking {
        format: evz::format(format.name)?,
        writing,
        replace: args.writing.force,
    };
    let n = match numbers.len() {
        0 => samples.len(),
        n => n,
    };
    let ended = Mutex::new((Ended::new(), Meter::new()));
    let numbers = Some(numbers.as_slice()).filter(|numbers| !numbers.is_empty());
    let report = unpacking.run(&samples, numbers, &args.folder, &|job, outcome| {
        let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
        let (ended, meter) = &mut *ended;
        let events = outcome.as_ref().map_or(0, |done| done.events as usize);
        ended.push((job.clone(), outcome));
        let (done, total) = (ended.len() as u64, Some(n as u64));
        meter.add(events, Some(Progress { done, total }));
    })?;
    let (mut ended, meter) = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    meter.end();
    ended.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    let mut lost = say_what_was_lost(&ended);
    let failed = failed(&ended);
    lost |= say_failures(&failed);
    lost |= say_report(&report);
    say(format_args!(
        "{}: {} unpacked, {} failed, in {}",
        args.folder.display(),
        human::counted((ended.len() - failed.len()) as u64, "sample"),
        failed.len(),
        human::duration(started.elapsed().as_nanos()),
    ));
    Ok(Outcome::of_loss(lost))
}
