//! Triggers, as marks on pictures.

use std::sync::Arc;

use anyhow::Result;
use evz::picture::Mark;
use evz::{Error, Recording, SideRows, SideValues};

use crate::args::RenderArgs;
use crate::refuse::refuse;
use crate::side_again::{self, Met, SideAgain};

/// Refuses what has no marks, before anything is written.
pub(crate) fn check(args: &RenderArgs, recording: &Recording) -> Result<()> {
    let Some(stream) = &args.beside.mark else {
        return Ok(());
    };
    let follow = [("--mark", args.follow)];
    refuse(&follow, "side streams of a file that grows are not read")?;
    let why = format!("--mark {stream} reads it a second time");
    side_again::check(args, recording, stream, &why)?;
    if !stream.starts_with("triggers") {
        let what = format!("--mark {stream}: {stream} are no triggers");
        return Err(Error::invalid(what).into());
    }
    Ok(())
}

/// The triggers that the options ask for, in the order of their time.
pub(crate) fn read(args: &RenderArgs, met: &Met) -> Result<Arc<[Mark]>> {
    let mut marks = Vec::new();
    if let Some(stream) = &args.beside.mark {
        let mut table = SideAgain::open(args, stream, met)?;
        while let Some(rows) = table.next_rows()? {
            let mark = |row: usize| Mark {
                t: rows.t[row],
                label: label(&rows, row),
            };
            marks.extend((0..rows.len()).map(mark));
        }
        marks.sort_by_key(|mark| mark.t);
    }
    Ok(marks.into())
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
