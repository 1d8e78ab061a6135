//! What decoding comes across besides events.

use evz_core::Loss;

/// How often something was met, and where first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    first: u64,
}

impl Tally {
    /// `count` more of them, the first in the word at byte `at`.
    pub(crate) fn add(&mut self, count: u64, at: u64) {
        if self.count == 0 && count > 0 {
            self.first = at;
        }
        self.count += count;
    }

    fn merge(&mut self, later: Self) {
        self.add(later.count, later.first);
    }

    fn loss(&self, what: &str, name: &str) -> Option<Loss> {
        (self.count > 0).then(|| Loss {
            what: what.to_owned(),
            count: self.count,
            examples: vec![format!("{name}: byte {}", self.first)],
        })
    }
}

/// What decoding comes across besides events and triggers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Events before the words that say their time, row or column.
    pub(crate) unplaced: Tally,
    /// Events beyond the last column that a word can say.
    pub(crate) off_grid: Tally,
    /// Words of kinds that are reserved, or not read.
    pub(crate) unknown: Tally,
    /// Words with the sensor's own counters.
    pub(crate) monitoring: u64,
    /// Events whose polarity is neither 0 nor 1.
    pub(crate) odd_polarity: Tally,
    /// How often the clock started again.
    pub(crate) wraps: u64,
    /// Bytes at the end that are no whole word.
    pub(crate) cut: Tally,
}

impl Found {
    /// Adds what was found further on.
    pub(crate) fn merge(&mut self, later: Self) {
        let Self {
            unplaced,
            off_grid,
            unknown,
            monitoring,
            odd_polarity,
            wraps,
            cut,
        } = later;
        self.unplaced.merge(unplaced);
        self.off_grid.merge(off_grid);
        self.unknown.merge(unknown);
        self.monitoring += monitoring;
        self.odd_polarity.merge(odd_polarity);
        self.wraps += wraps;
        self.cut.merge(cut);
    }

    pub(crate) fn losses(&self, name: &str) -> Vec<Loss> {
        [
            self.unplaced.loss(
                "events before the words that say their time and pixel",
                name,
            ),
            self.off_grid.loss("events beyond column 2047", name),
            self.unknown.loss("words of a kind that is not read", name),
            self.cut
                .loss("bytes at the end that are no whole word", name),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.monitoring > 0 {
            notes.push(format!(
                "{} words with counters of the sensor (OTHERS and CONTINUED) are left out",
                self.monitoring
            ));
        }
        if self.odd_polarity.count > 0 {
            notes.push(format!(
                "{} events have a polarity other than 0 and 1, which is taken for ON; first at byte {}",
                self.odd_polarity.count, self.odd_polarity.first
            ));
        }
        notes
    }
}
