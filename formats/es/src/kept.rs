//! Which further columns of a recording a stream of events has a place for.

use evz_core::{ColumnType, Error, EventSlice, ExtraColumn, Loss, LossKind, Result, StreamInfo};

use crate::encoding::Encoding;

/// The further columns of a recording, and which of them are written.
#[derive(Debug)]
pub(crate) struct Kept {
    columns: Vec<ExtraColumn>,
    /// Where those of the encoding stand.
    places: Vec<usize>,
}

impl Kept {
    /// Finds the columns of the encoding by their names and types; `name` is that of the output.
    ///
    /// # Errors
    /// If the recording lacks one.
    pub(crate) fn find(name: &str, info: &StreamInfo, encoding: Encoding) -> Result<Self> {
        let columns = info.columns.clone();
        let find = |wanted: &str, column_type: ColumnType| {
            let same = |c: &ExtraColumn| c.name == wanted && c.column_type == column_type;
            columns.iter().position(same)
        };
        let place = |ExtraColumn {
                         name: wanted,
                         column_type,
                         ..
                     }: ExtraColumn| {
            find(&wanted, column_type).ok_or_else(|| {
                let what = format!(
                    "{encoding} has a column {wanted:?} of {column_type}, and the events do not"
                );
                Error::unsupported(name, what).advise("write dvs, which every recording fits")
            })
        };
        let places = encoding.columns().into_iter().map(place);
        let places = places.collect::<Result<Vec<_>>>()?;
        Ok(Self { columns, places })
    }

    /// The values of the columns of the encoding, each of a byte.
    ///
    /// # Errors
    /// If the events lack one of them.
    pub(crate) fn values<'a>(&self, events: EventSlice<'a>) -> Result<Vec<&'a [u8]>> {
        let places = self.places.iter();
        places.map(|place| self.column(events, *place)).collect()
    }

    fn column<'a>(&self, events: EventSlice<'a>, place: usize) -> Result<&'a [u8]> {
        let column = &self.columns[place];
        let values = events.extra.get(place);
        let values = values.filter(|values| values.column_type() == column.column_type);
        let lacks = || Error::invalid(format!("events without their column {:?}", column.name));
        values.map(|values| values.as_bytes()).ok_or_else(lacks)
    }

    /// The columns that are not written.
    pub(crate) fn left_out(&self) -> Option<Loss> {
        let left_out = (0..self.columns.len()).filter(|i| !self.places.contains(i));
        let left_out: Vec<&str> = left_out.map(|i| &*self.columns[i].name).collect();
        let what = match left_out.len() {
            1 => "further column of the events that the output has no place for",
            _ => "further columns of the events that the output has no place for",
        };
        let loss = Loss::new(LossKind::Columns, what, left_out.len() as u64);
        (!left_out.is_empty()).then(|| loss.with_examples(left_out))
    }
}
