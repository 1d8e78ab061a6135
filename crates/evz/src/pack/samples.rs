//! The samples of a pack.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use evz_core::{Error, Memory, Place, Result};
use evz_file::Reader;

use super::order::check_order;
use super::rows::{Row, of_table};
use super::{SAMPLES, Sample};

/// The samples of a pack, by number and by name. Cheap to open; the table is read a batch at a time, as
/// it is asked for. Cheap to clone, and clones share what was read.
#[derive(Clone)]
pub struct Samples {
    inner: Arc<Inner>,
}

struct Inner {
    reader: Reader,
    /// Place of the table among the side streams of the file.
    position: usize,
    len: usize,
    /// The batches that were read, each at the number of its first row.
    batches: Mutex<BTreeMap<u64, Batch>>,
    numbers: OnceLock<HashMap<String, usize>>,
    classes: OnceLock<Vec<String>>,
}

/// A batch of the table that was read, and the memory that it takes.
struct Batch {
    rows: Arc<Vec<Row>>,
    _memory: Memory,
}

impl Samples {
    /// Those of a file; none if it is no pack.
    pub fn of(reader: &Reader) -> Option<Self> {
        let side = reader.side_streams();
        let position = side.iter().position(|side| side.name == SAMPLES)?;
        let len = usize::try_from(side[position].span.n_rows).ok()?;
        Some(Self {
            inner: Arc::new(Inner {
                reader: reader.clone(),
                position,
                len,
                batches: Mutex::default(),
                numbers: OnceLock::new(),
                classes: OnceLock::new(),
            }),
        })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.inner.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.inner.len == 0
    }

    /// The pack that they are in.
    pub fn reader(&self) -> &Reader {
        &self.inner.reader
    }

    /// A sample by its number, from 0 on.
    ///
    /// # Errors
    /// If there are fewer, or the table is damaged.
    pub fn get(&self, number: usize) -> Result<Sample> {
        if number >= self.len() {
            let (file, len) = (self.reader().name(), self.len());
            let what = format!("{file}: there is no sample {number}; there are {len}, from 0 on");
            return Err(Error::invalid(what));
        }
        let (first, rows) = self.batch(number as u64)?;
        let at = (number as u64 - first) as usize;
        Ok(Sample::new(self.reader(), number, rows, at))
    }

    /// The number of a sample by its name.
    ///
    /// # Errors
    /// If none is called so, or the table is damaged.
    pub fn number(&self, name: &str) -> Result<usize> {
        let numbers = match self.inner.numbers.get() {
            Some(numbers) => numbers,
            None => {
                let names = self.rows(|row| row.name.clone())?.into_iter();
                let numbers = names.enumerate().map(|(number, name)| (name, number));
                self.inner.numbers.get_or_init(|| numbers.collect())
            }
        };
        numbers.get(name).copied().ok_or_else(|| {
            let file = self.reader().name();
            let known = self
                .get(0)
                .map(|first| format!("; the first is {:?}", first.name()));
            let known = known.unwrap_or_default();
            Error::invalid(format!("{file}: no sample is called {name:?}{known}"))
        })
    }

    /// The number of a sample that is told in words: its number, or its name.
    ///
    /// # Errors
    /// As [`Samples::number`], and if the number is that of no sample.
    pub fn number_told(&self, told: &str) -> Result<usize> {
        match told.parse() {
            Ok(number) => self.get(number).map(|sample| sample.number()),
            Err(_) => self.number(told),
        }
    }

    /// The names of all, in their order.
    ///
    /// # Errors
    /// If the table is damaged.
    pub fn names(&self) -> Result<Vec<String>> {
        self.rows(|row| row.name.clone())
    }

    /// The labels of all, in their order; those of samples without one are empty.
    ///
    /// # Errors
    /// If the table is damaged.
    pub fn labels(&self) -> Result<Vec<String>> {
        self.rows(|row| row.label.clone())
    }

    /// The labels that there are, each once and in order; a class has its number here.
    ///
    /// # Errors
    /// If the table is damaged.
    pub fn classes(&self) -> Result<&[String]> {
        if let Some(classes) = self.inner.classes.get() {
            return Ok(classes);
        }
        let labels: BTreeSet<String> = self.labels()?.into_iter().collect();
        let classes = labels.into_iter().filter(|label| !label.is_empty());
        Ok(self.inner.classes.get_or_init(|| classes.collect()))
    }

    pub(super) fn rows<T>(&self, of: impl Fn(&Row) -> T) -> Result<Vec<T>> {
        // The number of rows is what the index claims until all of them were read.
        let mut all = Vec::new();
        while all.len() < self.len() {
            let (first, rows) = self.batch(all.len() as u64)?;
            all.extend(rows[(all.len() as u64 - first) as usize..].iter().map(&of));
        }
        Ok(all)
    }

    /// The rows of the batch that holds a row, and the number of the first of them.
    fn batch(&self, row: u64) -> Result<(u64, Arc<Vec<Row>>)> {
        let kept = || (self.inner.batches.lock()).unwrap_or_else(PoisonError::into_inner);
        if let Some((first, Batch { rows, .. })) = kept().range(..=row).next_back()
            && row - first < rows.len() as u64
        {
            return Ok((*first, rows.clone()));
        }
        let reader = self.reader();
        let (first, table) = reader.side_rows_at(self.inner.position, row)?;
        let takes = (table.len() * size_of::<Row>() + table.bytes()) as u64;
        let memory = Memory::take(takes, "the table of samples", Place::file(reader.name()))?;
        let rows = of_table(table, first).map_err(|e| e.within(reader.name()))?;
        let rows = Arc::new(rows);
        let mut kept = kept();
        let before = kept.range(..first).next_back();
        let before = before.filter(|(at, batch)| *at + batch.rows.len() as u64 == first);
        let before = before.and_then(|(_, batch)| batch.rows.last());
        let behind = kept.get(&first.saturating_add(rows.len() as u64));
        let behind = behind.and_then(|batch| batch.rows.first());
        let number = first - u64::from(before.is_some());
        let all = before.into_iter().chain(rows.iter()).chain(behind);
        check_order(all, number).map_err(|e| e.within(reader.name()))?;
        let batch = Batch {
            rows: rows.clone(),
            _memory: memory,
        };
        kept.insert(first, batch);
        Ok((first, rows))
    }
}
