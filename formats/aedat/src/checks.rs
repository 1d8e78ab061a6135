//! What is noticed in events though nothing is lost: times that run backwards, pixels beyond the
//! sensor.

use evz_core::{EventBatch, SensorSize};

/// What is to be said of a batch; found beside others, added up in order.
#[derive(Default)]
pub(crate) struct Findings {
    first_t: Option<i64>,
    last_t: i64,
    events: u64,
    backward: u64,
    first_backward: Option<u64>,
    beyond: u64,
}

impl Findings {
    pub(crate) fn of(batch: &EventBatch, size: Option<SensorSize>) -> Self {
        let t = &batch.t;
        let backward = t.windows(2).filter(|pair| pair[1] < pair[0]).count() as u64;
        let first_backward = (backward > 0)
            .then(|| t.windows(2).position(|pair| pair[1] < pair[0]))
            .flatten();
        Self {
            first_t: t.first().copied(),
            last_t: t.last().copied().unwrap_or(0),
            events: batch.len() as u64,
            backward,
            first_backward: first_backward.map(|i| i as u64 + 1),
            beyond: size.map_or(0, |size| beyond(batch, size)),
        }
    }

    /// Adds what was found in the events that follow.
    pub(crate) fn add(&mut self, next: &Self) {
        let Some(next_t) = next.first_t else {
            return;
        };
        if self.first_t.is_none() {
            self.first_t = next.first_t;
        } else if next_t < self.last_t {
            self.backward += 1;
            self.first_backward.get_or_insert(self.events);
        }
        self.backward += next.backward;
        let next_backward = next.first_backward.map(|i| self.events + i);
        self.first_backward = self.first_backward.or(next_backward);
        self.last_t = next.last_t;
        self.events += next.events;
        self.beyond += next.beyond;
    }

    pub(crate) fn notes(&self, size: Option<SensorSize>) -> Vec<String> {
        let mut notes = Vec::new();
        if let (n @ 1.., Some(event)) = (self.backward, self.first_backward) {
            notes.push(format!(
                "times run backwards {n} times, first at event {event}"
            ));
        }
        if let (n @ 1.., Some(size)) = (self.beyond, size) {
            notes.push(format!("{n} events lie beyond the sensor of {size}"));
        }
        notes
    }
}

fn beyond(batch: &EventBatch, size: SensorSize) -> u64 {
    let limit = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    let (width, height) = (limit(size.width), limit(size.height));
    // Most batches have none: the maxima tell it without looking at pairs.
    let within = |column: &[u16], limit: u16| column.iter().fold(0, |m, &v| m.max(v)) < limit;
    if within(&batch.x, width) && within(&batch.y, height) {
        return 0;
    }
    let pixels = batch.x.iter().zip(&batch.y);
    pixels.filter(|&(&x, &y)| !size.contains(x, y)).count() as u64
}
