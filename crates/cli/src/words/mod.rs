//! What is said to people.

mod error;
pub(crate) mod human;
mod report;
mod say;

pub(crate) use error::{doubt_of, error_of, error_text, option_name};
pub(crate) use report::{say_frames_report, say_report, say_stream_report};
pub(crate) use say::say;
