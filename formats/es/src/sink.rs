//! A stream of DVS events, written.

use std::io::Write;

use evz_core::{
    Clock, Error, EventSink, EventSlice, Metadata, Output, Place, Question, Report, Result,
    SensorSize, StreamInfo, TimeBase,
};

use crate::header::Header;

/// An overflow byte, and the microseconds that pass with it: "DVS events".
const OVERFLOW: u8 = 0xff;
const OVERFLOW_US: i64 = 0x7f;

/// Overflow bytes of one gap, at most: 9.4 hours. Times that count from 1970 would take terabytes.
const MAX_OVERFLOWS: i64 = 1 << 28;

/// Bytes that are written at once, at least.
const BLOCK_LEN: usize = 64 << 10;

/// What all times can be written to.
const OTHERS: &str = "write .evz or .parquet";

/// Writes a stream of DVS events.
pub struct EsSink {
    out: Output,
    size: SensorSize,
    base: TimeBase,
    clock: Clock,
    /// Time of the last event in microseconds.
    last: i64,
    /// Events so far.
    events: u64,
    /// Bytes to be written.
    bytes: Vec<u8>,
}

impl EsSink {
    /// A sink that writes to `out` the events of a stream.
    ///
    /// # Errors
    /// If the size of the sensor is not known or too large, or the header cannot be written.
    pub fn create(mut out: Output, info: &StreamInfo) -> Result<Self> {
        let misfit = |what| {
            let error = Error::unsupported(out.name(), what);
            Err(error.settled_by(Question::Size, [""; 0]))
        };
        let Some(size) = info.size else {
            let what = "Event Stream says the size of the sensor, which is not known";
            return misfit(what.to_owned());
        };
        let side = |n: u32| u16::try_from(n).ok().filter(|n| *n > 0);
        let (Some(width), Some(height)) = (side(size.width), side(size.height)) else {
            let most = u16::MAX;
            return misfit(format!(
                "the sensor is {size}, and Event Stream holds sides of 1 to {most} pixels"
            ));
        };
        let header = Header::of_dvs(width, height);
        out.write_all(&header).map_err(|e| out.failed(e))?;
        Ok(Self {
            out,
            size,
            base: info.time_base,
            clock: info.clock,
            last: 0,
            events: 0,
            bytes: Vec::new(),
        })
    }

    /// Refuses events beyond the sensor: they have no row from the bottom.
    fn check_pixels(&self, events: EventSlice<'_>) -> Result<()> {
        let mut pixels = events.x.iter().zip(events.y);
        let Some(i) = pixels.position(|(x, y)| !self.size.contains(*x, *y)) else {
            return Ok(());
        };
        let SensorSize { width, height } = self.size;
        let what = format!(
            "its pixel {},{} lies beyond the sensor of {}, and Event Stream has no place for it",
            events.x[i], events.y[i], self.size
        );
        Err(Error::unsupported(self.place(i), what)
            .settled_by(Question::Size, [""; 0])
            .settled_by(Question::Roi, [format!("0,0,{width},{height}")]))
    }

    /// A time in microseconds.
    fn microseconds(&self, t: i64) -> Result<i64> {
        let whole = self.base.convert(t, TimeBase::MICROSECONDS);
        whole.ok_or_else(|| {
            let what = format!(
                "its time, {}, is no whole number of microseconds in 64 bits, and Event Stream \
                 keeps no other times",
                self.base.time_in_words(t)
            );
            Error::unsupported(Place::default(), what).advise(OTHERS)
        })
    }

    /// Microseconds from the last event to this time.
    fn step(&self, us: i64) -> Result<i64> {
        let unplaced = |what| Error::unsupported(Place::default(), what);
        if us < 0 {
            let what = format!("its time, {us} us, is before 0, where Event Stream begins");
            return Err(unplaced(what).settled_by(Question::From, [self.clock.tick_0(self.base)]));
        }
        if us < self.last {
            let what = format!(
                "its time, {us} us, is before {} us, that of the event ahead of it; Event Stream keeps \
                 events in the order of their times",
                self.last
            );
            let error = unplaced(what).settled_by(Question::OnUnsorted, ["sort"]);
            return Err(error.advise(OTHERS));
        }
        let step = us - self.last;
        if step / OVERFLOW_US > MAX_OVERFLOWS {
            let what = format!(
                "its time, {us} us, is {step} us after {} us, the last one or 0, and Event Stream takes \
                 a byte for each {OVERFLOW_US} of them",
                self.last
            );
            return Err(unplaced(what).advise(OTHERS));
        }
        Ok(step)
    }

    fn write_if_full(&mut self) -> Result<()> {
        match self.bytes.len() {
            BLOCK_LEN.. => self.write(),
            _ => Ok(()),
        }
    }

    fn write(&mut self) -> Result<()> {
        (self.out.write_all(&self.bytes)).map_err(|e| self.out.failed(e))?;
        self.bytes.clear();
        Ok(())
    }

    /// The place of an event of the batch.
    fn place(&self, i: usize) -> Place {
        Place::file(self.out.name()).with_event(self.events + i as u64)
    }
}

impl EventSink for EsSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        self.check_pixels(events)?;
        let bottom = (self.size.height - 1) as u16;
        for (i, &t) in events.t.iter().enumerate() {
            let us = self.microseconds(t);
            let step = us.and_then(|us| self.step(us));
            let step = step.map_err(|e| e.within(self.place(i)))?;
            let mut overflows = (step / OVERFLOW_US) as usize;
            while overflows > 0 {
                let n = overflows.min(BLOCK_LEN);
                self.bytes.extend(std::iter::repeat_n(OVERFLOW, n));
                overflows -= n;
                self.write_if_full()?;
            }
            let first = ((step % OVERFLOW_US) as u8) << 1 | events.p[i];
            let [x0, x1] = events.x[i].to_le_bytes();
            let [y0, y1] = (bottom - events.y[i]).to_le_bytes();
            self.bytes.extend_from_slice(&[first, x0, x1, y0, y1]);
            self.write_if_full()?;
            self.last += step;
        }
        self.events += events.len() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _closing: &Metadata) -> Result<Report> {
        self.write()?;
        self.out.commit()?;
        let mut report = Report::default();
        report.losses.extend(self.clock.lost_epoch());
        Ok(report)
    }
}
