//! Which column of N x 4 numbers is which.

use evz_core::columns::Seen;
use evz_core::{Column, ColumnList, ColumnOrder, Error, Place, Question, Result};

use crate::find::last;
use crate::found::{At, Found, Layout, Of};
use crate::sample::sample;

/// The orders that people use; another one must be told.
const USUAL: [ColumnOrder; 3] = [ColumnOrder::TXYP, ColumnOrder::XYTP, ColumnOrder::XYPT];

/// Puts the columns of a stream of N x 4 numbers in order, by what is told, by the layout if the first
/// values go with it, or else by these values.
///
/// # Errors
/// If several orders fit, or none.
pub(crate) fn settle(found: &mut Found, told: Option<&ColumnList>, name: &str) -> Result<()> {
    let dataset = found.columns[0].dataset.clone();
    let is_table = matches!(found.columns[0].of, Of::Number(_)) && found.order.is_none();
    if !is_table {
        return match told {
            None => Ok(()),
            Some(_) => {
                let what = format!("{name}: its columns have names, which say what they hold");
                Err(Error::invalid(what).without(Question::Columns))
            }
        };
    }
    let columns = dataset.space.shape.get(1).copied().unwrap_or(0);
    let at = |place: usize| At::new(&dataset, Of::Number(place as u64));
    let place = Place::file(name).with_part(format!("dataset {}", dataset.path));
    if let Some(told) = told {
        if told.len() as u64 != columns {
            let what = format!(
                "its shape is {:?}, and {} columns are told",
                dataset.space.shape,
                told.len()
            );
            let mut example = told
                .order()
                .columns()
                .map(|c| c.letter().to_string())
                .to_vec();
            example.resize(columns.max(4) as usize, "-".to_owned());
            return Err(
                Error::ambiguous(place, what).settled_by(Question::Columns, [example.join(",")])
            );
        }
        if let Some(further) = told.further().first() {
            let what = format!(
                "{name}: further columns of HDF5, such as {:?}, are not read",
                further.name
            );
            return Err(Error::invalid(what).advise("write - in their place"));
        }
        found.columns = told.places().map(at);
        found.order = Some(format!("{told} as told"));
        return Ok(());
    }
    if columns != 4 {
        let mut example = ["t", "x", "y", "p"].map(str::to_owned).to_vec();
        example.resize(columns as usize, "-".to_owned());
        let what =
            format!("what its {columns} columns hold is to be told, and - for one to pass over");
        return Err(
            Error::ambiguous(place, what).settled_by(Question::Columns, [example.join(",")])
        );
    }
    let first = [0, 1, 2, 3].map(|n| sample(&at(n)));
    let shapes = first.each_ref().map(|values| Shape::of(values));
    let of = |order: &ColumnOrder| {
        [Column::T, Column::X, Column::Y, Column::P].map(|c| &shapes[order.place(c)])
    };
    let fits = |order: &ColumnOrder| {
        let [t, x, y, p] = of(order);
        t.is_time() && x.is_coordinate && y.is_coordinate && p.is_polarity
    };
    let fits_but_polarity = |order: &ColumnOrder| {
        let [t, x, y, p] = of(order);
        t.is_time() && x.is_coordinate && y.is_coordinate && p.is_few_valued
    };
    let by_layout = match found.layout {
        Layout::Mvsec => Some(ColumnOrder::XYTP),
        Layout::V2e if last(&dataset.path) == "events" => Some(ColumnOrder::TXYP),
        _ => None,
    };
    let fitting: Vec<ColumnOrder> = USUAL.into_iter().filter(fits).collect();
    let (order, how) = match (
        by_layout.filter(|order| fitting.contains(order)),
        &fitting[..],
    ) {
        (Some(order), _) => (order, format!("as in {}", found.layout.title())),
        (None, [one]) => (*one, "by their values".to_owned()),
        (None, fitting) => {
            let likely = USUAL.into_iter().find(fits_but_polarity);
            let (what, orders) = match fitting.is_empty() {
                true => (
                    "the values of its four columns do not say which is which",
                    likely.as_slice(),
                ),
                false => ("its four columns can be read in several ways", fitting),
            };
            return Err(Error::ambiguous(place, what).settled_by(Question::Columns, orders));
        }
    };
    if by_layout != Some(order) {
        // The layout is another one than the name says.
        found.layout = Layout::Other;
    }
    found.columns = [Column::T, Column::X, Column::Y, Column::P].map(|c| at(order.place(c)));
    found.order = Some(format!("{} {how}", order.spaced()));
    Ok(())
}

/// What the numbers of a column have in common.
struct Shape {
    is_polarity: bool,
    /// Whether it has a few values, so that these may be told to be polarities.
    is_few_valued: bool,
    is_coordinate: bool,
    rises: bool,
}

impl Shape {
    fn of(values: &[f64]) -> Self {
        let all = |keeps: fn(f64) -> bool| values.iter().all(|v| keeps(*v));
        let falls = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
        Self {
            is_polarity: all(|v| v == 0.0 || v == 1.0) || all(|v| v.abs() == 1.0),
            is_few_valued: Seen::of(values.iter().copied()).is_all(),
            is_coordinate: all(|v| f64::from(v as u16) == v),
            // Packets may run back a little, while a coordinate falls every other event.
            rises: falls * 50 <= values.len(),
        }
    }

    fn is_time(&self) -> bool {
        self.rises || !self.is_coordinate
    }
}
