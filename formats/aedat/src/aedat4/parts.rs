//! Parts of a recording: packets of events of one stream.

use std::cell::RefCell;
use std::sync::Arc;

use evz_core::{
    Error, EventBatch, OpenOptions, PartReader, PartWriter, Parts, ReadAt, Result, read_range,
};

use super::Source;
use super::compression::MAX_PACKET;
use super::group::{Context, Found, Group, Packet};
use super::walk::HEAD_LEN;
use crate::byte_reader::ByteReader;

/// The packets of a group that have events of the stream that is read.
pub(super) fn part_of(group: &Group) -> Vec<u8> {
    let of_events = |packet: &&Packet| matches!(packet.found, Found::Events(_));
    let packets: Vec<&Packet> = group.packets.iter().filter(of_events).collect();
    let mut part = PartWriter::new();
    part.uint(packets.len() as u64);
    for packet in packets {
        part.sint(packet.stream.into());
        part.uint(packet.at);
        part.uint(packet.packed.len() as u64);
        part.uint(packet.lacking);
    }
    part.into_bytes()
}

/// A recording of which packets are decoded.
struct Aedat4Parts {
    bytes: Arc<dyn ReadAt>,
    context: Context,
}

/// Opens a recording to decode parts of it: `bytes`, which `input` reads and has read the version of.
pub(crate) fn open(
    bytes: Arc<dyn ReadAt>,
    input: ByteReader,
    options: &OpenOptions,
) -> Result<Arc<dyn Parts>> {
    let context = Arc::unwrap_or_clone(Source::new(input, options)?.context);
    Ok(Arc::new(Aedat4Parts { bytes, context }))
}

thread_local! {
    /// Memory for packets.
    static GROUP: RefCell<Group> = RefCell::default();
}

impl Parts for Aedat4Parts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let mut part = PartReader::new(part);
        let mut context = self.context.clone();
        GROUP.with_borrow_mut(|group| {
            group.empty();
            for _ in 0..part.uint()? {
                let packet = self.packet(&mut part, group)?;
                // A header that lists no streams leaves it to the first packet of events.
                context.roles.chosen = Some(packet.stream);
                group.packets.push(packet);
            }
            part.end()?;
            group.decode(&context);
            std::mem::swap(batch, &mut group.events);
            Ok(())
        })
    }
}

impl Aedat4Parts {
    /// Reads the next packet of a part.
    fn packet(&self, part: &mut PartReader<'_>, group: &mut Group) -> Result<Packet> {
        let stream = part.sint()?;
        let (at, len, lacking) = (part.uint()?, part.narrow::<usize>()?, part.uint()?);
        let (Ok(stream), true) = (i32::try_from(stream), len <= MAX_PACKET) else {
            return Err(Error::corrupt("", "no packet is like this"));
        };
        let start = group.packed.len();
        let from = at.saturating_add(HEAD_LEN as u64);
        group
            .packed
            .extend(read_range(&*self.bytes, from, len as u64)?);
        Ok(Packet {
            stream,
            at,
            packed: start..start + len,
            lacking,
            behind: 0,
            found: Found::Nothing,
        })
    }
}
