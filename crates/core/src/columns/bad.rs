//! Rows that are no event.

use std::fmt::Display;

use crate::{Error, Place, Question, WayOut};

/// The first row of a run that is no event.
#[derive(Debug)]
pub struct Bad {
    /// Its position in the run.
    pub row: usize,
    /// What is wrong with it.
    pub what: String,
    /// What the rows around it are like, where that helps to settle it.
    around: String,
    ways_out: Vec<WayOut>,
}

impl Bad {
    /// This is wrong with this row.
    pub fn new(row: usize, what: impl Into<String>) -> Self {
        Self {
            row,
            what: what.into(),
            around: String::new(),
            ways_out: Vec::new(),
        }
    }

    /// The same, and what the rows around it are like.
    pub(super) fn among(mut self, around: String) -> Self {
        self.around = around;
        self
    }

    /// The same with what makes an event of it: an answer to `question`, one of `readings` if there
    /// are any.
    pub fn settled_by<I>(mut self, question: Question, readings: I) -> Self
    where
        I: IntoIterator,
        I::Item: Display,
    {
        let readings = readings.into_iter().map(|r| r.to_string()).collect();
        self.ways_out.push(WayOut::Tell(question, readings));
        self
    }

    /// Of two, the one that comes first.
    pub fn first(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) if b.row < a.row => Some(b),
            (a, b) => a.or(b),
        }
    }

    /// The error of a reader that stops at the row, which stands at `place`.
    pub fn error(self, place: Place) -> Error {
        let mut error = Error::corrupt(place, self.what + &self.around);
        for way_out in self.ways_out {
            error = error.with_way_out(way_out);
        }
        error
            .settled_by(Question::OnBadLine, ["skip"])
            .advise("mend the row; rows count from 0")
    }
}
