//! Text as a source of events: blocks are read one after the other and parsed side by side.

use std::{
    io::{self, Cursor, Read},
    sync::Arc,
};

use evz_core::{
    Arriving, BytesRead, Error, EventBatch, EventSource, Input, Loss, LossKind, Metadata, Next,
    Note, Noticed, OnBadLine, OpenOptions, Place, PolarityStyle, Progress, ReadAt, Report, Result,
    StreamInfo, TimeBase, Value, fill,
    parallel::{self, InOrder},
    read_error,
};

use crate::{
    blocks::{BlockText, Blocks},
    detect::{self, Dialect, HEAD_LEN},
    format_metadata::{FINAL_NEWLINE, FIRST_IRREGULAR_LINE, POLARITY, REGULAR},
    parse::{Findings, Parser, Remark},
    parts::Part,
};

/// Bytes of each piece from further inside.
const PIECE_LEN: usize = 32 * 1024;

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
    read: BytesRead,
    totals: Totals,
    /// The lines of the last batch.
    last: Option<Part>,
    options: OpenOptions,
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

/// So many lines with the same decimals are no coincidence.
const ALIKE: u64 = 8;

/// What has been found in all blocks handed out.
#[derive(Default)]
struct Totals {
    /// Lines before the next block.
    lines: u64,
    bad: Sum,
    dropped: u64,
    rounded: Sum,
    first_irregular: Option<u64>,
    noticed: Noticed,
    /// Events before the next block.
    events: u64,
    /// The line of the first event that is earlier than the one before it.
    first_backward: Option<u64>,
    no_final_newline: bool,
    /// Whether the last line ends within a number.
    is_cut: bool,
    /// Where the last line is, if it ends before all numbers of an event.
    cut_off: Option<String>,
    /// How polarity turned out to be written, against what was said before the events, and the
    /// line that shows it.
    polarity: Option<(PolarityStyle, u64)>,
}

#[derive(Default)]
struct Sum {
    count: u64,
    examples: Vec<String>,
}

/// Opens a text recording. What its columns, times and polarities mean is found from its content,
/// and said in its report.
///
/// # Errors
/// If the text cannot be read, holds no events, or can be read in two ways;
/// [`question`](Error::question) then says what settles it.
pub fn open(input: Input, options: &OpenOptions) -> Result<TextSource> {
    let name = input.name().to_owned();
    let file_name = input.file_name();
    let read = input.read_so_far();
    let pieces = match input.read_at() {
        Some(bytes) => pieces(&**bytes).map_err(|e| read_error(&name, e))?,
        None => Vec::new(),
    };
    let mut reader = input.into_reader();
    let mut head = vec![0; HEAD_LEN];
    let filled = fill(&mut reader, &mut head);
    head.truncate(filled.len);
    let ended = filled.end.is_some();
    let failure = filled.end.and_then(io::Result::err);
    if head.is_empty() {
        return Err(match failure {
            Some(error) => read_error(name, error),
            None => Error::insufficient(name, "it is empty: there are no events"),
        });
    }
    let whole = ended && failure.is_none();
    let found = match (
        detect::detect(&name, &head, whole, &pieces, options),
        failure,
    ) {
        // What makes no sense may do so for it is cut off.
        (Err(_), Some(error)) => return Err(read_error(name, error)),
        (found, failure) => found.map(|found| (found, failure)),
    };
    let (found, failure) = found?;
    let detect::Found {
        dialect,
        polarity_is_open,
    } = found;
    let header_len = dialect.header_len;
    let header_lines = memchr::memchr_iter(b'\n', &head[..header_len]).count() as u64;
    let printed = dialect.format.header_bytes(dialect.size)?;
    let first_irregular = match dialect.line.len == dialect.format.further.line_len() {
        true => first_changed_line(&head[..header_len], &printed),
        // What is passed over does not come back.
        false => Some(1),
    };
    let mut metadata = dialect.format.to_metadata();
    metadata.insert("source.format".to_owned(), Value::from("text"));
    metadata.insert("source.file".to_owned(), Value::Text(file_name));
    let mut rest = Cursor::new(head);
    rest.set_position(header_len as u64);
    let reader: Box<dyn Arriving> = match failure {
        None => Box::new(rest.chain(reader)),
        Some(_) => Box::new(rest),
    };
    Ok(TextSource {
        info: StreamInfo::new(dialect.time_base)
            .with_clock(dialect.format.clock)
            .with_size(dialect.size)
            .with_columns(dialect.format.further.columns.clone())
            .with_metadata(metadata),
        parser: parser(&dialect, options),
        polarity_is_open,
        blocks: Blocks::new(reader, header_len as u64).failing(failure),
        end: None,
        in_flight: InOrder::default(),
        spare: Vec::new(),
        read,
        totals: Totals {
            lines: header_lines,
            first_irregular,
            ..Totals::default()
        },
        last: None,
        options: options.clone(),
        failed: None,
        dialect,
        name,
    })
}

/// A piece from the middle and one from the end, of what is longer than what is looked at anyway.
fn pieces(bytes: &dyn ReadAt) -> io::Result<Vec<Vec<u8>>> {
    let (len, piece_len) = (bytes.len(), PIECE_LEN as u64);
    if len < 2 * HEAD_LEN as u64 + piece_len {
        return Ok(Vec::new());
    }
    let piece = |at| {
        let mut piece = vec![0; PIECE_LEN];
        bytes.read_exact_at(at, &mut piece).map(|()| piece)
    };
    [len / 2, len - piece_len].into_iter().map(piece).collect()
}

impl TextSource {
    /// What its lines mean.
    pub(crate) fn into_dialect(self) -> Dialect {
        self.dialect
    }

    /// Reads blocks and has them parsed, as far as memory may be used.
    fn read_ahead(&mut self) {
        while self.end.is_none()
            && self.in_flight.len() < blocks_at_once()
            && (self.in_flight.is_empty() || self.blocks.are_there())
        {
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

    /// Adds what was found in a block to the totals; an error if the block has a bad line to stop
    /// at.
    fn account(&mut self, slot: &Slot) -> Option<Error> {
        let found = &slot.findings;
        let before = self.totals.lines;
        // People count lines from 1.
        let global = |line: u64| before + line + 1;
        let place = |remark: &Remark| {
            Place::file(&self.name)
                .with_line(global(remark.line))
                .with_byte(slot.text.offset + remark.byte)
        };
        if stops(&self.options)
            && let Some(bad) = found.bad.first.first()
        {
            return Some(bad.what.error(place(bad)));
        }
        // Of a few lines, which somebody wrote, the last is no event rather than cut.
        let n_events = self.totals.events + slot.batch.len() as u64;
        if let Some(cut) = &found.cut_off
            && n_events <= ALIKE
        {
            return Some(cut.what.error(place(cut)));
        }
        let example = |remark: &Remark| format!("{}: {}", place(remark), remark.what.what);
        let cut_off = found.cut_off.as_ref().map(example);
        let bad: Vec<String> = found.bad.first.iter().map(example).collect();
        let rounded: Vec<String> = found.rounded.first.iter().map(example).collect();
        let totals = &mut self.totals;
        totals.bad.add(found.bad.count, bad);
        totals.dropped += found.dropped;
        totals.rounded.add(found.rounded.count, rounded);
        totals.noticed.add(&found.noticed);
        if totals.first_backward.is_none()
            && let Some(event) = totals.noticed.first_backward()
        {
            let in_block = (event - totals.events) as usize;
            totals.first_backward = Some(global(found.line_of(in_block)));
        }
        totals.events += slot.batch.len() as u64;
        totals.first_irregular = totals.first_irregular.or(found.first_irregular.map(global));
        totals.no_final_newline = found.no_final_newline;
        totals.is_cut |= found.is_cut;
        totals.cut_off = totals.cut_off.take().or(cut_off);
        totals.lines += found.lines;
        None
    }
}

impl Sum {
    fn add(&mut self, count: u64, examples: Vec<String>) {
        self.count += count;
        let room = Loss::MAX_EXAMPLES - self.examples.len();
        self.examples.extend(examples.into_iter().take(room));
    }

    fn loss(&self, kind: LossKind, what: &str) -> Option<Loss> {
        let examples = self.examples.iter().cloned();
        (self.count > 0).then(|| Loss::new(kind, what, self.count).with_examples(examples))
    }
}

impl EventSource for TextSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
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
                    self.failed = Some(read_error(&self.name, e));
                    continue;
                }
                batch.clear();
                return Ok(Next::End(self.report()));
            };
            if self.polarity_is_open {
                self.settle_polarity(&slot);
            }
            if !slot.is_parsed_by(&self.parser) {
                slot.parse(self.parser.clone());
            }
            self.failed = self.account(&slot);
            self.last = Some(Part {
                at: slot.text.offset,
                len: slot.text.len,
                polarity: self.dialect.format.polarity,
            });
            std::mem::swap(batch, &mut slot.batch);
            self.spare.push(slot);
            // A block of remarks alone has no events.
            if !batch.is_empty() {
                return Ok(Next::Events(batch.len()));
            }
        }
    }

    fn report(&self) -> Report {
        let totals = &self.totals;
        let place = |_| match totals.first_backward {
            Some(line) => Place::default().with_line(line),
            None => Place::default(),
        };
        let mut notes = totals.noticed.notes(self.info.size, place);
        if let Some((style, line)) = totals.polarity {
            let what = format!("polarity is {style}, as line {line} shows");
            notes.push(Note::Other(what));
        }
        notes.extend(self.dialect.unused.clone().map(Note::Other));
        notes.extend(self.dialect.passed_over.iter().cloned());
        let (bad, rounded) = (&totals.bad, &totals.rounded);
        let below = match self.info.time_base {
            _ if !self.info.columns.is_empty() => {
                "times with digits below the tick, or values with more than their type holds"
            }
            TimeBase::NANOSECONDS => "times with digits below the nanosecond",
            _ => "times with digits below the tick",
        };
        let cut = "last number, which has fewer decimals than all others, in a line without an end: the \
                   text seems to be cut";
        let what = "lines whose polarity is to be dropped";
        let dropped =
            (totals.dropped > 0).then(|| Loss::new(LossKind::NoEvent, what, totals.dropped));
        let losses = [
            bad.loss(LossKind::NoEvent, "lines that are no event"),
            dropped,
            rounded.loss(LossKind::Rounded, below),
            totals.cut_off.as_ref().map(|place| {
                let what = "last line, which has no end and is not all of an event: the text seems to be cut";
                Loss::new(LossKind::CutOff, what, 1).with_examples([place])
            }),
            (totals.is_cut && totals.events > ALIKE).then(|| Loss::new(LossKind::CutOff, cut, 1)),
        ];
        let mut report = Report {
            inferred: vec![self.dialect.summary.clone()],
            notes,
            losses: losses.into_iter().flatten().collect(),
        };
        // They are skipped where that was told alone.
        report.agree(LossKind::NoEvent);
        report
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
        Some(self.read.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.as_ref().map(Part::to_bytes)
    }
}

/// Blocks read ahead: enough that no thread waits for the one that reads.
fn blocks_at_once() -> usize {
    (4 * parallel::threads()).clamp(4, 64)
}

/// Whether a bad line ends the reading.
fn stops(options: &OpenOptions) -> bool {
    options.on_bad_line.unwrap_or_default() == OnBadLine::Stop
}

pub(crate) fn parser(dialect: &Dialect, options: &OpenOptions) -> Arc<Parser> {
    let parser = Parser::new(dialect, options.on_bad_line.unwrap_or_default());
    let parser = parser.with_told_decimals(options.decimals.is_some());
    Arc::new(parser.with_polarity_map(options.polarity_map.clone()))
}

/// The number of the first line that a header would come back different in: where the user told
/// another size.
fn first_changed_line(header: &[u8], printed: &[u8]) -> Option<u64> {
    let same = header.iter().zip(printed).take_while(|(a, b)| a == b);
    let lines = memchr::memchr_iter(b'\n', &header[..same.count()]).count() as u64;
    (header != printed).then_some(lines + 1)
}
