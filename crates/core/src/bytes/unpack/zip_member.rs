//! The only file in a zip archive, from front to back.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::bytes::{AtReader, ReadAt};

/// Bytes that are unpacked at a time, and how many such blocks wait to be read.
const BLOCK: usize = 256 << 10;
const BLOCKS: usize = 4;

/// The name of the one file in an archive, and what it holds. Its checksum is looked at behind the last
/// byte.
pub(super) fn open(bytes: Arc<dyn ReadAt>) -> io::Result<(String, Unpacked)> {
    let mut archive = ZipArchive::new(AtReader::new(bytes.clone())).map_err(|e| match e {
        ZipError::InvalidArchive(_) if !has_directory(&*bytes) => io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "there is no directory of the zip file at its end",
        ),
        e => wrong(e),
    })?;
    if archive.is_empty() {
        return Err(unsupported("the zip file is empty"));
    }
    // Folders hold nothing themselves, nor do the files that macOS puts beside others.
    let is_file = |name: &[u8]| !name.ends_with(b"/") && !name.starts_with(b"__MACOSX/");
    let (index, name) = {
        let names = archive.file_names_raw().enumerate();
        let mut files = names.filter(|(_, name)| is_file(name));
        let (Some((index, name)), None) = (files.next(), files.next()) else {
            return Err(unsupported(SEVERAL));
        };
        (index, String::from_utf8_lossy(name).into_owned())
    };
    // What cannot be unpacked is said before anything is read.
    archive.by_index(index).map_err(wrong)?;
    // The crate's reader borrows its archive, so both live on a thread of their own.
    let (blocks, unpacked) = sync_channel(BLOCKS);
    std::thread::Builder::new()
        .name("unzip".to_owned())
        .spawn(move || unpack(archive, index, &blocks))?;
    let unpacked = Unpacked {
        blocks: unpacked,
        block: Vec::new(),
        used: 0,
        ended: false,
    };
    Ok((name, unpacked))
}

/// Whether the end of the directory is near the end of the file: a cut one has none.
fn has_directory(bytes: &dyn ReadAt) -> bool {
    /// The record, and the longest comment behind it.
    const MAX_TAIL: u64 = 22 + 65_535;
    let mut tail = vec![0; bytes.len().min(MAX_TAIL) as usize];
    let start = bytes.len() - tail.len() as u64;
    (bytes.read_exact_at(start, &mut tail).is_ok())
        && tail.windows(4).any(|bytes| bytes == b"PK\x05\x06")
}

fn unpack(
    mut archive: ZipArchive<AtReader>,
    index: usize,
    blocks: &SyncSender<io::Result<Vec<u8>>>,
) {
    let mut member = match archive.by_index(index).map_err(wrong) {
        Ok(member) => member,
        Err(error) => {
            // Whoever reads may have gone.
            let _ = blocks.send(Err(error));
            return;
        }
    };
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        let read = (&mut member).take(BLOCK as u64).read_to_end(&mut block);
        let ended = block.is_empty();
        if !ended && blocks.send(Ok(block)).is_err() {
            return;
        }
        match read {
            Err(error) => {
                let _ = blocks.send(Err(error));
                return;
            }
            // An empty block is the end: a thread that panics sends none.
            Ok(_) if ended => {
                let _ = blocks.send(Ok(Vec::new()));
                return;
            }
            Ok(_) => {}
        }
    }
}

/// What the thread has unpacked.
pub(super) struct Unpacked {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    used: usize,
    ended: bool,
}

impl Read for Unpacked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used == self.block.len() && !self.ended {
            let stopped = |_| io::Error::other("its reader stopped before the end");
            (self.block, self.used) = (self.blocks.recv().map_err(stopped)??, 0);
            self.ended = self.block.is_empty();
        }
        let n = (&self.block[self.used..]).read(out)?;
        self.used += n;
        Ok(n)
    }
}

const SEVERAL: &str =
    "the zip file holds more than one file; unpack it and pass the one that holds the events";

fn unsupported(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, what)
}

fn wrong(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            unsupported("the zip file is encrypted; unpack it first")
        }
        ZipError::UnsupportedArchive(why) => unsupported(&format!(
            "the zip file is packed in another way ({why}); unpack it first"
        )),
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}
