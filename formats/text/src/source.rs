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
    Error, EventBatch, EventSource, InOrder, Loss, Metadata, Progress, Report, Result, StreamInfo,
    Value,
};

use crate::{
    PolarityStyle, TextOptions,
    blocks::{BlockText, Blocks},
    detect::{self, Dialect, sample::Sample},
    format_metadata::{FINAL_NEWLINE, FIRST_IRREGULAR_LINE, POLARITY, REGULAR},
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
    parser: Arc<Parser>,
    dialect: Dialect,
    /// While the text has said ON alone.
    polarity_is_open: bool,
    blocks: Blocks,
    /// How the reading of blocks ended, once it has.
    end: Option<io::Result<()>>,
    /// Blocks that are being parsed.
    in_flight: InOrder<Slot>,
    /// Slots whose events were handed out, to be filled again.
    spare: Vec<Slot>,
    total: Option<u64>,
    consumed: Arc<AtomicU64>,
    totals: Totals,
    options: TextOptions,
    failed: Option<Error>,
}

/// A block, its events, and what was found in it.
#[derive(Default)]
struct Slot {
    text: BlockText,
    batch: EventBatch,
    findings: Findings,
    /// What has parsed it.
    parser: Option<Arc<Parser>>,
}

impl Slot {
    fn parse(&mut self, parser: Arc<Parser>) {
        self.findings = parser.parse(&self.text.buffer, self.text.len, &mut self.batch);
        self.parser = Some(parser);
    }

    fn is_parsed_by(&self, parser: &Arc<Parser>) -> bool {
        self.parser.as_ref().is_some_and(|p| Arc::ptr_eq(p, parser))
    }
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
    /// How polarity turned out to be written, against what was said before the events, and the
    /// line that shows it.
    polarity: Option<(PolarityStyle, u64)>,
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
        let detect::Found {
            dialect,
            polarity_is_open,
        } = detect::detect(&name, &head, whole, &input.pieces, options)?;
        let header_len = dialect.header_len;
        let header_lines = memchr::memchr_iter(b'\n', &head[..header_len]).count() as u64;
        let printed = dialect.format.header_bytes(dialect.size)?;
        let first_irregular = first_changed_line(&head[..header_len], &printed);
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
            parser: parser(&dialect, options),
            polarity_is_open,
            blocks: Blocks::new(reader, header_len as u64),
            end: None,
            in_flight: InOrder::default(),
            spare: Vec::new(),
            total: input.total,
            consumed: input.consumed,
            totals: Totals {
                lines: header_lines,
                first_irregular,
                ..Totals::default()
            },
            options: options.clone(),
            failed: None,
            dialect,
            name,
        })
    }

    /// Reads blocks and has them parsed, as far as memory may be used.
    fn read_ahead(&mut self) {
        while self.end.is_none() && self.in_flight.len() < blocks_at_once() {
            let mut slot = self.spare.pop().unwrap_or_default();
            match self.blocks.next(&mut slot.text) {
                Ok(true) => {
                    let parser = self.parser.clone();
                    self.in_flight.push(move || {
                        slot.parse(parser);
                        slot
                    });
                }
                Ok(false) => self.end = Some(Ok(())),
                Err(e) => self.end = Some(Err(e)),
            }
        }
    }

    /// While the text has said ON alone, the first OFF settles how polarity is written.
    fn settle_polarity(&mut self, slot: &Slot) {
        if slot.findings.bad.count == 0 && !slot.batch.p.contains(&0) {
            return;
        }
        let text = &slot.text;
        let Some((style, line)) = self.parser.first_off(&text.buffer, text.len) else {
            return;
        };
        self.polarity_is_open = false;
        if style != self.dialect.format.polarity {
            self.totals.polarity = Some((style, self.totals.lines + line + 1));
            self.dialect.format.polarity = style;
            self.parser = parser(&self.dialect, &self.options);
        }
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
        if self.options.on_bad_line == OnBadLine::Stop
            && let Some(bad) = found.bad.first.first()
        {
            let what = format!("{}; {}", bad.what, bad.way_out);
            return Some(Error::corrupt(place(bad), what));
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
        // The batch is not cleared before it is swapped: its columns are overwritten by the parser,
        // which would have to fill them with zeros first if they were shorter.
        loop {
            if let Some(error) = self.failed.take() {
                // What comes after the place of an error is not read.
                self.in_flight = InOrder::default();
                self.end = Some(Ok(()));
                batch.clear();
                return Err(error);
            }
            self.read_ahead();
            let Some(mut slot) = self.in_flight.pop() else {
                if let Some(Err(e)) = self.end.replace(Ok(())) {
                    self.failed = Some(damaged(&self.name, e));
                    continue;
                }
                batch.clear();
                return Ok(0);
            };
            if self.polarity_is_open {
                self.settle_polarity(&slot);
            }
            if !slot.is_parsed_by(&self.parser) {
                slot.parse(self.parser.clone());
            }
            self.failed = self.account(&slot);
            std::mem::swap(batch, &mut slot.batch);
            self.spare.push(slot);
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
                "times run backwards {n} times, first in line {line}"
            ));
        }
        if let (n @ 1.., Some(size)) = (totals.beyond_sensor, self.info.size) {
            notes.push(format!("{n} events lie beyond the sensor of {size}"));
        }
        if let Some((style, line)) = totals.polarity {
            notes.push(format!("polarity is {style}, as line {line} shows"));
        }
        let losses = [
            totals.bad.loss("lines that are no event"),
            totals
                .rounded
                .loss("times with digits below the nanosecond"),
        ];
        Report {
            inferred: vec![self.dialect.summary.clone()],
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
        if let Some((style, _)) = self.totals.polarity {
            metadata.insert(POLARITY.to_owned(), Value::Text(style.to_string()));
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

/// Blocks read ahead: enough that no thread waits for the one that reads.
fn blocks_at_once() -> usize {
    (4 * rayon::current_num_threads()).clamp(4, 64)
}

fn parser(dialect: &Dialect, options: &TextOptions) -> Arc<Parser> {
    let parser = Parser::new(dialect, options.on_bad_line);
    Arc::new(parser.with_told_decimals(options.decimals.is_some()))
}

/// The number of the first line that a header would come back different in: where `--size` says
/// something else.
fn first_changed_line(header: &[u8], printed: &[u8]) -> Option<u64> {
    let same = header.iter().zip(printed).take_while(|(a, b)| a == b);
    let lines = memchr::memchr_iter(b'\n', &header[..same.count()]).count() as u64;
    (header != printed).then_some(lines + 1)
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
