//! Inputs by their name: a path, or a URL.

use std::path::Path;

use evz_core::{Input, OpenOptions, Result, url_scheme};

use crate::open::open_input;
use crate::recording::Recording;

/// Opens a recording by its URL: `https://`, `http://`, `s3://`, `gs://`, `az://` or `file://`. Only
/// what is read of it is fetched.
///
/// # Errors
/// As [`open`](crate::open()); if the server refuses, or evz was built without the feature `remote`.
pub fn open_url(url: &str, options: &OpenOptions) -> Result<Recording> {
    open_input(remote(url)?, None, options)
}

/// The bytes of a file, or of what a URL names.
///
/// # Errors
/// If it cannot be opened and read.
pub fn input_of(name: impl AsRef<Path>) -> Result<Input> {
    let name = name.as_ref();
    match name.to_str().filter(|_| url_scheme(name).is_some()) {
        Some(url) => remote(url),
        None => Input::open(name),
    }
}

#[cfg(feature = "remote")]
use crate::remote::input as remote;

#[cfg(not(feature = "remote"))]
fn remote(url: &str) -> Result<Input> {
    let what = "evz was built without the feature remote, which reads URLs";
    Err(evz_core::Error::unsupported(url, what)
        .advise("build it with that, or copy the file first"))
}
