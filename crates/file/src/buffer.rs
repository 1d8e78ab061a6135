//! Memory that bytes of a file are read into, kept by each thread to be used again: fresh memory for
//! a chunk costs a page fault every 4 kB, more than to read it.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Bytes that a thread keeps: a million events as `fast` has them take 3 MB.
const MAX_KEPT: usize = 8 << 20;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes, of which those that nobody wrote hold anything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// How many of them count.
    len: usize,
}

impl Buffer {
    pub(crate) fn new(len: usize) -> Self {
        let spare = SPARE.with_borrow_mut(|spare| {
            let long_enough = spare.iter().rposition(|b| b.len() >= len);
            long_enough
                .map(|k| spare.swap_remove(k))
                .or_else(|| spare.pop())
        });
        let mut bytes = spare.unwrap_or_default();
        if bytes.len() < len {
            bytes.resize(len, 0);
        }
        Self { bytes, len }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes.is_empty() {
            return;
        }
        // A thread that ends keeps none.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.iter().map(Vec::len).sum::<usize>() + bytes.len() <= MAX_KEPT {
                spare.push(bytes);
            }
        });
    }
}
