//! A Parquet file as the rows of a table: row groups are decoded side by side and come in order.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field};
use evz_core::parallel::{self, InOrder};
use evz_core::{Error, LossKind, Place, Progress, ReadAt, Result};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::file::metadata::{PageIndexPolicy, ParquetStatisticsPolicy, RowGroupMetaData};

use super::footer;
use super::shared_bytes::SharedBytes;
use super::statistics::Passed;
use crate::fence::{fenced, flat};
use crate::ipc;
use crate::rows::{Bounds, Column, Lost, Pairs, Rows, Run, Table};
use parquet::errors::ParquetError;

/// Rows that are decoded at a time.
const ROWS: usize = 1 << 16;

/// Columns of that many rows of a row group that are decoded before its turn: eight times t, x, y and
/// p. What is left of longer ones is decoded then.
const COLUMNS_AHEAD: usize = 32;

/// Where writers keep the Arrow schema of the table.
const ARROW_SCHEMA: &str = "ARROW:schema";

/// A Parquet file and its footer.
pub(crate) struct ParquetTable {
    bytes: SharedBytes,
    place: Place,
    metadata: ArrowReaderMetadata,
    pairs: Pairs,
}

impl ParquetTable {
    /// Reads the footer.
    ///
    /// # Errors
    /// If there is none, or it makes no sense.
    pub(crate) fn open(bytes: Arc<dyn ReadAt>, name: &str) -> Result<Self> {
        Self::with_pages(bytes, name, PageIndexPolicy::Skip)
    }

    /// The same with where each page is, for [`ParquetTable::rows`].
    ///
    /// # Errors
    /// As [`ParquetTable::open`].
    pub(super) fn open_pages(bytes: Arc<dyn ReadAt>, name: &str) -> Result<Self> {
        Self::with_pages(bytes, name, PageIndexPolicy::Optional)
    }

    fn with_pages(bytes: Arc<dyn ReadAt>, name: &str, pages: PageIndexPolicy) -> Result<Self> {
        let bytes = SharedBytes::new(bytes);
        let metadata = footer::open(&bytes, name, pages)?;
        let pairs = metadata.metadata().file_metadata().key_value_metadata();
        let pairs = pairs
            .into_iter()
            .flatten()
            .filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)))
            .collect();
        Ok(Self {
            bytes,
            place: Place::file(name),
            metadata,
            pairs,
        })
    }
}

impl ParquetTable {
    /// Whether it is known where the pages of a row group are.
    fn has_pages(&self, group: usize) -> bool {
        let places = self.metadata.metadata().offset_index();
        places.is_some_and(|places| places.get(group).is_some_and(|columns| !columns.is_empty()))
    }

    /// Row groups that there are.
    pub(super) fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// The footer once more, with the statistics of a column.
    pub(super) fn with_statistics(&self, column: usize) -> Result<ArrowReaderMetadata, String> {
        let policy = ParquetStatisticsPolicy::skip_except(&[self.leaf(column)?]);
        footer::load(&self.bytes, policy, PageIndexPolicy::Skip)
    }

    /// The number of the values of a column among those of all, also of columns within columns.
    pub(super) fn leaf(&self, column: usize) -> Result<usize, String> {
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let leaf = (0..schema.num_columns()).find(|i| schema.get_column_root_idx(*i) == column);
        leaf.ok_or_else(|| "there is no such column".to_owned())
    }

    /// Some rows of one row group, the columns as they were asked for.
    pub(super) fn rows(&self, wanted: &[usize], rows: Range<u64>) -> Result<Vec<ArrayRef>> {
        let damaged = |why: String| Error::corrupt("", format!("its rows cannot be read ({why})"));
        let metadata = self.metadata.metadata();
        let groups = metadata.row_groups();
        let (mut first, mut number) = (0, 0);
        while number < groups.len() && first + rows_in(&groups[number..=number]) <= rows.start {
            first += rows_in(&groups[number..=number]);
            number += 1;
        }
        let end = groups
            .get(number)
            .map_or(0, |_| first + rows_in(&groups[number..=number]));
        if rows.is_empty() || rows.end > end {
            let why = "there are no such rows in one row group";
            return Err(damaged(why.to_owned()));
        }
        let (before, n) = (
            (rows.start - first) as usize,
            (rows.end - rows.start) as usize,
        );
        let mask = ProjectionMask::roots(metadata.file_metadata().schema_descr(), wanted.to_vec());
        let selected = vec![RowSelector::skip(before), RowSelector::select(n)];
        let bytes = (self.bytes).of_group(&groups[number], self.has_pages(number));
        let bytes = bytes.map_err(damaged)?;
        let (of_group, metadata) = (bytes.clone(), self.metadata.clone());
        let read = || {
            let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(of_group, metadata)
                .with_row_groups(vec![number])
                .with_projection(mask)
                .with_row_selection(RowSelection::from(selected))
                .with_batch_size(n)
                .build()?;
            reader.next().transpose().map_err(ParquetError::from)
        };
        let read = flat(fenced(read));
        match read.map_err(|why| bytes.refused().unwrap_or_else(|| damaged(why)))? {
            Some(batch) if batch.num_rows() == n => {
                let columns = ranks(wanted).map(|i| batch.column(i).clone());
                Ok(columns.collect())
            }
            _ => Err(damaged("it ends too early".to_owned())),
        }
    }

    /// The values of a column in a row group.
    pub(super) fn values(&self, column: usize, group: usize) -> Result<Vec<ArrayRef>, String> {
        let file_metadata = self.metadata.metadata().file_metadata();
        let mask = ProjectionMask::roots(file_metadata.schema_descr(), [column]);
        let (bytes, metadata) = (self.bytes.clone(), self.metadata.clone());
        let mut group = Group::open(bytes, metadata, mask, group, 0);
        let batches = std::iter::from_fn(|| group.next());
        let values = batches.map(|batch| batch.column(0).clone()).collect();
        group.rest.map(|_| values)
    }
}

impl Table for ParquetTable {
    fn format(&self) -> &'static str {
        "parquet"
    }

    fn columns(&self) -> Vec<Column> {
        let arrow = self.pairs.get(ARROW_SCHEMA);
        let arrow = arrow.and_then(|encoded| ipc::of_parquet(encoded));
        let described = |index: usize, field: &Field| {
            let column = arrow.as_ref()?.columns.get(index)?;
            (column.name == *field.name()).then_some(column)
        };
        let column = |(index, field): (usize, &Arc<Field>)| {
            let described = described(index, field);
            let refined = described.and_then(|column| column.data_type.as_ref().ok());
            // Parquet knows no durations and no seconds: they are plain numbers in it.
            let refined = refined.filter(|refined| {
                *field.data_type() == DataType::Int64
                    && matches!(refined, DataType::Duration(_) | DataType::Timestamp(..))
            });
            Column {
                name: field.name().clone(),
                data_type: Ok(refined.unwrap_or(field.data_type()).clone()),
                pairs: described.map_or_else(Pairs::new, |column| column.metadata.clone()),
            }
        };
        let fields = self.metadata.schema().fields();
        fields.iter().enumerate().map(column).collect()
    }

    fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    fn into_rows(self: Box<Self>, wanted: &[usize]) -> Box<dyn Rows> {
        let file_metadata = self.metadata.metadata().file_metadata();
        let roots = wanted.iter().copied();
        let mask = ProjectionMask::roots(file_metadata.schema_descr(), roots);
        let rank = ranks(wanted).collect();
        let time = wanted.first().copied().unwrap_or(0);
        let groups = self.metadata.metadata().row_groups();
        let total = rows_in(groups);
        Box::new(ParquetRows {
            table: *self,
            mask,
            time,
            rank,
            group: None,
            ahead: InOrder::default(),
            next_group: 0,
            row: 0,
            total,
            passed: Passed::default(),
            note: None,
        })
    }
}

struct ParquetRows {
    table: ParquetTable,
    mask: ProjectionMask,
    /// The column of the times.
    time: usize,
    /// For each column that is wanted, which of the columns read it is.
    rank: Vec<usize>,
    /// The row group whose turn it is, and the number of the first row behind it.
    group: Option<(Group, u64)>,
    ahead: InOrder<Group>,
    /// The first row group that is not decoded yet.
    next_group: usize,
    /// The number of the next row.
    row: u64,
    total: u64,
    /// Row groups that are gone over.
    passed: Passed,
    /// Why none are, where some should be.
    note: Option<String>,
}

/// A row group that is being read.
struct Group {
    number: usize,
    bytes: SharedBytes,
    /// What was decoded before its turn.
    ready: VecDeque<RecordBatch>,
    /// The rest of it; none at its end.
    rest: Result<Option<ParquetRecordBatchReader>, String>,
}

impl Group {
    fn open(
        bytes: SharedBytes,
        metadata: ArrowReaderMetadata,
        mask: ProjectionMask,
        number: usize,
        batches_ahead: usize,
    ) -> Self {
        let of_group = bytes.of_group(metadata.metadata().row_group(number), false);
        let of_group = match of_group {
            Ok(of_group) => of_group,
            Err(why) => {
                return Self {
                    number,
                    bytes,
                    ready: VecDeque::new(),
                    rest: Err(why),
                };
            }
        };
        let bytes = of_group.clone();
        let open = || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(of_group, metadata)
                .with_row_groups(vec![number])
                .with_projection(mask)
                .with_batch_size(ROWS)
                .build()
        };
        let mut group = Self {
            number,
            bytes,
            ready: VecDeque::new(),
            rest: flat(fenced(open)).map(Some),
        };
        while group.ready.len() < batches_ahead
            && let Some(batch) = group.decode()
        {
            group.ready.push_back(batch);
        }
        group
    }

    fn decode(&mut self) -> Option<RecordBatch> {
        let reader = self.rest.as_mut().ok()?.as_mut()?;
        match fenced(|| reader.next()).transpose().map(flat) {
            Some(Ok(batch)) => return Some(batch),
            Some(Err(why)) => self.rest = Err(why),
            None => self.rest = Ok(None),
        }
        None
    }

    fn next(&mut self) -> Option<RecordBatch> {
        self.ready.pop_front().or_else(|| self.decode())
    }
}

impl ParquetRows {
    /// Has row groups decoded before their turn.
    fn decode_ahead(&mut self) {
        let metadata = &self.table.metadata;
        while self.ahead.len() <= parallel::threads()
            && self.next_group < metadata.metadata().num_row_groups()
        {
            if self.passed.has(self.next_group) {
                self.next_group += 1;
                continue;
            }
            let (bytes, metadata) = (self.table.bytes.clone(), metadata.clone());
            let (mask, number) = (self.mask.clone(), self.next_group);
            let batches = (COLUMNS_AHEAD / self.rank.len()).max(1);
            (self.ahead).push(move || Group::open(bytes, metadata, mask, number, batches));
            self.next_group += 1;
        }
    }

    /// What is left of a row group that cannot be read on.
    fn lost(&mut self, group: &Group, end: u64, why: &str) -> Lost {
        let number = group.number;
        let first = self.row;
        self.row = end.max(first);
        let part = format!("row group {number}");
        let place = self.table.place.clone().with_part(part).with_row(first);
        Lost {
            kind: LossKind::Damaged,
            what: "rows that cannot be read".to_owned(),
            count: self.row - first,
            error: match group.bytes.refused() {
                Some(error) => error.within(place),
                None => Error::corrupt(place, format!("the row group cannot be read on ({why})")),
            },
        }
    }
}

impl Rows for ParquetRows {
    fn next(&mut self) -> Option<Result<Run, Lost>> {
        loop {
            self.decode_ahead();
            let Some((mut group, end)) = self.group.take() else {
                let Some(group) = self.ahead.pop() else {
                    self.row = self.total;
                    return None;
                };
                let groups = self.table.metadata.metadata().row_groups();
                let first = rows_in(&groups[..group.number]);
                let end = rows_in(&groups[..=group.number]);
                self.row = self.row.max(first);
                self.group = Some((group, end));
                continue;
            };
            if self.passed.has(group.number) {
                self.row = end;
                continue;
            }
            if let Some(batch) = group.next() {
                let first_row = self.row;
                self.row += batch.num_rows() as u64;
                let columns = self.rank.iter().map(|i| batch.column(*i).clone());
                let columns = columns.collect();
                self.group = Some((group, end));
                return Some(Ok(Run { first_row, columns }));
            }
            match &group.rest {
                Err(why) => return Some(Err(self.lost(&group, end, why))),
                Ok(_) if self.row < end => {
                    return Some(Err(self.lost(&group, end, "it ends too early")));
                }
                Ok(_) => {}
            }
        }
    }

    fn only_within(&mut self, time: &Range<i64>, bounds: &Bounds<'_>) {
        match Passed::of(&self.table, self.time, time, bounds) {
            Ok(passed) => self.passed = passed,
            Err(why) => self.note = Some(why),
        }
    }

    fn left_out(&self) -> Option<String> {
        let (passed, all) = (self.passed.len(), self.table.groups());
        (passed > 0).then(|| {
            format!(
                "by the statistics of its times {} of {all} row groups are read",
                all - passed
            )
        })
    }

    fn note(&self) -> Option<String> {
        self.note.clone()
    }

    fn progress(&self) -> Progress {
        Progress {
            done: self.row,
            total: Some(self.total),
        }
    }
}

/// Which of the columns that are read, which come in the order of the file, each wanted one is.
fn ranks(wanted: &[usize]) -> impl Iterator<Item = usize> {
    let rank = |column: &usize| wanted.iter().filter(|other| *other < column).count();
    wanted.iter().map(rank)
}

/// Rows that a footer claims of these row groups.
fn rows_in(groups: &[RowGroupMetaData]) -> u64 {
    let rows = groups.iter().map(|group| group.num_rows());
    let rows = rows.map(|claimed| u64::try_from(claimed).unwrap_or(0));
    rows.fold(0, u64::saturating_add)
}
