//! Where the bytes come from: a head that tells what they are, then blocks of whole words.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use evz_core::{Error, Result};

use crate::header::MAX_LEN;

/// Bytes that are decoded at once; a whole number of every kind of words.
const BLOCK_LEN: usize = 128 * 1024;

/// Bytes to be read from front to back.
pub(crate) struct Input {
    pub(crate) name: String,
    /// The first bytes, as many as there are or as tell what follows.
    pub(crate) head: Vec<u8>,
    reader: Box<dyn Read + Send>,
    /// Bytes of the file, if it is one.
    pub(crate) total: Option<u64>,
}

impl Input {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let failed = |what: &str, e| Error::io(&name, what, e);
        let file = File::open(path).map_err(|e| failed("cannot open it", e))?;
        let metadata = file
            .metadata()
            .map_err(|e| failed("cannot read its properties", e))?;
        if metadata.is_dir() {
            return Err(Error::unsupported(name, "it is a folder, not a file"));
        }
        let mut input = Self::from_reader(file, &name)?;
        input.total = metadata.is_file().then_some(metadata.len());
        Ok(input)
    }

    pub(crate) fn from_reader<R: Read + Send + 'static>(mut reader: R, name: &str) -> Result<Self> {
        let mut head = Vec::new();
        (&mut reader)
            .take(MAX_LEN as u64)
            .read_to_end(&mut head)
            .map_err(|e| Error::io(name, "cannot read it", e))?;
        if head.is_empty() {
            let what = "it is empty: there are no events";
            return Err(Error::insufficient(name, what));
        }
        Ok(Self {
            name: name.to_owned(),
            head,
            reader: Box::new(reader),
            total: None,
        })
    }

    /// The last part of its name.
    pub(crate) fn file_name(&self) -> String {
        let last = Path::new(&self.name).file_name();
        last.map_or_else(|| self.name.clone(), |n| n.to_string_lossy().into_owned())
    }

    /// Whether its name ends as those of DAT do.
    pub(crate) fn is_named_dat(&self) -> bool {
        Path::new(&self.name)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("dat"))
    }

    /// The blocks after the first `header_len` bytes, which lie within the head.
    pub(crate) fn into_blocks(self, header_len: usize) -> Blocks {
        let mut head = Cursor::new(self.head);
        head.set_position(header_len as u64);
        Blocks {
            reader: Box::new(head.chain(self.reader)),
            at: header_len as u64,
        }
    }
}

/// What follows the header, a block at a time.
pub(crate) struct Blocks {
    reader: Box<dyn Read + Send>,
    /// Where in the file the next block begins.
    pub(crate) at: u64,
}

/// Bytes that are decoded at once.
#[derive(Default)]
pub(crate) struct Block {
    buffer: Vec<u8>,
    len: usize,
    /// Where in the file it begins.
    pub(crate) at: u64,
}

impl Block {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

impl Blocks {
    /// Fills a block: with less than a block's bytes only at the end or before an error, which comes
    /// with them.
    pub(crate) fn next(&mut self, block: &mut Block) -> io::Result<()> {
        block.buffer.resize(BLOCK_LEN, 0);
        block.at = self.at;
        block.len = 0;
        while block.len < BLOCK_LEN {
            match self.reader.read(&mut block.buffer[block.len..]) {
                Ok(0) => break,
                Ok(n) => {
                    block.len += n;
                    self.at += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
