//! What the reader can be told.

use evz_core::SensorSize;

use crate::{Encoding, WordOrder};

/// What the reader is told rather than left to find. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How events are put into words, whatever the header says.
    pub encoding: Option<Encoding>,
    /// The order of the halves of EVT2.1's words.
    pub word_order: Option<WordOrder>,
    /// The size of the sensor.
    pub size: Option<SensorSize>,
}

impl Options {
    /// Reads this encoding, whatever the header says, and also where there is no header.
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }

    /// Reads the words of EVT2.1 in this order.
    pub fn with_word_order(mut self, order: WordOrder) -> Self {
        self.word_order = Some(order);
        self
    }

    /// Takes this as the size of the sensor, whatever the header says.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }
}
