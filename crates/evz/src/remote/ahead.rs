//! What is asked for, and when: more than is wanted, and more and more ahead of who reads on.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::fetch::Fetch;

/// Bytes of a first request: at 100 MB/s they take 3 ms, and the way to a server and back ten times
/// that, so that a chunk comes at once, and the index with the end of the file.
pub(super) const FIRST: u64 = 256 << 10;
/// Bytes of the largest: two of them on their way keep a link of 1 Gbit/s busy.
const LARGEST: u64 = 8 << 20;
/// Blocks on their way, ahead of the one being read.
const AHEAD: usize = 2;
/// Bytes behind the block being read that are kept, for threads that are behind.
const BEHIND: u64 = 4 << 20;
/// Bytes in front of the first of a small read that are asked for with it: records that belong
/// together stand one behind the other, and are read from the last to the first.
const BEFORE: u64 = 32 << 10;
/// Bytes that who reads on may leave out.
const SKIPPED: u64 = 64 << 10;
/// Bytes that are held: four places where somebody reads on at the same time, as in files of columns,
/// take some 32 MiB each.
const HELD: u64 = 128 << 20;

/// A part of the file that was asked for in one request.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) range: Range<u64>,
    pub(super) fetch: Arc<Fetch>,
}

/// The blocks that are held, in runs without gaps; the run that was read last stands last.
#[derive(Debug)]
pub(super) struct Ahead {
    runs: Vec<VecDeque<Block>>,
    len: u64,
}

impl Ahead {
    /// Of a file of this length.
    pub(super) fn new(len: u64) -> Self {
        Self {
            runs: Vec::new(),
            len,
        }
    }

    /// Holds a block that was asked for already.
    pub(super) fn hold(&mut self, block: Block) {
        self.runs.push(VecDeque::from([block]));
    }

    /// The block with this byte of the file. `wanted` more are read from there on; `ask` asks for what is
    /// not held.
    pub(super) fn block(
        &mut self,
        offset: u64,
        wanted: u64,
        mut ask: impl FnMut(Range<u64>) -> Arc<Fetch>,
    ) -> Block {
        let file_len = self.len;
        let mut ask = |start: u64, len: u64| {
            let range = start..start.saturating_add(len).min(file_len);
            let fetch = ask(range.clone());
            Block { range, fetch }
        };
        let Some(number) = self.run_of(offset) else {
            while self.held() > HELD {
                self.runs.remove(0);
            }
            let len = wanted.clamp(FIRST, LARGEST);
            let start = match wanted < FIRST / 2 {
                true => offset.saturating_sub(BEFORE),
                false => offset,
            };
            // No less than that at the end, where an index is.
            let block = ask(start.min(file_len.saturating_sub(len)), len);
            self.hold(block.clone());
            return block;
        };
        let mut run = self.runs.remove(number);
        let mut grow = |run: &mut VecDeque<Block>| {
            let last = span(run.range(run.len() - 1..));
            run.push_back(ask(last.end, (2 * (last.end - last.start)).min(LARGEST)));
        };
        while span(run.iter()).end <= offset {
            grow(&mut run);
        }
        let at = run.partition_point(|block| block.range.end <= offset);
        // Who has read beyond the first block reads on.
        while at > 0 && run.len() - at <= AHEAD && span(run.iter()).end < file_len {
            grow(&mut run);
        }
        let block = run[at].clone();
        while run[0].range.end.saturating_add(BEHIND) < block.range.start {
            run.pop_front();
        }
        self.runs.push(run);
        block
    }

    /// The run that holds a byte, or that ends shortly before it. The shortest of several: the parts of an
    /// index that lie within what somebody reads on through are not where that one is.
    fn run_of(&self, offset: u64) -> Option<usize> {
        let spans = self.runs.iter().map(|run| span(run.iter()));
        let holding = (spans.clone().enumerate()).filter(|(_, span)| span.contains(&offset));
        let shortest = holding.min_by_key(|(_, span)| span.end - span.start);
        let ends_before = |span: Range<u64>| (span.end..span.end + SKIPPED).contains(&offset);
        (shortest.map(|(number, _)| number)).or_else(|| spans.clone().rposition(ends_before))
    }

    /// Bytes that are held or on their way.
    fn held(&self) -> u64 {
        let spans = self.runs.iter().map(|run| span(run.iter()));
        spans.map(|span| span.end - span.start).sum()
    }

    /// Forgets the run of a block that failed, so that who asks again is answered anew.
    pub(super) fn forget(&mut self, failed: &Block) {
        let is_other = |block: &Block| !Arc::ptr_eq(&block.fetch, &failed.fetch);
        self.runs.retain(|run| run.iter().all(is_other));
    }
}

/// The bytes of blocks that stand one behind the other.
fn span<'a>(mut blocks: impl DoubleEndedIterator<Item = &'a Block>) -> Range<u64> {
    let first = blocks.next().map_or(0..0, |block| block.range.clone());
    let end = blocks
        .next_back()
        .map_or(first.end, |block| block.range.end);
    first.start..end
}

#[cfg(test)]
mod tests {
    use super::super::fetch::Promise;
    use super::*;

    const K: u64 = 1 << 10;
    const M: u64 = 1 << 20;

    /// The ranges that are asked for where so many bytes are read at each of these offsets.
    fn asked(ahead: &mut Ahead, reads: impl IntoIterator<Item = u64>, len: u64) -> Vec<Range<u64>> {
        let mut asked = Vec::new();
        for offset in reads {
            let ask = |range| {
                asked.push(range);
                Promise::new().1
            };
            let block = ahead.block(offset, len, ask);
            assert!(block.range.contains(&offset));
        }
        asked
    }

    #[test]
    fn a_window_is_asked_for_once() {
        let mut ahead = Ahead::new(100 * M);
        let reads = [50 * M, 50 * M + 10 * K, 50 * M + 100 * K, 50 * M - 20 * K];
        let first = 50 * M - 32 * K..50 * M + 224 * K;
        assert_eq!(asked(&mut ahead, reads, 8), [first]);
        let last = 100 * M - 256 * K..100 * M;
        assert_eq!(
            asked(&mut ahead, [100 * M - 1, 100 * M - 200 * K], 1),
            [last]
        );
    }

    #[test]
    fn who_reads_on_finds_it_there() {
        let mut ahead = Ahead::new(40 * M);
        // A part of the index in the middle, and one at the end.
        asked(&mut ahead, [20 * M, 40 * M - 8], 8);
        let found = asked(&mut ahead, (0..30).map(|i| i * M), M);
        let mut end = 0;
        for range in &found {
            assert_eq!(range.start, end);
            assert!(range.end - range.start <= LARGEST);
            end = range.end;
        }
        // Two blocks ahead, and the index is where it was: nothing behind is given up for it.
        assert_eq!((found.len(), end), (8, 40 * M));
        assert_eq!(
            asked(&mut ahead, [40 * M - 8, 20 * M, 25 * M, 28 * M], 8),
            []
        );
    }

    #[test]
    fn nothing_is_asked_for_twice_where_parts_of_the_index_lie_within() {
        let mut ahead = Ahead::new(1_000 * M);
        asked(&mut ahead, (1..20).map(|i| i * 48 * M + 106 * K), 30 * K);
        // Records of which the front is read first, by threads that are up to 16 of them apart.
        let record = |i: u64| [i * 188 * K, i * 188 * K + 4 * K, i * 188 * K + 187 * K];
        let records = (0..5_000).map(|i| if i % 2 == 0 { i } else { i + 15 });
        let found = asked(&mut ahead, records.flat_map(record), 4 * K);
        let bytes: u64 = found.iter().map(|range| range.end - range.start).sum();
        assert!(bytes < 1_020 * M, "{} MB", bytes / M);
    }

    #[test]
    fn memory_is_bounded() {
        let mut ahead = Ahead::new(10_000 * M);
        for place in 0..8 {
            asked(&mut ahead, (0..60).map(|i| place * 1_000 * M + i * M), M);
            assert!(ahead.held() <= HELD + 40 * M);
        }
    }
}
