//! `bench`: how fast this machine is.

use std::io::{self, Write};

use anyhow::{Context, Result};
use evz::{Error, Format, ReadOptions, Reader};

use super::Outcome;
use crate::bench::{Figures, decode, encode, parse, query};
use crate::cli::{BenchArgs, Operation};
use crate::human::{bytes, count, duration, short};

pub(crate) fn run(args: &BenchArgs) -> Result<Outcome> {
    let options = args.reading.options();
    let figures = match args.operation {
        Operation::Parse => parse(&args.file, &options.text)?,
        Operation::Encode => {
            let mut source = evz::open_source(&args.file, &options)?;
            encode(&mut *source, args.profile)?
        }
        Operation::Decode => decode(&reader(args)?)?,
        Operation::Query => {
            let window = args.window_us.unwrap_or_default();
            query(&reader(args)?, window, &args.starts_us)?
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

fn reader(args: &BenchArgs) -> Result<Reader> {
    if evz::detect_format(&args.file)? != Format::Evz {
        let file = args.file.display();
        let what = format!("{file}: this measures .evz files; make one with evz convert {file}");
        return Err(Error::invalid(what).into());
    }
    Ok(ReadOptions::new().open(&args.file)?)
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
