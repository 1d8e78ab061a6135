//! A few packets, from the bytes in the file to what is in them. Packets do not depend on each
//! other, so groups are decoded beside each other; one packet alone is too little work for a thread
//! to be woken for.

use std::ops::Range;

use evz_core::{Columns, EventBatch, Noticed, SensorSize, SideRows};

use super::{
    choose::{EVENTS, FRAMES, IMU, Roles, TRIGGERS},
    compression::Compression,
    decode::{self, Missing},
    flat::{self, Table},
};

/// Packed bytes of a group, and unpacked ones; a packet that has more is a group by itself.
const PACKED_LEN: usize = 128 * 1024;
pub(super) const RAW_LEN: usize = 32 << 20;

/// Bytes that a buffer keeps when it waits to be filled again; that of one packet is small, but for
/// frames of many megapixels.
const KEPT: usize = 16 << 20;
const KEPT_RAW: usize = 8 << 20;

/// Packets, and what was found in them.
#[derive(Default)]
pub(super) struct Group {
    pub(super) packets: Vec<Packet>,
    /// The packets as they are in the file, without their heads.
    pub(super) packed: Vec<u8>,
    /// Bytes that they may unpack to.
    pub(super) limit: usize,
    raw: Vec<u8>,
    /// The events of all of them.
    pub(super) events: EventBatch,
    pub(super) noticed: Noticed,
}

/// A packet of a group.
pub(super) struct Packet {
    /// The number of its stream.
    pub(super) stream: i32,
    /// Its first byte in the file.
    pub(super) at: u64,
    /// Where it is among the packed bytes.
    pub(super) packed: Range<usize>,
    /// Bytes that its head claims and the file lacks.
    pub(super) lacking: u64,
    /// Bytes behind the end of what it has.
    pub(super) behind: u64,
    pub(super) found: Found,
}

/// What was found in a packet.
#[derive(Default)]
pub(super) enum Found {
    #[default]
    Nothing,
    /// Events of the stream that is read; they are with those of the group.
    Events(Missing),
    /// So many events of another one.
    Others(u64),
    Rows(SideRows),
    /// A kind that is not read.
    Unknown([u8; 4]),
    Damaged(String),
}

/// What decoding needs to know of the file.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) compression: Compression,
    pub(super) roles: Roles,
    pub(super) size: Option<SensorSize>,
}

impl Group {
    /// Makes it ready to be filled again; the buffers of exceptional packets are given back.
    pub(super) fn empty(&mut self) {
        self.packets.clear();
        self.limit = 0;
        self.packed.clear();
        self.packed.shrink_to(KEPT);
        if self.raw.len() > KEPT_RAW {
            self.raw = Vec::new();
        }
        if self.events.t.capacity() * size_of::<i64>() > KEPT {
            self.events = EventBatch::default();
        }
    }

    /// Whether there is room for another packet of usual size.
    pub(super) fn has_room(&self) -> bool {
        self.packed.len() < PACKED_LEN && self.limit < RAW_LEN
    }

    pub(super) fn decode(&mut self, context: &Context) {
        // The batch keeps its old length meanwhile: what is overwritten anyway need not be zeroed.
        let mut filled = 0;
        let mut packets = std::mem::take(&mut self.packets);
        for packet in &mut packets {
            let found = self.read(packet, context, &mut filled);
            (packet.found, packet.behind) = found.unwrap_or_else(|why| (Found::Damaged(why), 0));
        }
        self.packets = packets;
        self.events.resize(filled, Columns::ALL);
        self.noticed = Noticed::of(self.events.as_slice(), context.size);
    }

    fn read(
        &mut self,
        packet: &Packet,
        context: &Context,
        filled: &mut usize,
    ) -> Result<(Found, u64), String> {
        let is_cut = packet.lacking > 0;
        let packed = &self.packed[packet.packed.clone()];
        let (raw, unpacked) = context.compression.unpack(packed, &mut self.raw);
        if let (Err(error), false) = (&unpacked, is_cut) {
            return Err(error.to_string());
        }
        let bytes = buffer(raw, is_cut)?;
        // Frames of Zstandard that follow each other are one, and tell by what they unpack to.
        let packed_len = match context.compression {
            Compression::Lz4 => context.compression.packed_len(packed),
            Compression::None | Compression::Zstd => None,
        };
        let behind = packed_len.map_or(0, |len| packed.len() - len)
            + raw.len().saturating_sub(size_of::<u32>() + bytes.len());
        let identifier = flat::identifier(bytes)?;
        let root = Table::root(bytes)?;
        let name = || context.roles.name(packet.stream, &identifier);
        let found = match &identifier {
            EVENTS if context.roles.chosen != Some(packet.stream) => {
                Found::Others(decode::event_count(root)?)
            }
            EVENTS => Found::Events(decode::events(root, is_cut, &mut self.events, filled)?),
            FRAMES => Found::Rows(decode::frame(root, &name())?),
            IMU => Found::Rows(decode::imu(root, &name())?),
            TRIGGERS => Found::Rows(decode::triggers(root, &name())?),
            _ => Found::Unknown(identifier),
        };
        Ok((found, if is_cut { 0 } else { behind as u64 }))
    }

    /// Whether the last packet has events, of whatever stream.
    pub(super) fn ends_in_events(&mut self, context: &Context) -> bool {
        let Some(packet) = self.packets.last() else {
            return false;
        };
        let packed = &self.packed[packet.packed.clone()];
        let (raw, _) = context.compression.unpack(packed, &mut self.raw);
        buffer(raw, true).and_then(flat::identifier) == Ok(*EVENTS)
    }
}

/// The flatbuffer behind its size; of a packet that was cut its first bytes.
pub(super) fn buffer(raw: &[u8], is_cut: bool) -> Result<&[u8], &'static str> {
    let (claimed, bytes) = raw.split_first_chunk().ok_or("it is empty")?;
    match bytes.get(..u32::from_le_bytes(*claimed) as usize) {
        Some(bytes) => Ok(bytes),
        None if is_cut => Ok(bytes),
        None => Err("it has fewer bytes than it claims"),
    }
}
