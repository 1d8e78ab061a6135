//! Many windows at once, one behind the other in the same columns.

use evz::file::Found;
use evz::parallel::{try_each, try_map};
use evz::{EventBatch, Result, Selection};

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::columns::{Read, fill};

/// Windows of time in ticks, or of event numbers.
#[derive(Clone, Copy)]
pub(crate) struct Windows<'a> {
    pub(crate) starts: &'a [i64],
    pub(crate) ends: &'a [i64],
    pub(crate) by_number: bool,
}

/// Starts, ends, and whether these are event numbers.
pub(crate) type Bounds<'py> = (PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, i64>, bool);

impl<'a> Windows<'a> {
    pub(crate) fn of((starts, ends, by_number): &'a Bounds<'_>) -> PyResult<Self> {
        Ok(Self {
            starts: starts.as_slice()?,
            ends: ends.as_slice()?,
            by_number: *by_number,
        })
    }

    /// Where each begins and ends.
    pub(crate) fn bounds(self) -> impl Iterator<Item = (i64, i64)> {
        let bounds = self.starts.iter().zip(self.ends);
        bounds.map(|(start, end)| (*start, *end.max(start)))
    }

    /// What of a selection lies in each window.
    pub(crate) fn selections(self, selection: &Selection) -> Vec<Selection> {
        let of_window = |(start, end): (i64, i64)| {
            let selection = selection.clone();
            match self.by_number {
                true => selection.with_events(start.max(0) as u64..end.max(0) as u64),
                false => selection.with_time(start..end),
            }
        };
        self.bounds().map(of_window).collect()
    }
}

/// Reads windows of a file; returns where each begins and the last one ends, too.
pub(crate) fn read(
    file: &evz::Reader,
    windows: Windows<'_>,
    selection: &Selection,
) -> Result<(Read, Vec<i64>)> {
    // Each would hold a chunk or two: to get memory for those took three times as long as to read them
    // again.
    let find = |selection: &Selection| -> evz::Result<Found> {
        Ok(file.find(selection)?.without_chunks())
    };
    let found: Vec<Found> = try_map(&windows.selections(selection), find)?;
    let counts: Option<Vec<usize>> = found.iter().map(Found::n_events).collect();
    let further = &file.info().columns;
    let columns = selection.columns;
    if let Some(counts) = counts {
        let mut read = Read::new(counts.iter().sum(), columns, further)?;
        let jobs = found.into_iter().zip(read.parts(&counts));
        try_each(jobs.collect(), |(found, (columns, extra))| {
            found.read_into(columns, extra)
        })?;
        return Ok((read, offsets(counts)));
    }
    let batches = try_map(&found, |found| {
        let mut batch = EventBatch::default();
        found.read(&mut batch).map(|()| batch)
    })?;
    let counts: Vec<usize> = batches.iter().map(EventBatch::len).collect();
    let mut read = Read::new(counts.iter().sum(), columns, further)?;
    for ((columns, extra), batch) in read.parts(&counts).into_iter().zip(&batches) {
        fill(columns, extra, batch);
    }
    Ok((read, offsets(counts)))
}

/// Where each begins, and where the last one ends.
fn offsets(counts: Vec<usize>) -> Vec<i64> {
    let mut end = 0;
    let ends = counts.into_iter().map(|n| {
        end += n as i64;
        end
    });
    std::iter::once(0).chain(ends).collect()
}
