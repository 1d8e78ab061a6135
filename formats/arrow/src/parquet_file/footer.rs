//! The footer of a file, which says where its rows are.

use evz_core::{Error, Place, ReadAt, Result, read_error};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::{PageIndexPolicy, ParquetStatisticsPolicy, RowGroupMetaData};

use super::claims;
use super::shared_bytes::SharedBytes;
use crate::fence::{fenced, flat};

/// What a file starts and ends with.
pub(crate) const MAGIC: &[u8; 4] = b"PAR1";

/// The same of one whose footer is encrypted.
pub(crate) const ENCRYPTED: &[u8; 4] = b"PARE";

/// Looks at a footer and reads it, and where pages are, if that is wanted.
///
/// # Errors
/// If there is none, or it makes no sense.
pub(super) fn open(
    bytes: &SharedBytes,
    name: &str,
    pages: PageIndexPolicy,
) -> Result<ArrowReaderMetadata> {
    check_ends(bytes.all(), name)?;
    check_claims(bytes.all(), name)?;
    let unread = |e| match bytes.refused() {
        Some(error) => error.within(name),
        None => Error::corrupt(name, format!("its footer cannot be read ({e})")),
    };
    // Statistics are not needed to read all rows.
    let load = |pages| load(bytes, ParquetStatisticsPolicy::SkipAll, pages).map_err(unread);
    let metadata = load(PageIndexPolicy::Skip)?;
    if pages == PageIndexPolicy::Skip {
        return Ok(metadata);
    }
    check_places(bytes.all(), &metadata, name)?;
    load(pages)
}

/// Reads a footer that was looked at, with those statistics of columns.
pub(super) fn load(
    bytes: &SharedBytes,
    statistics: ParquetStatisticsPolicy,
    pages: PageIndexPolicy,
) -> Result<ArrowReaderMetadata, String> {
    // The Arrow schema in the metadata is looked at in another way: the crate panics at one that is
    // damaged.
    let options = ArrowReaderOptions::new()
        .with_skip_arrow_metadata(true)
        .with_offset_index_policy(pages)
        .with_column_stats_policy(statistics)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll);
    flat(fenced(|| ArrowReaderMetadata::load(bytes, options)))
}

fn encrypted(name: &str, what: &str) -> Error {
    Error::unsupported(name, what).advise("write it again without encryption")
}

/// Refuses a footer that claims what it has not.
fn check_claims(bytes: &dyn ReadAt, name: &str) -> Result<()> {
    let mut tail = [0; 8];
    let Some(tail_at) = bytes.len().checked_sub(tail.len() as u64) else {
        return Ok(());
    };
    let failed = |e| read_error(name, e);
    bytes.read_exact_at(tail_at, &mut tail).map_err(failed)?;
    let [a, b, c, d, ..] = tail;
    let len = u32::from_le_bytes([a, b, c, d]);
    let Some(at) = tail_at.checked_sub(len.into()) else {
        // The crate says so.
        return Ok(());
    };
    let mut footer = vec![0; len as usize];
    bytes.read_exact_at(at, &mut footer).map_err(failed)?;
    let has_encrypted = claims::check(&footer).map_err(|unread| {
        let what = format!("its footer cannot be read ({unread})");
        Error::corrupt(Place::file(name).with_byte(at), what)
    })?;
    match has_encrypted {
        true => Err(encrypted(name, "columns of it are encrypted")),
        false => Ok(()),
    }
}

/// The same of what says where the pages of columns are.
fn check_places(bytes: &dyn ReadAt, metadata: &ArrowReaderMetadata, name: &str) -> Result<()> {
    let groups = metadata.metadata().row_groups();
    for column in groups.iter().flat_map(RowGroupMetaData::columns) {
        let place = (column.offset_index_offset(), column.offset_index_length());
        let (Some(at), Some(len)) = place else {
            continue;
        };
        let (at, len) = (u64::try_from(at).ok(), u64::try_from(len).ok());
        let end = at.zip(len).and_then(|(at, len)| at.checked_add(len));
        let (Some(at), Some(end)) = (at, end.filter(|end| *end <= bytes.len())) else {
            // The crate says so.
            return Ok(());
        };
        let mut places = vec![0; (end - at) as usize];
        let read = bytes.read_exact_at(at, &mut places);
        read.map_err(|e| read_error(name, e))?;
        claims::check_places(&places).map_err(|unread| {
            let what = format!("where its pages are cannot be read ({unread})");
            Error::corrupt(Place::file(name).with_byte(at), what)
        })?;
    }
    Ok(())
}

/// Refuses a file that does not end as Parquet does.
fn check_ends(bytes: &dyn ReadAt, name: &str) -> Result<()> {
    let Some(end_at) = bytes.len().checked_sub(MAGIC.len() as u64) else {
        let what = "it is too short to be a Parquet file";
        return Err(Error::insufficient(name, what));
    };
    let four = |at| {
        let mut four = [0; MAGIC.len()];
        let read = bytes.read_exact_at(at, &mut four);
        read.map(|()| four).map_err(|e| read_error(name, e))
    };
    match (four(0)?, four(end_at)?) {
        (_, end) if end == *ENCRYPTED => Err(encrypted(name, "its footer is encrypted")),
        (start, end) if start == *MAGIC && end == *MAGIC => Ok(()),
        (start, _) if start == *MAGIC => Err(Error::insufficient(
            name,
            "it is cut off: it does not end in PAR1, and only the footer before that says where its \
             rows are",
        )
        .advise("copy it again from where it came from")),
        _ => Err(Error::unsupported(
            name,
            "it is no Parquet file: it does not start with PAR1",
        )),
    }
}
