//! Frames of LZ4, unpacked into one buffer: blocks find there what they refer back to.
//!
//! `lz4_flex` unpacks the blocks. It has a reader of frames too, which allocates and zeroes its own
//! buffers for each, copies every byte out of them, and checks both the sums of the blocks and that
//! of the whole: with it all of the reading takes a quarter longer.
//! <https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>

use lz4_flex::block::decompress_into_with_dict;
use twox_hash::XxHash32;

/// What is said of a packet that does not end.
pub(super) const TOO_LONG: &str = "it unpacks to more than any packet has";

pub(super) const MAGIC: u32 = 0x184d_2204;

/// Bytes before its own that a block may refer to.
const WINDOW: usize = 64 * 1024;

const ENDS: &str = "its LZ4 frame ends too early";

/// Unpacks a frame into `raw`, over what is there; returns how many bytes it has. With an error they
/// are those of the blocks before it.
pub(super) fn unpack(
    mut packed: &[u8],
    raw: &mut Vec<u8>,
    limit: usize,
) -> (usize, Result<(), &'static str>) {
    let mut len = 0;
    let result = Frame::read(&mut packed)
        .and_then(|frame| frame.unpack_blocks(&mut packed, raw, &mut len, limit));
    (len, result)
}

/// Bytes of the frame that is first in `packed`; none if it does not end there.
pub(super) fn packed_len(packed: &[u8]) -> Option<usize> {
    let mut rest = packed;
    let frame = Frame::read(&mut rest).ok()?;
    loop {
        let size = (take_u32(&mut rest).ok()? & 0x7fff_ffff) as usize;
        if size == 0 {
            break;
        }
        let sum = if frame.block_sums { 4 } else { 0 };
        rest = rest.get(size + sum..)?;
    }
    rest = rest.get(if frame.sum { 4 } else { 0 }..)?;
    Some(packed.len() - rest.len())
}

/// What the head of a frame says.
struct Frame {
    /// Bytes of an unpacked block, at most.
    block_len: usize,
    block_sums: bool,
    sum: bool,
}

impl Frame {
    fn read(packed: &mut &[u8]) -> Result<Self, &'static str> {
        if take_u32(packed)? != MAGIC {
            return Err("it is no LZ4 frame");
        }
        let descriptor = *packed;
        let [flags, block] = take(packed)?;
        let has = |bit: u8| flags >> bit & 1 == 1;
        if flags >> 6 != 1 {
            return Err("its LZ4 frame is of an unknown version");
        }
        if has(0) {
            return Err("its LZ4 frame needs a dictionary");
        }
        if has(3) {
            // The length of the content, which its end tells too.
            take::<8>(packed)?;
        }
        let descriptor = &descriptor[..descriptor.len() - packed.len()];
        let [sum] = take(packed)?;
        if (XxHash32::oneshot(0, descriptor) >> 8) as u8 != sum {
            return Err("the checksum of the head of its LZ4 frame is wrong");
        }
        let block_len = match block >> 4 & 7 {
            // 64 KiB, 256 KiB, 1 MiB, 4 MiB.
            size @ 4..=7 => 1 << (8 + 2 * size),
            _ => return Err("the blocks of its LZ4 frame have an unknown size"),
        };
        Ok(Self {
            block_len,
            block_sums: has(4),
            sum: has(2),
        })
    }

    fn unpack_blocks(
        &self,
        packed: &mut &[u8],
        raw: &mut Vec<u8>,
        len: &mut usize,
        limit: usize,
    ) -> Result<(), &'static str> {
        loop {
            let size = take_u32(packed)?;
            if size == 0 {
                break;
            }
            let (size, is_plain) = ((size & 0x7fff_ffff) as usize, size >> 31 == 1);
            let block = packed.split_off(..size).ok_or(ENDS)?;
            if self.block_sums && take_u32(packed)? != XxHash32::oneshot(0, block) {
                return Err("the checksum of a block of LZ4 is wrong");
            }
            if *len + self.block_len > raw.len() {
                raw.resize(*len + self.block_len, 0);
            }
            let (before, room) = raw.split_at_mut(*len);
            let room = &mut room[..self.block_len];
            *len += if is_plain {
                let room = room.get_mut(..size);
                room.ok_or("a block of LZ4 is too long")?
                    .copy_from_slice(block);
                size
            } else {
                let window = &before[before.len().saturating_sub(WINDOW)..];
                unpack_block(block, room, window)?
            };
            if *len > limit {
                *len = 0;
                return Err(TOO_LONG);
            }
        }
        // Where the blocks are as they were, so is what they unpack to, which is twice as long.
        let must_check = self.sum && !self.block_sums;
        if must_check && take_u32(packed)? != XxHash32::oneshot(0, &raw[..*len]) {
            return Err("the checksum of its LZ4 frame is wrong");
        }
        Ok(())
    }
}

/// Inlined into the loop above, the block decoder loses the inlining of its own copies, and half its
/// speed.
#[inline(never)]
fn unpack_block(block: &[u8], room: &mut [u8], window: &[u8]) -> Result<usize, &'static str> {
    decompress_into_with_dict(block, room, window).map_err(|_| "a block of LZ4 is damaged")
}

fn take<const N: usize>(packed: &mut &[u8]) -> Result<[u8; N], &'static str> {
    let (first, rest) = packed.split_first_chunk().ok_or(ENDS)?;
    *packed = rest;
    Ok(*first)
}

fn take_u32(packed: &mut &[u8]) -> Result<u32, &'static str> {
    take(packed).map(u32::from_le_bytes)
}
