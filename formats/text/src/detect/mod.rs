//! Finding the dialect of a text from its content.

mod columns;
mod further;
mod pace;
pub(crate) mod sample;
mod seen;
mod unit;

use evz_core::columns::Seen;
use evz_core::{
    Column, ColumnList, ColumnOrder, Error, Note, OpenOptions, Place, Question, Result, SensorSize,
    TimeBase,
};

use crate::{
    format::{self, CoordinateStyle, LineEnd, TextFormat},
    header::Header,
    line::{Split, excerpt},
    line_columns::{Further, LineColumns},
};
use further::Kept;
use sample::{ColumnStats, NoSample, Sample, Tolerance};

/// Bytes at the start of a text that its dialect is found from.
pub(crate) const HEAD_LEN: usize = 256 * 1024;

/// All that has been settled about a text before its events are read.
#[derive(Debug, Clone)]
pub(crate) struct Dialect {
    /// The shape of its lines, where they are regular.
    pub(crate) format: TextFormat,
    pub(crate) split: Split,
    /// Which columns of a line are what; those that are passed over are not in the format.
    pub(crate) line: LineColumns,
    /// What is to be said of columns that are passed over.
    pub(crate) passed_over: Vec<Note>,
    /// What of the header is not used.
    pub(crate) unused: Option<String>,
    pub(crate) time_base: TimeBase,
    pub(crate) size: Option<SensorSize>,
    pub(crate) header_len: usize,
    /// What stands in the sample where polarity does.
    pub(crate) polarities: Seen,
    /// The longest line of the sample.
    pub(crate) longest_line: usize,
    /// `read as: …`.
    pub(crate) summary: String,
}

/// A dialect, and what of it is not certain yet.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) dialect: Dialect,
    /// The start has ON alone, as 1: whether OFF is 0 or -1 shows once it turns up.
    pub(crate) polarity_is_open: bool,
}

/// Finds the dialect from the start of a text, `whole` if that is all of it, and pieces from
/// further inside.
pub(crate) fn detect(
    name: &str,
    head: &[u8],
    whole: bool,
    pieces: &[Vec<u8>],
    options: &OpenOptions,
) -> Result<Found> {
    let told = options.columns.as_ref();
    let map = options.polarity_map.as_ref();
    let sample = Sample::take(head, whole, pieces, told, map);
    let sample = sample.map_err(|e| no_sample(name, e, told))?;
    let header_bytes = &head[..sample.header_len];
    let header = Header::parse(header_bytes, sample.line.len);
    let Kept {
        line,
        further,
        passed_over,
    } = further::find(name, &sample, &header, told)?;
    let (size, size_remark) = match (options.size, header.size) {
        (Some(size), _) => (Some(size), " as told"),
        (None, Some(size)) if header.size_is_first_line => (Some(size), " from the first line"),
        (None, size) => (size, " from the header"),
    };
    let (order, order_remark) = columns::find(name, &sample, &header, options, size)?;
    let unit = unit::find(name, &sample, &header, options, order);
    let polarity = sample.columns[order.place(Column::P)]
        .polarity(Tolerance::Quarter)
        .ok_or_else(|| columns::no_polarity(name, &sample, order, map));
    let ((unit, unit_remark), polarity) = match (unit, polarity) {
        (Ok(unit), Ok(polarity)) => (unit, polarity),
        (Err(unit), Err(polarity)) => return Err(unit.and(polarity)),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let polarity_is_open = sample.head_columns[order.place(Column::P)].is_on_alone();
    let times = &sample.columns[order.place(Column::T)];
    let decimals = decimals(times, unit, options)?;
    let kept = decimals.min(format::decimals_to_nanosecond(unit));
    let parts = unit.denominator().checked_mul(10u64.pow(u32::from(kept)));
    let time_base = parts
        .and_then(|parts| TimeBase::new(unit.numerator(), parts))
        .unwrap_or(TimeBase::NANOSECONDS);

    let passed_over_any = line.len != further.line_len();
    let clock = header.remarks.clock_in(time_base).ok_or_else(|| {
        let what = "its epoch is no whole number of the last decimal of its times";
        let most = format::decimals_to_nanosecond(unit);
        Error::ambiguous(name, what).settled_by(Question::Decimals, [most])
    })?;
    let columns = in_words(order, &line, &further);
    let mut summary = format!("read as: {columns}{order_remark}, {unit}");
    match (times.is_uniform(), decimals) {
        _ if options.decimals.is_some() => summary += &format!(" ({decimals} decimals as told)"),
        (true, 0) => {}
        (true, d) => summary += &format!(" ({d} decimals)"),
        (false, _) => summary += " (decimals vary)",
    }
    summary += unit_remark;
    summary += &match (map, polarity_is_open) {
        (Some(map), _) => format!(", polarity {map} (as told)"),
        (None, true) => ", polarity 0/1 (no OFF among the first lines)".to_owned(),
        (None, false) => format!(", polarity {polarity}"),
    };
    if let Some(size) = size {
        summary += &format!(", {size}{size_remark}");
    }

    let mut format = TextFormat {
        columns: order,
        further,
        separator: separator(&sample),
        time_unit: unit,
        decimals,
        polarity,
        coordinates: coordinates(&sample.columns[order.place(Column::X)]),
        line_end: if sample.crlf {
            LineEnd::CrLf
        } else {
            LineEnd::Lf
        },
        header: match header_bytes {
            [] => evz_core::Header::None,
            // What is passed over is named in it.
            _ if passed_over_any && header.columns.is_some() => evz_core::Header::Names,
            bytes => evz_core::Header::Verbatim(bytes.to_vec()),
        },
        clock,
        epoch_tick: time_base,
        says_columns: true,
        final_newline: true,
        of_source: true,
    };
    if format.header == evz_core::Header::Names {
        format.header = evz_core::Header::Verbatim(format.header_bytes(size)?);
    }
    let dialect = Dialect {
        format,
        split: sample.split,
        line,
        passed_over,
        unused: header.strange_remark.map(|(line, remark)| {
            format!(
                "line {line} is a remark of evz that does not fit this text or is not understood, and is not \
                 used: {}",
                excerpt(&remark)
            )
        }),
        time_base,
        size,
        polarities: sample.columns[order.place(Column::P)].seen.clone(),
        header_len: sample.header_len,
        longest_line: sample.longest_line,
        summary,
    };
    Ok(Found {
        dialect,
        polarity_is_open,
    })
}

/// The columns for people, from left to right.
fn in_words(order: ColumnOrder, line: &LineColumns, further: &Further) -> String {
    let mut words = vec!["-".to_owned(); line.len];
    for (place, column) in line.four.into_iter().zip(order.columns()) {
        words[place] = column.letter().to_string();
    }
    for (place, column) in line.further.iter().zip(&further.columns) {
        words[*place] = format!("{}:{}", column.name, column.column_type);
    }
    words.join(" ")
}

/// The decimals of regular times; where they vary, those that reach down to the nanosecond.
fn decimals(times: &ColumnStats, unit: TimeBase, options: &OpenOptions) -> Result<u8> {
    if let Some(decimals) = options.decimals {
        format::check_decimals(decimals)?;
        return Ok(decimals);
    }
    Ok(u8::try_from(times.max_decimals)
        .ok()
        .filter(|d| times.is_uniform() && *d <= format::MAX_DECIMALS)
        .unwrap_or(format::decimals_to_nanosecond(unit)))
}

/// What stands between the first two columns, exactly.
fn separator(sample: &Sample) -> String {
    let line = crate::line::trim(&sample.first_line);
    let marks = |b: &u8| b" \t,;".contains(b);
    let start = line.iter().position(marks).unwrap_or(0);
    let len = line[start..].iter().take_while(|b| marks(b)).count();
    let found = &line[start..start + len];
    if format::is_separator(found) {
        String::from_utf8_lossy(found).into_owned()
    } else {
        match sample.split {
            Split::Blanks => " ".to_owned(),
            Split::Byte(byte) => char::from(byte).to_string(),
        }
    }
}

fn coordinates(stats: &ColumnStats) -> CoordinateStyle {
    let digits = u8::try_from(stats.max_decimals).unwrap_or(u8::MAX).min(18);
    match (stats.scientific, digits) {
        (true, 4..) => CoordinateStyle::Scientific(digits),
        (false, 1..) if stats.is_uniform() => CoordinateStyle::Decimals(digits),
        _ => CoordinateStyle::Integer,
    }
}

fn no_sample(name: &str, why: NoSample, told: Option<&ColumnList>) -> Error {
    match why {
        NoSample::Empty => {
            Error::insufficient(name, "it holds no events: there is no line of data")
        }
        NoSample::LongHeader => {
            let what = format!(
                "its first {} KiB are header and hold no events",
                HEAD_LEN / 1024
            );
            Error::limit(name, what).advise("shorten what stands before the events")
        }
        NoSample::LongLine => {
            let what = format!(
                "there are no events: its first {} KiB are one line",
                HEAD_LEN / 1024
            );
            of_another_format(Error::unsupported(name, what))
        }
        NoSample::Binary => of_another_format(Error::unsupported(
            name,
            "it is no text (it has zero bytes)",
        )),
        NoSample::NoColumns {
            line,
            text,
            polarities,
        } => {
            let place = Place::file(name).with_line(line);
            let expected = match told {
                Some(list) if list.len() != 4 => format!("the columns {list}"),
                _ => "the four columns t, x, y and p".to_owned(),
            };
            let what = format!("expected {expected}, found {}", seen::columns(&text));
            let error = Error::corrupt(place, what);
            if seen::has_decimal_commas(&text) {
                let what = "write points for the decimal commas, as `tr , .` does";
                return error.advise(what);
            }
            match polarities {
                Some(seen) if seen.is_all() => error
                    .settled_by(Question::PolarityMap, seen.maps())
                    .settled_by(Question::Format, [""; 0]),
                _ if told.is_none() && seen::lacks_polarity(&text) => error.advise(format!(
                    "add polarity, without which events are not read, as a fourth column: {} makes all \
                     of them ON",
                    seen::adding_on(&text)
                )),
                _ if seen::has_numbers(&text) => error,
                _ => of_another_format(error),
            }
        }
        NoSample::Unnamed {
            line,
            text,
            len,
            names,
        } => {
            let place = Place::file(name).with_line(line);
            let what = match told {
                Some(list) => format!("{len} columns, and {} were told ({list})", list.len()),
                None => match names.as_ref().map(Vec::len) {
                    None => format!("{len} columns, and nothing says what they are"),
                    Some(n) if n == len => {
                        format!("{len} columns, which the names above them do not make an event")
                    }
                    Some(n) => format!("{len} columns, and the names above them are {n}"),
                },
            };
            let what = format!("{what}: {}", excerpt(&text));
            if len > MOST_COLUMNS {
                let error = Error::unsupported(place, what).settled_by(Question::Columns, [""; 0]);
                return of_another_format(error);
            }
            let error = Error::ambiguous(place, what);
            error.settled_by(Question::Columns, seen::readings(&text, names.as_deref()))
        }
    }
}

/// Of more columns no names are proposed: a line of so many is hardly an event.
const MOST_COLUMNS: usize = 64;

fn of_another_format(error: Error) -> Error {
    error.settled_by(Question::Format, [""; 0])
}
