//! From an `.evz` file to another one, with chunks copied as they are.

use evz_core::{CreateOptions, Error, EventIndex, EventSink, Output, Progress, Result, Selection};
use evz_file::{EvzSink, WriteOptions};

use crate::copy::{Copied, closing};
use crate::recording::Recording;

/// Whether chunks of a recording can be copied into an `.evz` file that is written so: those of an `.evz`
/// file, of a part by time or event numbers, if they are of the profile that was asked for or none was.
///
/// # Errors
/// If the index is damaged.
pub fn can_cut(
    recording: &Recording,
    selection: &Selection,
    how_written: &CreateOptions,
) -> Result<bool> {
    let Some(reader) = recording.evz_reader() else {
        return Ok(false);
    };
    let as_asked = match &how_written.profile {
        None => true,
        Some(profile) => reader.profiles()? == [profile.clone()],
    };
    Ok(as_asked && EvzSink::can_copy(reader, selection))
}

/// Copies what [`can_cut`] finds can be copied into an `.evz` file, as [`copy_with`](crate::copy_with)
/// does: the same events, side streams and metadata. Only chunks that the selection cuts are decoded.
///
/// # Errors
/// If a chunk that is needed is damaged or the output cannot be written; the output is not whole then.
pub fn cut_with(
    recording: &Recording,
    selection: &Selection,
    out: Output,
    mut passed: impl FnMut(usize, Option<Progress>),
) -> Result<Copied> {
    let Some(reader) = recording.evz_reader() else {
        let what = format!("{}: no .evz file, so it has no chunks", recording.name());
        return Err(Error::invalid(what));
    };
    let info = recording.info_for_copy();
    let mut sink = EvzSink::create(out, &info, WriteOptions::new())?;
    let (mut events, total) = (0, Some(reader.n_events()));
    let beside = sink.copy(reader, selection, |n, done| {
        events += n as u64;
        passed(n, Some(Progress { done, total }));
    })?;
    let mut report = sink.report(reader, selection);
    let source = EventIndex::source(reader, selection);
    let closing = closing(&*source, source.is_whole() && !report.has_losses());
    // That sums up events, which are all there.
    report.losses.extend(reader.lost_activity());
    let sink: Box<dyn EventSink> = Box::new(sink);
    report.merge(sink.finish(&closing)?);
    Ok(Copied {
        events,
        beside,
        report,
        closing,
    })
}
