//! Events in columns.

use std::ops::Range;

use crate::{Columns, Error, ExtraColumn, ExtraSlice, Result, Values};

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

/// Events as columns that the caller owns and reuses. All columns have the same length, except that a
/// reader asked for some columns leaves the others empty.
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
    /// Further columns, in the order of [`StreamInfo::columns`](crate::StreamInfo::columns).
    pub extra: Vec<Values>,
}

impl EventBatch {
    /// An empty batch with room for `n` events.
    pub fn with_capacity(n: usize) -> Self {
        Self {
            t: Vec::with_capacity(n),
            x: Vec::with_capacity(n),
            y: Vec::with_capacity(n),
            p: Vec::with_capacity(n),
            extra: Vec::new(),
        }
    }

    /// Number of events: the length of the longest column.
    pub fn len(&self) -> usize {
        let extra = self.extra.iter().map(Values::len).max();
        self.t
            .len()
            .max(self.x.len())
            .max(self.y.len())
            .max(self.p.len())
            .max(extra.unwrap_or(0))
    }

    /// Whether no column holds anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Empties t, x, y and p, and keeps their memory; there are no further columns then.
    pub fn clear(&mut self) {
        self.clear_for(&[]);
    }

    /// Empties every column for events with these further ones, and keeps the memory.
    pub fn clear_for(&mut self, columns: &[ExtraColumn]) {
        self.t.clear();
        self.x.clear();
        self.y.clear();
        self.p.clear();
        self.shape(columns);
        self.extra.iter_mut().for_each(Values::clear);
    }

    /// Gives it these further columns: those that it has already keep what they hold.
    pub fn shape(&mut self, columns: &[ExtraColumn]) {
        self.extra.truncate(columns.len());
        for (i, column) in columns.iter().enumerate() {
            match self.extra.get_mut(i) {
                Some(values) if values.column_type() == column.column_type => {}
                Some(values) => *values = Values::new(column.column_type),
                None => self.extra.push(Values::new(column.column_type)),
            }
        }
    }

    /// Adds one event, which has no further columns.
    pub fn push(&mut self, event: Event) {
        self.t.push(event.t);
        self.x.push(event.x);
        self.y.push(event.y);
        self.p.push(event.p);
    }

    /// Adds the events of a slice, which have the further columns of those that are here.
    ///
    /// # Panics
    /// If they have others.
    pub fn extend(&mut self, events: EventSlice<'_>) {
        if events.holds_nothing() {
            return;
        }
        self.extra_like(events.extra);
        self.t.extend_from_slice(events.t);
        self.x.extend_from_slice(events.x);
        self.y.extend_from_slice(events.y);
        self.p.extend_from_slice(events.p);
        for (here, more) in self.extra.iter_mut().zip(events.extra.iter()) {
            here.extend(more);
        }
    }

    /// Adds those of the events of a slice that stand at these positions.
    ///
    /// # Panics
    /// As [`EventBatch::extend`], or if there are fewer events.
    pub fn gather(&mut self, events: EventSlice<'_>, positions: &[u32]) {
        fn of<'a, T: Copy>(values: &'a [T], positions: &'a [u32]) -> impl Iterator<Item = T> + 'a {
            positions.iter().map(|i| values[*i as usize])
        }
        if events.holds_nothing() {
            return;
        }
        self.extra_like(events.extra);
        self.t.extend(of(events.t, positions));
        self.x.extend(of(events.x, positions));
        self.y.extend(of(events.y, positions));
        self.p.extend(of(events.p, positions));
        for (here, more) in self.extra.iter_mut().zip(events.extra.iter()) {
            here.gather(more, positions);
        }
    }

    /// An empty batch takes the further columns of what is added.
    fn extra_like(&mut self, extra: ExtraSlice<'_>) {
        if self.is_empty() {
            let types = || extra.iter().map(|values| values.column_type());
            if !types().eq(self.extra.iter().map(Values::column_type)) {
                self.extra = types().map(Values::new).collect();
            }
        }
        let (here, more) = (self.extra.len(), extra.n_columns());
        assert_eq!(
            here, more,
            "events have the further columns of their recording"
        );
    }

    /// Gives every wanted column the length `n`, the others 0. Kept values stay, new ones are 0.
    pub fn resize(&mut self, n: usize, columns: Columns) {
        self.t.resize(if columns.t { n } else { 0 }, 0);
        self.x.resize(if columns.x { n } else { 0 }, 0);
        self.y.resize(if columns.y { n } else { 0 }, 0);
        self.p.resize(if columns.p { n } else { 0 }, 0);
        for (i, values) in self.extra.iter_mut().enumerate() {
            values.resize(if columns.extra.contains(i) { n } else { 0 });
        }
    }

    /// Removes the first `n` events.
    pub fn drop_front(&mut self, n: usize) {
        self.t.drain(..n.min(self.t.len()));
        self.x.drain(..n.min(self.x.len()));
        self.y.drain(..n.min(self.y.len()));
        self.p.drain(..n.min(self.p.len()));
        self.extra
            .iter_mut()
            .for_each(|values| values.drop_front(n));
    }

    /// All events of a batch whose columns are filled.
    pub fn as_slice(&self) -> EventSlice<'_> {
        EventSlice {
            t: &self.t,
            x: &self.x,
            y: &self.y,
            p: &self.p,
            extra: ExtraSlice::new(&self.extra, 0..self.len()),
        }
    }

    /// The events one by one without their further columns, for tests and small uses; the columns are the fast way.
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

/// Columns of the same length, borrowed. As in [`EventBatch`], columns that were not asked for are
/// empty.
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
    /// Further columns.
    pub extra: ExtraSlice<'a>,
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

    /// Whether every column is empty, and not the times alone.
    fn holds_nothing(&self) -> bool {
        let pixels = self.x.is_empty() && self.y.is_empty() && self.p.is_empty();
        self.t.is_empty() && pixels && self.extra.iter().all(|values| values.is_empty())
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
            p: &self.p[range.clone()],
            extra: self.extra.slice(range),
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
        for values in self.extra.iter() {
            if values.len() != lens[0] {
                let (n, column_type) = (values.len(), values.column_type());
                return Err(Error::invalid(format!(
                    "a further column of {n} values ({column_type}) beside {} events",
                    lens[0]
                )));
            }
            values.check()?;
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
    /// The same columns, for who wants to look at them later.
    pub fn reborrow(&mut self) -> ColumnsMut<'_> {
        ColumnsMut {
            t: self.t.as_deref_mut(),
            x: self.x.as_deref_mut(),
            y: self.y.as_deref_mut(),
            p: self.p.as_deref_mut(),
        }
    }

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
