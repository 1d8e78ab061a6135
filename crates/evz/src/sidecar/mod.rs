//! Indexes of files that stay as they are: `FILE.evzi` beside `FILE`.
//!
//! A sidecar is an `.evz` whose chunks say where in the other file their events stand, and what a decoder
//! has to know there ([`evz_core::Parts`]). So it has the index of an `.evz`, and windows, frames and
//! side streams of the file cost what they cost there, but for the decoding of the foreign events. Rows
//! of side streams and further columns are copied into it.

mod belongs;
mod beside;
mod cache;
mod make;
mod report;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{
    Error, Format, Input, Note, OpenOptions, OpenParts, Opened, Output, ReadAt, Result, WayOut,
};
use evz_file::{ReadOptions, Reader, mapped, wire::SideRoot};

pub(crate) use beside::Beside;
pub use make::{Indexed, index};

use belongs::Belongs;

/// What is added to the name of a file for that of its index.
const EXTENSION: &str = ".evzi";

/// Where the index of a file stands: beside it, with `.evzi` behind its name.
pub fn index_path(file: impl AsRef<Path>) -> PathBuf {
    let mut path = file.as_ref().as_os_str().to_owned();
    path.push(EXTENSION);
    path.into()
}

/// Whether a name is that of an index, which is no recording.
pub(crate) fn is_index(path: &Path) -> bool {
    path.to_string_lossy().ends_with(EXTENSION)
}

/// What there is beside a file.
pub(crate) enum Found {
    /// No index.
    Nothing,
    /// One that is not used, and why.
    Stale(Note),
    /// Its index: each event stream that was told, or all.
    Index(Vec<Beside>),
}

impl Found {
    /// Looks for the index of a file of this format that is opened with these options.
    ///
    /// # Errors
    /// If there is one for it that cannot be read.
    pub(crate) fn beside(input: &Input, format: &Format, options: &OpenOptions) -> Result<Self> {
        let (Some(open), Some(bytes)) = (format.open_parts, input.read_at()) else {
            return Ok(Self::Nothing);
        };
        let beside = index_path(input.name());
        let places = match bytes.as_file() {
            Some(_) => {
                let cached = cache::kept(Path::new(input.name()));
                let paths = [Some(beside), cached].into_iter().flatten();
                paths
                    .filter(|path| path.is_file())
                    .map(Place::File)
                    .collect()
            }
            None => match bytes.beside(EXTENSION) {
                Some(bytes) => vec![Place::Elsewhere(bytes, beside)],
                None => Vec::new(),
            },
        };
        let mut found = Self::Nothing;
        for place in places {
            let now = Belongs::of(input, &**bytes, format, options)?;
            let made_of = place.open(ReadOptions::new());
            let why = match made_of.map(|reader| now.differs(reader.metadata())) {
                Ok(None) => {
                    let file = File {
                        bytes,
                        name: input.name(),
                        format,
                        options,
                    };
                    return streams(&file, open, |options| place.open(options)).map(Self::Index);
                }
                Ok(Some(why)) => why,
                Err(error) => format!("it cannot be read ({})", error.what()),
            };
            let what = format!("{place} is not used: {why}; it is to be made anew");
            found = Self::Stale(Note::Other(what));
        }
        Ok(found)
    }
}

/// Where an index stands.
enum Place {
    File(PathBuf),
    /// Bytes that are somewhere else, and what they are called.
    Elsewhere(Arc<dyn ReadAt>, PathBuf),
}

impl Place {
    fn open(&self, options: ReadOptions) -> Result<Reader> {
        match self {
            Self::File(path) => options.open(path),
            Self::Elsewhere(bytes, _) => options.open_read_at(bytes.clone(), self.to_string()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Elsewhere(_, path) => path.display().fmt(f),
        }
    }
}

/// The index of an input, made now and held in memory: each event stream that was told, or all.
///
/// # Errors
/// If the input cannot be read, or is of a format of which no index is made.
pub(crate) fn in_memory(
    input: &Input,
    format: &'static Format,
    options: &OpenOptions,
) -> Result<Vec<Beside>> {
    let Some(open) = format.open_parts else {
        return Err(no_parts(input.name(), format));
    };
    let Some(bytes) = input.read_at() else {
        return Err(no_places(input.name()));
    };
    let file = File {
        bytes,
        name: input.name(),
        format,
        options,
    };
    let name = format!("the index of {}", input.name());
    let index = Arc::new(Mutex::new(Vec::new()));
    let out = Output::from_writer(InMemory(index.clone()), &name);
    let _ = make::write(file.again()?, Some(format), options, out, &mut |_, _| {})?;
    let index = std::mem::take(&mut *index.lock().unwrap_or_else(PoisonError::into_inner));
    let index: Arc<dyn ReadAt> = Arc::new(index);
    streams(&file, open, |options| {
        options.open_read_at(index.clone(), &name)
    })
}

/// A file that an index is of, and how it is read.
struct File<'a> {
    bytes: &'a Arc<dyn ReadAt>,
    name: &'a str,
    format: &'a Format,
    options: &'a OpenOptions,
}

impl File<'_> {
    fn again(&self) -> Result<Input> {
        Input::from_read_at(self.bytes.clone(), self.name)
    }
}

/// The event streams of an index, which is opened by `open`: that which was told, or all; none if the file is to be read
/// without its index.
fn streams(
    file: &File<'_>,
    open_parts: OpenParts,
    open: impl Fn(ReadOptions) -> Result<Reader>,
) -> Result<Vec<Beside>> {
    let listed = open(ReadOptions::new())?;
    let names = listed.streams().iter().map(|s| &s.declaration.name);
    let bytes = mapped(file.bytes.clone());
    let parts_of =
        |options: &OpenOptions| open_parts(Input::from_read_at(bytes.clone(), file.name)?, options);
    let parts: Result<Vec<_>> = match listed.streams().len() {
        1 => Ok(vec![parts_of(file.options)?]),
        _ => names
            .clone()
            .map(|name| parts_of(&file.options.clone().with_stream(name)))
            .collect(),
    };
    let mut streams = Beside::of_streams(&open(ReadOptions::new().with_parts(parts?))?)?;
    if let (Some(_), true) = (&file.options.stream, streams.len() > 1) {
        // Formats have further ways to name a stream.
        let told = match (file.format.open)(file.again()?, file.options)? {
            Opened::Indexed(index) => index.info().name.clone(),
            Opened::Stream(source) => source.info().name.clone(),
        };
        // A side stream that is told may be of any event stream. What is of none has other names, and may have another
        // clock, beside each.
        let is_of_none = |side: &SideRoot| side.stream.is_none();
        if told.is_empty() || listed.side_streams().iter().any(is_of_none) {
            return Ok(Vec::new());
        }
        let position = names.clone().position(|name| *name == told);
        streams = (position.map(|at| streams.swap_remove(at)).into_iter())
            .map(Beside::alone)
            .collect();
    }
    match streams.is_empty() {
        false => Ok(streams),
        true => {
            let what = "it lacks an event stream of its file";
            Err(Error::corrupt(listed.name(), what).with_way_out(WayOut::Index))
        }
    }
}

/// Bytes that are taken once they are whole.
struct InMemory(Arc<Mutex<Vec<u8>>>);

impl Write for InMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The error for what is read from front to back alone.
fn no_places(name: &str) -> Error {
    let what = format!("{name}: is packed, or a pipe, of which no part can be read by itself");
    Error::unsupported("", what).advise("unpack it, or convert it to .evz")
}

/// The error for a format of which no index is made.
fn no_parts(name: &str, format: &Format) -> Error {
    let what = match format.name {
        "evz" => format!("{name}: is an .evz, which has its index"),
        // As of NPZ whose members are deflated.
        _ if format.open_parts.is_some() => {
            format!(
                "{name}: is packed so that no part of it can be read by itself; convert it to .evz"
            )
        }
        _ => format!("{name}: no index is made of {format}; convert it to .evz"),
    };
    Error::unsupported("", what)
}
