//! A Parquet file as the rows of a table, one row group after the other.

use std::fmt::Display;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use arrow_schema::{DataType, Field};
use evz_core::{Error, Progress, Result, columns::Roles};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetStatisticsPolicy;

use crate::fence::fenced;
use crate::ipc;
use crate::rows::{Column, Lost, Pairs, Rows, Run, Table};

/// What a file starts and ends with.
pub(crate) const MAGIC: &[u8; 4] = b"PAR1";

/// Rows that are decoded at a time.
const ROWS: usize = 1 << 16;

/// Where writers keep the Arrow schema of the table.
const ARROW_SCHEMA: &str = "ARROW:schema";

/// A Parquet file and its footer.
pub(crate) struct ParquetTable {
    file: File,
    place: String,
    metadata: ArrowReaderMetadata,
    pairs: Pairs,
}

impl ParquetTable {
    /// Reads the footer.
    ///
    /// # Errors
    /// If there is none, or it makes no sense.
    pub(crate) fn open(mut file: File, place: &str) -> Result<Self> {
        check_ends(&mut file, place)?;
        // The Arrow schema in the metadata is looked at here: the crate panics at one that is
        // damaged. Statistics are not needed to read all rows.
        let options = ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll);
        let metadata = flat(fenced(|| ArrowReaderMetadata::load(&file, options)))
            .map_err(|e| Error::corrupt(place, format!("its footer cannot be read ({e})")))?;
        let pairs = metadata.metadata().file_metadata().key_value_metadata();
        let pairs = pairs
            .into_iter()
            .flatten()
            .filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)))
            .collect();
        Ok(Self {
            file,
            place: place.to_owned(),
            metadata,
            pairs,
        })
    }
}

impl Table for ParquetTable {
    fn format(&self) -> &'static str {
        "parquet"
    }

    fn columns(&self) -> Vec<Column> {
        let arrow = self.pairs.get(ARROW_SCHEMA);
        let arrow = arrow.and_then(|encoded| ipc::of_parquet(encoded));
        let refined = |index: usize, field: &Field| {
            let column = arrow.as_ref()?.columns.get(index)?;
            let refined = column.data_type.as_ref().ok()?;
            // Parquet knows no durations and no seconds: they are plain numbers in it.
            let fits = column.name == *field.name()
                && *field.data_type() == DataType::Int64
                && matches!(refined, DataType::Duration(_) | DataType::Timestamp(..));
            fits.then(|| refined.clone())
        };
        let fields = self.metadata.schema().fields();
        fields
            .iter()
            .enumerate()
            .map(|(index, field)| Column {
                name: field.name().clone(),
                data_type: Ok(refined(index, field).unwrap_or_else(|| field.data_type().clone())),
            })
            .collect()
    }

    fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    fn into_rows(self: Box<Self>, roles: Roles) -> Box<dyn Rows> {
        let file_metadata = self.metadata.metadata().file_metadata();
        let mask = ProjectionMask::roots(file_metadata.schema_descr(), roles);
        // The columns come in the order of the file.
        let rank = roles.map(|role| roles.iter().filter(|other| **other < role).count());
        let groups = self.metadata.metadata().row_groups();
        let total = groups
            .iter()
            .map(|g| rows_of(g.num_rows()))
            .fold(0, u64::saturating_add);
        Box::new(ParquetRows {
            table: *self,
            mask,
            rank,
            group: None,
            next_group: 0,
            row: 0,
            total,
        })
    }
}

struct ParquetRows {
    table: ParquetTable,
    mask: ProjectionMask,
    /// For each role, which of the columns read it is.
    rank: [usize; 4],
    group: Option<Group>,
    next_group: usize,
    /// The number of the next row.
    row: u64,
    total: u64,
}

/// A row group that is being read.
struct Group {
    reader: ParquetRecordBatchReader,
    number: usize,
    /// The number of the first row behind it.
    end: u64,
}

impl ParquetRows {
    /// What is left of a row group that cannot be read on.
    fn lost(&mut self, number: usize, end: u64, why: &str) -> Lost {
        let first = self.row;
        self.row = end.max(first);
        self.group = None;
        let place = format!("{}: row {first} (row group {number})", self.table.place);
        Lost {
            what: "rows that cannot be read".to_owned(),
            count: self.row - first,
            error: Error::corrupt(place, format!("the row group cannot be read on ({why})")),
        }
    }

    fn open_group(&mut self, number: usize) -> Result<Group, Lost> {
        let group = self.table.metadata.metadata().row_group(number);
        let end = self.row.saturating_add(rows_of(group.num_rows()));
        let open = || {
            let file = self.table.file.try_clone()?;
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.table.metadata.clone())
                .with_row_groups(vec![number])
                .with_projection(self.mask.clone())
                .with_batch_size(ROWS)
                .build()
        };
        match flat(fenced(open)) {
            Ok(reader) => Ok(Group {
                reader,
                number,
                end,
            }),
            Err(e) => Err(self.lost(number, end, &e)),
        }
    }
}

impl Rows for ParquetRows {
    fn next(&mut self) -> Option<Result<Run, Lost>> {
        loop {
            let Some(group) = &mut self.group else {
                if self.next_group == self.table.metadata.metadata().num_row_groups() {
                    return None;
                }
                let number = self.next_group;
                self.next_group += 1;
                match self.open_group(number) {
                    Ok(group) => self.group = Some(group),
                    Err(lost) => return Some(Err(lost)),
                }
                continue;
            };
            let (number, end) = (group.number, group.end);
            return Some(match fenced(|| group.reader.next()).transpose().map(flat) {
                Some(Ok(batch)) => {
                    let first_row = self.row;
                    self.row += batch.num_rows() as u64;
                    let columns = self.rank.map(|i| batch.column(i).clone());
                    Ok(Run { first_row, columns })
                }
                Some(Err(e)) => Err(self.lost(number, end, &e)),
                None if self.row < end => Err(self.lost(number, end, "it ends too early")),
                None => {
                    self.group = None;
                    continue;
                }
            });
        }
    }

    fn progress(&self) -> Progress {
        Progress {
            done: self.row,
            total: Some(self.total),
        }
    }
}

/// What the library says went wrong, on one line.
fn flat<T, E: Display>(result: Result<Result<T, E>, String>) -> Result<T, String> {
    let result = result.and_then(|inner| inner.map_err(|e| e.to_string()));
    result.map_err(|e| e.lines().collect::<Vec<_>>().join(" "))
}

/// Rows that a footer claims.
fn rows_of(claimed: i64) -> u64 {
    u64::try_from(claimed).unwrap_or(0)
}

/// Refuses a file that does not end as Parquet does.
fn check_ends(file: &mut File, place: &str) -> Result<()> {
    let mut ends = || -> std::io::Result<_> {
        let mut start = [0; 4];
        let mut end = [0; 4];
        file.seek(SeekFrom::Start(0))?;
        file.read_exact(&mut start)?;
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut end)?;
        Ok((start, end))
    };
    match ends() {
        Ok((_, end)) if end == *b"PARE" => Err(Error::unsupported(
            place,
            "its footer is encrypted; write it again without encryption",
        )),
        Ok((start, end)) if start == *MAGIC && end == *MAGIC => Ok(()),
        Ok((start, _)) if start == *MAGIC => Err(Error::insufficient(
            place,
            "it is cut off: it does not end in PAR1, and only the footer before that says where its \
             rows are; copy it again from where it came from",
        )),
        Ok(_) => Err(Error::unsupported(
            place,
            "it is no Parquet file: it does not start with PAR1",
        )),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Err(Error::insufficient(
            place,
            "it is too short to be a Parquet file",
        )),
        Err(e) => Err(Error::io(place, "cannot read it", e)),
    }
}
