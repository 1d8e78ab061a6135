//! Recordings that are somewhere else, read by ranges over HTTP: of web servers, S3, Google Cloud
//! Storage and Azure.

mod ahead;
mod failure;
mod fetch;
mod location;
mod remote_at;
mod version;
mod worker;

use std::sync::Arc;

use evz_core::{Input, Result};

use location::Location;
use remote_at::RemoteAt;

/// The bytes that a URL names.
///
/// # Errors
/// If the URL is none that is read, or its server does not give ranges of the file.
pub(crate) fn input(url: &str) -> Result<Input> {
    match Location::of(url)? {
        Location::File(path) => Input::open(path),
        Location::Object(object) => {
            let name = object.name().to_owned();
            let bytes = RemoteAt::open(object).map_err(|e| e.error().within(&name))?;
            Input::from_read_at(Arc::new(bytes), name)
        }
    }
}
