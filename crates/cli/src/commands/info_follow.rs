//! `info --follow`: how far a file that grows has come, and what it is once it is finished.

use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use evz::{Error, Reader};

use super::Outcome;
use super::info_page::page;
use crate::args::InfoArgs;
use crate::ending;
use crate::facts;
use crate::input;
use crate::refuse::{TextIsWritten, check_input};
use crate::standard_output::print;
use crate::words::human::{bytes, counted, duration, short};
use crate::words::say_report;

/// How often it looks, and how often it says how far the file has come.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const SAY_EVERY: Duration = Duration::from_secs(1);

pub(crate) fn run(args: &InfoArgs) -> Result<Outcome> {
    let recording = input::open_events(&args.file, &args.reading, "info --follow")?;
    check_input(&args.reading.options(), &recording, TextIsWritten::No)?;
    let Some(mut reader) = recording.evz_reader().cloned() else {
        let name = recording.name();
        let what = format!("{name}: only an .evz file is followed while it grows, without filters");
        return Err(Error::invalid(what).into());
    };
    let end = ending::by_signal_or_reader()?;
    let (mut said, mut at) = (0, Instant::now());
    let (mut is_news, mut may_grow) = (true, true);
    while may_grow && reader.unfinished().is_some() && !end.load(Ordering::Relaxed) {
        if is_news && (said == 0 || at.elapsed() >= SAY_EVERY) {
            let rate = match said {
                0 => None,
                _ => Some((reader.n_events() - said) as f64 / at.elapsed().as_secs_f64()),
            };
            print(&line(args, &reader, rate)?)?;
            (said, at, is_news) = (reader.n_events(), Instant::now(), false);
        }
        sleep(LOOK_EVERY);
        may_grow = reader.may_grow();
        let grew = reader.refresh()?;
        (is_news, may_grow) = (is_news || grew, may_grow || grew);
    }
    let facts = facts::of_reader(&reader, reader.name(), reader.info().clone())?;
    print(&match args.json {
        true => serde_json::to_string(&facts)? + "\n",
        false => page(reader.name(), &facts),
    })?;
    let mut report = evz::EventIndex::report(&reader);
    if may_grow {
        // What is being written is not lost.
        report.losses.clear();
    }
    report.losses.extend(reader.lost_activity());
    Ok(Outcome::of_loss(say_report(&report)))
}

/// How far it has come, on a line.
fn line(args: &InfoArgs, reader: &Reader, rate: Option<f64>) -> Result<String> {
    if args.json {
        let facts = facts::of_reader(reader, reader.name(), reader.info().clone())?;
        return Ok(serde_json::to_string(&facts)? + "\n");
    }
    let span = reader.summary().span;
    let ticks = (i128::from(span.t_max) - i128::from(span.t_min)) as f64;
    let lasts = ticks * reader.info().time_base.approximate_nanoseconds();
    let rate = rate.map(|rate| format!(", {} events/s", short(rate)));
    Ok(format!(
        "{}: {}, {}{}\n",
        duration(lasts as u128),
        counted(reader.n_events(), "event"),
        bytes(reader.file_len()),
        rate.unwrap_or_default()
    ))
}
