//! RAW and DAT as sinks of events.

mod dat2;
mod evt2;
mod evt3;
mod header;
mod high;

use std::io::{self, Write};

use evz_core::{Error, EventSink, EventSlice, Metadata, Result, StreamInfo, TimeBase};

use crate::Encoding;
use header::HeaderLines;

/// Writes events as RAW (EVT2, EVT3) or DAT 2.
pub struct PropheseeSink {
    out: Box<dyn Write + Send>,
    name: String,
    encoding: Encoding,
    encoder: Encoder,
    header: HeaderLines,
    time_base: TimeBase,
    /// Taken off every time, as the header then says; known with the first event.
    t0: Option<i64>,
    /// Events so far.
    events: u64,
    /// Times of a batch in microseconds after `t0`.
    times: Vec<i64>,
    /// What a batch has been encoded to.
    bytes: Vec<u8>,
}

enum Encoder {
    Evt2(evt2::Evt2),
    Evt3(evt3::Evt3),
    Dat2(dat2::Dat2),
}

/// An event that does not fit: its place in the batch, and what is the matter.
struct Misfit {
    at: usize,
    why: Why,
}

enum Why {
    /// This, with the way out.
    Is(String),
    /// Its time is too far before the event ahead of it.
    Backward,
    /// Its time is too far after the event ahead of it.
    Gap,
}

impl PropheseeSink {
    /// A sink that writes to `out` in this encoding the events of a stream; `name` is for messages.
    ///
    /// # Errors
    /// If the encoding is read and not written, or the size of the sensor is not known, which RAW has
    /// to say.
    pub fn create(
        out: Box<dyn Write + Send>,
        name: &str,
        encoding: Encoding,
        info: &StreamInfo,
    ) -> Result<Self> {
        let encoder = match encoding {
            Encoding::Evt2 => Encoder::Evt2(evt2::Evt2::default()),
            Encoding::Evt3 => Encoder::Evt3(evt3::Evt3::new(info.size)),
            Encoding::Dat2 => Encoder::Dat2(dat2::Dat2::default()),
            Encoding::Evt21 | Encoding::Dat1 => {
                let what = format!("{encoding} is read and not written; evt2, evt3 and dat2 are");
                return Err(Error::unsupported(name, what));
            }
        };
        if info.size.is_none() && !encoding.is_dat() {
            let what = "RAW says the size of the sensor, which is not known; pass --size WxH";
            return Err(Error::unsupported(name, what));
        }
        Ok(Self {
            out,
            name: name.to_owned(),
            encoding,
            encoder,
            header: HeaderLines::new(encoding, info),
            time_base: info.time_base,
            t0: None,
            events: 0,
            times: Vec::new(),
            bytes: Vec::new(),
        })
    }

    fn encode(&mut self, events: EventSlice<'_>) -> Result<(), Misfit> {
        self.check_pixels(events)?;
        self.times.clear();
        for (at, &t) in events.t.iter().enumerate() {
            let us = microseconds(t, self.time_base);
            let us = us.map_err(|why| Misfit {
                at,
                why: Why::Is(why),
            })?;
            self.times.push(us);
        }
        let t0 = match self.t0 {
            Some(t0) => t0,
            None => {
                let t0 = self.encoder.t0(self.times[0]);
                self.bytes.extend(self.header.bytes(t0));
                *self.t0.insert(t0)
            }
        };
        self.times.iter_mut().for_each(|t| *t -= t0);
        let events = EventSlice {
            t: &self.times,
            ..events
        };
        match &mut self.encoder {
            Encoder::Evt2(encoder) => encoder.encode(events, &mut self.bytes),
            Encoder::Evt3(encoder) => encoder.encode(events, &mut self.bytes),
            Encoder::Dat2(encoder) => encoder.encode(events, &mut self.bytes),
        }
    }

    fn check_pixels(&self, events: EventSlice<'_>) -> Result<(), Misfit> {
        let pixels = if self.encoding.is_dat() {
            1 << 14
        } else {
            1 << 11
        };
        let beyond = |(&x, &y): (&u16, &u16)| x >= pixels || y >= pixels;
        let Some(at) = events.x.iter().zip(events.y).position(beyond) else {
            return Ok(());
        };
        let (x, y) = (events.x[at], events.y[at]);
        let last = pixels - 1;
        let why = format!(
            "its pixel {x},{y} lies beyond {last},{last}, the last that this encoding can say; pass \
             --roi 0,0,{pixels},{pixels} to leave such events out"
        );
        Err(Misfit {
            at,
            why: Why::Is(why),
        })
    }

    /// The error for an event of the batch that does not fit.
    fn refused(&self, events: EventSlice<'_>, misfit: Misfit) -> Error {
        let Misfit { at, why } = misfit;
        let time = self.time_base.to_microseconds(events.t[at]);
        let encoding = self.encoding;
        let what = match why {
            Why::Is(what) => what,
            Why::Backward => format!(
                "its time, {time} us, is further before the event ahead of it than {encoding} can \
                 say; pass --on-unsorted sort"
            ),
            Why::Gap => format!(
                "its time, {time} us, is further after the event ahead of it than {encoding} can \
                 say; write .evz"
            ),
        };
        let event = self.events + at as u64;
        Error::unsupported(format!("{}: event {event}", self.name), what)
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.name, "cannot write to it", error)
    }
}

impl Encoder {
    /// What is taken off all times, of which this is the first: nothing, unless the clock would have
    /// to be wound up for too long.
    fn t0(&self, first: i64) -> i64 {
        match self {
            Self::Evt2(_) => evt2::t0(first),
            Self::Evt3(_) => evt3::t0(first),
            Self::Dat2(_) => dat2::t0(first),
        }
    }
}

impl EventSink for PropheseeSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        if events.is_empty() {
            return Ok(());
        }
        self.bytes.clear();
        self.encode(events)
            .map_err(|misfit| self.refused(events, misfit))?;
        self.events += events.len() as u64;
        self.out.write_all(&self.bytes).map_err(|e| self.failed(e))
    }

    fn finish(mut self: Box<Self>, _closing: &Metadata) -> Result<()> {
        if self.t0.is_none() {
            let header = self.header.bytes(0);
            self.out.write_all(&header).map_err(|e| self.failed(e))?;
        }
        self.out.flush().map_err(|e| self.failed(e))
    }
}

/// A time in whole microseconds from 0 on.
fn microseconds(t: i64, base: TimeBase) -> Result<i64, String> {
    let us = if base == TimeBase::MICROSECONDS {
        t
    } else {
        let ns = base.to_nanoseconds(t);
        if ns % 1_000 != 0 {
            return Err(format!(
                "its time, {ns} ns, is no whole number of microseconds, and RAW and DAT keep no finer \
                 times; write .evz or .parquet, which do"
            ));
        }
        i64::try_from(ns / 1_000).map_err(|_| format!("its time, {ns} ns, leaves 64 bits"))?
    };
    if us < 0 {
        return Err(format!(
            "its time, {us} us, is before 0; pass --from @0 to leave such events out"
        ));
    }
    Ok(us)
}
