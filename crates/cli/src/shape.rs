//! The shape of a text output, from options, the recording and the output's name.

use std::path::Path;

use anyhow::Result;
use evz::StreamInfo;
use evz::text::TextFormat;

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
/// plain, with the separator that the output's name stands for.
pub(crate) fn of_source_or_name(info: &StreamInfo, path: &Path) -> Result<TextFormat> {
    if let Some(format) = TextFormat::from_metadata(&info.metadata)? {
        return Ok(format);
    }
    let plain = TextFormat::plain(info.time_base);
    let name = path.to_string_lossy().to_lowercase();
    let bare = name
        .strip_suffix(".gz")
        .or(name.strip_suffix(".zst"))
        .unwrap_or(&name);
    Ok(match bare.rsplit_once('.') {
        Some((_, "csv")) => plain.with_separator(Separator::Comma.text())?,
        Some((_, "tsv")) => plain.with_separator(Separator::Tab.text())?,
        _ => plain,
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
