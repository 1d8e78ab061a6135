//! `bench`: how fast this machine is.

use std::io::{self, Write};

use anyhow::{Context, Result};
use evz::{Error, Format, ReadOptions};

use super::Outcome;
use crate::applies::{check_reading, refuse};
use crate::bench::{Figures, decode, encode, parse, query};
use crate::cli::{BenchArgs, Operation};
use crate::human::{bytes, count, duration, short};

pub(crate) fn run(args: &BenchArgs) -> Result<Outcome> {
    check(args)?;
    let options = args.reading.options();
    let figures = match args.operation {
        Operation::Parse => parse(&args.file, &options.text)?,
        Operation::Encode => {
            let mut source = evz::open_source(&args.file, &options)?;
            encode(&mut *source, args.profile)?
        }
        Operation::Decode => decode(&ReadOptions::new().open(&args.file)?)?,
        Operation::Query => {
            let window = args.window_us.unwrap_or_default();
            query(
                &ReadOptions::new().open(&args.file)?,
                window,
                &args.starts_us,
            )?
        }
    };
    let text = if args.json {
        serde_json::to_string_pretty(&figures)?
    } else {
        lines(&figures)
    };
    writeln!(io::stdout(), "{text}").context("cannot write to standard output")?;
    Ok(Outcome::Done)
}

/// Refuses options that this operation has no use for, and a file that cannot be read many times.
fn check(args: &BenchArgs) -> Result<()> {
    let format = match args.reading.input_format {
        Some(format) => format,
        None => evz::detect_format(&args.file)?,
    };
    check_reading(&args.reading, format, false)?;
    if args.operation != Operation::Encode {
        refuse(
            &[("--profile", args.profile.is_some())],
            "only encode encodes",
        )?;
    }
    if args.operation != Operation::Query {
        let windows = [
            ("--window-us", args.window_us.is_some()),
            ("--starts-us", !args.starts_us.is_empty()),
        ];
        refuse(&windows, "only query takes windows")?;
    }
    let (wanted, way_out) = match args.operation {
        Operation::Encode => return Ok(()),
        Operation::Parse => (Format::Text, "convert it to .txt"),
        Operation::Decode | Operation::Query => (Format::Evz, "make an .evz of it"),
    };
    if format != wanted {
        let file = args.file.display();
        let what =
            format!("{file}: is {format}, this measures {wanted}; {way_out} with evz convert");
        return Err(Error::invalid(what).into());
    }
    Ok(())
}

fn lines(figures: &Figures) -> String {
    let time = |s: f64| duration((s * 1e9) as u128);
    let mut lines = vec![format!(
        "{}: {} events/s, {}B/s ({} events, {} runs on {} threads, median {}, best {})",
        figures.operation,
        short(figures.events_per_s),
        short(figures.bytes_per_s),
        count(figures.events),
        figures.runs,
        figures.threads,
        time(figures.median_s),
        time(figures.best_s),
    )];
    if let Some(first) = figures.first_pass_events_per_s {
        lines.push(format!("  into new memory: {} events/s", short(first)));
    }
    if let (Some(median), Some(mean)) = (figures.us_per_query, figures.mean_us_per_query) {
        lines.push(format!(
            "  a window: {median:.1} us, on average {mean:.1} us"
        ));
    }
    if let Some(peak) = figures.peak_rss_bytes {
        lines.push(format!("  peak memory: {}", bytes(peak)));
    }
    lines.join("\n")
}
