//! AEDAT 4: packets of flatbuffers, each compressed for itself.
//!
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-4.0.html>

mod choose;
mod compression;
mod decode;
mod encode;
mod fit;
mod flat;
mod group;
mod header;
mod lz4;
mod sink;
mod streams;
mod walk;

use std::sync::Arc;

use evz_core::{
    Error, EventBatch, EventSource, InOrder, Progress, Report, Result, SideRows, StreamInfo,
    TimeBase, Value,
};

use crate::{
    AedatOptions, checks::Findings, input::Input, losses::Losses, open::metadata, side::SideStore,
};
use choose::{Roles, describe};
use compression::MAX_PACKET;
use group::{Context, Found, Group, Packet, RAW_LEN};
use header::Header;
use walk::Walk;

pub use compression::Compression;
pub use sink::Aedat4Sink;

/// A recording of AEDAT 4, read from front to back.
pub(crate) struct Source {
    walk: Walk,
    info: StreamInfo,
    summary: String,
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
    findings: Findings,
    losses: Losses,
    side: SideStore,
}

impl Source {
    /// The recording whose first bytes, up to the version, were already read.
    pub(crate) fn new(mut input: Input, options: &AedatOptions) -> Result<Self> {
        let header = Header::read(&mut input)?;
        let streams = streams::parse(&header.xml);
        let roles = Roles::new(&input.name, &streams, options)?;
        let size = options.size.or(roles.size());
        let mut metadata = metadata(&input, "aedat 4.0", header.xml);
        let camera = roles.stream.as_ref().and_then(|s| s.source.clone());
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
            info: StreamInfo {
                time_base: TimeBase::MICROSECONDS,
                size,
                metadata,
            },
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
            findings: Findings::default(),
            losses: Losses::default(),
            side: SideStore::default(),
        })
    }

    /// The next packets, decoded; those behind them are read and on their way, as far as memory may
    /// be used.
    fn next_group(&mut self) -> Option<Group> {
        while self.in_flight.len() < groups_at_once() {
            let Some(mut group) = self.waiting.take().or_else(|| self.read_group()) else {
                break;
            };
            if self.in_flight.is_empty() && self.end.is_some() {
                // The last one: there is nothing to do beside it.
                group.decode(&self.context);
                return Some(group);
            }
            let limit = (groups_at_once() * RAW_LEN).max(MAX_PACKET);
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
        while self.end.is_none() && group.has_room() {
            match self.walk.next(&mut group, &self.context, &mut self.losses) {
                Ok(true) => self.settle_stream(&mut group),
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
        let place = format!("{}: packet at byte {}", self.walk.input.name, packet.at);
        self.any_whole |= !matches!(packet.found, Found::Nothing | Found::Damaged(_));
        match packet.found {
            Found::Nothing => {}
            Found::Events(missing) => {
                let what = "events cut off at the end";
                self.losses.add(what, missing.cut, &place);
                let what = "events with negative coordinates";
                self.losses.add(what, missing.negative, &place);
            }
            Found::Others(n) => {
                let what = "events of streams that the header does not list";
                let example = format!("{place}: stream {}", packet.stream);
                self.losses.add(what, n, example);
            }
            Found::Rows(rows) => self.side.add(rows),
            Found::Unknown(kind) => {
                let (kind, stream) = (kind.escape_ascii(), packet.stream);
                let example = format!("{place}: kind {kind}, stream {stream}");
                self.losses
                    .add("packets of a kind that is not read", 1, example);
            }
            // A packet that was cut is counted as such.
            Found::Damaged(_) if packet.lacking > 0 => {}
            Found::Damaged(what) => {
                let example = format!("{place}, of stream {}: {what}", packet.stream);
                self.losses.add("damaged packets", 1, example);
            }
        }
    }

    /// An error if there was nothing but damage.
    fn check_end(&self) -> Result<()> {
        match self.losses.first() {
            Some(loss) if !self.any_whole => {
                let place = loss.examples.first().unwrap_or(&self.walk.input.name);
                Err(Error::corrupt(place, "nothing in it can be read"))
            }
            _ => Ok(()),
        }
    }
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        self.side.start_read();
        // The batch is not cleared before it is swapped: a decoder that fills it again need not set
        // it to zeros first.
        loop {
            let Some(mut group) = self.next_group() else {
                batch.clear();
                self.end.replace(Ok(())).unwrap_or(Ok(()))?;
                self.check_end()?;
                return Ok(0);
            };
            self.findings.add(&group.findings);
            group.packets.drain(..).for_each(|p| self.account(p));
            std::mem::swap(batch, &mut group.events);
            group.empty();
            self.spare.push(group);
            // A group of frames alone is not the end.
            if !batch.is_empty() {
                return Ok(batch.len());
            }
        }
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.side.take()
    }

    fn report(&self) -> Report {
        let mut notes = self.findings.notes(self.info.size);
        notes.extend(self.walk.note.clone());
        if self.walk.skipped > 0 {
            let streams = self.context.roles.skipped.values().map(describe);
            notes.push(format!(
                "{} packets of other event streams are left out: {}",
                self.walk.skipped,
                streams.collect::<Vec<_>>().join(", ")
            ));
        }
        Report {
            inferred: vec![self.summary.clone()],
            notes,
            losses: self.losses.with(&self.side),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.walk.input.progress())
    }
}

/// Groups of packets read ahead: enough that no thread waits for the one that reads.
fn groups_at_once() -> usize {
    (4 * rayon::current_num_threads()).clamp(4, 64)
}
