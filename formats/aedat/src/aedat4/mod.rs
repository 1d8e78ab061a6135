//! AEDAT 4: packets of flatbuffers, each compressed for itself.
//!
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-4.0.html>

mod choose;
mod compression;
mod decode;
mod encode;
mod encode_side;
mod fit;
mod flat;
mod group;
mod header;
mod lz4;
mod outline;
mod packets;
mod parts;
mod side_packets;
mod side_rows;
mod sink;
mod streams;
mod table;
mod tally;
mod walk;

use std::ops::Range;
use std::sync::Arc;

use evz_core::{
    Clock, ClockKind, Error, EventBatch, EventSource, LossKind, Next, Note, Noticed, OpenOptions,
    Place, Progress, Question, Report, Result, SideStore, StreamInfo, TimeBase, Value, listed,
    max_memory,
    parallel::{InOrder, threads},
};

use crate::{byte_reader::ByteReader, losses::Losses, provenance::metadata};
use choose::{Roles, describe};
use group::{Context, Found, Group, Packet, RAW_LEN};
use header::Header;
use parts::part_of;
use table::Plan;
use tally::Lacking;
use walk::Walk;

pub use compression::Compression;
pub(crate) use fit::MAX_COORDINATE;
pub(crate) use parts::open as open_parts;
pub use sink::Aedat4Sink;

/// A recording of AEDAT 4, read from front to back.
pub(crate) struct Source {
    walk: Walk,
    info: StreamInfo,
    summary: String,
    /// What is read by the data table, for people.
    by_table: Option<String>,
    context: Arc<Context>,
    /// Packets that are being decoded.
    in_flight: InOrder<Group>,
    /// Bytes that they may unpack to.
    limit: usize,
    /// Packets that were read and must wait until there is room.
    waiting: Option<Group>,
    /// What was handed out, to be filled again.
    spare: Vec<Group>,
    /// How the reading of packets ended, once it has.
    end: Option<Result<()>>,
    any_whole: bool,
    /// Whether a group is to have one packet of events.
    small: bool,
    /// Where the events of the last batch stand.
    last: Option<Vec<u8>>,
    noticed: Noticed,
    losses: Losses,
    side: SideStore,
}

impl Source {
    /// The recording whose first bytes, up to the version, were already read.
    pub(crate) fn new(mut input: ByteReader, options: &OpenOptions) -> Result<Self> {
        let header = Header::read(&mut input)?;
        let streams = streams::parse(input.name(), &header.xml)?;
        let roles = Roles::new(input.name(), &streams, options)?;
        let size = options.size.or(roles.size());
        let mut metadata = metadata(&input, "aedat 4.0", header.xml);
        let camera = roles.stream.as_ref().and_then(|s| s.source.clone());
        // A camera is called by its model and its serial number.
        let serial = camera.as_ref().and_then(|camera| camera.rsplit_once('_'));
        let serial = serial.map_or("", |(_, serial)| serial).to_owned();
        metadata.extend(camera.map(|camera| (sink::CAMERA.to_owned(), Value::Text(camera))));
        let stream = match (&roles.stream, roles.chosen) {
            (Some(stream), _) => format!("event stream {}", describe(stream)),
            (None, Some(number)) => {
                format!("event stream {number}, which its header does not list")
            }
            (None, None) if roles.is_open => "the first event stream".to_owned(),
            (None, None) => "no event stream".to_owned(),
        };
        let packing = header.compression.name();
        Ok(Self {
            summary: format!("read as: AEDAT 4.0, compression {packing}, {stream}, microseconds"),
            by_table: None,
            info: StreamInfo::new(TimeBase::MICROSECONDS)
                .with_clock(Clock::of(ClockKind::Unix))
                .with_size(size)
                .with_name(&roles.stream_name)
                .with_serial(serial)
                .with_metadata(metadata),
            walk: Walk::new(input, header.table),
            context: Arc::new(Context {
                compression: header.compression,
                roles,
                size,
            }),
            in_flight: InOrder::default(),
            limit: 0,
            waiting: None,
            spare: Vec::new(),
            end: None,
            any_whole: false,
            small: options.small_parts,
            last: None,
            noticed: Noticed::default(),
            losses: Losses::default(),
            side: SideStore::default(),
        })
    }

    /// The names of the event streams, if there are several.
    ///
    /// # Errors
    /// If the sources of all of them would keep too much: each has the header.
    pub(crate) fn streams(mut input: ByteReader) -> Result<Vec<String>> {
        const MAX_HEADERS: usize = 64 << 20;
        let xml = Header::read(&mut input)?.xml;
        let names = choose::event_names(&streams::parse(input.name(), &xml)?);
        if names.len() * xml.len() > MAX_HEADERS {
            let (n, len) = (names.len(), xml.len());
            let what = format!(
                "it has {n} event streams, each of which would keep the {len} bytes of its header, and \
                 at most {MAX_HEADERS} bytes are kept"
            );
            let place = Place::file(input.name()).with_part("header");
            return Err(Error::limit(place, what).settled_by(Question::Stream, names));
        }
        Ok(names)
    }

    /// The same where each event stream is read by a source of its own.
    pub(crate) fn apart(mut self) -> Self {
        Arc::make_mut(&mut self.context).roles.set_apart();
        self
    }

    /// The same without the side streams of the cameras of other event streams.
    pub(crate) fn alone(mut self) -> Self {
        Arc::make_mut(&mut self.context).roles.set_alone();
        self
    }

    /// The next packets, decoded; those behind them are read and on their way, as far as memory may
    /// be used.
    fn next_group(&mut self) -> Option<Group> {
        while self.in_flight.len() < groups_at_once() {
            // What has come is not held back for what has not.
            let has_next = self.waiting.is_some() || self.walk.is_there();
            if !self.in_flight.is_empty() && !has_next {
                break;
            }
            let Some(mut group) = self.waiting.take().or_else(|| self.read_group()) else {
                break;
            };
            if self.in_flight.is_empty() && self.end.is_some() {
                // The last one: there is nothing to do beside it.
                group.decode(&self.context);
                return Some(group);
            }
            // What they unpack to is there twice, as it is and as rows.
            let limit = (groups_at_once() * RAW_LEN).min((max_memory() / 8) as usize);
            if !self.in_flight.is_empty() && self.limit + group.limit > limit {
                self.waiting = Some(group);
                break;
            }
            self.limit += group.limit;
            let context = self.context.clone();
            self.in_flight.push(move || {
                group.decode(&context);
                group
            });
        }
        let group = self.in_flight.pop()?;
        self.limit -= group.limit;
        Some(group)
    }

    fn read_group(&mut self) -> Option<Group> {
        let mut group = self.spare.pop().unwrap_or_default();
        while self.end.is_none()
            && group.has_room()
            && (group.packets.is_empty() || self.walk.is_there())
        {
            match self.walk.next(&mut group, &self.context, &mut self.losses) {
                Ok(true) => {
                    self.settle_stream(&mut group);
                    if self.small && group.ends_in_events(&self.context) {
                        break;
                    }
                }
                Ok(false) => self.end = Some(Ok(())),
                Err(e) => self.end = Some(Err(e)),
            }
        }
        (!group.packets.is_empty()).then_some(group)
    }

    /// While it is not known which stream has the events, the last packet may settle it.
    fn settle_stream(&mut self, group: &mut Group) {
        if self.context.roles.is_open
            && group.ends_in_events(&self.context)
            && let Some(packet) = group.packets.last()
        {
            let roles = &mut Arc::make_mut(&mut self.context).roles;
            roles.chosen = Some(packet.stream);
            roles.is_open = false;
        }
    }

    /// Takes what was found in a packet besides its events.
    fn account(&mut self, packet: Packet) {
        let stream = packet.stream;
        let part = format!("packet of stream {stream}");
        let place = self.walk.input.place(packet.at).with_part(part);
        self.any_whole |= !matches!(packet.found, Found::Nothing | Found::Damaged(_));
        let elements = match &packet.found {
            Found::Events(missing) => Some(missing.there),
            Found::Rows(rows) => Some(rows.len() as u64),
            _ => None,
        };
        if let Some(n) = elements {
            (self.walk.tally).elements(stream, packet.packed.len() as u32, n);
        }
        let losses = &mut self.losses;
        let what = "bytes behind what their packet has";
        losses.add(LossKind::Unknown, what, packet.behind, place.clone());
        match packet.found {
            Found::Nothing => {}
            Found::Events(missing) => {
                let what = "events cut off at the end";
                losses.add(LossKind::CutOff, what, missing.cut, place.clone());
                let what = "events that their packet has and does not count";
                losses.add(LossKind::Damaged, what, missing.uncounted, place.clone());
                let what = "packets with a count of more events than they have";
                let claims = missing.claims_more.into();
                losses.add(LossKind::Damaged, what, claims, place.clone());
                let what = "events with negative coordinates";
                losses.add(LossKind::BeyondSensor, what, missing.negative, place);
            }
            Found::Others(n) => {
                let what = "events of streams that the header does not list";
                losses.add(LossKind::Unknown, what, n, place);
            }
            Found::Rows(mut rows) => {
                rows.of = self.context.roles.owner_of(stream);
                self.side.add(rows);
            }
            Found::Unknown(kind) => {
                let what = "packets of a kind that is not read";
                let why = format!("kind {}", kind.escape_ascii());
                losses.add_for(LossKind::Unknown, what, 1, place, &why);
            }
            // A packet that was cut is counted as such.
            Found::Damaged(_) if packet.lacking > 0 => {}
            Found::Damaged(why) => {
                losses.add_for(LossKind::Damaged, "damaged packets", 1, place, &why);
            }
        }
    }

    /// Compares all that was there with what the data table lists.
    fn compare_table(&mut self) {
        let Some(rows) = self.walk.rows.take() else {
            return;
        };
        let roles = &self.context.roles;
        let of_read = rows.iter().filter(|row| !roles.skips(row.stream));
        let found = self.walk.tally.compare(of_read);
        let losses = &mut self.losses;
        let place = |byte| {
            Place::file(self.walk.input.name())
                .with_part("data table")
                .with_byte(byte)
        };
        let what = "packets that the data table lists and that are not there";
        let Lacking { count, first } = found.packets;
        losses.add(LossKind::CutOff, what, count, place(first));
        let what = "elements that the data table lists and that are not in their packets";
        let Lacking { count, first } = found.elements;
        losses.add(LossKind::CutOff, what, count, place(first));
        if found.unlisted > 0 {
            let what = format!("packets that are not in its data table: {}", found.unlisted);
            let note = self.walk.note.take();
            self.walk.note = Some(note.map_or(what.clone(), |note| format!("{note}; {what}")));
        }
    }

    /// An error if there was nothing but damage.
    fn check_end(&self) -> Result<()> {
        match self.any_whole {
            true => Ok(()),
            false => self.losses.nothing_else().map_or(Ok(()), Err),
        }
    }
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(next) = self.side.waiting(batch) {
            return Ok(next);
        }
        loop {
            let Some(mut group) = self.next_group() else {
                batch.clear();
                self.end.replace(Ok(())).unwrap_or(Ok(()))?;
                self.compare_table();
                self.check_end()?;
                return Ok(Next::End(self.report()));
            };
            self.noticed.add(&group.noticed);
            self.last = self.small.then(|| part_of(&group));
            group.packets.drain(..).for_each(|p| self.account(p));
            // The batch is not cleared before it is swapped: a decoder that fills it again need not
            // set it to zeros first.
            std::mem::swap(batch, &mut group.events);
            group.empty();
            self.spare.push(group);
            if let Some(next) = self.side.found(batch) {
                return Ok(next);
            }
        }
    }

    fn only_within(&mut self, time: Range<i64>) {
        let (walk, context) = (&mut self.walk, &*self.context);
        let (Some(bytes), Some(packets)) = (walk.input.at().cloned(), walk.packets()) else {
            return;
        };
        // Which stream has the events the first packets tell, and what is cut has no table.
        if context.roles.is_open || bytes.len() <= packets.end || self.end.is_some() {
            return;
        }
        match Plan::of(&*bytes, packets, context, &time) {
            Ok(None) => {}
            Ok(Some(plan)) => {
                let Plan {
                    runs, read, all, ..
                } = plan;
                walk.only(runs);
                walk.skipped = plan.skipped;
                self.by_table = Some(format!(
                    "by its data table {read} of {all} packets are read"
                ));
            }
            Err(why) => {
                let what =
                    format!("its data table is not gone by, and all packets are read: {why}");
                walk.note.get_or_insert(what);
            }
        }
    }

    fn side_streams(&self) -> Vec<String> {
        self.context.roles.side_streams()
    }

    fn report(&self) -> Report {
        let place = |event| Place::default().with_event(event);
        let mut notes = self.noticed.notes(self.info.size, place);
        notes.extend(self.walk.note.clone().map(Note::Other));
        if self.walk.skipped > 0 && !self.context.roles.is_apart() {
            let streams = self.context.roles.skipped.values().map(describe);
            let list = listed(&streams.collect::<Vec<_>>());
            notes.push(Note::LeftOut {
                what: format!("packets of other event streams: {list}"),
                count: self.walk.skipped,
            });
        }
        Report {
            inferred: std::iter::once(&self.summary)
                .chain(&self.by_table)
                .cloned()
                .collect(),
            notes,
            losses: self.losses.all(),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.walk.input.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.clone()
    }
}

/// Groups of packets read ahead: enough that no thread waits for the one that reads.
fn groups_at_once() -> usize {
    (4 * threads()).clamp(4, 64)
}
