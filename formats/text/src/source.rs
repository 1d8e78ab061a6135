//! Text as a source of events: blocks are read one after the other and parsed side by side.

use std::{
    io::{self, Cursor, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use evz_core::{
    Error, EventBatch, EventSource, Loss, Metadata, Progress, Report, Result, StreamInfo, Value,
};
use rayon::prelude::*;

use crate::{
    TextOptions,
    blocks::{BlockText, Blocks},
    detect::{self, sample::Sample},
    format_metadata::{FINAL_NEWLINE, FIRST_IRREGULAR_LINE, REGULAR},
    input::{Input, damaged},
    options::OnBadLine,
    parse::{Findings, MAX_EXAMPLES, Parser, Remark},
};

/// Bytes at the start of a text that its dialect is found from.
pub(crate) const HEAD_LEN: usize = 256 * 1024;

/// A text recording, read from front to back.
pub struct TextSource {
    name: String,
    info: StreamInfo,
    parser: Parser,
    blocks: Blocks,
    /// Blocks read and parsed, to be handed out from `next_slot` on.
    ready: Vec<Slot>,
    next_slot: usize,
    /// Blocks being read while those before them are parsed.
    ahead: Vec<Slot>,
    total: Option<u64>,
    consumed: Arc<AtomicU64>,
    totals: Totals,
    on_bad_line: OnBadLine,
    failed: Option<Error>,
}

/// A block, its events, and what was found in it.
#[derive(Default)]
struct Slot {
    text: BlockText,
    batch: EventBatch,
    findings: Findings,
    /// The end, or an error, instead of a block.
    end: Option<io::Result<()>>,
}

/// What has been found in all blocks handed out.
#[derive(Default)]
struct Totals {
    /// Lines before the next block.
    lines: u64,
    bad: Sum,
    rounded: Sum,
    first_irregular: Option<u64>,
    backward: u64,
    first_backward: Option<u64>,
    beyond_sensor: u64,
    last_t: Option<i64>,
    no_final_newline: bool,
    summary: String,
}

#[derive(Default)]
struct Sum {
    count: u64,
    examples: Vec<String>,
}

/// Opens a text recording: plain, or compressed as `.gz`, `.zst` or `.zip`, which its content
/// tells, not its name. What its columns, times and polarities mean is found from its content,
/// and said in [`TextSource::report`].
///
/// # Errors
/// If the file cannot be read, holds no events, or can be read in two ways; the text of the error
/// then names the option that settles it.
pub fn open(path: impl AsRef<Path>, options: &TextOptions) -> Result<TextSource> {
    TextSource::new(Input::open(path.as_ref())?, options)
}

/// The same for anything that can be read, such as standard input; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader<R: Read + Send + 'static>(
    reader: R,
    name: &str,
    options: &TextOptions,
) -> Result<TextSource> {
    TextSource::new(Input::from_reader(reader, name)?, options)
}

impl TextSource {
    fn new(mut input: Input, options: &TextOptions) -> Result<Self> {
        let name = input.name;
        let mut head = Vec::new();
        (&mut input.reader)
            .take(HEAD_LEN as u64)
            .read_to_end(&mut head)
            .map_err(|e| damaged(&name, e))?;
        let whole = head.len() < HEAD_LEN;
        if head.is_empty() {
            return Err(Error::insufficient(
                &name,
                "it is empty: there are no events",
            ));
        }
        let dialect = detect::detect(&name, &head, whole, &input.pieces, options)?;
        let header_len = dialect.header_len;
        let header_lines = memchr::memchr_iter(b'\n', &head[..header_len]).count() as u64;
        let mut metadata = dialect.format.to_metadata();
        metadata.insert("source.format".to_owned(), Value::from("text"));
        metadata.insert("source.file".to_owned(), Value::Text(file_name(&name)));
        let mut rest = Cursor::new(head);
        rest.set_position(header_len as u64);
        let reader = Box::new(rest.chain(input.reader));
        Ok(Self {
            info: StreamInfo {
                time_base: dialect.time_base,
                size: dialect.size,
                metadata,
            },
            parser: Parser::new(&dialect, options.on_bad_line),
            blocks: Blocks::new(reader, header_len as u64),
            ready: Vec::new(),
            next_slot: 0,
            ahead: Vec::new(),
            total: input.total,
            consumed: input.consumed,
            totals: Totals {
                lines: header_lines,
                summary: dialect.summary,
                ..Totals::default()
            },
            on_bad_line: options.on_bad_line,
            failed: None,
            name,
        })
    }

    /// Parses the blocks read ahead, and reads the ones after them at the same time.
    fn refill(&mut self) {
        if self.ahead.is_empty() {
            let slots = blocks_at_once();
            self.ahead.resize_with(slots, Slot::default);
            self.ready.resize_with(slots, Slot::default);
            read_blocks(&mut self.blocks, &mut self.ahead);
        }
        std::mem::swap(&mut self.ready, &mut self.ahead);
        let (blocks, parser) = (&mut self.blocks, &self.parser);
        let (ready, ahead) = (&mut self.ready, &mut self.ahead);
        rayon::join(
            || read_blocks(blocks, ahead),
            || {
                ready.par_iter_mut().with_max_len(1).for_each(|slot| {
                    slot.findings = parser.parse(&slot.text.buffer, slot.text.len, &mut slot.batch);
                });
            },
        );
        self.next_slot = 0;
    }

    fn place(&self, line: u64, byte: u64) -> String {
        format!("{}: line {line} (byte {byte})", self.name)
    }

    /// Adds what was found in a block to the totals; an error if the block has a bad line to stop
    /// at.
    fn account(&mut self, slot: &Slot) -> Option<Error> {
        let found = &slot.findings;
        let before = self.totals.lines;
        let place = |remark: &Remark| {
            // People count lines from 1.
            let (line, byte) = (before + remark.line + 1, slot.text.offset + remark.byte);
            self.place(line, byte)
        };
        if self.on_bad_line == OnBadLine::Stop
            && let Some(bad) = found.bad.first.first()
        {
            return Some(Error::corrupt(place(bad), bad.what.clone()));
        }
        let example = |remark: &Remark| format!("{}: {}", place(remark), remark.what);
        let bad: Vec<String> = found.bad.first.iter().map(example).collect();
        let rounded: Vec<String> = found.rounded.first.iter().map(example).collect();
        let totals = &mut self.totals;
        totals.bad.add(found.bad.count, bad);
        totals.rounded.add(found.rounded.count, rounded);
        let global = |line: u64| before + line + 1;
        if let (Some(last), Some(&first)) = (totals.last_t, slot.batch.t.first())
            && first < last
        {
            totals.backward += 1;
            let line = global(found.line_of(0));
            totals.first_backward.get_or_insert(line);
        }
        totals.backward += found.backward;
        totals.first_backward = totals.first_backward.or(found.first_backward.map(global));
        totals.first_irregular = totals.first_irregular.or(found.first_irregular.map(global));
        totals.beyond_sensor += found.beyond_sensor;
        totals.last_t = slot.batch.t.last().copied().or(totals.last_t);
        totals.no_final_newline = found.no_final_newline;
        totals.lines += found.lines;
        None
    }
}

impl Sum {
    fn add(&mut self, count: u64, examples: Vec<String>) {
        self.count += count;
        let room = MAX_EXAMPLES - self.examples.len();
        self.examples.extend(examples.into_iter().take(room));
    }

    fn loss(&self, what: &str) -> Option<Loss> {
        (self.count > 0).then(|| Loss {
            what: what.to_owned(),
            count: self.count,
            examples: self.examples.clone(),
        })
    }
}

impl EventSource for TextSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        loop {
            if let Some(error) = self.failed.take() {
                // What comes after the place of an error is not read.
                self.ready.clear();
                self.ahead.clear();
                self.blocks.end();
                return Err(error);
            }
            if self.next_slot >= self.ready.len() {
                self.refill();
            }
            let Some(slot) = self.ready.get_mut(self.next_slot) else {
                return Ok(0);
            };
            match slot.end.take() {
                Some(Ok(())) => {
                    slot.end = Some(Ok(()));
                    return Ok(0);
                }
                Some(Err(e)) => {
                    self.failed = Some(damaged(&self.name, e));
                    continue;
                }
                None => {}
            }
            let mut slot = std::mem::take(slot);
            self.failed = self.account(&slot);
            std::mem::swap(batch, &mut slot.batch);
            self.ready[self.next_slot] = slot;
            self.next_slot += 1;
            // A block of remarks alone has no events and is not the end.
            if !batch.is_empty() {
                return Ok(batch.len());
            }
        }
    }

    fn report(&self) -> Report {
        let totals = &self.totals;
        let mut notes = Vec::new();
        if let (n @ 1.., Some(line)) = (totals.backward, totals.first_backward) {
            notes.push(format!(
                "times run backwards {n} times, first in line {line}; the order is kept"
            ));
        }
        if let (n @ 1.., Some(size)) = (totals.beyond_sensor, self.info.size) {
            notes.push(format!("{n} events lie beyond the sensor of {size}"));
        }
        let losses = [
            totals.bad.loss("lines that are no event"),
            totals
                .rounded
                .loss("times with digits below the nanosecond"),
        ];
        Report {
            inferred: vec![totals.summary.clone()],
            notes,
            losses: losses.into_iter().flatten().collect(),
        }
    }

    fn closing_metadata(&self) -> Metadata {
        let mut metadata = Metadata::new();
        let irregular = self.totals.first_irregular;
        metadata.insert(REGULAR.to_owned(), Value::Bool(irregular.is_none()));
        if let Some(line) = irregular {
            let line = i64::try_from(line).unwrap_or(i64::MAX);
            metadata.insert(FIRST_IRREGULAR_LINE.to_owned(), Value::Int(line));
        }
        metadata.insert(
            FINAL_NEWLINE.to_owned(),
            Value::Bool(!self.totals.no_final_newline),
        );
        metadata
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress {
            done: self.consumed.load(Ordering::Relaxed),
            total: self.total,
        })
    }
}

/// Two blocks a thread, so that threads that are done early find another one; bounded, so that
/// memory is.
fn blocks_at_once() -> usize {
    (2 * rayon::current_num_threads()).clamp(2, 32)
}

fn read_blocks(blocks: &mut Blocks, slots: &mut [Slot]) {
    for slot in slots {
        slot.end = match blocks.next(&mut slot.text) {
            Ok(true) => None,
            Ok(false) => Some(Ok(())),
            Err(e) => Some(Err(e)),
        };
    }
}

/// The last part of a path.
fn file_name(name: &str) -> String {
    Path::new(name)
        .file_name()
        .map_or_else(|| name.to_owned(), |n| n.to_string_lossy().into_owned())
}

/// Whether the start of a file is text events, as a score from 1 to 255: none if it is not.
/// Compressed text counts too.
pub fn probe(head: &[u8]) -> Option<u8> {
    let packing = crate::input::Packing::of(head);
    let mut text = Vec::new();
    let reader = packing.unpack(Cursor::new(head.to_vec())).ok()?;
    // The start of a compressed file ends in an error; what comes before it counts.
    let _ = reader.take(HEAD_LEN as u64).read_to_end(&mut text);
    let sample = Sample::take(&text, true, &[]).ok()?;
    let header = crate::header::Header::parse(&text[..sample.header_len]);
    Some(if header.columns.is_some() { 200 } else { 100 })
}
