//! What is noticed in events though nothing is lost: times that run backwards, pixels beyond the
//! sensor.

use crate::{EventSlice, SensorSize};

/// What has been noticed in the rows so far.
#[derive(Debug, Clone, Default)]
pub struct Noticed {
    last_t: Option<i64>,
    backward: u64,
    first_backward: Option<u64>,
    beyond_sensor: u64,
}

impl Noticed {
    /// Looks at the next events, the first of them in row `first_row`.
    pub fn add(&mut self, events: EventSlice<'_>, first_row: u64, size: Option<SensorSize>) {
        let mut falls = |before: i64, t: i64, row: u64| {
            if t < before {
                self.backward += 1;
                self.first_backward.get_or_insert(row);
            }
        };
        if let (Some(before), Some(&t)) = (self.last_t, events.t.first()) {
            falls(before, t, first_row);
        }
        if !events.t.is_sorted() {
            for (i, pair) in events.t.windows(2).enumerate() {
                falls(pair[0], pair[1], first_row + 1 + i as u64);
            }
        }
        self.last_t = events.t.last().copied().or(self.last_t);
        if let Some(size) = size {
            let pixels = events.x.iter().zip(events.y);
            let beyond = pixels.filter(|(x, y)| !size.contains(**x, **y)).count();
            self.beyond_sensor += beyond as u64;
        }
    }

    /// What is said of it.
    pub fn notes(&self, size: Option<SensorSize>) -> Vec<String> {
        let mut notes = Vec::new();
        if let (n @ 1.., Some(row)) = (self.backward, self.first_backward) {
            notes.push(format!("times run backwards {n} times, first in row {row}"));
        }
        if let (n @ 1.., Some(size)) = (self.beyond_sensor, size) {
            notes.push(format!("{n} events lie beyond the sensor of {size}"));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, EventBatch};

    #[test]
    fn within_and_between_runs() {
        let run = |times: &[i64]| -> EventBatch {
            let event = |&t| Event {
                t,
                x: 2,
                y: 3,
                p: 1,
            };
            times.iter().map(event).collect()
        };
        let (width, height) = (3, 3);
        let size = Some(SensorSize { width, height });
        let mut noticed = Noticed::default();
        noticed.add(run(&[5, 6, 6]).as_slice(), 0, size);
        noticed.add(run(&[]).as_slice(), 3, size);
        assert_eq!(
            noticed.notes(size),
            ["3 events lie beyond the sensor of 3x3"]
        );
        // Rows 3 to 9 were lost.
        noticed.add(run(&[4, 7, 3]).as_slice(), 10, None);
        assert_eq!(
            noticed.notes(None),
            ["times run backwards 2 times, first in row 10"]
        );
    }
}
