//! What a URL stands for, and whom to ask for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use evz_core::{Error, Result};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, HeaderValue, ObjectStore, RetryConfig};
use url::Url;

/// How often a request is tried again where the server or the network fails: with the pauses between,
/// this takes about two seconds.
const RETRIES: usize = 4;
/// The first pause and the longest; each is up to twice the one before.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// What a connection, and an answer with all its bytes, may take of a web server. Those of clouds
/// have the limits of their environment variables.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(120);

/// What a URL stands for.
pub(super) enum Location {
    /// A file of this machine.
    File(PathBuf),
    /// A file of a server.
    Object(Object),
}

/// A file of a server.
#[derive(Debug)]
pub(super) struct Object {
    url: Url,
    service: Service,
    name: String,
}

/// Who keeps a file, which says where credentials come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Http,
    S3,
    Google,
    Azure,
}

impl Location {
    pub(super) fn of(text: &str) -> Result<Self> {
        let wrong = |why: String| Error::invalid(format!("{text}: {why}"));
        let url = Url::parse(text).map_err(|e| wrong(format!("is no URL: {e}")))?;
        let service = match url.scheme() {
            "file" => {
                let path = url.to_file_path();
                let why = "names no file of this machine; write file:///PATH";
                return Ok(Self::File(path.map_err(|()| wrong(why.to_owned()))?));
            }
            "http" | "https" => Service::Http,
            "s3" | "s3a" => Service::S3,
            "gs" => Service::Google,
            "az" | "abfs" | "abfss" => Service::Azure,
            other => {
                let why = format!("{other}:// is not read; http, https, s3, gs, az and file are");
                return Err(wrong(why));
            }
        };
        if url.path().trim_matches('/').is_empty() {
            return Err(wrong("names no file; add its path".to_owned()));
        }
        // In names of objects these are characters as others, and a URL cuts there.
        if service != Service::Http && (url.query().is_some() || url.fragment().is_some()) {
            return Err(wrong("write ? as %3F and # as %23".to_owned()));
        }
        let name = without_secrets(&url);
        Ok(Self::Object(Object { url, service, name }))
    }
}

impl Object {
    /// The URL as it may be shown.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What is called like it with this behind. A query may be a signature, which is of one file.
    pub(super) fn beside(&self, extension: &str) -> Option<Self> {
        let mut url = self.url.clone();
        if url.query().is_some() {
            return None;
        }
        url.set_path(&format!("{}{extension}", self.url.path()));
        let (service, name) = (self.service, without_secrets(&url));
        Some(Self { url, service, name })
    }

    pub(super) fn service(&self) -> Service {
        self.service
    }

    /// Whom to ask for it, and by which name.
    pub(super) fn store(&self) -> object_store::Result<(Arc<dyn ObjectStore>, Path)> {
        let store: Arc<dyn ObjectStore> = match self.service {
            Service::Http => {
                let options = ClientOptions::new()
                    .with_allow_http(true)
                    .with_connect_timeout(CONNECT)
                    .with_timeout(ANSWER)
                    .with_user_agent(HeaderValue::from_static(concat!(
                        "evz/",
                        env!("CARGO_PKG_VERSION")
                    )));
                let builder = HttpBuilder::new()
                    .with_url(self.url.as_str())
                    .with_client_options(options)
                    .with_retry(retry());
                // The store is the whole URL, as it was written and with its query; nothing is added.
                return Ok((Arc::new(builder.build()?), Path::default()));
            }
            Service::S3 => Arc::new(
                AmazonS3Builder::from_env()
                    .with_url(self.url.as_str())
                    .with_retry(retry())
                    .build()?,
            ),
            Service::Google => Arc::new(
                GoogleCloudStorageBuilder::from_env()
                    .with_url(self.url.as_str())
                    .with_retry(retry())
                    .build()?,
            ),
            Service::Azure => Arc::new(
                MicrosoftAzureBuilder::from_env()
                    .with_url(self.url.as_str())
                    .with_retry(retry())
                    .build()?,
            ),
        };
        Ok((store, Path::from_url_path(self.url.path())?))
    }
}

/// A URL without what is often a signature or a password, in messages and for the extension of its name.
fn without_secrets(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    if url.password().is_some() {
        // A URL with a host can lose its password.
        let _ = shown.set_password(None);
    }
    shown.into()
}

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: PAUSE,
            max_backoff: LONGEST_PAUSE,
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: ANSWER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(url: &str) -> String {
        match Location::of(url) {
            Ok(Location::File(path)) => path.display().to_string(),
            Ok(Location::Object(object)) => object.name().to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn names_of_locations() {
        for (url, name) in [
            ("http://h:80/a%20b.evz", "http://h/a%20b.evz"),
            ("https://h/a.evz?signature=1#x", "https://h/a.evz"),
            ("https://me:secret@h/a.evz", "https://me@h/a.evz"),
            ("s3://bucket/a/b.evz", "s3://bucket/a/b.evz"),
            ("file:///tmp/a%20b.evz", "/tmp/a b.evz"),
            (
                "ftp://h/a.evz",
                "ftp://h/a.evz: ftp:// is not read; http, https, s3, gs, az and file are",
            ),
            ("http://h", "http://h: names no file; add its path"),
            (
                "gs://bucket/a?b.evz",
                "gs://bucket/a?b.evz: write ? as %3F and # as %23",
            ),
        ] {
            assert_eq!(named(url), name);
        }
    }
}
