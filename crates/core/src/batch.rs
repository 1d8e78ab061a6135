//! Events in columns.

use std::ops::Range;

use crate::{Columns, Error, Result};

/// One event; the columns of an [`EventBatch`] hold the same four fields side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Event {
    /// Time in ticks of the recording's time base.
    pub t: i64,
    /// Column of the pixel, 0 at the left.
    pub x: u16,
    /// Row of the pixel, 0 at the top.
    pub y: u16,
    /// Polarity: 1 for ON (brighter), 0 for OFF (darker).
    pub p: u8,
}

/// Events as four columns that the caller owns and reuses. All columns have the same length,
/// except that a reader asked for some columns leaves the others empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventBatch {
    /// Times in ticks.
    pub t: Vec<i64>,
    /// Columns of the pixels.
    pub x: Vec<u16>,
    /// Rows of the pixels.
    pub y: Vec<u16>,
    /// Polarities, 0 or 1.
    pub p: Vec<u8>,
}

impl EventBatch {
    /// An empty batch with room for `n` events.
    pub fn with_capacity(n: usize) -> Self {
        Self {
            t: Vec::with_capacity(n),
            x: Vec::with_capacity(n),
            y: Vec::with_capacity(n),
            p: Vec::with_capacity(n),
        }
    }

    /// Number of events: the length of the longest column.
    pub fn len(&self) -> usize {
        self.t
            .len()
            .max(self.x.len())
            .max(self.y.len())
            .max(self.p.len())
    }

    /// Whether no column holds anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Empties every column and keeps the memory.
    pub fn clear(&mut self) {
        self.t.clear();
        self.x.clear();
        self.y.clear();
        self.p.clear();
    }

    /// Adds one event.
    pub fn push(&mut self, event: Event) {
        self.t.push(event.t);
        self.x.push(event.x);
        self.y.push(event.y);
        self.p.push(event.p);
    }

    /// Adds the events of a slice.
    pub fn extend(&mut self, events: EventSlice<'_>) {
        self.t.extend_from_slice(events.t);
        self.x.extend_from_slice(events.x);
        self.y.extend_from_slice(events.y);
        self.p.extend_from_slice(events.p);
    }

    /// Gives every wanted column the length `n`, the others 0. Kept values stay, new ones are 0.
    pub fn resize(&mut self, n: usize, columns: Columns) {
        self.t.resize(if columns.t { n } else { 0 }, 0);
        self.x.resize(if columns.x { n } else { 0 }, 0);
        self.y.resize(if columns.y { n } else { 0 }, 0);
        self.p.resize(if columns.p { n } else { 0 }, 0);
    }

    /// Removes the first `n` events.
    pub fn drop_front(&mut self, n: usize) {
        self.t.drain(..n.min(self.t.len()));
        self.x.drain(..n.min(self.x.len()));
        self.y.drain(..n.min(self.y.len()));
        self.p.drain(..n.min(self.p.len()));
    }

    /// All events of a batch whose four columns are filled.
    pub fn as_slice(&self) -> EventSlice<'_> {
        EventSlice {
            t: &self.t,
            x: &self.x,
            y: &self.y,
            p: &self.p,
        }
    }

    /// The events one by one, for tests and small uses; the columns are the fast way.
    pub fn iter(&self) -> impl Iterator<Item = Event> + '_ {
        (0..self.t.len()).map(|i| Event {
            t: self.t[i],
            x: self.x[i],
            y: self.y[i],
            p: self.p[i],
        })
    }
}

impl FromIterator<Event> for EventBatch {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        let mut batch = Self::default();
        for event in events {
            batch.push(event);
        }
        batch
    }
}

/// Four columns of the same length, borrowed. As in [`EventBatch`], columns that were not asked for
/// are empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventSlice<'a> {
    /// Times in ticks.
    pub t: &'a [i64],
    /// Columns of the pixels.
    pub x: &'a [u16],
    /// Rows of the pixels.
    pub y: &'a [u16],
    /// Polarities, 0 or 1.
    pub p: &'a [u8],
}

impl<'a> EventSlice<'a> {
    /// Number of events.
    pub fn len(&self) -> usize {
        self.t.len()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }

    /// The events of a range of positions.
    ///
    /// # Panics
    /// If the range ends beyond the slice.
    pub fn slice(&self, range: Range<usize>) -> EventSlice<'a> {
        EventSlice {
            t: &self.t[range.clone()],
            x: &self.x[range.clone()],
            y: &self.y[range.clone()],
            p: &self.p[range],
        }
    }

    /// Refuses what are no columns of events; every sink asks first.
    ///
    /// # Errors
    /// If the columns are not of one length, or a polarity is neither 0 nor 1.
    pub fn check(&self) -> Result<()> {
        let lens = [self.t.len(), self.x.len(), self.y.len(), self.p.len()];
        if lens.iter().any(|len| *len != lens[0]) {
            let [t, x, y, p] = lens;
            return Err(Error::invalid(format!(
                "columns of {t}, {x}, {y} and {p} events; a batch to be written has t, x, y and p of \
                 one length"
            )));
        }
        // All at once, which takes a vector at a time; which one it is matters only then.
        let all = self.p.iter().fold(0, |all, p| all | p);
        let wrong = || self.p.iter().find(|p| **p > 1);
        match (all > 1).then(wrong).flatten() {
            Some(p) => Err(Error::invalid(format!(
                "a polarity of {p}; it is 0 for OFF or 1 for ON"
            ))),
            None => Ok(()),
        }
    }
}

/// Where a decoder writes: the columns that are wanted, each exactly as long as the range asked for.
#[derive(Debug, Default)]
pub struct ColumnsMut<'a> {
    /// Times in ticks, if wanted.
    pub t: Option<&'a mut [i64]>,
    /// Columns of the pixels, if wanted.
    pub x: Option<&'a mut [u16]>,
    /// Rows of the pixels, if wanted.
    pub y: Option<&'a mut [u16]>,
    /// Polarities, if wanted.
    pub p: Option<&'a mut [u8]>,
}

impl<'a> ColumnsMut<'a> {
    /// The columns of the first `n` events, and those of the events behind.
    ///
    /// # Panics
    /// If a wanted column has fewer.
    pub fn split_at(self, n: usize) -> (Self, Self) {
        fn halves<T>(column: Option<&mut [T]>, n: usize) -> (Option<&mut [T]>, Option<&mut [T]>) {
            column.map(|c| c.split_at_mut(n)).unzip()
        }
        let (t, t_rest) = halves(self.t, n);
        let (x, x_rest) = halves(self.x, n);
        let (y, y_rest) = halves(self.y, n);
        let (p, p_rest) = halves(self.p, n);
        (
            Self { t, x, y, p },
            Self {
                t: t_rest,
                x: x_rest,
                y: y_rest,
                p: p_rest,
            },
        )
    }
}
