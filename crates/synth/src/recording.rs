//! A recording, slice by slice: each from nothing but its number.

use evz_core::{Columns, EventBatch, SensorSize};

use crate::clock::Clock;
use crate::hot::HotPixels;
use crate::random::Seeds;
use crate::scene::Scene;
use crate::step::{EventColumns, STEP_EVENTS, Step};

/// Events in a slice; the last one may hold fewer.
pub(crate) const SLICE_EVENTS: u64 = 65_536;

/// A recording as a function from the number of a slice to its events.
#[derive(Debug)]
pub(crate) struct Recording {
    size: SensorSize,
    events: u64,
    seeds: Seeds,
    clock: Clock,
    scene: Scene,
    hot: HotPixels,
}

impl Recording {
    pub(crate) fn new(size: SensorSize, events: u64, seed: u64, rate: f64) -> Self {
        let seeds = Seeds::new(seed);
        let mut random = seeds.scene();
        Self {
            size,
            events,
            seeds,
            clock: Clock::new(events, rate),
            scene: Scene::new(size, &mut random),
            hot: HotPixels::new(size.width, size.height, rate, &mut random),
        }
    }

    /// Slices of the recording.
    pub(crate) fn n_slices(&self) -> u64 {
        self.events.div_ceil(SLICE_EVENTS)
    }

    /// Replaces `batch` by the events of slice `index`.
    pub(crate) fn fill(&self, index: u64, batch: &mut EventBatch) {
        let first = index * SLICE_EVENTS;
        let n = SLICE_EVENTS.min(self.events - first) as usize;
        batch.resize(n, Columns::ALL);

        let mut random = self.seeds.slice(index);
        let mut edges = Vec::new();
        let mut firings = Vec::new();
        for start in (0..n).step_by(STEP_EVENTS) {
            let range = start..n.min(start + STEP_EVENTS);
            let from = (first + range.start as u64) as f64;
            let to = (first + range.end as u64) as f64;
            let times = (self.clock.at(from), self.clock.at(to));
            self.scene.edges(from, to, &mut edges);
            self.hot.due(times, range.len(), &mut random, &mut firings);
            let step = Step::new(
                EventColumns {
                    t: &mut batch.t[range.clone()],
                    x: &mut batch.x[range.clone()],
                    y: &mut batch.y[range.clone()],
                    p: &mut batch.p[range],
                },
                self.size,
                times,
            );
            step.fill(&edges, &firings, &mut random);
        }
    }
}
