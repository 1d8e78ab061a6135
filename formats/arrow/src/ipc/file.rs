//! A file as the rows of a table: its footer says where each record batch is. What stands between
//! them is looked at too: a batch that the footer leaves out, or has twice, is not gone over in silence.

use std::collections::{HashSet, VecDeque};
use std::io::{Read, Seek, SeekFrom};

use arrow_ipc::root_as_footer;
use evz_core::{
    AtReader, Error, ErrorKind, Input, LossKind, Place, Progress, ReadAt, Result, read_range,
};
use evz_table::ipc::{MAX_HEAD, Messages, Schema, batch};

use super::columns;
use super::magic::FILE_MAGIC;
use super::stream::StreamRows;
use super::unlisted::between;
use crate::rows::{Column, Lost, Pairs, Rows, Run, Table};

/// The magic at the end, and before it the length of the footer.
const TAIL: usize = FILE_MAGIC.len() + 4;

/// A file with its footer.
struct FileRows {
    file: AtReader,
    schema: Schema,
    /// Where the messages of the batches start, in the order of the footer.
    batches: Vec<u64>,
    /// Where a message or the footer starts, in the order of the file.
    starts: Vec<u64>,
    footer_at: u64,
    /// What is to be said before the next batch.
    lost: VecDeque<Lost>,
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
    if let Some((at, footer)) = footer(bytes.as_ref()).map_err(|e| e.within(name.as_str()))?
        && let Some(table) = FileRows::open(AtReader::new(bytes.clone()), at, &footer, &name)?
    {
        return Ok(Box::new(table));
    }
    let input = Input::from_read_at(bytes, name)?;
    Ok(Box::new(StreamRows::open_in_file(input)?))
}

/// Where the footer starts, and its bytes, if the file ends as it should.
fn footer(bytes: &dyn ReadAt) -> Result<Option<(u64, Vec<u8>)>> {
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
    at.map(|at| Ok((at, read_range(bytes, at, tail_at - at)?)))
        .transpose()
}

impl FileRows {
    /// None if what should be the footer is none.
    fn open(file: AtReader, footer_at: u64, footer: &[u8], name: &str) -> Result<Option<Self>> {
        let Ok(footer) = root_as_footer(footer) else {
            return Ok(None);
        };
        let Some(schema) = Schema::of_footer(&footer).map_err(|e| e.within(name))? else {
            return Ok(None);
        };
        // A place before the file is one behind its end.
        let at = |block: &arrow_ipc::Block| u64::try_from(block.offset()).unwrap_or(u64::MAX);
        let listed: Vec<u64> = footer.recordBatches().iter().flatten().map(at).collect();
        let dictionaries: Vec<u64> = footer.dictionaries().iter().flatten().map(at).collect();
        let mut starts = [listed.as_slice(), &dictionaries].concat();
        starts.push(footer_at);
        starts.sort_unstable();
        starts.dedup();
        let mut seen = HashSet::new();
        let (batches, again): (Vec<u64>, Vec<u64>) =
            listed.into_iter().partition(|at| seen.insert(*at));
        let mut rows = Self {
            file,
            schema,
            batches,
            starts,
            footer_at,
            lost: VecDeque::new(),
            place: Place::file(name),
            wanted: Vec::new(),
            next: 0,
            row: 0,
        };
        if let Some(first) = again.first() {
            let what = "the footer lists the record batch that starts here more than once; the file is damaged";
            rows.lose(
                "record batches listed again",
                again.len() as u64,
                *first,
                what,
            );
        }
        rows.look_between(0, rows.starts[0], true)?;
        for at in dictionaries.into_iter().filter(|at| !seen.contains(at)) {
            if let Some(next) = rows.next_start(at) {
                rows.look_between(at, next, false)?;
            }
        }
        Ok(Some(rows))
    }

    /// The batch that starts at a byte, which may not reach into what starts next.
    fn read(&mut self, at: u64) -> Result<Run> {
        let place = self.place.clone().with_byte(at);
        let sought = self.file.seek(SeekFrom::Start(at));
        sought.map_err(|e| Error::io(&place, "cannot read there", e))?;
        let missing = || {
            let what = "the footer says that a record batch starts here, and none does; the file is damaged";
            Error::corrupt(&place, what)
        };
        let next = self.next_start(at);
        let reader = (&mut self.file).take(next.unwrap_or(u64::MAX) - at);
        let mut messages = Messages::new(reader, &self.place, at);
        let message = messages.read().map_err(|e| match next {
            Some(next) if e.kind() == ErrorKind::InsufficientData => {
                let what = format!(
                    "the record batch that starts here reaches beyond byte {next}, where the footer begins or says that another does; the file is damaged"
                );
                Error::corrupt(&place, what)
            }
            _ => e,
        });
        let message = message?.map_err(|_| missing())?;
        let end = messages.at();
        let batch = batch(&self.schema, &self.wanted, message);
        let batch = batch
            .map_err(|e| e.within(&self.place))?
            .ok_or_else(missing)?;
        self.look_between(end, next.unwrap_or(end), false)?;
        Ok(Run::of_batch(&batch, &mut self.row))
    }

    /// Where the next message or the footer starts behind a byte.
    fn next_start(&self, at: u64) -> Option<u64> {
        let next = self.starts.partition_point(|start| *start <= at);
        self.starts.get(next).copied()
    }

    /// Keeps in mind what stands from byte `at` to another that the footer does not list.
    fn look_between(&mut self, at: u64, end: u64, in_front: bool) -> Result<()> {
        let end = end.min(self.footer_at);
        let found = between(&mut self.file, at, end, in_front);
        let found = found
            .map_err(|e| Error::io(self.place.clone().with_byte(at), "cannot read there", e))?;
        if let Some(first) = found.first {
            let what =
                "a record batch starts here that the footer does not list; the file is damaged";
            self.lose(
                "record batches that are not listed",
                found.batches,
                first,
                what,
            );
        }
        if let Some(bytes) = found.bytes {
            let what = "neither a message nor padding stands here, and the footer does not list it; the file is damaged";
            self.lose("stretches between record batches", 1, bytes, what);
        }
        Ok(())
    }

    fn lose(&mut self, lost: &str, count: u64, at: u64, why: &str) {
        self.lost.push_back(Lost {
            kind: LossKind::Damaged,
            what: lost.to_owned(),
            count,
            error: Error::corrupt(self.place.clone().with_byte(at), why),
        });
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
        if let Some(lost) = self.lost.pop_front() {
            return Some(Err(lost));
        }
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
