//! Events to lines, by integers alone.

mod fast;

use evz_core::{
    Column, Error, Event, EventSlice, ExtraSlice, Question, Result, TimeBase, TimeUnit, gcd,
};

use crate::format::{CoordinateStyle, MAX_DECIMALS, TextFormat};
use crate::further;

/// Prints events in one format, whose choices are settled once.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    format: TextFormat,
    order: [Column; 4],
    time_base: TimeBase,
    /// A tick is `scale / divisor` of the last decimal.
    scale: i128,
    divisor: i128,
    /// The same for the usual case: no divisor, and a scale of 64 bits.
    whole_scale: Option<i64>,
    /// `10^decimals`.
    unit: u64,
    fast: Option<fast::Fast>,
    /// What stands where in a line: a further column, or the next of t, x, y and p.
    slots: Vec<Option<usize>>,
}

/// No line of four numbers is longer, but for its separators.
const MAX_NUMBERS: usize = 160;

impl Printer {
    pub(crate) fn new(format: &TextFormat, time_base: TimeBase) -> Self {
        let unit = 10u64.pow(u32::from(format.decimals));
        let (scale, divisor) = last_decimals(format, time_base);
        Self {
            format: format.clone(),
            order: format.columns.columns(),
            time_base,
            scale,
            divisor,
            whole_scale: i64::try_from(scale).ok().filter(|_| divisor == 1),
            unit,
            fast: fast::Fast::new(format, scale, divisor)
                .filter(|_| format.further.columns.is_empty()),
            slots: format.further.slots().collect(),
        }
    }

    /// Adds the lines of `events` to `out`.
    pub(crate) fn print(&self, events: EventSlice<'_>, out: &mut Vec<u8>) -> Result<()> {
        let mut len = out.len();
        for i in 0..events.len() {
            let event = Event {
                t: events.t[i],
                x: events.x[i],
                y: events.y[i],
                p: events.p[i],
            };
            if out.len() < len + fast::MAX_LINE {
                // Far ahead, so that it is seldom; what is not used is cut off below.
                out.resize(len + 256 * fast::MAX_LINE, 0);
            }
            let printed = out[len..]
                .first_chunk_mut()
                .and_then(|buffer| self.fast.as_ref()?.line(event, buffer));
            if let Some(printed) = printed {
                len += printed;
            } else {
                out.truncate(len);
                self.line(event, events.extra, i, out)?;
                out.extend_from_slice(self.format.line_end.bytes());
                len = out.len();
            }
        }
        out.truncate(len);
        Ok(())
    }

    /// Adds one line to `out`, without its end: an event, and values `i` of its further columns.
    #[inline]
    pub(crate) fn line(
        &self,
        event: Event,
        extra: ExtraSlice<'_>,
        i: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        out.reserve(MAX_NUMBERS);
        let mut order = self.order.into_iter();
        for (place, slot) in self.slots.iter().enumerate() {
            if place > 0 {
                push_short(out, self.format.separator.as_bytes());
            }
            if let Some(values) = slot.and_then(|k| extra.get(k)) {
                further::print(values, i, out);
                continue;
            }
            match order.next().unwrap_or(Column::T) {
                Column::T => self.time(event.t, out)?,
                Column::X => self.coordinate(event.x, out),
                Column::Y => self.coordinate(event.y, out),
                Column::P => {
                    let word = self.format.polarity.words()[usize::from(event.p != 0)];
                    push_short(out, word.as_bytes());
                }
            }
        }
        Ok(())
    }

    /// What ends a line.
    pub(crate) fn line_end(&self) -> &'static [u8] {
        self.format.line_end.bytes()
    }

    /// A time as a number of its last decimal.
    #[inline(always)]
    fn last_decimals(&self, ticks: i64) -> Option<i128> {
        if let Some(value) = self.whole_scale.and_then(|scale| ticks.checked_mul(scale)) {
            return Some(value.into());
        }
        let value = i128::from(ticks).checked_mul(self.scale)?;
        (value % self.divisor == 0).then(|| value / self.divisor)
    }

    fn time(&self, ticks: i64, out: &mut Vec<u8>) -> Result<()> {
        let value = self
            .last_decimals(ticks)
            .ok_or_else(|| self.no_such_time(ticks))?;
        if value < 0 {
            out.push(b'-');
        }
        let size = value.unsigned_abs();
        match u64::try_from(size) {
            Ok(size) => {
                push_number(out, size / self.unit);
                self.fraction(size % self.unit, out);
            }
            Err(_) => {
                let unit = u128::from(self.unit);
                out.extend_from_slice((size / unit).to_string().as_bytes());
                self.fraction((size % unit) as u64, out);
            }
        }
        Ok(())
    }

    fn fraction(&self, value: u64, out: &mut Vec<u8>) {
        let decimals = usize::from(self.format.decimals);
        if decimals > 0 {
            let mut digits = [b'0'; 20];
            digits[19 - decimals] = b'.';
            write_digits(&mut digits, value);
            out.extend_from_slice(&digits[19 - decimals..]);
        }
    }

    fn coordinate(&self, value: u16, out: &mut Vec<u8>) {
        match self.format.coordinates {
            CoordinateStyle::Integer => push_number(out, u64::from(value)),
            CoordinateStyle::Decimals(n) => {
                push_number(out, u64::from(value));
                out.push(b'.');
                out.extend(std::iter::repeat_n(b'0', usize::from(n)));
            }
            CoordinateStyle::Scientific(n) => {
                let digits = value.to_string();
                let (first, rest) = digits.split_at(1);
                out.extend_from_slice(
                    format!("{first}.{rest:0<0$}e+{1:02}", usize::from(n), rest.len()).as_bytes(),
                );
            }
        }
    }

    fn no_such_time(&self, ticks: i64) -> Error {
        let what = format!(
            "a time of {} is no whole number of {} with {} decimals",
            self.time_base.time_in_words(ticks),
            self.format.time_unit,
            self.format.decimals,
        );
        let error = Error::invalid(what);
        let fits = |time_unit, decimals| {
            let format = TextFormat {
                time_unit,
                decimals,
                ..self.format.clone()
            };
            let other = Self::new(&format, self.time_base);
            other.last_decimals(ticks).is_some()
        };
        let mut decimals = self.format.decimals..=MAX_DECIMALS;
        let error = match decimals.find(|&n| fits(self.format.time_unit, n)) {
            Some(enough) => error.settled_by(Question::Decimals, [enough]),
            None => error,
        };
        if self.time_base.whole_nanoseconds().is_none() {
            // It is then written in ticks.
            return error.without(Question::TimeUnit);
        }
        let units = (TimeUnit::ALL.into_iter())
            .filter(|&unit| fits(unit.time_base(), self.format.decimals));
        error.settled_by(Question::TimeUnit, units)
    }
}

/// A tick in last decimals of a format, as a fraction in lowest terms. One that passes 128 bits is of
/// ticks that no number of decimals holds, or numbers that no line does.
fn last_decimals(format: &TextFormat, time_base: TimeBase) -> (i128, i128) {
    let (scale, divisor) = time_base.ratio_to(format.time_unit);
    let decimals = 10u128.pow(u32::from(format.decimals));
    let common = gcd(decimals, divisor);
    let scale = scale.checked_mul(decimals / common);
    let scale = scale.and_then(|scale| i128::try_from(scale).ok());
    match (scale, i128::try_from(divisor / common)) {
        (Some(scale), Ok(divisor)) => (scale, divisor),
        // Of all whole numbers 0 alone is one.
        _ => (1, i128::MAX),
    }
}

/// Adds a few bytes; a plain loop beats the call to copy them.
#[inline(always)]
fn push_short(out: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        out.push(byte);
    }
}

#[inline(always)]
fn push_number(out: &mut Vec<u8>, value: u64) {
    if value < 10 {
        out.push(b'0' + value as u8);
        return;
    }
    let mut digits = [b'0'; 20];
    let start = write_digits(&mut digits, value);
    out.extend_from_slice(&digits[start..]);
}

const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i] = [b'0' + (i / 10) as u8, b'0' + (i % 10) as u8];
        i += 1;
    }
    pairs
};

/// Writes the digits of `value` at the end of the buffer and returns where they start.
#[inline(always)]
fn write_digits(digits: &mut [u8; 20], mut value: u64) -> usize {
    let mut at = 20;
    while value >= 10 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if value > 0 || at == 20 {
        at -= 1;
        digits[at] = b'0' + value as u8;
    }
    at
}
