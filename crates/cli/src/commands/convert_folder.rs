//! `convert` of folders: each recording becomes a file of its own.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};
use evz::folder::{FolderConversion, Job, answering, is_pattern, jobs, recordings};
use evz::{Error, Format, Input, OneRun, Progress};

use super::Outcome;
use super::folder_report::{Ended, FolderReport};
use super::folder_words::{
    say_failures, say_left_out, say_passed_over, say_unasked, say_what_was_lost,
};
use crate::args::ConvertArgs;
use crate::input::{self, is_pipe};
use crate::progress::Meter;
use crate::refuse::{check_writing, refuse};
use crate::words::{human, say};

/// Whether each of these recordings becomes a file of its own: there is a folder among them, a pattern
/// or a list, or they go into one.
pub(super) fn is_meant(args: &ConvertArgs) -> bool {
    let is_open = |path: &PathBuf| is_pattern(path) && !path.exists();
    let is_folder = |path: &PathBuf| !is_pipe(path) && (path.is_dir() || ends_as_folder(path));
    let (output, inputs) = match args.files.split_last() {
        Some((output, inputs)) => (Some(output), inputs),
        None => (None, &[][..]),
    };
    args.folder.files_from.is_some()
        || inputs
            .iter()
            .any(|input| is_folder(input) || is_open(input))
        || output.is_some_and(is_folder)
}

fn ends_as_folder(path: &Path) -> bool {
    path.to_string_lossy().ends_with(std::path::is_separator)
}

pub(super) fn run(args: &ConvertArgs) -> Result<Outcome> {
    let started = Instant::now();
    let (out, mut inputs) = match args.files.split_last() {
        Some((out, inputs)) => (out, inputs.to_vec()),
        None => return Err(Error::invalid("no folder to convert into").into()),
    };
    if evz::url_scheme(out).is_some() {
        let what = format!("{}: is a URL, which is read and not written", out.display());
        return Err(Error::invalid(what).advise("name a folder").into());
    }
    if let Some(list) = &args.folder.files_from {
        inputs.extend(listed(list)?);
    }
    if inputs.is_empty() {
        let what = match &args.folder.files_from {
            Some(list) => format!("{}: names no recording", list.display()),
            None => format!(
                "{}: is a folder; name the folder to convert it into",
                out.display()
            ),
        };
        return Err(Error::invalid(what).into());
    }
    if is_pipe(out) {
        let what = "standard output is no folder, and each recording becomes a file of its own";
        return Err(Error::invalid(what).into());
    }
    let dry = [(
        "--report",
        args.folder.dry_run && args.folder.report.is_some(),
    )];
    refuse(&dry, "nothing becomes of recordings with --dry-run")?;
    if out.is_file() {
        let what = format!(
            "{}: is a file, and a folder is to be converted into",
            out.display()
        );
        return Err(Error::invalid(what).into());
    }
    if !out.exists() && !ends_as_folder(out) && evz::output_format(out).is_ok() {
        let what = format!(
            "{}: is named as a file, and each recording becomes a file of its own",
            out.display()
        );
        let advice = format!("name a folder, {}/ if it is one", out.display());
        let pack = "evz pack makes one file of many recordings";
        return Err(Error::invalid(what).advise(advice).advise(pack).into());
    }
    let format: &Format = match args.output_format {
        Some(format) => format,
        None => evz::format("evz")?,
    };
    let conversion = args.conversion();
    check_writing(&conversion.writing, format)?;
    let mut found = recordings(&inputs, Some(out))?;
    let exclude = &args.folder.exclude;
    say_left_out(exclude, &found.leave_out(exclude)?);
    let folder = FolderConversion {
        conversion,
        format: evz::format(format.name)?,
        replace: args.writing.force,
    };
    let jobs = jobs(&found, out, format)?;
    say_passed_over(&found);
    if args.folder.dry_run {
        return dry_run(&folder, &jobs, &found.failed, out);
    }
    jobs.iter().for_each(|job| OneRun::reads(&job.source));
    let report = args.folder.report.as_ref();
    let report = report.map(|path| FolderReport::begin(path, out));
    let report = report.transpose()?;
    let (mut ended, stale) = all(&folder, &jobs, out)?;
    let unread = found.failed.into_iter().map(|(source, error)| {
        let (output, name) = (PathBuf::new(), PathBuf::new());
        let job = Job {
            source,
            output,
            name,
        };
        (job, Err(error))
    });
    ended.extend(unread);
    if let Some(report) = report {
        report.write(&ended)?;
    }
    if let Some(first) = stale.first() {
        let n = human::counted(stale.len() as u64, "file");
        say(format_args!(
            "note: {n} of earlier runs, by other options or under other names, stay in {}, such as {}",
            out.display(),
            first.display()
        ));
    }
    say_unasked(&folder.conversion.reading, &ended);
    Ok(Outcome::of_loss(summarize(out, &ended, started)))
}

/// The names in a list, a line each.
fn listed(list: &Path) -> Result<Vec<PathBuf>> {
    let name = || format!("{}: cannot read the list", list.display());
    let lines = BufReader::new(input::bytes(list)?.into_reader())
        .lines()
        .collect::<io::Result<Vec<_>>>()
        .with_context(name)?;
    let named = lines.into_iter().filter(|line| !line.trim().is_empty());
    Ok(named.map(PathBuf::from).collect())
}

/// Converts all of them; what became of each, in their order, and the outputs that other options made.
fn all(folder: &FolderConversion, jobs: &[Job], out: &Path) -> Result<(Ended, Vec<PathBuf>)> {
    let bytes = |job: &Job| job.source.metadata().map_or(0, |file| file.len());
    let total = Some(jobs.iter().map(bytes).sum());
    let ended = Mutex::new((Ended::new(), Meter::new(), 0));
    let stale = folder.run(jobs, out, &|job, outcome| {
        let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
        let (ended, meter, done) = &mut *ended;
        *done += bytes(job);
        let events = outcome.as_ref().map_or(0, |done| done.events);
        let progress = Progress { done: *done, total };
        meter.add(events as usize, Some(progress));
        ended.push((job.clone(), outcome));
    })?;
    let (mut ended, meter, _) = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    meter.end();
    ended.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    Ok((ended, stale))
}

/// Says what became of all; whether something failed or was lost that nobody agreed to lose.
fn summarize(out: &Path, ended: &Ended, started: Instant) -> bool {
    let done = || {
        ended
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().ok())
    };
    let lost = say_what_was_lost(ended);
    let failures: Vec<(&Path, &Error)> = ended
        .iter()
        .filter_map(|(job, outcome)| Some((&*job.source, outcome.as_ref().err()?)))
        .collect();
    say_failures(&failures);
    let events: u64 = done().filter(|d| d.took.is_some()).map(|d| d.events).sum();
    let now = done().filter(|d| d.took.is_some()).count();
    let before = done().count() - now;
    let bytes: u64 = done().map(|d| d.bytes).sum();
    let with_losses = done()
        .filter(|d| d.lost.iter().any(|(_, _, agreed)| !agreed))
        .count();
    let with_losses = match with_losses {
        0 => String::new(),
        n => format!(", {n} with losses"),
    };
    let elapsed = started.elapsed();
    let rate = match events {
        0 => String::new(),
        n => {
            let rate = human::short(n as f64 / elapsed.as_secs_f64().max(1e-9));
            format!(" ({rate} events/s)")
        }
    };
    say(format_args!(
        "{}: {} converted, {before} as they were, {} failed{with_losses}; {} in all, in {}{rate}",
        out.display(),
        human::counted(now as u64, "recording"),
        failures.len(),
        human::bytes(bytes),
        human::duration(elapsed.as_nanos()),
    ));
    lost || !failures.is_empty()
}

/// Says what would become of each.
fn dry_run(
    folder: &FolderConversion,
    jobs: &[Job],
    unread: &[(PathBuf, Error)],
    out: &Path,
) -> Result<Outcome> {
    let mut errors = Vec::new();
    for (job, foreseen) in jobs.iter().zip(folder.foreseen(jobs, out)?) {
        let (source, output) = (job.source.display(), job.output.display());
        match foreseen {
            Ok(true) => {
                say(format_args!("{source}: is done, {output} stays"));
                continue;
            }
            Ok(false) => {}
            Err(error) => {
                errors.push((&job.source, error));
                continue;
            }
        }
        let conversion = &folder.conversion;
        let opened = answering(&conversion.reading, |reading| {
            evz::open_streams(Input::open(&job.source)?, conversion.input_format, reading)
        });
        match opened {
            Ok((streams, _)) => {
                let format = streams.first().map_or("", |one| one.format().name);
                say(format_args!("{source}: {format}, becomes {output}"));
                let read = streams.iter().flat_map(|one| one.report().inferred);
                read.for_each(|line| say(format_args!("  {line}")));
            }
            Err(error) => errors.push((&job.source, error)),
        }
    }
    let failures = errors.iter().map(|(source, error)| (&***source, error));
    let unread = unread.iter().map(|(source, error)| (&**source, error));
    let failures: Vec<(&Path, &Error)> = failures.chain(unread).collect();
    say_failures(&failures);
    Ok(Outcome::of_loss(!failures.is_empty()))
}
