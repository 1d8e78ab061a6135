//! Which column of an array of plain numbers is which.

use evz_core::columns::Seen;
use evz_core::{Column, ColumnOrder, Error, Place, Question, Result, SensorSize};

/// The orders that people use; another one must be told.
const USUAL: [ColumnOrder; 3] = [ColumnOrder::TXYP, ColumnOrder::XYTP, ColumnOrder::XYPT];

/// What the numbers of a column have in common.
struct Shape {
    is_polarity: bool,
    /// Whether it has a few values, so that these may be told to be polarities.
    is_few_valued: bool,
    is_coordinate: bool,
    rises: bool,
    max: f64,
}

impl Shape {
    fn of(values: &[f64]) -> Self {
        let all = |keeps: fn(f64) -> bool| values.iter().all(|v| keeps(*v));
        let falls = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
        Self {
            is_polarity: all(|v| v == 0.0 || v == 1.0) || all(|v| v.abs() == 1.0),
            is_few_valued: Seen::of(values.iter().copied()).is_all(),
            is_coordinate: all(|v| f64::from(v as u16) == v),
            // A camera's packets may run back a little, while a coordinate falls every other event.
            rises: falls * 50 <= values.len(),
            max: values.iter().copied().fold(0.0, f64::max),
        }
    }

    fn is_time(&self) -> bool {
        self.rises || !self.is_coordinate
    }
}

/// The order of the columns by their first values, if that is safe: one of the orders in use fits,
/// and no other.
///
/// # Errors
/// If several fit or none.
pub(crate) fn find_order(
    place: &Place,
    columns: &[Vec<f64>; 4],
    size: Option<SensorSize>,
) -> Result<ColumnOrder> {
    if columns[0].is_empty() {
        // Without rows any order will do.
        return Ok(ColumnOrder::TXYP);
    }
    let shapes = columns.each_ref().map(|values| Shape::of(values));
    let of = |order: ColumnOrder| {
        [Column::T, Column::X, Column::Y, Column::P].map(|c| &shapes[order.place(c)])
    };
    let fits = |order: &ColumnOrder| {
        let [t, x, y, p] = of(*order);
        t.is_time() && x.is_coordinate && y.is_coordinate && p.is_polarity
    };
    let fits_but_polarity = |order: &ColumnOrder| {
        let [t, x, y, p] = of(*order);
        t.is_time() && x.is_coordinate && y.is_coordinate && p.is_few_valued
    };
    let fitting: Vec<ColumnOrder> = USUAL.into_iter().filter(fits).collect();
    let ask = |what: String, orders: &[ColumnOrder]| {
        Error::ambiguous(place, what).settled_by(Question::Columns, orders)
    };
    let order = match fitting.as_slice() {
        [one] => *one,
        [] => {
            let what = "the values of its four columns do not say which is which";
            let likely = USUAL.into_iter().find(fits_but_polarity);
            return Err(ask(what.to_owned(), likely.as_slice()));
        }
        several => {
            let what = "its four columns can be read in several ways";
            return Err(ask(what.to_owned(), several));
        }
    };
    let [_, x, y, _] = of(order).map(|shape| shape.max);
    if let Some(size) = size {
        let fits = |x: f64, y: f64| x < f64::from(size.width) && y < f64::from(size.height);
        if !fits(x, y) && fits(y, x) {
            let swapped = order.with_x_and_y_swapped();
            let what = format!(
                "read as {order} it has x up to {x} and y up to {y}, which is beyond {size}, but {swapped} fits"
            );
            return Err(ask(what, &[order, swapped]));
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: [f64; 4] = [0.5, 1.5, 1.5, 2.25];
    const X: [f64; 4] = [10.0, 3.0, 200.0, 4.0];
    const Y: [f64; 4] = [90.0, 30.0, 100.0, 7.0];
    const P: [f64; 4] = [1.0, 0.0, 0.0, 1.0];

    fn find(columns: [[f64; 4]; 4], size: Option<(u32, u32)>) -> Result<String> {
        let size = size.map(|(width, height)| SensorSize { width, height });
        find_order(&Place::file("a"), &columns.map(|c| c.to_vec()), size)
            .map(|order| order.to_string())
    }

    #[test]
    fn orders_in_use() {
        assert_eq!(find([T, X, Y, P], None).unwrap(), "txyp");
        assert_eq!(find([X, Y, T, P], None).unwrap(), "xytp");
        assert_eq!(find([X, Y, P, T], None).unwrap(), "xypt");
    }

    #[test]
    fn what_is_not_safe_is_asked_for() {
        for columns in [[P, T, X, Y], [X, T, Y, P], [P; 4], [X, Y, P, P]] {
            let error = find(columns, None).unwrap_err();
            assert_eq!(error.question(), Some(Question::Columns), "{error}");
        }
        let error = find([T, X, Y, P], Some((150, 250))).unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("set columns to txyp or tyxp"), "{text}");
    }
}
