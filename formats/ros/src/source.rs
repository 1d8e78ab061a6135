//! A file of messages as a source of events.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use evz_core::{
    Clock, ClockKind, Error, EventBatch, EventSource, LossKind, Metadata, Next, Note, Noticed,
    OpenOptions, Place, Progress, Report, Result, SensorSize, SideScope, StreamInfo, TimeBase,
    Value,
};

use crate::beside::Beside;
use crate::container::Container;
use crate::container::piece::{Item, Piece};
use crate::encoding::{Decoder, Encoding};
use crate::losses::Losses;
use crate::message::event_array::{EventArray, Events};
use crate::message::event_packet::EventPacket;
use crate::message::reader::Wrong;
use crate::packets::Packets;
use crate::parts::{Part, SMALL, Span};
use crate::pieces::Pieces;
use crate::roles::{Role, Roles};
use crate::side::{self, Times};
use crate::survey::{Survey, known};
use crate::topics::{Content, Topics};

/// Events of a batch, more or less.
const BATCH: usize = 64 << 10;

/// Events of a list, or bytes of a packet, that are decoded at once: a word of EVT3 may be 12 events.
const EVENTS_AT_ONCE: usize = BATCH;
const BYTES_AT_ONCE: usize = 16 << 10;

/// A recording of a robot, read from front to back.
pub(crate) struct Source {
    name: String,
    info: StreamInfo,
    summary: Vec<String>,
    is_finished: bool,
    is_database: bool,
    has_log: bool,
    log_len: u64,
    /// Chunks that the index counts and that are not there.
    missing_chunks: u64,
    /// How many messages topics have, where the index says it.
    counts: Arc<HashMap<usize, u64>>,
    /// Whether all pieces were read.
    ended: bool,
    pieces: Pieces,
    piece: Option<Piece>,
    /// The last message of it that was read, if that is packed for itself.
    message: Option<Piece>,
    topics: Arc<Topics>,
    roles: Roles,
    encoding: Option<Encoding>,
    decoder: Option<Decoder>,
    /// The message whose events are being decoded.
    open: Option<Open>,
    noticed: Noticed,
    packets: Packets,
    /// How often a message says another size than the stream.
    other_sizes: u64,
    size: Option<SensorSize>,
    losses: Losses,
    beside: Beside,
    /// Events of a batch, more or less.
    at_once: usize,
    /// What was decoded for the last batch, if batches are to be parts.
    part: Option<Part>,
}

/// Events of a message that are left to be decoded.
enum Open {
    /// A list, and where the message begins in the piece.
    Array(Events, Range<usize>),
    /// The rest of a packet, and its time base if nothing of it was decoded.
    Packet(Range<usize>, Option<i64>),
}

impl Source {
    /// The events of one topic of a file.
    pub(crate) fn new(
        survey: &Survey,
        chosen: Option<usize>,
        scope: SideScope,
        options: &OpenOptions,
        file_name: &str,
    ) -> Result<Self> {
        let container = match survey.container {
            Container::Bag => "ROS 1 bag 2.0",
            Container::Mcap => "MCAP",
            Container::Db3 => "database of rosbag2",
        };
        let mut metadata = Metadata::new();
        let mut say = |key: &str, value: &str| metadata.insert(key.to_owned(), Value::from(value));
        say("source.file", file_name);
        say(
            "source.format",
            match survey.container {
                Container::Bag => "bag",
                Container::Mcap => "mcap",
                Container::Db3 => "db3",
            },
        );
        let mut info = StreamInfo::new(TimeBase::NANOSECONDS);
        let mut summary = vec![format!("read as: {container}, no events")];
        let (mut encoding, mut offset, mut size) = (None, None, None);
        if let Some(at) = chosen {
            let (topic, first) = (&survey.topics.list[at], &survey.firsts[at]);
            say("source.topic", &topic.name);
            say("source.type", &topic.type_name);
            say("source.frame_id", &first.frame_id);
            let mut what = topic.type_name.clone();
            if let Some(name) = &first.encoding {
                say("source.encoding", name);
                encoding = Some(Encoding::of_name(name).ok_or_else(|| unknown(survey, at, name))?);
                what += &format!(", {name}");
            }
            let base = encoding.map_or(TimeBase::NANOSECONDS, Encoding::time_base);
            let kind = encoding.map_or(ClockKind::Unix, Encoding::clock);
            let kind = match (kind, first.event) {
                // Where a simulation made the events, its clock began at 0.
                (ClockKind::Unix, Some(t)) if t < MIN_UNIX => ClockKind::Unknown,
                (kind, _) => kind,
            };
            if kind == ClockKind::Sensor {
                offset = first.event.map(|event| first.stamp.wrapping_sub(event));
            }
            size = first.size;
            let several = survey.events.len() > 1;
            info = StreamInfo::new(base)
                .with_clock(Clock::of(kind))
                .with_size(options.size.or(size))
                .with_name(if several { &*topic.name } else { "" });
            let clock = match kind {
                ClockKind::Sensor => "of the sensor",
                ClockKind::Unix => "since 1970",
                _ => "of an unknown clock",
            };
            let ticks = if base == TimeBase::MICROSECONDS {
                "microseconds"
            } else {
                "nanoseconds"
            };
            let topic = &topic.name;
            summary = vec![format!(
                "read as: {container}, topic {topic} ({what}), {ticks} {clock}"
            )];
        }
        let roles = Roles::new(survey, chosen, scope);
        let moved = roles.side_streams();
        if let (Some(offset), false) = (offset, moved.is_empty()) {
            summary.push(format!(
                "{} moved to the clock of the sensor, which the stamp of the first message is {offset} \
                 ns ahead of; their own times are in the column stamp",
                moved.join(", ")
            ));
        }
        let mut losses = Losses::default();
        if roles.speaks_for_file() {
            let end = Place::file(&survey.name).with_byte(survey.bytes.len());
            let what = "bytes that are missing before its index";
            losses.add(LossKind::CutOff, what, survey.missing, end, "");
            let log = Place::file(format!("{}-wal", survey.name));
            let what = "bytes of the log beside the database that are not read";
            let why = "what was written last is in it; `PRAGMA wal_checkpoint(TRUNCATE)` of sqlite3 puts \
                       it into the database";
            losses.add(LossKind::CutOff, what, survey.log_len, log, why);
        }
        Ok(Self {
            name: survey.name.clone(),
            beside: Beside::new(Times::new(info.time_base, offset)),
            info: info.with_metadata(metadata),
            summary,
            is_finished: survey.is_finished,
            is_database: survey.container == Container::Db3,
            has_log: survey.has_log,
            log_len: survey.log_len,
            missing_chunks: survey.missing_chunks,
            counts: survey.counts.clone(),
            ended: false,
            pieces: Pieces::new(survey.steps()),
            piece: None,
            message: None,
            topics: survey.topics.clone(),
            roles,
            encoding,
            decoder: encoding.map(Decoder::new),
            open: None,
            noticed: Noticed::default(),
            packets: Packets::default(),
            other_sizes: 0,
            size,
            losses,
            at_once: if options.small_parts { SMALL } else { BATCH },
            part: options.small_parts.then(Part::default),
        })
    }

    /// Decodes some more; false at the end.
    fn step(&mut self, batch: &mut EventBatch) -> Result<bool> {
        let Some(piece) = self.message.as_ref().or(self.piece.as_ref()) else {
            self.piece = self.pieces.next(&mut self.losses)?;
            if self.piece.is_none() {
                self.end();
            }
            return Ok(self.piece.is_some());
        };
        match &mut self.open {
            Some(Open::Array(events, message)) => {
                let before = *events;
                let most = EVENTS_AT_ONCE.min(self.at_once);
                events.decode(&piece.bytes[message.clone()], most, batch);
                if let Some(part) = &mut self.part {
                    part.add(piece, None, Span::of_array(before, *events, message));
                }
                if events.left == 0 {
                    self.open = None;
                }
                return Ok(true);
            }
            Some(Open::Packet(rest, base)) => {
                let len = rest.len().min(BYTES_AT_ONCE);
                let now = rest.start..rest.start + len;
                let base = base.take();
                rest.start = now.end;
                if rest.start >= rest.end {
                    self.open = None;
                }
                let at = piece.byte(now.start);
                if let Some(decoder) = &mut self.decoder {
                    if let Some(part) = &mut self.part {
                        part.add(piece, Some(decoder), Span::of_packet(now.clone(), base));
                    }
                    let unknown = decoder.decode(&piece.bytes[now], at.unwrap_or_default(), batch);
                    let what = "words of a kind that is not read";
                    let place = place(&self.name, at);
                    self.losses.add(LossKind::Unknown, what, unknown, place, "");
                    if let Some(rows) = decoder.take_triggers() {
                        self.beside.store.add(rows);
                    }
                }
                return Ok(true);
            }
            None => {}
        }
        self.message = None;
        let Some(piece) = &mut self.piece else {
            return Ok(true);
        };
        let at = piece.byte(0);
        match piece.next() {
            Ok(Some(Item::Declared(declared))) => {
                self.topics.declare(declared);
            }
            Ok(Some(Item::Message { connection, data })) => self.message(connection, data),
            ended => {
                let damage = ended.err().or(piece.damage);
                if let Some(why) = damage.filter(|_| self.roles.speaks_for_file()) {
                    let place = place(&self.name, at);
                    self.losses
                        .add(LossKind::Damaged, "damaged chunks", 1, place, why);
                }
                self.piece = None;
            }
        }
        Ok(true)
    }

    /// Rows say which event stream they belong to.
    fn of_owner(&self, mut next: Next) -> Next {
        if let Next::Rows(rows) = &mut next {
            rows.of = self.roles.owner_of(&rows.stream);
        }
        next
    }

    /// Compares what was met with what the index counts, where nothing else shows that they differ.
    fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) || !self.losses.is_empty() {
            return;
        }
        let (fewer, more) = self.roles.unlike(&self.counts);
        let place = || Place::file(&self.name);
        let what = "messages that the index counts and the file has not";
        (self.losses).add(LossKind::Damaged, what, fewer, place(), "");
        let what = "messages that the file has and the index does not count, as where some are there twice";
        (self.losses).add(LossKind::Damaged, what, more, place(), "");
        // Where messages are not counted, chunks are.
        if self.losses.is_empty() && self.roles.speaks_for_file() {
            let what = "chunks that the index counts and the file has not";
            (self.losses).add(LossKind::Damaged, what, self.missing_chunks, place(), "");
        }
    }

    /// Reads a message of the piece, or begins to.
    fn message(&mut self, connection: u32, data: Range<usize>) {
        let Some(piece) = &mut self.piece else { return };
        let place = place(&self.name, piece.byte(data.start));
        let Some(at) = self.topics.of(connection) else {
            if self.roles.speaks_for_file() {
                let what = "messages of a connection that is not declared";
                self.losses.add(LossKind::Damaged, what, 1, place, "");
            }
            return;
        };
        let Some(role) = self.roles.meet(at) else {
            return;
        };
        let unpacked = piece.packed_message(self.topics.list[at].layout, &data);
        let read = unpacked.and_then(|message| {
            let data = message.as_ref().map_or(data, |m| 0..m.bytes.len());
            self.message = message;
            self.read(&role, at, data, &place)
        });
        if let Err(why) = read {
            let topic = &self.topics.list[at].name;
            let what = format!("messages of {topic} that cannot be read");
            self.losses.add(LossKind::Damaged, &what, 1, place, why);
        }
    }

    /// Reads the bytes of a message, or begins to.
    fn read(
        &mut self,
        role: &Role,
        at: usize,
        data: Range<usize>,
        place: &Place,
    ) -> Result<(), Wrong> {
        let Some(piece) = self.message.as_ref().or(self.piece.as_ref()) else {
            return Ok(());
        };
        let (topic, bytes) = (&self.topics.list[at], &piece.bytes[data.clone()]);
        match role {
            Role::Side(stream) => return self.beside.row(topic, bytes, stream),
            Role::CameraInfo => return self.beside.camera(topic, bytes),
            Role::Events => {}
        }
        let size = match topic.content {
            Content::EventArrays => {
                let array = EventArray::read(topic.layout, bytes)?;
                self.open = Some(Open::Array(array.events, data));
                array.size
            }
            _ => {
                let packet = EventPacket::read(topic.layout, bytes)?;
                self.packets.pass(packet.seq);
                if Encoding::of_name(packet.encoding) != self.encoding {
                    return Err("its events are encoded in another way than those before");
                }
                let word = self.encoding.map_or(1, Encoding::word_len);
                let events = data.start + packet.events.start..data.start + packet.events.end;
                let whole = events.end - events.len() % word;
                let what = "bytes at the end of a packet that are no whole word";
                let n = (events.end - whole) as u64;
                self.losses
                    .add(LossKind::Damaged, what, n, place.clone(), "");
                if let Some(decoder) = &mut self.decoder {
                    decoder.begin(packet.time_base);
                }
                self.open = Some(Open::Packet(events.start..whole, Some(packet.time_base)))
                    .filter(|_| whole > events.start);
                packet.size
            }
        };
        self.other_sizes += u64::from(known(size) != self.size);
        Ok(())
    }
}

/// A byte of a file, if it is known which.
fn place(file: &str, byte: Option<u64>) -> Place {
    let file = Place::file(file);
    match byte {
        Some(byte) => file.with_byte(byte),
        None => file,
    }
}

/// Earlier times, in nanoseconds, are not of a clock that counts from 1970: 2001-09-09.
const MIN_UNIX: i64 = 1_000_000_000_000_000_000;

fn unknown(survey: &Survey, at: usize, encoding: &str) -> Error {
    let what = format!(
        "the events of {} are encoded as {:?}, and only {} are read",
        survey.topics.list[at].name,
        encoding.chars().take(40).collect::<String>(),
        Encoding::names()
    );
    Error::unsupported(&survey.name, what)
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(next) = self.beside.store.waiting(batch) {
            return Ok(self.of_owner(next));
        }
        batch.clear();
        self.part.iter_mut().for_each(Part::clear);
        while batch.len() < self.at_once && !self.beside.store.is_full() {
            let piece = self.message.as_ref().or(self.piece.as_ref());
            // No part is of several pieces.
            if let Some(part) = self.part.as_mut().filter(|part| !part.is_of(piece)) {
                if !batch.is_empty() {
                    break;
                }
                part.clear();
            }
            match self.step(batch) {
                Ok(true) => {}
                Ok(false) => break,
                // It comes again once the events before it were taken.
                Err(error) if batch.is_empty() => return Err(error),
                Err(error) => {
                    self.pieces.fail(error);
                    break;
                }
            }
        }
        self.noticed
            .add(&Noticed::of(batch.as_slice(), self.info.size));
        let found = self.beside.store.found(batch);
        Ok(match found {
            Some(next) => self.of_owner(next),
            None => Next::End(self.report()),
        })
    }

    fn side_streams(&self) -> Vec<String> {
        let among_events =
            (self.encoding == Some(Encoding::Evt3)).then(|| side::TRIGGERS.to_owned());
        among_events
            .into_iter()
            .chain(self.roles.side_streams())
            .collect()
    }

    fn report(&self) -> Report {
        let mut report = Report {
            inferred: self.summary.clone(),
            ..Report::default()
        };
        if let Some(Decoder::Evt3(words)) = &self.decoder {
            let mut words = words.report(&self.name);
            if self.is_database {
                // Their places are those in pieces of rows.
                words
                    .losses
                    .iter_mut()
                    .for_each(|loss| loss.examples.clear());
            }
            report.merge(words);
        }
        let place = |event| Place::default().with_event(event);
        report
            .notes
            .extend(self.noticed.notes(self.info.size, place));
        report.notes.extend(self.packets.note().map(Note::Other));
        if self.other_sizes > 0 {
            report.notes.push(Note::Other(format!(
                "messages that say another size of the sensor than the first one: {}",
                self.other_sizes
            )));
        }
        if self.roles.speaks_for_file() {
            let unread = self.roles.unread(&self.topics.list);
            report.notes.extend(unread.map(Note::Other));
            for (what, count) in self.pieces.others() {
                let (what, count) = ((*what).to_owned(), *count);
                report.notes.push(Note::LeftOut { what, count });
            }
            if !self.is_finished {
                report.notes.push(Note::Unfinished);
            }
            if self.has_log && self.log_len == 0 {
                let what = "the database writes a log beside it (-wal); messages that stand in that \
                            alone are not read";
                report.notes.push(Note::Other(what.to_owned()));
            }
        }
        for loss in self.losses.all().into_iter().chain(self.beside.losses()) {
            report.add_loss(loss);
        }
        report
    }

    fn closing_metadata(&self) -> Metadata {
        self.beside.metadata()
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.part.as_ref()?.to_bytes()
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.pieces.progress())
    }
}
