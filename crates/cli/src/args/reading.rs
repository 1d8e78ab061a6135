//! How a recording is read.

use std::str::FromStr;

use clap::Args;
use evz::{
    ColumnList, ColumnPaths, DropEvents, Error, Format, OnBadLine, OpenOptions, PolarityMap,
    SensorSize, TimeUnit,
};

use super::filters::FilterArgs;
use super::values::{self, encoding_parser, format_parser, word_order_parser};

/// How a recording is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadingArgs {
    /// Read this format, rather than the one that the content tells
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub(crate) input_format: Option<&'static Format>,
    /// Columns that have no names, in text and arrays: txyp, or with further ones t,x,y,p,label (and - or _
    /// for one that is passed over: txyp_). Of tables, those that are read. Or what they are called, in HDF5
    /// where they stand: t=a/ts,x=a/xs,y=a/ys,p=a/ps
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true)]
    pub(crate) columns: Option<ColumnsArg>,
    /// Unit of times that are plain numbers, in text, arrays and tables: s, ms, us or ns
    #[arg(long, value_name = "UNIT")]
    pub(crate) time_unit: Option<TimeUnit>,
    /// Decimals of the times of a text input
    #[arg(long, value_name = "N")]
    pub(crate) decimals: Option<u8>,
    /// Sensor size, whatever the recording says
    #[arg(long, value_name = "WxH", value_parser = values::size)]
    pub(crate) size: Option<SensorSize>,
    /// What the values of a polarity column stand for, in text, arrays and tables: 2=on,0=off,1=drop
    #[arg(long, value_name = "MAP", allow_hyphen_values = true)]
    pub(crate) polarity_map: Option<PolarityMap>,
    /// What to do with a line of text, or a row of an array or table, that is no event: stop, or skip
    /// and count it [default: stop]
    #[arg(long, value_name = "DO")]
    pub(crate) on_bad_line: Option<OnBadLine>,
    /// Round times to whole units: s, ms, us or ns, for outputs that hold no finer ones
    #[arg(long, value_name = "UNIT")]
    pub(crate) round: Option<TimeUnit>,
    /// Leave out events, and count them: those outside the sensor
    #[arg(long, value_name = "WHICH")]
    pub(crate) drop: Option<DropEvents>,
    /// The event stream to read, by number or name, where there are several; or a side stream
    /// instead of the events: triggers, imu, frames
    #[arg(long, value_name = "NAME")]
    pub(crate) stream: Option<String>,
    /// The sample of a pack, by name or number
    #[arg(long, value_name = "SAMPLE")]
    pub(crate) sample: Option<String>,
    /// Make an index of a file that has none beside it, in memory: for many windows of a file of
    /// another format than .evz
    #[arg(long, value_name = "WHERE", value_parser = ["memory"])]
    pub(crate) index: Option<String>,
    /// How a recording in words of bytes, such as RAW, DAT or .bin, is encoded, whatever its header
    /// says
    #[arg(long, value_name = "NAME", value_parser = encoding_parser())]
    pub(crate) encoding: Option<String>,
    /// Order of the halves of the words of EVT2.1
    #[arg(long, value_name = "ORDER", value_parser = word_order_parser())]
    pub(crate) word_order: Option<String>,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
}

/// Which columns hold what: by their order, or by where they stand.
#[derive(Debug, Clone)]
pub(crate) enum ColumnsArg {
    List(ColumnList),
    Paths(ColumnPaths),
}

impl ColumnsArg {
    /// The columns by their order, if that is told.
    pub(crate) fn list(&self) -> Option<&ColumnList> {
        match self {
            Self::List(list) => Some(list),
            Self::Paths(_) => None,
        }
    }
}

impl FromStr for ColumnsArg {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.contains('=') {
            true => text.parse().map(Self::Paths),
            false => text.parse().map(Self::List),
        }
    }
}

impl ReadingArgs {
    /// The same as options of the library.
    pub(crate) fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.size = self.size;
        match self.columns.clone() {
            Some(ColumnsArg::List(list)) => options.columns = Some(list),
            Some(ColumnsArg::Paths(paths)) => options.paths = Some(paths),
            None => {}
        }
        options.time_unit = self.time_unit;
        options.decimals = self.decimals;
        options.polarity_map = self.polarity_map.clone();
        options.on_bad_line = self.on_bad_line;
        options.round = self.round;
        options.drop = self.drop;
        options.filters = self.filters.0.clone();
        options.stream = self.stream.clone();
        options.index_in_memory = self.index.is_some();
        options.sample = self.sample.clone();
        options.encoding = self.encoding.clone();
        options.word_order = self.word_order.clone();
        options
    }
}
