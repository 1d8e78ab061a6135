//! How a recording is written, as Python says it.

use evz::{ColumnList, CreateOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::OrRaise;
use crate::open::unknown;

/// The options of a dict with the names of the arguments of `evz.convert`.
pub(crate) fn create_options(told: &Bound<'_, PyDict>) -> PyResult<CreateOptions> {
    let py = told.py();
    let mut options = CreateOptions::new();
    for (name, value) in told {
        let name: String = name.extract()?;
        if value.is_none() {
            continue;
        }
        if name == "decimals" {
            options.decimals = Some(value.extract()?);
            continue;
        }
        let text: String = value.str()?.extract()?;
        match name.as_str() {
            "profile" => options.profile = Some(text),
            "raw_encoding" => options.encoding = Some(text),
            "columns" => {
                let columns: ColumnList = text.parse().or_raise(py)?;
                options.columns = Some(columns.order());
            }
            "time_unit" => options.time_unit = Some(text.parse().or_raise(py)?),
            "separator" => options.separator = Some(text.parse().or_raise(py)?),
            "polarity_style" => options.polarity_style = Some(text.parse().or_raise(py)?),
            "header" => options.header = Some(text.parse().or_raise(py)?),
            _ => return Err(unknown(&name)),
        }
    }
    Ok(options)
}
