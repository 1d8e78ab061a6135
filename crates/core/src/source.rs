//! How recordings flow: a source gives batches, a sink takes them.

use std::ops::Range;

use crate::{
    Clock, Error, EventBatch, EventSlice, ExtraColumn, Metadata, Report, Result, SensorSize,
    SideRows, TimeBase,
};

/// What is known of a recording before its events, or of one of its event streams.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamInfo {
    /// What a tick of `t` is worth.
    pub time_base: TimeBase,
    /// What clock `t` is of.
    pub clock: Clock,
    /// The sensor, where the source says it.
    pub size: Option<SensorSize>,
    /// What events have beside t, x, y and p.
    pub columns: Vec<ExtraColumn>,
    /// Everything else that the source says of itself.
    pub metadata: Metadata,
    /// What the stream is called where a recording has several: `left`. Empty if it has no name.
    pub name: String,
    /// The serial number of the camera; empty if nobody says it.
    pub serial: String,
    /// Ticks that were added to the times of the camera's own clock.
    pub clock_offset: i64,
}

impl StreamInfo {
    /// A recording whose ticks are worth this, and of which nothing else is known.
    pub fn new(time_base: TimeBase) -> Self {
        Self {
            time_base,
            clock: Clock::default(),
            size: None,
            columns: Vec::new(),
            metadata: Metadata::new(),
            name: String::new(),
            serial: String::new(),
            clock_offset: 0,
        }
    }

    /// Times of this clock.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A sensor of this size, where it is known.
    pub fn with_size(mut self, size: impl Into<Option<SensorSize>>) -> Self {
        self.size = size.into();
        self
    }

    /// Events with these further columns.
    pub fn with_columns(mut self, columns: Vec<ExtraColumn>) -> Self {
        self.columns = columns;
        self
    }

    /// What else the source says.
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// A stream of this name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// A camera of this serial number.
    pub fn with_serial(mut self, serial: impl Into<String>) -> Self {
        self.serial = serial.into();
        self
    }
}

/// How far a source has come, in whatever it counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What has been read: bytes of a stream, events of an indexed file.
    pub done: u64,
    /// The same for all of the input, where that is known.
    pub total: Option<u64>,
}

impl Progress {
    /// The part that has been read, from 0 to 1, where the whole is known. Sources read ahead, so it
    /// is 1 before the last events are given.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some(self.done.min(total) as f64 / total as f64)
    }
}

/// What a source gave.
#[derive(Debug, PartialEq)]
#[must_use = "it says what was lost"]
pub enum Next {
    /// So many events, which stand in the batch. None of them is not the end.
    Events(usize),
    /// Rows of a side stream.
    Rows(SideRows),
    /// The end, with what was inferred, noticed and lost on the way: who reads on to it cannot but be
    /// given that.
    End(Report),
}

/// A recording that is read from front to back.
///
/// One that changes another gives that as [`EventSource::inner`] and [`EventSource::inner_mut`] and says what
/// it changes: all else it takes from it.
pub trait EventSource: Send {
    /// What is known before the events.
    fn info(&self) -> &StreamInfo;

    /// What comes next: events, which replace the contents of `batch` with all their columns, rows of a
    /// side stream, or the end and what the whole reading met. Rows come before events of later times that
    /// they were read with; what a source holds back of them is bounded. At the end the batch is empty, and with
    /// rows it holds nothing to rely on.
    ///
    /// # Errors
    /// Where the input cannot be read or is no recording, with the place.
    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next>;

    /// The next events, at least one, or the end, as [`EventSource::read_batch`], for who wants
    /// [`EventSource::only_events`]: rows of side streams are dropped, or not read at all.
    ///
    /// # Errors
    /// As [`EventSource::read_batch`].
    fn read_events(&mut self, batch: &mut EventBatch) -> Result<Next> {
        self.only_events();
        loop {
            match self.read_batch(batch)? {
                Next::Events(0) | Next::Rows(_) => {}
                next => return Ok(next),
            }
        }
    }

    /// Names of the side streams that the recording has or may have, as far as that is known before
    /// its end: `triggers`, `imu`, `frames`.
    fn side_streams(&self) -> Vec<String> {
        self.inner().map_or_else(Vec::new, |s| s.side_streams())
    }

    /// What has been inferred, noticed and lost so far: what [`Next::End`] gives, for who does not read
    /// on to it. A source that has more to say than its inner one gives this, its own, with the end.
    fn report(&self) -> Report {
        self.inner().map_or_else(Report::default, |s| s.report())
    }

    /// Whether it gives all events of the recording in their order: not a selection, not sorted.
    fn is_whole(&self) -> bool {
        self.inner().is_none_or(|s| s.is_whole())
    }

    /// Metadata that is known only once everything has been read.
    fn closing_metadata(&self) -> Metadata {
        self.inner()
            .map_or_else(Metadata::new, |s| s.closing_metadata())
    }

    /// How far the reading has come.
    fn progress(&self) -> Option<Progress> {
        self.inner()?.progress()
    }

    /// What it takes to decode the events of the last batch once more and nothing else, for
    /// [`Parts`](crate::Parts) of the same recording that are opened as it was; none if that cannot be.
    fn part(&self) -> Option<Vec<u8>> {
        None
    }

    /// Tells that events and rows outside this range of time are not wanted, before the next batch is
    /// read: what an index of the recording's own says is outside may then be left out. All may also
    /// be given, so that the times of what is given are to be looked at all the same.
    ///
    /// It is not handed on to [`EventSource::inner`] by itself, as a source that shifts, rounds, sorts or
    /// counts would give other events then: who gives the inner source's events at their times, and
    /// needs no others for that, hands it on.
    fn only_within(&mut self, time: Range<i64>) {
        let _ = time;
    }

    /// Tells that rows of side streams are not wanted from here on: of a few bytes of them there may be
    /// gigabytes. All may also be given.
    fn only_events(&mut self) {
        if let Some(inner) = self.inner_mut() {
            inner.only_events();
        }
    }

    /// The side streams that are not read since [`EventSource::only_events`] was told, and how many rows each
    /// has in the whole recording, where that is known.
    fn rows_unread(&self) -> Vec<(String, Option<u64>)> {
        self.inner().map_or_else(Vec::new, |s| s.rows_unread())
    }

    /// The source that this one changes, if it is one of that kind.
    fn inner(&self) -> Option<&dyn EventSource> {
        None
    }

    /// The same, to tell it something.
    fn inner_mut(&mut self) -> Option<&mut dyn EventSource> {
        None
    }
}

impl<S: EventSource + ?Sized> EventSource for Box<S> {
    fn info(&self) -> &StreamInfo {
        (**self).info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        (**self).read_batch(batch)
    }

    fn read_events(&mut self, batch: &mut EventBatch) -> Result<Next> {
        (**self).read_events(batch)
    }

    fn side_streams(&self) -> Vec<String> {
        (**self).side_streams()
    }

    fn report(&self) -> Report {
        (**self).report()
    }

    fn is_whole(&self) -> bool {
        (**self).is_whole()
    }

    fn closing_metadata(&self) -> Metadata {
        (**self).closing_metadata()
    }

    fn progress(&self) -> Option<Progress> {
        (**self).progress()
    }

    fn part(&self) -> Option<Vec<u8>> {
        (**self).part()
    }

    fn only_within(&mut self, time: Range<i64>) {
        (**self).only_within(time);
    }

    fn only_events(&mut self) {
        (**self).only_events();
    }

    fn rows_unread(&self) -> Vec<(String, Option<u64>)> {
        (**self).rows_unread()
    }
}

/// Where a recording is written to.
pub trait EventSink: Send {
    /// Writes the next events.
    ///
    /// # Errors
    /// Where the output cannot be written, or cannot hold these events.
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()>;

    /// Whether it holds the further columns of events; if not, [`EventSink::write_batch`] leaves them
    /// out, and who gave them has to count them as lost.
    fn keeps_columns(&self) -> bool {
        false
    }

    /// Begins another event stream, which has the time base and the clock of the first; returns its
    /// number. None if this output has no place for it. Stream 0 is the one that it was created for.
    ///
    /// # Errors
    /// As [`EventSink::write_batch`].
    fn add_stream(&mut self, info: &StreamInfo) -> Result<Option<u16>> {
        let _ = info;
        Ok(None)
    }

    /// Writes the next events of a stream.
    ///
    /// # Errors
    /// As [`EventSink::write_batch`], and if there is no such stream.
    fn write_events(&mut self, stream: u16, events: EventSlice<'_>) -> Result<()> {
        match stream {
            0 => self.write_batch(events),
            _ => Err(Error::invalid(format!(
                "event stream {stream} was not added"
            ))),
        }
    }

    /// Takes rows of a side stream, which may come before or after the events of their time; false
    /// if this output has no place for them, and who gave them has to count them as lost.
    ///
    /// # Errors
    /// As [`EventSink::write_batch`].
    fn write_side(&mut self, rows: SideRows) -> Result<bool> {
        let _ = rows;
        Ok(false)
    }

    /// Hands on all that it was given so far, so that who reads the output meanwhile finds it there, as
    /// far as the format allows that.
    ///
    /// # Errors
    /// As [`EventSink::write_batch`].
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    /// Writes what is left and the metadata known only now, and makes the output whole. Returns what
    /// the output could not hold of what it was given.
    ///
    /// # Errors
    /// As [`EventSink::write_batch`].
    fn finish(self: Box<Self>, closing: &Metadata) -> Result<Report>;
}
