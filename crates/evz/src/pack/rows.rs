//! The table of samples as rows of a side stream, and back.

use evz_core::{
    Clock, ClockKind, Error, Metadata, Place, Result, SensorSize, SideColumn, SideRows, SideValues,
};
use evz_file::wire::{read_metadata, write_metadata};

use super::SAMPLES;

/// A row of the table: where a sample stands, and what is its own. Times are ticks of the pack.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// What it was called under the folder that was packed, with `/` between folders.
    pub(crate) name: String,
    /// Its class; empty if it has none.
    pub(crate) label: String,
    /// Where its time begins in the pack.
    pub(crate) start: i64,
    /// How long it is, up to behind its last event or row.
    pub(crate) duration: i64,
    /// Its own time where it begins.
    pub(crate) origin: i64,
    pub(crate) events: u64,
    pub(crate) size: Option<SensorSize>,
    /// The clock that its own times are of.
    pub(crate) clock: Clock,
    /// What is said of it and not of all samples.
    pub(crate) metadata: Metadata,
}

/// The rows as a table.
///
/// # Errors
/// If the metadata of one are more than the format holds.
pub(crate) fn to_table(rows: &[Row]) -> Result<SideRows> {
    let int = |of: &dyn Fn(&Row) -> i64| SideValues::I64(rows.iter().map(of).collect());
    let text = |of: &dyn Fn(&Row) -> &String| {
        SideValues::Text(rows.iter().map(|row| of(row).clone()).collect())
    };
    let side = |of: fn(SensorSize) -> u32| move |row: &Row| row.size.map_or(0, of).into();
    let kind = |kind: ClockKind| ClockKind::ALL.iter().position(|k| *k == kind);
    let clocks = rows
        .iter()
        .map(|row| kind(row.clock.kind).unwrap_or(0) as u8);
    let metadata = rows.iter().map(|row| match row.metadata.is_empty() {
        true => Ok(Vec::new()),
        false => write_metadata(&row.metadata).map_err(|e| e.within(row.name.as_str())),
    });
    let columns = vec![
        SideColumn::new("name", text(&|row| &row.name)),
        SideColumn::new("label", text(&|row| &row.label)),
        SideColumn::new("events", int(&|row| row.events as i64)),
        SideColumn::new("duration", int(&|row| row.duration)),
        SideColumn::new("origin", int(&|row| row.origin)),
        SideColumn::new("width", int(&side(|size| size.width))),
        SideColumn::new("height", int(&side(|size| size.height))),
        SideColumn::new("clock", SideValues::U8(clocks.collect())),
        SideColumn::new("epoch", int(&|row| row.clock.epoch)),
        SideColumn::new(
            "metadata",
            SideValues::Bytes(metadata.collect::<Result<_>>()?),
        ),
    ];
    let mut table = SideRows::new(SAMPLES, columns);
    table.t = rows.iter().map(|row| row.start).collect();
    Ok(table)
}

/// The rows of a table, of which the first has this number.
///
/// # Errors
/// If it lacks a column, or a row says what cannot be.
pub(crate) fn of_table(table: SideRows, first: u64) -> Result<Vec<Row>> {
    let mut table = Table(table);
    let (mut names, mut labels) = (table.text("name")?, table.text("label")?);
    let (events, durations) = (table.int("events")?, table.int("duration")?);
    let (origins, epochs) = (table.int("origin")?, table.int("epoch")?);
    let (widths, heights) = (table.int("width")?, table.int("height")?);
    let SideValues::U8(clocks) = table.take("clock")? else {
        return Err(other_type("clock"));
    };
    let SideValues::Bytes(metadata) = table.take("metadata")? else {
        return Err(other_type("metadata"));
    };
    let rows = table.0.t.iter().enumerate().map(|(i, start)| {
        let wrong = |what: String| {
            let number = first + i as u64;
            Error::corrupt(Place::part(SAMPLES), format!("sample {number} {what}"))
        };
        let (duration, events) = (durations[i], events[i]);
        let ends = start.checked_add(duration).is_some();
        let ends = ends && origins[i].checked_add(duration).is_some();
        if duration < 0 || events < 0 || !ends {
            let what = format!("has {events} events in {duration} ticks from {start} on");
            return Err(wrong(what));
        }
        let kind = ClockKind::ALL.get(usize::from(clocks[i])).copied();
        let kind = kind.ok_or_else(|| wrong(format!("has a clock of kind {}", clocks[i])))?;
        let mut own = Metadata::new();
        if !metadata[i].is_empty() {
            read_metadata(&metadata[i], &mut own)
                .map_err(|e| wrong(format!("has no metadata: {e}")))?;
        }
        Ok(Row {
            name: std::mem::take(&mut names[i]),
            label: std::mem::take(&mut labels[i]),
            start: *start,
            duration,
            origin: origins[i],
            events: events as u64,
            size: size(widths[i], heights[i]).map_err(wrong)?,
            clock: Clock::of(kind).with_epoch(epochs[i]),
            metadata: own,
        })
    });
    rows.collect()
}

/// A size, where neither side is 0; none where both are.
fn size(width: i64, height: i64) -> Result<Option<SensorSize>, String> {
    if (width, height) == (0, 0) {
        return Ok(None);
    }
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(width), Ok(height)) if width > 0 && height > 0 => {
            Ok(Some(SensorSize { width, height }))
        }
        _ => Err(format!("has a sensor of {width}x{height} pixels")),
    }
}

/// The columns that were not taken yet.
struct Table(SideRows);

impl Table {
    fn take(&mut self, name: &str) -> Result<SideValues> {
        let at = self.0.columns.iter().position(|c| c.name == name);
        match at {
            Some(at) => Ok(self.0.columns.swap_remove(at).values),
            None => {
                let what = format!("it has no column {name:?}, which samples have");
                Err(Error::corrupt(Place::part(SAMPLES), what))
            }
        }
    }

    fn int(&mut self, name: &str) -> Result<Vec<i64>> {
        match self.take(name)? {
            SideValues::I64(values) => Ok(values),
            _ => Err(other_type(name)),
        }
    }

    fn text(&mut self, name: &str) -> Result<Vec<String>> {
        match self.take(name)? {
            SideValues::Text(values) => Ok(values),
            _ => Err(other_type(name)),
        }
    }
}

fn other_type(name: &str) -> Error {
    let what = format!("its column {name:?} is of another type than that of samples");
    Error::corrupt(Place::part(SAMPLES), what)
}
