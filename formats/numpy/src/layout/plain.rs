//! Events as an array of plain numbers, some for each event.

use evz_core::{ColumnList, ColumnOrder, Error, ErrorKind, ExtraColumn, Question, Result};

use super::{ColumnPlace, Columns, Layout, Stream, behind, no_list, no_number, too_many};
use crate::array::Array;
use crate::npy::{Header, Kind, Scalar};

impl Layout {
    /// N x 4, or 4 x N, in either order of bytes; or as many columns as are told.
    pub(super) fn of_numbers(
        array: Array,
        scalar: &Scalar,
        told: Option<&ColumnList>,
    ) -> Result<Self> {
        let Header { fortran, shape, .. } = &array.header;
        let n_columns = told.map_or(4, ColumnList::len);
        let (rows, by_column) = match shape[..] {
            [rows, n] if n == n_columns as u64 => (rows, *fortran),
            [n, rows] if n == n_columns as u64 => (rows, !fortran),
            _ => return Err(other_columns(&array, told)),
        };
        let own_type = match scalar.kind {
            Kind::Int | Kind::Uint | Kind::Float => scalar.column_type(),
            Kind::Bool | Kind::Time(_) => None,
        };
        let Some(own_type) = own_type else {
            return Err(no_number(&array.place, "its values", &scalar.spelled));
        };
        let size = scalar.size;
        let row_size = n_columns * size;
        let place = |i: usize| ColumnPlace {
            name: format!("column {}", i + 1),
            stream: if by_column { i } else { 0 },
            stride: if by_column { size } else { row_size },
            offset: if by_column { 0 } else { i * size },
            scalar: scalar.clone(),
            unit: None,
        };
        let lost = behind(&array, rows, row_size).into_iter().collect();
        let streams = if by_column {
            // Those that are passed over too: at the end of the last is the checksum.
            let start = |i: u64| rows.checked_mul(size as u64)?.checked_mul(i);
            let streams = (0..n_columns as u64).map(|i| {
                let start = start(i).ok_or_else(|| too_many(&array.place, rows))?;
                Ok(Stream {
                    array: array.clone(),
                    start,
                    stride: size,
                })
            });
            streams.collect::<Result<_>>()?
        } else {
            vec![Stream {
                array,
                start: 0,
                stride: row_size,
            }]
        };
        let further = told.map_or(&[][..], ColumnList::further);
        let column = |c: &evz_core::FurtherColumn| {
            ExtraColumn::new(&c.name, c.column_type.unwrap_or(own_type))
        };
        Ok(Self {
            streams,
            rows,
            columns: match told {
                Some(told) => Columns::Told(told.places().map(place)),
                None => Columns::Unnamed([0, 1, 2, 3].map(place)),
            },
            further: further.iter().map(column).collect(),
            further_places: further.iter().map(|c| place(c.place)).collect(),
            size: None,
            notes: Vec::new(),
            lost,
        })
    }
}

/// An error for an array that has not as many columns as events have or are told.
fn other_columns(array: &Array, told: Option<&ColumnList>) -> Error {
    let Header { shape, .. } = &array.header;
    let can_be = |n: &u64| (4..=4 + ExtraColumn::MAX as u64).contains(n);
    let sides = match shape[..] {
        [rows, n] => [n, rows],
        _ => return no_list(&array.place, &array.header),
    };
    let Some(n) = sides.into_iter().find(can_be) else {
        return no_list(&array.place, &array.header);
    };
    let (kind, what, order) = match told {
        Some(told) => {
            let what = format!("and {} columns are told", told.len());
            (ErrorKind::InvalidArgument, what, told.order())
        }
        None => {
            let what = format!("and what its {n} columns hold is to be told, or - for one to skip");
            (ErrorKind::Ambiguous, what, ColumnOrder::TXYP)
        }
    };
    let mut names = order.columns().map(|c| c.letter().to_string()).to_vec();
    names.extend((5..=n).map(|i| format!("column{i}")));
    Error::new(
        kind,
        &array.place,
        format!("its shape is {shape:?}, {what}"),
    )
    .settled_by(Question::Columns, [names.join(",")])
}
