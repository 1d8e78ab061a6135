//! Threshold crossings of ATIS: halves of exposure measurements. They tell no change of light, so they
//! are rows of a side stream and no events.

use std::ops::Range;

use evz_core::{SideColumn, SideRows, SideValues};

/// What the side stream is called.
pub(crate) const STREAM: &str = "exposure";

/// Threshold crossings in columns.
#[derive(Debug, Default)]
pub(crate) struct Crossings {
    pub(crate) t: Vec<i64>,
    pub(crate) x: Vec<u16>,
    pub(crate) y: Vec<u16>,
    /// Whether it is the second of a measurement.
    pub(crate) is_second: Vec<bool>,
}

impl Crossings {
    pub(crate) fn push(&mut self, t: i64, (x, y): (u16, u16), is_second: bool) {
        self.t.push(t);
        self.x.push(x);
        self.y.push(y);
        self.is_second.push(is_second);
    }

    /// Those of rows of that side stream; none if they are of another, or have other columns.
    pub(crate) fn of(rows: &SideRows) -> Option<Self> {
        let [x, y, is_second] = &rows.columns[..] else {
            return None;
        };
        let names = [x, y, is_second].map(|column| column.name.as_str());
        if rows.stream != STREAM || names != ["x", "y", "is_second"] {
            return None;
        }
        match (&x.values, &y.values, &is_second.values) {
            (SideValues::U16(x), SideValues::U16(y), SideValues::Bool(is_second)) => Some(Self {
                t: rows.t.clone(),
                x: x.clone(),
                y: y.clone(),
                is_second: is_second.clone(),
            }),
            _ => None,
        }
    }

    /// Adds others.
    pub(crate) fn append(&mut self, mut others: Self) {
        self.t.append(&mut others.t);
        self.x.append(&mut others.x);
        self.y.append(&mut others.y);
        self.is_second.append(&mut others.is_second);
    }

    /// Takes these away.
    pub(crate) fn remove(&mut self, range: Range<usize>) {
        self.t.drain(range.clone());
        self.x.drain(range.clone());
        self.y.drain(range.clone());
        self.is_second.drain(range);
    }

    /// As rows.
    pub(crate) fn into_rows(self) -> SideRows {
        let columns = vec![
            SideColumn::new("x", SideValues::U16(self.x)),
            SideColumn::new("y", SideValues::U16(self.y)),
            SideColumn::new("is_second", SideValues::Bool(self.is_second)),
        ];
        SideRows {
            t: self.t,
            ..SideRows::new(STREAM, columns)
        }
    }
}
