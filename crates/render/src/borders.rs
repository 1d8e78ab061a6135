//! How many events stand before the borders of windows.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use evz_core::{EventIndex, Result};

/// The borders of windows in a recording in order, each asked of the index once: it has to decode a
/// part of the times to find one, and a window ends where the next one starts.
pub(crate) struct Borders {
    index: Arc<dyn EventIndex>,
    /// Numbers of the selected events.
    selected: Range<u64>,
    known: BTreeMap<i64, u64>,
}

impl Borders {
    pub(crate) fn new(index: Arc<dyn EventIndex>, selected: Range<u64>) -> Self {
        Self {
            index,
            selected,
            known: BTreeMap::new(),
        }
    }

    /// Number of the first selected event that is not before `t`; behind the last, if all are.
    pub(crate) fn before(&mut self, t: i64) -> Result<u64> {
        if let Some(number) = self.known.get(&t) {
            return Ok(*number);
        }
        let number = self.index.events_before(t)?;
        let number = number.clamp(self.selected.start, self.selected.end);
        self.known.insert(t, number);
        Ok(number)
    }

    /// Number of the first selected event behind a window that ends at `t`.
    pub(crate) fn end(&mut self, t: i64) -> Result<u64> {
        match t {
            i64::MAX => Ok(self.selected.end),
            t => self.before(t),
        }
    }

    /// Forgets the borders before `t`.
    pub(crate) fn forget_before(&mut self, t: i64) {
        self.known = self.known.split_off(&t);
    }
}
