//! How a recording is read.

use crate::{
    ColumnList, ColumnPaths, DropEvents, Filter, OnBadLine, PolarityMap, Question, SensorSize,
    TimeUnit,
};

/// What is told of a recording rather than left to find. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenOptions {
    /// Size of the sensor, whatever the recording says.
    pub size: Option<SensorSize>,
    /// What columns without names hold, in text and arrays; of tables, which columns are read beside
    /// those of the events, by their names.
    pub columns: Option<ColumnList>,
    /// Where the columns of events stand in a file of many datasets.
    pub paths: Option<ColumnPaths>,
    /// The unit of times that are plain numbers, in text, arrays and tables.
    pub time_unit: Option<TimeUnit>,
    /// Decimals of the times of text.
    pub decimals: Option<u8>,
    /// What the values of the column of polarities stand for, in text, arrays and tables.
    pub polarity_map: Option<PolarityMap>,
    /// What becomes of a line of text, or a row of an array or a table, that is no event;
    /// [`OnBadLine::Stop`] if it is not told.
    pub on_bad_line: Option<OnBadLine>,
    /// Rounds times to whole units of this, for outputs that hold no finer ones.
    pub round: Option<TimeUnit>,
    /// What is left out of the recording, and counted.
    pub drop: Option<DropEvents>,
    /// What is done to the events, in this order, once times are rounded and events left out.
    pub filters: Vec<Filter>,
    /// The event stream to read where a recording has several, by its number or its name, with the side streams that belong
    /// to it or to none.
    pub stream: Option<String>,
    /// The sample to read of a pack, by its number or its name.
    pub sample: Option<String>,
    /// How the recording puts events into words, whatever its header says; one of the
    /// [`encodings`](crate::Format::encodings) of the format.
    pub encoding: Option<String>,
    /// The order of the halves of long words; one of the
    /// [`word_orders`](crate::Format::word_orders) of the format.
    pub word_order: Option<String>,
    /// Whether batches are to be small, as each is a [`part`](crate::EventSource::part) that is decoded
    /// by itself.
    pub small_parts: bool,
    /// Whether an index is made in memory where there is none beside the file: for who reads many parts of
    /// a file that stays as it is.
    pub index_in_memory: bool,
}

impl OpenOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes this as the size of the sensor.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }

    /// Reads columns without names as these.
    pub fn with_columns(mut self, columns: ColumnList) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Reads the columns that stand at these paths.
    pub fn with_paths(mut self, paths: ColumnPaths) -> Self {
        self.paths = Some(paths);
        self
    }

    /// Reads times that are plain numbers in this unit.
    pub fn with_time_unit(mut self, unit: TimeUnit) -> Self {
        self.time_unit = Some(unit);
        self
    }

    /// Keeps so many decimals of the times of text; at most down to the nanosecond.
    pub fn with_decimals(mut self, decimals: u8) -> Self {
        self.decimals = Some(decimals);
        self
    }

    /// Reads polarities by what their values stand for.
    pub fn with_polarity_map(mut self, map: PolarityMap) -> Self {
        self.polarity_map = Some(map);
        self
    }

    /// Does this with a line of text, or a row of an array or a table, that is no event.
    pub fn with_on_bad_line(mut self, on_bad_line: OnBadLine) -> Self {
        self.on_bad_line = Some(on_bad_line);
        self
    }

    /// Rounds times to whole units of this.
    pub fn with_round(mut self, unit: TimeUnit) -> Self {
        self.round = Some(unit);
        self
    }

    /// Leaves this out.
    pub fn with_drop(mut self, drop: DropEvents) -> Self {
        self.drop = Some(drop);
        self
    }

    /// Does this to the events, behind what was told before.
    pub fn with_filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Reads the event stream with this number or name.
    pub fn with_stream(mut self, stream: impl Into<String>) -> Self {
        self.stream = Some(stream.into());
        self
    }

    /// Reads the sample with this number or name.
    pub fn with_sample(mut self, sample: impl Into<String>) -> Self {
        self.sample = Some(sample.into());
        self
    }

    /// Reads words of this encoding.
    pub fn with_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.encoding = Some(encoding.into());
        self
    }

    /// Reads the halves of long words in this order.
    pub fn with_word_order(mut self, order: impl Into<String>) -> Self {
        self.word_order = Some(order.into());
        self
    }

    /// Gives small batches where they are parts of an index.
    pub fn with_small_parts(mut self) -> Self {
        self.small_parts = true;
        self
    }

    /// Makes an index in memory where there is none beside the file.
    pub fn with_index_in_memory(mut self) -> Self {
        self.index_in_memory = true;
        self
    }

    /// The questions that were answered, but for those of which every format has use: size, round, drop, filters.
    pub fn told(&self) -> Vec<Question> {
        [
            (Question::Columns, self.columns.is_some()),
            (Question::Paths, self.paths.is_some()),
            (Question::TimeUnit, self.time_unit.is_some()),
            (Question::Decimals, self.decimals.is_some()),
            (Question::PolarityMap, self.polarity_map.is_some()),
            (Question::OnBadLine, self.on_bad_line.is_some()),
            (Question::Stream, self.stream.is_some()),
            (Question::Sample, self.sample.is_some()),
            (Question::Encoding, self.encoding.is_some()),
            (Question::WordOrder, self.word_order.is_some()),
        ]
        .into_iter()
        .filter_map(|(question, told)| told.then_some(question))
        .collect()
    }
}
