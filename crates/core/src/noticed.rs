//! What is noticed in events though nothing is lost: times that run backwards, pixels beyond the
//! sensor, and all of them in one line of it.

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
    /// The smallest x and y.
    least: (u16, u16),
    /// The largest x and y.
    reach: (u16, u16),
    /// Events of the run, of which positions may be more.
    events: u64,
}

/// Events from which on it is odd that all of them lie in one line.
const MANY: u64 = 100;

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
        let ends = |values: &[u16]| {
            let none = (u16::MAX, 0);
            values
                .iter()
                .fold(none, |(least, most), v| (least.min(*v), most.max(*v)))
        };
        let (x, y) = (ends(events.x), ends(events.y));
        let reach = (x.1, y.1);
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
            least: (x.0, y.0),
            reach,
            events: t.len() as u64,
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
        self.least = match self.events {
            0 => next.least,
            _ => (
                self.least.0.min(next.least.0),
                self.least.1.min(next.least.1),
            ),
        };
        self.events += next.events;
        self.beyond += next.beyond;
        self.reach = (
            self.reach.0.max(next.reach.0),
            self.reach.1.max(next.reach.1),
        );
    }

    /// How many events are earlier than the one before them.
    pub fn backward(&self) -> u64 {
        self.backward
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
        let in_line = size.and_then(|size| self.in_line(size));
        backwards.into_iter().chain(beyond).chain(in_line).collect()
    }

    /// Says it if many events lie in one row or column of a sensor that has more.
    fn in_line(&self, size: SensorSize) -> Option<Note> {
        let ((x, y), n) = (self.least, self.events);
        let column = x == self.reach.0 && size.width > 1;
        let row = y == self.reach.1 && size.height > 1;
        let line = match (column, row) {
            (true, true) => format!("pixel {x},{y}"),
            (true, false) => format!("column {x}"),
            (false, true) => format!("row {y}"),
            (false, false) => return None,
        };
        (n >= MANY).then(|| Note::Doubtful {
            what: format!("all {n} events lie in {line} of a sensor of {size}"),
            instead: None,
        })
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
    fn many_events_in_one_line_are_odd() {
        let size = |width, height| Some(SensorSize { width, height });
        let run = |pixels: &[(u16, u16)]| {
            let event = |&(x, y)| Event { t: 1, x, y, p: 1 };
            let batch: EventBatch = pixels.iter().map(event).collect();
            Noticed::of(batch.as_slice(), None)
        };
        let of = |runs: &[&[(u16, u16)]], size| {
            let mut noticed = Noticed::default();
            runs.iter().for_each(|pixels| noticed.add(&run(pixels)));
            said(&noticed, size)
        };
        let row: Vec<(u16, u16)> = (0..60).map(|i| (i, 7)).collect();
        let seems = "as if it were read in another way than it was written";
        assert_eq!(
            of(&[&row, &[], &row], size(640, 480)),
            [format!(
                "all 120 events lie in row 7 of a sensor of 640x480, {seems}"
            )]
        );
        let column: Vec<(u16, u16)> = row.iter().map(|&(x, y)| (y, x)).collect();
        let expected = "all 120 events lie in column 7 of a sensor of 640x480, ";
        assert!(of(&[&column, &column], size(640, 480))[0].starts_with(expected));
        let expected = "all 120 events lie in pixel 0,0 of a sensor of 640x480, ";
        let pixel = [(0, 0); 60];
        assert!(of(&[&pixel, &pixel], size(640, 480))[0].starts_with(expected));
        // Few of them, a sensor of one row, none that is known, one event elsewhere.
        assert!(of(&[&row], size(640, 480)).is_empty());
        assert!(of(&[&row, &row], size(640, 1)).is_empty());
        assert!(of(&[&row, &row], None).is_empty());
        assert!(of(&[&row, &row, &[(3, 8)]], size(640, 480)).is_empty());
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
