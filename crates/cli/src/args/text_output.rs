//! How text is written.

use clap::Args;
use evz::{ColumnList, CreateOptions, Format, Header, PolarityStyle, Question, Separator};

use super::reading::ReadingArgs;
use super::values::{polarity_style, separator_parser};

/// How text is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Text output")]
pub(crate) struct TextOutputArgs {
    /// What stands between columns
    #[arg(long, value_name = "S", value_parser = separator_parser())]
    pub(crate) separator: Option<Separator>,
    /// How polarity is written: 0/1, -1/1, True/False, true/false or TRUE/FALSE
    #[arg(long, value_name = "STYLE", value_parser = polarity_style, allow_hyphen_values = true)]
    pub(crate) polarity_style: Option<PolarityStyle>,
    /// What stands before the events: none, names, size or geometry
    #[arg(long, value_name = "WHAT")]
    pub(crate) header: Option<Header>,
}

impl TextOutputArgs {
    /// Other options of writing with these. `told` are the options for columns, unit and decimals,
    /// and the format of what is read, unless that is text, of which they say how to read it. The unit
    /// of numbers in arrays and tables says nothing of how they are printed.
    pub(crate) fn options(
        &self,
        told: Option<(&ReadingArgs, &Format)>,
        mut options: CreateOptions,
    ) -> CreateOptions {
        options.columns = told
            .and_then(|(r, _)| r.columns.as_ref()?.list())
            .map(ColumnList::order);
        options.time_unit = told
            .filter(|(_, read)| !read.open_options.contains(&Question::TimeUnit))
            .and_then(|(r, _)| r.time_unit);
        options.decimals = told.and_then(|(r, _)| r.decimals);
        options.separator = self.separator;
        options.polarity_style = self.polarity_style;
        options.header = self.header.clone();
        options
    }
}
