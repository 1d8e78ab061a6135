//! The index in memory: trees whose nodes and leaves are read when they are needed, and searched by
//! time and by event number.

use std::ops::{Range, RangeInclusive};
use std::sync::{Arc, Mutex, PoisonError};

use evz_codec::Elsewhere;
use evz_core::{ColumnType, Error, ExtraColumn, Metadata, Result, StreamInfo, last_tick};

use crate::stream_metadata::of_streams;
use crate::wire::{
    self, BatchEntry, ChunkEntry, Entry, FileHeader, NodeRef, RecordRef, Root, Span,
    StreamDeclaration, Tree, TreeId, read_node,
};

/// How the keys of metadata begin that say of what file, and how read, an index is: they are none of the
/// recording.
pub(crate) const OF_INDEX: &str = "index.";

/// What is said of a list of a stream in order that is not.
const OUT_OF_ORDER: &str = "times that run backwards in a stream that is in order";

/// Leaves, and nodes, that are kept decoded: of 256 chunks, 17 M events and 30 kB each, as the writer
/// makes them.
const CACHED: usize = 32;

/// What is known of a file once it is open: all but its events, its side streams and the leaves of
/// its index, of which those used last are kept.
pub struct Index {
    pub(crate) header: FileHeader,
    pub(crate) root: Root,
    /// Of the file.
    pub(crate) metadata: Metadata,
    /// Of each event stream.
    pub(crate) infos: Vec<StreamInfo>,
    pub(crate) streams: Vec<Arc<Stem<ChunkEntry>>>,
    pub(crate) side: Vec<Arc<Stem<BatchEntry>>>,
    /// Bytes of the file that the index is of.
    pub(crate) file_len: u64,
    /// Bytes behind these, in a file that does not end with its index.
    pub(crate) behind: u64,
}

impl Index {
    /// Of a file of `len` bytes that has these metadata, and an index of its first `file_len`.
    pub(crate) fn new(root: Root, metadata: Metadata, file_len: u64, len: u64) -> Self {
        let header = root.header;
        let of_each = of_streams(&metadata, root.streams.len());
        let info = |(declared, metadata): (&StreamDeclaration, Metadata)| StreamInfo {
            clock_offset: declared.clock_offset,
            ..StreamInfo::new(header.time_base())
                .with_clock(header.clock())
                .with_size(declared.size())
                .with_columns(declared.columns.iter().map(ExtraColumn::from).collect())
                .with_name(&declared.name)
                .with_serial(&declared.serial)
                .with_metadata(metadata)
        };
        let streams = root.streams.iter();
        let side = root.side.iter();
        Self {
            infos: (streams.clone().map(|s| &s.declaration).zip(of_each))
                .map(info)
                .collect(),
            streams: streams
                .map(|s| {
                    let types = s.declaration.column_types();
                    let stem = Stem::new(s.tree_id(), types, &s.tree, file_len);
                    Arc::new(stem.in_order(s.summary.sorted))
                })
                .collect(),
            side: side
                .map(|s| Arc::new(Stem::new(s.tree_id(), [], &s.tree, file_len)))
                .collect(),
            file_len,
            behind: len.saturating_sub(file_len),
            header,
            root,
            metadata,
        }
    }

    /// The same, with chunks whose events are in another file, those of each stream.
    pub(crate) fn with_elsewhere(mut self, of_streams: &[Elsewhere]) -> Self {
        for (stem, elsewhere) in self.streams.iter_mut().zip(of_streams) {
            *stem = Arc::new(stem.with_elsewhere(elsewhere.clone()));
        }
        for info in &mut self.infos {
            let of_index = |key: &str| key.starts_with(OF_INDEX);
            info.metadata.retain(|key, _| !of_index(key));
        }
        self
    }

    /// What is known of event stream 0.
    pub fn info(&self) -> &StreamInfo {
        &self.infos[0]
    }

    /// The header at the start of the file.
    pub fn header(&self) -> &FileHeader {
        &self.header
    }

    /// The root of the index: sums over the whole file.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Bytes of the file up to the end of its index.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }
}

/// A tree: what the root has of it, and those of its nodes and leaves that were used last.
#[derive(Debug)]
pub(crate) struct Stem<E> {
    pub(crate) id: TreeId,
    /// Bytes of the file that it is the index of.
    pub(crate) file_len: u64,
    /// The types of the further columns of the events.
    pub(crate) types: Arc<[ColumnType]>,
    /// Where the events of chunks stand that are in another file.
    elsewhere: Option<Elsewhere>,
    /// Whether no time is earlier than the one before it, as the root says.
    in_order: bool,
    /// The references of the root, behind which the latest leaf stands.
    pub(crate) top: Arc<Nodes>,
    /// The leaf behind all others, which stands in the root.
    pub(crate) latest: Arc<Leaf<E>>,
    nodes: Cache<Nodes>,
    leaves: Cache<Leaf<E>>,
}

/// A node in memory, or a leaf.
#[derive(Debug, Clone)]
pub(crate) enum Branch<E> {
    Node(Arc<Nodes>),
    Leaf(Arc<Leaf<E>>),
}

impl<E: Entry> Stem<E> {
    pub(crate) fn new(
        id: TreeId,
        types: impl IntoIterator<Item = ColumnType>,
        tree: &Tree<E>,
        file_len: u64,
    ) -> Self {
        let below = Span::of_refs(&tree.refs);
        let latest = Span::of_entries(&tree.latest.entries);
        let latest = (!tree.latest.entries.is_empty()).then_some((latest.t_min, latest.t_max));
        Self {
            id,
            file_len,
            types: types.into_iter().collect(),
            elsewhere: None,
            in_order: false,
            top: Arc::new(Nodes::new(tree.refs.clone(), latest)),
            latest: Arc::new(Leaf::new(id, tree.latest.clone(), below.n_items, file_len)),
            nodes: Cache::default(),
            leaves: Cache::default(),
        }
    }

    /// The same of a stream all of whose times are in order, if they are.
    fn in_order(self, in_order: bool) -> Self {
        Self { in_order, ..self }
    }

    /// The same tree, nothing of which was read, with chunks whose events are in another file.
    fn with_elsewhere(&self, elsewhere: Elsewhere) -> Self {
        let mut latest = (*self.latest).clone();
        latest.elsewhere = Some(elsewhere.clone());
        Self {
            id: self.id,
            file_len: self.file_len,
            types: self.types.clone(),
            elsewhere: Some(elsewhere),
            in_order: self.in_order,
            top: self.top.clone(),
            latest: Arc::new(latest),
            nodes: Cache::default(),
            leaves: Cache::default(),
        }
    }

    /// What a reference leads to, if it is kept.
    pub(crate) fn kept(&self, r: &NodeRef) -> Option<Branch<E>> {
        match r.level {
            0 => self.leaves.get(place_of(r)).map(Branch::Leaf),
            _ => self.nodes.get(place_of(r)).map(Branch::Node),
        }
    }

    /// What a reference leads to, out of the body of its record; and it is kept.
    pub(crate) fn keep(&self, r: &NodeRef, body: &[u8]) -> Result<Branch<E>> {
        let place = place_of(r);
        match r.level {
            0 => {
                let leaf = wire::Leaf::read_from(body, self.id, r)?;
                let mut leaf = Leaf::new(self.id, leaf, r.first_item, self.file_len);
                leaf.elsewhere = self.elsewhere.clone();
                self.check_order(&leaf.order)?;
                Ok(Branch::Leaf(self.leaves.put(place, leaf)))
            }
            _ => {
                let nodes = Nodes::new(read_node(body, self.id, r)?, None);
                self.check_order(&nodes.order)?;
                Ok(Branch::Node(self.nodes.put(place, nodes)))
            }
        }
    }

    fn check_order(&self, order: &Order) -> Result<()> {
        match self.in_order && !order.rises {
            true => Err(Error::corrupt("", OUT_OF_ORDER)),
            false => Ok(()),
        }
    }
}

/// Times of a list, so that it can be searched whether or not they are in order.
#[derive(Debug, Clone, Default)]
struct Order {
    /// Latest time up to and with this one: never decreases.
    latest_so_far: Vec<i64>,
    /// Earliest time from this one on: never decreases.
    earliest_from: Vec<i64>,
    /// Whether each starts where the one before ends, or later.
    rises: bool,
}

impl Order {
    fn of(times: impl Iterator<Item = (i64, i64)>) -> Self {
        let (mut earliest_from, mut latest_so_far): (Vec<i64>, Vec<i64>) = times.unzip();
        let next = earliest_from.iter().skip(1);
        let rises = latest_so_far
            .iter()
            .zip(next)
            .all(|(end, start)| end <= start);
        for i in 1..latest_so_far.len() {
            latest_so_far[i] = latest_so_far[i].max(latest_so_far[i - 1]);
        }
        for i in (1..earliest_from.len()).rev() {
            earliest_from[i - 1] = earliest_from[i - 1].min(earliest_from[i]);
        }
        Self {
            latest_so_far,
            earliest_from,
            rises,
        }
    }

    /// Those outside which none of these times can be. Of a list that rises those too between which a window
    /// begins or ends, where by what the list says there is nothing: they are asked whether it lies.
    fn at(&self, times: &RangeInclusive<i64>) -> Range<usize> {
        if times.is_empty() {
            return 0..0;
        }
        let start = self.latest_so_far.partition_point(|t| t < times.start());
        let end = self.earliest_from.partition_point(|t| t <= times.end());
        let end = end.max(start);
        if !self.rises {
            return start..end;
        }
        let begins_between = (self.earliest_from.get(start)).is_none_or(|t| times.start() < t);
        let before_end = end.checked_sub(1).map(|last| self.latest_so_far[last]);
        let ends_between = before_end.is_none_or(|t| t < *times.end());
        let len = self.earliest_from.len();
        start.saturating_sub(begins_between.into())..(end + usize::from(ends_between)).min(len)
    }

    /// Whether what has these times is wanted of those of [`Order::at`].
    fn wants(&self, sought: &Sought, times: (i64, i64)) -> bool {
        self.rises || sought.meets(times)
    }
}

/// The references of a node or the root, with what makes them searchable by time.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) refs: Vec<NodeRef>,
    order: Order,
}

impl Nodes {
    /// These, with what has these times behind them.
    fn new(refs: Vec<NodeRef>, behind: Option<(i64, i64)>) -> Self {
        let times = refs.iter().map(|r| (r.span.t_min, r.span.t_max));
        let order = Order::of(times.chain(behind));
        Self { refs, order }
    }

    /// Whether what stands behind the references is wanted too.
    pub(crate) fn reaches_behind(&self, sought: &Sought) -> bool {
        let times = sought.times.as_ref().filter(|_| self.order.rises);
        times.is_none_or(|times| self.order.at(times).end > self.refs.len())
    }

    /// Whether a reference among those of [`Nodes::at`] is wanted.
    pub(crate) fn wants(&self, sought: &Sought, r: &NodeRef) -> bool {
        self.order.wants(sought, (r.span.t_min, r.span.t_max))
    }

    /// Those outside which nothing is that is looked for.
    pub(crate) fn at(&self, sought: &Sought) -> Range<usize> {
        let mut found = 0..self.refs.len();
        if let Some(times) = &sought.times {
            let at = self.order.at(times);
            found = at.start.min(found.end)..at.end.min(found.end);
        }
        if let Some(rows) = &sought.rows {
            let end = |r: &NodeRef| r.first_row + r.span.n_rows;
            let from = self.refs.partition_point(|r| end(r) <= rows.start);
            let to = self.refs.partition_point(|r| r.first_row < rows.end);
            found = found.start.max(from)..found.end.min(to);
        }
        found
    }
}

/// A leaf with what makes it searchable by time.
#[derive(Debug, Clone)]
pub(crate) struct Leaf<E> {
    pub(crate) id: TreeId,
    pub(crate) entries: Vec<E>,
    pub(crate) activity: Option<RecordRef>,
    pub(crate) first_item: u64,
    /// Bytes of the file that it is of.
    pub(crate) file_len: u64,
    /// Where the events of chunks stand that are in another file.
    pub(crate) elsewhere: Option<Elsewhere>,
    order: Order,
}

impl<E: Entry> Leaf<E> {
    fn new(id: TreeId, leaf: wire::Leaf<E>, first_item: u64, file_len: u64) -> Self {
        Self {
            id,
            order: Order::of(leaf.entries.iter().map(E::times)),
            entries: leaf.entries,
            activity: leaf.activity,
            first_item,
            file_len,
            elsewhere: None,
        }
    }

    /// Whether an entry among those of [`Leaf::at`] is wanted.
    pub(crate) fn wants(&self, sought: &Sought, entry: &E) -> bool {
        self.order.wants(sought, entry.times())
    }

    /// Those outside which nothing is that is looked for.
    pub(crate) fn at(&self, sought: &Sought) -> Range<usize> {
        let mut found = 0..self.entries.len();
        if let Some(times) = &sought.times {
            found = self.order.at(times);
        }
        if let Some(rows) = &sought.rows {
            let end = |e: &E| e.first_row() + e.n_rows();
            let from = self.entries.partition_point(|e| end(e) <= rows.start);
            let to = self.entries.partition_point(|e| e.first_row() < rows.end);
            found = found.start.max(from)..found.end.min(to);
        }
        found
    }
}

/// What is looked for in a tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sought {
    /// Times, both ends among them.
    pub(crate) times: Option<RangeInclusive<i64>>,
    /// Numbers of events or rows.
    pub(crate) rows: Option<Range<u64>>,
}

impl Sought {
    /// Of `[start, end)`, either of which may be missing. An empty window holds nothing.
    pub(crate) fn new(times: Option<&Range<i64>>, rows: Option<&Range<u64>>) -> Self {
        let inclusive = |t: &Range<i64>| match last_tick(t) {
            None => RangeInclusive::new(1, 0),
            Some(last) => t.start..=last,
        };
        Self {
            times: times.map(inclusive),
            rows: rows.cloned(),
        }
    }

    /// Whether times of this span may be among those that are looked for.
    pub(crate) fn meets(&self, (t_min, t_max): (i64, i64)) -> bool {
        self.times.as_ref().is_none_or(|times| {
            !times.is_empty() && t_min <= *times.end() && *times.start() <= t_max
        })
    }
}

/// Where a leaf or node stands in the file, and the number of its first event or row, from which all others
/// are counted.
type InTree = (u64, u64);

fn place_of(r: &NodeRef) -> InTree {
    (r.record.offset, r.first_row)
}

/// What was used last.
#[derive(Debug)]
struct Cache<T> {
    kept: Mutex<Vec<(InTree, Arc<T>)>>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<T> Cache<T> {
    fn get(&self, place: InTree) -> Option<Arc<T>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(at, _)| *at == place)?;
        kept[..=at].rotate_right(1);
        Some(kept[0].1.clone())
    }

    fn put(&self, place: InTree, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(CACHED - 1);
        kept.insert(0, (place, value.clone()));
        value
    }
}
