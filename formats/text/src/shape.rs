//! The shape of a text output, from options, the recording and the name of the output.

use std::path::Path;

use evz_core::{CreateOptions, Header, Result, Separator, StreamInfo, unpacked_name};

use crate::format::TextFormat;

impl TextFormat {
    /// How the text called `name` looks.
    ///
    /// # Errors
    /// If the recording says what makes no sense of the text that it came from, or the options ask
    /// for more decimals than there can be.
    pub(crate) fn of_output(
        name: &str,
        info: &StreamInfo,
        options: &CreateOptions,
    ) -> Result<Self> {
        let of_source = match options.fresh {
            true => None,
            false => Self::from_metadata(&info.metadata)?,
        };
        let mut format = of_source.unwrap_or_else(|| {
            let separator = separator_of_name(name);
            Self::usual(info.time_base).with_separator(separator)
        });
        format = format.with_further(&info.columns);
        if let Some(columns) = options.columns {
            format = format.with_columns(columns);
        }
        if let Some(unit) = options.time_unit {
            format = format.with_time_unit(unit, info.time_base);
        }
        if let Some(decimals) = options.decimals {
            format = format.with_decimals(decimals)?;
        }
        if let Some(separator) = options.separator {
            format = format.with_separator(separator);
        }
        if let Some(style) = options.polarity_style {
            format = format.with_polarity(style);
        }
        if let Some(header) = &options.header {
            format = format.with_header(header.clone());
        }
        // Who asks for no header is not told of the clock, nor of further columns.
        match options.header {
            Some(Header::None) => format.says_columns = false,
            _ => (format.clock, format.epoch_tick) = (info.clock, info.time_base),
        }
        Ok(format)
    }
}

/// The separator that the end of a name stands for.
fn separator_of_name(name: &str) -> Separator {
    let extension = Path::new(unpacked_name(name)).extension();
    let is = |other| extension.is_some_and(|e| e.eq_ignore_ascii_case(other));
    match () {
        () if is("csv") => Separator::Comma,
        () if is("tsv") => Separator::Tab,
        () => Separator::Space,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_separators() {
        for (name, separator) in [
            ("a.csv", Separator::Comma),
            ("b.d/a.CSV.gz", Separator::Comma),
            ("a.tsv.zst", Separator::Tab),
            ("a.txt", Separator::Space),
            ("standard output", Separator::Space),
            ("csv", Separator::Space),
        ] {
            assert_eq!(separator_of_name(name), separator, "{name}");
        }
    }
}
