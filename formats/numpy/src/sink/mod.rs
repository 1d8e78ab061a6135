//! Events as arrays.

mod npy;
mod npz;

pub use npy::NpySink;
pub use npz::NpzSink;

use evz_core::{Error, EventSlice, Result};

/// Refuses what is no column of events.
fn check(events: EventSlice<'_>) -> Result<()> {
    let EventSlice { t, x, y, p } = events;
    if [x.len(), y.len(), p.len()] != [t.len(); 3] {
        return Err(Error::invalid(format!(
            "columns of {}, {}, {} and {} events; a batch to be written has t, x, y and p of one length",
            t.len(),
            x.len(),
            y.len(),
            p.len()
        )));
    }
    if let Some(p) = p.iter().find(|&&p| p > 1) {
        return Err(Error::invalid(format!(
            "a polarity of {p}; it is 0 for OFF or 1 for ON"
        )));
    }
    Ok(())
}
