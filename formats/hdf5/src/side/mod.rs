//! What stands beside the events: triggers, frames, samples of an inertial unit.

mod frames;
mod images;
mod imu;
mod times;
mod triggers;

use evz_core::{Error, Loss, LossKind, Place, Report, Result, SideRows, TimeBase};

use crate::find::Contents;
use crate::found::{Found, Layout};
use crate::h5::File;
use frames::Frames;
use images::Images;
use imu::Imu;
use triggers::Triggers;

/// A table beside the events, read a part at a time.
trait Table: Send {
    /// What the side stream is called.
    fn name(&self) -> &'static str;

    /// Rows that were not read yet.
    fn left(&self) -> u64;

    /// The next rows; none at the end. Behind an error nothing comes.
    fn next(&mut self) -> Result<Option<SideRows>>;
}

/// The side streams of a file.
#[derive(Default)]
pub(crate) struct Side {
    names: Vec<String>,
    /// Those that are not at their end, the one that is being read last.
    tables: Vec<Box<dyn Table>>,
    report: Report,
    /// The file, for messages.
    name: String,
    file: Option<File>,
    /// The number of the event stream that they are of, if there are several.
    owner: Option<u16>,
}

impl Side {
    /// What stands beside a stream of events whose ticks are worth this.
    pub(crate) fn of(
        file: &File,
        contents: &Contents,
        found: &Found,
        base: TimeBase,
        name: &str,
    ) -> Self {
        let mut side = Self {
            name: name.to_owned(),
            file: Some(file.clone()),
            ..Self::default()
        };
        let mut tables: Vec<Result<Option<Box<dyn Table>>>> = Vec::new();
        match found.layout {
            Layout::Prophesee => tables.push(Triggers::open(contents, base).map(boxed)),
            Layout::Mvsec => {
                let group = found.group();
                tables.push(Frames::open(contents, group, base).map(boxed));
                tables.push(Imu::open(contents, group, base).map(boxed));
            }
            Layout::Monash => tables.push(Images::open(file, base).map(boxed)),
            _ => {}
        }
        for table in tables.into_iter().rev() {
            match table {
                Ok(table) => side.tables.extend(table),
                Err(error) => side.lose("side streams that cannot be read", 1, error),
            }
        }
        side.names = side
            .tables
            .iter()
            .rev()
            .map(|t| t.name().to_owned())
            .collect();
        side
    }

    /// The same of one of several event streams.
    pub(crate) fn with_owner(mut self, number: usize) -> Self {
        self.owner = u16::try_from(number).ok();
        self
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// If a read failed.
    pub(crate) fn next(&mut self) -> Result<Option<SideRows>> {
        while let Some(table) = self.tables.last_mut() {
            let name = table.name();
            match table.next() {
                Ok(Some(mut rows)) => {
                    rows.of = self.owner;
                    return Ok(Some(rows));
                }
                Ok(None) => drop(self.tables.pop()),
                Err(error) => {
                    let left = table.left();
                    self.tables.pop();
                    let checked = self.file.as_ref().map_or(Ok(()), File::check);
                    checked.map_err(|e| e.within(Place::file(&self.name)))?;
                    self.lose(&format!("rows of {name} that cannot be read"), left, error);
                }
            }
        }
        Ok(None)
    }

    /// Gives no rows any more.
    pub(crate) fn stop(&mut self) {
        self.tables.clear();
    }

    pub(crate) fn report(&self) -> Report {
        self.report.clone()
    }

    fn lose(&mut self, what: &str, count: u64, error: Error) {
        let error = error.within(Place::file(&self.name)).to_string();
        let loss = Loss::new(LossKind::SideStreams, what, count.max(1));
        self.report.add_loss(loss.with_examples([error]));
    }
}

fn boxed<T: Table + 'static>(table: Option<T>) -> Option<Box<dyn Table>> {
    table.map(|table| Box::new(table) as _)
}
