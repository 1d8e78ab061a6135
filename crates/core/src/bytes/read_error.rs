//! Errors of reading bytes.

use std::io;

use crate::{Error, Place};

/// An error of reading at `place`: what is wrong with a packed input, where the reader of
/// [`Input::unpacked`](crate::Input) says so, or else of the system.
pub fn read_error(place: impl Into<Place>, error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error.within(place),
        Err(error) => Error::io(place, "cannot read", error),
    }
}
