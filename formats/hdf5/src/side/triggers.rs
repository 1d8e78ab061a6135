//! Prophesee's triggers: records of p, t and id in `EXT_TRIGGER/events`.

use evz_core::columns::Times;
use evz_core::{Error, Result, SideColumn, SideRows, SideValues, TimeBase};

use super::Table;
use crate::column::{Values, numbers};
use crate::find::Contents;
use crate::h5::{Dataset, Parts, Scalar, Type};

/// Where they stand, and what the side stream is called.
const PATH: &str = "EXT_TRIGGER/events";
const STREAM: &str = "triggers";

/// The triggers of a file.
pub(super) struct Triggers {
    dataset: Dataset,
    parts: Parts,
    /// Of t, p and id: where they stand in a record, and their types.
    fields: [(usize, Scalar); 3],
    row: u64,
}

impl Triggers {
    /// Opens them, if there are any. They are in microseconds as the events are.
    pub(super) fn open(contents: &Contents, base: TimeBase) -> Result<Option<Self>> {
        let Some(dataset) = contents.at(PATH).filter(|d| d.rows() > 0) else {
            return Ok(None);
        };
        let field = |name: &str| match &dataset.of {
            Type::Record(fields, _) => fields.iter().find_map(|f| match f.of {
                Type::Number(scalar) if f.name == name => Some((f.offset, scalar)),
                _ => None,
            }),
            _ => None,
        };
        let (Some(t), Some(p), Some(id)) = (field("t"), field("p"), field("id")) else {
            let what = format!("it holds {}, and t, p and id are expected", dataset.of);
            return Err(Error::unsupported(dataset.place(), what));
        };
        if base != TimeBase::MICROSECONDS {
            let what = format!("its times are microseconds, and those of the events {base}");
            return Err(Error::unsupported(dataset.place(), what));
        }
        Ok(Some(Self {
            parts: dataset.parts(0)?,
            dataset: dataset.clone(),
            fields: [t, p, id],
            row: 0,
        }))
    }
}

impl Table for Triggers {
    fn name(&self) -> &'static str {
        STREAM
    }

    fn left(&self) -> u64 {
        self.dataset.rows() - self.row
    }

    fn next(&mut self) -> Result<Option<SideRows>> {
        let n = self.left().min(self.parts.rows);
        if n == 0 {
            return Ok(None);
        }
        let bytes = self.parts.slab(self.row / self.parts.rows, n)?;
        let stride = self.dataset.of.size();
        let values = |(offset, scalar)| Values::new(&bytes, stride, offset, scalar);
        let [t, p, id] = self.fields.map(values);
        let (mut times, mut whole) = (Vec::new(), Vec::new());
        let mut bad = numbers!(t, values => Times::read_whole(values, &mut times));
        bad = bad.or(numbers!(p, values => Times::read_whole(values, &mut whole)));
        let rising = whole.drain(..).map(|p| p > 0).collect();
        bad = bad.or(numbers!(id, values => Times::read_whole(values, &mut whole)));
        // A camera has a few channels.
        let ids: Option<Vec<u8>> = whole.iter().map(|id| u8::try_from(*id).ok()).collect();
        let (None, Some(ids)) = (bad, ids) else {
            let place = self.dataset.place().with_row(self.row);
            return Err(Error::corrupt(
                place,
                "a trigger without a channel from 0 to 255",
            ));
        };
        self.row += n;
        let columns = vec![
            SideColumn::new("polarity", SideValues::Bool(rising)),
            SideColumn::new("id", SideValues::U8(ids)),
        ];
        Ok(Some(SideRows {
            t: times,
            ..SideRows::new(STREAM, columns)
        }))
    }
}
