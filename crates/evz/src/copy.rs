//! From a source to a sink, with all that a recording has.

use std::collections::BTreeMap;

use evz_core::{
    EventBatch, EventSink, EventSource, ExtraColumn, Loss, LossKind, Metadata, Progress, Report,
    Result,
};

/// What was copied, and what there is to say of it.
#[derive(Debug)]
#[must_use = "it says what was lost"]
pub struct Copied {
    /// Number of events.
    pub events: u64,
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
    mut sink: Box<dyn EventSink>,
    mut passed: impl FnMut(usize, Option<Progress>),
) -> Result<Copied> {
    let keeps_columns = sink.keeps_columns();
    let mut batch = EventBatch::default();
    let mut left_out = BTreeMap::<String, u64>::new();
    let mut events = 0;
    loop {
        let n = source.read_batch(&mut batch)?;
        let tables = source.take_side_rows();
        let ended = n == 0 && tables.is_empty();
        for rows in tables {
            let (stream, n_rows) = (rows.stream.clone(), rows.len() as u64);
            if n_rows > 0 && !sink.write_side(rows)? {
                *left_out.entry(stream).or_default() += n_rows;
            }
        }
        if ended {
            break;
        }
        if n > 0 {
            sink.write_batch(batch.as_slice())?;
            events += n as u64;
        }
        passed(n, source.progress());
    }
    let mut report = source.report();
    let whole = source.is_whole() && !report.has_losses();
    let closing = closing(source, whole);
    report.merge(sink.finish(&closing)?);
    if !keeps_columns && events > 0 {
        report
            .losses
            .extend(columns_left_out(&source.info().columns));
    }
    if !left_out.is_empty() {
        report.add_loss(side_streams_left_out(left_out));
    }
    Ok(Copied {
        events,
        report,
        closing,
    })
}

/// What is written behind the events. If not all of them are there in their order, they do not go
/// back to the text that they came from.
fn closing(source: &dyn EventSource, whole: bool) -> Metadata {
    let at_end = source.closing_metadata();
    #[cfg(feature = "text")]
    let at_end = {
        let taken = evz_text::whole::take(&mut source.info().metadata.clone());
        evz_text::whole::closing(taken, at_end, whole)
    };
    let _ = whole;
    at_end
}

fn columns_left_out(columns: &[ExtraColumn]) -> Option<Loss> {
    let what = match columns.len() {
        1 => "further column of the events that the output has no place for",
        _ => "further columns of the events that the output has no place for",
    };
    let loss = Loss::new(LossKind::Columns, what, columns.len() as u64);
    let names = columns.iter().map(|column| column.name.clone());
    (!columns.is_empty()).then(|| loss.with_examples(names))
}

fn side_streams_left_out(streams: BTreeMap<String, u64>) -> Loss {
    let count = streams.len() as u64;
    let examples = streams.into_iter().map(|(name, rows)| match rows {
        1 => format!("{name}: 1 row"),
        rows => format!("{name}: {rows} rows"),
    });
    let what = "side streams that the output has no place for";
    Loss::new(LossKind::SideStreams, what, count).with_examples(examples)
}
