//! The root of the index, with which a file ends.

use evz_core::{Error, Metadata, Result};
use serde::Serialize;

use super::fields::{Fields, Put};
use super::metadata::take_metadata;
use super::side::{put_owner, take_owner, take_side_name};
use super::tree::{RecordRef, Span, Tree, apart, same, take_offset};
use super::{
    BatchEntry, ChunkEntry, FileHeader, RecordHeader, SideDeclaration, StreamDeclaration, Tail,
    TreeId, write_metadata,
};
use crate::forever::{ALIGNMENT, FILE_MAGIC, VERSION_MAJOR, VERSION_MINOR};
use crate::limits::{MAX_METADATA, MAX_STREAMS};

/// Bit 0 of the root's flags: the writer meant to go on.
const CHECKPOINT: u64 = 1;
/// Bit 0 of a summary's flags: no time of the stream is earlier than the one before it.
const STREAM_SORTED: u64 = 1;

/// Sums over an event stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StreamSummary {
    /// Chunks, events, times.
    #[serde(flatten)]
    pub span: Span,
    /// Whether no time is earlier than the one before it.
    pub sorted: bool,
    /// Time of the first event.
    pub t_first: i64,
    /// Time of the last event.
    pub t_last: i64,
    /// Number of ON events.
    pub n_on: u64,
    /// Smallest x.
    pub x_min: u16,
    /// Largest x.
    pub x_max: u16,
    /// Smallest y.
    pub y_min: u16,
    /// Largest y.
    pub y_max: u16,
    /// Bytes of payloads spent on t, x, y, p.
    pub column_bytes: [u64; 4],
    /// CRCs of all values of t, x, y, p.
    pub column_crc: [u32; 4],
    /// Bytes of all sections, and CRC of all values, of each further column.
    pub columns: Vec<(u64, u32)>,
}

impl StreamSummary {
    /// Of no events, with so many further columns.
    pub fn empty(n_columns: usize) -> Self {
        Self {
            sorted: true,
            columns: vec![(0, 0); n_columns],
            ..Self::default()
        }
    }

    /// The checksums of all values of t, x, y, p and of the further columns, in hex one behind the other. The
    /// same events in the same order have the same, in chunks of whatever size and codec; it is four or more
    /// CRC-32, so it tells of mistakes and not of who forges.
    pub fn content(&self) -> String {
        let further = self.columns.iter().map(|(_, crc)| *crc);
        let all = self.column_crc.into_iter().chain(further);
        all.map(|crc| format!("{crc:08x}")).collect()
    }

    /// Number of events.
    pub fn n_events(&self) -> u64 {
        self.span.n_rows
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.put_uint(self.span.n_items);
        out.put_uint(self.span.n_rows);
        if self.span.n_rows == 0 {
            return;
        }
        out.put_uint(if self.sorted { STREAM_SORTED } else { 0 });
        self.span.put_times(0, out);
        out.put_uint(self.t_first.wrapping_sub(self.span.t_min) as u64);
        out.put_uint(self.t_last.wrapping_sub(self.span.t_min) as u64);
        out.put_uint(self.n_on);
        for v in [self.x_min, self.x_max, self.y_min, self.y_max] {
            out.put_uint(v.into());
        }
        self.column_bytes.iter().for_each(|n| out.put_uint(*n));
        self.column_crc.iter().for_each(|crc| out.put_u32(*crc));
        for (bytes, crc) in &self.columns {
            out.put_uint(*bytes);
            out.put_u32(*crc);
        }
    }

    fn take(fields: &mut Fields<'_>, n_columns: u16) -> Result<Self> {
        let mut span = Span {
            n_items: fields.uint()?,
            n_rows: fields.uint()?,
            ..Span::default()
        };
        if span.n_rows == 0 {
            let empty = Self::empty(n_columns.into());
            return Ok(Self { span, ..empty });
        }
        let flags = fields.uint()?;
        if flags & !STREAM_SORTED != 0 {
            let what = format!("flags {flags:#x} of a stream are unknown");
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        }
        span.take_times(fields, 0)?;
        let mut inside = |name: &str| {
            let span_len = span.t_max.wrapping_sub(span.t_min) as u64;
            let t = fields.at_most(span_len, name)?;
            Ok::<_, Error>(span.t_min.wrapping_add(t as i64))
        };
        let t_first = inside("time of the first event")?;
        let t_last = inside("time of the last event")?;
        let n_on = fields.at_most(span.n_rows, "ON events")?;
        let mut pixels = [0; 4];
        for v in &mut pixels {
            *v = fields.at_most(u16::MAX.into(), "coordinate of a pixel")? as u16;
        }
        let [x_min, x_max, y_min, y_max] = pixels;
        let mut column_bytes = [0; 4];
        for n in &mut column_bytes {
            *n = fields.uint()?;
        }
        let mut column_crc = [0; 4];
        for crc in &mut column_crc {
            *crc = fields.u32()?;
        }
        let ends = (span.t_min, span.t_max, span.t_max);
        if flags == STREAM_SORTED && (t_first, t_last, span.t_end) != ends {
            return Err(Error::corrupt(
                "",
                "times of a stream in order that are not",
            ));
        }
        let columns = (0..n_columns).map(|_| Ok((fields.uint()?, fields.u32()?)));
        let columns = columns.collect::<Result<_>>()?;
        Ok(Self {
            span,
            sorted: flags == STREAM_SORTED,
            t_first,
            t_last,
            n_on,
            x_min,
            x_max,
            y_min,
            y_max,
            column_bytes,
            column_crc,
            columns,
        })
    }
}

/// An event stream as the root has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StreamRoot {
    /// Sensor and columns.
    pub declaration: StreamDeclaration,
    /// Sums.
    pub summary: StreamSummary,
    /// Its index.
    pub tree: Tree<ChunkEntry>,
}

impl StreamRoot {
    /// What its tree is of.
    pub fn tree_id(&self) -> TreeId {
        TreeId {
            side: false,
            stream: self.declaration.id,
            n_columns: self.declaration.columns.len() as u16,
        }
    }

    fn take(fields: &mut Fields<'_>) -> Result<Self> {
        let declaration = StreamDeclaration::take(fields)?;
        let n_columns = declaration.columns.len() as u16;
        let summary = StreamSummary::take(fields, n_columns)?;
        let mut root = Self {
            declaration,
            summary,
            ..Self::default()
        };
        root.tree = Tree::take(fields, root.tree_id())?;
        same(root.tree.span(), root.summary.span)?;
        match root.summary.sorted && !root.tree.rises() {
            true => Err(Error::corrupt("", "a stream in order whose chunks are not")),
            false => Ok(root),
        }
    }
}

/// A side stream as the root has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SideRoot {
    /// Its number, which is its place among those of the root.
    pub id: u16,
    /// As it is declared, and so is the next one.
    pub name: String,
    /// The event stream that it belongs to; none if to the recording.
    pub stream: Option<u16>,
    /// The record that declares it.
    pub declared: RecordRef,
    /// Batches, rows, times.
    pub span: Span,
    /// Its index.
    pub tree: Tree<BatchEntry>,
}

impl SideRoot {
    /// A side stream that this record declares, without rows.
    pub(crate) fn new(declaration: &SideDeclaration, declared: RecordRef) -> Self {
        Self {
            id: declaration.id,
            name: declaration.name.clone(),
            stream: declaration.stream,
            declared,
            ..Self::default()
        }
    }

    /// Whether it is declared so.
    pub(crate) fn is_of(&self, declaration: &SideDeclaration) -> bool {
        let told = (declaration.id, &declaration.name, declaration.stream);
        (self.id, &self.name, self.stream) == told
    }

    /// What its tree is of.
    pub fn tree_id(&self) -> TreeId {
        TreeId {
            side: true,
            stream: self.id,
            n_columns: 0,
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.put_bytes(self.name.as_bytes());
        put_owner(self.stream, out);
        self.declared.put(out);
        out.put_uint(self.span.n_items);
        out.put_uint(self.span.n_rows);
        if self.span.n_rows > 0 {
            self.span.put_times(0, out);
        }
        self.tree.put(out);
    }

    fn take(id: u16, fields: &mut Fields<'_>) -> Result<Self> {
        let name = take_side_name(fields)?;
        let stream = take_owner(fields)?;
        let declared = RecordRef::take(fields)?;
        let mut span = Span {
            n_items: fields.uint()?,
            n_rows: fields.uint()?,
            ..Span::default()
        };
        if span.n_rows > 0 {
            span.take_times(fields, 0)?;
        }
        let mut root = Self {
            id,
            name,
            stream,
            declared,
            span,
            ..Self::default()
        };
        root.tree = Tree::take(fields, root.tree_id())?;
        same(root.tree.span(), root.span)?;
        Ok(root)
    }
}

/// The root of the index.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Root {
    /// As the file begins.
    pub header: FileHeader,
    /// Whether the writer meant to go on.
    pub checkpoint: bool,
    /// Where the root before this one starts, if there is one.
    pub previous: Option<u64>,
    /// The event streams, at least one, by number.
    pub streams: Vec<StreamRoot>,
    /// The side streams, by number.
    pub side: Vec<SideRoot>,
    /// Metadata records.
    pub metadata_refs: Vec<RecordRef>,
    /// Metadata that stand in the root itself.
    #[serde(skip)]
    pub metadata: Metadata,
    /// Keys of the metadata records that the root takes away.
    #[serde(skip)]
    pub removed_metadata: Vec<String>,
    /// Entries of metadata of a type that is not known, which were skipped.
    #[serde(skip)]
    pub skipped_metadata: usize,
    /// The end of the body.
    pub tail: Tail,
    /// Bytes of the body, where the root was read.
    #[serde(skip)]
    pub body_len: u64,
}

impl Root {
    /// The metadata of the file, given those of the records that the root refers to.
    pub(crate) fn apply_metadata(&self, metadata: &mut Metadata) {
        for key in &self.removed_metadata {
            metadata.remove(key);
        }
        metadata.extend(self.metadata.clone());
    }

    /// The end of a file that ends with this root.
    pub fn end(&self) -> u64 {
        let record = self
            .body_len
            .saturating_add(RecordHeader::ENCODED_SIZE as u64);
        self.tail.root_offset.saturating_add(record)
    }

    /// The body of the record that starts at `offset`.
    ///
    /// # Errors
    /// If metadata are longer than the format holds.
    pub fn write_to(&self, offset: u64) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let h = &self.header;
        for n in [
            h.features_read.into(),
            h.features_edit.into(),
            h.features_any.into(),
            h.clock.into(),
            h.width.into(),
            h.height.into(),
            h.tick_numerator,
            h.tick_denominator,
        ] {
            out.put_uint(n);
        }
        out.put_sint(h.epoch);
        out.put_uint(if self.checkpoint { CHECKPOINT } else { 0 });
        out.put_uint(self.previous.unwrap_or(0) / ALIGNMENT);
        out.put_uint(self.streams.len() as u64);
        for stream in &self.streams {
            stream.declaration.put(&mut out);
            stream.summary.put(&mut out);
            stream.tree.put(&mut out);
        }
        out.put_uint(self.side.len() as u64);
        self.side.iter().for_each(|side| side.put(&mut out));
        out.put_uint(self.metadata_refs.len() as u64);
        self.metadata_refs.iter().for_each(|r| r.put(&mut out));
        out.extend_from_slice(&write_metadata(&self.metadata)?);
        out.extend_from_slice(&Tail::new(offset).write_to());
        Ok(out)
    }

    /// The root in a body that was found whole, of a record that starts at `offset`.
    ///
    /// # Errors
    /// Where it contradicts itself or claims more than the limits allow.
    pub fn read_from(body: &[u8], offset: u64) -> Result<Self> {
        let (body, tail) = body
            .split_last_chunk::<{ Tail::ENCODED_SIZE }>()
            .ok_or_else(|| Error::corrupt("", "the root is shorter than its tail"))?;
        let tail = Tail::read_from(tail).filter(|tail| tail.root_offset == offset);
        let tail = tail.ok_or_else(|| Error::corrupt("", "its tail is of another root"))?;
        let body_len = (body.len() + Tail::ENCODED_SIZE) as u64;

        let mut fields = Fields::new(body);
        let header = take_header(&mut fields)?;
        let flags = fields.uint()?;
        if flags & !CHECKPOINT != 0 {
            let what = format!("flags {flags:#x} are unknown");
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        }
        let previous = take_offset(&mut fields)?;
        if previous >= offset {
            return Err(Error::corrupt("", "the root before it stands behind it"));
        }
        let n = fields.count(MAX_STREAMS as usize, 9, "event streams")?;
        let streams = (0..n).map(|_| StreamRoot::take(&mut fields));
        let streams: Vec<StreamRoot> = streams.collect::<Result<_>>()?;
        let n = fields.count(MAX_STREAMS as usize, 13, "side streams")?;
        let side = (0..n).map(|id| SideRoot::take(id as u16, &mut fields));
        let side: Vec<SideRoot> = side.collect::<Result<_>>()?;
        apart(side.iter().map(|s| s.declared))?;
        let n = fields.count(MAX_METADATA, 6, "metadata records")?;
        let metadata_refs = (0..n).map(|_| RecordRef::take(&mut fields));
        let metadata_refs = metadata_refs.collect::<Result<_>>()?;
        let mut metadata = Metadata::new();
        let taken = take_metadata(&mut fields, &mut metadata)?;
        fields.end()?;

        let root = Self {
            header,
            checkpoint: flags == CHECKPOINT,
            previous: Some(previous).filter(|at| *at > 0),
            streams,
            side,
            metadata_refs,
            metadata,
            removed_metadata: taken.removed,
            skipped_metadata: taken.skipped,
            tail,
            body_len,
        };
        root.check()?;
        Ok(root)
    }

    fn check(&self) -> Result<()> {
        let numbers = self.streams.iter().map(|s| s.declaration.id);
        let counted = |(at, id): (usize, u16)| at == usize::from(id);
        if !numbers.enumerate().all(counted) {
            let what = "event streams that are not numbered 0, 1, 2 and so on";
            return Err(Error::corrupt("", what));
        }
        // A chunk and a batch take two units of 64 bytes at least, and all stand before the root. Nodes that
        // refer to one another many times would keep us busy.
        let most = self.tail.root_offset / (2 * ALIGNMENT);
        let items = self.streams.iter().map(|s| s.summary.span.n_items);
        let items = items.chain(self.side.iter().map(|s| s.span.n_items));
        if items.fold(0, u64::saturating_add) > most {
            let what = format!("more than the {most} chunks and batches that fit before it");
            return Err(Error::corrupt("", what));
        }
        apart(self.metadata_refs.iter().copied())?;
        let owners = self.side.iter().filter_map(|s| s.stream);
        if owners.map(usize::from).max() >= Some(self.streams.len()) {
            let what = "a side stream of an event stream that is not there";
            return Err(Error::corrupt("", what));
        }
        let first = self.streams.first().map(|s| &s.declaration);
        let of_header = (0, self.header.width, self.header.height);
        if first.map(|d| (d.id, d.width, d.height)) != Some(of_header) {
            return Err(Error::corrupt(
                "",
                "no stream 0 with the sensor of the file",
            ));
        }
        Ok(())
    }
}

/// The fields of the file header.
fn take_header(fields: &mut Fields<'_>) -> Result<FileHeader> {
    let mut half = |name: &str| Ok::<_, Error>(fields.at_most(u16::MAX.into(), name)? as u16);
    let (features_read, features_edit) = (half("features")?, half("features")?);
    let (features_any, clock) = (half("features")?, half("kind of clock")?);
    let header = FileHeader {
        magic: FILE_MAGIC,
        version_major: VERSION_MAJOR,
        version_minor: VERSION_MINOR,
        features_read,
        features_edit,
        features_any,
        clock,
        width: fields.at_most(u32::MAX.into(), "sensor width")? as u32,
        height: fields.at_most(u32::MAX.into(), "sensor height")? as u32,
        reserved: 0,
        tick_numerator: fields.uint()?,
        tick_denominator: fields.uint()?,
        epoch: fields.sint()?,
        reserved_2: 0,
        crc: 0,
    };
    header.check()?;
    Ok(header.with_crc())
}
