//! An open file.

mod activity;
mod batches;
mod compressed;
mod event_index;
#[cfg(feature = "files")]
mod follow;
mod found;
mod growing;
mod listed_events;
mod options;
mod pieces;
mod refresh;
mod side;
mod side_feed;
mod window;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use evz_codec::by_id;
use evz_core::{Error, Loss, LossKind, Metadata, Note, ReadAt, Result, SideScope, StreamInfo};

pub use batches::Batches;
pub(crate) use batches::notes_of;
pub use compressed::{CompressedChunk, ListedChunk};
#[cfg(feature = "files")]
pub use follow::Follow;
pub use found::Found;
pub use options::{ReadOptions, mapped};
pub(crate) use side::Unpacked;
pub(crate) use side_feed::SideFeed;

use crate::index::{Index, Leaf, OF_INDEX, Sought, Stem};
use crate::steps::{Chunk, ChunkSteps, RecordSteps, Walk, run};
use crate::wire::{
    ChunkEntry, Entry, FileHeader, Kind, RecordRef, Root, StreamRoot, StreamSummary,
};
use crate::writer::IndexBuilder;

/// An open file, of which events are taken from one of its event streams. Cheap to clone; clones
/// share the file and its index, and many threads may take windows at once.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
    /// Position of the event stream among those of the file.
    stream: usize,
    scope: SideScope,
    /// Whether it was not told, and is the only one that has events.
    inferred: bool,
}

struct Inner {
    index: Arc<Index>,
    bytes: Arc<dyn ReadAt>,
    name: String,
    /// What was found damaged of activity: by what it is, the event stream and where it starts, why.
    lost_activity: Mutex<BTreeMap<(&'static str, u16, u64), String>>,
}

impl Reader {
    fn new(index: Index, bytes: Arc<dyn ReadAt>, name: String) -> Self {
        Self {
            inner: Arc::new(Inner {
                index: Arc::new(index),
                bytes,
                name,
                lost_activity: Mutex::default(),
            }),
            stream: 0,
            scope: SideScope::All,
            inferred: false,
        }
    }

    /// What the file is called in errors.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Time base, clock, sensor and metadata of the event stream.
    pub fn info(&self) -> &StreamInfo {
        &self.index().infos[self.stream]
    }

    /// The metadata of the file: of all of its event streams.
    pub fn metadata(&self) -> &Metadata {
        &self.index().metadata
    }

    /// The header at the start of the file.
    pub fn header(&self) -> &FileHeader {
        self.index().header()
    }

    /// The root of the index: sums over the whole file.
    pub fn root(&self) -> &Root {
        self.index().root()
    }

    /// The event streams of the file.
    pub fn streams(&self) -> &[StreamRoot] {
        &self.root().streams
    }

    /// The number of the event stream that it gives.
    pub fn stream(&self) -> usize {
        self.stream
    }

    /// The same file, with the events of the stream at this place among [`Reader::streams`].
    pub fn of_stream(&self, position: usize) -> Option<Self> {
        let inner = self.inner.clone();
        (position < self.streams().len()).then_some(Self {
            inner,
            stream: position,
            scope: SideScope::All,
            inferred: false,
        })
    }

    /// The only event stream that has events, for who told none; none if several have.
    pub(crate) fn only_stream(&self) -> Option<Self> {
        let streams = self.streams().iter().enumerate();
        let with_events = streams.filter(|(_, s)| s.summary.n_events() > 0);
        let mut positions = with_events.map(|(position, _)| position);
        match (positions.next(), positions.next()) {
            (Some(_), Some(_)) => None,
            (only, _) => Some(Self {
                inferred: only.is_some() && self.streams().len() > 1,
                ..self.of_stream(only.unwrap_or(0))?
            }),
        }
    }

    /// What is to be said of an event stream that was not told.
    fn note_of_stream(&self) -> Option<Note> {
        let declared = &self.streams()[self.stream].declaration;
        let name = match declared.name.as_str() {
            "" => declared.id.to_string(),
            name => format!("{name:?}"),
        };
        let all = self.streams().len();
        let what = format!("event stream {name} is read, the only one of {all} that has events");
        self.inferred.then_some(Note::Other(what))
    }

    /// The same without the side streams of other event streams; those of the recording are with the
    /// first. So who reads every event stream gets every side stream once.
    pub fn apart(self) -> Self {
        let scope = SideScope::Apart;
        Self { scope, ..self }
    }

    /// The same without the side streams of other event streams, with those of the recording. So who reads this event
    /// stream alone gets what belongs to it.
    pub fn alone(self) -> Self {
        let scope = SideScope::Alone;
        Self { scope, ..self }
    }

    /// Whether its events are those of event stream 0.
    pub(crate) fn is_first_stream(&self) -> bool {
        self.stream == 0
    }

    /// Sums over the event stream.
    pub fn summary(&self) -> &StreamSummary {
        &self.streams()[self.stream].summary
    }

    /// Number of events.
    pub fn n_events(&self) -> u64 {
        self.summary().n_events()
    }

    /// Whether no event is earlier than the one before it.
    pub fn sorted(&self) -> bool {
        self.summary().sorted
    }

    /// Whether it is the index of another file, in which the events stand.
    pub fn is_index(&self) -> bool {
        self.stem().latest.elsewhere.is_some()
    }

    /// An error if the events stand in another file, of which no parts were told: what is copied of it
    /// would be no recording.
    pub(crate) fn check_has_events(&self) -> Result<()> {
        let of_index = |key: &String| key.starts_with(OF_INDEX);
        match self.index().metadata.keys().any(of_index) && !self.is_index() {
            false => Ok(()),
            true => {
                let what = "it is the index of another file, in which the events are";
                Err(Error::unsupported(self.name(), what).advise("open that file"))
            }
        }
    }

    /// Bytes behind what can be read of a file that was cut, or that is being written; none of one that
    /// ends with its index.
    pub fn unfinished(&self) -> Option<u64> {
        let is_whole = self.ends_with_root() && !self.root().checkpoint;
        (!is_whole).then_some(self.index().behind)
    }

    /// Whether nothing stands behind the last root.
    pub(crate) fn ends_with_root(&self) -> bool {
        self.root().end() == self.file_len() + self.index().behind
    }

    /// What is to be said of a file that does not end with its index.
    fn how_it_ends(&self) -> (Option<Note>, Option<Loss>) {
        let behind = self.unfinished();
        let lost = behind.filter(|bytes| *bytes > 0).map(|bytes| {
            let what =
                "bytes behind the last whole record of a file that does not end with its index";
            Loss::new(LossKind::CutOff, what, bytes)
        });
        (behind.map(|_| Note::Unfinished), lost)
    }

    /// Bytes of the file, up to the end of its index.
    pub fn file_len(&self) -> u64 {
        self.index().file_len()
    }

    /// The profiles that the chunks were encoded with, each once, in the order in which they first
    /// appear.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn profiles(&self) -> Result<Vec<String>> {
        let mut codecs = Vec::new();
        for leaf in self.leaves() {
            for entry in &leaf?.entries {
                if !codecs.contains(&entry.codec) {
                    codecs.push(entry.codec);
                }
            }
        }
        let name = |id: u16| match by_id(id) {
            Some(codec) => codec.name().to_owned(),
            None => format!("codec {id}"),
        };
        Ok(codecs.into_iter().map(name).collect())
    }

    pub(crate) fn index(&self) -> &Arc<Index> {
        &self.inner.index
    }

    /// The tree of the event stream.
    pub(crate) fn stem(&self) -> &Arc<Stem<ChunkEntry>> {
        &self.index().streams[self.stream]
    }

    pub(crate) fn bytes(&self) -> &dyn ReadAt {
        &*self.inner.bytes
    }

    /// Names the file in an error, and the way out where there is one.
    pub(crate) fn blame(&self, error: Error) -> Error {
        error.recoverable().within(&self.inner.name)
    }

    /// The leaves of the event stream; an error names the file.
    fn leaves(&self) -> impl Iterator<Item = Result<Arc<Leaf<ChunkEntry>>>> {
        let leaves = self.walk(self.stem(), Sought::default());
        leaves.map(|leaf| leaf.map_err(|e| self.blame(e)))
    }

    /// The leaves of a tree that may hold what is looked for; an error, which ends them, does not name
    /// the file yet.
    pub(crate) fn walk<E: Entry>(
        &self,
        stem: &Arc<Stem<E>>,
        sought: Sought,
    ) -> impl Iterator<Item = Result<Arc<Leaf<E>>>> + use<E> {
        let mut walk = Walk::new(stem.clone(), sought);
        let reader = self.clone();
        std::iter::from_fn(move || {
            let leaf = run(&mut walk, reader.bytes());
            if leaf.is_err() {
                walk.stop();
            }
            leaf.transpose()
        })
    }

    /// What goes on with the index of the file where it ends. Of chunks whose activity is damaged it has
    /// none: who asks for it counts their events.
    pub(crate) fn index_builder(&self) -> Result<IndexBuilder> {
        let mut activity = Vec::new();
        for stem in &self.index().streams {
            activity.push(match self.activity_if_whole(&stem.latest)? {
                Some(bins) => bins.into_iter().map(Some).collect(),
                None => vec![None; stem.latest.entries.len()],
            });
        }
        Ok(IndexBuilder::resume(self.root(), activity))
    }

    /// The body of a record with this number in its header.
    pub(crate) fn record(&self, kind: Kind, record: RecordRef, number: u64) -> Result<Vec<u8>> {
        let mut record = RecordSteps::new(kind, record, number, self.file_len())?;
        run(&mut record, self.bytes())
    }

    fn take(&self, mut steps: ChunkSteps) -> Result<Chunk> {
        run(&mut steps, self.bytes())
    }
}
