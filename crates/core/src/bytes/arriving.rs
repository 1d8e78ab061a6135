//! Bytes that somebody is still sending.

use std::io::{self, Chain, Cursor, Read};

/// What is read once, and may have to be waited for: a pipe from a camera. Who reads hands on what it
/// has before it waits for more.
pub trait Arriving: Read + Send {
    /// Bytes that can be read without waiting, at least; `usize::MAX` where nobody has to be waited for,
    /// as at the end.
    fn there(&self) -> usize;
}

impl Arriving for Cursor<Vec<u8>> {
    fn there(&self) -> usize {
        usize::MAX
    }
}

impl<R: Arriving> Arriving for Chain<Cursor<Vec<u8>>, R> {
    fn there(&self) -> usize {
        let (head, rest) = self.get_ref();
        let left = head.get_ref().len() as u64;
        let left = left.saturating_sub(head.position()) as usize;
        left.saturating_add(rest.there())
    }
}

impl<R: Arriving + ?Sized> Arriving for Box<R> {
    fn there(&self) -> usize {
        (**self).there()
    }
}

/// A reader that nobody has to wait for, or of which nobody knows.
pub(super) struct Unknown<R>(pub(super) R);

impl<R: Read> Read for Unknown<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl<R: Read + Send> Arriving for Unknown<R> {
    fn there(&self) -> usize {
        usize::MAX
    }
}

/// What came of [`fill`].
#[derive(Debug)]
pub struct Filled {
    /// Bytes that were read.
    pub len: usize,
    /// How the reading ended, if it has.
    pub end: Option<io::Result<()>>,
}

/// Fills `out`; with less than it holds, but with something, where the rest would have to be waited for,
/// and at the end.
pub fn fill(reader: &mut (impl Arriving + ?Sized), out: &mut [u8]) -> Filled {
    let mut filled = Filled { len: 0, end: None };
    while filled.len < out.len() && (filled.len == 0 || reader.there() > 0) {
        match reader.read(&mut out[filled.len..]) {
            Ok(0) => filled.end = Some(Ok(())),
            Ok(n) => filled.len += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => filled.end = Some(Err(e)),
        }
        if filled.end.is_some() {
            break;
        }
    }
    filled
}
