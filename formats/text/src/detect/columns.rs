//! Which column is which, from the names or else from the values.

use evz_core::{
    Column, ColumnList, ColumnOrder, Error, OpenOptions, Place, PolarityMap, Question, Result,
    SensorSize,
};

use crate::{
    detect::sample::{ColumnStats, Sample, Tolerance},
    header::Header,
    line::excerpt,
};

/// The order of the columns and where it comes from, as a remark for people.
pub(crate) fn find(
    name: &str,
    sample: &Sample,
    header: &Header,
    options: &OpenOptions,
    size: Option<SensorSize>,
) -> Result<(ColumnOrder, &'static str)> {
    if let Some(order) = options.columns.as_ref().map(ColumnList::order) {
        return Ok((order, " (as told)"));
    }
    let (order, remark) = match (header.columns, &header.strange_names) {
        (Some(order), _) => (order, " (from the header)"),
        (None, Some((number, line))) => {
            let place = Place::file(name).with_line(*number);
            let what = format!(
                "it looks like the names of the columns and is not understood: {}",
                excerpt(line)
            );
            return Err(Error::ambiguous(place, what).settled_by(Question::Columns, usual(sample)));
        }
        (None, None) => (by_content(name, sample)?, ""),
    };
    let swapped = order.with_x_and_y_swapped();
    if let Some(size) = size
        && !fits(sample, order, size)
        && fits(sample, swapped, size)
    {
        let what = format!(
            "read as {} it has x up to {} and y up to {}, which is beyond {size}, but {} fits",
            order.spaced(),
            sample.columns[order.place(Column::X)].max_whole(),
            sample.columns[order.place(Column::Y)].max_whole(),
            swapped.spaced(),
        );
        return Err(Error::ambiguous(name, what).settled_by(Question::Columns, [order, swapped]));
    }
    Ok((order, remark))
}

fn fits(sample: &Sample, order: ColumnOrder, size: SensorSize) -> bool {
    let max = |column| sample.columns[order.place(column)].max_whole();
    max(Column::X) < i128::from(size.width) && max(Column::Y) < i128::from(size.height)
}

/// From content alone only a usual order is taken: the values of another one may just as well be a
/// usual one gone wrong.
fn by_content(name: &str, sample: &Sample) -> Result<ColumnOrder> {
    match usual(sample).as_slice() {
        [] => {}
        // The lines that do not fit are named one by one when they are read, and polarities that are none
        // when the unit is known.
        [order] => return Ok(*order),
        several => return Err(ambiguous(name, several)),
    }
    let unusual: Vec<ColumnOrder> = x_before_y()
        .filter(|&order| content_allows(sample, order, Tolerance::Quarter))
        .collect();
    match unusual.as_slice() {
        [] => Err(no_order(name, sample)),
        several => Err(ambiguous(name, several)),
    }
}

/// The usual orders that the content allows; if there is none, the first that it allows but for its
/// polarities.
fn usual(sample: &Sample) -> Vec<ColumnOrder> {
    for tolerance in [Tolerance::None, Tolerance::Quarter] {
        let allowed = |order: &ColumnOrder| content_allows(sample, *order, tolerance);
        let usual: Vec<ColumnOrder> = USUAL.into_iter().filter(allowed).collect();
        if !usual.is_empty() {
            return usual;
        }
    }
    let but_polarity = |order: &ColumnOrder| all_but_polarity_fits(sample, *order);
    USUAL.into_iter().find(but_polarity).into_iter().collect()
}

/// Any order settles it.
const ANY: [ColumnOrder; 0] = [];

/// The orders that people use; another one must be named by the header or be told.
const USUAL: [ColumnOrder; 3] = [ColumnOrder::TXYP, ColumnOrder::XYTP, ColumnOrder::XYPT];

fn x_before_y() -> impl Iterator<Item = ColumnOrder> {
    (0..4).flat_map(|t| {
        (0..4).filter(move |&p| p != t).filter_map(move |p| {
            let mut columns = [Column::X; 4];
            columns[t] = Column::T;
            columns[p] = Column::P;
            let y = (0..4).rev().find(|&i| i != t && i != p)?;
            columns[y] = Column::Y;
            ColumnOrder::new(columns)
        })
    })
}

fn content_allows(sample: &Sample, order: ColumnOrder, tolerance: Tolerance) -> bool {
    let stats = |column| &sample.columns[order.place(column)];
    nanoseconds_are_times(sample, order)
        && stats(Column::P).polarity(tolerance).is_some()
        && stats(Column::X).is_coordinate(tolerance)
        && stats(Column::Y).is_coordinate(tolerance)
        && is_time(stats(Column::T), tolerance)
}

fn nanoseconds_are_times(sample: &Sample, order: ColumnOrder) -> bool {
    let t = order.place(Column::T);
    sample.nanoseconds().is_none_or(|place| place == t)
}

fn all_but_polarity_fits(sample: &Sample, order: ColumnOrder) -> bool {
    let lenient = Tolerance::Quarter;
    let stats = |column| &sample.columns[order.place(column)];
    nanoseconds_are_times(sample, order)
        && stats(Column::P).is_few_valued()
        && stats(Column::X).is_coordinate(lenient)
        && stats(Column::Y).is_coordinate(lenient)
        && is_time(stats(Column::T), lenient)
}

fn is_time(column: &ColumnStats, tolerance: Tolerance) -> bool {
    column.is_number(tolerance) && (column.rises() || !column.is_coordinate(tolerance))
}

fn ambiguous(name: &str, orders: &[ColumnOrder]) -> Error {
    let readings: Vec<String> = orders.iter().map(|o| o.spaced()).collect();
    let unusual = match orders {
        [order] if !USUAL.contains(order) => ", an order that nothing but its values speaks for",
        _ => "",
    };
    let what = format!(
        "its columns can be read as {}{unusual}",
        readings.join(" or as ")
    );
    Error::ambiguous(name, what).settled_by(Question::Columns, orders)
}

/// The column where polarity stands has something else.
pub(super) fn no_polarity(
    name: &str,
    sample: &Sample,
    order: ColumnOrder,
    map: Option<&PolarityMap>,
) -> Error {
    let place = order.place(Column::P);
    let column = &sample.columns[place];
    let expected = match map {
        Some(map) => map.values(),
        None => "0/1, -1/1 or True/False".to_owned(),
    };
    let what = format!(
        "column {} holds {} where polarity would stand, which is {expected}",
        sample.line.four[place] + 1,
        column.seen.said(),
    );
    let error = Error::corrupt(name, what);
    let error = match column.seen.is_all() {
        true => error.settled_by(Question::PolarityMap, column.seen.maps()),
        false => error,
    };
    error.settled_by(Question::Columns, ANY)
}

fn no_order(name: &str, sample: &Sample) -> Error {
    let lenient = Tolerance::Quarter;
    let what = if !sample.columns.iter().any(|c| c.polarity(lenient).is_some()) {
        "no column holds polarity (0/1, -1/1 or True/False)"
    } else if !sample.columns.iter().any(|c| is_time(c, lenient)) {
        "no column rises like a time"
    } else {
        "no two columns hold coordinates (whole numbers from 0 to 65535)"
    };
    let what = format!(
        "{what}; its first line of data is {}",
        excerpt(&sample.first_line)
    );
    Error::corrupt(name, what).settled_by(Question::Columns, ANY)
}
