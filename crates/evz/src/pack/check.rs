//! Holding the table of samples against the events of a pack.

use evz_core::{Columns, Error, Place, Result, Selection, last_tick};

use super::{SAMPLES, Samples};

impl Samples {
    /// Sees that no sample has more events than the table says. One that has fewer was cut or filtered with its
    /// pack, and is not given by who reads it.
    ///
    /// # Errors
    /// For the first that has more, or if the pack is damaged.
    pub(crate) fn check(&self) -> Result<()> {
        let told = self.rows(|row| (row.start..row.start + row.duration, row.events))?;
        let mut found = vec![0_u64; told.len()];
        let reader = self.reader();
        let times = Selection::default().with_columns(Columns::T);
        let mut at = 0;
        for batch in reader.batches(&times) {
            for t in batch?.t {
                let holds = |at: usize| {
                    let times = &told.get(at)?.0;
                    last_tick(times).filter(|last| (times.start..=*last).contains(&t))
                };
                if holds(at).is_none() {
                    // Samples do not meet: the last one that begins by then.
                    at = told.partition_point(|(times, _)| times.start <= t);
                    at = at.saturating_sub(1);
                }
                if holds(at).is_some() {
                    found[at] += 1;
                }
            }
        }
        let wrong = found.iter().zip(&told).position(|(n, (_, told))| n > told);
        match wrong {
            None => Ok(()),
            Some(number) => {
                let error = wrong_number(number, found[number], told[number].1);
                Err(error.within(reader.name()))
            }
        }
    }
}

/// A sample has not as many events as the table tells.
pub(super) fn wrong_number(number: usize, found: u64, told: u64) -> Error {
    let what = match found > told {
        true => format!("sample {number} has {found} events, and {told} are told"),
        false => {
            format!("sample {number} has {found} of its {told} events: it was cut or filtered")
        }
    };
    Error::corrupt(Place::part(SAMPLES), what)
}
