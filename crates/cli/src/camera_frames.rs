//! The frames that a camera took beside its events, as a sequence of PNG files.

use std::io::Write;

use anyhow::Result;
use evz::picture::{CameraFrame, PictureFormat};
use evz::{Error, NextRows, Place, Report, SideRows, SideTable, SideValues};

use crate::args::{FrameFormat, RenderArgs};
use crate::given::Given;
use crate::numbered::{names, numbered};

/// Writes each frame of a side stream into a file of its own; returns how many, and what they are called.
pub(crate) fn write(
    args: &RenderArgs,
    given: &Given,
    format: FrameFormat,
    table: &mut SideTable,
) -> Result<(u64, String, Report)> {
    if !are_frames(table.name()) {
        let what = format!(
            "{} are no pictures; print them with `evz cat`, or write a table with `evz convert`",
            table.name()
        );
        return Err(Error::invalid(what).into());
    }
    let of_use = ["output", "output-format", "force"];
    given.refuse_but(&of_use, "the frames of a camera are as they are")?;
    if format != FrameFormat::Picture(PictureFormat::Png) {
        let what = "the frames of a camera are written as .png, or as a table by `evz convert`";
        return Err(Error::invalid(what).into());
    }
    let files = numbered(&args.output)?;
    let mut number = 0;
    let mut bytes = Vec::new();
    let report = loop {
        let rows = match table.next_rows()? {
            NextRows::Rows(rows) => rows,
            NextRows::End(report) => break report,
        };
        for row in 0..rows.len() {
            let place = || Place::part(format!("frame {number}"));
            bytes.clear();
            frame(&rows, row)?
                .encode_png(&mut bytes)
                .map_err(|e| e.within(place()))?;
            let path = files.path(number);
            let mut file = evz::create_output(&path, args.force)?;
            file.write_all(&bytes).map_err(|e| file.failed(e))?;
            file.commit()?;
            number += 1;
        }
    };
    Ok((number, names(&files, number), report))
}

/// Whether a side stream of this name holds frames.
pub(crate) fn are_frames(stream: &str) -> bool {
    stream.starts_with("frames")
}

/// The frame of a row.
pub(crate) fn frame(rows: &SideRows, row: usize) -> Result<CameraFrame<'_>> {
    let column = |name| {
        rows.columns
            .iter()
            .find(|c| c.name == name)
            .map(|c| &c.values)
    };
    let side = |name| match column(name) {
        Some(SideValues::U16(v)) => Some(u32::from(v[row])),
        _ => None,
    };
    match (
        side("width"),
        side("height"),
        column("format"),
        column("pixels"),
    ) {
        (
            Some(width),
            Some(height),
            Some(SideValues::U8(format)),
            Some(SideValues::Bytes(pixels)),
        ) => {
            // As OpenCV numbers them: the type of a sample, 0 for 8 bits and 2 for 16, then the channels less 1.
            let format = format[row];
            let bits = match format & 7 {
                0 => 8,
                2 => 16,
                _ => {
                    let what =
                        "its samples are not of 8 or 16 bits; `evz convert` writes them as a table";
                    return Err(Error::unsupported(&rows.stream, what).into());
                }
            };
            Ok(CameraFrame {
                width,
                height,
                channels: (format >> 3) + 1,
                bits,
                samples: &pixels[row],
            })
        }
        _ => {
            let what = "it has no width, height, format and pixels, so these are no frames";
            Err(Error::invalid(format!("side stream {}: {what}", rows.stream)).into())
        }
    }
}
