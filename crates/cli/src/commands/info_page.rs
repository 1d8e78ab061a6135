//! What `info` knows, as a page.

use evz::ClockKind;

use super::info_survey;
use crate::facts::{ClockFacts, ColumnFacts, Facts, PackFacts};
use crate::words::human::{bars, bytes, count, counted, duration, seconds, short, time_base};

/// The facts as a page that one likes to read.
pub(super) fn page(name: &str, facts: &Facts) -> String {
    let mut lines = vec![title(name, facts)];
    let mut row = |name: &str, text: String| lines.push(format!("  {name:<9} {text}"));
    row("events", events(facts));
    row("sensor", with(sensor(facts), info_survey::outside(facts)));
    if !facts.serial.is_empty() {
        row("serial", facts.serial.clone());
    }
    if facts.events > 0 {
        row("time", time(facts));
    }
    let clock = [clock(facts), info_survey::clock(facts)];
    let clock: Vec<String> = clock.into_iter().flatten().collect();
    if !clock.is_empty() {
        row("clock", clock.join("; "));
    }
    if let Some(gaps) = info_survey::gaps(facts) {
        row("gaps", gaps);
    }
    if let Some(size) = facts.bytes {
        row("size", stored(size, facts));
    }
    if let Some(content) = &facts.content {
        row(
            "content",
            format!("{content}, of this file's columns; evz digest is the same in any format"),
        );
    }
    if let (Some(mean), Some(peak)) = (facts.events_per_s, facts.peak_events_per_s) {
        let (mean, peak) = (short(mean), short(peak));
        let mut rate = format!("{mean} events/s on average, {peak} events/s at the peak");
        if let Some(us) = facts.activity_width_us {
            rate += &format!(" over {}", duration((us * 1e3) as u128));
        }
        // The index knows how many events a chunk has, and not when in its time.
        if facts.chunks.is_some() {
            rate += ", by the index";
        }
        row("rate", with(rate, info_survey::burst(facts)));
        row("", bars(&facts.activity));
    }
    if let Some(hot) = info_survey::hot(facts) {
        row("hot", hot);
    }
    if let Some(sample) = info_survey::sample(facts) {
        row("looked at", sample);
    }
    for column in &facts.columns {
        row("column", further(column));
    }
    if let Some(pack) = &facts.samples {
        row("samples", samples(pack));
    }
    let samples = |name: &str| facts.samples.is_some() && name == "samples";
    for side in facts
        .side_streams
        .iter()
        .filter(|side| !samples(&side.name))
    {
        row(
            "beside",
            format!("{}: {}", side.name, counted(side.rows, "row")),
        );
    }
    if let Some(from) = origin(facts) {
        row("made from", from);
    }
    lines.join("\n") + "\n"
}

/// The text, and what else there is to say.
fn with(text: String, more: Option<String>) -> String {
    match more {
        Some(more) => format!("{text}, {more}"),
        None => text,
    }
}

/// Classes that are listed one by one.
const CLASSES: usize = 12;

/// The recordings of a pack: how many, of which classes.
fn samples(pack: &PackFacts) -> String {
    let n = counted(pack.count as u64, "recording");
    let some = pack.classes.iter().take(CLASSES);
    let mut classes: Vec<String> = some
        .map(|(label, n)| format!("{label}: {}", count(*n)))
        .collect();
    if pack.classes.len() > CLASSES {
        classes.push("…".to_owned());
    }
    let classes = match pack.classes.len() {
        0 => String::new(),
        1 => format!(" of class {}", classes[0]),
        all => format!(" of {all} classes ({})", classes.join(", ")),
    };
    format!("{n}{classes}, the first is {}", pack.first)
}

/// A further column: `label, u8, 0.8 bits an event`.
fn further(column: &ColumnFacts) -> String {
    let mut said = vec![column.name.clone(), column.column_type.to_owned()];
    let bits = column
        .bits_per_event
        .map(|bits| format!("{bits:.1} bits an event"));
    let texts = [&column.unit, &column.description];
    said.extend(texts.into_iter().filter(|text| !text.is_empty()).cloned());
    said.extend(bits);
    said.join(", ")
}

fn title(name: &str, facts: &Facts) -> String {
    let profile = facts
        .profile
        .as_ref()
        .map(|p| format!(", profile {p}"))
        .unwrap_or_default();
    // Other files tell of the file that they were made from.
    let encoding = text(facts, "source.encoding")
        .filter(|_| matches!(facts.format, "raw" | "dat"))
        .map(|e| format!(", {e}"))
        .unwrap_or_default();
    format!("{name}: {}{encoding}{profile}", facts.format)
}

fn events(facts: &Facts) -> String {
    if facts.events == 0 {
        return "none".to_owned();
    }
    let (on, off) = (count(facts.on), count(facts.off));
    format!("{} ({on} on, {off} off)", count(facts.events))
}

fn sensor(facts: &Facts) -> String {
    let reach = match (facts.x_min, facts.x_max, facts.y_min, facts.y_max) {
        (Some(x0), Some(x1), Some(y0), Some(y1)) => {
            format!("events from x {x0} to {x1}, y {y0} to {y1}")
        }
        _ => "no events".to_owned(),
    };
    match (facts.width, facts.height) {
        (Some(width), Some(height)) => format!("{width}x{height}, {reach}"),
        _ => format!("size unknown, {reach}"),
    }
}

fn time(facts: &Facts) -> String {
    let Some((first, last)) = facts.t_range else {
        return String::new();
    };
    let base = facts.time_base;
    let span = base.to_nanoseconds(last) - base.to_nanoseconds(first);
    let order = if facts.sorted {
        "in order"
    } else {
        "not in order"
    };
    format!(
        "{}, from {} to {}, in {}, {order}",
        duration(span.unsigned_abs()),
        facts.clock_time(first),
        facts.clock_time(last),
        time_base(base)
    )
}

/// What times are counted from, where that is known.
fn clock(facts: &Facts) -> Option<String> {
    let ClockFacts { kind, epoch } = facts.clock;
    let kind = match kind {
        ClockKind::Unknown if epoch == 0 => return None,
        ClockKind::Unknown => "one that nobody names",
        ClockKind::Sensor => "the sensor's",
        ClockKind::Unix => "Unix, from 1970",
        ClockKind::Gps => "GPS, from 1980",
        ClockKind::Monotonic => "a monotonic one",
    };
    Some(match epoch {
        0 => kind.to_owned(),
        epoch => {
            let from = seconds(facts.time_base.to_nanoseconds(epoch));
            format!("{kind}, on which times count from {from} s")
        }
    })
}

fn stored(size: u64, facts: &Facts) -> String {
    let mut text = bytes(size);
    if let Some(chunks) = facts.chunks {
        text += &format!(" in {}", counted(chunks, "chunk"));
    }
    if let Some(bits) = facts.bits_per_event {
        text += &format!(", {bits:.1} bits an event");
    }
    if let Some(by) = &facts.bits_per_event_by_column {
        text += &format!(
            " (t {:.1}, x {:.1}, y {:.1}, p {:.1})",
            by.t, by.x, by.y, by.p
        );
    }
    text
}

fn origin(facts: &Facts) -> Option<String> {
    let source = text(facts, "source.format").filter(|_| facts.format == "evz")?;
    let encoding = text(facts, "source.encoding")
        .map(|e| format!(", {e}"))
        .unwrap_or_default();
    let converter = text(facts, "converter")
        .map(|c| format!(", by {c}"))
        .unwrap_or_default();
    // A pack is made of many.
    Some(match facts.samples {
        Some(_) => format!("{source}{encoding}{converter}"),
        None => format!("{} ({source}{encoding}){converter}", facts.source),
    })
}

fn text<'a>(facts: &'a Facts, key: &str) -> Option<&'a str> {
    facts.metadata.get(key)?.as_text()
}
