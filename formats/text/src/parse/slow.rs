//! One line at a time, in any variant, and what is wrong with it.

use std::borrow::Cow;

use evz_core::Event;

use crate::{
    PolarityStyle, TimeUnit,
    columns::Column,
    detect::Dialect,
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
    /// No event: why, with its text, and the way out.
    Bad(String, Cow<'static, str>),
}

/// Reads lines of one dialect.
#[derive(Debug)]
pub(crate) struct Slow {
    split: Split,
    places: [usize; 4],
    polarity: PolarityStyle,
    unit: TimeUnit,
    /// Decimals of the unit that a tick is.
    decimals: u8,
    /// Whether a tick is a nanosecond, below which nothing is kept.
    round: bool,
    /// Whether `--decimals` says how many they are.
    decimals_are_told: bool,
}

/// What a user can do about a bad line.
const WAY_OUT: &str = "fix the line or pass --on-bad-line skip";

impl Slow {
    pub(crate) fn new(dialect: &Dialect) -> Self {
        let format = &dialect.format;
        let nanosecond = format.time_unit.decimals_to_nanosecond();
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

    /// Blames `--decimals` for times with more of them, not the lines before.
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
            return Line::Bad(what, Cow::Borrowed(WAY_OUT));
        }
        let text = trim(bare);
        if text.is_empty() || is_comment(text) {
            return Line::Nothing;
        }
        match self.event(text) {
            Ok((event, rounded)) => Line::Event { event, rounded },
            Err((what, way_out)) => Line::Bad(
                format!("{what}: {}", excerpt(bare)),
                way_out.map_or(Cow::Borrowed(WAY_OUT), Cow::Owned),
            ),
        }
    }

    fn event(&self, text: &[u8]) -> Result<(Event, bool), (String, Option<String>)> {
        let (tokens, count) = self.split.tokens(text);
        if count != 4 {
            return Err((format!("expected 4 columns, found {count}"), None));
        }
        let [t, x, y, p] = self.places.map(|place| tokens[place]);
        let coordinate = |name, token: &[u8]| {
            Decimal::parse(token)
                .and_then(Decimal::to_u16)
                .ok_or_else(|| {
                    (
                        format!(
                            "{name} is {}, not a whole number from 0 to 65535",
                            excerpt(token)
                        ),
                        None,
                    )
                })
        };
        let (t, rounded) = self.time(t)?;
        let x = coordinate("x", x)?;
        let y = coordinate("y", y)?;
        let p = self.polarity.read(p).ok_or_else(|| {
            let what = format!(
                "polarity is {}, where this text has {}",
                excerpt(p),
                self.polarity
            );
            (what, None)
        })?;
        Ok((Event { t, x, y, p }, rounded))
    }

    fn time(&self, token: &[u8]) -> Result<(i64, bool), (String, Option<String>)> {
        let number = Decimal::parse(token).ok_or_else(|| {
            (
                format!("the time is {}, not a number", excerpt(token)),
                None,
            )
        })?;
        number
            .to_ticks(self.decimals, self.round)
            .map_err(|why| match why {
                NoTick::Overflow => (
                    format!("the time does not fit into 64 bits in {}", self.tick()),
                    None,
                ),
                NoTick::TooFine(needed) => {
                    let enough = needed.min(u32::from(self.unit.decimals_to_nanosecond()));
                    let allowed = match self.decimals_are_told {
                        true => format!("more than --decimals {}", self.decimals),
                        false => format!("where the lines before it have {}", self.decimals),
                    };
                    (
                        format!("the time has {needed} decimals, {allowed}"),
                        Some(format!("pass --decimals {enough}")),
                    )
                }
            })
    }

    fn tick(&self) -> String {
        match self.decimals {
            0 => self.unit.name().to_owned(),
            d => format!("{} with {d} decimals", self.unit.name()),
        }
    }
}
