//! A stream of events, written.

use std::io::Write;

use evz_core::{
    Clock, Error, EventSink, EventSlice, Loss, LossKind, Metadata, Output, Place, Question, Report,
    Result, SensorSize, SideRows, StreamInfo, TimeBase,
};

use crate::encoding::{Encoding, Layout};
use crate::exposure::Crossings;
use crate::header::Header;
use crate::kept::Kept;

/// Overflow bytes of one gap, at most: 9.4 hours of DVS. Times that count from 1970 would take terabytes.
const MAX_OVERFLOWS: i64 = 1 << 28;

/// Bytes that are written at once, at least.
const BLOCK_LEN: usize = 64 << 10;

/// What all times can be written to.
const OTHERS: &str = "write .evz or .parquet";

/// Writes a stream of events.
pub struct EsSink {
    out: Output,
    encoding: Encoding,
    layout: Layout,
    kept: Kept,
    size: SensorSize,
    base: TimeBase,
    clock: Clock,
    /// Time of the last event in microseconds.
    last: i64,
    /// Events so far.
    events: u64,
    /// Threshold crossings that wait for the events of their time, in their order.
    crossings: Crossings,
    /// Those that came too late, and OFF events whose polarity was left out.
    late: u64,
    off: u64,
    /// Bytes to be written.
    bytes: Vec<u8>,
}

impl EsSink {
    /// A sink that writes to `out` the events of a stream in this encoding.
    ///
    /// # Errors
    /// If the size of the sensor is not known or too large, the events lack a column of the encoding,
    /// or the header cannot be written.
    pub fn create(mut out: Output, info: &StreamInfo, encoding: Encoding) -> Result<Self> {
        let kept = Kept::find(out.name(), info, encoding)?;
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
        let header = Header::of_events(encoding, width, height);
        out.write_all(&header).map_err(|e| out.failed(e))?;
        Ok(Self {
            out,
            encoding,
            layout: encoding.layout(),
            kept,
            size,
            base: info.time_base,
            clock: info.clock,
            last: 0,
            events: 0,
            crossings: Crossings::default(),
            late: 0,
            off: 0,
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
            .settled_by(Question::Drop, ["outside"])
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
            let error = Error::unsupported(Place::default(), what);
            error.settled_by(Question::Round, ["us"]).advise(OTHERS)
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
        let a_byte = i64::from(self.layout.longest) * i64::from(self.layout.most());
        if step / a_byte > MAX_OVERFLOWS {
            let what = format!(
                "its time, {us} us, is {step} us after {} us, the last one or 0, and Event Stream takes \
                 a byte for each {a_byte} of them",
                self.last
            );
            return Err(unplaced(what).advise(OTHERS));
        }
        Ok(step)
    }

    /// Puts down that so much time passes; what is left goes into byte 0 of the event.
    fn pass(&mut self, step: i64) -> Result<u8> {
        let Layout { longest, reset, .. } = self.layout;
        let times = step / i64::from(longest);
        let mut full = (times / i64::from(self.layout.most())) as usize;
        while full > 0 {
            let n = full.min(BLOCK_LEN);
            self.bytes.extend(std::iter::repeat_n(u8::MAX, n));
            full -= n;
            self.write_if_full()?;
        }
        let rest = (times % i64::from(self.layout.most())) as u8;
        self.bytes.extend((rest > 0).then_some(reset + rest));
        Ok((step % i64::from(longest)) as u8)
    }

    /// Puts down an event, so long after the last one; `flags` stand beside the time in its byte 0.
    fn put(&mut self, step: i64, flags: u8, (x, y): (u16, u16), rest: &[u8]) -> Result<()> {
        let first = self.pass(step)? << self.layout.flags | flags;
        let [x0, x1] = x.to_le_bytes();
        let bottom = (self.size.height - 1) as u16;
        let [y0, y1] = (bottom - y).to_le_bytes();
        self.bytes.extend_from_slice(&[first, x0, x1, y0, y1]);
        self.bytes.extend_from_slice(rest);
        self.last += step;
        self.write_if_full()
    }

    /// Puts down the threshold crossings that wait, up to this time.
    fn put_crossings(&mut self, until: i64) -> Result<()> {
        if self.crossings.t.is_empty() {
            return Ok(());
        }
        let crossings = std::mem::take(&mut self.crossings);
        let mut put = 0;
        for (i, &t) in crossings.t.iter().enumerate() {
            let (x, y) = (crossings.x[i], crossings.y[i]);
            let us = self.microseconds(t)?;
            if us > until {
                break;
            }
            put = i + 1;
            if us < self.last || !self.size.contains(x, y) {
                self.late += 1;
                continue;
            }
            let step = self.step(us)?;
            let is_second = u8::from(crossings.is_second[i]);
            self.put(step, is_second << 1 | 1, (x, y), &[])?;
        }
        self.crossings = crossings;
        self.crossings.remove(0..put);
        Ok(())
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
        if events.is_empty() {
            return Ok(());
        }
        self.check_pixels(events)?;
        let further = self.kept.values(events)?;
        for (i, &t) in events.t.iter().enumerate() {
            let us = self.microseconds(t).map_err(|e| e.within(self.place(i)))?;
            self.put_crossings(us)?;
            let step = self.step(us).map_err(|e| e.within(self.place(i)))?;
            let (p, pixel) = (events.p[i], (events.x[i], events.y[i]));
            match (self.encoding, &further[..]) {
                (Encoding::Color, [r, g, b]) => {
                    self.off += u64::from(p == 0);
                    self.put(step, 0, pixel, &[r[i], g[i], b[i]])?;
                }
                (Encoding::Atis, _) => self.put(step, p << 1, pixel, &[])?,
                _ => self.put(step, p, pixel, &[])?,
            }
        }
        self.events += events.len() as u64;
        Ok(())
    }

    fn write_side(&mut self, rows: SideRows) -> Result<bool> {
        let crossings = Crossings::of(&rows).filter(|_| self.encoding == Encoding::Atis);
        let kept = crossings.is_some();
        self.crossings.append(crossings.unwrap_or_default());
        Ok(kept)
    }

    /// What it has no place for it counts itself.
    fn keeps_columns(&self) -> bool {
        true
    }

    fn finish(mut self: Box<Self>, _closing: &Metadata) -> Result<Report> {
        self.put_crossings(i64::MAX)?;
        self.write()?;
        let mut report = Report::default();
        let left_out = self.kept.left_out();
        report.losses.extend(left_out.filter(|_| self.events > 0));
        if self.late > 0 {
            let what = "threshold crossings beyond the sensor, or before events that were written";
            report.add_loss(Loss::new(LossKind::SideStreams, what, self.late));
        }
        if self.off > 0 {
            let what = "polarities of OFF events, for events of colour have none";
            report.add_loss(Loss::new(LossKind::Other, what, self.off));
        }
        report.losses.extend(self.clock.lost_epoch());
        self.out.commit()?;
        Ok(report)
    }
}
