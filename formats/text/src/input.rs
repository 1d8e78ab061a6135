//! Where text comes from: plain, or compressed, which its first bytes tell.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use evz_core::{Error, Result};
use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use crate::{members::Members, zip};

/// Text to be read from front to back.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) reader: Box<dyn Read + Send>,
    /// Bytes of the file, as it lies on disk.
    pub(crate) total: Option<u64>,
    /// How many of them have been read.
    pub(crate) consumed: Arc<AtomicU64>,
    /// Pieces from the middle and the end, of a plain file.
    pub(crate) pieces: Vec<Vec<u8>>,
}

/// How a text is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    /// By the first bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ => Self::Plain,
        }
    }

    /// A reader of the text inside.
    pub(crate) fn unpack<R: Read + Send + 'static>(
        self,
        reader: R,
    ) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Plain => Box::new(reader),
            Self::Gzip => Box::new(Members::<_, GzDecoder<_>>::open(reader)?),
            Self::Zstd => Box::new(Members::<_, ZstdDecoder<'static, _>>::open(reader)?),
            Self::Zip => Box::new(zip::OnlyMember::open(reader)?),
        })
    }
}

/// Bytes that tell how a text is packed.
const MAGIC_LEN: usize = 4;

/// Bytes of each piece from further inside a plain file.
const PIECE_LEN: usize = 32 * 1024;

impl Input {
    /// The text of a file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let cannot = |what: &str, e| Error::io(&name, what, e);
        let mut file = File::open(path).map_err(|e| cannot("cannot open it", e))?;
        let metadata = file
            .metadata()
            .map_err(|e| cannot("cannot read its properties", e))?;
        if metadata.is_dir() {
            return Err(Error::unsupported(&name, "it is a folder, not a file"));
        }
        if !metadata.is_file() {
            return Self::from_reader(file, &name);
        }
        let mut magic = Vec::new();
        (&mut file)
            .take(MAGIC_LEN as u64)
            .read_to_end(&mut magic)
            .map_err(|e| cannot("cannot read it", e))?;
        let pieces = match Packing::of(&magic) {
            Packing::Plain => pieces(&mut file, metadata.len()),
            Packing::Zip => zip::check_directory(&mut file, metadata.len()).map(|()| Vec::new()),
            _ => Ok(Vec::new()),
        }
        .and_then(|pieces| file.seek(SeekFrom::Start(0)).map(|_| pieces))
        .map_err(|e| damaged(&name, e))?;
        let mut input = Self::from_reader(file, &name)?;
        input.total = Some(metadata.len());
        input.pieces = pieces;
        Ok(input)
    }

    /// The text of anything that can be read.
    pub(crate) fn from_reader<R: Read + Send + 'static>(reader: R, name: &str) -> Result<Self> {
        let consumed = Arc::new(AtomicU64::new(0));
        let mut reader = Counting {
            reader,
            count: Arc::clone(&consumed),
        };
        let mut magic = Vec::new();
        (&mut reader)
            .take(MAGIC_LEN as u64)
            .read_to_end(&mut magic)
            .map_err(|e| Error::io(name, "cannot read it", e))?;
        let packing = Packing::of(&magic);
        let whole = Cursor::new(magic).chain(reader);
        Ok(Self {
            name: name.to_owned(),
            reader: packing.unpack(whole).map_err(|e| damaged(name, e))?,
            total: None,
            consumed,
            pieces: Vec::new(),
        })
    }
}

/// An error of reading: of the system, or of what is packed.
pub(crate) fn damaged(name: &str, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::insufficient(
            name,
            format!("the compressed file ends too early ({error})"),
        ),
        // `Other` is what zstd says.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            Error::corrupt(name, format!("the compressed file is damaged ({error})"))
        }
        io::ErrorKind::Unsupported => Error::unsupported(name, error.to_string()),
        _ => Error::io(name, "cannot read it", error),
    }
}

/// A piece from the middle and one from the end, of files that are longer than what is looked at
/// anyway.
fn pieces(file: &mut File, len: u64) -> io::Result<Vec<Vec<u8>>> {
    let piece_len = PIECE_LEN as u64;
    if len < 2 * crate::source::HEAD_LEN as u64 + piece_len {
        return Ok(Vec::new());
    }
    [len / 2, len - piece_len]
        .into_iter()
        .map(|at| {
            file.seek(SeekFrom::Start(at))?;
            let mut piece = Vec::new();
            (&mut *file).take(piece_len).read_to_end(&mut piece)?;
            Ok(piece)
        })
        .collect()
}

/// Counts the bytes that pass.
struct Counting<R> {
    reader: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
