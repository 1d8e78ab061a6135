//! The error where a stream was asked for that is not there.

use evz_core::{Error, ErrorKind, Question};

/// `has` says what there is, `streams` are
/// the names that are accepted.
pub(crate) fn no_such_stream(name: &str, wanted: &str, has: &str, streams: &[String]) -> Error {
    let what = format!("it has no stream {wanted:?}; {has}");
    Error::new(ErrorKind::InvalidArgument, name, what).settled_by(Question::Stream, streams)
}
