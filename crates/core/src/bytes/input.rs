//! A recording before anybody knows its format.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::arriving::Unknown;
#[cfg(feature = "unpack")]
use super::unpack::Packing;
use super::{Arriving, AtReader, FileAt, ReadAt, SeekAt, url_scheme};
use crate::{Error, Progress, Result, read_error};

/// Bytes at the start of a recording that tell its format.
const HEAD: usize = 64 << 10;

/// The bytes of a recording, from a file, a pipe or memory, and what is known of them without
/// knowing their format. Every format opens from one.
pub struct Input {
    name: String,
    /// What it was called in the archive that it came out of.
    member: Option<String>,
    head: Vec<u8>,
    bytes: Bytes,
    read: BytesRead,
}

enum Bytes {
    /// Any range at any time.
    At(Arc<dyn ReadAt>),
    /// What follows the head, once.
    Once(Box<dyn Arriving>),
    /// The same of what is still being sent.
    Arriving(Box<dyn Arriving>),
}

/// What tells the format of a recording.
#[derive(Debug, Clone, Copy)]
pub struct Clues<'a> {
    /// The first 64 KiB, or all there is.
    pub head: &'a [u8],
    /// Length in bytes, where it is known.
    pub len: Option<u64>,
    /// What the recording is called: a path, its name in an archive, or `standard input`.
    pub name: &'a str,
}

impl Clues<'_> {
    /// Whether the name ends in a dot and this, in any case.
    pub fn is_named(&self, extension: &str) -> bool {
        Path::new(self.name)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(extension))
    }
}

impl Input {
    /// A file. What is no regular file, such as a named pipe, is read once.
    ///
    /// # Errors
    /// If it cannot be opened and read, or is a folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        if url_scheme(path).is_some() {
            let what = format!("{name}: is a URL, and a path is read here");
            return Err(Error::invalid(what).advise("copy the file to a folder first"));
        }
        let failed = |e| Error::io(&name, "cannot open", e);
        let file = File::open(path).map_err(failed)?;
        let kind = file.metadata().map_err(failed)?;
        if kind.is_dir() {
            return Err(Error::invalid(format!("{name}: is a folder; name a file")));
        }
        match kind.is_file() {
            true => Self::from_read_at(Arc::new(FileAt::new(file).map_err(failed)?), name),
            false => Self::from_reader(file, name),
        }
    }

    /// What can be read once, such as standard input.
    ///
    /// # Errors
    /// If nothing of it can be read. Where some bytes can, the error follows behind them.
    pub fn from_reader<R>(mut reader: R, name: impl Into<String>) -> Result<Self>
    where
        R: Read + Send + 'static,
    {
        let name = name.into();
        let mut head = Vec::new();
        let rest: Box<dyn Arriving> = match (&mut reader).take(HEAD as u64).read_to_end(&mut head) {
            Ok(_) => Box::new(Unknown(reader)),
            Err(error) if head.is_empty() => return Err(read_error(name, error)),
            Err(error) => Box::new(Unknown(Failed(Some(error)))),
        };
        Ok(Self {
            name,
            member: None,
            head,
            bytes: Bytes::Once(rest),
            read: BytesRead::default(),
        })
    }

    /// What is still being sent, of which these bytes have come and the others follow.
    pub fn from_arriving(
        head: Vec<u8>,
        rest: impl Arriving + 'static,
        name: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            member: None,
            head,
            bytes: Bytes::Arriving(Box::new(rest)),
            read: BytesRead::default(),
        }
    }

    /// Bytes any range of which can be read.
    ///
    /// # Errors
    /// If the first of them cannot be read.
    pub fn from_read_at(bytes: Arc<dyn ReadAt>, name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let len = bytes.len();
        let mut head = vec![0; usize::try_from(len).map_or(HEAD, |len| len.min(HEAD))];
        bytes
            .read_exact_at(0, &mut head)
            .map_err(|e| read_error(&name, e))?;
        Ok(Self {
            name,
            member: None,
            head,
            bytes: Bytes::At(bytes),
            read: BytesRead {
                total: Some(len),
                ..BytesRead::default()
            },
        })
    }

    /// Bytes in memory.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>, name: impl Into<String>) -> Self {
        let bytes: Vec<u8> = bytes.into();
        Self {
            name: name.into(),
            member: None,
            head: bytes[..bytes.len().min(HEAD)].to_vec(),
            read: BytesRead {
                total: Some(bytes.len() as u64),
                ..BytesRead::default()
            },
            bytes: Bytes::At(Arc::new(bytes)),
        }
    }

    /// Anything that reads and seeks.
    ///
    /// # Errors
    /// If it does not.
    pub fn from_seek<R>(stream: R, name: impl Into<String>) -> Result<Self>
    where
        R: Read + io::Seek + Send + 'static,
    {
        let name = name.into();
        let bytes = SeekAt::new(stream).map_err(|e| Error::io(&name, "cannot seek", e))?;
        Self::from_read_at(Arc::new(bytes), name)
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The last part of its name.
    pub fn file_name(&self) -> String {
        let last = Path::new(&self.name).file_name();
        last.map_or_else(|| self.name.clone(), |n| n.to_string_lossy().into_owned())
    }

    /// The first 64 KiB, or all there is.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Length in bytes, where it is known.
    pub fn len(&self) -> Option<u64> {
        match &self.bytes {
            Bytes::At(bytes) => Some(bytes.len()),
            Bytes::Once(_) | Bytes::Arriving(_) => None,
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// What tells its format.
    pub fn clues(&self) -> Clues<'_> {
        Clues {
            head: &self.head,
            len: self.len(),
            name: self.member.as_ref().unwrap_or(&self.name),
        }
    }

    /// Any range of it, if it is no stream.
    pub fn read_at(&self) -> Option<&Arc<dyn ReadAt>> {
        match &self.bytes {
            Bytes::At(bytes) => Some(bytes),
            Bytes::Once(_) | Bytes::Arriving(_) => None,
        }
    }

    /// How far it has been read; stays true while the reader of [`Input::into_reader`] reads.
    pub fn read_so_far(&self) -> BytesRead {
        self.read.clone()
    }

    /// All of it, from front to back.
    pub fn into_reader(self) -> InputReader {
        let bytes: Box<dyn Arriving> = match self.bytes {
            Bytes::At(bytes) => Box::new(Unknown(AtReader::new(bytes))),
            Bytes::Once(rest) | Bytes::Arriving(rest) => {
                Box::new(Cursor::new(self.head).chain(rest))
            }
        };
        InputReader {
            bytes,
            read: self.read,
        }
    }

    /// Any range of it. A stream is copied to a temporary file first, which is gone with the
    /// process however that ends; without the feature `files`, into memory.
    ///
    /// # Errors
    /// If it is a stream and cannot be copied, or is still being sent.
    pub fn into_read_at(self) -> Result<Arc<dyn ReadAt>> {
        match self.bytes {
            Bytes::At(bytes) => Ok(bytes),
            Bytes::Arriving(_) => {
                let what = "its format is read from all places of a file, and not as it is sent";
                Err(Error::unsupported(self.name, what)
                    .advise("save it as a file and convert that"))
            }
            Bytes::Once(_) => {
                let name = self.name.clone();
                spooled(self.into_reader()).map_err(|e| match e.downcast::<Error>() {
                    Ok(error) => error.within(name),
                    Err(e) => Error::io(name, "cannot copy it to a temporary file", e),
                })
            }
        }
    }

    /// What is inside, if the first bytes are those of gzip, zstd or a zip archive with one member;
    /// otherwise the same.
    ///
    /// # Errors
    /// If it is damaged, or the archive has another number of members.
    #[cfg(feature = "unpack")]
    pub fn unpacked(self) -> Result<Self> {
        let Some(packing) = Packing::of(&self.head) else {
            return Ok(self);
        };
        let (name, read) = (self.name.clone(), self.read.clone());
        let (inside, member) = packing.unpack(self)?;
        let mut inside = Self::from_reader(inside, name)?;
        inside.member = member;
        inside.read = BytesRead {
            counted_elsewhere: true,
            ..read
        };
        Ok(inside)
    }

    /// Whether the first bytes are those of gzip, zstd or zip.
    #[cfg(feature = "unpack")]
    pub fn is_packed(&self) -> bool {
        Packing::of(&self.head).is_some()
    }
}

/// The end of what could be read: an error, once.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.take().unwrap_or(io::ErrorKind::Other.into()))
    }
}

#[cfg(feature = "files")]
fn spooled(mut reader: InputReader) -> io::Result<Arc<dyn ReadAt>> {
    let mut file = super::Temporary::new("a pipe").map_err(io::Error::other)?;
    io::copy(&mut reader, &mut file)?;
    Ok(Arc::new(FileAt::new(file.into_file())?))
}

#[cfg(not(feature = "files"))]
fn spooled(mut reader: InputReader) -> io::Result<Arc<dyn ReadAt>> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok(Arc::new(bytes))
}

/// How much of an input has been read, of the bytes as they lie in the file.
#[derive(Debug, Clone, Default)]
pub struct BytesRead {
    done: Arc<AtomicU64>,
    total: Option<u64>,
    /// What is read here was unpacked, and those who unpack it count.
    counted_elsewhere: bool,
}

impl BytesRead {
    /// Bytes read, of so many.
    pub fn progress(&self) -> Progress {
        Progress {
            done: self.done.load(Ordering::Relaxed),
            total: self.total,
        }
    }
}

/// An input, read from front to back.
pub struct InputReader {
    bytes: Box<dyn Arriving>,
    read: BytesRead,
}

impl Read for InputReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.bytes.read(out)?;
        if !self.read.counted_elsewhere {
            self.read.done.fetch_add(n as u64, Ordering::Relaxed);
        }
        Ok(n)
    }
}

impl Arriving for InputReader {
    fn there(&self) -> usize {
        self.bytes.there()
    }
}
