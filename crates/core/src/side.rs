//! What is recorded beside the events.

/// Rows of a table recorded beside the events: triggers, IMU samples, frames. All rows of a stream
/// have the same columns.
#[derive(Debug, Clone, PartialEq)]
pub struct SideRows {
    /// Name of the stream: `triggers`, `imu`, `frames`.
    pub stream: String,
    /// The time of each row, in ticks of the recording's time base.
    pub t: Vec<i64>,
    /// The other columns, each with a value for each time.
    pub columns: Vec<SideColumn>,
}

/// A column of a side stream.
#[derive(Debug, Clone, PartialEq)]
pub struct SideColumn {
    /// Its name: `polarity`, `accel_x`, `pixels`.
    pub name: String,
    /// Its values.
    pub values: SideValues,
}

/// The values of a column of a side stream.
#[derive(Debug, Clone, PartialEq)]
pub enum SideValues {
    /// Yes or no.
    Bool(Vec<bool>),
    /// Small whole numbers: the number of a trigger, a pixel format.
    U8(Vec<u8>),
    /// Pixel coordinates and sizes.
    U16(Vec<u16>),
    /// Whole numbers, such as further times.
    I64(Vec<i64>),
    /// Measured values.
    F32(Vec<f32>),
    /// Bytes of any length, such as the pixels of a frame.
    Bytes(Vec<Vec<u8>>),
}

impl SideRows {
    /// No rows yet, of the stream `name`.
    pub fn new(name: impl Into<String>, columns: Vec<SideColumn>) -> Self {
        Self {
            stream: name.into(),
            t: Vec::new(),
            columns,
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.t.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }
}

impl SideColumn {
    /// A column.
    pub fn new(name: impl Into<String>, values: SideValues) -> Self {
        Self {
            name: name.into(),
            values,
        }
    }
}
