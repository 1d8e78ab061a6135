//! What a source or a sink has to say of its work, as data with words.

use std::borrow::Cow;
use std::fmt;

use crate::{Place, SensorSize, WayOut};

/// What was inferred, noticed and lost; complete once the work has ended.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "what was lost has to be told"]
pub struct Report {
    /// What was inferred rather than told, one line each: `read as: t x y p, microseconds, …`.
    pub inferred: Vec<String>,
    /// What the user should know, though nothing is lost.
    pub notes: Vec<Note>,
    /// What is not in the output.
    pub losses: Vec<Loss>,
}

impl Report {
    /// Adds what another part of the same work has to say.
    pub fn merge(&mut self, other: Self) {
        self.inferred.extend(other.inferred);
        self.notes.extend(other.notes);
        for loss in other.losses {
            self.add_loss(loss);
        }
    }

    /// Takes in what another reading of the same recording met: what both met is lost once.
    pub fn merge_reading(&mut self, again: Self) {
        for line in again.inferred {
            if !self.inferred.contains(&line) {
                self.inferred.push(line);
            }
        }
        for note in again.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        for loss in again.losses {
            match self.losses.iter_mut().find(|known| known.is_like(&loss)) {
                Some(known) if known.count < loss.count => *known = loss,
                Some(_) => {}
                None => self.losses.push(loss),
            }
        }
    }

    /// Adds a loss, to the one of the same kind and words if there is one.
    pub fn add_loss(&mut self, loss: Loss) {
        match self.losses.iter_mut().find(|known| known.is_like(&loss)) {
            Some(known) => {
                known.count += loss.count;
                let room = Loss::MAX_EXAMPLES.saturating_sub(known.examples.len());
                known.examples.extend(loss.examples.into_iter().take(room));
            }
            None => self.losses.push(loss),
        }
    }

    /// Takes the losses of a kind as agreed: who reads the recording asked for what they come from.
    pub fn agree(&mut self, kind: LossKind) {
        let of_kind = self.losses.iter_mut().filter(|loss| loss.kind == kind);
        of_kind.for_each(|loss| loss.agreed = true);
    }

    /// Whether something was lost that nobody agreed to lose.
    pub fn has_unasked_losses(&self) -> bool {
        self.losses.iter().any(|loss| !loss.agreed)
    }

    /// Whether something was lost.
    pub fn has_losses(&self) -> bool {
        !self.losses.is_empty()
    }
}

/// Something that the user should know, though nothing is lost. Its text is what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Times run backwards.
    Backwards {
        /// How often a time is earlier than the one before it, where that was counted.
        times: Option<u64>,
        /// Where it is so first.
        first: Option<Place>,
    },
    /// Events lie beyond the sensor.
    BeyondSensor {
        /// How many, where that was counted.
        events: Option<u64>,
        /// The sensor.
        size: SensorSize,
        /// The largest x and y, where they are known.
        reach: Option<(u16, u16)>,
    },
    /// A clock that started again from 0 was carried on.
    ClockWrapped {
        /// How often.
        times: u64,
        /// Bits of the clock.
        bits: u32,
    },
    /// Parts of the input that are not events, such as columns of other names, were left alone.
    NotRead {
        /// What they are, as a plural: `columns`.
        what: String,
        /// What they are called.
        names: Vec<String>,
    },
    /// Things that are no events were left out, as they should be.
    LeftOut {
        /// What they are, as a plural: `packets with settings of the device`.
        what: String,
        /// How many.
        count: u64,
    },
    /// What was read looks as if it had been written in another way.
    Doubtful {
        /// What is odd about it.
        what: String,
        /// What to say instead, where something is known to fit better.
        instead: Option<WayOut>,
    },
    /// The recording does not end as a whole one does: it was cut, or is being written.
    Unfinished,
    /// Anything else, in words.
    Other(String),
}

impl Note {
    /// The text, with a way out as `say` puts it.
    pub fn text(&self, say: impl Fn(&WayOut) -> String) -> String {
        match self {
            Self::Doubtful { what, instead } => {
                let instead = instead.as_ref().map(|way| format!("; {}", say(way)));
                let seems = "as if it were read in another way than it was written";
                format!("{what}, {seems}{}", instead.unwrap_or_default())
            }
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubtful { .. } => f.write_str(&self.text(WayOut::to_string)),
            Self::Backwards { times, first } => {
                f.write_str("times run backwards")?;
                match times {
                    Some(1) => f.write_str(" once")?,
                    Some(n) => write!(f, " {n} times")?,
                    None => {}
                }
                match (times, first) {
                    (Some(1), Some(place)) => write!(f, ", in {place}"),
                    (_, Some(place)) => write!(f, ", first in {place}"),
                    (_, None) => Ok(()),
                }
            }
            Self::BeyondSensor {
                events,
                size,
                reach,
            } => {
                match events {
                    Some(1) => f.write_str("1 event lies")?,
                    Some(n) => write!(f, "{n} events lie")?,
                    None => f.write_str("events lie")?,
                }
                write!(f, " beyond the sensor of {size}")?;
                match reach {
                    Some((x, y)) => write!(f, ": x reaches {x}, y reaches {y}"),
                    None => Ok(()),
                }
            }
            Self::ClockWrapped { times, bits } => {
                let plural = if *times == 1 { "" } else { "s" };
                write!(
                    f,
                    "the clock of {bits} bits started again {times} time{plural} and was carried on"
                )
            }
            Self::NotRead { what, names } => {
                write!(f, "{what} that are not read: {}", shown(names))
            }
            Self::LeftOut { what, count } => {
                write!(f, "left out: {count} {}", Loss::what_of(what, *count))
            }
            Self::Unfinished => {
                f.write_str("the file ends without its index: it was cut, or is being written")
            }
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// Names, not more of them than a message can hold.
fn shown(names: &[String]) -> String {
    const MAX_SHOWN: usize = 12;
    let quoted = |name: &String| format!("{:?}", name.chars().take(40).collect::<String>());
    let list: Vec<String> = names.iter().take(MAX_SHOWN).map(quoted).collect();
    match names.len() {
        n if n > MAX_SHOWN => format!("{} and {} others", list.join(", "), n - MAX_SHOWN),
        _ => list.join(", "),
    }
}

/// What kind of thing was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LossKind {
    /// Lines, rows or words that are no event.
    NoEvent,
    /// Data that is damaged or makes no sense.
    Damaged,
    /// Data that is cut off.
    CutOff,
    /// Events that have no pixel on the sensor.
    BeyondSensor,
    /// Things that evz does not know.
    Unknown,
    /// Columns beside t, x, y and p.
    Columns,
    /// Side streams, or rows of them.
    SideStreams,
    /// Digits of times.
    Rounded,
    /// What a clock counts from.
    Epoch,
    /// Anything else.
    Other,
}

/// Something of the input that is not in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// What kind of thing was lost.
    pub kind: LossKind,
    /// What was lost in words, as a plural: `lines that are no event`.
    pub what: String,
    /// How many.
    pub count: u64,
    /// The first few, with their place.
    pub examples: Vec<String>,
    /// Whether it was agreed to: an option asked for what it comes from.
    pub agreed: bool,
}

impl Loss {
    /// Examples that are kept, at most.
    pub const MAX_EXAMPLES: usize = 5;

    /// So many of these.
    pub fn new(kind: LossKind, what: impl Into<String>, count: u64) -> Self {
        Self {
            kind,
            what: what.into(),
            count,
            examples: Vec::new(),
            agreed: false,
        }
    }

    /// Whether it is of the same kind, and in the same words.
    fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.agreed, &self.what) == (other.kind, other.agreed, &other.what)
    }

    /// The same loss, which was agreed to.
    pub fn agreed(mut self) -> Self {
        self.agreed = true;
        self
    }

    /// The same loss with the first few of what was lost.
    pub fn with_examples<I>(mut self, examples: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.examples.extend(examples.into_iter().map(Into::into));
        self
    }
}

impl Loss {
    /// What was lost, for a text in which its number stands before it: of one, `line that is no event`.
    pub fn what_of(what: &str, count: u64) -> Cow<'_, str> {
        match count {
            1 => Cow::Owned(singular(what)),
            _ => Cow::Borrowed(what),
        }
    }
}

/// `3 lines that are no event`, `1 line that is no event`.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.count,
            Self::what_of(&self.what, self.count)
        )
    }
}

/// A plural, which its first word is or the second, and what is said of it.
fn singular(plural: &str) -> String {
    let mut words: Vec<&str> = plural.split(' ').collect();
    let noun = words.iter_mut().take(2).find(|word| word.ends_with('s'));
    if let Some(noun) = noun {
        let one = if noun.ends_with("ches") { "es" } else { "s" };
        *noun = &noun[..noun.len() - one.len()];
    }
    words.join(" ").replacen(" that are ", " that is ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let of = |what, n| Loss::new(LossKind::Other, what, n).to_string();
        assert_eq!(
            of("lines that are no event", 3),
            "3 lines that are no event"
        );
        assert_eq!(of("lines that are no event", 1), "1 line that is no event");
        assert_eq!(of("batches of frames", 1), "1 batch of frames");
        assert_eq!(of("side streams", 1), "1 side stream");
        assert_eq!(of("triggers", 1), "1 trigger");
    }

    #[test]
    fn notes_read_well() {
        let first = Some(Place::default().with_line(7));
        let once = Note::Backwards {
            times: Some(1),
            first,
        };
        assert_eq!(once.to_string(), "times run backwards once, in line 7");
        let size = SensorSize {
            width: 3,
            height: 2,
        };
        let (events, reach) = (Some(1), Some((4, 1)));
        let beyond = Note::BeyondSensor {
            events,
            size,
            reach,
        };
        let text = "1 event lies beyond the sensor of 3x2: x reaches 4, y reaches 1";
        assert_eq!(beyond.to_string(), text);
    }

    #[test]
    fn doubts_say_what_fits_better() {
        let doubt = |instead| Note::Doubtful {
            what: "all events lie in row 7".to_owned(),
            instead,
        };
        let seems =
            "all events lie in row 7, as if it were read in another way than it was written";
        assert_eq!(doubt(None).to_string(), seems);
        let way = WayOut::Tell(crate::Question::Encoding, vec!["evt3".to_owned()]);
        let expected = format!("{seems}; set encoding to evt3");
        assert_eq!(doubt(Some(way)).to_string(), expected);
    }

    #[test]
    fn losses_of_one_kind_add_up() {
        let loss = |n| {
            let loss = Loss::new(LossKind::NoEvent, "lines", n);
            loss.with_examples((0..n).map(|i| i.to_string()))
        };
        let mut report = Report::default();
        report.add_loss(loss(2));
        let mut other = Report::default();
        other.add_loss(loss(4));
        report.merge(other);
        assert_eq!((report.losses.len(), report.losses[0].count), (1, 6));
        assert_eq!(report.losses[0].examples.len(), Loss::MAX_EXAMPLES);

        let mut again = Report::default();
        again.add_loss(loss(4));
        again.add_loss(Loss::new(LossKind::NoEvent, "rows", 1));
        report.merge_reading(again);
        let counts: Vec<u64> = report.losses.iter().map(|loss| loss.count).collect();
        assert_eq!(counts, [6, 1]);
    }
}
