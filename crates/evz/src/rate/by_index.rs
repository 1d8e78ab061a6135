//! Counts of events by the chunks of an index.

use evz_core::{EventBatch, Progress, Result, Selection, parallel};
use evz_file::{ListedChunk, Reader};

use super::bins::{Bins, Run};
use crate::recording::Recording;

/// Chunks that are counted side by side before the next are listed.
const CHUNKS_AT_ONCE: usize = 64;

/// The reader of a recording whose chunks cost little to look at one by one. What is elsewhere is read
/// from front to back, in few requests.
pub(super) fn reader(recording: &Recording) -> Option<Reader> {
    let reader = recording.evz_reader();
    #[cfg(feature = "files")]
    let reader = reader.or_else(|| recording.index_reader());
    reader.filter(|reader| reader.is_near()).cloned()
}

/// Counts the selected events.
pub(super) fn count(
    reader: &Reader,
    selection: &Selection,
    bins: &mut Bins,
    watch: &mut impl FnMut(usize, Option<Progress>),
) -> Result<()> {
    let mut listed = reader.listed(selection);
    let (mut done, total) = (0, Some(reader.n_events()));
    loop {
        let chunks = listed.by_ref().take(CHUNKS_AT_ONCE);
        let chunks = chunks.collect::<Result<Vec<_>>>()?;
        if chunks.is_empty() {
            return Ok(());
        }
        let counted = parallel::try_map(&chunks, |chunk| runs_of(chunk, selection, bins))?;
        let runs = counted.into_iter().flatten();
        runs.for_each(|run| bins.add(run));
        let n: usize = chunks.iter().map(|chunk| chunk.range().len()).sum();
        done += n as u64;
        watch(n, Some(Progress { done, total }));
    }
}

fn runs_of(chunk: &ListedChunk, selection: &Selection, bins: &Bins) -> Result<Vec<Run>> {
    let (t_min, t_max) = (chunk.entry().t_min, chunk.entry().t_max);
    let whole = chunk.is_all() && selection.roi.is_none() && selection.polarity.is_none();
    if whole && bins.in_one(t_min, t_max) {
        let head = chunk.head()?;
        let (on, off) = (head.n_on, head.n_events - head.n_on);
        return Ok(vec![Run {
            t_min,
            t_max,
            on,
            off,
        }]);
    }
    let mut batch = EventBatch::default();
    chunk.read_events(selection, &mut batch)?;
    Ok(bins.runs(&batch.t, &batch.p))
}
