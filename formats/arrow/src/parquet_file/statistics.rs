//! Row groups whose times are all outside those that are wanted, by the statistics in the footer.

use std::ops::Range;

use arrow_array::{Array, ArrayRef};
use evz_core::last_tick;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;

use super::read::ParquetTable;
use crate::fence::fenced;
use crate::rows::Bounds;

/// Row groups that are gone over; by default none.
#[derive(Default)]
pub(super) struct Passed(Vec<bool>);

impl Passed {
    /// Whether this one is.
    pub(super) fn has(&self, group: usize) -> bool {
        self.0.get(group).copied().unwrap_or(false)
    }

    /// How many are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().filter(|passed| **passed).count()
    }

    /// Those of a table in which `column` has no time in this range, or, for people, why the statistics
    /// are not gone by. What they say is compared with the times of all row groups that are to be read
    /// and of the nearest ones on both sides that are not: in a table in order all others lie behind these,
    /// whatever is said of them.
    pub(super) fn of(
        table: &ParquetTable,
        column: usize,
        time: &Range<i64>,
        bounds: &Bounds<'_>,
    ) -> Result<Self, String> {
        let said = said(table, column, bounds)?;
        let last = last_tick(time);
        let is_after = |min: i64| last.is_none_or(|last| min > last);
        let outside = |(min, max): &(i64, i64)| *max < time.start || is_after(*min);
        let passed = said.iter().map(|said| said.as_ref().is_some_and(outside));
        let passed: Vec<bool> = passed.collect();
        let known = || {
            said.iter()
                .enumerate()
                .filter_map(|(i, s)| Some((i, (*s)?)))
        };
        let pairs = || known().zip(known().skip(1));
        if !pairs().all(|((_, (a, b)), (_, (c, d)))| a <= c && b <= d) {
            return Ok(Self::default());
        }
        let before = known().filter(|(_, (_, max))| *max < time.start);
        let after = known().filter(|(_, (min, _))| is_after(*min));
        let before = before.max_by_key(|(_, (_, max))| *max);
        let after = after.min_by_key(|(_, (min, _))| *min);
        let read = known().filter(|(i, _)| !passed[*i]);
        let compared: Vec<_> = read.chain(before).chain(after).collect();
        // Times are about half of the bytes: looking at them first would cost more than is won.
        if compared.len() >= 2 * passed.iter().filter(|passed| **passed).count() {
            return Ok(Self::default());
        }
        for (group, said) in compared {
            let wrong = |what: &str| {
                format!(
                    "the statistics of its times are not gone by, and all row groups are read: those \
                     of row group {group} {what}"
                )
            };
            let values = table.values(column, group);
            let values = values.map_err(|why| wrong(&format!("cannot be compared ({why})")))?;
            let found = values.iter().map(bounds).reduce(|a, b| {
                let ((a, b), (c, d)) = (a?, b?);
                Some((a.min(c), b.max(d)))
            });
            if found.flatten() != Some(said) {
                return Err(wrong("are not those of its times"));
            }
        }
        Ok(Self(passed))
    }
}

/// What the statistics say of the times of each row group, where they say it exactly.
fn said(
    table: &ParquetTable,
    column: usize,
    bounds: &Bounds<'_>,
) -> Result<Vec<Option<(i64, i64)>>, String> {
    let metadata = table.with_statistics(column)?;
    let groups = metadata.metadata().row_groups();
    let leaf = table.leaf(column)?;
    let field = metadata.schema().fields().get(column);
    let name = field.ok_or("there is no such column")?.name();
    let values = || {
        let parquet = metadata.metadata().file_metadata().schema_descr();
        let of = StatisticsConverter::try_new(name, metadata.schema(), parquet)?;
        Ok((of.row_group_mins(groups)?, of.row_group_maxes(groups)?))
    };
    let values: Result<(ArrayRef, ArrayRef), parquet::errors::ParquetError> = fenced(values)?;
    let (mins, maxes) = values.map_err(|e| e.to_string())?;
    let said = groups.iter().enumerate().map(|(i, group)| {
        let said = group.column(leaf).statistics()?;
        let exact = said.min_is_exact() && said.max_is_exact() && !said.is_min_max_deprecated();
        // A row without a time is an error, which is not left out.
        if !exact || said.null_count_opt() != Some(0) || mins.len().min(maxes.len()) <= i {
            return None;
        }
        let ((min, _), (_, max)) = (bounds(&mins.slice(i, 1))?, bounds(&maxes.slice(i, 1))?);
        Some((min, max))
    });
    Ok(said.collect())
}
