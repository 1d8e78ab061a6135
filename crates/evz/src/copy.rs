//! From a source to a sink, with all that a recording has.

use std::collections::BTreeMap;

use evz_core::{EventSink, EventSource, Metadata, Progress, Report, Result};

use crate::copy_streams::copy_all;

/// What was copied, and what there is to say of it.
#[derive(Debug)]
#[must_use = "it says what was lost"]
pub struct Copied {
    /// Number of events.
    pub events: u64,
    /// Rows of side streams that were written, by the names of these.
    pub beside: BTreeMap<String, u64>,
    /// What was inferred, noticed and lost, by the source and by the sink.
    pub report: Report,
    /// The metadata that was written behind the events.
    pub closing: Metadata,
}

/// Copies everything that a source gives into a sink and makes the output whole: the events with all
/// their columns, the rows of side streams, the metadata that is known only at the end. What the sink has no place for
/// is a loss in the report.
///
/// # Errors
/// If the source cannot be read or the sink cannot be written; the output is not whole then.
pub fn copy(source: &mut dyn EventSource, sink: Box<dyn EventSink>) -> Result<Copied> {
    copy_with(source, sink, |_, _| {})
}

/// The same; after each batch `passed` is told how many events it had and how far the source has
/// come.
///
/// # Errors
/// As [`copy`].
pub fn copy_with(
    source: &mut dyn EventSource,
    sink: Box<dyn EventSink>,
    passed: impl FnMut(usize, Option<Progress>),
) -> Result<Copied> {
    let copied = copy_all(&mut [source], sink, passed)?;
    let mut report = Report::default();
    let (mut events, mut beside, mut closing) = (0, BTreeMap::new(), Metadata::new());
    for one in copied.streams {
        report.merge(one.report);
        (events, beside, closing) = (one.events, one.beside, one.closing);
    }
    report.merge(copied.report);
    Ok(Copied {
        events,
        beside,
        report,
        closing,
    })
}

/// What is written behind the events. If not all of them are there in their order, they do not go
/// back to the text that they came from.
pub(crate) fn closing(source: &dyn EventSource, whole: bool) -> Metadata {
    let at_end = source.closing_metadata();
    #[cfg(feature = "text")]
    let at_end = {
        let taken = take_claims(&mut source.info().metadata.clone());
        evz_text::whole::closing(taken, at_end, whole)
    };
    let _ = whole;
    at_end
}

/// Takes out of metadata what is known to hold only behind the last event.
pub(crate) fn take_claims(metadata: &mut Metadata) -> Metadata {
    #[cfg(feature = "text")]
    return evz_text::whole::take(metadata);
    #[cfg(not(feature = "text"))]
    {
        let _ = metadata;
        Metadata::new()
    }
}
