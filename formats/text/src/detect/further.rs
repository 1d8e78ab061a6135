//! Which further columns a text has, and of which types.

use evz_core::{ColumnList, ColumnType, Error, ExtraColumn, Note, Question, Result};

use crate::{
    detect::sample::Sample,
    header::Header,
    line_columns::{Further, LineColumns},
};

/// The columns that are kept.
pub(super) struct Kept {
    /// Where the tokens stand in a line.
    pub(super) line: LineColumns,
    /// The further ones, and where they stand among those that are kept.
    pub(super) further: Further,
    /// What is to be said of those that are passed over though nobody told so.
    pub(super) passed_over: Vec<Note>,
}

/// Finds them. A type that nobody told is one that holds the values of the sample: i64 (or u64), f64,
/// bool. A column of words is passed over, and so is one that has no name among others that have.
///
/// # Errors
/// If a column of words was told to be one.
pub(super) fn find(
    name: &str,
    sample: &Sample,
    header: &Header,
    told: Option<&ColumnList>,
) -> Result<Kept> {
    let mut line = LineColumns {
        further: Vec::new(),
        ..sample.line.clone()
    };
    let (mut further, mut of_words) = (Further::default(), Vec::new());
    let found = sample.line.further.iter().zip(&sample.further);
    for ((place, stats), (column, known)) in found.zip(named(header, told)) {
        match known.or_else(|| stats.column_type()) {
            Some(column_type) => {
                line.further.push(*place);
                further.columns.push(ExtraColumn {
                    column_type,
                    ..column
                });
            }
            None if let Some(list) = told => {
                let what = format!("column {:?} holds words and no numbers", column.name);
                let error = Error::unsupported(name, what);
                return Err(error.settled_by(Question::Columns, [without(list, *place)]));
            }
            None => of_words.push(column.name),
        }
    }
    let before = |place: usize| {
        let four = line.four.iter().filter(|p| **p < place).count();
        four + line.further.iter().filter(|p| **p < place).count()
    };
    further.places = line.further.iter().map(|place| before(*place)).collect();
    let named = [sample.line.four.as_slice(), &sample.line.further].concat();
    let nameless = (0..line.len).filter(|place| told.is_none() && !named.contains(place));
    let nameless = nameless.map(|place| format!("column {}", place + 1));
    let passed_over = [
        ("columns", of_words),
        ("columns without a name", nameless.collect()),
    ];
    let notes = passed_over.map(|(what, names)| {
        let what = what.to_owned();
        (!names.is_empty()).then_some(Note::NotRead { what, names })
    });
    Ok(Kept {
        line,
        further,
        passed_over: notes.into_iter().flatten().collect(),
    })
}

/// The further columns as they are named, from left to right, and their types where these are known.
fn named(header: &Header, told: Option<&ColumnList>) -> Vec<(ExtraColumn, Option<ColumnType>)> {
    let of_name = |name: &String| (ExtraColumn::new(name, ColumnType::I64), None);
    if let Some(list) = told {
        let columns = list.further().iter();
        return columns
            .map(|c| (of_name(&c.name).0, c.column_type))
            .collect();
    }
    if let Some(listed) = &header.listed {
        let columns = listed.columns.iter();
        return columns.map(|c| (c.clone(), Some(c.column_type))).collect();
    }
    let names = header.names.iter().flat_map(|names| &names.further);
    names.map(of_name).collect()
}

/// The list with one column passed over.
fn without(list: &ColumnList, place: usize) -> String {
    let list = list.to_string();
    let mut columns: Vec<&str> = list.split(',').collect();
    columns[place] = "-";
    columns.join(",")
}
