//! How a recording is written.

use crate::{ColumnOrder, Header, PolarityStyle, Question, Separator, TimeUnit};

/// What is told of how a recording is written. The default leaves all to the format; text that came
/// from text gets the shape that it had, but for what is told here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateOptions {
    /// How the codec of `.evz` trades size for speed: `small`, `fast` or `small-gpu`.
    pub profile: Option<String>,
    /// How events are put into words; one of the
    /// [`write_encodings`](crate::Format::write_encodings) of the format.
    pub encoding: Option<String>,
    /// The order of the columns of a text.
    pub columns: Option<ColumnOrder>,
    /// The unit of the times of a text.
    pub time_unit: Option<TimeUnit>,
    /// Decimals of the times of a text.
    pub decimals: Option<u8>,
    /// What stands between the columns of a text.
    pub separator: Option<Separator>,
    /// How a text writes polarity.
    pub polarity_style: Option<PolarityStyle>,
    /// What stands before the events of a text.
    pub header: Option<Header>,
    /// Whether a text begins with the usual shape (`t x y p`, seconds, 0/1, no header) and not with
    /// that of the text which the recording came from. What is told here changes either.
    pub fresh: bool,
}

impl CreateOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Encodes `.evz` with this profile.
    pub fn with_profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// Puts events into words of this encoding.
    pub fn with_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.encoding = Some(encoding.into());
        self
    }

    /// Writes the columns of a text in this order.
    pub fn with_columns(mut self, columns: ColumnOrder) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Writes the times of a text in this unit.
    pub fn with_time_unit(mut self, unit: TimeUnit) -> Self {
        self.time_unit = Some(unit);
        self
    }

    /// Writes so many decimals of the times of a text.
    pub fn with_decimals(mut self, decimals: u8) -> Self {
        self.decimals = Some(decimals);
        self
    }

    /// Writes this between the columns of a text.
    pub fn with_separator(mut self, separator: Separator) -> Self {
        self.separator = Some(separator);
        self
    }

    /// Writes the polarity of a text like this.
    pub fn with_polarity_style(mut self, style: PolarityStyle) -> Self {
        self.polarity_style = Some(style);
        self
    }

    /// Writes this before the events of a text.
    pub fn with_header(mut self, header: Header) -> Self {
        self.header = Some(header);
        self
    }

    /// Takes nothing over from the text that the recording came from.
    pub fn with_fresh(mut self, fresh: bool) -> Self {
        self.fresh = fresh;
        self
    }

    /// The questions that were answered.
    pub fn told(&self) -> Vec<Question> {
        [
            (Question::Profile, self.profile.is_some()),
            (Question::Encoding, self.encoding.is_some()),
            (Question::Columns, self.columns.is_some()),
            (Question::TimeUnit, self.time_unit.is_some()),
            (Question::Decimals, self.decimals.is_some()),
            (Question::Separator, self.separator.is_some()),
            (Question::PolarityStyle, self.polarity_style.is_some()),
            (Question::Header, self.header.is_some()),
        ]
        .into_iter()
        .filter_map(|(question, told)| told.then_some(question))
        .collect()
    }
}
