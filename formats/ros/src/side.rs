//! Side streams: what they are called, and which clock their rows are on.

use std::collections::{HashMap, HashSet};

use evz_core::{SideColumn, SideRows, SideValues, TimeBase};

/// Plain names, as SPEC.md has them.
pub(crate) const FRAMES: &str = "frames";
pub(crate) const COMPRESSED_FRAMES: &str = "compressed_frames";
pub(crate) const IMU: &str = "imu";
pub(crate) const TRIGGERS: &str = "triggers";

/// Names of the side streams of a file.
#[derive(Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// How many topics there were that differ in no more than slashes.
    alike: HashMap<String, u64>,
}

impl Names {
    /// Has no side stream be called so.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    /// A name for another side stream: the plain one if it is free, or else with its topic.
    pub(crate) fn free(&mut self, plain: &str, topic: &str) -> String {
        let mut name = plain.to_owned();
        if self.taken.contains(&name) {
            let topic = topic.trim_matches('/').replace('/', "_");
            name = format!("{plain}_{topic}");
        }
        if self.taken.contains(&name) {
            let n = self.alike.entry(name.clone()).or_insert(1);
            let mut numbered = name.clone();
            while self.taken.contains(&numbered) {
                *n += 1;
                numbered = format!("{name}_{n}");
            }
            name = numbered;
        }
        self.taken.insert(name.clone());
        name
    }
}

/// How stamps become times of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// Nanoseconds of a tick.
    tick: i64,
    /// What is taken off a stamp where events are on the clock of the sensor, and rows on that of the
    /// computer.
    offset: Option<i64>,
}

impl Times {
    /// Of rows beside events with this tick. `offset` is what a stamp is ahead of the clock of the
    /// sensor, if events are on that.
    pub(crate) fn new(base: TimeBase, offset: Option<i64>) -> Self {
        Self {
            tick: base.whole_nanoseconds().map_or(1, |n| n as i64),
            offset,
        }
    }

    /// Rows of one message, with their stamp as a column where their time is not it.
    pub(crate) fn row(self, stream: &str, stamp: i64, mut columns: Vec<SideColumn>) -> SideRows {
        let offset = self.offset.unwrap_or_default();
        if self.offset.is_some() || self.tick > 1 {
            columns.push(SideColumn::new("stamp", SideValues::I64(vec![stamp])));
        }
        let mut rows = SideRows::new(stream, columns);
        rows.t = vec![self.ticks(stamp.wrapping_sub(offset))];
        rows
    }

    /// Nanoseconds in ticks, rounded down.
    pub(crate) fn ticks(self, nanoseconds: i64) -> i64 {
        nanoseconds.div_euclid(self.tick)
    }
}
