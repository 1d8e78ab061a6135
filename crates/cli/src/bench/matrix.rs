//! Sizes and lengths: all that matters of synthetic recordings from small to large.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use evz::{Error, OutputFile, SensorSize, TemporaryFolder};
use serde_json::Value;

use super::child::Itself;
use super::{median, repeat};
use crate::standard_output::print;
use crate::words::human::{bytes, count, short};

const SENSORS: [(u32, u32); 4] = [(240, 180), (640, 480), (1280, 720), (1920, 1080)];
const LENGTHS: [u64; 4] = [1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

const TEXT: &str = "events.txt";
const FILE: &str = "events.evz";

/// The columns, for people and for programs.
const COLUMNS: [(&str, &str); 11] = [
    ("way", "way"),
    ("sensor", "sensor"),
    ("events", "events"),
    ("text to file", "convert_s"),
    ("memory", "convert_memory_bytes"),
    ("bits an event", "bits_per_event"),
    ("file to columns, events/s", "decode_events_per_s"),
    ("memory", "decode_memory_bytes"),
    ("33 ms frames/s", "frames_33ms_per_s"),
    ("100k-event frames/s", "frames_100k_per_s"),
    ("memory", "frames_memory_bytes"),
];

/// Measures each sensor with each length up to `up_to`, which is the last one; prints a table as it
/// goes, and writes it as CSV.
pub(crate) fn matrix(
    itself: &[OsString],
    up_to: Option<u64>,
    profile: Option<&str>,
    csv: Option<&Path>,
) -> Result<()> {
    let up_to = up_to.unwrap_or(LENGTHS[3]);
    if up_to == 0 {
        return Err(Error::invalid("--up-to 0: there is nothing to measure; pass 1M").into());
    }
    let mut csv = csv.map(Csv::create).transpose()?;
    let (heads, names) = (COLUMNS.map(|c| c.0), COLUMNS.map(|c| c.1));
    print_row(&heads)?;
    print_row(&["---"; COLUMNS.len()])?;
    if let Some(csv) = &mut csv {
        csv.write(&names)?;
    }
    for events in LENGTHS.into_iter().filter(|n| *n < up_to).chain([up_to]) {
        for (width, height) in SENSORS {
            let sensor = SensorSize { width, height };
            let cell = measure(itself, sensor, events, profile)?;
            print_row(&cell.for_people())?;
            if let Some(csv) = &mut csv {
                csv.write(&cell.for_programs())?;
            }
        }
    }
    csv.map_or(Ok(()), Csv::finish)
}

/// The figures of one recording.
struct Cell {
    way: String,
    sensor: SensorSize,
    events: u64,
    convert_s: f64,
    convert_memory: Option<u64>,
    bits_per_event: f64,
    decode_events_per_s: f64,
    decode_memory: Option<u64>,
    frames_33ms_per_s: f64,
    frames_100k_per_s: f64,
    frames_memory: Option<u64>,
}

fn measure(
    itself: &[OsString],
    sensor: SensorSize,
    events: u64,
    profile: Option<&str>,
) -> Result<Cell> {
    let folder = TemporaryFolder::new("recordings to measure")?;
    let folder = folder.path();
    let itself = Itself {
        started_by: itself,
        folder,
    };
    let (size, n) = (sensor.to_string(), events.to_string());
    itself.run(&["synth", TEXT, "--size", &size, "--events", &n])?;

    // From text, for that is what there is to convert; to generate events would be timed with them.
    let mut convert = vec!["convert", TEXT, FILE, "--size", &size, "--force"];
    convert.extend(profile.iter().flat_map(|profile| ["--profile", profile]));
    let mut convert_memory = None;
    let mut runs = repeat(|| {
        convert_memory = convert_memory.max(itself.run(&convert)?.memory);
        Ok(())
    })?;
    runs.sort_by(f64::total_cmp);
    let remove = |name| std::fs::remove_file(folder.join(name));
    remove(TEXT).with_context(|| format!("cannot remove {TEXT} in {}", folder.display()))?;

    let file_bytes = std::fs::metadata(folder.join(FILE))
        .with_context(|| format!("{FILE} in {}", folder.display()))?
        .len();
    let decode = bench(itself, &["decode"], "events_per_s")?;
    let by_time = bench(itself, &["render", "--window", "33ms"], "frames_per_s")?;
    let by_count = bench(itself, &["render", "--count", "100k"], "frames_per_s")?;
    Ok(Cell {
        way: profile.map_or("evz".to_owned(), |profile| format!("evz {profile}")),
        sensor,
        events,
        convert_s: median(&runs),
        convert_memory,
        bits_per_event: file_bytes as f64 * 8.0 / events as f64,
        decode_events_per_s: decode.0,
        decode_memory: decode.1,
        frames_33ms_per_s: by_time.0,
        frames_100k_per_s: by_count.0,
        frames_memory: by_time.1.max(by_count.1),
    })
}

/// One figure of an operation of `evz bench`, and its memory.
fn bench(itself: Itself<'_>, operation: &[&str], figure: &str) -> Result<(f64, Option<u64>)> {
    let run = itself.run(&[&["bench"], operation, &[FILE, "--json"]].concat())?;
    let figures: Value = serde_json::from_slice(&run.out)?;
    let value = figures[figure].as_f64();
    let value = value.with_context(|| format!("evz bench {}: no {figure}", operation.join(" ")))?;
    Ok((value, run.memory))
}

impl Cell {
    fn for_people(&self) -> [String; COLUMNS.len()] {
        let memory = |bytes_: Option<u64>| bytes_.map_or(String::new(), bytes);
        [
            self.way.clone(),
            self.sensor.to_string(),
            count(self.events),
            format!("{:.3} s", self.convert_s),
            memory(self.convert_memory),
            format!("{:.1}", self.bits_per_event),
            short(self.decode_events_per_s),
            memory(self.decode_memory),
            short(self.frames_33ms_per_s),
            short(self.frames_100k_per_s),
            memory(self.frames_memory),
        ]
    }

    fn for_programs(&self) -> [String; COLUMNS.len()] {
        let memory = |bytes: Option<u64>| bytes.map_or(String::new(), |n| n.to_string());
        [
            self.way.clone(),
            self.sensor.to_string(),
            self.events.to_string(),
            format!("{:.6}", self.convert_s),
            memory(self.convert_memory),
            format!("{:.3}", self.bits_per_event),
            format!("{:.0}", self.decode_events_per_s),
            memory(self.decode_memory),
            format!("{:.1}", self.frames_33ms_per_s),
            format!("{:.1}", self.frames_100k_per_s),
            memory(self.frames_memory),
        ]
    }
}

/// Prints a row of Markdown.
fn print_row(cells: &[impl AsRef<str>]) -> Result<()> {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    print(format!("| {} |\n", cells.join(" | ")))
}

/// The same rows in a file.
struct Csv<'a>(OutputFile, &'a Path);

impl<'a> Csv<'a> {
    fn create(path: &'a Path) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            let what = "exists; remove it, or name another file";
            return Err(Error::invalid(format!("{}: {what}", path.display())).into());
        }
        Ok(Self(OutputFile::create(path, false)?, path))
    }

    fn write(&mut self, cells: &[impl AsRef<str>]) -> Result<()> {
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        writeln!(self.0, "{}", cells.join(","))
            .map_err(|e| Error::io(self.1.display().to_string(), "cannot write", e).into())
    }

    fn finish(self) -> Result<()> {
        Ok(self.0.commit()?)
    }
}
