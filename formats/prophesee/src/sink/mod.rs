//! RAW and DAT as sinks of events.

mod dat2;
mod evt2;
mod evt3;
mod evt4;
mod header;
mod high;
mod misfit;
mod times;
mod triggers;
mod vectors;

use std::io::Write;

use evz_core::{
    Clock, Error, EventSink, EventSlice, Metadata, Output, Place, Question, Report, Result,
    SideRows, StreamInfo, TimeBase,
};

use crate::Encoding;
use crate::header::MAX_T0;
use header::HeaderLines;
use misfit::{Misfit, Why, microseconds};
use triggers::{Trigger, Triggers};

/// The largest coordinate in RAW.
pub(crate) const MAX_RAW: u16 = (1 << 11) - 1;
/// The largest coordinate in DAT.
pub(crate) const MAX_DAT: u16 = (1 << 14) - 1;

/// Writes events as RAW (EVT2, EVT3, EVT4), with their triggers, or as DAT 2.
pub struct PropheseeSink {
    out: Output,
    encoding: Encoding,
    encoder: Encoder,
    header: HeaderLines,
    time_base: TimeBase,
    clock: Clock,
    /// Taken off every time, as the header then says; known with the first event.
    t0: Option<i64>,
    /// Events so far.
    events: u64,
    triggers: Triggers,
    /// Times of a batch in microseconds after `t0`.
    times: Vec<i64>,
    /// What a batch has been encoded to.
    bytes: Vec<u8>,
}

enum Encoder {
    Evt2(evt2::Evt2),
    Evt3(evt3::Evt3),
    Evt4(evt4::Evt4),
    Dat2(dat2::Dat2),
}

impl PropheseeSink {
    /// A sink that writes to `out` in this encoding the events of a stream.
    ///
    /// # Errors
    /// If the encoding is read and not written, or the size of the sensor is not known, which RAW has
    /// to say.
    pub fn create(out: Output, encoding: Encoding, info: &StreamInfo) -> Result<Self> {
        let encoder = match encoding {
            Encoding::Evt2 => Encoder::Evt2(evt2::Evt2::default()),
            Encoding::Evt3 => Encoder::Evt3(evt3::Evt3::new(info.size)),
            Encoding::Evt4 => Encoder::Evt4(evt4::Evt4::new(info.size)),
            Encoding::Dat2 => Encoder::Dat2(dat2::Dat2::default()),
            Encoding::Evt21 | Encoding::Dat1 => {
                let what =
                    format!("{encoding} is read and not written; evt2, evt3, evt4 and dat2 are");
                return Err(Error::unsupported(out.name(), what));
            }
        };
        if info.size.is_none() && !encoding.is_dat() {
            let what = "RAW says the size of the sensor, which is not known";
            let error = Error::unsupported(out.name(), what);
            return Err(error.settled_by(Question::Size, [""; 0]));
        }
        Ok(Self {
            out,
            encoding,
            encoder,
            header: HeaderLines::new(encoding, info),
            time_base: info.time_base,
            clock: info.clock,
            t0: None,
            events: 0,
            triggers: Triggers::default(),
            times: Vec::new(),
            bytes: Vec::new(),
        })
    }

    /// Encodes a batch, with what stands before its events.
    fn encode(&mut self, events: EventSlice<'_>) -> Result<(), Misfit> {
        let mut times = std::mem::take(&mut self.times);
        times.clear();
        for (at, &t) in events.t.iter().enumerate() {
            let us = microseconds(t, self.time_base).map_err(|why| Misfit { at, why })?;
            times.push(us);
        }
        let t0 = self.begin(times[0]).map_err(|why| Misfit { at: 0, why })?;
        times.iter_mut().for_each(|t| *t -= t0);
        let t = &times;
        self.encode_merged(EventSlice { t, ..events }, t0)?;
        self.times = times;
        Ok(())
    }

    /// Encodes events at times after `t0`, and before each the triggers that it passes.
    fn encode_merged(&mut self, events: EventSlice<'_>, t0: i64) -> Result<(), Misfit> {
        let mut at = 0;
        while let Some(trigger) = self.triggers.first() {
            let passes = |&t: &i64| t >= trigger.t - t0;
            let Some(n) = events.t[at..].iter().position(passes) else {
                break;
            };
            let encoded = self
                .encoder
                .encode(events.slice(at..at + n), &mut self.bytes);
            encoded.map_err(|misfit| misfit.behind(at))?;
            at += n;
            self.encode_trigger(trigger, t0);
        }
        let rest = events.slice(at..events.len());
        let encoded = self.encoder.encode(rest, &mut self.bytes);
        encoded.map_err(|misfit| misfit.behind(at))
    }

    /// What is taken off all times, of which this is the first of an event. The header, which says
    /// it, stands before the first.
    fn begin(&mut self, first: i64) -> Result<i64, Why> {
        if let Some(t0) = self.t0 {
            return Ok(t0);
        }
        // Triggers long before all events are lost, rather than the events.
        let since = first.saturating_sub(self.encoder.reach());
        let trigger = self.triggers.first_since(since);
        let t0 = self.encoder.t0(trigger.map_or(first, |t| t.min(first)));
        if t0 > MAX_T0 {
            return Err(Why::Beyond);
        }
        self.bytes.extend(self.header.bytes(t0));
        Ok(*self.t0.insert(t0))
    }

    /// Encodes the trigger that waits first, or counts it as lost.
    fn encode_trigger(&mut self, trigger: Trigger, t0: i64) {
        let t = trigger.t - t0;
        if t < 0 {
            return self
                .triggers
                .lose_first("triggers too long before the events");
        }
        let trigger = Trigger { t, ..trigger };
        match self.encoder.encode_trigger(trigger, &mut self.bytes) {
            Ok(()) => self.triggers.pop(),
            Err(why) => self.triggers.lose_first(why.lost_triggers()),
        }
    }

    fn check_pixels(&self, events: EventSlice<'_>) -> Result<()> {
        let last = if self.encoding.is_dat() {
            MAX_DAT
        } else {
            MAX_RAW
        };
        let beyond = |(&x, &y): (&u16, &u16)| x > last || y > last;
        let Some(at) = events.x.iter().zip(events.y).position(beyond) else {
            return Ok(());
        };
        let (x, y, n) = (events.x[at], events.y[at], last + 1);
        let what = format!(
            "its pixel {x},{y} lies beyond {last},{last}, the last that {} can say",
            self.encoding
        );
        let error = Error::unsupported(self.place(at), what);
        Err(error.settled_by(Question::Roi, [format!("0,0,{n},{n}")]))
    }

    /// The place of an event of the batch.
    fn place(&self, at: usize) -> Place {
        Place::file(self.out.name()).with_event(self.events + at as u64)
    }
}

impl Encoder {
    fn encode(&mut self, events: EventSlice<'_>, bytes: &mut Vec<u8>) -> Result<(), Misfit> {
        match self {
            Self::Evt2(encoder) => encoder.encode(events, bytes),
            Self::Evt3(encoder) => encoder.encode(events, bytes),
            Self::Evt4(encoder) => encoder.encode(events, bytes),
            Self::Dat2(encoder) => encoder.encode(events, bytes),
        }
    }

    fn encode_trigger(&mut self, trigger: Trigger, bytes: &mut Vec<u8>) -> Result<(), Why> {
        match self {
            Self::Evt2(encoder) => encoder.encode_trigger(trigger, bytes),
            Self::Evt3(encoder) => encoder.encode_trigger(trigger, bytes),
            Self::Evt4(encoder) => encoder.encode_trigger(trigger, bytes),
            // It takes none.
            Self::Dat2(_) => Ok(()),
        }
    }

    /// The last channel that a trigger can have, if there can be one.
    fn max_id(&self) -> Option<u8> {
        match self {
            Self::Evt2(_) | Self::Evt4(_) => Some(times::MAX_ID),
            Self::Evt3(_) => Some(evt3::MAX_ID),
            Self::Dat2(_) => None,
        }
    }

    /// What is taken off all times, of which this is the first: nothing, unless the clock would have
    /// to be wound up for too long.
    fn t0(&self, first: i64) -> i64 {
        match self {
            Self::Evt2(_) | Self::Evt4(_) => times::t0(first),
            Self::Evt3(_) => evt3::t0(first),
            Self::Dat2(_) => dat2::t0(first),
        }
    }

    /// How far after a time the next one can always be said.
    fn reach(&self) -> i64 {
        match self {
            Self::Evt2(_) | Self::Evt4(_) => times::REACH,
            Self::Evt3(_) => evt3::REACH,
            Self::Dat2(_) => 0,
        }
    }
}

impl EventSink for PropheseeSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        if events.is_empty() {
            return Ok(());
        }
        self.check_pixels(events)?;
        self.bytes.clear();
        self.encode(events).map_err(|Misfit { at, why }| {
            why.error(
                self.place(at),
                events.t[at],
                (self.time_base, self.clock),
                self.encoding,
            )
        })?;
        self.events += events.len() as u64;
        (self.out.write_all(&self.bytes)).map_err(|e| self.out.failed(e))
    }

    /// Triggers wait until events pass their time. One that comes when a later TIME_HIGH has been
    /// written is lost: many readers would take a clock that steps back for one that starts again.
    fn write_side(&mut self, rows: SideRows) -> Result<bool> {
        Ok(match self.encoder.max_id() {
            Some(max_id) => self.triggers.take(&rows, self.time_base, max_id),
            None => false,
        })
    }

    fn finish(mut self: Box<Self>, _closing: &Metadata) -> Result<Report> {
        self.bytes.clear();
        let first = self.triggers.first().map_or(0, |trigger| trigger.t);
        match self.begin(first) {
            Ok(t0) => {
                while let Some(trigger) = self.triggers.first() {
                    self.encode_trigger(trigger, t0);
                }
            }
            // Without events there is still a header.
            Err(why) => {
                while self.triggers.first().is_some() {
                    self.triggers.lose_first(why.lost_triggers());
                }
                self.bytes.extend(self.header.bytes(0));
            }
        }
        (self.out.write_all(&self.bytes)).map_err(|e| self.out.failed(e))?;
        self.out.commit()?;
        let mut report = self.triggers.into_report();
        report.losses.extend(self.clock.lost_epoch());
        Ok(report)
    }
}
