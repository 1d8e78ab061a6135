//! The packets of a file, compared with what its data table lists.

use std::collections::BTreeMap;

use super::encode::Row;

/// Kinds of packets that are kept; in a file of more, hours of packets of which no two are alike, they
/// are not compared.
const MAX_KINDS: usize = 1 << 20;

/// A stream, and the length of a packet. Its place is no part of it: where one packet is gone, those
/// behind it stand elsewhere than is listed.
type Kind = (i32, u32);

/// Packets of one kind.
#[derive(Default)]
struct Of {
    packets: u64,
    /// Those of which the elements are known, and the elements.
    counted: u64,
    elements: u64,
}

/// The packets that were there.
#[derive(Default)]
pub(super) struct Tally {
    kinds: BTreeMap<Kind, Of>,
    too_many: bool,
}

/// What is listed and was not there, and where the first of it is said to be.
#[derive(Default)]
pub(super) struct Lacking {
    pub(super) count: u64,
    pub(super) first: u64,
}

impl Lacking {
    fn add(&mut self, count: u64, byte: u64) {
        if count > 0 && (self.count == 0 || byte < self.first) {
            self.first = byte;
        }
        self.count += count;
    }
}

/// What the two do not have in common.
#[derive(Default)]
pub(super) struct Difference {
    pub(super) packets: Lacking,
    /// Of packets that were there.
    pub(super) elements: Lacking,
    /// Packets that were there and are not listed.
    pub(super) unlisted: u64,
}

impl Tally {
    /// Counts a packet that is there.
    pub(super) fn packet(&mut self, stream: i32, len: u32) {
        self.kinds.entry((stream, len)).or_default().packets += 1;
        if self.kinds.len() > MAX_KINDS {
            self.too_many = true;
            self.kinds.clear();
        }
    }

    /// Counts it as one of another length: its own is wrong.
    pub(super) fn corrected(&mut self, stream: i32, len: u32, row: &Row) {
        if let Some(of) = self.kinds.get_mut(&(stream, len)) {
            of.packets = of.packets.saturating_sub(1);
            self.packet(row.stream, row.len);
        }
    }

    /// Counts the elements of one.
    pub(super) fn elements(&mut self, stream: i32, len: u32, elements: u64) {
        if let Some(of) = self.kinds.get_mut(&(stream, len)) {
            of.counted += 1;
            of.elements += elements;
        }
    }

    /// What these rows list otherwise.
    pub(super) fn compare<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Difference {
        let mut difference = Difference::default();
        if self.too_many {
            return difference;
        }
        let mut listed: BTreeMap<Kind, (u64, u64, u64)> = BTreeMap::new();
        for row in rows {
            let first = (0, 0, row.byte);
            let (packets, elements, _) = listed.entry((row.stream, row.len)).or_insert(first);
            *packets += 1;
            *elements += u64::from(row.elements);
        }
        let none = Of::default();
        for (kind, &(packets, elements, byte)) in &listed {
            let there = self.kinds.get(kind).unwrap_or(&none);
            let lacking = packets.saturating_sub(there.packets);
            difference.packets.add(lacking, byte);
            // The elements of a packet that cannot be read are not known.
            let is_known = there.packets == packets && there.counted == packets;
            if is_known {
                let lacking = elements.saturating_sub(there.elements);
                difference.elements.add(lacking, byte);
            }
        }
        for (kind, there) in &self.kinds {
            let packets = listed.get(kind).map_or(0, |listed| listed.0);
            difference.unlisted += there.packets.saturating_sub(packets);
        }
        difference
    }
}
