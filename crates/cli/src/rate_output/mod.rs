//! What is written of a rate, and where.

mod array;
mod csv;
mod json;
mod plot;
mod table;

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use evz::{Error, Output, Rate};

use crate::args::RateArgs;
use crate::input::is_pipe;
use crate::output::output;

/// A rate, and the tick that times are counted from for people.
pub(crate) struct Timed<'a> {
    /// What the recording is called.
    pub(crate) name: &'a str,
    pub(crate) rate: &'a Rate,
    pub(crate) zero: i128,
}

/// What times are counted in where a program reads them: none is rounded.
struct Unit {
    /// `us`, `ns` or `ticks`, as a part of the name of a column.
    name: &'static str,
    /// How many of it are a tick.
    in_tick: u64,
}

/// How a rate is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Table,
    Csv,
    Json,
    Npy,
    Png,
    Svg,
}

impl Form {
    /// Those that a file may have, by its extension.
    const FILES: [(&'static str, Self); 5] = [
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("npy", Self::Npy),
        ("png", Self::Png),
        ("svg", Self::Svg),
    ];

    /// The form of a name.
    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default();
        let mut files = Self::FILES.into_iter();
        let found = files.find(|(name, _)| extension.eq_ignore_ascii_case(name));
        found.map(|(_, form)| form).ok_or_else(|| {
            let endings = Self::FILES.map(|(name, _)| format!(".{name}"));
            let what = format!(
                "{}: its name does not say how a rate is written: end it in {}",
                path.display(),
                evz::alternatives(&endings)
            );
            Error::invalid(what).into()
        })
    }
}

/// What is to be written, before anything is read.
pub(crate) struct RateOutput<'a> {
    path: &'a Path,
    form: Form,
    force: bool,
}

impl<'a> RateOutput<'a> {
    pub(crate) fn new(args: &'a RateArgs) -> Result<Self> {
        let (path, form) = match &args.output {
            Some(path) if is_pipe(path) => {
                let what = "standard output has no name that says how a rate is written; leave out \
                            --output, and pass --csv or --json";
                return Err(Error::invalid(what).into());
            }
            Some(path) => (path.as_path(), Form::of(path)?),
            None if args.csv => (Path::new("-"), Form::Csv),
            None if args.json => (Path::new("-"), Form::Json),
            None => (Path::new("-"), Form::Table),
        };
        let force = args.force;
        Ok(Self { path, form, force })
    }

    /// Begins it, once the recording is open and before it is read.
    pub(crate) fn begin(&self) -> Result<Output> {
        Ok(output(self.path, self.force)?)
    }

    pub(crate) fn write(&self, mut out: Output, timed: &Timed<'_>) -> Result<()> {
        let written = self.write_to(timed, &mut out).and_then(|()| out.flush());
        written.map_err(|e| out.failed(e))?;
        Ok(out.commit()?)
    }

    fn write_to(&self, timed: &Timed<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self.form {
            Form::Table => table::write(timed, out),
            Form::Csv => csv::write(timed.rate, out),
            Form::Json => json::write(timed.rate, out),
            Form::Npy => array::write(timed.rate, out),
            Form::Png => out.write_all(&plot::of(timed).png().map_err(io::Error::other)?),
            Form::Svg => out.write_all(plot::of(timed).svg().as_bytes()),
        }
    }
}

/// The part of its time that a bin has to cover for its rate to be one: the first and the last may begin
/// before the events, or go on behind them.
const COVERED: f64 = 0.9;

impl Timed<'_> {
    /// Which part of a bin's time the events cover, of those of which it is not nearly all.
    fn covered_in_part(&self, bin: usize) -> Option<f64> {
        Some(self.rate.covered(bin)).filter(|part| *part < COVERED)
    }

    /// Nanoseconds from there to the start of a bin.
    pub(crate) fn since_zero(&self, bin: usize) -> i128 {
        let held = |t: i128| t.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        let base = self.rate.time_base;
        let start = base.to_nanoseconds(held(self.rate.start_of(bin)));
        start - base.to_nanoseconds(held(self.zero))
    }
}

impl Unit {
    fn of(rate: &Rate) -> Self {
        match rate.time_base.whole_nanoseconds() {
            Some(ns) if ns % 1_000 == 0 => Self {
                name: "us",
                in_tick: ns / 1_000,
            },
            Some(in_tick) => Self {
                name: "ns",
                in_tick,
            },
            None => Self {
                name: "ticks",
                in_tick: 1,
            },
        }
    }

    fn of_ticks(&self, ticks: i128) -> i128 {
        ticks * i128::from(self.in_tick)
    }
}
