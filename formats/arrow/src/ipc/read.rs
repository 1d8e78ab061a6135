//! A stream or a file as the rows of a table. A file is read as the stream that it holds, so that a
//! pipe will do, and so that a file without its end still gives the batches before the cut.

use std::io::Read;

use arrow_ipc::root_as_footer;
use evz_core::{Error, Progress, Result};

use super::message::{End, Message, Messages};
use super::{Schema, batch, schema};
use crate::columns::Roles;
use crate::rows::{Column, Lost, Pairs, Rows, Run, Table};

/// What a file starts and ends with.
pub(crate) const FILE_MAGIC: &[u8; 6] = b"ARROW1";

/// A stream, and where its batches start.
pub(crate) struct IpcRows<R> {
    messages: Messages<R>,
    schema: Schema,
    place: String,
    /// Whether a footer has to follow the stream.
    is_file: bool,
    /// Bytes of the file, where they are known.
    total: Option<u64>,
    wanted: Roles,
    row: u64,
    ended: bool,
    closing: Pairs,
    note: Option<String>,
}

impl<R: Read + Send> IpcRows<R> {
    /// Reads up to the schema.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn open(
        mut reader: R,
        place: &str,
        is_file: bool,
        total: Option<u64>,
    ) -> Result<Self> {
        let (at, first) = if is_file {
            skip_magic(&mut reader).map_err(|e| Error::io(place, "cannot read it", e))?
        } else {
            (0, Vec::new())
        };
        let mut schema_messages = Messages::new(first.as_slice().chain(&mut reader), place, at);
        let message = schema_messages.next()?.map_err(|_| {
            Error::insufficient(
                place,
                "it ends before its schema: nothing of it can be read",
            )
        })?;
        let at = schema_messages.at;
        let schema = Schema::of(&message.head()?).map_err(|e| e.within(place))?;
        Ok(Self {
            messages: Messages::new(reader, place, at),
            schema,
            place: place.to_owned(),
            is_file,
            total,
            wanted: [0; 4],
            row: 0,
            ended: false,
            closing: Pairs::new(),
            note: None,
        })
    }

    fn run(&mut self, message: Message) -> Result<Option<Run>> {
        let batch =
            batch(&self.schema, &self.wanted, message).map_err(|e| e.within(&self.place))?;
        Ok(batch.map(|batch| {
            let first_row = self.row;
            self.row += batch.num_rows() as u64;
            let columns = std::array::from_fn(|i| batch.column(i).clone());
            Run { first_row, columns }
        }))
    }

    /// What is to be said of how the stream ended.
    fn end(&mut self, end: End) -> Option<Lost> {
        self.ended = true;
        let at = self.messages.at;
        if end == End::Marked && self.is_file {
            let rest = self.messages.rest();
            match footer_pairs(&rest) {
                Some(pairs) => self.closing = pairs,
                None => {
                    self.note = Some(format!(
                        "the footer behind byte {at} is cut off or damaged; the batches before it are whole"
                    ));
                }
            }
        }
        if end == End::Marked {
            return None;
        }
        if !self.is_file {
            self.note = Some(format!(
                "the stream ends at byte {at} without the mark of its end: it may be cut off between two batches"
            ));
            return None;
        }
        Some(Lost {
            what: "ends of files, and what batches stood there".to_owned(),
            count: 1,
            error: Error::insufficient(
                format!("{}: byte {at}", self.place),
                "the file is cut off: the mark of its end and its footer are missing",
            ),
        })
    }
}

impl<R: Read + Send + 'static> Table for IpcRows<R> {
    fn format(&self) -> &'static str {
        "arrow"
    }

    fn columns(&self) -> Vec<Column> {
        let column = |c: &schema::Column| Column {
            name: c.name.clone(),
            data_type: c.data_type.clone(),
        };
        self.schema.columns.iter().map(column).collect()
    }

    fn pairs(&self) -> &Pairs {
        &self.schema.metadata
    }

    fn into_rows(mut self: Box<Self>, roles: Roles) -> Box<dyn Rows> {
        self.wanted = roles;
        self
    }
}

impl<R: Read + Send> Rows for IpcRows<R> {
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

    fn closing_pairs(&self) -> Pairs {
        self.closing.clone()
    }

    fn note(&self) -> Option<String> {
        self.note.clone()
    }
}

/// Reads the magic of a file and what pads it, to a multiple of eight bytes or more; returns where
/// the first message starts, and as much of it as was read.
fn skip_magic(reader: &mut impl Read) -> std::io::Result<(u64, Vec<u8>)> {
    /// No writer pads to more than a cache line or two.
    const MAX_PADDING: u64 = 512;
    let mut at = 0;
    loop {
        let mut word = Vec::new();
        reader.take(8).read_to_end(&mut word)?;
        let is_padding = if at == 0 {
            word.starts_with(FILE_MAGIC)
        } else {
            word == [0; 8]
        };
        if !is_padding || at >= MAX_PADDING {
            return Ok((at, word));
        }
        at += 8;
    }
}

/// The metadata of the footer, which stands before its length and the magic.
fn footer_pairs(rest: &[u8]) -> Option<Pairs> {
    let (rest, len) = rest.strip_suffix(FILE_MAGIC)?.split_last_chunk::<4>()?;
    let len = usize::try_from(i32::from_le_bytes(*len)).ok()?;
    let footer = root_as_footer(rest.get(rest.len().checked_sub(len)?..)?).ok()?;
    let pairs = footer.custom_metadata();
    Some(pairs.iter().flatten().filter_map(schema::pair).collect())
}
