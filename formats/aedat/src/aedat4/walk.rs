//! From packet to packet, up to the data table or to the end.

use std::collections::VecDeque;
use std::ops::Range;

use evz_core::{Error, LossKind, Result};

use super::{
    compression::{Compression, MAX_PACKET},
    encode::Row,
    group::{Context, Found, Group, Packet},
    table,
    tally::Tally,
};
use crate::{byte_reader::ByteReader, losses::Losses};

/// Bytes of the head of a packet: the number of its stream, and its length.
pub(super) const HEAD_LEN: usize = 8;

/// Finds the packets of a file.
pub(super) struct Walk {
    pub(super) input: ByteReader,
    /// Byte of the data table, while it can still be reached.
    table: Option<u64>,
    /// Where the header says that it is.
    said: Option<u64>,
    /// What it lists, where the end was reached and it is there.
    pub(super) rows: Option<Vec<Row>>,
    /// The same, read before where a packet is damaged, to tell where the next one begins.
    guide: Option<Option<Vec<Row>>>,
    /// The packets that were there, of streams that are read.
    pub(super) tally: Tally,
    /// The last packet: where it begins, its stream, and the length that it claims.
    last: Option<(u64, i32, u32)>,
    ended: bool,
    /// The head of a packet, and whether it is that of the next one.
    head: Vec<u8>,
    head_is_read: bool,
    /// Why it could not be read.
    failed: Option<Error>,
    /// Packets of streams that are not read.
    pub(super) skipped: u64,
    /// Where packets begin.
    first: u64,
    /// Bytes of the packets that are still to be gone to, where others are gone over, and the end of those
    /// that are read now.
    runs: Option<VecDeque<Range<u64>>>,
    run_end: u64,
    /// What is to be said of the data table.
    pub(super) note: Option<String>,
}

impl Walk {
    /// The packets that follow what was read of `input`.
    pub(super) fn new(input: ByteReader, table: Option<u64>) -> Self {
        let note = match table {
            None => Some(
                "it has no data table, as after a crash; all packets were looked for".to_owned(),
            ),
            Some(byte) if byte < input.offset => Some(format!(
                "its data table is said to be at byte {byte}, in the header; all packets were \
                 looked for"
            )),
            Some(_) => None,
        };
        Self {
            said: table,
            rows: None,
            guide: None,
            tally: Tally::default(),
            last: None,
            table: table.filter(|&byte| byte >= input.offset),
            first: input.offset,
            runs: None,
            run_end: 0,
            input,
            ended: false,
            head: Vec::new(),
            head_is_read: false,
            failed: None,
            skipped: 0,
            note,
        }
    }

    /// The bytes of the packets, as far as the header tells.
    pub(super) fn packets(&self) -> Option<Range<u64>> {
        Some(self.first..self.table?)
    }

    /// Goes on with the packets in these bytes alone, of those that come.
    pub(super) fn only(&mut self, runs: Vec<Range<u64>>) {
        let here = match std::mem::take(&mut self.head_is_read) {
            true => self.input.offset - self.head.len() as u64,
            false => self.input.offset,
        };
        let runs = runs.into_iter();
        let left = runs.map(|run| run.start.max(here)..run.end);
        self.runs = Some(left.filter(|run| !run.is_empty()).collect());
        // The first is gone to, also where it begins here.
        self.run_end = 0;
    }

    /// Goes over packets that are not wanted.
    fn go_over(&mut self) -> Result<()> {
        let Some(runs) = &mut self.runs else {
            return Ok(());
        };
        if !self.head_is_read && self.input.offset >= self.run_end {
            match runs.pop_front() {
                Some(run) => {
                    self.input.go_to(run.start)?;
                    self.run_end = run.end;
                }
                None => self.ended = true,
            }
        }
        Ok(())
    }

    /// Whether the next packet has not to be waited for, nor the end.
    pub(super) fn is_there(&mut self) -> bool {
        // What is read by the table is a file, in which nothing has to be waited for.
        if self.runs.is_some() {
            return true;
        }
        if self.ended {
            return true;
        }
        if !self.head_is_read && self.input.there() >= HEAD_LEN {
            let mut bytes = std::mem::take(&mut self.head);
            self.failed = self.input.read(&mut bytes, HEAD_LEN).err();
            self.head_is_read = true;
            self.head = bytes;
        }
        let there = self.input.there();
        let at = self.input.offset - self.head.len() as u64;
        if self.head_is_read && self.table == Some(at) {
            // It is read to the end.
            return false;
        }
        match head(&self.head).filter(|_| self.head_is_read) {
            Some((_, size)) => size > MAX_PACKET as u64 || there as u64 >= size,
            None => self.head_is_read,
        }
    }

    /// Adds the next packet that is wanted to a group; false at the end.
    pub(super) fn next(
        &mut self,
        group: &mut Group,
        context: &Context,
        losses: &mut Losses,
    ) -> Result<bool> {
        loop {
            self.go_over()?;
            let is_end = self.runs.is_some() && self.table == Some(self.input.offset);
            if self.ended || (!self.head_is_read && is_end) {
                return Ok(false);
            }
            if !std::mem::take(&mut self.head_is_read) {
                let mut bytes = std::mem::take(&mut self.head);
                self.input.read(&mut bytes, HEAD_LEN)?;
                self.head = bytes;
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            let at = self.input.offset - self.head.len() as u64;
            let is_said = self.table == Some(at);
            let Some((mut stream, mut size)) = head(&self.head) else {
                self.ended = true;
                if is_said {
                    self.note = Some("it ends in its data table".to_owned());
                    return Ok(false);
                }
                let left = self.head.len() as u64;
                let (what, place) = ("bytes behind the last whole packet", self.input.place(at));
                losses.add(LossKind::CutOff, what, left, place);
                self.account_table(losses);
                return Ok(false);
            };
            let magic = context.compression.magic();
            let is_packed = magic.is_some_and(|magic| self.head.starts_with(&magic));
            let is_odd = is_packed
                || size > MAX_PACKET as u64
                || !context.roles.lists(stream)
                || self.leads_too_far(size);
            if !is_said && (is_odd || matches!(self.guide, Some(Some(_)))) {
                match self.way(at, size, context.compression) {
                    Way::On => {}
                    Way::Packet(row) => {
                        let why = format!("it claims {size} bytes, and its data table {}", row.len);
                        self.length_is_wrong(at, &why, losses);
                        (stream, size) = (row.stream, row.len.into());
                    }
                    Way::To(next) => {
                        let last = self.correct_last();
                        let why = format!("by its data table the next one begins at byte {next}");
                        self.length_is_wrong(last, &why, losses);
                        self.input.go_to(next)?;
                        continue;
                    }
                }
            }
            let is_listed = self.guided(at).is_some();
            if is_packed && !is_listed {
                let bytes = std::mem::take(&mut self.head);
                self.read_table(at, bytes, context.compression, losses)?;
                return Ok(false);
            }
            if size > MAX_PACKET as u64 {
                self.ended = true;
                let rest = self.input.skip(u64::MAX)? + HEAD_LEN as u64;
                let place = self.input.place(at).with_part("packet");
                let what = "bytes from a damaged packet on";
                let why = format!("it claims {size} bytes; at most {MAX_PACKET} are read");
                losses.add_for(LossKind::Damaged, what, rest, place, &why);
                return Ok(false);
            }
            let end = self.input.offset + size;
            if let Some(byte) = self.table.take_if(|byte| !is_said && *byte < end) {
                // One of the two is wrong; walking on finds whatever is whole.
                self.note = Some(format!(
                    "its data table is said to be at byte {byte}, within a packet; all packets were \
                     looked for"
                ));
            }
            let start = group.packed.len();
            let is_skipped = context.roles.skips(stream);
            // A data table that is not packed begins like a packet of a stream, whose number is how long it is.
            let is_read = !is_skipped || is_said;
            if is_read {
                self.input.append(&mut group.packed, size as usize)?;
            } else {
                self.input.skip(size)?;
            }
            let lacking = end - self.input.offset;
            if context.compression == Compression::None && is_read {
                let body = &group.packed[start..];
                // A packet would be too long that begins like this.
                if body.starts_with(b"FTAB") {
                    let bytes = [&self.head, body].concat();
                    group.packed.truncate(start);
                    self.read_table(at, bytes, context.compression, losses)?;
                    return Ok(false);
                }
                if is_said && body.len() < 4 && lacking > 0 {
                    group.packed.truncate(start);
                    self.ended = true;
                    self.note = Some("it ends in its data table".to_owned());
                    return Ok(false);
                }
            }
            if is_said {
                self.table = None;
                self.note = Some(format!(
                    "its data table is said to be at byte {at}, where none is; all packets were \
                     looked for"
                ));
            }
            self.last = Some((at, stream, size as u32));
            match is_skipped {
                true => {
                    group.packed.truncate(start);
                    self.skipped += 1;
                }
                false => self.tally.packet(stream, size as u32),
            }
            if lacking > 0 {
                self.ended = true;
                let place = self.input.place(at).with_part("packet");
                let what = "packets cut short by the end of the file";
                let why = format!("it has {size} bytes, {lacking} of them missing");
                losses.add_for(LossKind::CutOff, what, 1, place, &why);
                self.account_table(losses);
            }
            if is_skipped {
                continue;
            }
            let packed = start..group.packed.len();
            group.limit += context.compression.limit(packed.len());
            group.packets.push(Packet {
                stream,
                at,
                packed,
                lacking,
                behind: 0,
                found: Found::Nothing,
            });
            return Ok(true);
        }
    }

    /// Whether a packet of this size would end behind the data table, or behind the file.
    fn leads_too_far(&self, size: u64) -> bool {
        let len = self.input.at().map(|bytes| bytes.len());
        let end = self.input.offset + size;
        self.table.into_iter().chain(len).any(|limit| end > limit)
    }

    /// What the data table says of a byte where a packet should begin that claims this size. It is
    /// believed where all that it lists lies without gaps.
    fn way(&mut self, at: u64, size: u64, compression: Compression) -> Way {
        if self.guide.is_none() {
            let rows = self.read_guide(compression);
            self.guide = Some(rows);
        }
        let (Some(Some(rows)), Some(table)) = (&self.guide, self.table) else {
            return Way::On;
        };
        match self.guided(at) {
            Some(row) if u64::from(row.len) == size => Way::On,
            Some(row) => Way::Packet(*row),
            None => {
                let last = self.last.map_or(0, |(at, ..)| at + HEAD_LEN as u64);
                let next = rows.get(rows.partition_point(|row| row.byte <= last));
                Way::To(next.map_or(table, |row| row.byte - HEAD_LEN as u64))
            }
        }
    }

    fn read_guide(&self, compression: Compression) -> Option<Vec<Row>> {
        let (bytes, packets) = (self.input.at()?, self.packets()?);
        let is_plain = self.runs.is_none() && bytes.len() > packets.end;
        let rows = is_plain.then(|| table::read(&**bytes, packets.end, compression))?;
        rows.ok().filter(|rows| table::are_all(rows, &packets))
    }

    /// The row of the packet that begins at a byte, once the table is gone by.
    fn guided(&self, at: u64) -> Option<&Row> {
        let rows = self.guide.as_ref()?.as_ref()?;
        let found = rows.binary_search_by_key(&(at + HEAD_LEN as u64), |row| row.byte);
        rows.get(found.ok()?)
    }

    /// Counts the last packet as what the data table says it is; gives where it begins.
    fn correct_last(&mut self) -> u64 {
        let Some((at, stream, len)) = self.last else {
            return self.first;
        };
        if let Some(row) = self.guided(at).copied() {
            self.tally.corrected(stream, len, &row);
        }
        at
    }

    fn length_is_wrong(&self, at: u64, why: &str, losses: &mut Losses) {
        let place = self.input.place(at).with_part("packet");
        let what = "packets whose length is damaged";
        losses.add_for(LossKind::Damaged, what, 1, place, why);
    }

    /// Ends with what looks like the data table, whose first bytes were read.
    fn read_table(
        &mut self,
        at: u64,
        mut bytes: Vec<u8>,
        compression: Compression,
        losses: &mut Losses,
    ) -> Result<()> {
        self.ended = true;
        self.input.append(&mut bytes, MAX_PACKET)?;
        let rest = self.input.skip(u64::MAX)?;
        match table::parse(&bytes, compression) {
            Ok((rows, len)) => {
                self.note = match self.said {
                    Some(said) if said == at => None,
                    Some(said) => Some(format!(
                        "its data table is said to be at byte {said}, in the header, and is at byte {at}"
                    )),
                    None => Some(format!(
                        "its header does not say where its data table is, which is at byte {at}"
                    )),
                };
                self.rows = Some(rows);
                let behind = (bytes.len() - len) as u64 + rest;
                let (what, place) = ("bytes behind the data table", at + len as u64);
                losses.add(LossKind::Unknown, what, behind, self.input.place(place));
            }
            Err(why) if self.table == Some(at) => {
                self.note = Some(format!(
                    "its data table, at byte {at}, cannot be read, and its packets are not compared \
                     with it: {why}"
                ));
            }
            Err(why) => {
                let place = self.input.place(at).with_part("packet");
                let what = "bytes from a damaged packet on";
                let lost = bytes.len() as u64 + rest;
                losses.add_for(LossKind::Damaged, what, lost, place, &why);
            }
        }
        Ok(())
    }

    /// Counts what is missing before the data table.
    fn account_table(&mut self, losses: &mut Losses) {
        let end = self.input.offset;
        let Some(table) = self.table.filter(|&table| table > end) else {
            return;
        };
        let what = "bytes missing before the data table";
        let why = format!("it ends here, and its data table is at byte {table}");
        let (n, place) = (table - end, self.input.place(end));
        losses.add_for(LossKind::CutOff, what, n, place, &why);
    }
}

/// How to go on where a head is odd.
enum Way {
    /// As it says.
    On,
    /// With the packet that the data table has there.
    Packet(Row),
    /// At another byte.
    To(u64),
}

/// The number of the stream and the length, of the head of a packet.
pub(super) fn head(bytes: &[u8]) -> Option<(i32, u64)> {
    let (stream, size) = bytes.split_first_chunk()?;
    let size = u32::from_le_bytes(size.try_into().ok()?);
    Some((i32::from_le_bytes(*stream), size.into()))
}
