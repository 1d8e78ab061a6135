//! What can be told of how a recording is read and written. One set of options for all formats;
//! what a format has no use for has no effect, and [`Format`](crate::Format) says which it has use
//! for.

mod choices;
mod column_list;
mod column_order;
mod column_paths;
mod create;
mod filter;
mod open;
mod polarity_map;
mod polarity_style;
mod time_text;
mod time_unit;

pub use choices::{DropEvents, Header, OnBadLine, Separator};
pub use column_list::{ColumnList, FurtherColumn};
pub use column_order::{Column, ColumnOrder};
pub use column_paths::ColumnPaths;
pub use create::CreateOptions;
pub use filter::{Filter, HotLimit};
pub use open::OpenOptions;
pub use polarity_map::{PolarityMap, PolarityMeaning};
pub use polarity_style::PolarityStyle;
pub use time_text::nanoseconds;
pub use time_unit::TimeUnit;
