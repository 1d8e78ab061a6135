//! A selection as a stream.

use evz_core::{
    Columns, Error, EventBatch, EventIndex, EventSource, Next, Note, Noticed, Place, Progress,
    Report, Result, Selection, StreamInfo, parallel, parallel::InOrder,
};

use super::pieces::Pieces;
use super::{Reader, SideFeed};

/// A selection as a stream: an iterator of batches, or an [`EventSource`] with the rows of side
/// streams in the selected time beside the events.
pub struct Batches {
    reader: Reader,
    selection: Selection,
    pieces: Pieces,
    ahead: InOrder<Part>,
    /// What ends the stream once the parts ahead are passed on.
    failed: Option<Error>,
    events_passed: u64,
    /// The latest time that was passed on.
    passed: i64,
    /// Events that are given once the rows of their time were.
    held: Option<EventBatch>,
    side: SideFeed,
    only_events: bool,
    noticed: Noticed,
}

/// A part of a selection.
struct Part {
    batch: Result<EventBatch>,
    /// Number of the first of the events that were looked at, and of the one behind the last.
    start: u64,
    end: u64,
    /// Latest time of the chunk.
    t_max: i64,
}

impl Reader {
    /// The selected events as a stream of batches, a chunk or less each, decoded ahead on all cores;
    /// memory is bounded by the chunks in flight.
    pub fn batches(&self, selection: &Selection) -> Batches {
        Batches {
            reader: self.clone(),
            selection: selection.clone(),
            pieces: self.pieces(selection),
            ahead: InOrder::default(),
            failed: None,
            events_passed: 0,
            passed: i64::MIN,
            held: None,
            side: SideFeed::new(self.clone(), selection.time.clone()),
            only_events: false,
            noticed: Noticed::default(),
        }
    }
}

impl Batches {
    /// Has parts decoded while others are passed on.
    fn decode_ahead(&mut self) {
        while self.failed.is_none() && self.ahead.len() < 2 * parallel::threads() {
            let piece = match self.pieces.next() {
                None => return,
                Some(Ok(piece)) => piece,
                Some(Err(error)) => {
                    // What stands behind is not given as if nothing were missing.
                    self.pieces.stop();
                    self.failed = Some(error);
                    return;
                }
            };
            let (reader, selection) = (self.reader.clone(), self.selection.clone());
            self.ahead.push(move || {
                let (entry, range) = (piece.entry(), piece.range());
                Part {
                    batch: reader.decoded(&selection, &piece),
                    start: entry.first_event + range.start as u64,
                    end: entry.first_event + range.end as u64,
                    t_max: entry.t_max,
                }
            });
        }
    }

    /// The next part with events.
    fn next_part(&mut self) -> Option<Result<(EventBatch, u64)>> {
        loop {
            self.decode_ahead();
            let Some(part) = self.ahead.pop() else {
                return self.failed.take().map(Err);
            };
            self.events_passed = part.end;
            match part.batch {
                Ok(batch) if batch.is_empty() => {}
                Ok(batch) => {
                    let latest = batch.t.iter().copied().max().unwrap_or(part.t_max);
                    self.passed = self.passed.max(latest);
                    return Some(Ok((batch, part.start)));
                }
                Err(error) => {
                    self.pieces.stop();
                    self.failed = None;
                    self.ahead = InOrder::default();
                    return Some(Err(error));
                }
            }
        }
    }

    /// Reads the next events, unless there are some that wait for rows.
    fn hold_next(&mut self) -> Result<()> {
        if self.held.is_none()
            && let Some((next, start)) = self.next_part().transpose()?
        {
            let Columns { t, x, y, p, .. } = self.selection.columns;
            if t && x && y && p {
                let noticed = Noticed::of(next.as_slice(), self.info().size);
                self.noticed.add_at(&noticed, start);
            }
            self.held = Some(next);
        }
        Ok(())
    }

    /// Gives the events that were read, or says that there are no more.
    fn give_held(&mut self, batch: &mut EventBatch) -> Next {
        *batch = self.held.take().unwrap_or_default();
        match batch.is_empty() {
            false => Next::Events(batch.len()),
            true => Next::End(self.report()),
        }
    }
}

/// Whether the numbers of selected events follow each other.
fn is_gapless(reader: &Reader, selection: &Selection) -> bool {
    let Selection {
        time,
        roi,
        polarity,
        ..
    } = selection;
    roi.is_none() && polarity.is_none() && (time.is_none() || reader.sorted())
}

/// What is said of what was noticed in selected events.
pub(crate) fn notes_of(reader: &Reader, selection: &Selection, noticed: &Noticed) -> Vec<Note> {
    let place = |number| Place::default().with_event(number);
    let mut notes = noticed.notes(reader.info().size, place);
    // How the events are written is no question here, and the selection may be a line of the sensor.
    notes.retain(|note| !matches!(note, Note::Doubtful { .. }));
    if !is_gapless(reader, selection) {
        for note in &mut notes {
            if let Note::Backwards { first, .. } = note {
                *first = None;
            }
        }
    }
    notes
}

impl Iterator for Batches {
    type Item = Result<EventBatch>;

    fn next(&mut self) -> Option<Result<EventBatch>> {
        Some(self.next_part()?.map(|(batch, _)| batch))
    }
}

impl EventSource for Batches {
    fn info(&self) -> &StreamInfo {
        self.reader.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        self.hold_next()?;
        // Rows of the time of these events come before them, and what stands behind the last event too.
        let until = match &self.held {
            Some(_) => self.passed,
            None => i64::MAX,
        };
        if !self.only_events
            && let Some(rows) = self.side.next_to(until)?
        {
            return Ok(Next::Rows(rows));
        }
        Ok(self.give_held(batch))
    }

    fn only_events(&mut self) {
        self.only_events = true;
    }

    fn rows_unread(&self) -> Vec<(String, Option<u64>)> {
        let streams = match self.only_events {
            true => EventIndex::side_streams(&self.reader).unwrap_or_default(),
            false => Vec::new(),
        };
        let any = streams.into_iter().filter(|(_, rows)| *rows > 0);
        any.map(|(name, rows)| (name, Some(rows))).collect()
    }

    fn side_streams(&self) -> Vec<String> {
        self.side.streams()
    }

    /// What was noticed in the events that were passed on, which a window may have and the whole
    /// recording not, and the other way round.
    fn report(&self) -> Report {
        let mut notes = notes_of(&self.reader, &self.selection, &self.noticed);
        let (unfinished, cut) = self.reader.how_it_ends();
        notes.extend(unfinished);
        notes.extend(self.reader.note_of_stream());
        Report {
            notes,
            losses: (self.side.lost().into_iter()).chain(cut).collect(),
            ..Report::default()
        }
    }

    fn is_whole(&self) -> bool {
        let columns = self.selection.columns;
        self.selection == Selection::default().with_columns(columns)
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress {
            done: self.events_passed,
            total: Some(self.reader.n_events()),
        })
    }
}
