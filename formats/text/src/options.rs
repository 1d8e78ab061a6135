//! What a reader of text can be told.

use evz_core::{Error, Result, SensorSize};
use std::str::FromStr;

use crate::{ColumnOrder, TimeUnit};

/// What to do with a line that is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnBadLine {
    /// Stop with an error that names the line.
    #[default]
    Stop,
    /// Skip the line, count it and report it as a loss.
    Skip,
}

impl FromStr for OnBadLine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "stop" => Ok(Self::Stop),
            "skip" => Ok(Self::Skip),
            _ => Err(Error::invalid(format!(
                "no such choice {text:?} for a bad line; it is stop or skip"
            ))),
        }
    }
}

/// What the reader is told rather than left to find. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextOptions {
    /// The order of the columns.
    pub columns: Option<ColumnOrder>,
    /// The unit of the times.
    pub time_unit: Option<TimeUnit>,
    /// How many decimals of the unit the times keep.
    pub decimals: Option<u8>,
    /// The size of the sensor.
    pub size: Option<SensorSize>,
    /// What to do with a line that is no event.
    pub on_bad_line: OnBadLine,
}

impl TextOptions {
    /// Reads the columns in this order.
    pub fn with_columns(mut self, columns: ColumnOrder) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Reads the times in this unit.
    pub fn with_time_unit(mut self, unit: TimeUnit) -> Self {
        self.time_unit = Some(unit);
        self
    }

    /// Keeps so many decimals of the times; at most down to the nanosecond.
    pub fn with_decimals(mut self, decimals: u8) -> Self {
        self.decimals = Some(decimals);
        self
    }

    /// Takes this as the size of the sensor, whatever the text says.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }

    /// Does this with a line that is no event.
    pub fn with_on_bad_line(mut self, on_bad_line: OnBadLine) -> Self {
        self.on_bad_line = on_bad_line;
        self
    }
}
