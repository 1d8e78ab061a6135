//! What is noticed in events though nothing is lost: times that run backwards, pixels beyond the
//! sensor.

use crate::{EventSlice, Note, Place, SensorSize};

/// What has been noticed in a run of events. Runs are looked at side by side and added up in order.
#[derive(Debug, Clone, Default)]
pub struct Noticed {
    /// Time of the first event, if there is one, and of the last.
    times: Option<(i64, i64)>,
    /// Positions up to the end of the run.
    len: u64,
    backward: u64,
    first_backward: Option<u64>,
    beyond: u64,
    /// The largest x and y.
    reach: (u16, u16),
}

impl Noticed {
    /// What is to be said of these events on a sensor of this size.
    pub fn of(events: EventSlice<'_>, size: Option<SensorSize>) -> Self {
        let t = events.t;
        let falls = |pair: &[i64]| pair[1] < pair[0];
        let (backward, first) = match t.is_sorted() {
            true => (0, None),
            false => (
                t.windows(2).filter(|pair| falls(pair)).count() as u64,
                t.windows(2).position(falls),
            ),
        };
        let most = |values: &[u16]| values.iter().fold(0, |m, v| m.max(*v));
        let reach = (most(events.x), most(events.y));
        // Most runs have none beyond it: the largest coordinates tell that at once.
        let outside = size.filter(|size| !size.contains(reach.0, reach.1));
        let beyond = outside.map_or(0, |size| {
            let pixels = events.x.iter().zip(events.y);
            pixels.filter(|(x, y)| !size.contains(**x, **y)).count() as u64
        });
        Self {
            times: t.first().copied().zip(t.last().copied()),
            len: t.len() as u64,
            backward,
            first_backward: first.map(|i| i as u64 + 1),
            beyond,
            reach,
        }
    }

    /// Adds what was noticed in the events that follow.
    pub fn add(&mut self, next: &Self) {
        self.add_at(next, self.len);
    }

    /// The same where the first of these events has this position; there may be a gap before it.
    pub fn add_at(&mut self, next: &Self, position: u64) {
        self.add_placed(next, |event| position + event);
    }

    /// The same where `position` says that of each of these events; it rises.
    pub fn add_placed(&mut self, next: &Self, position: impl Fn(u64) -> u64) {
        let Some((first, last)) = next.times else {
            return;
        };
        if self.times.is_some_and(|(_, before)| first < before) {
            self.backward += 1;
            self.first_backward.get_or_insert(position(0));
        }
        self.backward += next.backward;
        let later = next.first_backward.map(&position);
        self.first_backward = self.first_backward.or(later);
        self.times = Some((self.times.map_or(first, |(first, _)| first), last));
        self.len = position(next.len - 1) + 1;
        self.beyond += next.beyond;
        self.reach = (
            self.reach.0.max(next.reach.0),
            self.reach.1.max(next.reach.1),
        );
    }

    /// Position of the first event that is earlier than the one before it.
    pub fn first_backward(&self) -> Option<u64> {
        self.first_backward
    }

    /// What is said of it; `place` names the place of an event by its position.
    pub fn notes(&self, size: Option<SensorSize>, place: impl Fn(u64) -> Place) -> Vec<Note> {
        let backwards = (self.backward > 0).then(|| Note::Backwards {
            times: Some(self.backward),
            first: self.first_backward.map(place),
        });
        let beyond = size
            .filter(|_| self.beyond > 0)
            .map(|size| Note::BeyondSensor {
                events: Some(self.beyond),
                size,
                reach: Some(self.reach),
            });
        backwards.into_iter().chain(beyond).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, EventBatch};

    fn of(times: &[i64], size: Option<SensorSize>) -> Noticed {
        let event = |&t| Event {
            t,
            x: 2,
            y: 3,
            p: 1,
        };
        let batch: EventBatch = times.iter().map(event).collect();
        Noticed::of(batch.as_slice(), size)
    }

    fn said(noticed: &Noticed, size: Option<SensorSize>) -> Vec<String> {
        let notes = noticed.notes(size, |row| Place::default().with_row(row));
        notes.iter().map(Note::to_string).collect()
    }

    #[test]
    fn within_runs_and_between_them() {
        let (width, height) = (3, 3);
        let size = Some(SensorSize { width, height });
        let mut noticed = Noticed::default();
        noticed.add(&of(&[5, 6, 6], size));
        noticed.add(&of(&[], size));
        assert_eq!(
            said(&noticed, size),
            ["3 events lie beyond the sensor of 3x3: x reaches 2, y reaches 3"]
        );
        // Rows 3 to 9 were lost.
        noticed.add_at(&of(&[4, 7, 3], None), 10);
        assert_eq!(
            said(&noticed, None),
            ["times run backwards 2 times, first in row 10"]
        );
    }
}
