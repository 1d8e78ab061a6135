//! What is worth saying of events that are read: whether they are in order, and on the sensor.

use evz_core::{EventBatch, SensorSize};

/// What has been seen of a part of the events, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    pub(crate) events: u64,
    /// Steps back in time.
    backward: u64,
    /// The first event that is earlier than the one before it.
    first_backward: u64,
    /// Events beyond the sensor.
    beyond: u64,
    first: i64,
    last: i64,
}

impl Survey {
    pub(crate) fn of(batch: &EventBatch, size: Option<SensorSize>) -> Self {
        let (Some(&first), Some(&last)) = (batch.t.first(), batch.t.last()) else {
            return Self::default();
        };
        let steps = || batch.t.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
        let (mut backward, mut first_backward) = (0, 0);
        // In most batches no step is negative, so that nothing sets the sign.
        if steps().fold(0, |all, step| all | step) < 0 {
            let is_backward = |step: i64| step < 0;
            backward = steps().filter(|&step| is_backward(step)).count();
            let first = steps().position(is_backward);
            first_backward = first.map_or(0, |first| first as u64 + 1);
        }
        Self {
            events: batch.t.len() as u64,
            backward: backward as u64,
            first_backward,
            beyond: size.map_or(0, |size| count_beyond(batch, size)),
            first,
            last,
        }
    }

    /// Adds the events that follow.
    pub(crate) fn merge(&mut self, next: Self) {
        if next.events == 0 {
            return;
        }
        if self.events == 0 {
            *self = next;
            return;
        }
        let step_back = next.first < self.last;
        if self.backward == 0 {
            let within = if step_back { 0 } else { next.first_backward };
            self.first_backward = self.events + within;
        }
        self.backward += next.backward + u64::from(step_back);
        self.beyond += next.beyond;
        self.events += next.events;
        self.last = next.last;
    }

    pub(crate) fn notes(&self, size: Option<SensorSize>) -> Vec<String> {
        let mut notes = Vec::new();
        if self.backward > 0 {
            notes.push(format!(
                "times run backwards {} times, first at event {}",
                self.backward, self.first_backward
            ));
        }
        if let (n @ 1.., Some(size)) = (self.beyond, size) {
            notes.push(format!("{n} events lie beyond the sensor of {size}"));
        }
        notes
    }
}

fn count_beyond(batch: &EventBatch, size: SensorSize) -> u64 {
    // No coordinate has more than 14 bits.
    let limit = |n: u32| i16::try_from(n).unwrap_or(i16::MAX);
    let (width, height) = (limit(size.width), limit(size.height));
    // Most batches have none, which the greatest of each column shows at half the price; it costs
    // less of signed numbers.
    let inside = |column: &[u16], n: i16| column.iter().fold(0, |a: i16, &b| a.max(b as i16)) < n;
    if inside(&batch.x, width) && inside(&batch.y, height) {
        return 0;
    }
    let pixels = batch.x.iter().zip(&batch.y);
    pixels
        .filter(|&(&x, &y)| x as i16 >= width || y as i16 >= height)
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use evz_core::Event;

    #[test]
    fn parts_say_what_the_whole_says() {
        let times = [5, 4, 4, 6, 3, 7, 7, 2];
        let events = times.map(|t| Event {
            t,
            x: t as u16,
            y: 0,
            p: 0,
        });
        let size = Some(SensorSize {
            width: 6,
            height: 1,
        });
        let survey = |part: &[Event]| Survey::of(&part.iter().copied().collect(), size);
        let whole = survey(&events);
        assert_eq!(
            whole.notes(size),
            [
                "times run backwards 3 times, first at event 1",
                "3 events lie beyond the sensor of 6x1"
            ]
        );
        for cut in 0..=events.len() {
            let mut parts = Survey::default();
            parts.merge(survey(&events[..cut]));
            parts.merge(survey(&events[cut..]));
            assert_eq!(parts, whole, "{cut}");
        }
    }
}
