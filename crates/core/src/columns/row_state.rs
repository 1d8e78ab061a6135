//! What reading rows of a table goes by and changes.

use super::{Rounded, Signs};
use crate::OpenOptions;

/// What was seen in the rows that were read so far, which the next ones go by.
#[derive(Debug, Clone)]
pub struct RowState {
    /// How polarities are read, and what they have shown.
    pub signs: Signs,
    /// Times that were rounded.
    pub rounded: Rounded,
}

impl RowState {
    /// Before the first row.
    pub fn new(options: &OpenOptions) -> Self {
        Self {
            signs: Signs::new(options.polarity_map.clone()),
            rounded: Rounded::default(),
        }
    }
}
