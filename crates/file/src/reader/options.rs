//! How a file is opened.

use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

use evz_codec::Elsewhere;
use evz_core::{Error, Input, Parts, ReadAt, Result, SensorSize, Watched, WayOut, read_range};

use super::Reader;
use super::growing::go_on;
use crate::recover::Plan;
use crate::steps::{OpenSteps, run};
use crate::wire::FileHeader;

/// How a file is opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadOptions {
    map: bool,
    size: Option<SensorSize>,
    elsewhere: Vec<Elsewhere>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            map: true,
            size: None,
            elsewhere: Vec::new(),
        }
    }
}

impl ReadOptions {
    /// The defaults: a file is mapped into memory where the system can.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a file is mapped into memory; if not, each range is read by a call of the system. A
    /// map makes short windows faster. Nothing else differs: bytes are copied out of the map before
    /// they are looked at, so that another program may write to the file, and one that is cut
    /// meanwhile gives errors. For that, the first map puts a handler of SIGBUS in place, which
    /// hands on what has nothing to do with maps of ours. There are maps on Linux and macOS; up to
    /// 256 files are mapped at once, and more are read.
    pub fn with_map(mut self, map: bool) -> Self {
        self.map = map;
        self
    }

    /// Takes this as the size of the sensor, of every event stream, whatever the file says.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }

    /// Decodes chunks whose events stand in another recording by its parts, those of each of its event
    /// streams: the file is an index of that.
    pub fn with_parts(mut self, of_streams: impl IntoIterator<Item = Arc<dyn Parts>>) -> Self {
        self.elsewhere = of_streams.into_iter().map(Elsewhere::of).collect();
        self
    }

    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read, is no evz file, or is not whole; then the error says what recovery
    /// would save.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Reader> {
        self.open_input(Input::open(path)?)
    }

    /// Opens an input. What can be read only once is copied first, to a temporary file or, without
    /// the feature `files`, into memory.
    ///
    /// # Errors
    /// As [`ReadOptions::open`].
    pub fn open_input(self, input: Input) -> Result<Reader> {
        let name = input.name().to_owned();
        self.open_read_at(input.into_read_at()?, name)
    }

    /// Opens bytes of which any range can be read; errors call them `name`.
    ///
    /// # Errors
    /// As [`ReadOptions::open`].
    pub fn open_read_at(self, bytes: Arc<dyn ReadAt>, name: impl Into<String>) -> Result<Reader> {
        let bytes = match self.map {
            true => mapped(bytes),
            false => bytes,
        };
        let name = name.into();
        let opened = run(&mut OpenSteps::new(bytes.len()), &*bytes);
        let mut index = opened.map_err(|e| with_what_is_whole(e, &bytes).within(&name))?;
        if index.behind > 0 {
            index = go_on(index, &bytes).map_err(|e| e.within(&name))?;
        }
        if !self.elsewhere.is_empty() {
            index = index.with_elsewhere(&self.elsewhere);
        }
        if let Some(size) = self.size {
            for info in &mut index.infos {
                info.size = Some(size);
            }
        }
        Ok(Reader::new(index, bytes, name))
    }

    /// Opens anything that reads and seeks.
    ///
    /// # Errors
    /// As [`ReadOptions::open`].
    pub fn open_stream<R: Read + Seek + Send + 'static>(self, stream: R) -> Result<Reader> {
        self.open_input(Input::from_seek(stream, "input")?)
    }
}

/// The same bytes out of a map, as [`ReadOptions::with_map`] has it, if they are a file.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn mapped(bytes: Arc<dyn ReadAt>) -> Arc<dyn ReadAt> {
    let file = bytes.as_file().and_then(|file| file.try_clone().ok());
    let file = file.and_then(|file| evz_core::FileAt::new(file).ok());
    // What has the length of its file is all of it, as it is.
    match file
        .filter(|file| file.len() == bytes.len())
        .map(crate::map::Map::new)
    {
        Some(Ok(map)) => Arc::new(map),
        _ => bytes,
    }
}

/// The same bytes: there are no maps on this system.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn mapped(bytes: Arc<dyn ReadAt>) -> Arc<dyn ReadAt> {
    bytes
}

/// Says in an error of opening a damaged file what recovery would save, if all of it can be read.
fn with_what_is_whole(error: Error, bytes: &Arc<dyn ReadAt>) -> Error {
    let bytes = &Watched::new(bytes.clone());
    let error = error.recoverable();
    let header = read_range(bytes, 0, FileHeader::ENCODED_SIZE as u64);
    let has_header = header.is_ok_and(|header| FileHeader::read_from(&header).is_ok());
    if !has_header || !error.ways_out().contains(&WayOut::Recover) {
        return error;
    }
    let plan = Plan::new(bytes);
    let (chunks, events) = plan.saves(bytes);
    if bytes.check().is_err() {
        return error;
    }
    let plural = if chunks == 1 { "" } else { "s" };
    let what = format!(
        "{}; {events} events in {chunks} chunk{plural} have checksums that hold",
        error.what()
    );
    Error::new(error.kind(), error.place(), what).recoverable()
}
