//! The shape of a text output, from options, the recording and the output's name.

use std::path::Path;

use anyhow::Result;
use evz::text::TextFormat;
use evz::{StreamInfo, unpacked_name};

use crate::cli::{ReadingArgs, Separator, TextOutputArgs};

/// How a text output looks. `start` is what the options change. `told` are the options for
/// columns, unit and decimals, unless they said how to read.
pub(crate) fn shape(
    start: TextFormat,
    told: Option<&ReadingArgs>,
    text: &TextOutputArgs,
    info: &StreamInfo,
) -> Result<TextFormat> {
    let mut format = start;
    if let Some(columns) = told.and_then(|r| r.columns) {
        format = format.with_columns(columns);
    }
    if let Some(unit) = told.and_then(|r| r.time_unit) {
        format = format.with_time_unit(unit, info.time_base);
    }
    if let Some(decimals) = told.and_then(|r| r.decimals) {
        format = format.with_decimals(decimals)?;
    }
    if let Some(separator) = text.separator {
        format = format.with_separator(separator.text())?;
    }
    if let Some(style) = text.polarity_style {
        format = format.with_polarity(style);
    }
    if let Some(header) = &text.header {
        format = format.with_header(header.clone());
    }
    Ok(format)
}

/// The shape to start from in `convert`: that of the text that the recording came from, or else
/// `t x y p` in seconds, which everybody reads without being told, with the separator that the
/// output's name stands for.
pub(crate) fn of_source_or_name(info: &StreamInfo, path: &Path) -> Result<TextFormat> {
    if let Some(format) = TextFormat::from_metadata(&info.metadata)? {
        return Ok(format);
    }
    let seconds = TextFormat::seconds(info.time_base);
    let extension = unpacked_name(path)
        .extension()
        .map(|e| e.to_ascii_lowercase());
    Ok(match extension.as_deref().and_then(|e| e.to_str()) {
        Some("csv") => seconds.with_separator(Separator::Comma.text())?,
        Some("tsv") => seconds.with_separator(Separator::Tab.text())?,
        _ => seconds,
    })
}

impl Separator {
    fn text(self) -> &'static str {
        match self {
            Self::Space => " ",
            Self::Tab => "\t",
            Self::Comma => ",",
            Self::Semicolon => ";",
        }
    }
}
