//! What a further column is.

use super::ColumnType;
use crate::{Error, Result};

/// A column that the events of a recording have beside t, x, y and p.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraColumn {
    /// Its name: `label`.
    pub name: String,
    /// The type of its values.
    pub column_type: ColumnType,
    /// Their unit, which may be empty.
    pub unit: String,
    /// What it is, which may be empty.
    pub description: String,
}

impl ExtraColumn {
    /// A column without unit and description.
    pub fn new(name: impl Into<String>, column_type: ColumnType) -> Self {
        Self {
            name: name.into(),
            column_type,
            unit: String::new(),
            description: String::new(),
        }
    }

    /// Values of this unit.
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Says what it is.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Most further columns of a recording.
    pub const MAX: usize = 64;

    /// Refuses columns that a recording cannot have together.
    ///
    /// # Errors
    /// If there are more than [`ExtraColumn::MAX`], or one has no name, that of another, or `t`, `x`,
    /// `y` or `p`.
    pub fn check(columns: &[Self]) -> Result<()> {
        if columns.len() > Self::MAX {
            let (n, max) = (columns.len(), Self::MAX);
            return Err(Error::invalid(format!(
                "{n} further columns; at most {max}"
            )));
        }
        for (i, Self { name, .. }) in columns.iter().enumerate() {
            let taken = ["", "t", "x", "y", "p"].contains(&name.as_str());
            if taken || columns[..i].iter().any(|other| other.name == *name) {
                return Err(Error::invalid(format!("a further column called {name:?}")));
            }
        }
        Ok(())
    }
}
