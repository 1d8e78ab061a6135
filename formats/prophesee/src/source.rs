//! RAW and DAT as sources of events: blocks are read one after the other and decoded side by side.

use std::io::Read;
use std::path::Path;

use evz_core::{
    Error, EventBatch, EventSource, InOrder, Progress, Report, Result, SensorSize, SideRows,
    StreamInfo, TimeBase,
};

use crate::decode::{Decoded, Decoder};
use crate::found::Found;
use crate::input::{Block, Blocks, Input};
use crate::plan::Plan;
use crate::survey::Survey;
use crate::triggers::Triggers;
use crate::{Encoding, Options};

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
    total: Option<u64>,
    inferred: Vec<String>,
    found: Found,
    survey: Survey,
    triggers: Triggers,
    /// Bytes whose events were handed out.
    done: u64,
    /// An error that waits for the events before it to be taken.
    failed: Option<Error>,
}

/// A block, its events, and what was found in it.
struct Slot {
    block: Block,
    decoded: Decoded,
    survey: Survey,
}

/// Opens a RAW or DAT recording. How its events are written is found from its header, and where that
/// says too little, from the events.
///
/// # Errors
/// If the file cannot be read, is no such recording, is one of a kind that is not read, or can be
/// read in two ways; the text of the error then names the option that settles it.
pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<PropheseeSource> {
    PropheseeSource::new(Input::open(path.as_ref())?, options)
}

/// The same for anything that can be read, such as standard input; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader<R: Read + Send + 'static>(
    reader: R,
    name: &str,
    options: &Options,
) -> Result<PropheseeSource> {
    PropheseeSource::new(Input::from_reader(reader, name)?, options)
}

impl PropheseeSource {
    fn new(input: Input, options: &Options) -> Result<Self> {
        let plan = Plan::of(&input, options)?;
        Ok(Self {
            info: StreamInfo {
                time_base: TimeBase::MICROSECONDS,
                size: plan.size,
                metadata: plan.metadata(&input),
            },
            encoding: plan.encoding,
            t0: plan.t0,
            decoder: Decoder::new(plan.encoding, plan.word_order),
            ended: false,
            in_flight: InOrder::default(),
            spare: Vec::new(),
            total: input.total,
            inferred: plan.inferred,
            found: Found::default(),
            survey: Survey::default(),
            triggers: Triggers::default(),
            done: 0,
            failed: None,
            name: input.name.clone(),
            blocks: input.into_blocks(plan.header_len),
        })
    }

    /// Reads blocks and has them decoded, as far as memory may be used.
    fn read_ahead(&mut self) {
        while !self.ended && self.in_flight.len() < blocks_at_once() {
            let mut slot = self.spare.pop().unwrap_or_else(|| Slot::new(self.t0));
            if let Err(e) = self.blocks.next(&mut slot.block) {
                self.failed = Some(Error::io(&self.name, "cannot read it", e));
                self.ended = true;
            }
            let bytes = slot.block.bytes();
            let whole = bytes.len() - bytes.len() % self.encoding.word_len();
            if bytes.is_empty() {
                self.ended = true;
                break;
            }
            if whole < bytes.len() {
                // Only the last block is no whole number of words.
                let cut = (bytes.len() - whole) as u64;
                self.found.cut.add(cut, slot.block.at + whole as u64);
            }
            let decoder = self.decoder.clone();
            self.decoder.skip(&bytes[..whole]);
            let size = self.info.size;
            self.in_flight.push(move || {
                slot.decode(decoder, whole, size);
                slot
            });
        }
    }

    /// Nothing at all could be read of a file that has words.
    fn nothing_read(&self) -> Option<Error> {
        let unread = self.found.unplaced.count + self.found.unknown.count;
        if self.survey.events > 0 || unread == 0 {
            return None;
        }
        let what = format!(
            "none of its words can be read as events of {}; if they are written in another way, pass \
             --encoding",
            self.encoding
        );
        Some(Error::corrupt(&self.name, what))
    }
}

impl Slot {
    fn new(t0: i64) -> Self {
        Self {
            block: Block::default(),
            decoded: Decoded::new(t0),
            survey: Survey::default(),
        }
    }

    /// Decodes the first `len` bytes of the block.
    fn decode(&mut self, mut decoder: Decoder, len: usize, size: Option<SensorSize>) {
        self.decoded.batch.clear();
        self.decoded.found = Found::default();
        let bytes = &self.block.bytes()[..len];
        decoder.decode(bytes, self.block.at, &mut self.decoded);
        self.survey = Survey::of(&self.decoded.batch, size);
    }
}

impl EventSource for PropheseeSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        loop {
            self.read_ahead();
            let Some(mut slot) = self.in_flight.pop() else {
                batch.clear();
                return match self.failed.take() {
                    Some(error) => Err(error),
                    None => Ok(0),
                };
            };
            self.found.merge(slot.decoded.found);
            self.survey.merge(slot.survey);
            self.triggers.append(&mut slot.decoded.triggers);
            self.done = slot.block.at + slot.block.bytes().len() as u64;
            if self.ended && self.in_flight.is_empty() && self.failed.is_none() {
                self.failed = self.nothing_read();
            }
            std::mem::swap(batch, &mut slot.decoded.batch);
            self.spare.push(slot);
            // A block without events is not the end.
            if !batch.is_empty() {
                return Ok(batch.len());
            }
        }
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.triggers.take()
    }

    fn report(&self) -> Report {
        let mut inferred = self.inferred.clone();
        if self.found.wraps > 0 {
            inferred.push(format!(
                "its clock of {} starts again {} times; times go on",
                self.encoding.clock(),
                self.found.wraps
            ));
        }
        let mut notes = self.found.notes();
        notes.extend(self.survey.notes(self.info.size));
        Report {
            inferred,
            notes,
            losses: self.found.losses(&self.name),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress {
            done: self.done,
            total: self.total,
        })
    }
}

/// Blocks read ahead: enough that no thread waits for the one that reads, and no more, for a block
/// of full vectors has six events a byte.
fn blocks_at_once() -> usize {
    (4 * rayon::current_num_threads()).clamp(4, 32)
}
