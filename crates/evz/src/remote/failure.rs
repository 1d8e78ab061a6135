//! Why a request failed, in one line.

use std::error::Error as Cause;
use std::io;

use evz_core::{Error, ErrorKind, Place};

use super::location::Service;

/// Why a request failed, for all who wait for its bytes.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    what: String,
    advice: String,
}

impl Failure {
    fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            advice: advice.into(),
        }
    }

    /// The file is no longer what it was when it was opened.
    pub(super) fn changed(how: impl Into<String>) -> Self {
        let what = format!("the file changed while it was read: {}", how.into());
        Self::new(what, "open it again")
    }

    /// An answer with fewer or more bytes than it should have.
    pub(super) fn wrong_length(found: u64, expected: u64) -> Self {
        let what = format!("the server sent {found} bytes where {expected} were asked for");
        Self::new(what, "try again, or copy the file first")
    }

    /// An answer that broke off.
    pub(super) fn broke_off(found: u64, expected: u64, error: &object_store::Error) -> Self {
        let what = format!(
            "the answer broke off after {found} of {expected} bytes: {}",
            innermost(error)
        );
        Self::new(what, "try again")
    }

    /// Nobody is left to answer.
    pub(super) fn given_up() -> Self {
        Self::new("the request was given up", "try again")
    }

    /// The thread that waits for answers cannot start.
    pub(super) fn no_worker(error: &io::Error) -> Self {
        let error = Error::no_thread(Place::default(), error);
        let advice: Vec<String> = error.ways_out().iter().map(ToString::to_string).collect();
        Self::new(error.what(), advice.join(", or "))
    }

    /// What a store says.
    pub(super) fn of(error: &object_store::Error, service: Service) -> Self {
        use object_store::Error as E;
        match error {
            E::NotFound { .. } => Self::new("the server has no such file (404)", "check the URL"),
            E::PermissionDenied { .. } => Self::new("the server refuses it (403)", access(service)),
            E::Unauthenticated { .. } => {
                Self::new("the server asks who you are (401)", access(service))
            }
            E::Precondition { .. } => Self::changed("its ETag is another"),
            E::NotSupported { .. } => Self::no_ranges(),
            _ => Self::of_text(error, service),
        }
    }

    /// The same for what has no kind of its own: a status, which the text alone tells, or the network.
    fn of_text(error: &object_store::Error, service: Service) -> Self {
        let text = error.to_string();
        if text.contains("non-partial response") {
            return Self::no_ranges();
        }
        if let Some((_, range)) = text.split_once("Requested ") {
            let what = format!("the server answered with another range: asked for {range}");
            return Self::new(what, "try again, or copy the file first");
        }
        if text.contains("missing from response") {
            return Self::new(innermost(error), "use a server that sends it");
        }
        if text.contains("redirect without LOCATION") {
            return Self::new(
                "the server has it elsewhere",
                "set AWS_REGION to its region",
            );
        }
        if let Some((_, status)) = text.split_once("status code: ") {
            // `503 Service Unavailable: ` and a page that the server sent.
            let status = status.split(':').next().unwrap_or(status);
            let is_busy = status.starts_with('5') || status.starts_with("429");
            let advice = if is_busy {
                "try again later"
            } else {
                access(service)
            };
            return Self::new(format!("the server answers {status}"), advice);
        }
        let advice = match service {
            Service::Http => "check the URL and the network",
            _ => access(service),
        };
        Self::new(innermost(error), advice)
    }

    fn no_ranges() -> Self {
        let what = "the server sends all of the file where a range was asked for";
        Self::new(
            what,
            "copy the file first, or use a server that knows ranges",
        )
    }

    /// Whether the server says that no byte lies in the range: that of an empty file.
    pub(super) fn is_empty_range(&self) -> bool {
        self.what.contains(" 416")
    }

    /// As an error of evz; whoever reads adds the URL.
    pub(super) fn error(&self) -> Error {
        Error::new(ErrorKind::Io, Place::default(), &self.what).advise(&self.advice)
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        Self::other(failure.error())
    }
}

/// What gives access to a file of a service.
fn access(service: Service) -> &'static str {
    match service {
        Service::Http => "check that the URL is public, or that its signature is still valid",
        Service::S3 => {
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true for a public bucket"
        }
        Service::Google => {
            "set GOOGLE_APPLICATION_CREDENTIALS, or GOOGLE_SKIP_SIGNATURE=true for a public bucket"
        }
        Service::Azure => {
            "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_SKIP_SIGNATURE=true for a public container"
        }
    }
}

/// The last of the causes, on one line: `Connection refused (os error 111)`.
fn innermost(error: &dyn Cause) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text = cause.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
