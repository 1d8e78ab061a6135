//! A frame of zstd, whose window is memory that the input claims.

use std::io::{self, BufRead, Chain, Cursor, Read};

use zstd::stream::read::Decoder;

use super::members::Member;
use crate::{Error, Memory, Place};

/// The largest window that zstd takes: that of `zstd --long=31`.
const MAX_WINDOW: u64 = 1 << 31;
/// The least that it can be told to take.
const MIN_WINDOW: u64 = 1 << 10;

pub(super) struct ZstdFrame<R: BufRead> {
    decoder: Decoder<'static, Chain<Cursor<Vec<u8>>, R>>,
    /// What the window takes of the memory that may be taken.
    _window: Memory,
}

impl<R: BufRead> Member<R> for ZstdFrame<R> {
    fn start(mut reader: R) -> io::Result<Self> {
        let head = head(&mut reader)?;
        let window = window(&head);
        if window > MAX_WINDOW {
            let what = format!(
                "the window of its zstd frame is {window} bytes, and zstd takes {MAX_WINDOW}"
            );
            return Err(io::Error::other(Error::unsupported(Place::default(), what)));
        }
        let taken = Memory::take(window, "the window of its zstd frame", Place::default());
        let taken = taken.map_err(io::Error::other)?;
        let mut decoder = Decoder::with_buffer(Cursor::new(head).chain(reader))?.single_frame();
        decoder.window_log_max(window.max(MIN_WINDOW).next_power_of_two().ilog2())?;
        Ok(Self {
            decoder,
            _window: taken,
        })
    }

    fn into_reader(self) -> R {
        self.decoder.finish().into_inner().1
    }

    /// A frame, or one of the sixteen kinds that are skipped (RFC 8878, 3.1.1 and 3.1.2).
    fn may_start_with(byte: u8) -> bool {
        byte == 0x28 || byte & 0xf0 == 0x50
    }
}

impl<R: BufRead> Read for ZstdFrame<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer)
    }
}

/// The magic number, and of a frame that is not skipped its header; less where the input ends. No frame is
/// shorter.
fn head(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(5).read_to_end(&mut head)?;
    if let Some(descriptor) = descriptor(&head) {
        let rest = descriptor.window_len + descriptor.dictionary_len + descriptor.content_len;
        reader.take(rest as u64).read_to_end(&mut head)?;
    }
    Ok(head)
}

/// How many bytes each field of a frame's header has (RFC 8878, 3.1.1.1.1).
struct Descriptor {
    window_len: usize,
    dictionary_len: usize,
    content_len: usize,
}

fn descriptor(head: &[u8]) -> Option<Descriptor> {
    let [0x28, 0xb5, 0x2f, 0xfd, byte, ..] = head else {
        return None;
    };
    let is_single_segment = byte & 0x20 != 0;
    Some(Descriptor {
        window_len: usize::from(!is_single_segment),
        dictionary_len: [0, 1, 2, 4][usize::from(byte & 3)],
        content_len: match byte >> 6 {
            0 => usize::from(is_single_segment),
            flag => 1 << flag,
        },
    })
}

/// Bytes of the window of a frame with this header (RFC 8878, 3.1.1.1.2 and 3.1.1.1.4); 0 of one that is
/// skipped or cut.
fn window(head: &[u8]) -> u64 {
    let Some(descriptor) = descriptor(head) else {
        return 0;
    };
    let fields = &head[5..];
    if descriptor.window_len == 1 {
        return fields.first().map_or(0, |byte| {
            let base = 1 << (10 + (byte >> 3));
            base + base / 8 * u64::from(byte & 7)
        });
    }
    // A frame of a single segment is kept whole.
    let mut content = [0; 8];
    let Some(bytes) = fields.get(descriptor.dictionary_len..) else {
        return 0;
    };
    content[..bytes.len()].copy_from_slice(bytes);
    match (bytes.len(), u64::from_le_bytes(content)) {
        (2, len) => len + 256,
        (_, len) => len,
    }
}
