//! Errors as data: whose fault it is, where it is, and what settles it.

mod place;
mod question;

use std::{fmt, io};

pub use place::Place;
pub use question::{Question, WayOut, alternatives, listed};

/// The result of anything in evz that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused: no such file, no permission, no space.
    Io,
    /// The bytes contradict themselves or their checksum.
    Corrupt,
    /// The input ends before it should.
    InsufficientData,
    /// A valid input that this version cannot read, or a thing that a format cannot hold.
    Unsupported,
    /// The input asks for more memory than the limits allow.
    LimitExceeded,
    /// Two readings of the input fit; [`Error::question`] says what has to be told.
    Ambiguous,
    /// The caller asked for something that makes no sense.
    InvalidArgument,
}

/// What went wrong.
///
/// Its text is the place, what is wrong there, and the ways out in the words of this library; the
/// cause of an [`ErrorKind::Io`] is its `source()` and not part of the text. A program with options
/// of its own says the ways out in its own words: [`Error::what`] and [`Error::ways_out`] are the
/// parts.
///
/// Ways out are alternatives, any of which will do. Doubts that are all to be settled are errors of their
/// own, put together by [`Error::and`]: what is asked of the first is the error, and [`Error::further`] has
/// the others.
pub struct Error(Box<Parts>);

struct Parts {
    kind: ErrorKind,
    place: Place,
    what: String,
    ways_out: Vec<WayOut>,
    source: Option<io::Error>,
    further: Vec<Error>,
}

impl Error {
    /// An error of this kind; the constructors named for a kind are shorter.
    pub fn new(kind: ErrorKind, place: impl Into<Place>, what: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            place: place.into(),
            what: what.into(),
            ways_out: Vec::new(),
            source: None,
            further: Vec::new(),
        }))
    }

    /// An error of the operating system at `place`, while trying to do `what`.
    pub fn io(place: impl Into<Place>, what: impl Into<String>, source: io::Error) -> Self {
        let mut error = Self::new(ErrorKind::Io, place, what);
        error.0.source = Some(source);
        error
    }

    /// A thread that the system does not start, where the work cannot be done without it.
    pub fn no_thread(place: impl Into<Place>, why: &io::Error) -> Self {
        Self::new(
            ErrorKind::Io,
            place,
            format!("cannot start a thread: {why}"),
        )
        .advise("allow more processes (ulimit -u), or free memory")
    }

    /// Bytes that contradict themselves.
    pub fn corrupt(place: impl Into<Place>, what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, place, what)
    }

    /// An input that ends too early.
    pub fn insufficient(place: impl Into<Place>, what: impl Into<String>) -> Self {
        Self::new(ErrorKind::InsufficientData, place, what)
    }

    /// A valid input that this version cannot handle.
    pub fn unsupported(place: impl Into<Place>, what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, place, what)
    }

    /// A claim beyond the limits.
    pub fn limit(place: impl Into<Place>, what: impl Into<String>) -> Self {
        Self::new(ErrorKind::LimitExceeded, place, what)
    }

    /// Several readings that all fit. Say with [`Error::settled_by`] what tells them apart.
    pub fn ambiguous(place: impl Into<Place>, what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Ambiguous, place, what)
    }

    /// A request that makes no sense.
    pub fn invalid(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, Place::default(), what)
    }

    /// Whose fault it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What is wrong there, without the place and the ways out.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// What can be done about it, the best first.
    pub fn ways_out(&self) -> &[WayOut] {
        &self.0.ways_out
    }

    /// What is to be settled too, beside what this error says itself.
    pub fn further(&self) -> &[Self] {
        &self.0.further
    }

    /// Whether the bytes are not to blame: the system did not give them, or there was no memory for what they are.
    /// Then nothing is lost, and whoever reads stops.
    pub fn is_of_the_machine(&self) -> bool {
        self.kind() == ErrorKind::Io || self.is_of_memory()
    }

    /// Whether there was no memory left of what may be taken: there may be once others have ended.
    pub fn is_of_memory(&self) -> bool {
        self.question() == Some(Question::MaxMemory)
    }

    /// What has to be told to settle it, if telling something does; of several doubts, the first.
    pub fn question(&self) -> Option<Question> {
        self.0.ways_out.iter().find_map(|way| match way {
            WayOut::Tell(question, _) => Some(*question),
            _ => None,
        })
    }

    /// The same error with what settles it: an answer to `question`, one of `readings` if there are
    /// any.
    pub fn settled_by<I>(self, question: Question, readings: I) -> Self
    where
        I: IntoIterator,
        I::Item: fmt::Display,
    {
        let readings = readings.into_iter().map(|r| r.to_string()).collect();
        self.with_way_out(WayOut::Tell(question, readings))
    }

    /// The same error with one more way out.
    pub fn with_way_out(mut self, way_out: WayOut) -> Self {
        self.0.ways_out.push(way_out);
        self
    }

    /// The same error with something to do about it, in words: `fix the line`.
    pub fn advise(self, what_to_do: impl Into<String>) -> Self {
        self.with_way_out(WayOut::Do(what_to_do.into()))
    }

    /// The same error with a question whose answer is better left out.
    pub fn without(self, question: Question) -> Self {
        self.with_way_out(WayOut::LeaveOut(question))
    }

    /// Says that recovery saves what is whole, if the data is damaged and nothing else helps.
    pub fn recoverable(self) -> Self {
        let damaged = matches!(
            self.0.kind,
            ErrorKind::Corrupt | ErrorKind::InsufficientData
        );
        match damaged && self.0.ways_out.is_empty() {
            true => self.with_way_out(WayOut::Recover),
            false => self,
        }
    }

    /// The same error and another one, which is to be settled as well.
    pub fn and(mut self, mut other: Self) -> Self {
        let others = std::mem::take(&mut other.0.further);
        self.0.further.push(other);
        self.0.further.extend(others);
        self
    }

    /// It and those behind it, one by one.
    pub fn into_each(mut self) -> Vec<Self> {
        let further = std::mem::take(&mut self.0.further);
        std::iter::once(self).chain(further).collect()
    }

    /// The same error, where it is one only if these questions are answered so.
    pub fn given(mut self, answers: &[(Question, &str)]) -> Self {
        let answers: Vec<String> = (answers.iter())
            .map(|(question, reading)| format!("{} {reading}", question.in_words()))
            .collect();
        if !answers.is_empty() {
            self.0.what = format!("with {}, {}", answers.join(" and "), self.0.what);
        }
        self
    }

    /// The same error with an outer place around its own: a codec names the block, the file layer
    /// adds the chunk, the caller the file.
    pub fn within(mut self, outer: impl Into<Place>) -> Self {
        let outer = outer.into();
        let further = std::mem::take(&mut self.0.further);
        let further = further.into_iter().map(|e| e.within(&outer));
        self.0.further = further.collect();
        if self.0.kind != ErrorKind::InvalidArgument {
            self.0.place = std::mem::take(&mut self.0.place).within(outer);
        }
        self
    }

    /// The same error in a file of another name: the one that the user knows, where a copy was read.
    pub fn in_file(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        for further in &mut self.0.further {
            further.0.place.file = Some(name.clone());
        }
        self.0.place.file = Some(name);
        self
    }

    /// The text, with each way out as `say` puts it, and behind it what is to be settled too.
    pub fn text(&self, say: impl Fn(&WayOut) -> String) -> String {
        let mut text = self.text_alone(&say);
        for further in &self.0.further {
            let mut place = further.0.place.clone();
            // Once is enough.
            place.file = place
                .file
                .filter(|file| self.0.place.file.as_ref() != Some(file));
            text += &format!("; and {}", further.text_at(&place, &say));
        }
        text
    }

    /// The same without what is to be settled too.
    pub fn text_alone(&self, say: impl Fn(&WayOut) -> String) -> String {
        self.text_at(&self.0.place, &say)
    }

    fn text_at(&self, place: &Place, say: &dyn Fn(&WayOut) -> String) -> String {
        let place = place.to_string();
        let colon = if place.is_empty() { "" } else { ": " };
        let ways: Vec<String> = self.0.ways_out.iter().map(say).collect();
        let semicolon = if ways.is_empty() { "" } else { "; " };
        format!(
            "{place}{colon}{}{semicolon}{}",
            self.0.what,
            ways.join(", or ")
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(WayOut::to_string))
    }
}

/// The text and its cause: what a `main` that returns the error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match &self.0.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

/// For programs that read and write beside evz: with `?` their own failures become this error. It has no
/// place, which [`Error::io`] gives.
///
/// ```
/// fn number_of_lines(path: &str) -> evz_core::Result<usize> {
///     let text = std::fs::read_to_string(path)?;
///     Ok(text.lines().count())
/// }
///
/// let error = number_of_lines("not-there.txt").unwrap_err();
/// assert_eq!(error.kind(), evz_core::ErrorKind::Io);
/// assert!(format!("{error:?}").starts_with("input or output failed: No such file"));
/// ```
impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        Self::io(Place::default(), "input or output failed", source)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_place_fault_and_ways_out() {
        let unit = Error::ambiguous("a.csv", "times have no unit")
            .settled_by(Question::TimeUnit, ["s", "ms", "us"]);
        assert_eq!(
            unit.to_string(),
            "a.csv: times have no unit; set time_unit to s, ms or us"
        );
        assert_eq!(unit.question(), Some(Question::TimeUnit));
        let line = Error::corrupt(Place::file("a.csv").with_line(7), "x is -1")
            .settled_by(Question::OnBadLine, ["skip"])
            .advise("mend the line");
        assert_eq!(
            line.to_string(),
            "a.csv: line 7: x is -1; set on_bad_line to skip, or mend the line"
        );
        assert_eq!(line.place().line, Some(7));
    }

    #[test]
    fn of_very_many_readings_the_first_are_named() {
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        let text = |n| {
            let error =
                Error::ambiguous("a.evz", "it has many").settled_by(Question::Stream, names(n));
            assert_eq!(error.ways_out(), [WayOut::Tell(Question::Stream, names(n))]);
            error.to_string()
        };
        assert!(text(33).ends_with("30, 31 or 32"), "{}", text(33));
        assert!(
            text(34).ends_with("30, 31 or one of 2 more"),
            "{}",
            text(34)
        );
        assert!(text(65_535).len() < 300);
    }

    #[test]
    fn doubts_that_are_all_to_be_settled_stand_in_one_text() {
        let unit = Error::ambiguous("a.csv", "times have no unit")
            .settled_by(Question::TimeUnit, ["s", "us"]);
        let line = Place::file("a.csv").with_line(7);
        let polarity = Error::corrupt(line, "polarity is 2")
            .settled_by(Question::PolarityMap, ["1=on,2=off"])
            .given(&[(Question::TimeUnit, "s")]);
        let both = unit.and(polarity);
        assert_eq!(
            both.to_string(),
            "a.csv: times have no unit; set time_unit to s or us; and \
             line 7: with time unit s, polarity is 2; set polarity_map to 1=on,2=off"
        );
        assert_eq!(both.question(), Some(Question::TimeUnit));
        assert_eq!(both.kind(), ErrorKind::Ambiguous);
        let third = both.and(Error::invalid("c").and(Error::invalid("d")));
        let third = third.in_file("b.csv");
        let each: Vec<String> = third.into_each().iter().map(Error::to_string).collect();
        assert_eq!(each.len(), 4);
        assert!(each[1].starts_with("b.csv: line 7: with time unit s"));
        assert_eq!(each[3], "b.csv: d");
    }

    #[test]
    fn outer_places_stand_in_front() {
        let error = Error::corrupt(Place::part("block 2"), "its checksum is wrong")
            .within(Place::chunk(12).with_byte(4096))
            .within("a.evz")
            .recoverable();
        assert_eq!(
            error.to_string(),
            "a.evz: chunk 12 at byte 4096: block 2: its checksum is wrong; recovery saves what is whole"
        );
        let place = error.place();
        assert_eq!((place.chunk, place.byte), (Some(12), Some(4096)));
        assert_eq!(place.file.as_deref(), Some("a.evz"));
    }

    #[test]
    fn a_file_that_is_named_already_is_not_named_again() {
        let error = Error::corrupt("a.evz", "its checksum is wrong").within("a.evz");
        assert_eq!(error.to_string(), "a.evz: its checksum is wrong");
        let member = error.within("b.zip");
        assert_eq!(member.to_string(), "b.zip: a.evz: its checksum is wrong");
    }
}
