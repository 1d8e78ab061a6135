//! Signals from outside, as a side stream.

use evz_core::{SideColumn, SideRows, SideValues};

/// What the stream is called.
pub(crate) const STREAM: &str = "triggers";
/// Its columns: whether the edge rises, and the channel.
pub(crate) const POLARITY: &str = "polarity";
pub(crate) const ID: &str = "id";

/// Triggers since they were last taken.
#[derive(Debug, Default)]
pub(crate) struct Triggers {
    t: Vec<i64>,
    rising: Vec<bool>,
    id: Vec<u8>,
}

impl Triggers {
    /// An edge at `t` on the channel `id`.
    pub(crate) fn push(&mut self, t: i64, rising: bool, id: u8) {
        self.t.push(t);
        self.rising.push(rising);
        self.id.push(id);
    }

    /// The rows of the stream, which are gone from here.
    pub(crate) fn take(&mut self) -> Option<SideRows> {
        if self.t.is_empty() {
            return None;
        }
        let Self { t, rising, id } = std::mem::take(self);
        let columns = vec![
            SideColumn::new(POLARITY, SideValues::Bool(rising)),
            SideColumn::new(ID, SideValues::U8(id)),
        ];
        let mut rows = SideRows::new(STREAM, columns);
        rows.t = t;
        Some(rows)
    }
}
