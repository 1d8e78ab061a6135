//! A recording, written as DSEC has it.

mod blosc;
mod column;
mod layout;

use std::io::{self, Write};

use evz_core::{
    Clock, Error, EventSink, EventSlice, Metadata, Output, Place, Question, Report, Result,
    SensorSize, StreamInfo, Temporary, TimeBase,
};

use column::{Column, Values, pack_rest, pack_whole};

/// What all times can be written to.
const OTHERS: &str = "write .evz or .parquet";

/// Microseconds of a millisecond.
const MS: u64 = 1000;

/// Writes a stream of events in the layout of DSEC: `events/{p,t,x,y}`, `ms_to_idx` and `t_offset`.
pub struct Hdf5Sink {
    out: Output,
    base: TimeBase,
    clock: Clock,
    size: Option<SensorSize>,
    values: Values,
    /// p, t, x and y.
    columns: [Column; 4],
    /// The time of the first event in microseconds, and of the last, counted from there.
    first: Option<i64>,
    last: u64,
    events: u64,
    /// Of each millisecond the number of the first event that is not before it.
    ms_to_idx: Vec<u64>,
}

impl Hdf5Sink {
    /// A sink that writes to `out` the events of a stream. Their chunks wait in a temporary file, for
    /// what stands before them says where they are.
    ///
    /// # Errors
    /// If there can be no temporary file.
    pub fn create(out: Output, info: &StreamInfo) -> Result<Self> {
        let file = Temporary::new("HDF5")?;
        Ok(Self {
            out,
            base: info.time_base,
            clock: info.clock,
            size: info.size,
            values: Values::new(file),
            columns: [("p", 1), ("t", 4), ("x", 2), ("y", 2)].map(|(n, b)| Column::new(n, b)),
            first: None,
            last: 0,
            events: 0,
            ms_to_idx: Vec::new(),
        })
    }

    /// The times in microseconds from the first event of all on.
    fn times(&mut self, t: &[i64]) -> Result<Vec<u32>> {
        let mut times = Vec::with_capacity(t.len());
        for (i, &t) in t.iter().enumerate() {
            let unplaced = |what| {
                let place = Place::file(self.out.name()).with_event(self.events + i as u64);
                Error::unsupported(place, what)
            };
            let Some(us) = self.base.convert(t, TimeBase::MICROSECONDS) else {
                let what = format!(
                    "its time, {}, is no whole number of microseconds in 64 bits, and DSEC keeps no \
                     other times",
                    self.base.time_in_words(t)
                );
                return Err(unplaced(what).advise(OTHERS));
            };
            let first = *self.first.get_or_insert(us);
            let last = first.wrapping_add_unsigned(self.last);
            if us < last {
                let what = format!(
                    "its time, {us} us, is before {last} us, that of the event ahead of it; the index of \
                     DSEC needs events in the order of their times"
                );
                let error = unplaced(what).settled_by(Question::OnUnsorted, ["sort"]);
                return Err(error.advise(OTHERS));
            }
            let since = us.abs_diff(first);
            let Ok(time) = u32::try_from(since) else {
                let what = format!(
                    "its time is {since} us after the first event, and DSEC counts to {} us, 71 minutes",
                    u32::MAX
                );
                return Err(unplaced(what)
                    .settled_by(Question::To, [""; 0])
                    .advise(OTHERS));
            };
            while self.ms_to_idx.len() as u64 * MS <= since {
                self.ms_to_idx.push(self.events + i as u64);
            }
            self.last = since;
            times.push(time);
        }
        Ok(times)
    }

    fn add(&mut self, times: &[u32], events: EventSlice<'_>) -> io::Result<()> {
        let [p, t, x, y] = &mut self.columns;
        p.add(events.p.iter().map(|p| [*p]));
        t.add(times.iter().map(|t| t.to_le_bytes()));
        x.add(events.x.iter().map(|x| x.to_le_bytes()));
        y.add(events.y.iter().map(|y| y.to_le_bytes()));
        pack_whole(&mut self.columns, &mut self.values)
    }

    fn write(&mut self) -> io::Result<()> {
        pack_rest(&mut self.columns, &mut self.values)?;
        self.values.finish()?;
        // An entry behind the last event, so that every millisecond that it is in has an end.
        self.ms_to_idx.push(self.events);
        let [p, t, x, y] = &self.columns;
        let columns = [(0, p), (1, t), (2, x), (3, y)];
        let columns = columns.map(|(number, column)| column.dataset(self.values.chunks_of(number)));
        let head = layout::file(
            &columns,
            &self.ms_to_idx,
            self.first.unwrap_or(0),
            self.size,
            self.values.len,
        );
        self.out.write_all(&head)?;
        io::copy(&mut self.values, &mut self.out).map(drop)
    }
}

impl EventSink for Hdf5Sink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        let times = self.times(events.t)?;
        self.add(&times, events).map_err(|e| self.out.failed(e))?;
        self.events += events.len() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _closing: &Metadata) -> Result<Report> {
        self.write().map_err(|e| self.out.failed(e))?;
        let mut report = Report::default();
        report.losses.extend(self.clock.lost_epoch());
        self.out.commit()?;
        Ok(report)
    }
}
