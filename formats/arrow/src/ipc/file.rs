//! A file as the rows of a table: its footer says where each record batch is. What stands before
//! the first one is left alone, for not every writer repeats the schema there.

use std::io::{Seek, SeekFrom};

use arrow_ipc::root_as_footer;
use evz_core::{AtReader, Error, Input, LossKind, Place, Progress, ReadAt, Result, read_range};
use evz_table::ipc::{MAX_HEAD, Messages, Schema, batch};

use super::columns;
use super::magic::FILE_MAGIC;
use super::stream::StreamRows;
use crate::rows::{Column, Lost, Pairs, Rows, Run, Table};

/// The magic at the end, and before it the length of the footer.
const TAIL: usize = FILE_MAGIC.len() + 4;

/// A file with its footer.
struct FileRows {
    file: AtReader,
    schema: Schema,
    /// Where the messages of the batches start.
    batches: Vec<u64>,
    place: Place,
    wanted: Vec<usize>,
    /// The number of the next batch and of the next row.
    next: usize,
    row: u64,
}

/// The table of a file; if its footer is missing, of the stream that it starts with.
///
/// # Errors
/// If it has neither footer nor schema.
pub(crate) fn open_file(input: Input) -> Result<Box<dyn Table>> {
    let name = input.name().to_owned();
    let bytes = input.into_read_at()?;
    if let Some(footer) = footer(bytes.as_ref()).map_err(|e| e.within(name.as_str()))?
        && let Some(table) = FileRows::open(AtReader::new(bytes.clone()), &footer, &name)?
    {
        return Ok(Box::new(table));
    }
    let input = Input::from_read_at(bytes, name)?;
    Ok(Box::new(StreamRows::open_in_file(input)?))
}

/// The bytes of the footer, if the file ends as it should.
fn footer(bytes: &dyn ReadAt) -> Result<Option<Vec<u8>>> {
    let Some(tail_at) = bytes.len().checked_sub(TAIL as u64) else {
        return Ok(None);
    };
    let tail = read_range(bytes, tail_at, TAIL as u64)?;
    let len = tail
        .split_first_chunk::<4>()
        .filter(|(_, magic)| magic == FILE_MAGIC);
    let len = len.and_then(|(len, _)| usize::try_from(i32::from_le_bytes(*len)).ok());
    let at = len
        .filter(|len| *len <= MAX_HEAD)
        .and_then(|len| tail_at.checked_sub(len as u64));
    at.map(|at| read_range(bytes, at, tail_at - at)).transpose()
}

impl FileRows {
    /// None if what should be the footer is none.
    fn open(file: AtReader, footer: &[u8], name: &str) -> Result<Option<Self>> {
        let Ok(footer) = root_as_footer(footer) else {
            return Ok(None);
        };
        let Some(schema) = Schema::of_footer(&footer).map_err(|e| e.within(name))? else {
            return Ok(None);
        };
        let blocks = footer.recordBatches();
        // A place before the file is one behind its end.
        let at = |block: &arrow_ipc::Block| u64::try_from(block.offset()).unwrap_or(u64::MAX);
        Ok(Some(Self {
            file,
            schema,
            batches: blocks.iter().flatten().map(at).collect(),
            place: Place::file(name),
            wanted: Vec::new(),
            next: 0,
            row: 0,
        }))
    }

    fn read(&mut self, at: u64) -> Result<Run> {
        let place = self.place.clone().with_byte(at);
        let sought = self.file.seek(SeekFrom::Start(at));
        sought.map_err(|e| Error::io(&place, "cannot read there", e))?;
        let missing = || {
            let what = "the footer says that a record batch starts here, and none does; the file is damaged";
            Error::corrupt(&place, what)
        };
        let message = Messages::new(&mut self.file, &self.place, at).read()?;
        let batch = batch(&self.schema, &self.wanted, message.map_err(|_| missing())?);
        let batch = batch
            .map_err(|e| e.within(&self.place))?
            .ok_or_else(missing)?;
        Ok(Run::of_batch(&batch, &mut self.row))
    }
}

impl Table for FileRows {
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

impl Rows for FileRows {
    fn next(&mut self) -> Option<Result<Run, Lost>> {
        let at = *self.batches.get(self.next)?;
        self.next += 1;
        Some(self.read(at).map_err(|error| Lost {
            kind: LossKind::Damaged,
            what: "record batches that cannot be read".to_owned(),
            count: 1,
            error,
        }))
    }

    fn progress(&self) -> Progress {
        Progress {
            done: self.next as u64,
            total: Some(self.batches.len() as u64),
        }
    }
}
