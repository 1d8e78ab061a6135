//! RAW and DAT as sources of events: blocks are read one after the other and decoded side by side.

use evz_core::parallel::{self, InOrder};
use evz_core::{
    BytesRead, Clock, ClockKind, Error, EventBatch, EventSource, Input, Next, Note, Noticed,
    OpenOptions, Place, Progress, Report, Result, SensorSize, SideStore, StreamInfo, TimeBase,
};

use crate::Encoding;
use crate::blocks::{BLOCK_LEN, Block, Blocks};
use crate::decode::{Decoded, Decoder};
use crate::fits::{First, doubt};
use crate::found::Found;
use crate::parts::{self, Part};
use crate::plan::Plan;
use crate::triggers::STREAM;

/// A RAW or DAT recording, read from front to back.
pub struct PropheseeSource {
    name: String,
    info: StreamInfo,
    encoding: Encoding,
    t0: i64,
    blocks: Blocks,
    /// What the words read so far say of the next block.
    decoder: Decoder,
    /// Whether there are no more blocks.
    ended: bool,
    /// Blocks that are being decoded.
    in_flight: InOrder<Slot>,
    /// Slots whose events were handed out, to be filled again.
    spare: Vec<Slot>,
    read: BytesRead,
    inferred: Vec<String>,
    found: Found,
    /// Events that were handed out, and what was noticed in them.
    events: u64,
    noticed: Noticed,
    side: SideStore,
    /// Where the events of the last batch stand, and what was known before them.
    last: Option<Part>,
    /// Bytes of whole words so far.
    words_len: u64,
    first: First,
    /// An error that waits for the events before it to be taken.
    failed: Option<Error>,
}

/// A block, its events, and what was found in it.
struct Slot {
    block: Block,
    part: Option<Part>,
    decoded: Decoded,
    noticed: Noticed,
}

/// Opens a RAW or DAT recording. How its events are written is found from its header, and where that
/// says too little, from the events.
///
/// # Errors
/// If it is no such recording, is one of a kind that is not read, or can be read in two ways; the
/// error then says what has to be told.
pub fn open(input: Input, options: &OpenOptions) -> Result<PropheseeSource> {
    let plan = Plan::of(&input, options)?;
    let block_len = match options.small_parts {
        true => parts::block_len(plan.encoding),
        false => BLOCK_LEN,
    };
    Ok(PropheseeSource {
        info: StreamInfo::new(TimeBase::MICROSECONDS)
            .with_serial(&*plan.serial)
            .with_clock(Clock::of(ClockKind::Sensor))
            .with_size(plan.size)
            .with_metadata(plan.metadata(&input)),
        encoding: plan.encoding,
        t0: plan.t0,
        decoder: Decoder::new(plan.encoding, plan.word_order),
        ended: false,
        in_flight: InOrder::default(),
        spare: Vec::new(),
        read: input.read_so_far(),
        inferred: plan.inferred,
        found: Found::default(),
        events: 0,
        noticed: Noticed::default(),
        side: SideStore::default(),
        last: None,
        words_len: 0,
        first: plan.first,
        failed: None,
        name: input.name().to_owned(),
        blocks: Blocks::new(
            input.into_reader(),
            plan.header_len,
            block_len,
            plan.encoding.word_len(),
        ),
    })
}

impl PropheseeSource {
    /// Reads blocks and has them decoded, as far as memory may be used; what has come is not held back for
    /// what has not.
    fn read_ahead(&mut self) {
        while !self.ended
            && self.in_flight.len() < blocks_at_once()
            && (self.in_flight.is_empty() || self.blocks.are_there())
        {
            let mut slot = self.spare.pop().unwrap_or_else(|| Slot::new(self.t0));
            if let Err(e) = self.blocks.next(&mut slot.block) {
                self.failed = Some(Error::io(&self.name, "cannot read", e));
                self.ended = true;
            }
            let bytes = slot.block.bytes();
            let whole = bytes.len() - bytes.len() % self.encoding.word_len();
            let decoder = self.decoder.clone();
            self.decoder.skip(&bytes[..whole]);
            self.words_len += whole as u64;
            if self.blocks.have_ended() {
                self.ended = true;
                let end = slot.block.at + bytes.len() as u64;
                let cut = (bytes.len() - whole + self.decoder.waiting()) as u64;
                self.found.cut.add(cut, end - cut);
            }
            if bytes.is_empty() {
                break;
            }
            let size = self.info.size;
            slot.part = Some(Part {
                at: slot.block.at,
                len: whole,
                decoder: decoder.clone(),
            });
            self.in_flight.push(move || {
                slot.decode(decoder, whole, size);
                slot
            });
        }
    }

    /// Nothing at all could be read of a file that has words.
    fn nothing_read(&self) -> Option<Error> {
        let unread = self.found.unplaced.count + self.found.unknown.count;
        if self.events > 0 || unread == 0 {
            return None;
        }
        let what = format!(
            "none of its words can be read as events of {}",
            self.encoding
        );
        let error = Error::corrupt(&self.name, what);
        Some(match self.first.instead_of(self.encoding) {
            Some(way) => error.with_way_out(way),
            None => error.advise("is it a recording of one of Prophesee's cameras?"),
        })
    }
}

impl Slot {
    fn new(t0: i64) -> Self {
        Self {
            block: Block::default(),
            part: None,
            decoded: Decoded::new(t0),
            noticed: Noticed::default(),
        }
    }

    /// Decodes the first `len` bytes of the block.
    fn decode(&mut self, mut decoder: Decoder, len: usize, size: Option<SensorSize>) {
        self.decoded.batch.clear();
        self.decoded.found = Found::default();
        let bytes = &self.block.bytes()[..len];
        decoder.decode(bytes, self.block.at, &mut self.decoded);
        self.noticed = Noticed::of(self.decoded.batch.as_slice(), size);
    }
}

impl EventSource for PropheseeSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(next) = self.side.waiting(batch) {
            return Ok(next);
        }
        loop {
            self.read_ahead();
            let Some(mut slot) = self.in_flight.pop() else {
                batch.clear();
                return match self.failed.take() {
                    Some(error) => Err(error),
                    None => Ok(Next::End(self.report())),
                };
            };
            self.found.merge(slot.decoded.found);
            self.noticed.add(&slot.noticed);
            self.events += slot.decoded.batch.len() as u64;
            if let Some(rows) = slot.decoded.triggers.take() {
                self.side.add(rows);
            }
            if self.ended && self.in_flight.is_empty() && self.failed.is_none() {
                self.failed = self.nothing_read();
            }
            std::mem::swap(batch, &mut slot.decoded.batch);
            self.last = slot.part.take();
            self.spare.push(slot);
            if let Some(next) = self.side.found(batch) {
                return Ok(next);
            }
        }
    }

    fn side_streams(&self) -> Vec<String> {
        match self.encoding.is_dat() {
            true => Vec::new(),
            false => vec![STREAM.to_owned()],
        }
    }

    fn report(&self) -> Report {
        let event = |number| Place::default().with_event(number);
        let mut notes = self.found.notes(self.encoding.clock_bits());
        notes.extend(self.noticed.notes(self.info.size, event));
        let words = self.words_len / self.encoding.word_len() as u64;
        let backward = self.noticed.backward();
        notes.extend(doubt(&self.found, words, backward, self.encoding));
        for note in &mut notes {
            if let Note::Doubtful { instead, .. } = note {
                *instead = self.first.instead_of(self.encoding);
            }
        }
        Report {
            inferred: self.inferred.clone(),
            notes,
            losses: self.found.losses(&self.name),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.read.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.as_ref().map(Part::to_bytes)
    }
}

/// Blocks read ahead: enough that no thread waits for the one that reads, and no more, for a block
/// of full vectors has six events a byte.
fn blocks_at_once() -> usize {
    (4 * parallel::threads()).clamp(4, 32)
}
