//! The remark that says what the columns of a line are, where there are further ones:
//! `# evz.columns: ["t","x","y","p",{"name":"label","type":"u8"}]`, in the order of the line. A further
//! column may have a `unit` and a `description`. To other readers it is a remark like any other.

use evz_core::{Column, ColumnOrder, ColumnType, ExtraColumn};
use serde_json::{Value, json};

use crate::line_columns::{Further, LineColumns};

const COLUMNS: &str = "# evz.columns: ";

/// What such a remark says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) order: ColumnOrder,
    pub(crate) line: LineColumns,
    pub(crate) columns: Vec<ExtraColumn>,
}

impl Listed {
    /// What a line says, if it is such a remark.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?.trim_end();
        let list: Vec<Value> = serde_json::from_str(line.strip_prefix(COLUMNS)?).ok()?;
        let (mut four, mut columns) = (Vec::new(), Vec::new());
        for (place, item) in list.iter().enumerate() {
            match item.as_str() {
                Some(letter) => {
                    four.push((place, Column::ALL.into_iter().find(|c| is(*c, letter))?));
                }
                None => columns.push(column(item)?),
            }
        }
        ExtraColumn::check(&columns).ok()?;
        let order: Vec<Column> = four.iter().map(|(_, column)| *column).collect();
        let places: Vec<usize> = four.iter().map(|(place, _)| *place).collect();
        Some(Self {
            order: ColumnOrder::new(order.try_into().ok()?)?,
            line: LineColumns::around(places.try_into().ok()?, list.len()),
            columns,
        })
    }
}

/// The line that says it, without its end.
pub(crate) fn line(order: ColumnOrder, further: &Further) -> String {
    let mut four = order.columns().into_iter();
    let items = further.slots().map(|slot| match slot {
        Some(k) => said(&further.columns[k]),
        None => json!(four.next().map(|column| column.letter().to_string())),
    });
    format!("{COLUMNS}{}", Value::Array(items.collect()))
}

fn is(column: Column, letter: &str) -> bool {
    letter.chars().eq([column.letter()])
}

fn column(item: &Value) -> Option<ExtraColumn> {
    let text = |key: &str| match item.get(key) {
        Some(value) => value.as_str(),
        None => Some(""),
    };
    let column_type = ColumnType::from_name(text("type")?)?;
    Some(
        ExtraColumn::new(text("name")?, column_type)
            .with_unit(text("unit")?)
            .with_description(text("description")?),
    )
}

fn said(column: &ExtraColumn) -> Value {
    let mut said = json!({"name": column.name, "type": column.column_type.name()});
    for (key, text) in [("unit", &column.unit), ("description", &column.description)] {
        if !text.is_empty() {
            said[key] = json!(text);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let columns = vec![
            ExtraColumn::new("label", ColumnType::U8),
            ExtraColumn::new("a, \"b\"\n\u{1f600}", ColumnType::F32)
                .with_unit("mV")
                .with_description("two\nlines"),
        ];
        let order: ColumnOrder = "xytp".parse().unwrap();
        let further = Further {
            columns: columns.clone(),
            places: vec![0, 3],
        };
        let text = line(order, &further);
        assert!(!text.contains('\n'));
        let found = Listed::parse(text.as_bytes()).unwrap();
        assert_eq!((found.order, found.columns), (order, columns));
        assert_eq!(found.line.four, [1, 2, 4, 5]);
        assert_eq!((found.line.further, found.line.len), (vec![0, 3], 6));
    }

    #[test]
    fn nonsense_says_nothing() {
        for list in [
            "",
            "{}",
            "[\"t\",\"x\",\"y\"]",
            "[\"t\",\"x\",\"y\",\"y\"]",
            "[\"t\",\"x\",\"y\",\"p\",\"q\"]",
            "[\"t\",\"x\",\"y\",\"p\",{\"name\":\"a\"}]",
            "[\"t\",\"x\",\"y\",\"p\",{\"name\":\"t\",\"type\":\"u8\"}]",
            "[\"t\",\"x\",\"y\",\"p\",{\"name\":\"a\",\"type\":\"u8\",\"unit\":1}]",
        ] {
            assert_eq!(Listed::parse(format!("{COLUMNS}{list}").as_bytes()), None);
        }
    }
}
