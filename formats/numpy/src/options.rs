//! What a reader of arrays can be told.

use evz_core::{SensorSize, TimeBase};

/// What the reader is told rather than left to find. The default is nothing.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// The order of the columns of an array of numbers, as four letters: `txyp`.
    pub columns: Option<String>,
    /// The unit of times that are plain numbers.
    pub time_unit: Option<TimeBase>,
    /// The size of the sensor.
    pub size: Option<SensorSize>,
}

impl Options {
    /// Reads the columns of an array of numbers in this order: the letters `t`, `x`, `y` and `p`.
    pub fn with_columns(mut self, columns: impl Into<String>) -> Self {
        self.columns = Some(columns.into());
        self
    }

    /// Reads times that are plain numbers in this unit.
    pub fn with_time_unit(mut self, unit: TimeBase) -> Self {
        self.time_unit = Some(unit);
        self
    }

    /// Takes this as the size of the sensor, whatever the file says.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }
}
