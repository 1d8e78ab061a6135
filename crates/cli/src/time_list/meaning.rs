//! What the plain numbers of a list are.

use anyhow::Result;
use evz::{Error, StreamInfo, Time, TimeUnit};

use super::Listed;
use super::anchor::Anchor;
use super::file::Table;
use super::number::Number;
use crate::args::ListUnit;

/// What counts of a plain number.
enum Meaning {
    Unit(ListUnit),
    /// Ticks of the recording's clock.
    Ticks,
}

/// The times of a list. Where neither the options nor the name of the column tell a unit, whole numbers are ticks
/// of the recording's clock, and numbers with a fraction seconds of it, which is said.
pub(super) fn of(
    table: Table,
    told: Option<ListUnit>,
    info: &StreamInfo,
    first: Option<i64>,
) -> Result<Listed> {
    let Table {
        name,
        times,
        ends,
        unit,
    } = table;
    let clock = |unit| ListUnit {
        unit,
        absolute: true,
    };
    let (real, fraction) = (
        any(&times, &ends, is_real),
        any(&times, &ends, Number::has_fraction),
    );
    let whole = any(&times, &ends, |n| matches!(n, Number::Whole(_)));
    let settle = "--list-unit settles it";
    let (meaning, said) = match (told, unit) {
        (Some(unit), _) => (Meaning::Unit(unit), None),
        (None, Some(unit)) => {
            let said =
                format!("in {unit} of the recording's clock by the name of the column; {settle}");
            (Meaning::Unit(clock(unit)), Some(said))
        }
        (None, None) if real && !fraction => {
            let what = "its numbers are whole, though written as such with a fraction, and nothing says \
                        their unit";
            return Err(Error::ambiguous(&name, what)
                .advise(
                    "pass --list-unit s, ms, us or ns, with @ before it for the recording's clock",
                )
                .into());
        }
        (None, None) if real => {
            let said = format!("in seconds of the recording's clock; {settle}");
            (Meaning::Unit(clock(TimeUnit::Seconds)), Some(said))
        }
        (None, None) => {
            let said = format!("in {} of the recording's clock; {settle}", info.time_base);
            (Meaning::Ticks, whole.then_some(said))
        }
    };
    let anchors = |numbers: Vec<Number>| -> Result<Vec<Anchor>> {
        let anchor = |(row, number)| {
            let anchor = meaning.anchor(number, info, first);
            let counted = anchor.filter(|anchor| anchor.is_counted(info.time_base));
            counted.ok_or_else(|| {
                let what = format!("{name}: time {} is beyond what can be counted", row + 1);
                Error::invalid(what).into()
            })
        };
        numbers.into_iter().enumerate().map(anchor).collect()
    };
    Ok(Listed {
        times: anchors(times)?,
        ends: ends.map(anchors).transpose()?,
        said,
        name,
    })
}

fn is_real(number: Number) -> bool {
    matches!(number, Number::Real(..))
}

fn any(times: &[Number], ends: &Option<Vec<Number>>, is: impl Fn(Number) -> bool) -> bool {
    times.iter().chain(ends.iter().flatten()).any(|n| is(*n))
}

impl Meaning {
    fn anchor(&self, number: Number, info: &StreamInfo, first: Option<i64>) -> Option<Anchor> {
        let time = match (self, number) {
            (_, Number::Time(time)) => time,
            (Self::Ticks, Number::Whole(ticks)) => return Some(Anchor::of_clock(ticks, info)),
            (Self::Ticks, Number::Real(..)) => return None,
            (Self::Unit(ListUnit { unit, absolute }), number) => {
                let nanoseconds = number.nanoseconds(unit.nanoseconds())?;
                match absolute {
                    true => Time::Absolute(nanoseconds),
                    false => Time::Relative(nanoseconds),
                }
            }
        };
        Some(Anchor::of(time, info, first))
    }
}
