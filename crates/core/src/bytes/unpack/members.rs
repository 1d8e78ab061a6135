//! Compressed bytes of one member or several, one after the other, and nothing behind them.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// Bytes that are read from the file at a time.
const BUFFER: usize = 128 * 1024;

/// A format of members that each know their own end.
pub(super) trait Member<R: BufRead>: Read + Sized {
    fn start(reader: R) -> io::Result<Self>;
    fn into_reader(self) -> R;
    /// Whether a member may start with this byte.
    fn may_start_with(byte: u8) -> bool;
}

impl<R: BufRead> Member<R> for GzDecoder<R> {
    fn start(reader: R) -> io::Result<Self> {
        Ok(Self::new(reader))
    }

    fn into_reader(self) -> R {
        self.into_inner()
    }

    fn may_start_with(byte: u8) -> bool {
        byte == 0x1f
    }
}

/// Reads the members one after the other.
pub(super) struct Members<R: Read, M: Member<BufReader<R>>> {
    /// None at the end.
    member: Option<M>,
    reader: std::marker::PhantomData<R>,
}

impl<R: Read, M: Member<BufReader<R>>> Members<R, M> {
    pub(super) fn open(reader: R) -> io::Result<Self> {
        Ok(Self {
            member: Some(M::start(BufReader::with_capacity(BUFFER, reader))?),
            reader: std::marker::PhantomData,
        })
    }
}

impl<R: Read, M: Member<BufReader<R>>> Read for Members<R, M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let n = member.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let Some(mut rest) = self.member.take().map(M::into_reader) else {
                break;
            };
            match next_byte(&mut rest)? {
                None => break,
                Some(byte) if M::may_start_with(byte) => self.member = Some(M::start(rest)?),
                Some(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::Unsupported,
                        "something follows the compressed data; unpack the file first, or cut off what follows",
                    ));
                }
            }
        }
        Ok(0)
    }
}

fn next_byte(reader: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        match reader.fill_buf() {
            Ok(bytes) => return Ok(bytes.first().copied()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
