//! A dataset: what it holds, and its values a part at a time.

use std::cell::RefCell;
use std::sync::Arc;

use evz_core::{Error, Place, Result};

use super::apart::Apart;
use super::attribute::{self, Said};
use super::datatype::Type;
use super::index::Index;
use super::layout::Layout;
use super::object::{Message, Object, kind};
use super::pipeline::{self, Filter};
use super::space::Space;
use super::store::Store;
use crate::filter;

/// Bytes of a chunk before the filters, at most, and of what is read at once.
const MAX_CHUNK: u64 = 256 << 20;

/// Bytes of a chunk in the file whose memory is kept for the next one, at most.
const MAX_KEPT: usize = 4 << 20;

/// Rows that are read at a time where there are no chunks, and bytes of them, about.
const ROWS: u64 = 1 << 16;
const BYTES: u64 = 1 << 20;

/// A dataset.
#[derive(Clone)]
pub(crate) struct Dataset {
    pub(crate) path: String,
    /// The address of its header.
    pub(crate) address: u64,
    pub(crate) space: Space,
    pub(crate) of: Type,
    pub(crate) filters: Arc<[Filter]>,
    layout: Layout,
    store: Store,
}

/// A part of a dataset that is still to be read.
pub(crate) struct Part {
    store: Store,
    filters: Arc<[Filter]>,
    address: u64,
    /// Bytes in the file, filters that it did not go through, and bytes before the filters.
    len: u64,
    mask: u32,
    whole: usize,
    /// Its bytes, where they stand in the header.
    here: Option<Vec<u8>>,
}

/// The parts of a dataset one behind the other, each with some of its rows.
pub(crate) struct Parts {
    dataset: Dataset,
    /// Rows of a part.
    pub(crate) rows: u64,
    /// What finds its chunks, and the bytes of one; none without chunks.
    index: Option<(Index, usize)>,
    /// The number of the chunk along each dimension; the first is that of the part.
    chunk: Vec<u64>,
    /// The bytes of the chunks that were found.
    apart: Apart,
}

impl Dataset {
    /// The dataset of an object; none if it is none.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that is not read.
    pub(crate) fn of(store: &Store, object: &Object, path: &str) -> Result<Option<Self>> {
        let found = Self::read(store, object, path);
        found.map_err(|e| e.within(Place::part(format!("dataset {path}"))))
    }

    fn read(store: &Store, object: &Object, path: &str) -> Result<Option<Self>> {
        let first = |kind| object.first(kind);
        let (Some(space), Some(of), Some(layout)) = (
            first(kind::DATASPACE),
            first(kind::DATATYPE),
            first(kind::LAYOUT),
        ) else {
            return Ok(None);
        };
        if first(kind::EXTERNAL_FILES).is_some() {
            let what = "its values stand in other files";
            return Err(Error::unsupported(Place::default(), what).advise("copy it with h5repack"));
        }
        let space = Space::read(&mut space.fields(store))?;
        let filters = match first(kind::FILTERS) {
            Some(message) => pipeline::read(&mut message.fields(store))?,
            None => Vec::new(),
        };
        Ok(Some(Self {
            path: path.to_owned(),
            address: object.address,
            of: type_of(store, of)?,
            layout: Layout::read(&mut layout.fields(store), space.shape.len())?,
            space,
            filters: filters.into(),
            store: store.clone(),
        }))
    }

    /// Its place, for messages.
    pub(crate) fn place(&self) -> Place {
        Place::part(format!("dataset {}", self.path))
    }

    /// Values in a row: in all dimensions but the first.
    fn row_values(&self) -> Option<u64> {
        let sides = self.space.shape.iter().skip(1);
        sides.copied().try_fold(1u64, u64::checked_mul)
    }

    /// Rows: values along the first dimension.
    pub(crate) fn rows(&self) -> u64 {
        self.space.shape.first().copied().unwrap_or(1)
    }

    /// The shape of its chunks, if it has chunks.
    pub(crate) fn chunk(&self) -> Option<&[u64]> {
        match &self.layout {
            Layout::Chunked { chunk, .. } => Some(chunk),
            _ => None,
        }
    }

    /// Whether the last filter is Prophesee's.
    pub(crate) fn is_ecf(&self) -> bool {
        matches!(&self.filters[..], [filter] if filter.id == filter::ECF)
    }

    /// Its parts in the order of rows: of those chunks that have this number along the second
    /// dimension, and 0 along further ones. Without chunks a part has whole rows.
    ///
    /// # Errors
    /// If there is no way to read them.
    pub(crate) fn parts(&self, second: u64) -> Result<Parts> {
        self.parts_or(second).map_err(|e| e.within(self.place()))
    }

    fn parts_or(&self, second: u64) -> Result<Parts> {
        if !self.is_ecf()
            && let Some(unknown) = filter::unknown(&self.filters)
        {
            let what = format!("its chunks went through filter {unknown}, which is not read");
            return Err(Error::unsupported(Place::default(), what)
                .advise("copy it with `h5repack -f GZIP=1` where that filter is installed"));
        }
        let too_large = |what: String| {
            let error = Error::limit(Place::default(), what);
            error.advise("copy it with `h5repack -l CHUNK=65536`")
        };
        let size = self.of.size() as u64;
        if size == 0 {
            return Err(Error::corrupt(Place::default(), "values of no bytes"));
        }
        let mut chunk = vec![0; self.space.shape.len().max(1)];
        if let Some(number) = chunk.get_mut(1) {
            *number = second;
        }
        let (rows, index) = match &self.layout {
            Layout::Chunked {
                chunk: sides,
                index,
                ..
            } => {
                let len = sides.iter().try_fold(size, |n, side| n.checked_mul(*side));
                let Some(len) = len.filter(|len| *len <= MAX_CHUNK) else {
                    return Err(too_large(format!(
                        "a chunk of {sides:?} values of {size} bytes, which is more than {} MiB",
                        MAX_CHUNK >> 20
                    )));
                };
                let index = Index::open(&self.store, *index, &self.space, sides, len)?;
                (sides[0], Some((index, len as usize)))
            }
            _ => {
                let row = self.row_values().and_then(|n| n.checked_mul(size));
                let Some(row) = row.filter(|row| *row <= MAX_CHUNK) else {
                    let mib = MAX_CHUNK >> 20;
                    return Err(too_large(format!("a row of more than {mib} MiB")));
                };
                ((BYTES / row.max(1)).clamp(1, ROWS), None)
            }
        };
        Ok(Parts {
            dataset: self.clone(),
            rows,
            index,
            chunk,
            apart: Apart::default(),
        })
    }

    /// All values, if they are no more than so many bytes.
    ///
    /// # Errors
    /// If they are more, were not all written, or are damaged.
    pub(crate) fn all(&self, most: u64) -> Result<Vec<u8>> {
        let size = self.of.size() as u64;
        let len = self.space.values().and_then(|n| n.checked_mul(size));
        if len.is_none_or(|len| len > most) {
            let what = format!("more than {most} bytes");
            return Err(Error::limit(self.place(), what));
        }
        if self.space.null {
            return Ok(Vec::new());
        }
        let mut parts = self.parts(0)?;
        let (mut out, mut row) = (Vec::new(), 0);
        while row < self.rows() {
            let n = parts.rows.min(self.rows() - row);
            out.append(&mut parts.slab(row / parts.rows, n)?);
            row += n;
        }
        Ok(out)
    }

    /// What a small dataset says; none if it says nothing that is read.
    pub(crate) fn said(&self) -> Option<Said> {
        const MAX_LEN: u64 = 1 << 16;
        let values = self.all(MAX_LEN).ok()?;
        let n = values.len().checked_div(self.of.size())?;
        attribute::said(&self.store, &self.of, &values, n)
    }
}

impl Parts {
    /// Part `number`; none if it was never written.
    ///
    /// # Errors
    /// If what finds it is damaged.
    pub(crate) fn part(&mut self, number: u64) -> Result<Option<Part>> {
        self.chunk[0] = number;
        let place = self.dataset.place();
        self.find().map_err(|e| e.within(place))
    }

    fn find(&mut self) -> Result<Option<Part>> {
        let Dataset {
            store,
            filters,
            space,
            layout,
            ..
        } = &self.dataset;
        let of = |address, len, mask, whole| {
            Ok(Some(Part {
                store: store.clone(),
                filters: filters.clone(),
                address,
                len,
                mask,
                whole,
                here: None,
            }))
        };
        // Of a dataset without chunks: the first byte of the part, and its bytes.
        let row = self.dataset.row_values().unwrap_or(0);
        let row = row.saturating_mul(self.dataset.of.size() as u64);
        let first = self.chunk[0].saturating_mul(self.rows);
        let n = self.dataset.rows().saturating_sub(first).min(self.rows);
        let plain = first.saturating_mul(row)..first.saturating_add(n).saturating_mul(row);
        match (&mut self.index, layout) {
            (
                Some((index, whole)),
                Layout::Chunked {
                    chunk, plain_edges, ..
                },
            ) => {
                let Some(found) = index.find(store, &self.chunk)? else {
                    return Ok(None);
                };
                let end = found.address.saturating_add(found.len);
                if !self.apart.take(&self.chunk, found.address..end) {
                    let what = "the chunk that stands here by the index has bytes of a chunk before it; the file is damaged";
                    return Err(Error::corrupt(Place::byte(store.at(found.address)), what));
                }
                let mut sides = self.chunk.iter().zip(chunk).zip(&space.shape);
                let is_edge =
                    sides.any(|((n, side), all)| n.saturating_add(1).saturating_mul(*side) > *all);
                match *plain_edges && is_edge {
                    true => of(found.address, *whole as u64, u32::MAX, *whole),
                    false => of(found.address, found.len, found.mask, *whole),
                }
            }
            (_, Layout::Contiguous(Some(address))) => {
                let Some(at) = address.checked_add(plain.start) else {
                    return Err(Error::corrupt(
                        Place::default(),
                        "values beyond all addresses",
                    ));
                };
                let len = plain.end - plain.start;
                of(at, len, u32::MAX, len as usize)
            }
            (_, Layout::Compact(values)) => {
                let Some(values) = values.get(plain.start as usize..plain.end as usize) else {
                    let what = "values that are not in the header";
                    return Err(Error::insufficient(Place::default(), what));
                };
                let part = of(0, values.len() as u64, u32::MAX, values.len())?;
                let here = Some(values.to_vec());
                Ok(part.map(|part| Part { here, ..part }))
            }
            _ => Ok(None),
        }
    }

    /// The values of the rows of part `number`, `n` of them, in all columns.
    ///
    /// # Errors
    /// If they are damaged, or were not all written.
    pub(crate) fn slab(&mut self, number: u64, n: u64) -> Result<Vec<u8>> {
        let place = self.dataset.place();
        let never = || Error::insufficient(place.clone(), "values that were never written");
        let Some(sides) = self.dataset.chunk().map(<[u64]>::to_vec) else {
            let part = self.part(number)?.ok_or_else(never)?;
            let mut out = Vec::new();
            part.load(&mut out)?;
            return Ok(out);
        };
        let size = self.dataset.of.size();
        let shape = self.dataset.space.shape.clone();
        let mut wanted = shape.clone();
        wanted[0] = n;
        let len = wanted
            .iter()
            .try_fold(size as u64, |n, side| n.checked_mul(*side));
        let Some(len) = len.filter(|len| *len <= MAX_CHUNK) else {
            let mib = MAX_CHUNK >> 20;
            let what = format!("rows of more than {mib} MiB in a chunk");
            return Err(Error::limit(place, what));
        };
        let (mut out, mut chunk) = (vec![0; len as usize], Vec::new());
        // Every chunk with these rows: its numbers along the other dimensions count up.
        let counts: Vec<u64> = shape
            .iter()
            .zip(&sides)
            .map(|(n, side)| n.div_ceil(*side))
            .collect();
        let mut at = vec![0; sides.len()];
        at[0] = number;
        if wanted.contains(&0) {
            return Ok(out);
        }
        loop {
            self.chunk.copy_from_slice(&at);
            let found = self.find().map_err(|e| e.within(place.clone()))?;
            found.ok_or_else(never)?.load(&mut chunk)?;
            let start: Vec<u64> = at
                .iter()
                .zip(&sides)
                .skip(1)
                .map(|(n, side)| n * side)
                .collect();
            place_chunk(&chunk, &sides, &mut out, &wanted, &start, size);
            let next = (1..at.len()).rev().find(|d| {
                at[*d] += 1;
                let more = at[*d] < counts[*d];
                if !more {
                    at[*d] = 0;
                }
                more
            });
            if next.is_none() {
                return Ok(out);
            }
        }
    }
}

/// Copies a chunk to its place among the rows that are `wanted`; `start` is where it begins along the
/// dimensions behind the first.
fn place_chunk(
    chunk: &[u8],
    sides: &[u64],
    out: &mut [u8],
    wanted: &[u64],
    start: &[u64],
    size: usize,
) {
    let last = sides.len() - 1;
    let here = |d: usize| match d {
        0 => sides[0].min(wanted[0]),
        d => sides[d].min(wanted[d] - start[d - 1]),
    };
    let run = here(last) as usize * size;
    let mut at = vec![0u64; last];
    loop {
        let (mut from, mut to) = (0u64, 0u64);
        for d in 0..=last {
            let n = at.get(d).copied().unwrap_or(0);
            let begin = if d == 0 { 0 } else { start[d - 1] };
            from = from * sides[d] + n;
            to = to * wanted[d] + begin + n;
        }
        let (from, to) = (from as usize * size, to as usize * size);
        out[to..to + run].copy_from_slice(&chunk[from..from + run]);
        let next = (0..last).rev().find(|d| {
            at[*d] += 1;
            let more = at[*d] < here(*d);
            if !more {
                at[*d] = 0;
            }
            more
        });
        if next.is_none() {
            return;
        }
    }
}

impl Part {
    /// Bytes that reading it takes, in the file and before the filters.
    pub(crate) fn cost(&self) -> u64 {
        self.len.saturating_add(self.whole as u64)
    }

    /// Bytes of memory that it takes once it is read.
    pub(crate) fn memory(&self) -> u64 {
        match self.is_plain() {
            true => self.whole as u64,
            false => self.cost(),
        }
    }

    /// Whether its bytes stand in the file as they are.
    fn is_plain(&self) -> bool {
        self.filters.is_empty() || self.mask == u32::MAX
    }

    /// Whether it went through the first filter.
    pub(crate) fn is_filtered(&self) -> bool {
        self.mask & 1 == 0
    }

    /// Where it stands in the file.
    pub(crate) fn place(&self) -> Place {
        Place::byte(self.store.at(self.address))
    }

    /// Its bytes as they stand in the file.
    ///
    /// # Errors
    /// If they are cut off, or more than a chunk can have.
    pub(crate) fn raw(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    fn read(&self, bytes: &mut Vec<u8>) -> Result<()> {
        if let Some(here) = &self.here {
            bytes.clone_from(here);
            return Ok(());
        }
        // No filter makes more out of anything.
        let most = 2 * self.whole as u64 + (1 << 16);
        if self.len > most {
            let what = format!("a chunk of {} bytes, and {most} are the most", self.len);
            return Err(Error::corrupt(self.place(), what));
        }
        self.store.read_into(self.address, self.len, bytes)
    }

    /// Replaces `out` by its bytes as they were before the filters.
    ///
    /// # Errors
    /// If they are cut off or damaged.
    pub(crate) fn load(&self, out: &mut Vec<u8>) -> Result<()> {
        thread_local! {
            // Asked of the system again for each chunk, its pages cost more than to fill them.
            static RAW: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        if self.is_plain() {
            self.read(out)?;
            return match out.len() == self.whole {
                true => Ok(()),
                false => {
                    let what = format!("{} bytes where {} are expected", out.len(), self.whole);
                    Err(Error::corrupt(self.place(), what))
                }
            };
        }
        RAW.with_borrow_mut(|raw| {
            self.read(raw)?;
            let undone = filter::undo(&self.filters, self.mask, raw, out, self.whole);
            if raw.len() > MAX_KEPT {
                *raw = Vec::new();
            }
            undone.map_err(|what| Error::corrupt(self.place(), what))
        })
    }
}

/// The type in a message, which may stand elsewhere.
fn type_of(store: &Store, message: &Message) -> Result<Type> {
    let mut fields = message.fields(store);
    if !message.shared {
        return Type::read(&mut fields);
    }
    let version = fields.u8()?;
    let kind = fields.u8()?;
    if version == 1 {
        fields.skip(6)?;
    }
    let elsewhere = match (version, kind) {
        (3, 1) => None,
        _ => fields.address()?,
    };
    let Some(address) = elsewhere else {
        let what = "a type that is kept in a heap";
        return Err(Error::unsupported(fields.place(), what).advise("copy it with h5repack"));
    };
    let object = Object::read(store, address)?;
    match object.first(kind::DATATYPE) {
        Some(message) if !message.shared => Type::read(&mut message.fields(store)),
        _ => Err(fields.corrupt("a type that is not where it is said to be")),
    }
}
