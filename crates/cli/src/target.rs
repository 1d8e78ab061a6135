//! Where the bytes of an output go: a file that appears when it is whole, or a stream.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use evz::Error;
use evz::file::OutputFile;
use flate2::write::GzEncoder;

use crate::input::is_pipe;

/// Bytes gathered before they are handed to a stream.
const BUFFER: usize = 1 << 18;

/// A file being written, or a stream.
pub(crate) enum Target {
    File(OutputFile),
    Stream(Box<dyn Write + Send>),
}

impl Target {
    /// Standard output for `-`; what exists and is no file (a device, a named pipe) is written to
    /// as it is, since giving a new file its name would remove it; else a file.
    pub(crate) fn create(path: &Path, replace: bool) -> Result<Self> {
        let stream = |out| Self::Stream(Box::new(BufWriter::with_capacity(BUFFER, out)));
        if is_pipe(path) {
            return Ok(stream(Box::new(io::stdout()) as Box<dyn Write + Send>));
        }
        if is_device(path) {
            let device = OpenOptions::new()
                .write(true)
                .open(path)
                .map_err(|e| Error::io(path.display().to_string(), "cannot write", e))?;
            return Ok(stream(Box::new(device)));
        }
        Ok(Self::File(OutputFile::create(path, replace)?))
    }

    /// Gives a file its name.
    pub(crate) fn commit(self) -> Result<()> {
        if let Self::File(file) = self {
            file.commit()?;
        }
        Ok(())
    }
}

/// Whether something exists here that is neither a file nor a folder.
pub(crate) fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(out) => out.write(bytes),
            Self::Stream(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(out) => out.flush(),
            Self::Stream(out) => out.flush(),
        }
    }
}

/// A target behind the compression that its name asks for.
pub(crate) enum Packed {
    Plain(Target),
    Gzip(GzEncoder<Target>),
    Zstd(zstd::stream::write::Encoder<'static, Target>),
}

impl Packed {
    /// Compresses for `.gz` and `.zst`.
    pub(crate) fn new(target: Target, path: &Path) -> io::Result<Self> {
        let extension = path.extension().map(|e| e.to_ascii_lowercase());
        Ok(match extension.as_deref().and_then(|e| e.to_str()) {
            Some("gz") => Self::Gzip(GzEncoder::new(target, flate2::Compression::default())),
            Some("zst") => {
                let level = zstd::DEFAULT_COMPRESSION_LEVEL;
                Self::Zstd(zstd::stream::write::Encoder::new(target, level)?)
            }
            _ => Self::Plain(target),
        })
    }

    fn finish(self) -> io::Result<Target> {
        match self {
            Self::Plain(target) => Ok(target),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(out) => out.write(bytes),
            Self::Zstd(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(out) => out.flush(),
            Self::Zstd(out) => out.flush(),
        }
    }
}

/// A packed target that a text sink writes into while its maker keeps hold of it, to give the file
/// its name afterwards.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Option<Packed>>>);

impl Shared {
    pub(crate) fn new(packed: Packed) -> Self {
        Self(Arc::new(Mutex::new(Some(packed))))
    }

    /// Ends the compression and gives back the target.
    pub(crate) fn finish(self) -> io::Result<Option<Target>> {
        let mut packed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        packed.take().map(Packed::finish).transpose()
    }

    fn with<T>(&self, act: impl FnOnce(&mut Packed) -> io::Result<T>) -> io::Result<T> {
        let mut packed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(packed.as_mut().ok_or(io::ErrorKind::WriteZero)?)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|packed| packed.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(Packed::flush)
    }
}
