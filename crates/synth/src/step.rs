//! The events of one step, in time order: runs along edges, noise and hot pixels.

use evz_core::SensorSize;

use crate::edge::{Edge, FRACTION, MAX_SPAN};
use crate::hot::Firing;
use crate::random::Random;

/// Events for which the scene is taken to stand still. With two events for each pixel crossed,
/// the edges of a 640x480 scene move 0.1 pixels meanwhile.
pub(crate) const STEP_EVENTS: usize = 1_024;

/// Choices in the table from which bursts are drawn.
const CHOICES: usize = 256;

/// Events of an edge for each event of background noise: 5 % of all events are noise.
const EDGE_EVENTS_PER_NOISE: f64 = 19.0;

/// Stands in the table for noise; a scene has a few hundred edges.
const NOISE: u16 = u16::MAX;

/// Places in time between two events of a step: what a burst may jitter by.
const PLACE_BITS: u32 = 8;

/// Where the events of a step go: four columns of the same length.
pub(crate) struct EventColumns<'a> {
    pub(crate) t: &'a mut [i64],
    pub(crate) x: &'a mut [u16],
    pub(crate) y: &'a mut [u16],
    pub(crate) p: &'a mut [u8],
}

/// A step being filled.
pub(crate) struct Step<'a> {
    columns: EventColumns<'a>,
    filled: usize,
    size: SensorSize,
    start_us: i64,
    us_per_place: f64,
}

impl<'a> Step<'a> {
    /// A step from one time (included) to another (excluded) in microseconds.
    pub(crate) fn new(
        columns: EventColumns<'a>,
        size: SensorSize,
        (from_us, to_us): (f64, f64),
    ) -> Self {
        let places = (columns.t.len() << PLACE_BITS) as f64;
        Self {
            columns,
            filled: 0,
            size,
            start_us: from_us as i64,
            us_per_place: (to_us.floor() - from_us.floor()) / places,
        }
    }

    /// Fills every place: with the hot pixels where they are due, with edges and noise elsewhere.
    pub(crate) fn fill(mut self, edges: &[Edge], firings: &[Firing], random: &mut Random) {
        let table = choices(edges, random);
        let mut firings = firings.iter().peekable();
        while self.filled < self.columns.t.len() {
            if let Some(hot) = firings.next_if(|f| f.slot <= self.filled) {
                let t = self.time(0, 1);
                self.push(t, hot.x, hot.y, hot.p);
                continue;
            }
            let mut bits = Bits(random.bits());
            let choice = table[bits.take(8) as usize];
            let jitter = bits.take(PLACE_BITS);
            if choice == NOISE {
                let t = self.time(jitter, 1);
                let (x, y) = random.pixel(self.size.width, self.size.height);
                self.push(t, x, y, bits.take(1) as u8);
            } else {
                self.run(&edges[usize::from(choice)], jitter, bits);
            }
        }
    }

    /// A run of neighbouring pixels along an edge, all in the same microsecond: the burst that a
    /// sensor gives which reads out row by row. The pixel at one end for sure, each other one with
    /// a chance of one in four.
    #[inline]
    fn run(&mut self, edge: &Edge, jitter: u64, mut bits: Bits) {
        let mask = 1 | (bits.take(8) & bits.take(8)) as u8;
        let unused = MAX_SPAN - edge.span;
        let mut mask = if bits.take(1) == 0 {
            mask << unused >> unused
        } else {
            mask.reverse_bits() >> unused
        };
        let along = bits.take(16) as i64;
        // Pixels answer early or late by their own threshold: up to a pixel before or behind the
        // edge, most of them close to it.
        let aside = (bits.take(4) + bits.take(4)) as i64 - 15;
        // One burst in 16 answers with the other polarity, as pixels do that overshoot.
        let p = edge.polarity ^ u8::from(bits.take(4) == 0);

        let x = edge.origin.x + ((along * edge.reach.x) >> 16) + ((aside * edge.normal.x) >> 4);
        let y = edge.origin.y + ((along * edge.reach.y) >> 16) + ((aside * edge.normal.y) >> 4);
        let n = (mask.count_ones() as usize).min(self.columns.t.len() - self.filled);
        let t = self.time(jitter, n);
        let max_x = i64::from(self.size.width - 1);
        let max_y = i64::from(self.size.height - 1);
        for _ in 0..n {
            let j = i64::from(mask.trailing_zeros());
            mask &= mask - 1;
            let x = (x + j * edge.step.x) >> FRACTION;
            let y = (y + j * edge.step.y) >> FRACTION;
            self.push(t, x.clamp(0, max_x) as u16, y.clamp(0, max_y) as u16, p);
        }
    }

    /// The time of the next `n` events: anywhere before that of the event after them.
    #[inline]
    fn time(&self, jitter: u64, n: usize) -> i64 {
        let place = ((self.filled as u64) << PLACE_BITS) + jitter * n as u64;
        self.start_us + (place as f64 * self.us_per_place) as i64
    }

    #[inline]
    fn push(&mut self, t: i64, x: u16, y: u16, p: u8) {
        let i = self.filled;
        self.columns.t[i] = t;
        self.columns.x[i] = x;
        self.columns.y[i] = y;
        self.columns.p[i] = p;
        self.filled += 1;
    }
}

/// What a random byte stands for: noise, or a run along an edge. Each edge comes as often as gives
/// it events in proportion to the area that it sweeps.
fn choices(edges: &[Edge], random: &mut Random) -> [u16; CHOICES] {
    let runs = |edge: &Edge| edge.swept / events_per_run(edge);
    let swept: f64 = edges.iter().map(|edge| edge.swept).sum();
    let all_runs: f64 = edges.iter().map(runs).sum();
    // Noise comes alone and the events of an edge in runs: the shorter these, the more of them it
    // takes. A scene at rest has none: any edge will do then, a pixel at a time.
    let per_run = (swept / all_runs.max(1e-300)).max(1.0);
    let noise = per_run / (EDGE_EVENTS_PER_NOISE + per_run) * CHOICES as f64;
    let noise = (noise + 0.5) as usize;

    let mut table = [NOISE; CHOICES];
    let share = all_runs / (CHOICES - noise) as f64;
    // Shares are counted from a random start: an edge with half a share is in every other table.
    let mut due = share * random.unit();
    let mut edge = 0;
    let mut passed = runs(&edges[0]);
    for choice in &mut table[noise..] {
        while passed <= due && edge + 1 < edges.len() {
            edge += 1;
            passed += runs(&edges[edge]);
        }
        *choice = edge as u16;
        due += share;
    }
    table
}

/// Events of a run along an edge, on average.
fn events_per_run(edge: &Edge) -> f64 {
    1.0 + 0.25 * f64::from(edge.span - 1)
}

/// Random bits, spent from the low end.
struct Bits(u64);

impl Bits {
    #[inline]
    fn take(&mut self, n: u32) -> u64 {
        let taken = self.0 & ((1 << n) - 1);
        self.0 >>= n;
        taken
    }
}
