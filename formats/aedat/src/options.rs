//! What a reader of AEDAT can be told.

use evz_core::SensorSize;

/// What the reader is told rather than left to find. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AedatOptions {
    /// The event stream to read, by its number or its name.
    pub stream: Option<String>,
    /// The size of the sensor.
    pub size: Option<SensorSize>,
}

impl AedatOptions {
    /// Reads the event stream with this number or name.
    pub fn with_stream(mut self, stream: impl Into<String>) -> Self {
        self.stream = Some(stream.into());
        self
    }

    /// Takes this as the size of the sensor, whatever the file says.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }
}
