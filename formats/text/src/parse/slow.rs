//! One line at a time, in any variant, and what is wrong with it.

use evz_core::columns::{Seen, Signs};
use evz_core::{
    Column, ColumnList, ColumnType, Error, Event, ExtraColumn, Place, PolarityMap, PolarityMeaning,
    PolarityStyle, Question, TimeBase,
};

use crate::{
    detect::Dialect,
    format::decimals_to_nanosecond,
    further,
    header::BOM,
    line::{Split, excerpt, is_comment, trim, without_end},
    line_columns::LineColumns,
    number::{Decimal, NoTick},
    polarity::told,
};

/// A line longer than this is no event, whatever it holds.
pub(crate) const MAX_LINE: usize = 64 * 1024;

/// What a line is.
#[derive(Debug)]
pub(crate) enum Line {
    Event {
        event: Event,
        rounded: bool,
    },
    /// Empty, or a remark.
    Nothing,
    /// An event whose polarity is to be dropped.
    Dropped,
    /// No event.
    Bad(Wrong),
}

/// What is wrong with a line.
#[derive(Debug, Clone)]
pub(crate) struct Wrong {
    pub(crate) what: String,
    /// With so many decimals of its time it would be an event.
    decimals: Option<u32>,
    /// With its columns read as these it would be an event.
    columns: Option<String>,
    /// Where its polarity is none: what stands there in other lines, too, and the maps that have that.
    polarities: Option<(String, Vec<String>)>,
}

impl Wrong {
    /// The error of a reader that stops at it.
    pub(crate) fn error(&self, place: Place) -> Error {
        let (others, maps) = self.polarities.clone().unzip();
        let error = Error::corrupt(
            place,
            format!("{}{}", self.what, others.unwrap_or_default()),
        );
        let error = match maps {
            Some(maps) => error.settled_by(Question::PolarityMap, maps),
            None => error,
        };
        let error = match &self.columns {
            Some(list) => error.settled_by(Question::Columns, [list]),
            None => error,
        };
        match self.decimals {
            Some(enough) => error.settled_by(Question::Decimals, [enough]),
            None => error
                .settled_by(Question::OnBadLine, ["skip"])
                .advise("mend the line"),
        }
    }
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Self {
            what,
            decimals: None,
            columns: None,
            polarities: None,
        }
    }
}

/// Reads lines of one dialect.
#[derive(Debug, Clone)]
pub(crate) struct Slow {
    split: Split,
    line: LineColumns,
    /// Where t, x, y and p stand among the four.
    places: [usize; 4],
    further: Vec<ExtraColumn>,
    polarity: PolarityStyle,
    /// What its values are told to stand for, and what they are in the sample.
    polarity_map: Option<PolarityMap>,
    polarities: Seen,
    unit: TimeBase,
    /// Decimals of the unit that a tick is.
    decimals: u8,
    /// Whether a tick is the finest that there is, below which nothing is kept.
    round: bool,
    /// Whether the user told how many they are.
    decimals_are_told: bool,
}

impl Slow {
    pub(crate) fn new(dialect: &Dialect) -> Self {
        let format = &dialect.format;
        let nanosecond = decimals_to_nanosecond(format.time_unit);
        Self {
            split: dialect.split,
            line: dialect.line.clone(),
            places: Column::ALL.map(|c| format.columns.place(c)),
            further: format.further.columns.clone(),
            polarity: format.polarity,
            polarity_map: None,
            polarities: dialect.polarities.clone(),
            unit: format.time_unit,
            decimals: format.decimals.min(nanosecond),
            round: format.decimals >= nanosecond,
            decimals_are_told: false,
        }
    }

    /// Blames those that the user told for times with more decimals, not the lines before.
    pub(crate) fn with_told_decimals(mut self, told: bool) -> Self {
        self.decimals_are_told = told;
        self
    }

    /// Reads polarities by what their values stand for.
    pub(crate) fn with_polarity_map(mut self, map: Option<PolarityMap>) -> Self {
        self.polarity_map = map;
        self
    }

    /// How polarity is written, if this line is an event that is OFF, as 0 or as -1.
    pub(crate) fn style_of_off(&self, raw: &[u8]) -> Option<PolarityStyle> {
        [PolarityStyle::ZeroOne, PolarityStyle::MinusPlus]
            .into_iter()
            .find(|&polarity| {
                let slow = Self {
                    polarity,
                    ..self.clone()
                };
                let line = slow.line(raw, &mut Vec::new());
                matches!(line, Line::Event { event, .. } if event.p == 0)
            })
    }

    /// Reads one line, with its end or without; `further` gets the values of the further columns.
    pub(crate) fn line(&self, raw: &[u8], further: &mut Vec<[u8; 8]>) -> Line {
        let bare = without_end(raw);
        // Files put one after the other keep their marks.
        let bare = bare.strip_prefix(BOM).unwrap_or(bare);
        if raw.len() > MAX_LINE {
            let what = format!(
                "the line is longer than {MAX_LINE} bytes: {}",
                excerpt(bare)
            );
            return Line::Bad(what.into());
        }
        let text = trim(bare);
        if text.is_empty() || is_comment(text) {
            return Line::Nothing;
        }
        further.clear();
        match self.event(text, further) {
            Ok((event, _)) if event.p == Signs::DROPPED => Line::Dropped,
            Ok((event, rounded)) => Line::Event { event, rounded },
            Err(wrong) => Line::Bad(Wrong {
                what: format!("{}: {}", wrong.what, excerpt(bare)),
                ..wrong
            }),
        }
    }

    fn event(&self, text: &[u8], further: &mut Vec<[u8; 8]>) -> Result<(Event, bool), Wrong> {
        let expected = self.line.len;
        let wrong_count = |count| Err(format!("expected {expected} columns, found {count}").into());
        if self.line.is_plain() {
            let (tokens, count) = self.split.tokens(text);
            return match tokens {
                [a, b, c, d, _] if count == 4 => self.four([a, b, c, d]),
                _ => wrong_count(count),
            };
        }
        let tokens = self.split.all_tokens(text);
        if tokens.len() != expected {
            return wrong_count(tokens.len());
        }
        let (event, mut rounded) = self.four(self.line.four(&tokens))?;
        for (place, column) in self.line.further.iter().zip(&self.further) {
            let token = tokens[*place];
            let value = further::parse(token, column.column_type);
            let value = value.ok_or_else(|| self.no_value(column, token))?;
            rounded |= value.rounded;
            further.push(value.bytes);
        }
        Ok((event, rounded))
    }

    /// What is wrong with a value of a further column, and a list of columns that takes it.
    fn no_value(&self, column: &ExtraColumn, token: &[u8]) -> Wrong {
        let ExtraColumn {
            name, column_type, ..
        } = column;
        let fitting = [ColumnType::I64, ColumnType::U64, ColumnType::F64];
        let fitting = fitting
            .into_iter()
            .find(|t| further::parse(token, *t).is_some());
        let mut columns = vec!["-".to_owned(); self.line.len];
        for (place, letter) in self.line.four.iter().zip(self.order()) {
            columns[*place] = letter.to_string();
        }
        for (place, other) in self.line.further.iter().zip(&self.further) {
            columns[*place] = match (other.name == *name, fitting) {
                (true, None) => "-".to_owned(),
                (true, Some(fitting)) => format!("{name}:{fitting}"),
                _ => format!("{}:{}", other.name, other.column_type),
            };
        }
        let list = columns.join(",");
        Wrong {
            what: format!("{name} is {}, no {column_type}", excerpt(token)),
            decimals: None,
            columns: list.parse::<ColumnList>().is_ok().then_some(list),
            polarities: None,
        }
    }

    /// The letters of t, x, y and p from left to right.
    fn order(&self) -> [char; 4] {
        let mut letters = [' '; 4];
        for (place, column) in self.places.into_iter().zip(Column::ALL) {
            letters[place] = column.letter();
        }
        letters
    }

    /// The event of the tokens of t, x, y and p, from left to right.
    fn four(&self, tokens: [&[u8]; 4]) -> Result<(Event, bool), Wrong> {
        let [t, x, y, p] = self.places.map(|place| tokens[place]);
        let coordinate = |name, token: &[u8]| {
            let pixel = Decimal::parse(token).and_then(Decimal::to_u16);
            pixel.ok_or_else(|| {
                let found = excerpt(token);
                format!("{name} is {found}, not a whole number from 0 to 65535")
            })
        };
        let (t, rounded) = self.time(t)?;
        let x = coordinate("x", x)?;
        let y = coordinate("y", y)?;
        let polarity = match &self.polarity_map {
            Some(map) => told(map, p).map(|meaning| match meaning {
                PolarityMeaning::Event(polarity) => polarity.bit(),
                PolarityMeaning::Drop => Signs::DROPPED,
            }),
            None => polarity(self.polarity, p),
        };
        let p = polarity.ok_or_else(|| self.no_polarity(p))?;
        Ok((Event { t, x, y, p }, rounded))
    }

    /// What is wrong with a polarity that is none.
    fn no_polarity(&self, token: &[u8]) -> Wrong {
        let expected = match &self.polarity_map {
            Some(map) => format!("{} is expected", map.values()),
            None => format!("this text has {}", self.polarity),
        };
        let mut seen = self.polarities.clone();
        let others = format!("; the lines looked at have {}", seen.said());
        let shown = token.escape_ascii().to_string();
        if !seen.has(&shown) {
            seen.add(&shown);
        }
        let maps = match self.polarity_map {
            None => seen.maps(),
            Some(_) => Vec::new(),
        };
        Wrong {
            what: format!("polarity is {}, where {expected}", excerpt(token)),
            decimals: None,
            columns: None,
            polarities: Some((others, maps)),
        }
    }

    fn time(&self, token: &[u8]) -> Result<(i64, bool), Wrong> {
        let number = Decimal::parse(token)
            .ok_or_else(|| format!("the time is {}, not a number", excerpt(token)))?;
        let ticks = number.to_ticks(self.decimals, self.round);
        ticks.map_err(|why| match why {
            NoTick::Overflow => {
                format!("the time does not fit into 64 bits in {}", self.tick()).into()
            }
            NoTick::TooFine(needed) => {
                let allowed = match self.decimals_are_told {
                    true => format!("more than the {} that were told", self.decimals),
                    false => format!("where the lines before it have {}", self.decimals),
                };
                let most = u32::from(decimals_to_nanosecond(self.unit));
                Wrong {
                    what: format!("the time has {needed} decimals, {allowed}"),
                    decimals: Some(needed.min(most)),
                    columns: None,
                    polarities: None,
                }
            }
        })
    }

    fn tick(&self) -> String {
        match self.decimals {
            0 => self.unit.to_string(),
            d => format!("{} with {d} decimals", self.unit),
        }
    }
}

/// The polarity that a token says, or none.
fn polarity(style: PolarityStyle, token: &[u8]) -> Option<u8> {
    if style.is_word() {
        return PolarityStyle::truth(token);
    }
    let (value, _) = Decimal::parse(token)?.to_ticks(0, false).ok()?;
    match (value, style) {
        (1, _) => Some(1),
        (0, PolarityStyle::ZeroOne) | (-1, PolarityStyle::MinusPlus) => Some(0),
        _ => None,
    }
}
