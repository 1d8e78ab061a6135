//! Frames that are mostly empty on their way to the host: masks, and the values that are not empty.

use evz_core::Result;
use evz_render::{Packed, Representation, ValueType};

use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::PACK_THREADS;
use crate::recipe::Recipe;

/// Values that share a mask.
const STRETCH: usize = 32;
/// Values that a block of `evz_pack_*` takes.
const SPAN: usize = STRETCH * PACK_THREADS as usize;
/// Where a part starts is a multiple of this.
const ALIGN: usize = 64;
/// Bytes of a frame for each of its events, from which on most of it is empty.
const EMPTY: u64 = 48;

/// Where the parts of packed frames are, behind a word that counts their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing {
    /// Blocks and masks of a frame.
    blocks: usize,
    masks: usize,
    /// Where masks and values start; the bases of blocks come first.
    masks_at: usize,
    values_at: usize,
    /// Values that there is room for: more are not worth packing.
    room: usize,
    value_bytes: usize,
}

impl Packing {
    /// Whether frames of so many events, about, are mostly empty.
    pub(crate) fn pays(recipe: &Recipe, events: u64) -> bool {
        recipe.frame_bytes() as u64 >= events.saturating_mul(EMPTY)
    }

    /// The parts of so many frames.
    pub(crate) fn of(recipe: &Recipe, frames: usize) -> Self {
        let (blocks, masks) = (recipe.len.div_ceil(SPAN), recipe.len.div_ceil(STRETCH));
        let masks_at = ALIGN + (4 * blocks * frames).next_multiple_of(ALIGN);
        Self {
            blocks,
            masks,
            masks_at,
            values_at: masks_at + (4 * masks * frames).next_multiple_of(ALIGN),
            room: (recipe.len * frames / 2).min(u32::MAX as usize),
            value_bytes: recipe.value_bytes,
        }
    }

    /// Bytes of all of it.
    pub(crate) fn len(&self) -> usize {
        self.values_at + self.room * self.value_bytes
    }

    /// What came back of frame `number`.
    pub(crate) fn frame<'a>(&self, back: &'a [u8], number: usize) -> Packed<'a> {
        let words = |at: usize, n: usize| &back[at + 4 * n * number..][..4 * n];
        Packed {
            masks: words(self.masks_at, self.masks),
            starts: words(ALIGN, self.blocks),
            stretches: SPAN / STRETCH,
            values: &back[self.values_at..],
        }
    }
}

impl Lane {
    /// Packs the first `frames` frames and copies them back; false if they are too full for that.
    pub(crate) fn read_packed(
        &mut self,
        packing: &Packing,
        recipe: &Recipe,
        of: Representation,
        frames: usize,
    ) -> Result<bool> {
        let (stream, kernels) = (self.stream.clone(), &self.shared.kernels);
        let (kernel, empty) = match of.value_type() {
            ValueType::I16 | ValueType::U16 => (&kernels.pack_halves, 0),
            ValueType::F32 => (&kernels.pack_words, of.background().to_bits()),
        };
        self.packed.clear(0..ALIGN, &stream)?;
        let at = self.packed.at();
        let (bases, masks) = (at + ALIGN as u64, at + packing.masks_at as u64);
        let packed = at + packing.values_at as u64;
        let (values, stride, len) = (self.values.at(), recipe.stride as u64, recipe.len as u64);
        let room = packing.room as u32;
        let grid = Grid {
            blocks: packing.blocks as u32,
            frames: frames as u32,
            threads: PACK_THREADS,
            shared: 0,
        };
        // SAFETY: `packed` has the parts that the packing says, for as many frames or more, and the
        // kernel writes no more values than there is room for.
        unsafe {
            let mut params = params![values, stride, len, empty, masks, bases, at, packed, room];
            launch(&stream, kernel, grid, &mut params)?;
        }
        let head = &mut self.back.bytes()[..packing.values_at];
        self.packed.read(0, head, &stream)?;
        self.wait()?;
        let n = self
            .back
            .seen()
            .first_chunk()
            .map_or(0, |b| u32::from_ne_bytes(*b)) as usize;
        if n > packing.room {
            return Ok(false);
        }
        let rest = &mut self.back.bytes()[packing.values_at..][..n * packing.value_bytes];
        self.packed.read(packing.values_at, rest, &stream)?;
        self.wait()?;
        Ok(true)
    }
}
