//! What the columns of a table without names hold.

use std::{fmt, str::FromStr};

use super::{Column, ColumnOrder};
use crate::{ColumnType, Error, ExtraColumn};

/// The columns of a table from left to right: `txyp`, or with further ones `t,x,y,p,label`. A type may
/// stand behind the name of a further one, `label:u8`; a column called `-` is passed over, for which
/// `_` may stand among letters: `txyp_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnList {
    order: ColumnOrder,
    /// Where t, x, y and p stand.
    places: [usize; 4],
    further: Vec<FurtherColumn>,
    len: usize,
}

/// A further column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherColumn {
    /// Where it stands, from 0 at the left.
    pub place: usize,
    /// Its name.
    pub name: String,
    /// The type of its values, if it is told.
    pub column_type: Option<ColumnType>,
}

impl ColumnList {
    /// Where t, x, y and p stand, from 0 at the left.
    pub fn places(&self) -> [usize; 4] {
        self.places
    }

    /// The order of t, x, y and p among each other.
    pub fn order(&self) -> ColumnOrder {
        self.order
    }

    /// The further columns that are to be read, from left to right.
    pub fn further(&self) -> &[FurtherColumn] {
        &self.further
    }

    /// Number of columns, those that are passed over among them.
    #[allow(clippy::len_without_is_empty, reason = "there are four at least")]
    pub fn len(&self) -> usize {
        self.len
    }
}

impl From<ColumnOrder> for ColumnList {
    fn from(order: ColumnOrder) -> Self {
        Self {
            order,
            places: [Column::T, Column::X, Column::Y, Column::P].map(|c| order.place(c)),
            further: Vec::new(),
            len: 4,
        }
    }
}

impl fmt::Display for ColumnList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.len == 4 {
            return self.order.fmt(f);
        }
        let mut names = vec!["-".to_owned(); self.len];
        for (place, letter) in self.places.into_iter().zip(["t", "x", "y", "p"]) {
            letter.clone_into(&mut names[place]);
        }
        for column in &self.further {
            names[column.place] = match column.column_type {
                Some(column_type) => format!("{}:{column_type}", column.name),
                None => column.name.clone(),
            };
        }
        f.write_str(&names.join(","))
    }
}

impl FromStr for ColumnList {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if !text.contains(',') {
            // `txyp_` for `t,x,y,p,-`.
            if !text.contains(['_', '-']) {
                return text.parse().map(ColumnOrder::into);
            }
            let letters = text.chars().map(|c| match c {
                '_' => "-".to_owned(),
                c => c.to_ascii_lowercase().to_string(),
            });
            let letters: Vec<String> = letters.collect();
            let known = |letter: &String| ["t", "x", "y", "p", "-"].contains(&letter.as_str());
            return match letters.iter().all(known) {
                true => letters.join(",").parse(),
                false => text.parse().map(ColumnOrder::into),
            };
        }
        let wrong = |what: String| {
            Error::invalid(format!(
                "no list of columns {text:?}: {what}; it is t, x, y and p, each once, and further names, \
                 such as t,x,y,p,label"
            ))
        };
        let (mut events, mut further) = (Vec::new(), Vec::<FurtherColumn>::new());
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        for (place, name) in names.iter().enumerate() {
            match *name {
                "t" => events.push((Column::T, place)),
                "x" => events.push((Column::X, place)),
                "y" => events.push((Column::Y, place)),
                "p" => events.push((Column::P, place)),
                "-" | "_" => {}
                name => {
                    let (name, told) = match name.rsplit_once(':') {
                        Some((name, told)) => (name, Some(told)),
                        None => (name, None),
                    };
                    let column_type = told.map(|told| {
                        let known = || ColumnType::ALL.map(ColumnType::name).join(", ");
                        let unknown = || wrong(format!("no type {told:?}, but {}", known()));
                        ColumnType::from_name(told).ok_or_else(unknown)
                    });
                    further.push(FurtherColumn {
                        place,
                        name: name.to_owned(),
                        column_type: column_type.transpose()?,
                    });
                }
            }
        }
        let columns = further.iter();
        let columns = columns.map(|c| ExtraColumn::new(&c.name, ColumnType::U8));
        let columns: Vec<ExtraColumn> = columns.collect();
        ExtraColumn::check(&columns).map_err(|e| wrong(e.to_string()))?;
        let letters: Vec<Column> = events.iter().map(|(column, _)| *column).collect();
        let order = <[Column; 4]>::try_from(letters).ok();
        let order = order.and_then(ColumnOrder::new);
        let order =
            order.ok_or_else(|| wrong("t, x, y and p are not there once each".to_owned()))?;
        let place = |column| events[order.place(column)].1;
        Ok(Self {
            order,
            places: [Column::T, Column::X, Column::Y, Column::P].map(place),
            further,
            len: names.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_from_left_to_right() {
        let list: ColumnList = "x, y,-,label:u8,p,t,weight".parse().unwrap();
        assert_eq!(list.places(), [5, 0, 1, 4]);
        assert_eq!(list.order().to_string(), "xypt");
        let further: Vec<_> = list.further().iter().map(|c| (c.place, &*c.name)).collect();
        assert_eq!(further, [(3, "label"), (6, "weight")]);
        assert_eq!(list.further()[0].column_type, Some(ColumnType::U8));
        assert_eq!(list.to_string(), "x,y,-,label:u8,p,t,weight");
        assert_eq!(list.to_string().parse::<ColumnList>().unwrap(), list);
        let letters: ColumnList = "yx_pt".parse().unwrap();
        assert_eq!(letters.to_string(), "y,x,-,p,t");
        for plain in ["xypt", "x,y,p,t"] {
            assert_eq!(plain.parse::<ColumnList>().unwrap().to_string(), "xypt");
        }
    }

    #[test]
    fn lists_that_are_none_are_refused() {
        for wrong in [
            "txy_",
            "txyp_l",
            "txy",
            "t,x,y",
            "t,x,y,p,p",
            "t,x,y,p,a,a",
            "t,x,y,p,",
            "t,x,y,p,a:f16",
        ] {
            let error = wrong.parse::<ColumnList>().unwrap_err().to_string();
            assert!(error.contains("each once"), "{error}");
        }
    }
}
