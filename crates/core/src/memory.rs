//! How much memory a run takes for what its input claims.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Error, Place, Question, Result};

/// What a run may take unless it is told otherwise: 1 GiB.
pub const DEFAULT_MAX_MEMORY: u64 = 1 << 30;

static MOST: AtomicU64 = AtomicU64::new(DEFAULT_MAX_MEMORY);
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// Has this process take no more than so many bytes for what its inputs claim to hold: pages of Parquet,
/// batches of side streams, frames.
pub fn set_max_memory(bytes: u64) {
    MOST.store(bytes, Ordering::Relaxed);
}

/// Bytes that may be taken in all.
pub fn max_memory() -> u64 {
    MOST.load(Ordering::Relaxed)
}

/// Memory that is taken until this is dropped.
#[derive(Debug)]
#[must_use = "it is given back at once"]
pub struct Memory(u64);

impl Memory {
    /// Takes so many bytes for `what`: `a page of the column "t"`.
    ///
    /// # Errors
    /// If they are not left.
    pub fn take(bytes: u64, what: &str, place: impl Into<Place>) -> Result<Self> {
        let taken = TAKEN.fetch_add(bytes, Ordering::Relaxed);
        // Given back if they are too many.
        let memory = Self(bytes);
        let (most, needed) = (max_memory(), taken.saturating_add(bytes));
        if needed <= most {
            return Ok(memory);
        }
        let beside = match taken {
            0 => String::new(),
            _ => format!(" beside {} that are taken", shown(taken)),
        };
        let what = format!(
            "{what} takes {}{beside}, and {} may be taken in all",
            shown(bytes),
            shown(most)
        );
        // With room for what comes beside it.
        let enough = needed
            .saturating_add(needed / 2)
            .checked_next_power_of_two();
        let enough = shown(enough.unwrap_or(u64::MAX));
        Err(Error::limit(place, what).settled_by(Question::MaxMemory, [enough]))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// Bytes as an option takes them.
fn shown(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = UNITS.iter().find(|(bits, _)| bytes >> bits > 0);
    match unit {
        Some((bits, unit)) => format!("{}{unit}", bytes.div_ceil(1 << bits)),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_given() {
        let take = |bytes| Memory::take(bytes, "a page", Place::file("a"));
        let first = take(DEFAULT_MAX_MEMORY / 4 * 3).unwrap();
        let error = take(DEFAULT_MAX_MEMORY / 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a: a page takes 512MiB beside 768MiB that are taken, and 1GiB may be taken in all; \
             set max_memory to 2GiB"
        );
        assert_eq!(error.question(), Some(Question::MaxMemory));
        drop(first);
        let _all = take(DEFAULT_MAX_MEMORY).unwrap();
    }
}
