//! Memory for columns, which is used again: to get fresh pages from the system takes longer than to
//! decode what is written to them.

use std::sync::Mutex;

use bytemuck::Pod;
use evz::{Error, Result};

/// Blocks from this size on are kept when they are given back; malloc does as well with smaller ones.
const KEPT_FROM: usize = 64 << 10;
/// Bytes that are kept at most.
const MOST_KEPT: usize = 256 << 20;
/// Blocks from this size on begin at a huge page.
const HUGE_FROM: usize = 4 << 20;
const HUGE_PAGE: usize = 2 << 20;

/// Memory for so many bytes, all of it written before.
pub(crate) struct Block {
    words: Vec<u64>,
    /// The first word that is used.
    start: usize,
}

static SHELF: Mutex<Shelf> = Mutex::new(Shelf {
    blocks: Vec::new(),
    words: 0,
});

struct Shelf {
    blocks: Vec<Block>,
    words: usize,
}

impl Block {
    /// Room for `n` values; what they are is not said.
    pub(crate) fn new<T: Pod>(n: usize) -> Result<Self> {
        let bytes = n.checked_mul(size_of::<T>()).ok_or_else(|| too_many(n))?;
        match bytes >= KEPT_FROM {
            false => Ok(Self {
                words: vec![0; bytes.div_ceil(8)],
                start: 0,
            }),
            true => match kept(bytes.div_ceil(8)) {
                Some(block) => Ok(block),
                None => Self::fresh(bytes).ok_or_else(|| too_many(n)),
            },
        }
    }

    /// Memory that nobody had before; none if there is not so much.
    fn fresh(bytes: usize) -> Option<Self> {
        // An eighth of the next power of two, so that windows of about one size use it in turn.
        let step = (bytes.checked_next_power_of_two()? / 8).max(4096);
        let mut words = bytes.checked_next_multiple_of(step)? / 8;
        let huge = bytes >= HUGE_FROM;
        if huge {
            words = words.checked_add(HUGE_PAGE / 8)?;
        }
        // To run out of memory in `vec!` ends the process.
        Vec::<u64>::new().try_reserve_exact(words).ok()?;
        let words = vec![0u64; words];
        let start = match huge {
            true => words.as_ptr().align_offset(HUGE_PAGE),
            false => 0,
        };
        let block = Self { words, start };
        if huge {
            crate::arrays::ask_for_huge_pages(&block.words[block.start..]);
        }
        Some(block)
    }

    /// The first `n` values.
    ///
    /// # Panics
    /// If there is no room for so many.
    pub(crate) fn values<T: Pod>(&mut self, n: usize) -> &mut [T] {
        &mut bytemuck::cast_slice_mut(&mut self.words[self.start..])[..n]
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let words = self.words.len();
        if words * 8 < KEPT_FROM {
            return;
        }
        // A lock that a thread held when this process was forked stays locked.
        if let Ok(mut shelf) = SHELF.try_lock()
            && shelf.words + words <= MOST_KEPT / 8
        {
            shelf.words += words;
            let (words, start) = (std::mem::take(&mut self.words), self.start);
            shelf.blocks.push(Self { words, start });
        }
    }
}

/// A block of at least so many words that was given back, and not of many more.
fn kept(words: usize) -> Option<Block> {
    let mut shelf = SHELF.try_lock().ok()?;
    let fits = |block: &Block| {
        let len = block.words.len() - block.start;
        (words..=words + words / 2).contains(&len)
    };
    let at = shelf.blocks.iter().rposition(fits)?;
    let block = shelf.blocks.swap_remove(at);
    shelf.words -= block.words.len();
    Some(block)
}

fn too_many(n: usize) -> Error {
    let what = format!("{n} events take more memory than there is");
    Error::new(evz::ErrorKind::LimitExceeded, "", what).advise("read them in windows")
}
