//! What is known of a file before its messages are read: the topics, and of those with events what
//! the first message says.

use std::collections::HashMap;
use std::sync::Arc;

use evz_core::{Error, EventBatch, ReadAt, Result, SensorSize};

use crate::container::bag;
use crate::container::db3::{self, Rows};
use crate::container::mcap;
use crate::container::piece::Item;
use crate::container::walk::Walk;
use crate::container::window::Window;
use crate::container::{Container, Declared, Index};
use crate::encoding::{Decoder, Encoding};
use crate::losses::Losses;
use crate::message::event_array::EventArray;
use crate::message::event_packet::EventPacket;
use crate::pieces::Steps;
use crate::roles::owners;
use crate::topics::{Content, Topic, Topics};

/// What is known of a file.
pub(crate) struct Survey {
    pub(crate) container: Container,
    pub(crate) name: String,
    pub(crate) bytes: Arc<dyn ReadAt>,
    /// Where its records begin.
    pub(crate) at: u64,
    /// Where chunks begin, if its index says it.
    chunks: Arc<[u64]>,
    /// Of a database its messages, from the first on.
    rows: Option<Box<Rows>>,
    pub(crate) topics: Arc<Topics>,
    /// Of each topic what its first messages say.
    pub(crate) firsts: Vec<First>,
    /// How many messages topics have, where the index says it.
    pub(crate) counts: Arc<HashMap<usize, u64>>,
    /// The topics with events, by their numbers in the list of all.
    pub(crate) events: Vec<usize>,
    /// Of each topic that one of these which it belongs to.
    pub(crate) owners: Vec<Option<usize>>,
    /// Whether it ends as a whole file does.
    pub(crate) is_finished: bool,
    /// Chunks that its end counts and that are not there.
    pub(crate) missing_chunks: u64,
    /// Bytes that it lacks before where its index is said to begin.
    pub(crate) missing: u64,
    /// Whether messages of a database may stand in another file beside it.
    pub(crate) has_log: bool,
    /// Bytes of that file, if it is there.
    pub(crate) log_len: u64,
}

/// What the first messages of a topic say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct First {
    /// Messages that were looked at.
    messages: u64,
    pub(crate) size: Option<SensorSize>,
    /// How packets are encoded.
    pub(crate) encoding: Option<String>,
    pub(crate) frame_id: String,
    /// Nanoseconds of the first event, on whatever clock events have.
    pub(crate) event: Option<i64>,
    /// The stamp of the message that it is in.
    pub(crate) stamp: i64,
}

/// The messages of a topic that are looked at for the first event.
const MAX_MESSAGES: u64 = 100;

/// Bytes of a message that are decoded to find its first event.
const MAX_DECODED: usize = 64 << 10;

impl Survey {
    pub(crate) fn of(container: Container, bytes: Arc<dyn ReadAt>, name: &str) -> Result<Self> {
        let mut window = Window::new(bytes.clone());
        let (mut has_log, mut log_len, mut rows) = (false, 0, None);
        let (at, index, is_finished, missing) = match container {
            Container::Db3 => {
                let (start, messages) = db3::start(window, name)?;
                rows = Some(Box::new(messages));
                has_log = start.has_log;
                log_len = if has_log { log(&*bytes, name) } else { 0 };
                let declared = start.declared;
                let index = Index {
                    declared,
                    ..Index::default()
                };
                (0, Some(index), true, 0)
            }
            Container::Bag => {
                let start = bag::start(&mut window, name)?;
                let index = bag::index(&mut window, &start);
                let missing = start.index_at.saturating_sub(window.len());
                let is_finished = index.is_some();
                (start.at, index, is_finished, missing)
            }
            Container::Mcap => {
                let magic = window.get(0, mcap::MAGIC.len());
                let magic = magic.map_err(|e| Error::io(name, "cannot read", e))?;
                if magic != mcap::MAGIC {
                    let what = "it ends within its first bytes";
                    return Err(Error::insufficient(name, what));
                }
                let (index, finished) = (mcap::index(&mut window), mcap::is_finished(&mut window));
                (mcap::MAGIC.len() as u64, index, finished, 0)
            }
        };
        let mut survey = Self {
            container,
            name: name.to_owned(),
            bytes,
            at,
            chunks: Arc::default(),
            rows,
            topics: Arc::default(),
            firsts: Vec::new(),
            counts: Arc::default(),
            events: Vec::new(),
            owners: Vec::new(),
            is_finished,
            missing_chunks: 0,
            missing,
            has_log,
            log_len,
        };
        let is_settled = match index {
            Some(mut index) => {
                survey.chunks = std::mem::take(&mut index.chunks).into();
                survey.look(Some(index))? && survey.has_events()
            }
            None => false,
        };
        if !is_settled {
            survey.topics = Arc::default();
            survey.firsts.clear();
            survey.counts = Arc::default();
            survey.look(None)?;
        }
        survey.rows = (survey.rows).map(|rows| Box::new(rows.without_topics()));
        survey.events = survey.event_topics();
        survey.owners = owners(&survey.topics.list, &survey.events);
        Ok(survey)
    }

    /// Takes what the end of a file says of all of it, which was walked through.
    fn take_claims(&mut self, steps: &Steps) {
        let Steps::Records(walk) = steps else {
            return;
        };
        let mut window = Window::new(self.bytes.clone());
        let claims = walk
            .summary
            .and_then(|at| self.container.claims(&mut window, at));
        let Some(claims) = claims else {
            return;
        };
        self.is_finished = true;
        self.missing = 0;
        self.missing_chunks = claims.chunks.saturating_sub(walk.met);
        self.add_counts(claims.messages);
    }

    fn add_counts(&mut self, messages: HashMap<u32, u64>) {
        for (connection, messages) in messages {
            if let Some(at) = self.topics.of(connection) {
                *Arc::make_mut(&mut self.counts).entry(at).or_default() += messages;
            }
        }
    }

    fn has_events(&self) -> bool {
        self.topics.list.iter().any(|t| t.content.is_events())
    }

    /// What gives all pieces of it.
    pub(crate) fn steps(&self) -> Steps {
        match &self.rows {
            Some(rows) => Steps::Rows(rows.clone()),
            None => {
                let (bytes, chunks) = (self.bytes.clone(), self.chunks.clone());
                let walk = Walk::new(self.container, bytes, &self.name, self.at, chunks);
                Steps::Records(walk)
            }
        }
    }

    /// Looks at messages: with an index until every topic with events was met, without one at all of
    /// them. Whether what the index says agrees with the rest.
    fn look(&mut self, index: Option<Index>) -> Result<bool> {
        let is_indexed = index.is_some();
        if let Some(index) = index {
            // What is named by a schema may stand before it.
            let (schemas, connections): (Vec<_>, Vec<_>) = (index.declared.into_iter())
                .partition(|declared| matches!(declared, Declared::Schema { .. }));
            let declared = schemas.into_iter().chain(connections);
            let agrees = declared.map(|declared| self.topics.declare(declared));
            if !agrees.fold(true, |all, one| all & one) {
                return Ok(false);
            }
            self.add_counts(index.messages);
        }
        let (mut steps, mut losses) = (self.steps(), Losses::default());
        // Topics that are known stay so.
        let mut known = 0;
        loop {
            self.firsts
                .resize_with(self.topics.list.len(), First::default);
            let is_known = |at: usize| {
                !self.topics.list[at].content.is_events()
                    || self.firsts[at].is_settled()
                    || self.counts.get(&at) == Some(&0)
            };
            while known < self.firsts.len() && is_known(known) {
                known += 1;
            }
            if is_indexed && known == self.firsts.len() {
                return Ok(true);
            }
            let Some(packed) = steps.next(&mut losses)? else {
                if !is_indexed {
                    self.take_claims(&steps);
                }
                return Ok(true);
            };
            let mut piece = packed.unpack();
            while let Ok(Some(item)) = piece.next() {
                match item {
                    Item::Declared(declared) => {
                        if !self.topics.declare(declared) && is_indexed {
                            return Ok(false);
                        }
                        self.firsts
                            .resize_with(self.topics.list.len(), First::default);
                    }
                    Item::Message { connection, data } => {
                        let Some(at) = self.topics.of(connection) else {
                            continue;
                        };
                        let (topic, first) = (&self.topics.list[at], &mut self.firsts[at]);
                        if topic.content.is_events() && !first.is_settled() {
                            first.messages += 1;
                            match piece.packed_message(topic.layout, &data) {
                                Ok(Some(message)) => first.look(topic, &message.bytes),
                                Ok(None) => first.look(topic, &piece.bytes[data]),
                                // Whoever reads it says so.
                                Err(_) => {}
                            }
                        }
                    }
                }
            }
        }
    }
}

impl First {
    fn is_settled(&self) -> bool {
        self.event.is_some() || self.messages >= MAX_MESSAGES
    }

    fn look(&mut self, topic: &Topic, message: &[u8]) {
        match topic.content {
            Content::EventArrays => {
                if let Ok(mut array) = EventArray::read(topic.layout, message) {
                    self.note(array.header.frame_id, array.size);
                    let mut batch = EventBatch::default();
                    array.events.decode(message, 1, &mut batch);
                    self.event = batch.t.first().copied();
                    self.stamp = array.header.stamp;
                }
            }
            Content::EventPackets => {
                if let Ok(packet) = EventPacket::read(topic.layout, message) {
                    self.note(packet.header.frame_id, packet.size);
                    let name = self
                        .encoding
                        .get_or_insert_with(|| packet.encoding.to_owned());
                    self.stamp = packet.header.stamp;
                    self.event = match Encoding::of_name(name) {
                        Some(encoding) => first_event(encoding, &packet, message),
                        None => Some(packet.time_base),
                    };
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, frame_id: &str, size: SensorSize) {
        if self.size.is_none() {
            self.frame_id = frame_id.to_owned();
            self.size = known(size);
        }
    }
}

/// Bytes of the log beside a database, which has what was written last; 0 if there is none.
fn log(bytes: &dyn ReadAt, name: &str) -> u64 {
    let far = bytes.beside("-wal").map(|log| log.len());
    let near = || std::fs::metadata(format!("{name}-wal")).map(|log| log.len());
    far.unwrap_or_else(|| near().unwrap_or_default())
}

/// A size, if it is one of a sensor: where nobody told it, it is 0.
pub(crate) fn known(size: SensorSize) -> Option<SensorSize> {
    let is_one = |n| (1..=1 << 16).contains(&n);
    Some(size).filter(|size| is_one(size.width) && is_one(size.height))
}

/// Nanoseconds of the first event of a packet.
fn first_event(encoding: Encoding, packet: &EventPacket<'_>, message: &[u8]) -> Option<i64> {
    let events = &message[packet.events.clone()];
    let len = events.len().min(MAX_DECODED);
    let whole = len - len % encoding.word_len();
    let (mut decoder, mut batch) = (Decoder::new(encoding), EventBatch::default());
    decoder.begin(packet.time_base);
    decoder.decode(&events[..whole], 0, &mut batch);
    let tick = encoding.time_base().whole_nanoseconds().unwrap_or(1);
    batch.t.first().map(|t| t * tick as i64)
}
