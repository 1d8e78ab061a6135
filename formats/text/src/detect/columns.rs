//! Which column is which, from the names or else from the values.

use evz_core::{Error, Result, SensorSize};

use crate::{
    ColumnOrder, TextOptions,
    columns::Column,
    detect::sample::{ColumnStats, Sample, Tolerance},
    header::Header,
};

/// The order of the columns and where it comes from, as a remark for people.
pub(crate) fn find(
    name: &str,
    sample: &Sample,
    header: &Header,
    options: &TextOptions,
    size: Option<SensorSize>,
) -> Result<(ColumnOrder, &'static str)> {
    if let Some(order) = options.columns {
        return Ok((order, " (by --columns)"));
    }
    let (order, remark) = match header.columns {
        Some(order) => (order, " (from the header)"),
        None => (by_content(name, sample)?, ""),
    };
    let swapped = order.with_x_and_y_swapped();
    if let Some(size) = size
        && !fits(sample, order, size)
        && fits(sample, swapped, size)
    {
        return Err(Error::ambiguous(
            name,
            format!(
                "read as {} it has x up to {} and y up to {}, which is beyond {size}, but {} fits; pass --columns {order} or --columns {swapped}",
                order.spaced(),
                sample.columns[order.place(Column::X)].max_whole(),
                sample.columns[order.place(Column::Y)].max_whole(),
                swapped.spaced(),
            ),
        ));
    }
    Ok((order, remark))
}

fn fits(sample: &Sample, order: ColumnOrder, size: SensorSize) -> bool {
    let max = |column| sample.columns[order.place(column)].max_whole();
    max(Column::X) < i128::from(size.width) && max(Column::Y) < i128::from(size.height)
}

fn by_content(name: &str, sample: &Sample) -> Result<ColumnOrder> {
    let allowed = |tolerance| -> Vec<ColumnOrder> {
        x_before_y()
            .filter(|&order| content_allows(sample, order, tolerance))
            .collect()
    };
    let mut possible = allowed(Tolerance::None);
    if possible.is_empty() {
        possible = allowed(Tolerance::Quarter);
    }
    let usual: Vec<ColumnOrder> = possible
        .iter()
        .copied()
        .filter(|order| USUAL.contains(order))
        .collect();
    match (usual.as_slice(), possible.as_slice()) {
        ([order], _) | ([], [order]) => Ok(*order),
        ([], []) => Err(no_order(name, sample)),
        ([], several) | (several, _) => Err(ambiguous(name, several)),
    }
}

/// The orders that people use; another one must be the only one that fits.
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
    stats(Column::P).polarity(tolerance).is_some()
        && stats(Column::X).is_coordinate(tolerance)
        && stats(Column::Y).is_coordinate(tolerance)
        && is_time(stats(Column::T), tolerance)
}

fn is_time(column: &ColumnStats, tolerance: Tolerance) -> bool {
    column.is_number(tolerance) && (column.rises() || !column.is_coordinate(tolerance))
}

fn ambiguous(name: &str, orders: &[ColumnOrder]) -> Error {
    let readings: Vec<String> = orders.iter().map(|o| o.spaced()).collect();
    let options: Vec<String> = orders.iter().map(|o| format!("--columns {o}")).collect();
    Error::ambiguous(
        name,
        format!(
            "its columns can be read as {}; pass {}",
            readings.join(" or as "),
            options.join(" or ")
        ),
    )
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
    Error::corrupt(
        name,
        format!(
            "{what}; its first line of data is {}; if these are events, pass --columns, such as --columns txyp",
            crate::line::excerpt(&sample.first_line)
        ),
    )
}
