//! A stream as the rows of a table, one message after the other: also a file whose end is missing.

use std::io::Read;

use evz_core::{Error, Progress, Result, columns::Roles};

use super::message::{End, Message, Messages};
use super::{Schema, batch};
use crate::rows::{Column, Lost, Pairs, Rows, Run, Table};

/// A stream, and where it stands.
pub(crate) struct StreamRows<R> {
    messages: Messages<R>,
    schema: Schema,
    place: String,
    /// Whether the stream is what is left of a file.
    of_file: bool,
    /// Bytes of the file, where they are known.
    total: Option<u64>,
    wanted: Roles,
    row: u64,
    ended: bool,
    note: Option<String>,
}

impl<R: Read + Send> StreamRows<R> {
    /// Reads the schema, which starts at byte `at` of the file.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn open(
        reader: R,
        at: u64,
        place: &str,
        of_file: bool,
        total: Option<u64>,
    ) -> Result<Self> {
        let mut messages = Messages::new(reader, place, at);
        let message = messages.next()?.map_err(|_| {
            Error::insufficient(
                place,
                "it ends before its schema: nothing of it can be read",
            )
        })?;
        let schema = Schema::of_message(&message.head()?).map_err(|e| e.within(place))?;
        Ok(Self {
            messages,
            schema,
            place: place.to_owned(),
            of_file,
            total,
            wanted: [0; 4],
            row: 0,
            ended: false,
            note: None,
        })
    }

    fn run(&mut self, message: Message) -> Result<Option<Run>> {
        let batch = batch(&self.schema, &self.wanted, message);
        let batch = batch.map_err(|e| e.within(&self.place))?;
        Ok(batch.map(|batch| Run::of_batch(&batch, &mut self.row)))
    }

    /// What is to be said of how the stream ended.
    fn end(&mut self, end: End) -> Option<Lost> {
        self.ended = true;
        let at = self.messages.at;
        match (end, self.of_file) {
            (End::Marked, false) => None,
            (End::Marked, true) => {
                self.note = Some(format!(
                    "the footer behind byte {at} is cut off or damaged; the batches before it are whole"
                ));
                None
            }
            (End::Bare, false) => {
                self.note = Some(format!(
                    "the stream ends at byte {at} without the mark of its end: it may be cut off between two batches"
                ));
                None
            }
            (End::Bare, true) => Some(Lost {
                what: "ends of files, and what batches stood there".to_owned(),
                count: 1,
                error: Error::insufficient(
                    format!("{}: byte {at}", self.place),
                    "the file is cut off: the mark of its end and its footer are missing",
                ),
            }),
        }
    }
}

impl<R: Read + Send + 'static> Table for StreamRows<R> {
    fn format(&self) -> &'static str {
        "arrow"
    }

    fn columns(&self) -> Vec<Column> {
        self.schema.columns()
    }

    fn pairs(&self) -> &Pairs {
        &self.schema.metadata
    }

    fn into_rows(mut self: Box<Self>, roles: Roles) -> Box<dyn Rows> {
        self.wanted = roles;
        self
    }
}

impl<R: Read + Send> Rows for StreamRows<R> {
    fn next(&mut self) -> Option<Result<Run, Lost>> {
        while !self.ended {
            let run = match self.messages.next() {
                Ok(Ok(message)) => self.run(message),
                Ok(Err(end)) => return self.end(end).map(Err),
                Err(error) => Err(error),
            };
            match run {
                Ok(Some(run)) => return Some(Ok(run)),
                Ok(None) => {}
                Err(error) => {
                    // Where the next message starts is not known any more.
                    self.ended = true;
                    return Some(Err(Lost {
                        what: "record batches, and whatever follows them".to_owned(),
                        count: 1,
                        error,
                    }));
                }
            }
        }
        None
    }

    fn progress(&self) -> Progress {
        Progress {
            done: self.messages.at,
            total: self.total,
        }
    }

    fn note(&self) -> Option<String> {
        self.note.clone()
    }
}
