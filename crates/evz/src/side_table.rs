//! One side stream that is read instead of the events.

use std::collections::VecDeque;
use std::ops::Range;

use evz_core::{
    Clock, Error, EventBatch, EventSource, Question, Report, Result, SideParts, SideRows,
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

enum Rows {
    Parts(SideParts, Option<Move>),
    Source(Box<OfSource>),
}

impl SideTable {
    pub(crate) fn of_parts(
        name: &str,
        info: &StreamInfo,
        parts: SideParts,
        moved: Option<Move>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            time_base: info.time_base,
            clock: moved.map_or(info.clock, |moved| moved.clock),
            rows: Rows::Parts(parts, moved),
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
                ready: VecDeque::new(),
                name: name.to_owned(),
                time,
                ended: false,
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

    /// The next rows; none at the end. The first part may have no rows, and says the columns.
    ///
    /// # Errors
    /// If the recording is damaged.
    pub fn next_rows(&mut self) -> Result<Option<SideRows>> {
        loop {
            let rows = match &mut self.rows {
                Rows::Parts(parts, moved) => {
                    let mut rows = parts.next().transpose()?;
                    if let (Some(rows), Some(moved)) = (&mut rows, moved) {
                        let stream = rows.stream.clone();
                        change_times(rows, |times| shift(times, moved.ticks, &stream))?;
                    }
                    rows
                }
                Rows::Source(source) => source.next()?,
            };
            match rows {
                Some(rows) if rows.is_empty() && self.any => {}
                rows => {
                    self.any = true;
                    return Ok(rows);
                }
            }
        }
    }

    /// What the reading of the recording met: complete once [`SideTable::next_rows`] has ended.
    pub fn report(&self) -> Report {
        match &self.rows {
            Rows::Parts(..) => Report::default(),
            Rows::Source(source) => source.source.report(),
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
    ready: VecDeque<SideRows>,
    name: String,
    time: Option<Range<i64>>,
    ended: bool,
}

impl OfSource {
    fn next(&mut self) -> Result<Option<SideRows>> {
        while self.ready.is_empty() && !self.ended {
            self.read()?;
        }
        Ok(self.ready.pop_front())
    }

    fn read(&mut self) -> Result<()> {
        let n = self.source.read_batch(&mut self.events)?;
        let tables = self.source.take_side_rows();
        self.ended = n == 0 && tables.is_empty();
        for mut rows in tables {
            if rows.stream == self.name {
                if let Some(time) = &self.time {
                    rows.retain(|t| time.contains(&t));
                }
                self.ready.push_back(rows);
            }
        }
        Ok(())
    }
}
