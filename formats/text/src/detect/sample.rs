//! What a sample of a text looks like, column by column.

use evz_core::columns::Seen;
use evz_core::{Column, ColumnList, PolarityMap, PolarityStyle};

use crate::{
    columns_remark::Listed,
    detect::seen,
    further::FurtherStats,
    header::{
        BOM, is_header_line,
        names::{self, Names},
        names_behind_mark,
    },
    line::{Split, is_comment, trim, without_end},
    line_columns::LineColumns,
    number::Decimal,
    polarity,
};

/// What the tokens of one column have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnStats {
    /// Words of truth, and how they are written.
    words: u64,
    word_style: Option<PolarityStyle>,
    zeros: u64,
    ones: u64,
    minus_ones: u64,
    others: u64,
    /// Numbers that are not whole.
    pub(crate) fractional: u64,
    /// The most digits behind the point, once an exponent has moved it.
    pub(crate) fraction_digits: u32,
    /// The first few values that differ, as they are written.
    pub(crate) seen: Seen,
    /// Values that a map of polarities has, if there is one.
    told: Option<u64>,
    /// Numbers of another kind than polarities: not whole, or large.
    no_label: u64,
    /// Numbers written with nine decimals.
    nine_decimals: u64,
    /// Numbers that are no coordinate of 16 bits.
    no_coordinate: u64,
    pub(crate) scientific: bool,
    pub(crate) min_decimals: Option<u32>,
    pub(crate) max_decimals: u32,
    /// The smallest and the largest, in units of 10^-12.
    pub(crate) min: Option<i128>,
    pub(crate) max: Option<i128>,
    previous: Option<i128>,
    decreases: u64,
}

impl ColumnStats {
    /// A token of a line, which a last line without an end may cut short.
    fn add(&mut self, token: &[u8], map: Option<&PolarityMap>, has_end: bool) {
        self.seen.add(&String::from_utf8_lossy(token));
        if let Some(map) = map {
            let known = polarity::told(map, token).is_some();
            *self.told.get_or_insert(0) += u64::from(known);
        }
        let Some(number) = Decimal::parse(token) else {
            self.words += 1;
            self.word_style = self.word_style.or_else(|| PolarityStyle::of_word(token));
            return;
        };
        match number.to_ticks(0, false) {
            Ok((0, _)) => self.zeros += 1,
            Ok((1, _)) => self.ones += 1,
            Ok((-1, _)) => self.minus_ones += 1,
            Ok(_) => self.others += 1,
            Err(_) => {
                self.others += 1;
                if number.exponent < 0 {
                    self.fractional += 1;
                    self.fraction_digits = self.fraction_digits.max(number.fraction_digits());
                }
            }
        }
        let label = number
            .to_ticks(0, false)
            .map(|(label, _)| label.unsigned_abs());
        self.no_label +=
            u64::from(label.is_ok_and(|label| label > u64::from(u8::MAX)) || label.is_err());
        self.nine_decimals += u64::from(number.decimals == NANOSECONDS && !number.scientific);
        self.no_coordinate += u64::from(number.to_u16().is_none());
        self.scientific |= number.scientific;
        if has_end || self.min_decimals.is_none() {
            let least = self.min_decimals.unwrap_or(number.decimals);
            self.min_decimals = Some(least.min(number.decimals));
        }
        self.max_decimals = self.max_decimals.max(number.decimals);
        let value = number.picos();
        self.min = Some(self.min.map_or(value, |m| m.min(value)));
        self.max = Some(self.max.map_or(value, |m| m.max(value)));
        self.decreases += u64::from(self.previous.is_some_and(|p| value < p));
        self.previous = Some(value);
    }

    /// Whether these can be polarities of which all are ON, so that OFF may turn up as 0 or -1.
    pub(crate) fn is_on_alone(&self) -> bool {
        self.told.is_none() && self.ones > 0 && self.words + self.zeros + self.minus_ones == 0
    }

    /// Whether this holds small whole numbers, and a few of them: polarity, perhaps, written in a way
    /// that is not known.
    pub(crate) fn is_few_valued(&self) -> bool {
        self.seen.is_all() && self.words + self.no_label == 0
    }

    /// Whether most numbers are written with nine decimals and none with more.
    fn has_nine_decimals(&self) -> bool {
        self.max_decimals == NANOSECONDS && self.nine_decimals * 2 > self.numbers()
    }

    fn numbers(&self) -> u64 {
        self.zeros + self.ones + self.minus_ones + self.others
    }

    /// How polarity is written here, if this can be a column of polarity.
    pub(crate) fn polarity(&self, tolerance: Tolerance) -> Option<PolarityStyle> {
        let total = self.words + self.numbers();
        if let Some(told) = self.told {
            return tolerance
                .allows(total - told, total)
                .then_some(PolarityStyle::ZeroOne);
        }
        if self.words * 2 > total {
            return self
                .word_style
                .filter(|_| tolerance.allows(self.numbers(), total));
        }
        let (style, strange) = if self.minus_ones > self.zeros {
            (PolarityStyle::MinusPlus, self.zeros)
        } else {
            (PolarityStyle::ZeroOne, self.minus_ones)
        };
        tolerance
            .allows(self.words + self.others + strange, total)
            .then_some(style)
    }

    /// Whether this can be a column of coordinates.
    pub(crate) fn is_coordinate(&self, tolerance: Tolerance) -> bool {
        tolerance.allows(self.words + self.no_coordinate, self.words + self.numbers())
    }

    /// Whether this can be a column of times.
    pub(crate) fn is_number(&self, tolerance: Tolerance) -> bool {
        tolerance.allows(self.words, self.words + self.numbers())
    }

    /// Whether the numbers never fall, or as good as never: a camera's packets may run back a
    /// little, while a coordinate falls every other event.
    pub(crate) fn rises(&self) -> bool {
        self.decreases * 50 <= self.numbers()
    }

    /// The largest value as a whole number.
    pub(crate) fn max_whole(&self) -> i128 {
        self.max.unwrap_or(0) / PICO
    }

    /// Whether every number has the same decimals and none an exponent.
    pub(crate) fn is_uniform(&self) -> bool {
        !self.scientific && self.min_decimals == Some(self.max_decimals)
    }
}

/// Decimals of a second that reach down to the nanosecond.
const NANOSECONDS: u32 = 9;

/// How many strange values a column may have in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tolerance {
    /// None: what a sound text has.
    None,
    /// Up to a quarter: so that the lines that have them can be named one by one.
    Quarter,
}

impl Tolerance {
    fn allows(self, strange: u64, total: u64) -> bool {
        strange == 0 || (self == Self::Quarter && strange * 4 <= total)
    }
}

/// One in units of [`ColumnStats::min`].
pub(crate) const PICO: i128 = 1_000_000_000_000;

/// The header and the columns of a sample: the start of a text, and pieces from further inside.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Bytes before the first event.
    pub(crate) header_len: usize,
    /// The first line of data without its end, and whether that is `\r\n`.
    pub(crate) first_line: Vec<u8>,
    pub(crate) crlf: bool,
    pub(crate) split: Split,
    /// Which of the columns are t, x, y and p: `columns` are of these, from left to right.
    pub(crate) line: LineColumns,
    pub(crate) columns: [ColumnStats; 4],
    pub(crate) further: Vec<FurtherStats>,
    pub(crate) longest_line: usize,
    /// The columns of the start alone.
    pub(crate) head_columns: [ColumnStats; 4],
    /// And their numbers, in units of 10^-12, for durations and rates.
    pub(crate) head_values: [Vec<i128>; 4],
}

/// Why a sample has no events.
#[derive(Debug)]
pub(crate) enum NoSample {
    /// There is nothing but header.
    Empty,
    /// The start of the text is header and no more, or one line without an end.
    LongHeader,
    LongLine,
    /// It is no text.
    Binary,
    /// Its lines have no four columns; the first of them, and its number.
    NoColumns {
        line: u64,
        text: Vec<u8>,
        /// The words that stand where polarity may, if all else is numbers.
        polarities: Option<Seen>,
    },
    /// Its lines have more than four and nothing says what all of these are.
    Unnamed {
        line: u64,
        text: Vec<u8>,
        len: usize,
        /// Where t, x, y and p stand by names above it, of as many columns at most.
        names: Option<Vec<Option<Column>>>,
    },
}

impl Sample {
    /// Looks at the start of a text, `whole` if that is all of it, and pieces from further inside.
    ///
    /// Lines of more than four columns are events where `told` or what stands before them says which of
    /// the columns are t, x, y and p.
    pub(crate) fn take(
        head: &[u8],
        whole: bool,
        pieces: &[Vec<u8>],
        told: Option<&ColumnList>,
        map: Option<&PolarityMap>,
    ) -> Result<Self, NoSample> {
        let told = told.map(LineColumns::of_list);
        let (mut named, mut listed) = (vec![LineColumns::PLAIN], Vec::new());
        let mut lines = Lines::new(head, whole);
        let mut first_strange = None::<(u64, Vec<u8>)>;
        let mut unnamed = None;
        let mut start = 0;
        let (first, split, line_columns) = loop {
            let Some((number, line)) = lines.next() else {
                return Err(match (first_strange, unnamed) {
                    _ if head.contains(&0) => NoSample::Binary,
                    (_, Some(unnamed)) => unnamed,
                    (Some((line, text)), None) => NoSample::NoColumns {
                        line,
                        polarities: seen::words(
                            &text,
                            told.as_ref().map_or(4, |told| told.len),
                            Lines::new(head, whole).map(|(_, line)| line),
                        ),
                        text,
                    },
                    (None, None) if whole => NoSample::Empty,
                    (None, None) if start == 0 => NoSample::LongLine,
                    (None, None) => NoSample::LongHeader,
                });
            };
            let bare = without_end(line);
            let text = bare
                .strip_prefix(BOM)
                .filter(|_| start == 0)
                .unwrap_or(bare);
            let split = Split::of(text);
            let is_one = |columns: &&LineColumns| is_event(text, split, columns, map);
            let found = match &told {
                Some(told) => Some(told).filter(is_one),
                None => (listed.iter().rev()).chain(named.iter().rev()).find(is_one),
            };
            if let Some(found) = found {
                break (line, split, found.clone());
            }
            match Listed::parse(text) {
                Some(columns) => listed.push(columns.line),
                None => named.extend(Names::parse(behind_mark(text)).map(|names| names.line)),
            }
            let len = split.all_tokens(trim(text)).len();
            if len > 4 && has_numbers(text, split, map) && unnamed.is_none() {
                unnamed = Some(NoSample::Unnamed {
                    line: number,
                    text: text.to_vec(),
                    len,
                    names: names_above(&head[..start], len),
                });
            }
            if !is_header_line(text) && first_strange.is_none() {
                first_strange = Some((number, text.to_vec()));
                // A bad line ends the header: it is for the reader to stop at it or to skip it.
            }
            start += line.len();
        };
        let header_len = header_len(head, start);
        let bare = without_end(first);
        let mut sample = Self {
            header_len,
            first_line: bare
                .strip_prefix(BOM)
                .filter(|_| start == 0)
                .unwrap_or(bare)
                .to_vec(),
            crlf: first.ends_with(b"\r\n"),
            split,
            further: vec![FurtherStats::default(); line_columns.further.len()],
            line: line_columns,
            columns: Default::default(),
            longest_line: 0,
            head_columns: Default::default(),
            head_values: Default::default(),
        };
        for (_, line) in Lines::new(&head[start..], whole) {
            if sample.add(line, map) {
                for (values, stats) in sample.head_values.iter_mut().zip(&sample.columns) {
                    values.extend(stats.previous);
                }
            }
        }
        sample.head_columns = sample.columns.clone();
        for piece in pieces {
            // The first line of a piece is cut.
            for (_, line) in Lines::new(piece, false).skip(1) {
                sample.add(line, map);
            }
        }
        Ok(sample)
    }

    /// The column that alone has nine decimals: seconds, down to the nanosecond. Where all have them,
    /// that is how somebody prints any number.
    pub(crate) fn nanoseconds(&self) -> Option<usize> {
        let mut places = (0..4).filter(|place| self.columns[*place].has_nine_decimals());
        places.next().filter(|_| places.next().is_none())
    }

    fn add(&mut self, line: &[u8], map: Option<&PolarityMap>) -> bool {
        let bare = without_end(line);
        let bare = bare.strip_prefix(BOM).unwrap_or(bare);
        if !is_event(bare, self.split, &self.line, map) {
            return false;
        }
        let tokens = self.split.all_tokens(trim(bare));
        for (stats, token) in self.columns.iter_mut().zip(self.line.four(&tokens)) {
            stats.add(token, map, line.ends_with(b"\n"));
        }
        for (stats, place) in self.further.iter_mut().zip(&self.line.further) {
            stats.add(tokens[*place]);
        }
        self.longest_line = self.longest_line.max(line.len());
        true
    }
}

/// Whether a line has these columns, and t, x, y and p are four numbers or words of truth.
fn is_event(line: &[u8], split: Split, columns: &LineColumns, map: Option<&PolarityMap>) -> bool {
    if is_comment(line) {
        return false;
    }
    let tokens = split.all_tokens(trim(line));
    tokens.len() == columns.len && {
        let four = columns.four(&tokens);
        let words = four.iter().filter(|t| Decimal::parse(t).is_none());
        four.iter().all(|t| is_number_or_word(t, map)) && words.count() <= 1
    }
}

/// Whether a line has numbers, or words of polarity, enough for an event.
fn has_numbers(line: &[u8], split: Split, map: Option<&PolarityMap>) -> bool {
    let tokens = split.all_tokens(trim(line));
    let numbers = tokens.iter().filter(|t| is_number_or_word(t, map));
    !is_comment(line) && numbers.count() >= 4
}

fn is_number_or_word(token: &[u8], map: Option<&PolarityMap>) -> bool {
    let is_told = || map.is_some_and(|map| map.word(token).is_some());
    Decimal::parse(token).is_some() || PolarityStyle::truth(token).is_some() || is_told()
}

/// A line without the mark of a remark, if it is one.
fn behind_mark(line: &[u8]) -> &[u8] {
    match is_comment(line) {
        true => names_behind_mark(line),
        false => line,
    }
}

/// Where t, x, y and p stand by the last line that names them, and so many columns at most.
fn names_above(text: &[u8], most: usize) -> Option<Vec<Option<Column>>> {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    let lines = Lines::new(text, true).map(|(_, line)| behind_mark(without_end(line)));
    let names = lines.filter_map(names::places);
    names.filter(|names| names.len() <= most).last()
}

/// How much of what comes before the first event is header: up to the first line that is none.
fn header_len(head: &[u8], first_event: usize) -> usize {
    let mut len = if head.starts_with(BOM) { BOM.len() } else { 0 };
    for (_, line) in Lines::new(&head[len..first_event.max(len)], true) {
        if !is_header_line(without_end(line)) {
            break;
        }
        len += line.len();
    }
    len
}

/// Lines with their ends and their numbers; the last one too, if the text is whole.
struct Lines<'a> {
    rest: &'a [u8],
    whole: bool,
    number: u64,
}

impl<'a> Lines<'a> {
    fn new(rest: &'a [u8], whole: bool) -> Self {
        Self {
            rest,
            whole,
            number: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let len = match memchr::memchr(b'\n', self.rest) {
            Some(at) => at + 1,
            None if self.whole && !self.rest.is_empty() => self.rest.len(),
            None => return None,
        };
        let (line, rest) = self.rest.split_at(len);
        self.rest = rest;
        self.number += 1;
        Some((self.number, line))
    }
}
