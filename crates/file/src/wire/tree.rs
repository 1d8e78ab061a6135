//! Leaves, nodes, and the references to them.

use evz_core::{Error, Result};
use serde::Serialize;

use super::entry::{Before, Entry, TreeId, put_entries, take_entries};
use super::fields::{Fields, Put};
use super::side::later;
use super::{Kind, RecordHeader};
use crate::forever::ALIGNMENT;
use crate::limits::{ACTIVITY_BINS, MAX_BODY_LEN, MAX_LEVEL, MAX_LIST, MAX_STREAMS};

/// Where a record stands, and what is in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RecordRef {
    /// Where the record starts.
    pub offset: u64,
    /// Bytes of its body.
    pub body_len: u64,
    /// CRC of its body.
    pub body_crc: u32,
}

impl RecordRef {
    /// The record with this header that starts at `offset`.
    pub fn new(offset: u64, header: &RecordHeader) -> Self {
        Self {
            offset,
            body_len: header.body_len,
            body_crc: header.body_crc,
        }
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.put_uint(self.offset / ALIGNMENT);
        out.put_uint(self.body_len);
        out.put_u32(self.body_crc);
    }

    pub(super) fn take(fields: &mut Fields<'_>) -> Result<Self> {
        Ok(Self {
            offset: take_offset(fields)?,
            body_len: fields.at_most(MAX_BODY_LEN, "bytes of a record")?,
            body_crc: fields.u32()?,
        })
    }

    /// One that may be missing.
    pub(super) fn put_option(this: Option<&Self>, out: &mut Vec<u8>) {
        match this {
            Some(this) => this.put(out),
            None => out.put_uint(0),
        }
    }

    pub(super) fn take_option(fields: &mut Fields<'_>) -> Result<Option<Self>> {
        let mut ahead = *fields;
        match ahead.uint()? {
            0 => {
                *fields = ahead;
                Ok(None)
            }
            _ => Self::take(fields).map(Some),
        }
    }
}

/// Sees that records do not meet: a piece of the file is read once.
pub(super) fn apart(records: impl Iterator<Item = RecordRef>) -> Result<()> {
    let mut records: Vec<RecordRef> = records.collect();
    records.sort_unstable_by_key(|r| r.offset);
    let ends = |r: &RecordRef| r.offset.saturating_add(r.body_len);
    match records.is_sorted_by(|before, behind| ends(before) < behind.offset) {
        true => Ok(()),
        false => Err(Error::corrupt("", "two references to the same bytes")),
    }
}

/// A number of units of 64 bytes.
pub(super) fn take_offset(fields: &mut Fields<'_>) -> Result<u64> {
    let units = fields.uint()?;
    units
        .checked_mul(ALIGNMENT)
        .ok_or_else(|| Error::corrupt("", "a record that starts outside of any file"))
}

/// What is known of all that stands below a reference, or in a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Chunks or batches.
    pub n_items: u64,
    /// Events or rows.
    pub n_rows: u64,
    /// Earliest time; 0 if there is nothing.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
    /// Latest time of the last chunk or batch.
    pub t_end: i64,
}

impl Span {
    /// With what follows; a reader has checked that sums fit.
    pub(crate) fn and(self, next: Self) -> Self {
        if self.n_items == 0 {
            return next;
        }
        if next.n_items == 0 {
            return self;
        }
        Self {
            n_items: self.n_items.saturating_add(next.n_items),
            n_rows: self.n_rows.saturating_add(next.n_rows),
            t_min: self.t_min.min(next.t_min),
            t_max: self.t_max.max(next.t_max),
            t_end: next.t_end,
        }
    }

    /// Of an entry.
    pub(crate) fn of(entry: &impl Entry) -> Self {
        let (t_min, t_max) = entry.times();
        Self {
            n_items: 1,
            n_rows: entry.n_rows(),
            t_min,
            t_max,
            t_end: t_max,
        }
    }

    /// Of a list of entries.
    pub(crate) fn of_entries(entries: &[impl Entry]) -> Self {
        let spans = entries.iter().map(Self::of);
        spans.fold(Self::default(), Self::and)
    }

    /// Of a list of references.
    pub(crate) fn of_refs(refs: &[NodeRef]) -> Self {
        refs.iter().map(|r| r.span).fold(Self::default(), Self::and)
    }

    pub(super) fn put_times(&self, before: i64, out: &mut Vec<u8>) {
        out.put_sint(self.t_min.wrapping_sub(before));
        out.put_uint(self.t_max.wrapping_sub(self.t_min) as u64);
        out.put_uint(self.t_max.wrapping_sub(self.t_end) as u64);
    }

    pub(super) fn take_times(&mut self, fields: &mut Fields<'_>, before: i64) -> Result<()> {
        self.t_min = before.wrapping_add(fields.sint()?);
        self.t_max = later(self.t_min, fields.uint()?)?;
        let back = fields.uint()?;
        if back > self.t_max.wrapping_sub(self.t_min) as u64 {
            return Err(Error::corrupt("", "a last time before the earliest one"));
        }
        self.t_end = self.t_max.wrapping_sub(back as i64);
        Ok(())
    }
}

/// A reference to a leaf or a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct NodeRef {
    /// 0 of a leaf.
    pub level: u8,
    /// Where it stands.
    #[serde(flatten)]
    pub record: RecordRef,
    /// Number of the first chunk or batch below it.
    pub first_item: u64,
    /// Number of the first event or row below it.
    pub first_row: u64,
    /// What is below it.
    #[serde(flatten)]
    pub span: Span,
}

impl NodeRef {
    /// The kind of its record.
    pub fn kind(&self) -> Kind {
        match self.level {
            0 => Kind::Leaf,
            _ => Kind::Node,
        }
    }
}

/// The fewest bytes of a reference.
const MIN_REF: usize = 12;

/// Adds references; what they number from is not told.
pub(super) fn put_refs(refs: &[NodeRef], out: &mut Vec<u8>) {
    out.put_uint(refs.len() as u64);
    let mut t_end = 0;
    for r in refs {
        out.put_uint(r.level.into());
        r.record.put(out);
        out.put_uint(r.span.n_items);
        out.put_uint(r.span.n_rows);
        r.span.put_times(t_end, out);
        t_end = r.span.t_end;
    }
}

/// Takes references that number chunks and events behind `before`.
pub(super) fn take_refs(
    fields: &mut Fields<'_>,
    before: &mut Before,
    mut may_be: impl FnMut(u8) -> bool,
) -> Result<Vec<NodeRef>> {
    let n = fields.count(MAX_LIST, MIN_REF, "references")?;
    let mut refs = Vec::with_capacity(n);
    let mut t_end = 0;
    for _ in 0..n {
        let level = fields.at_most(MAX_LEVEL.into(), "level of a node")? as u8;
        if !may_be(level) {
            return Err(Error::corrupt("", format!("a node of level {level}")));
        }
        let record = RecordRef::take(fields)?;
        let mut span = Span {
            n_items: fields.uint()?,
            n_rows: fields.uint()?,
            ..Span::default()
        };
        span.take_times(fields, t_end)?;
        let sums = (
            before.items.checked_add(span.n_items),
            before.rows.checked_add(span.n_rows),
        );
        let (Some(items), Some(rows)) = sums else {
            return Err(Error::limit("", "it counts more than 64 bits hold"));
        };
        if span.n_items == 0 || span.n_rows < span.n_items {
            let what = format!("{} events in {} chunks", span.n_rows, span.n_items);
            return Err(Error::corrupt("", what));
        }
        refs.push(NodeRef {
            level,
            record,
            first_item: before.items,
            first_row: before.rows,
            span,
        });
        (before.items, before.rows) = (items, rows);
        t_end = span.t_end;
    }
    apart(refs.iter().map(|r| r.record))?;
    Ok(refs)
}

fn put_tree(tree: TreeId, out: &mut Vec<u8>) {
    out.put_uint(tree.side.into());
    out.put_uint(tree.stream.into());
}

fn take_tree(fields: &mut Fields<'_>, expected: TreeId) -> Result<()> {
    let side = fields.uint()?;
    let stream = fields.at_most(MAX_STREAMS - 1, "number of a stream")?;
    match (side, stream) == (expected.side.into(), expected.stream.into()) {
        true => Ok(()),
        false => Err(Error::corrupt("", "it is of another stream")),
    }
}

/// What a leaf or a node whose body was found whole refers to, whatever refers to it; of a leaf its
/// activity, not its chunks or batches.
///
/// # Errors
/// Where the body is damaged.
pub(crate) fn refs_in(kind: Kind, body: &[u8]) -> Result<Vec<(Kind, RecordRef)>> {
    let mut fields = Fields::new(body);
    let side = fields.at_most(1, "table of a leaf or node")? == 1;
    fields.at_most(MAX_STREAMS - 1, "number of a stream")?;
    if kind == Kind::Leaf {
        let activity = match side {
            true => None,
            false => RecordRef::take_option(&mut fields)?,
        };
        return Ok(activity.map(|r| (Kind::Activity, r)).into_iter().collect());
    }
    let level = fields.at_most(MAX_LEVEL.into(), "level of a node")?;
    let refs = take_refs(&mut fields, &mut Before::default(), |l| {
        u64::from(l) + 1 == level
    })?;
    Ok(refs.iter().map(|r| (r.kind(), r.record)).collect())
}

/// What does not hold what its reference says.
pub(crate) fn same(found: Span, expected: Span) -> Result<()> {
    match found == expected {
        true => Ok(()),
        false => {
            let what = format!(
                "it holds {} events in {} chunks, times {} to {}; expected {} in {}, {} to {}",
                found.n_rows,
                found.n_items,
                found.t_min,
                found.t_max,
                expected.n_rows,
                expected.n_items,
                expected.t_min,
                expected.t_max
            );
            Err(Error::corrupt("", what))
        }
    }
}

/// A leaf of the index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Leaf<E> {
    /// How many events of its chunks there are when.
    pub activity: Option<RecordRef>,
    /// Its chunks or batches.
    pub entries: Vec<E>,
}

impl<E: Entry> Leaf<E> {
    /// The body of its record.
    pub fn write_to(&self, tree: TreeId) -> Vec<u8> {
        let mut out = Vec::new();
        put_tree(tree, &mut out);
        if !E::SIDE {
            RecordRef::put_option(self.activity.as_ref(), &mut out);
        }
        put_entries(&self.entries, 0, &mut out);
        out
    }

    /// The leaf in a body that was found whole, which must be what its reference says.
    ///
    /// # Errors
    /// Where it is not.
    pub fn read_from(body: &[u8], tree: TreeId, expected: &NodeRef) -> Result<Self> {
        let mut fields = Fields::new(body);
        take_tree(&mut fields, tree)?;
        let activity = match E::SIDE {
            true => None,
            false => RecordRef::take_option(&mut fields)?,
        };
        let entries: Vec<E> = take_entries(&mut fields, tree, (expected.first_row, 0))?;
        fields.end()?;
        same(Span::of_entries(&entries), expected.span)?;
        Ok(Self { activity, entries })
    }
}

/// The body of a node.
pub fn write_node(refs: &[NodeRef], tree: TreeId, level: u8) -> Vec<u8> {
    let mut out = Vec::new();
    put_tree(tree, &mut out);
    out.put_uint(level.into());
    put_refs(refs, &mut out);
    out
}

/// The references in a node whose body was found whole, which must be what its reference says.
///
/// # Errors
/// Where it is not.
pub fn read_node(body: &[u8], tree: TreeId, expected: &NodeRef) -> Result<Vec<NodeRef>> {
    let mut fields = Fields::new(body);
    take_tree(&mut fields, tree)?;
    let level = fields.uint()?;
    if level != u64::from(expected.level) {
        return Err(Error::corrupt("", format!("it is of level {level}")));
    }
    let mut before = Before {
        items: expected.first_item,
        rows: expected.first_row,
        ..Before::default()
    };
    let refs = take_refs(&mut fields, &mut before, |l| u64::from(l) + 1 == level)?;
    fields.end()?;
    same(Span::of_refs(&refs), expected.span)?;
    Ok(refs)
}

/// Events of a chunk in each of its bins of time.
pub type Bins = [u32; ACTIVITY_BINS as usize];

/// The body of an activity record.
pub fn write_activity(stream: u16, chunks: &[Bins]) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_uint(stream.into());
    out.put_uint(ACTIVITY_BINS.into());
    out.put_uint(chunks.len() as u64);
    for bins in chunks {
        let mut before = 0;
        for count in bins {
            out.put_sint(i64::from(*count) - before);
            before = i64::from(*count);
        }
    }
    out
}

/// The activity in a body that was found whole, of chunks of so many events each.
///
/// # Errors
/// Where it is of other chunks.
pub fn read_activity(body: &[u8], stream: u16, events: &[u32]) -> Result<Vec<Bins>> {
    let mut fields = Fields::new(body);
    let head = (fields.uint()?, fields.uint()?, fields.uint()?);
    let expected = (stream.into(), ACTIVITY_BINS.into(), events.len() as u64);
    if head != expected {
        return Err(Error::corrupt("", "it is the activity of other chunks"));
    }
    let mut chunks = Vec::with_capacity(events.len());
    for n_events in events {
        let (mut bins, mut before) = ([0; ACTIVITY_BINS as usize], 0i64);
        for count in &mut bins {
            before = before.wrapping_add(fields.sint()?);
            let whole = u32::try_from(before).ok().filter(|n| n <= n_events);
            *count = whole.ok_or_else(|| {
                let what = format!("{before} events in a part of a chunk of {n_events}");
                Error::corrupt("", what)
            })?;
        }
        let sum = bins.iter().map(|n| u64::from(*n)).sum::<u64>();
        if sum != u64::from(*n_events) {
            let what = format!("{sum} events in the parts of a chunk of {n_events}");
            return Err(Error::corrupt("", what));
        }
        chunks.push(bins);
    }
    fields.end()?;
    Ok(chunks)
}

/// The latest time of the last chunk or batch below references.
fn end_of(refs: &[NodeRef]) -> i64 {
    refs.last().map_or(0, |r| r.span.t_end)
}

/// A tree as the root has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tree<E> {
    /// References to nodes and leaves.
    pub refs: Vec<NodeRef>,
    /// The latest chunks or batches, as a leaf that stands in the root.
    pub latest: Leaf<E>,
}

impl<E: Entry> Tree<E> {
    /// What it holds.
    pub fn span(&self) -> Span {
        Span::of_refs(&self.refs).and(Span::of_entries(&self.latest.entries))
    }

    /// Whether what is behind another starts where that ends, or later.
    pub(super) fn rises(&self) -> bool {
        let refs = self.refs.iter().map(|r| (r.span.t_min, r.span.t_max));
        let entries = self.latest.entries.iter().map(E::times);
        let times: Vec<(i64, i64)> = refs.chain(entries).collect();
        times.is_sorted_by(|before, behind| before.1 <= behind.0)
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_refs(&self.refs, out);
        put_entries(&self.latest.entries, end_of(&self.refs), out);
        if !E::SIDE && !self.latest.entries.is_empty() {
            RecordRef::put_option(self.latest.activity.as_ref(), out);
        }
    }

    pub(super) fn take(fields: &mut Fields<'_>, tree: TreeId) -> Result<Self> {
        let mut before = Before::default();
        let mut last = u8::MAX;
        let refs = take_refs(fields, &mut before, |level| {
            let falls = level <= last;
            last = level;
            falls
        })?;
        let entries: Vec<E> = take_entries(fields, tree, (before.rows, end_of(&refs)))?;
        let activity = match E::SIDE || entries.is_empty() {
            true => None,
            false => RecordRef::take_option(fields)?,
        };
        Ok(Self {
            refs,
            latest: Leaf { activity, entries },
        })
    }
}
