//! Blocks of text to columns of events. Regular lines take the fast path of [`fast`]; every other
//! line goes through [`slow`], which knows all variants and finds what is wrong.

pub(crate) mod fast;
mod slow;

use evz_core::{
    EventBatch, ExtraColumn, ExtraSlice, Loss, Noticed, OnBadLine, PolarityMap, PolarityStyle,
    SensorSize,
};

use crate::{detect::Dialect, line::excerpt, print::Printer};
use fast::Fast;
use slow::{Line, Slow, Wrong};

pub(crate) use slow::MAX_LINE;

/// A line of which there is something to say.
#[derive(Debug, Clone)]
pub(crate) struct Remark {
    /// Its number in the block, from 0.
    pub(crate) line: u64,
    /// Its first byte in the block.
    pub(crate) byte: u64,
    pub(crate) what: Wrong,
}

/// Things counted, and the first few of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) first: Vec<Remark>,
}

impl Tally {
    fn add(&mut self, remark: impl FnOnce() -> Remark) {
        self.count += 1;
        if self.first.len() < Loss::MAX_EXAMPLES {
            self.first.push(remark());
        }
    }
}

/// What is in a block besides its events. Line numbers count from 0 at the start of the block.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Lines, the bad ones and the empty ones too.
    pub(crate) lines: u64,
    pub(crate) bad: Tally,
    /// Lines of events whose polarity is to be dropped.
    pub(crate) dropped: u64,
    /// Times rounded to the nanosecond.
    pub(crate) rounded: Tally,
    pub(crate) first_irregular: Option<u64>,
    /// What is odd but kept.
    pub(crate) noticed: Noticed,
    /// The last line has no end.
    pub(crate) no_final_newline: bool,
    /// Whether the last line has no end and fewer decimals than all before it.
    pub(crate) is_cut: bool,
    /// The last line, if it has no end and is the start of an event's.
    pub(crate) cut_off: Option<Remark>,
    /// For each line without an event, how many events stand before it.
    gaps: Vec<u32>,
}

impl Findings {
    /// The line that event `index` of the block comes from.
    pub(crate) fn line_of(&self, index: usize) -> u64 {
        let mut before = 0;
        // Each gap at or before the event shifts its line by one.
        for &gap in &self.gaps {
            if gap as usize > index {
                break;
            }
            before += 1;
        }
        index as u64 + before
    }
}

/// Reads blocks of one dialect.
#[derive(Debug)]
pub(crate) struct Parser {
    fast: Option<Fast>,
    slow: Slow,
    further: Vec<ExtraColumn>,
    printer: Printer,
    on_bad_line: OnBadLine,
    size: Option<SensorSize>,
}

/// How many events the columns grow by at a time.
const RUN: usize = fast::RUN;

impl Parser {
    pub(crate) fn new(dialect: &Dialect, on_bad_line: OnBadLine) -> Self {
        Self {
            fast: Fast::new(dialect),
            slow: Slow::new(dialect),
            further: dialect.format.further.columns.clone(),
            printer: Printer::new(&dialect.format, dialect.time_base),
            on_bad_line,
            size: dialect.size,
        }
    }

    /// The same, and blames those that the user told for times with more decimals.
    pub(crate) fn with_told_decimals(mut self, told: bool) -> Self {
        self.slow = self.slow.with_told_decimals(told);
        self
    }

    /// The same, and reads polarities by what their values stand for: line by line.
    pub(crate) fn with_polarity_map(mut self, map: Option<PolarityMap>) -> Self {
        self.fast = self.fast.filter(|_| map.is_none());
        self.slow = self.slow.with_polarity_map(map);
        self
    }

    /// How the first event that is OFF is written in `text[fast::FRONT..][..len]`, and the number
    /// of its line, from 0.
    pub(crate) fn first_off(&self, text: &[u8], len: usize) -> Option<(PolarityStyle, u64)> {
        let lines = text[fast::FRONT..fast::FRONT + len].split_inclusive(|&b| b == b'\n');
        lines
            .zip(0..)
            .find_map(|(line, number)| Some((self.slow.style_of_off(line)?, number)))
    }

    /// The same without the fast path, to compare the two.
    #[cfg(test)]
    pub(crate) fn without_fast(mut self) -> Self {
        self.fast = None;
        self
    }

    /// Reads the lines in `text[fast::FRONT..][..len]`, behind and before padding. The columns of
    /// `batch` are replaced.
    pub(crate) fn parse(&self, text: &[u8], len: usize, batch: &mut EventBatch) -> Findings {
        let mut findings = Findings::default();
        let (mut reprint, mut further) = (Vec::new(), Vec::new());
        batch.shape(&self.further);
        let (mut at, mut events) = (0, 0);
        while at < len {
            if let Some(fast) = &self.fast {
                grow(batch, events + RUN);
                let (lines, bytes) = fast.run(text, at, batch, events);
                events += lines;
                findings.lines += lines as u64;
                at += bytes;
                if lines == RUN {
                    continue;
                }
                if at >= len {
                    break;
                }
            }
            let rest = &text[fast::FRONT + at..fast::FRONT + len];
            let line_len = memchr::memchr(b'\n', rest).map_or(rest.len(), |n| n + 1);
            let raw = &rest[..line_len];
            let here = (findings.lines, at as u64);
            let remark = |what| Remark {
                line: here.0,
                byte: here.1,
                what,
            };
            let line = self.slow.line(raw, &mut further);
            let mut regular = false;
            match &line {
                Line::Event { event, rounded } => {
                    grow(batch, events + 1);
                    batch.t[events] = event.t;
                    batch.x[events] = event.x;
                    batch.y[events] = event.y;
                    batch.p[events] = event.p;
                    for (values, value) in batch.extra.iter_mut().zip(&further) {
                        if let Some(slot) = values.get_mut(events..events + 1) {
                            slot.bytes.copy_from_slice(&value[..slot.bytes.len()]);
                        }
                    }
                    let extra = ExtraSlice::new(&batch.extra, events..events + 1);
                    events += 1;
                    if *rounded {
                        let text = crate::line::without_end(raw);
                        findings.rounded.add(|| remark(excerpt(text).into()));
                    }
                    // Only the first line that is not regular matters, so after it none is printed.
                    if findings.first_irregular.is_none() {
                        reprint.clear();
                        regular = self.printer.line(*event, extra, 0, &mut reprint).is_ok()
                            && raw.strip_prefix(reprint.as_slice()).is_some_and(|end| {
                                end.is_empty() || end == self.printer.line_end()
                            });
                        findings.is_cut = raw.len() < reprint.len() && reprint.starts_with(raw);
                    }
                }
                Line::Nothing => findings.gaps.push(events as u32),
                Line::Dropped => {
                    findings.gaps.push(events as u32);
                    findings.dropped += 1;
                }
                Line::Bad(wrong) => {
                    findings.gaps.push(events as u32);
                    match self.on_bad_line == OnBadLine::Stop && is_start_of_line(raw) {
                        true => findings.cut_off = Some(remark(wrong.clone())),
                        false => findings.bad.add(|| remark(wrong.clone())),
                    }
                }
            }
            if !regular && findings.first_irregular.is_none() {
                findings.first_irregular = Some(findings.lines);
            }
            findings.no_final_newline = raw.last() != Some(&b'\n');
            findings.lines += 1;
            at += line_len;
            if matches!(line, Line::Bad(..)) && self.on_bad_line == OnBadLine::Stop {
                break;
            }
        }
        batch.t.truncate(events);
        batch.x.truncate(events);
        batch.y.truncate(events);
        batch.p.truncate(events);
        batch.extra.iter_mut().for_each(|v| v.resize(events));
        // Over whole columns, which costs far less than line by line.
        findings.noticed = Noticed::of(batch.as_slice(), self.size);
        findings
    }
}

fn grow(batch: &mut EventBatch, len: usize) {
    let further = batch.extra.iter().any(|values| values.len() < len);
    let [t, x, y, p] = [batch.t.len(), batch.x.len(), batch.y.len(), batch.p.len()];
    if t.min(x).min(y).min(p) < len || further {
        let target = len.next_multiple_of(RUN);
        batch.resize(target, evz_core::Columns::ALL);
    }
}

/// Whether this is a line without an end, of nothing but numbers: what is left of one that was cut.
fn is_start_of_line(raw: &[u8]) -> bool {
    let of_numbers = |byte: &u8| byte.is_ascii_digit() || b" \t,;.+-eE".contains(byte);
    (1..=MAX_LINE).contains(&raw.len()) && raw.iter().all(of_numbers)
}
