//! What decoding comes across besides events.

use evz_core::{Loss, LossKind, Note, Place};

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

    fn loss(&self, kind: LossKind, what: &str, name: &str) -> Option<Loss> {
        let first = Place::file(name).with_byte(self.first).to_string();
        let loss = Loss::new(kind, what, self.count).with_examples([first]);
        (self.count > 0).then_some(loss)
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
    /// Those of them that a camera has, and many: the words of EVT2's IMU.
    pub(crate) imu: u64,
    /// Words with the sensor's own counters.
    pub(crate) monitoring: u64,
    /// Rows of the master camera of EVT3, and of the slave.
    pub(crate) rows: [u64; 2],
    /// Events whose polarity is neither 0 nor 1.
    pub(crate) odd_polarity: Tally,
    /// How often the clock started again.
    pub(crate) wraps: u64,
    /// Words that only fill up.
    pub(crate) padding: u64,
    /// Bytes of a last word that is cut off.
    pub(crate) cut: Tally,
}

impl Found {
    /// Adds what was found further on.
    pub(crate) fn merge(&mut self, later: Self) {
        let Self {
            unplaced,
            off_grid,
            unknown,
            imu,
            monitoring,
            rows,
            odd_polarity,
            wraps,
            padding,
            cut,
        } = later;
        self.unplaced.merge(unplaced);
        self.off_grid.merge(off_grid);
        self.unknown.merge(unknown);
        self.imu += imu;
        self.monitoring += monitoring;
        for (sum, later) in self.rows.iter_mut().zip(rows) {
            *sum += later;
        }
        self.odd_polarity.merge(odd_polarity);
        self.wraps += wraps;
        self.padding += padding;
        self.cut.merge(cut);
    }

    pub(crate) fn losses(&self, name: &str) -> Vec<Loss> {
        [
            self.unplaced.loss(
                LossKind::CutOff,
                "events before the words that say their time and pixel",
                name,
            ),
            self.off_grid
                .loss(LossKind::BeyondSensor, "events beyond column 2047", name),
            self.unknown
                .loss(LossKind::Unknown, "words of a kind that is not read", name),
            self.cut.loss(
                LossKind::CutOff,
                "bytes of a last word that is cut off",
                name,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What there is to say of a clock of so many bits, and of the rest that is no loss.
    pub(crate) fn notes(&self, clock_bits: u32) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.wraps > 0 {
            notes.push(Note::ClockWrapped {
                times: self.wraps,
                bits: clock_bits,
            });
        }
        if self.monitoring > 0 {
            notes.push(Note::LeftOut {
                what: "words with counters of the sensor (OTHERS and CONTINUED)".to_owned(),
                count: self.monitoring,
            });
        }
        if self.padding > 0 {
            notes.push(Note::LeftOut {
                what: "words that only fill up (PADDING)".to_owned(),
                count: self.padding,
            });
        }
        let [master, slave] = self.rows;
        if master > 0 && slave > 0 {
            notes.push(Note::Other(format!(
                "rows of a master and of a slave camera stand in one stream, whose events are read as those of \
                 one camera: {master} of the master, {slave} of the slave"
            )));
        }
        if self.odd_polarity.count > 0 {
            notes.push(Note::Other(format!(
                "a polarity other than 0 and 1 is taken for ON: {} events, first at byte {}",
                self.odd_polarity.count, self.odd_polarity.first
            )));
        }
        notes
    }
}
