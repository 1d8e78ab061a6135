//! One line at a time, in any variant, and what is wrong with it.

use evz_core::{Column, Error, Event, Place, PolarityStyle, Question, TimeBase};

use crate::{
    detect::Dialect,
    format::decimals_to_nanosecond,
    header::BOM,
    line::{Split, excerpt, is_comment, trim, without_end},
    number::{Decimal, NoTick},
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
    /// No event.
    Bad(Wrong),
}

/// What is wrong with a line.
#[derive(Debug, Clone)]
pub(crate) struct Wrong {
    pub(crate) what: String,
    /// With so many decimals of its time it would be an event.
    decimals: Option<u32>,
}

impl Wrong {
    /// The error of a reader that stops at it.
    pub(crate) fn error(&self, place: Place) -> Error {
        let error = Error::corrupt(place, &*self.what);
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
        let decimals = None;
        Self { what, decimals }
    }
}

/// Reads lines of one dialect.
#[derive(Debug)]
pub(crate) struct Slow {
    split: Split,
    places: [usize; 4],
    polarity: PolarityStyle,
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
            places: [Column::T, Column::X, Column::Y, Column::P].map(|c| format.columns.place(c)),
            polarity: format.polarity,
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

    /// How polarity is written, if this line is an event that is OFF, as 0 or as -1.
    pub(crate) fn style_of_off(&self, raw: &[u8]) -> Option<PolarityStyle> {
        [PolarityStyle::ZeroOne, PolarityStyle::MinusPlus]
            .into_iter()
            .find(|&polarity| {
                let line = Self { polarity, ..*self }.line(raw);
                matches!(line, Line::Event { event, .. } if event.p == 0)
            })
    }

    /// Reads one line, with its end or without.
    pub(crate) fn line(&self, raw: &[u8]) -> Line {
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
        match self.event(text) {
            Ok((event, rounded)) => Line::Event { event, rounded },
            Err(wrong) => Line::Bad(Wrong {
                what: format!("{}: {}", wrong.what, excerpt(bare)),
                ..wrong
            }),
        }
    }

    fn event(&self, text: &[u8]) -> Result<(Event, bool), Wrong> {
        let (tokens, count) = self.split.tokens(text);
        if count != 4 {
            return Err(format!("expected 4 columns, found {count}").into());
        }
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
        let p = polarity(self.polarity, p).ok_or_else(|| {
            let found = excerpt(p);
            format!("polarity is {found}, where this text has {}", self.polarity)
        })?;
        Ok((Event { t, x, y, p }, rounded))
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
