//! Triggers and samples of an inertial unit, as marks on pictures.

use std::sync::Arc;

use anyhow::Result;
use evz::picture::{Mark, Trace};
use evz::{Error, Recording, SideRows, SideValues};

use crate::args::RenderArgs;
use crate::inertia::Inertia;
use crate::refuse::refuse;
use crate::side_again::{self, Met, SideAgain};

/// What the options ask for.
#[derive(Default)]
pub(crate) struct Marked {
    /// The triggers, in the order of their time.
    pub(crate) marks: Arc<[Mark]>,
    pub(crate) traces: Arc<[Trace]>,
}

/// Refuses what has no marks, before anything is written.
pub(crate) fn check(args: &RenderArgs, recording: &Recording) -> Result<()> {
    for stream in &args.beside.mark {
        let follow = [("--mark", args.follow)];
        refuse(&follow, "side streams of a file that grows are not read")?;
        let why = format!("--mark {stream} reads it a second time");
        side_again::check(args, recording, stream, &why)?;
        side_again::check_owner(recording, stream)?;
        if !is_of_triggers(stream) && !is_of_unit(stream) {
            let what = format!(
                "--mark {stream}: {stream} are neither triggers nor samples of an inertial unit"
            );
            return Err(Error::invalid(what).into());
        }
    }
    Ok(())
}

fn is_of_triggers(stream: &str) -> bool {
    stream.starts_with("triggers")
}

fn is_of_unit(stream: &str) -> bool {
    stream.starts_with("imu")
}

impl Marked {
    /// Reads the streams that the options name.
    pub(crate) fn read(args: &RenderArgs, met: &Met) -> Result<Self> {
        let (mut marks, mut traces) = (Vec::new(), Vec::new());
        for stream in &args.beside.mark {
            let mut table = SideAgain::open(args, stream, met)?;
            let mut inertia = Inertia::default();
            let bytes_of_row = size_of::<Mark>().max(Inertia::BYTES);
            while let Some(rows) = table.next_kept(bytes_of_row)? {
                if is_of_unit(stream) {
                    inertia.add(&rows, || table.place())?;
                    continue;
                }
                let mark = |row: usize| Mark {
                    t: rows.t[row],
                    label: label(&rows, row),
                };
                marks.extend((0..rows.len()).map(mark));
            }
            traces.extend(inertia.into_traces());
        }
        marks.sort_by_key(|mark| mark.t);
        Ok(Self {
            marks: marks.into(),
            traces: traces.into(),
        })
    }
}

/// The number of a trigger's source and the edge that it saw, as far as a recording has them: `6+`.
fn label(rows: &SideRows, row: usize) -> String {
    let number = |name: &str| {
        let column = rows.columns.iter().find(|column| column.name == name)?;
        match &column.values {
            SideValues::Bool(values) => Some(i64::from(values[row])),
            SideValues::U8(values) => Some(values[row].into()),
            SideValues::U16(values) => Some(values[row].into()),
            SideValues::I64(values) => Some(values[row]),
            _ => None,
        }
    };
    let source = number("id").or_else(|| number("source"));
    let edge = match number("polarity") {
        None => "",
        Some(1..) => "+",
        Some(_) => "-",
    };
    format!("{}{edge}", source.map_or(String::new(), |n| n.to_string()))
}
