//! The shape of a text as metadata, so that a recording can go back to the text it came from.

use evz_core::{
    Clock, ColumnOrder, Error, Header, Metadata, Place, Result, TimeBase, TimeUnit, Value,
};

use crate::format::{CoordinateStyle, LineEnd, TextFormat, check_decimals, is_separator};
use crate::line_columns::Further;

const COLUMNS: &str = "text.columns";
/// What stands there for a further column.
const FURTHER: char = '+';
const SEPARATOR: &str = "text.separator";
const TIME_UNIT: &str = "text.time_unit";
const DECIMALS: &str = "text.decimals";
pub(crate) const POLARITY: &str = "text.polarity";
const COORDINATES: &str = "text.coordinates";
const LINE_END: &str = "text.line_end";
const HEADER: &str = "text.header";
pub(crate) const FINAL_NEWLINE: &str = "text.final_newline";
pub(crate) const REGULAR: &str = "text.regular";
pub(crate) const FIRST_IRREGULAR_LINE: &str = "text.first_irregular_line";

/// Whether a recording goes back to the bytes of the text that it came from: none if it never was
/// text (or the text is not read to its end), otherwise yes, or the number of the first line that
/// would come back in other bytes.
pub fn regularity(metadata: &Metadata) -> Option<std::result::Result<(), u64>> {
    if metadata.get(REGULAR)?.as_bool()? {
        return Some(Ok(()));
    }
    let line = metadata.get(FIRST_IRREGULAR_LINE)?.as_int()?;
    Some(Err(u64::try_from(line).ok()?))
}

impl TextFormat {
    /// The shape as metadata, all but what is known only at the end.
    pub(crate) fn to_metadata(&self) -> Metadata {
        let coordinates = match self.coordinates {
            CoordinateStyle::Integer => "integer".to_owned(),
            CoordinateStyle::Decimals(n) => format!("decimals {n}"),
            CoordinateStyle::Scientific(n) => format!("scientific {n}"),
        };
        let line_end = match self.line_end {
            LineEnd::Lf => "lf",
            LineEnd::CrLf => "crlf",
        };
        let mut metadata: Metadata = [
            (COLUMNS, Value::Text(self.columns_in_short())),
            (SEPARATOR, Value::Text(self.separator.clone())),
            (TIME_UNIT, Value::Text(unit_name(self.time_unit))),
            (DECIMALS, Value::Int(i64::from(self.decimals))),
            (POLARITY, Value::Text(self.polarity.to_string())),
            (COORDINATES, Value::Text(coordinates)),
            (LINE_END, Value::Text(line_end.to_owned())),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        if let Header::Verbatim(text) = &self.header {
            metadata.insert(HEADER.to_owned(), Value::Bytes(text.clone()));
        }
        metadata
    }

    /// The shape of the text that this metadata tells of; none if it tells of no text.
    ///
    /// # Errors
    /// If it does and makes no sense.
    pub(crate) fn from_metadata(metadata: &Metadata) -> Result<Option<Self>> {
        if !metadata.contains_key(COLUMNS) {
            return Ok(None);
        }
        let text = |key: &str| {
            metadata
                .get(key)
                .and_then(Value::as_text)
                .ok_or_else(|| nonsense(key))
        };
        let separator = text(SEPARATOR)?.to_owned();
        if !is_separator(separator.as_bytes()) {
            return Err(nonsense(SEPARATOR));
        }
        let decimals = metadata
            .get(DECIMALS)
            .and_then(Value::as_int)
            .and_then(|d| u8::try_from(d).ok())
            .ok_or_else(|| nonsense(DECIMALS))?;
        check_decimals(decimals).map_err(|_| nonsense(DECIMALS))?;
        let (columns, places) = columns(text(COLUMNS)?)?;
        Ok(Some(Self {
            columns,
            further: Further {
                columns: Vec::new(),
                places,
            },
            separator,
            time_unit: unit_of(text(TIME_UNIT)?).ok_or_else(|| nonsense(TIME_UNIT))?,
            decimals,
            polarity: text(POLARITY)?.parse().map_err(|_| nonsense(POLARITY))?,
            coordinates: coordinates(text(COORDINATES)?)?,
            line_end: match text(LINE_END)? {
                "lf" => LineEnd::Lf,
                "crlf" => LineEnd::CrLf,
                _ => return Err(nonsense(LINE_END)),
            },
            header: match metadata.get(HEADER) {
                Some(header) => {
                    Header::Verbatim(header.as_bytes().ok_or_else(|| nonsense(HEADER))?.to_vec())
                }
                None => Header::None,
            },
            // That is told by the recording, not by the text that it came from.
            clock: Clock::default(),
            epoch_tick: TimeBase::NANOSECONDS,
            says_columns: true,
            final_newline: final_newline(metadata),
            of_source: true,
        }))
    }
}

impl TextFormat {
    /// The columns of a line, a letter each: `txyp`, or with further ones `txy+p`.
    fn columns_in_short(&self) -> String {
        let mut columns = self.columns.columns().into_iter();
        let slots = self.further.slots().map(|slot| match slot {
            Some(_) => FURTHER,
            None => columns.next().map_or(FURTHER, |column| column.letter()),
        });
        slots.collect()
    }
}

/// The order of t, x, y and p, and where further columns stand.
fn columns(text: &str) -> Result<(ColumnOrder, Vec<usize>)> {
    let order: String = text.chars().filter(|c| *c != FURTHER).collect();
    let order = order.parse().map_err(|_| nonsense(COLUMNS))?;
    let places = text.chars().enumerate().filter(|(_, c)| *c == FURTHER);
    Ok((order, places.map(|(place, _)| place).collect()))
}

/// Whether the last line of the source ended like the others.
pub(crate) fn final_newline(metadata: &Metadata) -> bool {
    metadata
        .get(FINAL_NEWLINE)
        .and_then(Value::as_bool)
        .unwrap_or(true)
}

/// A unit by its symbol, or a tick as a fraction of a second.
fn unit_name(unit: TimeBase) -> String {
    TimeUnit::of(unit).map_or_else(|| unit.fraction(), |unit| unit.to_string())
}

fn unit_of(name: &str) -> Option<TimeBase> {
    let unit = name.parse().ok().map(TimeUnit::time_base);
    unit.or_else(|| TimeBase::from_fraction(name))
}

fn coordinates(text: &str) -> Result<CoordinateStyle> {
    let digits = |n: &str| n.parse().ok().filter(|n| (1..=18).contains(n));
    match text.split_once(' ') {
        None if text == "integer" => Some(CoordinateStyle::Integer),
        Some(("decimals", n)) => digits(n).map(CoordinateStyle::Decimals),
        // Fewer digits could not hold every coordinate.
        Some(("scientific", n)) => digits(n)
            .filter(|n| *n >= 4)
            .map(CoordinateStyle::Scientific),
        _ => None,
    }
    .ok_or_else(|| nonsense(COORDINATES))
}

fn nonsense(key: &str) -> Error {
    let place = Place::part(format!("metadata {key}"));
    Error::corrupt(place, "it does not describe a text").advise("write the text afresh")
}
