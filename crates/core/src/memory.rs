//! How much memory a run takes for what its input claims.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Error, Place, Question, Result};

/// What a run may take unless it is told otherwise: 1 GiB.
pub const DEFAULT_MAX_MEMORY: u64 = 1 << 30;

static MOST: AtomicU64 = AtomicU64::new(DEFAULT_MAX_MEMORY);
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// Has this process take no more than so many bytes for what its inputs claim to hold: pages of Parquet,
/// chunks of HDF5, windows of zstd, batches of side streams, frames.
pub fn set_max_memory(bytes: u64) {
    MOST.store(bytes, Ordering::Relaxed);
}

/// Bytes that may be taken in all.
pub fn max_memory() -> u64 {
    MOST.load(Ordering::Relaxed)
}

/// Units of bytes, and how many bits each has.
const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];

/// A number of bytes in words: `268435456`, `256MiB`, `2 GiB`.
///
/// # Errors
/// If it is none.
pub fn parse_bytes(text: &str) -> Result<u64> {
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(unit));
    let (number, bits) = unit.map_or((text, 0), |(unit, bits)| {
        (text.strip_suffix(unit).unwrap_or(text), *bits)
    });
    let number = number.trim_end().parse().ok();
    let bytes = number.and_then(|n: u64| n.checked_mul(1 << bits));
    bytes.ok_or_else(|| {
        let what = format!("{text:?} is no number of bytes such as 512MiB or 2GiB");
        Error::invalid(what)
    })
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
    let unit = UNITS.iter().find(|(_, bits)| bytes >> bits > 0);
    match unit {
        Some((unit, bits)) => format!("{}{unit}", bytes.div_ceil(1 << bits)),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_bytes() {
        for (text, n) in [
            ("0", 0),
            ("4096", 4_096),
            ("3KiB", 3 << 10),
            ("2 GiB", 2 << 30),
        ] {
            assert_eq!(parse_bytes(text).unwrap(), n, "{text}");
        }
        for text in ["", "GiB", "-1", "1.5GiB", "1GB", "20000000TiB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
        for n in [1, 1_023, 1_024, 5 << 20, 7 << 30, 3 << 40] {
            let said = shown(n).replace(" bytes", "");
            assert!((n..n + n / 1_000 + 1).contains(&parse_bytes(&said).unwrap()));
        }
    }
}
