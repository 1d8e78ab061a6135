//! `cat`: events as text on standard output.

use std::time::Duration;

use anyhow::Result;
use evz::{ColumnOrder, CreateOptions, Flushing, Header, Origin, TimeUnit};

use super::Outcome;
use super::convert::no_rows;
use crate::args::CatArgs;
use crate::ending;
use crate::given::Given;
use crate::input::{self, side_stream};
use crate::output::Target;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_input};
use crate::words::{say, say_report};

/// How long what is printed of a file that grows may wait for more.
const HAND_ON_EVERY: Duration = Duration::from_millis(50);

pub(crate) fn run(args: &CatArgs, given: &Given) -> Result<Outcome> {
    let recording = input::open(&args.file, &args.reading)?;
    let side = side_stream(&args.reading, &recording)?;
    let text = match side {
        Some(_) => TextIsWritten::No,
        None => TextIsWritten::Yes,
    };
    check_input(&args.reading.options(), &recording, text)?;
    let target = Target::text_on_stdout()?;
    let wanted = args.origin.of(args.selection.wanted());
    if let Some(stream) = side {
        let of_rows = ["time", "zero-t0"];
        given.refuse_but(&of_rows, "it is of events, and a side stream was asked for")?;
        let table = recording.into_side_table(&stream, &wanted)?;
        let written = evz::write_side(table, target.output()?, target.format)?;
        if written.rows == 0 {
            say(no_rows(&stream));
        }
        return Ok(Outcome::of_loss(say_report(&written.report)));
    }
    // What settles how text is read says nothing of how it is printed.
    let told = recording.format();
    let told = (told.name != "text").then_some((&args.reading, told));
    let mut options = args.text.options(told, CreateOptions::new());
    options.fresh = true;
    options.columns.get_or_insert(ColumnOrder::TXYP);
    let end = match args.follow {
        true => Some(ending::by_signal_or_reader()?),
        false => None,
    };
    let recording = match &end {
        Some(end) => recording.follow(end.clone())?,
        None => recording,
    };
    let base = recording.info().time_base;
    // Ticks that are no whole nanoseconds are seldom whole microseconds.
    if base.whole_nanoseconds().is_some() {
        options.time_unit.get_or_insert(TimeUnit::Microseconds);
    }
    let (recording, first) = match wanted.is_of_time() {
        true => recording.started()?,
        false => (recording, None),
    };
    let recorded = recording.info();
    let mut source = recording.select(&wanted)?;
    let info = source.info().clone();
    // Lines of events alone, where they say all, or are to count from elsewhere.
    let says_all = info.clock.epoch == 0 || wanted.origin != Origin::Recorded;
    if says_all && info.columns.is_empty() {
        options.header.get_or_insert(Header::None);
    }
    let mut sink = target.create(&info, &options)?;
    if let Some(end) = end {
        let flushing = Flushing::of(|| Ok(sink), HAND_ON_EVERY, end);
        sink = Box::new(flushing.map_err(|e| e.within("standard output"))?);
    }
    let mut meter = Meter::new();
    let copied = evz::copy_with(&mut *source, sink, |n, progress| meter.add(n, progress))?;
    meter.end();
    // Nobody expects side streams among lines of events.
    let mut report = copied.report;
    wanted.origin.agree(&mut report);
    if copied.events == 0 {
        report
            .notes
            .extend(wanted.note_of_nothing(&recorded, first));
    }
    report
        .losses
        .retain(|loss| loss.kind != evz::LossKind::SideStreams);
    Ok(Outcome::of_loss(say_report(&report)))
}
