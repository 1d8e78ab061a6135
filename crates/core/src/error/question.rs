//! What can be told to settle a doubt.

use std::fmt;

/// Something that a caller can tell, as an option of reading or writing. Programs ask it under their
/// own names; [`Question::name`] is the name of the field in the options of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Question {
    /// The order of the columns t, x, y and p.
    Columns,
    /// How many decimals the times of a text have.
    Decimals,
    /// How events are put into words of bytes: `evt3`, `dat2`.
    Encoding,
    /// What is left out: events beyond the sensor.
    Drop,
    /// Which events are wanted, by number.
    Events,
    /// How much time a count of events is of.
    Every,
    /// What format the recording has.
    Format,
    /// From which time on events are wanted.
    From,
    /// What stands before the events of a text.
    Header,
    /// How much memory may be taken for what the input claims to hold.
    MaxMemory,
    /// What is done with a line of text, or a row of a table, that is no event.
    OnBadLine,
    /// What is done with times that run backwards.
    OnUnsorted,
    /// Where in a file of many datasets the columns of events stand.
    Paths,
    /// Which polarity is wanted.
    Polarity,
    /// What the values of the column of polarities stand for.
    PolarityMap,
    /// What format is written.
    OutputFormat,
    /// How polarity is written.
    PolarityStyle,
    /// How the codec trades size for speed.
    Profile,
    /// Whether an existing file is replaced.
    Replace,
    /// The unit that times are rounded to.
    Round,
    /// Which region of pixels is wanted.
    Roi,
    /// Which sample of a pack is wanted.
    Sample,
    /// What stands between the columns of a text.
    Separator,
    /// The size of the sensor.
    Size,
    /// Which of several streams is wanted.
    Stream,
    /// The unit of times that are plain numbers.
    TimeUnit,
    /// Up to which time events are wanted.
    To,
    /// The order of the halves of long words.
    WordOrder,
}

impl Question {
    /// The name of the option that answers it, in the options of the library.
    pub fn name(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Decimals => "decimals",
            Self::Drop => "drop",
            Self::Encoding => "encoding",
            Self::Events => "events",
            Self::Every => "every",
            Self::Format => "format",
            Self::From => "from",
            Self::Header => "header",
            Self::MaxMemory => "max_memory",
            Self::OnBadLine => "on_bad_line",
            Self::OnUnsorted => "on_unsorted",
            Self::OutputFormat => "output_format",
            Self::Paths => "paths",
            Self::Polarity => "polarity",
            Self::PolarityMap => "polarity_map",
            Self::PolarityStyle => "polarity_style",
            Self::Profile => "profile",
            Self::Replace => "replace",
            Self::Roi => "roi",
            Self::Round => "round",
            Self::Sample => "sample",
            Self::Separator => "separator",
            Self::Size => "size",
            Self::Stream => "stream",
            Self::To => "to",
            Self::TimeUnit => "time_unit",
            Self::WordOrder => "word_order",
        }
    }

    /// The same in a sentence: `time unit`.
    pub(super) fn in_words(self) -> String {
        match self {
            // Both say which columns are read.
            Self::Paths => Self::Columns.in_words(),
            _ => self.name().replace('_', " "),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What can be done about an error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WayOut {
    /// Answer the question: with one of these readings, which all fit, or freely if there are none.
    Tell(Question, Vec<String>),
    /// Leave out the answer to this question.
    LeaveOut(Question),
    /// Recover what is whole of the file: `evz::file::recover`.
    Recover,
    /// Make the index that stands beside the file anew: `evz::index`.
    Index,
    /// Something else, in words.
    Do(String),
}

impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tell(question, readings) => {
                write!(f, "set {}", question.name())?;
                match readings.is_empty() {
                    true => Ok(()),
                    false => write!(f, " to {}", alternatives(readings)),
                }
            }
            Self::LeaveOut(question) => write!(f, "leave out {}", question.name()),
            Self::Recover => f.write_str("recovery saves what is whole"),
            Self::Index => f.write_str("make the index beside it anew"),
            Self::Do(what) => f.write_str(what),
        }
    }
}

/// `a, b, c`; of very many the first, and how many others there are.
pub fn listed<S: AsRef<str>>(names: &[S]) -> String {
    const MOST: usize = 32;
    let shown: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    match names.len() {
        n if n > MOST => format!("{} and {} others", shown.join(", "), n - MOST),
        _ => shown.join(", "),
    }
}

/// `a`, `a or b`, `a, b or c`; of very many the first, and how many more there are.
pub fn alternatives<S: AsRef<str>>(values: &[S]) -> String {
    const MOST: usize = 32;
    match values {
        [] => String::new(),
        [first @ .., _] if first.len() > MOST => {
            let list: Vec<&str> = first[..MOST].iter().map(AsRef::as_ref).collect();
            format!("{} or one of {} more", list.join(", "), values.len() - MOST)
        }
        [one] => one.as_ref().to_owned(),
        [all_but_last @ .., last] => {
            let list: Vec<&str> = all_but_last.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", list.join(", "), last.as_ref())
        }
    }
}
