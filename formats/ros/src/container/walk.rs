//! From the front of a file to its end, a piece at a time. No index is followed, so that none can lead
//! astray; where a record makes no sense, the index may say where the next chunk begins.

use std::sync::Arc;

use evz_core::{Error, LossKind, Place, Progress, ReadAt, Result};

use super::piece::Packed;
use super::unpack::{Compression, MAX_CHUNK};
use super::window::Window;
use super::{Chunk, Container, Kind, MAX_HEAD, Record, Unread};
use crate::losses::Losses;

/// Bytes of records outside of chunks that make a piece.
const PIECE: usize = 256 << 10;

/// The bytes at which heads are looked at first; most are shorter.
const FIRST_LOOK: usize = 128;

/// A walk through the records of a file.
pub(crate) struct Walk {
    container: Container,
    name: String,
    window: Window,
    at: u64,
    /// The end of the chunk that is walked through, if that is not packed.
    inside: Option<u64>,
    /// Whether the file ends within that chunk, which was counted.
    inside_cut: bool,
    /// Where chunks begin, if the index says it.
    chunks: Arc<[u64]>,
    /// Whether there is no more.
    ended: bool,
    /// Where what the file says of all its chunks begins, once it was met.
    pub(crate) summary: Option<u64>,
    /// Chunks that were met.
    pub(crate) met: u64,
    /// What there is besides messages, and how often.
    pub(crate) others: Vec<(&'static str, u64)>,
}

impl Walk {
    /// A walk from byte `at` on.
    pub(crate) fn new(
        container: Container,
        bytes: Arc<dyn ReadAt>,
        name: &str,
        at: u64,
        chunks: Arc<[u64]>,
    ) -> Self {
        Self {
            container,
            name: name.to_owned(),
            window: Window::new(bytes),
            at,
            inside: None,
            inside_cut: false,
            chunks,
            ended: false,
            summary: None,
            met: 0,
            others: Vec::new(),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress {
            done: self.at.min(self.window.len()),
            total: Some(self.window.len()),
        }
    }

    /// The next piece; none at the end.
    pub(crate) fn next(&mut self, losses: &mut Losses) -> Result<Option<Packed>> {
        while !self.ended {
            let packed = self.some(losses)?;
            if packed.is_some() {
                return Ok(packed);
            }
        }
        Ok(None)
    }

    /// A piece, or none if there was something else.
    fn some(&mut self, losses: &mut Losses) -> Result<Option<Packed>> {
        let mut plain = Vec::new();
        let mut plain_at = self.at;
        while !self.ended {
            if self.inside.is_some_and(|end| self.at >= end) {
                self.inside = None;
            }
            let end = self.inside.unwrap_or(self.window.len());
            if self.at >= end {
                self.ended = true;
                break;
            }
            let record = match self.record(end)? {
                Ok(record) => record,
                Err(damage) => {
                    self.pass_damage(damage, losses);
                    break;
                }
            };
            if let Some(why) = record
                .kind
                .wrong_in_chunk()
                .filter(|_| self.inside.is_some())
            {
                self.pass_damage(Damage::Nonsense(why), losses);
                break;
            }
            let (content, len) = (self.at + record.head as u64, record.len());
            let behind = self.at.saturating_add(len);
            match record.kind {
                Kind::Message { .. } | Kind::Connection if behind > end => {
                    self.pass_damage(Damage::Cut, losses);
                    break;
                }
                Kind::Message { .. } | Kind::Connection if len > MAX_CHUNK => {
                    let what = "messages of more than 256 MiB";
                    losses.add(LossKind::Other, what, 1, self.place(self.at), "");
                    self.at = behind;
                    break;
                }
                Kind::Message { .. } | Kind::Connection => {
                    let (at, len) = (self.at, len as usize);
                    if plain.is_empty() {
                        plain_at = at;
                    }
                    let read = self.window.append(at, len, &mut plain);
                    read.map_err(|e| self.failed(e))?;
                    self.at = behind;
                    if plain.len() >= PIECE {
                        break;
                    }
                }
                Kind::Chunk(_) if !plain.is_empty() => break,
                Kind::Chunk(chunk) => {
                    self.met += 1;
                    let content = content..content.saturating_add(record.content);
                    if let Some(packed) = self.chunk(chunk, content, behind, losses)? {
                        return Ok(Some(packed));
                    }
                }
                Kind::End if self.next_chunk(self.at).is_some() => {
                    let why = "the data is said to end before its last chunk";
                    self.pass_damage(Damage::Nonsense(why), losses);
                    break;
                }
                Kind::End => {
                    self.summary = Some(behind);
                    self.ended = true;
                }
                Kind::Index | Kind::Summary | Kind::Other(_) => {
                    if record.kind == Kind::Summary {
                        self.summary.get_or_insert(self.at);
                    }
                    if let Kind::Other(what) = record.kind {
                        self.count_other(what);
                    }
                    if behind > end {
                        self.pass_damage(Damage::Cut, losses);
                        break;
                    }
                    self.at = behind;
                    if !plain.is_empty() {
                        break;
                    }
                }
            }
        }
        Ok((!plain.is_empty()).then_some(Packed {
            container: self.container,
            at: plain_at,
            size: plain.len() as u64,
            bytes: plain,
            compression: Compression::None,
            crc: None,
            is_cut: false,
        }))
    }

    /// The record that begins here, which ends before `end` if it makes sense.
    fn record(&mut self, end: u64) -> Result<Result<Record, Damage>> {
        let left = usize::try_from(end - self.at).unwrap_or(usize::MAX);
        let mut look = FIRST_LOOK.min(left);
        loop {
            let bytes = self.window.get(self.at, look);
            let bytes = bytes.map_err(|e| Error::io(&self.name, "cannot read", e))?;
            let record = self.container.record(bytes);
            return Ok(match record {
                Ok(record) => Ok(record),
                Err(Unread::Needs(n)) if n > left => Err(Damage::Cut),
                Err(Unread::Needs(n)) if n <= look || n > 2 * MAX_HEAD => {
                    Err(Damage::Nonsense("the head of a record is too long"))
                }
                Err(Unread::Needs(n)) => {
                    look = n;
                    continue;
                }
                Err(Unread::Nonsense(why)) => Err(Damage::Nonsense(why)),
            });
        }
    }

    /// A chunk, or none if its records are walked through, or it is passed over.
    fn chunk(
        &mut self,
        chunk: Chunk,
        content: std::ops::Range<u64>,
        behind: u64,
        losses: &mut Losses,
    ) -> Result<Option<Packed>> {
        let (start, file_end) = (self.at, self.window.len());
        let is_cut = content.end > file_end;
        let len = content.end.min(file_end).saturating_sub(content.start);
        if is_cut {
            let what = "chunks that the file ends in";
            losses.add(LossKind::CutOff, what, 1, self.place(start), "");
        }
        // Its records say where they end too.
        let is_too_long = behind > file_end && !is_cut;
        let behind = if is_too_long { content.end } else { behind };
        if is_too_long {
            let (what, why) = ("chunks whose length is damaged", "it leads behind the file");
            losses.add(LossKind::Damaged, what, 1, self.place(start), why);
        }
        if let Compression::Unknown(name) = &chunk.compression {
            let why = format!(
                "compression {:?}",
                name.chars().take(40).collect::<String>()
            );
            let what = "chunks that are packed in a way that is not read";
            losses.add(LossKind::Unknown, what, 1, self.place(start), &why);
            self.at = behind;
            return Ok(None);
        }
        let is_plain = chunk.compression == Compression::None;
        // What is not packed and has no sum is walked through; so is what is too large for that.
        if is_plain && (chunk.crc.is_none() || len > MAX_CHUNK) {
            self.at = content.start;
            self.inside = Some(content.end.min(file_end));
            self.inside_cut = is_cut;
            return Ok(None);
        }
        self.at = behind;
        if len > MAX_CHUNK || chunk.size > MAX_CHUNK {
            let what = "chunks of more than 256 MiB";
            losses.add(LossKind::Other, what, 1, self.place(start), "");
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let read = self.window.append(content.start, len as usize, &mut bytes);
        read.map_err(|e| self.failed(e))?;
        Ok(Some(Packed {
            container: self.container,
            at: content.start,
            bytes,
            compression: chunk.compression,
            size: chunk.size,
            crc: chunk.crc,
            is_cut,
        }))
    }

    /// Goes on behind what makes no sense: at the end of the chunk, or at the next one.
    fn pass_damage(&mut self, damage: Damage, losses: &mut Losses) {
        let (at, file_end) = (self.at, self.window.len());
        match (self.inside.take(), damage) {
            (Some(end), _) if !self.inside_cut => {
                let why = damage.why();
                losses.add(LossKind::Damaged, "damaged chunks", 1, self.place(at), why);
                self.at = end;
                return;
            }
            (Some(_), Damage::Cut) => {
                self.ended = true;
                return;
            }
            (None, Damage::Cut) if self.next_chunk(at).is_none() => {
                let what = "records that the file ends in";
                losses.add(LossKind::CutOff, what, 1, self.place(at), "");
                self.ended = true;
                return;
            }
            _ => {}
        }
        let next = self.next_chunk(at);
        self.at = next.unwrap_or(file_end);
        let what = "bytes that are no records";
        losses.add(
            LossKind::Damaged,
            what,
            self.at - at,
            self.place(at),
            damage.why(),
        );
        self.ended = next.is_none();
    }

    /// Where the next chunk behind `at` begins, by the index.
    fn next_chunk(&self, at: u64) -> Option<u64> {
        let next = self.chunks.partition_point(|chunk| *chunk <= at);
        let next = self.chunks.get(next).copied();
        next.filter(|chunk| *chunk < self.window.len())
    }

    fn count_other(&mut self, what: &'static str) {
        match self.others.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count += 1,
            None => self.others.push((what, 1)),
        }
    }

    fn place(&self, byte: u64) -> Place {
        Place::file(&self.name).with_byte(byte)
    }

    fn failed(&self, error: std::io::Error) -> Error {
        Error::io(&self.name, "cannot read", error)
    }
}

/// Why the walk cannot go on as it is.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// A record is longer than what it stands in.
    Cut,
    Nonsense(&'static str),
}

impl Damage {
    fn why(self) -> &'static str {
        match self {
            Self::Cut => "a record reaches beyond its end",
            Self::Nonsense(why) => why,
        }
    }
}
