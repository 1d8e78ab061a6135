//! Bytes that are read in several places at once, for the `parquet` crate.

use std::io::{BufReader, ErrorKind, Read};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use evz_core::{Error, Memory, Place, ReadAt, read_error};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};

use super::page_header::PageHeader;
use super::thrift::Unread;

/// Bytes of the header of a page: what is read at first, and at most. Statistics can be long.
const HEADER_LEN: u64 = 512;
const MAX_HEADER_LEN: u64 = 1 << 20;

/// Ranges of bytes, as `parquet` asks for them. A page of a row group is looked at before it is unpacked:
/// it takes memory that its header claims, and the file need not have bytes for that.
#[derive(Clone)]
pub(crate) struct SharedBytes {
    bytes: Arc<dyn ReadAt>,
    pages: Arc<Pages>,
}

/// The pages of a row group that are in memory, one a column.
#[derive(Default)]
struct Pages {
    columns: Mutex<Vec<Column>>,
    refused: Mutex<Option<Error>>,
    /// Whether pages are read with their header, as where their places are known.
    whole: bool,
}

struct Column {
    name: String,
    at: Range<u64>,
    /// Where the rows of the page start whose header was looked at last.
    rows_at: Option<u64>,
    page: Option<Memory>,
}

impl SharedBytes {
    /// Those of a file.
    pub(super) fn new(bytes: Arc<dyn ReadAt>) -> Self {
        let pages = Arc::default();
        Self { bytes, pages }
    }

    /// The bytes of the file.
    pub(super) fn all(&self) -> &dyn ReadAt {
        self.bytes.as_ref()
    }

    /// The same to read a row group, whose pages are looked at. `whole` says that their places are known.
    ///
    /// # Errors
    /// If bytes are of two columns, so that it is not known which one is read.
    pub(super) fn of_group(&self, group: &RowGroupMetaData, whole: bool) -> Result<Self, String> {
        let column = |chunk: &ColumnChunkMetaData| {
            // The crate's own function panics at what a damaged footer says.
            let first = chunk
                .dictionary_page_offset()
                .unwrap_or(chunk.data_page_offset());
            let start = u64::try_from(first).unwrap_or(0);
            let len = u64::try_from(chunk.compressed_size()).unwrap_or(0);
            Column {
                name: chunk.column_path().string(),
                at: start..start.saturating_add(len),
                rows_at: None,
                page: None,
            }
        };
        let mut columns: Vec<Column> = group.columns().iter().map(column).collect();
        columns.sort_by_key(|column| column.at.start);
        if let Some(two) = columns
            .windows(2)
            .find(|two| two[1].at.start < two[0].at.end)
        {
            let (one, other) = (&two[0].name, &two[1].name);
            return Err(format!(
                "columns {one:?} and {other:?} are of the same bytes"
            ));
        }
        let pages = Pages {
            columns: Mutex::new(columns),
            whole,
            ..Pages::default()
        };
        Ok(Self {
            bytes: self.bytes.clone(),
            pages: Arc::new(pages),
        })
    }

    /// Why bytes were not read, if they are not to blame: a page takes more memory than there may be, or the system
    /// did not give them.
    pub(super) fn refused(&self) -> Option<Error> {
        let mut refused = lock(&self.pages.refused);
        refused.take()
    }

    /// Fills `out`; where the system does not give the bytes, that is kept, for the crate makes a text of it.
    fn read_exact_at(&self, at: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.bytes.read_exact_at(at, out).map_err(|error| {
            if error.kind() == ErrorKind::UnexpectedEof {
                return error;
            }
            let text = error.to_string();
            lock(&self.pages.refused).get_or_insert(read_error(Place::byte(at), error));
            std::io::Error::other(text)
        })
    }

    /// Looks at the header of the page that begins here, if that is no place where rows are: the crate asks for
    /// these as for a header, once it had that.
    fn check_page(&self, start: u64) -> Result<()> {
        let mut columns = lock(&self.pages.columns);
        let bad = |why: &str| {
            let what = format!("the header of the page at byte {start} cannot be read: {why}");
            Err(ParquetError::General(what))
        };
        if columns.is_empty() {
            return Ok(());
        }
        let Some(column) = columns.iter_mut().find(|column| column.at.contains(&start)) else {
            return bad("it is of none of the columns");
        };
        if !self.pages.whole && column.rows_at == Some(start) {
            return Ok(());
        }
        let end = column.at.end.min(self.bytes.len());
        let (mut header, mut len) = (Vec::new(), HEADER_LEN);
        let page = loop {
            header.resize(len.min(end.saturating_sub(start)) as usize, 0);
            self.read_exact_at(start, &mut header)?;
            match PageHeader::read(&header) {
                Ok(page) => break page,
                Err(Unread::Bad(why)) => return bad(why),
                Err(Unread::Short) if (header.len() as u64) < len => return bad("it is cut off"),
                Err(Unread::Short) if len >= MAX_HEADER_LEN => return bad("it is too long"),
                Err(Unread::Short) => len *= 8,
            }
        };
        column.rows_at = page.has_rows.then_some(start + page.len as u64);
        column.page = None;
        let what = format!("a page of the column {:?}", column.name);
        match Memory::take(page.unpacked_len, &what, Place::default().with_byte(start)) {
            Ok(memory) => column.page = Some(memory),
            Err(error) => {
                let what = error.to_string();
                *lock(&self.pages.refused) = Some(error);
                return Err(ParquetError::General(what));
            }
        }
        Ok(())
    }
}

impl Length for SharedBytes {
    fn len(&self) -> u64 {
        self.bytes.len()
    }
}

impl ChunkReader for SharedBytes {
    type T = BufReader<From>;

    /// The header of a page is what is read so.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        self.check_page(start)?;
        Ok(BufReader::new(From {
            bytes: self.clone(),
            at: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        // Before there is memory for it.
        if end.is_none_or(|end| end > self.len()) {
            let what = format!("{length} bytes at byte {start} reach behind the end of the file");
            return Err(ParquetError::EOF(what));
        }
        if self.pages.whole {
            self.check_page(start)?;
        }
        let mut bytes = vec![0; length];
        self.read_exact_at(start, &mut bytes)?;
        Ok(bytes.into())
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes from some byte on.
pub(crate) struct From {
    bytes: SharedBytes,
    at: u64,
}

impl Read for From {
    /// Nothing of use is behind the end, and the `parquet` crate, where it skips what a damaged page
    /// header claims, takes an end for success, two billion times.
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let left = self.bytes.len().saturating_sub(self.at);
        if left == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let n = usize::try_from(left).map_or(out.len(), |left| left.min(out.len()));
        self.bytes.read_exact_at(self.at, &mut out[..n])?;
        self.at += n as u64;
        Ok(n)
    }
}
