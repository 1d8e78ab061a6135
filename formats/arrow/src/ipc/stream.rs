//! A stream as the rows of a table, one message after the other: also a file whose end is missing.

use std::io::{self, Cursor, Read};

use evz_core::{
    BytesRead, Error, ErrorKind, Input, InputReader, LossKind, Place, Progress, Result, read_error,
};
use evz_table::ipc::{End, Message, Messages, Schema, batch};

use super::columns;
use super::magic::skip_magic;
use super::unlisted::{behind_file, behind_stream};
use crate::rows::{Column, Lost, Pairs, Rows, Run, Table};

/// A stream, and where it stands.
pub(crate) struct StreamRows {
    messages: Messages<io::Chain<Cursor<Vec<u8>>, InputReader>>,
    schema: Schema,
    place: Place,
    /// Whether the stream is what is left of a file.
    of_file: bool,
    read: BytesRead,
    wanted: Vec<usize>,
    row: u64,
    ended: bool,
    note: Option<String>,
}

impl StreamRows {
    /// Reads the schema, with which a stream starts.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn open(input: Input) -> Result<Self> {
        Self::after(input, false)
    }

    /// The same for the stream in a file, behind its magic.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn open_in_file(input: Input) -> Result<Self> {
        Self::after(input, true)
    }

    fn after(input: Input, of_file: bool) -> Result<Self> {
        let place = Place::file(input.name());
        let read = input.read_so_far();
        let mut reader = input.into_reader();
        let (at, start) = match of_file {
            true => skip_magic(&mut reader).map_err(|e| read_error(&place, e))?,
            false => (0, Vec::new()),
        };
        let mut messages = Messages::new(Cursor::new(start).chain(reader), &place, at);
        let message = messages.read()?.map_err(|_| {
            Error::insufficient(
                &place,
                "it ends before its schema: nothing of it can be read",
            )
        })?;
        let schema = Schema::of_message(&message.head()?).map_err(|e| e.within(&place))?;
        Ok(Self {
            messages,
            schema,
            place,
            of_file,
            read,
            wanted: Vec::new(),
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

    /// That more follows.
    fn behind(&self, at: u64) -> Error {
        let what = "it has ended before this byte by its own mark, and more follows";
        let error = Error::corrupt(self.place.clone().with_byte(at), what);
        error.advise("if several were put into one file, take them apart at such places")
    }

    /// What is to be said of how the stream ended.
    fn end(&mut self, end: End) -> Option<Lost> {
        self.ended = true;
        let at = self.messages.at();
        match (end, self.of_file) {
            (End::Marked, of_file) => {
                let reader = self.messages.reader();
                let more = match of_file {
                    true => behind_file(reader, at),
                    false => behind_stream(reader, at),
                };
                let more = match more.map_err(|e| read_error(&self.place, e)) {
                    Ok(more) => more.map(|at| self.behind(at)),
                    Err(error) => Some(error),
                };
                if of_file && more.is_none() {
                    self.note = Some(format!(
                        "the footer behind byte {at} is cut off or damaged; the batches before it are whole"
                    ));
                }
                more.map(|error| Lost {
                    kind: LossKind::Other,
                    what: "stretches behind its end that are not read".to_owned(),
                    count: 1,
                    error,
                })
            }
            (End::Bare, false) => {
                self.note = Some(format!(
                    "the stream ends at byte {at} without the mark of its end: it may be cut off between two batches"
                ));
                None
            }
            (End::Bare, true) => Some(Lost {
                kind: LossKind::CutOff,
                what: "ends of files, and what batches stood there".to_owned(),
                count: 1,
                error: Error::insufficient(
                    self.place.clone().with_byte(at),
                    "the file is cut off: the mark of its end and its footer are missing",
                ),
            }),
        }
    }
}

impl Table for StreamRows {
    fn format(&self) -> &'static str {
        "arrow"
    }

    fn columns(&self) -> Vec<Column> {
        columns(&self.schema)
    }

    fn pairs(&self) -> &Pairs {
        &self.schema.metadata
    }

    fn into_rows(mut self: Box<Self>, wanted: &[usize]) -> Box<dyn Rows> {
        self.wanted = wanted.to_vec();
        self
    }
}

impl Rows for StreamRows {
    fn next(&mut self) -> Option<Result<Run, Lost>> {
        while !self.ended {
            let run = match self.messages.read() {
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
                        kind: match error.kind() {
                            ErrorKind::InsufficientData => LossKind::CutOff,
                            _ => LossKind::Damaged,
                        },
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
        self.read.progress()
    }

    fn note(&self) -> Option<String> {
        self.note.clone()
    }
}
