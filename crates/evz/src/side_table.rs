//! One side stream that is read instead of the events.

use std::ops::Range;

use evz_core::{
    Clock, Error, EventBatch, EventSource, Next, Question, Report, Result, SideParts, SideRows,
    StreamInfo, TimeBase,
};

use crate::origin::Move;
use crate::shifted::shift;
use crate::side_times::change_times;

/// The rows of a side stream, a part at a time, and what the recording has to say of its reading.
pub struct SideTable {
    name: String,
    time_base: TimeBase,
    clock: Clock,
    rows: Rows,
    /// Whether a part was given: an empty table still says its columns.
    any: bool,
}

/// What a side table gave.
#[derive(Debug)]
#[must_use = "it says what was lost"]
pub enum NextRows {
    /// Rows.
    Rows(SideRows),
    /// The end, with what the reading of the recording met.
    End(Report),
}

enum Rows {
    /// With what the index says of the recording as a whole.
    Parts(SideParts, Option<Move>, Report),
    Source(Box<OfSource>),
}

impl SideTable {
    pub(crate) fn of_parts(
        name: &str,
        info: &StreamInfo,
        parts: SideParts,
        moved: Option<Move>,
        report: Report,
    ) -> Self {
        Self {
            name: name.to_owned(),
            time_base: info.time_base,
            clock: moved.map_or(info.clock, |moved| moved.clock),
            rows: Rows::Parts(parts, moved, report),
            any: false,
        }
    }

    pub(crate) fn of_source(
        name: &str,
        time: Option<Range<i64>>,
        source: Box<dyn EventSource>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            time_base: source.info().time_base,
            clock: source.info().clock,
            rows: Rows::Source(Box::new(OfSource {
                source,
                events: EventBatch::default(),
                time,
            })),
            any: false,
        }
    }

    /// What the stream is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a tick of its times is worth.
    pub fn time_base(&self) -> TimeBase {
        self.time_base
    }

    /// What clock its times are of.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The next rows, or the end and what the reading of the recording met. The first part may have no
    /// rows, and says the columns.
    ///
    /// # Errors
    /// If the recording is damaged.
    pub fn next_rows(&mut self) -> Result<NextRows> {
        loop {
            let next = match &mut self.rows {
                Rows::Parts(parts, moved, report) => match parts.next().transpose()? {
                    None => NextRows::End(report.clone()),
                    Some(mut rows) => {
                        if let Some(moved) = moved {
                            let stream = rows.stream.clone();
                            change_times(&mut rows, |times| shift(times, moved.ticks, &stream))?;
                        }
                        NextRows::Rows(rows)
                    }
                },
                Rows::Source(source) => source.next(&self.name)?,
            };
            match next {
                NextRows::Rows(rows) if rows.is_empty() && self.any => {}
                next => {
                    self.any = true;
                    return Ok(next);
                }
            }
        }
    }
}

/// The error for a stream that is not there.
pub(crate) fn missing(
    recording: &str,
    name: &str,
    there: impl IntoIterator<Item = String>,
) -> Error {
    let there: Vec<String> = there.into_iter().collect();
    let what = match there.as_slice() {
        [] => format!("{recording}: no side stream {name:?}; there is none"),
        _ => format!("{recording}: no side stream {name:?}"),
    };
    let error = Error::invalid(what);
    match there.is_empty() {
        true => error,
        false => error.settled_by(Question::Stream, there),
    }
}

/// The rows of one side stream of a source, whose events are read past.
struct OfSource {
    source: Box<dyn EventSource>,
    events: EventBatch,
    time: Option<Range<i64>>,
}

impl OfSource {
    fn next(&mut self, name: &str) -> Result<NextRows> {
        loop {
            match self.source.read_batch(&mut self.events)? {
                Next::Rows(mut rows) if rows.stream == name => {
                    if let Some(time) = &self.time {
                        rows.retain(|t| evz_core::window_holds(time, t));
                    }
                    return Ok(NextRows::Rows(rows));
                }
                Next::End(report) => return Ok(NextRows::End(report)),
                _ => {}
            }
        }
    }
}
