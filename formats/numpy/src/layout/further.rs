//! What is found beside the columns of events, as further columns of them.

use evz_core::ExtraColumn;

use super::{ColumnPlace, Layout, Stream, behind};
use crate::array::Array;
use crate::names;
use crate::npy::Dtype;

impl Layout {
    /// Takes a column as a further one; false if events cannot have it beside those that they have.
    pub(super) fn take(&mut self, place: ColumnPlace, description: &str) -> bool {
        let Some(column_type) = place.scalar.column_type() else {
            return false;
        };
        let column = ExtraColumn::new(names::read(&place.name), column_type);
        self.further.push(column.with_description(description));
        let fits = ExtraColumn::check(&self.further).is_ok();
        if fits {
            self.further_places.push(place);
        } else {
            self.further.pop();
        }
        fits
    }

    /// Takes an array as a further column, if it has a number for each event.
    pub(crate) fn take_array(&mut self, array: Array) -> bool {
        let Dtype::Scalar(scalar) = &array.header.dtype else {
            return false;
        };
        let stride = scalar.size;
        let place = ColumnPlace {
            name: array.name.clone(),
            stream: self.streams.len(),
            stride,
            offset: 0,
            scalar: scalar.clone(),
            unit: None,
        };
        if array.header.shape != [self.rows] || !self.take(place, "") {
            return false;
        }
        self.lost.extend(behind(&array, self.rows, stride));
        self.streams.push(Stream {
            array,
            start: 0,
            stride,
        });
        true
    }
}
