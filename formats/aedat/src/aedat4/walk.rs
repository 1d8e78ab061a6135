//! From packet to packet, up to the data table or to the end.

use std::collections::VecDeque;
use std::ops::Range;

use evz_core::{Error, LossKind, Result};

use super::{
    compression::MAX_PACKET,
    group::{Context, Found, Group, Packet},
};
use crate::{byte_reader::ByteReader, losses::Losses};

/// Bytes of the head of a packet: the number of its stream, and its length.
pub(super) const HEAD_LEN: usize = 8;

/// Finds the packets of a file.
pub(super) struct Walk {
    pub(super) input: ByteReader,
    /// Byte of the data table, while it can still be reached.
    table: Option<u64>,
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
        if self.ended || (!self.head_is_read && self.table == Some(self.input.offset)) {
            return true;
        }
        if !self.head_is_read && self.input.there() >= HEAD_LEN {
            let mut bytes = std::mem::take(&mut self.head);
            self.failed = self.input.read(&mut bytes, HEAD_LEN).err();
            self.head_is_read = true;
            self.head = bytes;
        }
        let there = self.input.there();
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
            if self.ended || (!self.head_is_read && self.table == Some(self.input.offset)) {
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
            let Some((stream, size)) = head(&self.head) else {
                self.ended = true;
                let left = self.head.len() as u64;
                let (what, place) = ("bytes behind the last whole packet", self.input.place(at));
                losses.add(LossKind::CutOff, what, left, place);
                self.account_table(losses);
                return Ok(false);
            };
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
            if let Some(byte) = self.table.take_if(|byte| *byte < end) {
                // One of the two is wrong; walking on finds whatever is whole.
                self.note = Some(format!(
                    "its data table is said to be at byte {byte}, within a packet; all packets were \
                     looked for"
                ));
            }
            let start = group.packed.len();
            let is_skipped = context.roles.skips(stream);
            if is_skipped {
                self.skipped += 1;
                self.input.skip(size)?;
            } else {
                self.input.append(&mut group.packed, size as usize)?;
            }
            let lacking = end - self.input.offset;
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
                found: Found::Nothing,
            });
            return Ok(true);
        }
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

/// The number of the stream and the length, of the head of a packet.
pub(super) fn head(bytes: &[u8]) -> Option<(i32, u64)> {
    let (stream, size) = bytes.split_first_chunk()?;
    let size = u32::from_le_bytes(size.try_into().ok()?);
    Some((i32::from_le_bytes(*stream), size.into()))
}
