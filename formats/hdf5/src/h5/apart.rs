//! Whether the chunks of a dataset are bytes of their own: an index may lead to the same ones twice.

use std::collections::BTreeMap;
use std::ops::Range;

/// The bytes of the chunks that were found one behind the other, in the order of rows.
#[derive(Default)]
pub(super) struct Apart {
    /// The number along each dimension of the last one.
    last: Vec<u64>,
    /// Where bytes start that are taken, and where they end.
    taken: BTreeMap<u64, u64>,
}

impl Apart {
    /// Takes the bytes of the chunk with these numbers; false if some of them are those of a chunk before
    /// it. One that is not behind the last begins anew.
    pub(super) fn take(&mut self, chunk: &[u64], bytes: Range<u64>) -> bool {
        if *chunk <= *self.last {
            self.taken.clear();
        }
        self.last.clear();
        self.last.extend_from_slice(chunk);
        if bytes.is_empty() {
            return true;
        }
        let before = self.taken.range_mut(..bytes.end).next_back();
        match before {
            Some((_, end)) if *end > bytes.start => return false,
            Some((_, end)) if *end == bytes.start => *end = bytes.end,
            _ => drop(self.taken.insert(bytes.start, bytes.end)),
        }
        true
    }
}
