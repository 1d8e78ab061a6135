//! The frames of a camera, each as the ground of what is seen after it.

use std::sync::Arc;

use anyhow::Result;
use evz::picture::Ground;
use evz::{Error, Place, Recording, SensorSize, SideRows};

use crate::args::RenderArgs;
use crate::camera_frames::{are_frames, frame};
use crate::refuse::refuse;
use crate::side_again::{self, Met, SideAgain};

/// The frames of `--over`, read beside the events.
pub(crate) struct CameraGround<'a> {
    args: &'a RenderArgs,
    stream: &'a str,
    name: String,
    size: SensorSize,
    table: SideAgain<'a>,
    met: &'a Met,
    rows: Option<SideRows>,
    /// The row that comes next, in `rows` and in all.
    next: usize,
    number: u64,
    /// The latest frame so far, and its time.
    shown: Option<(i64, Arc<Ground>)>,
}

/// Refuses what cannot be the ground of pictures, before anything is written.
pub(crate) fn check(args: &RenderArgs, recording: &Recording) -> Result<()> {
    let Some(stream) = &args.beside.over else {
        return Ok(());
    };
    let follow = [("--over", args.follow)];
    refuse(&follow, "side streams of a file that grows are not read")?;
    let why = format!("--over {stream} reads it a second time");
    side_again::check(args, recording, stream, &why)?;
    side_again::check_owner(recording, stream)?;
    if !are_frames(stream) {
        let what = format!("--over {stream}: {stream} are no frames of a camera");
        return Err(Error::invalid(what).into());
    }
    Ok(())
}

impl<'a> CameraGround<'a> {
    /// The frames that the options ask for, if they do, under events of a sensor of this size.
    pub(crate) fn open(
        args: &'a RenderArgs,
        size: SensorSize,
        met: &'a Met,
    ) -> Result<Option<Self>> {
        let Some(stream) = &args.beside.over else {
            return Ok(None);
        };
        let mut table = SideAgain::open(args, stream, met)?;
        Ok(Some(Self {
            args,
            stream,
            name: args.input.display().to_string(),
            size,
            rows: table.next_rows()?,
            table,
            met,
            next: 0,
            number: 0,
            shown: None,
        }))
    }

    /// The latest frame up to a tick, if there is one. Ticks that run backwards begin from the front.
    pub(crate) fn until(&mut self, tick: i64) -> Result<Option<Arc<Ground>>> {
        if self.shown.as_ref().is_some_and(|(t, _)| *t > tick) {
            self.table = SideAgain::open(self.args, self.stream, self.met)?;
            self.rows = self.table.next_rows()?;
            (self.next, self.number, self.shown) = (0, 0, None);
        }
        while let Some(rows) = &self.rows {
            let left = &rows.t[self.next..];
            let until = left.iter().take_while(|t| **t <= tick).count();
            if until > 0 {
                let row = self.next + until - 1;
                self.number += until as u64;
                let place = || {
                    let row = Place::part(self.stream).with_row(self.number - 1);
                    row.within(Place::file(&self.name))
                };
                let ground = frame(rows, row)?.ground();
                let ground = ground.map_err(|e| e.within(place()))?;
                ground.check_size(self.size, place())?;
                self.shown = Some((rows.t[row], Arc::new(ground)));
                self.next = row + 1;
            }
            if self.next < rows.len() {
                break;
            }
            self.rows = self.table.next_rows()?;
            self.next = 0;
        }
        Ok(self.shown.as_ref().map(|(_, ground)| ground.clone()))
    }
}
