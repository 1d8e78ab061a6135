//! The numbers of a file of times.

use std::io::Read;

use anyhow::Result;
use evz::numpy::{PlainValues, plain_numbers};
use evz::{Error, Input, Place, TimeUnit};

use super::number::Number;

/// The numbers of a list, in rows of one or two.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) times: Vec<Number>,
    /// Those of the second column, if there is one.
    pub(super) ends: Option<Vec<Number>>,
    /// The unit that the name of the first column says: `from_timestamp_us`.
    pub(super) unit: Option<TimeUnit>,
}

/// The most bytes of a list, all of which is held.
const MOST_BYTES: u64 = 1 << 30;

/// Reads text, a time a line, or an array of NumPy.
pub(super) fn read(input: Input) -> Result<Table> {
    match input.clues().head.starts_with(&evz::npy::MAGIC) {
        true => array(input),
        false => text(input),
    }
}

fn array(input: Input) -> Result<Table> {
    let name = input.name().to_owned();
    let array = plain_numbers(input)?;
    let columns = array.columns;
    let numbers: Vec<Number> = match array.values {
        PlainValues::Whole(values) => values.iter().map(|n| Number::Whole((*n).into())).collect(),
        PlainValues::Real(values) => {
            let number = |(row, value): (usize, &f64)| {
                Number::of_float(*value).ok_or_else(|| {
                    let place = Place::file(&name).with_row((row / columns) as u64);
                    Error::corrupt(place, format!("{value} is no time"))
                })
            };
            let numbers = values.iter().enumerate().map(number);
            numbers.collect::<evz::Result<_>>()?
        }
    };
    let column = |at: usize| numbers.iter().skip(at).step_by(columns).copied().collect();
    Ok(Table {
        times: column(0),
        ends: (columns > 1).then(|| column(1)),
        name,
        unit: None,
    })
}

fn text(input: Input) -> Result<Table> {
    let name = input.name().to_owned();
    let failed = |e| Error::io(&name, "cannot read", e);
    let mut bytes = Vec::new();
    let mut reader = input.into_reader().take(MOST_BYTES + 1);
    reader.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        let what = format!("a list of times has at most {MOST_BYTES} bytes, for all of it is held");
        return Err(Error::limit(&name, what).into());
    }
    let Ok(text) = String::from_utf8(bytes) else {
        let what = "it is neither text nor a NumPy array; a list of times is one of these";
        return Err(Error::unsupported(&name, what).into());
    };
    let mut table = Table {
        name,
        times: Vec::new(),
        ends: None,
        unit: None,
    };
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        table.line(number as u64 + 1, line)?;
    }
    Ok(table)
}

impl Table {
    fn line(&mut self, number: u64, line: &str) -> Result<()> {
        let wrong = |what: String| {
            let place = Place::file(&self.name).with_line(number);
            Error::corrupt(place, what)
        };
        let (names, line) = match line.trim().strip_prefix('#') {
            Some(names) => (true, names),
            None => (false, line),
        };
        let words: Vec<&str> = line
            .split([',', ';', '\t', ' '])
            .map(|word| word.trim_matches(['"', '\r']))
            .filter(|word| !word.is_empty())
            .collect();
        let Some(first) = words.first() else {
            return Ok(());
        };
        let nothing_yet = self.times.is_empty();
        if names {
            if nothing_yet {
                self.unit = unit_of(first).or(self.unit);
            }
            return Ok(());
        }
        let Some(time) = Number::parse(first) else {
            // Names of columns do not start as numbers do.
            let is_name = !first.starts_with(|c: char| c.is_ascii_digit() || "+-.@".contains(c))
                && first.parse::<f64>().is_err();
            if nothing_yet && number == 1 && is_name {
                self.unit = unit_of(first);
                return Ok(());
            }
            let what = format!(
                "{first:?} is no time; write a number, or one with a unit such as 20ms or @1.5s"
            );
            return Err(wrong(what).into());
        };
        if let Some(unit) = words
            .get(1)
            .filter(|word| TimeUnit::from_any_name(word).is_some())
        {
            let what = format!("{unit:?} stands alone behind {first:?}; write {first}{unit}");
            return Err(wrong(what).into());
        }
        let end = words.get(1).and_then(|word| Number::parse(word));
        match (&self.ends, end) {
            (Some(_), None) => {
                return Err(
                    wrong("it has one time, and the lines before it two".to_owned()).into(),
                );
            }
            (None, Some(_)) if nothing_yet => self.ends = Some(Vec::new()),
            _ => {}
        }
        self.times.push(time);
        if let (Some(ends), Some(end)) = (&mut self.ends, end) {
            ends.push(end);
        }
        Ok(())
    }
}

/// The unit that the name of a column ends in: `t_us`, `timestamp [us]`.
fn unit_of(name: &str) -> Option<TimeUnit> {
    let (_, unit) = name.rsplit_once(['_', '[', '('])?;
    TimeUnit::from_any_name(unit.trim_end_matches([']', ')']))
}
