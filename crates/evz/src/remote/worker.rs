//! A thread that asks and waits, so that answers come in while others work.

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use futures_util::StreamExt;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::runtime;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::failure::Failure;
use super::fetch::{Answer, Fetch, Promise};
use super::location::{Object, Service};
use super::version::Version;

/// A thread with a runtime of its own: one that others share would not survive a fork of a process
/// that has Python in it. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: UnboundedSender<Job>,
}

#[derive(Debug)]
struct Job {
    wanted: Wanted,
    version: Option<Version>,
    promise: Promise,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// These bytes.
    Range(Range<u64>),
    /// So many bytes at the end, or all of a shorter file.
    Last(u64),
    /// What the server says of the file, and no bytes.
    Nothing,
}

impl Worker {
    pub(super) fn start(object: &Object) -> Result<Self, Failure> {
        let service = object.service();
        let store = object.store().map_err(|e| Failure::of(&e, service))?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| Failure::no_worker(&e))?;
        let (jobs, mut received) = unbounded_channel::<Job>();
        let work = async move {
            while let Some(job) = received.recv().await {
                let (store, path) = store.clone();
                tokio::spawn(async move {
                    let answer = answer(&*store, &path, job.wanted, job.version.as_ref(), service);
                    job.promise.keep(answer.await);
                });
            }
        };
        thread::Builder::new()
            .name("evz-remote".to_owned())
            .spawn(move || runtime.block_on(work))
            .map_err(|e| Failure::no_worker(&e))?;
        Ok(Self { jobs })
    }

    /// Asks for bytes, of this version of the file if one is known.
    pub(super) fn fetch(&self, wanted: Wanted, version: Option<&Version>) -> Arc<Fetch> {
        let (promise, fetch) = Promise::new();
        // Where the thread is gone, the job is dropped, and with it the promise.
        let _ = self.jobs.send(Job {
            wanted,
            version: version.cloned(),
            promise,
        });
        fetch
    }
}

async fn answer(
    store: &dyn ObjectStore,
    path: &Path,
    wanted: Wanted,
    version: Option<&Version>,
    service: Service,
) -> Result<Answer, Failure> {
    let mut options = version.map_or_else(GetOptions::default, Version::options);
    match wanted {
        Wanted::Range(range) => options.range = Some(GetRange::Bounded(range)),
        Wanted::Last(len) => options.range = Some(GetRange::Suffix(len)),
        Wanted::Nothing => options.head = true,
    }
    let has_bytes = !options.head;
    let got = store.get_opts(path, options).await;
    let got = got.map_err(|e| Failure::of(&e, service))?;
    if let Some(version) = version {
        version.check(&got.meta)?;
    }
    let (meta, range) = (got.meta.clone(), got.range.clone());
    let mut bytes = Vec::new();
    if has_bytes {
        let expected = range.end - range.start;
        bytes.reserve_exact(expected as usize);
        let mut parts = got.into_stream();
        while let Some(part) = parts.next().await {
            let found = bytes.len() as u64;
            let part = part.map_err(|e| Failure::broke_off(found, expected, &e))?;
            if found + part.len() as u64 > expected {
                return Err(Failure::wrong_length(found + part.len() as u64, expected));
            }
            bytes.extend_from_slice(&part);
        }
        if bytes.len() as u64 != expected {
            return Err(Failure::wrong_length(bytes.len() as u64, expected));
        }
    }
    Ok(Answer { meta, bytes })
}
