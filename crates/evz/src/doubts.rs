//! Doubts that stand behind the first: a recording that can be read in several ways asks for all that is to
//! be told at once.
//!
//! A reader stops at its first doubt. What it would ask next shows when the first is answered, so the
//! recording is opened once more as if it were, up to its first events; nothing of that is kept but the
//! questions. Whether one of them hangs on an answer shows by the other answers.

use std::sync::Arc;

use evz_core::{
    ColumnList, Error, EventBatch, Input, OpenOptions, Question, ReadAt, Result, WayOut,
};

use crate::recording::Recording;

/// Doubts of one recording that are asked for, at most, and readings of one that are tried.
const MAX_DOUBTS: usize = 5;
const MAX_READINGS: usize = 4;

/// What it takes to open a recording once more; of what can be read once, the start.
pub(crate) struct Again {
    bytes: Arc<dyn ReadAt>,
    name: String,
}

impl Again {
    pub(crate) fn of(input: &Input) -> Self {
        let start = || Arc::new(input.head().to_vec()) as Arc<dyn ReadAt>;
        Self {
            bytes: input.read_at().cloned().unwrap_or_else(start),
            name: input.name().to_owned(),
        }
    }

    /// The error that a recording was not opened for, and the doubts behind it; `open` opens it with other
    /// options.
    pub(crate) fn with_all(
        &self,
        error: Error,
        options: &OpenOptions,
        open: impl Fn(Input, &OpenOptions) -> Result<Vec<Recording>>,
    ) -> Error {
        let refusal = |options: &OpenOptions| {
            let opened = Input::from_read_at(self.bytes.clone(), &self.name)
                .and_then(|input| open(input, options))
                .and_then(|recordings| recordings.into_iter().try_for_each(first_events));
            opened.err()
        };
        let mut plain = options.clone();
        plain.index_in_memory = false;
        all(error, &plain, refusal)
    }
}

fn first_events(recording: Recording) -> Result<()> {
    let (mut source, mut batch) = (recording.into_source(), EventBatch::default());
    // The second one, for the events before a row that is none come first.
    for _ in 0..2 {
        let _ = source.read_events(&mut batch)?;
    }
    Ok(())
}

/// A doubt, and after how many others were answered it showed.
struct Doubt {
    error: Error,
    question: Question,
    readings: Vec<String>,
    behind: usize,
}

impl Doubt {
    /// The error as a doubt, if something can be told to settle it.
    fn of(error: Error, behind: usize) -> Result<Self, Error> {
        let told = error.ways_out().iter().find_map(|way| match way {
            WayOut::Tell(question, readings) => Some((*question, readings.clone())),
            _ => None,
        });
        match told.filter(|(question, _)| QUESTIONS.contains(question)) {
            Some((question, readings)) => Ok(Self {
                error,
                question,
                readings,
                behind,
            }),
            None => Err(error),
        }
    }

    /// Whether its readings are examples and there are others: one alone, or lists of columns that differ in
    /// what is further to t, x, y and p.
    fn has_examples_alone(&self) -> bool {
        let order = |reading: &String| Some(reading.parse::<ColumnList>().ok()?.order());
        let first = self.readings.first().and_then(order);
        let is_list = self.question == Question::Columns && first.is_some();
        self.readings.len() < 2 || (is_list && self.readings.iter().all(|r| order(r) == first))
    }

    fn is_same(&self, other: &Error) -> bool {
        other.what() == self.error.what() && other.ways_out() == self.error.ways_out()
    }
}

/// What readers ask before they read events, or at the first.
const QUESTIONS: [Question; 9] = [
    Question::Columns,
    Question::Decimals,
    Question::Encoding,
    Question::Paths,
    Question::PolarityMap,
    Question::Size,
    Question::Stream,
    Question::TimeUnit,
    Question::WordOrder,
];

fn all(
    error: Error,
    options: &OpenOptions,
    refusal: impl Fn(&OpenOptions) -> Option<Error>,
) -> Error {
    let mut doubts = Vec::new();
    for error in error.into_each() {
        match Doubt::of(error, 0) {
            Ok(doubt) => doubts.push(doubt),
            Err(other) => return joined(doubts.into_iter().map(|doubt| doubt.error), Some(other)),
        }
    }
    while doubts.len() < MAX_DOUBTS
        && let Some(told) = answered(options, &doubts, |_| Some(0))
        && let Some(error) = refusal(&told)
    {
        let behind = doubts.len();
        let next = error.into_each().into_iter();
        let next = next.map_while(|error| Doubt::of(error, behind).ok());
        let next: Vec<Doubt> = next
            .take_while(|next| doubts.iter().all(|known| known.question != next.question))
            .collect();
        if next.is_empty() {
            break;
        }
        doubts.extend(next);
    }
    let premises: Vec<Vec<usize>> = (0..doubts.len())
        .map(|i| premises(&doubts, i, options, &refusal))
        .collect();
    let first_readings: Vec<(Question, String)> = (doubts.iter())
        .map(|d| (d.question, d.readings.first().cloned().unwrap_or_default()))
        .collect();
    let errors = doubts.into_iter().zip(premises).map(|(doubt, premises)| {
        let answers = premises.iter().map(|i| &first_readings[*i]);
        let answers: Vec<(Question, &str)> = answers.map(|(q, r)| (*q, r.as_str())).collect();
        doubt.error.given(&answers)
    });
    joined(errors, None)
}

fn joined(errors: impl Iterator<Item = Error>, last: Option<Error>) -> Error {
    let all = errors.chain(last).reduce(Error::and);
    all.unwrap_or_else(|| Error::invalid("nothing is in doubt"))
}

/// Those of the doubts before this one whose other readings do not have it.
fn premises(
    doubts: &[Doubt],
    this: usize,
    options: &OpenOptions,
    refusal: &impl Fn(&OpenOptions) -> Option<Error>,
) -> Vec<usize> {
    let is_there_too = |before: usize, reading: usize| {
        let told = answered(options, doubts, |i| match i {
            _ if i == before => Some(reading),
            _ if i == this => None,
            _ => Some(0).filter(|_| !doubts[i].readings.is_empty()),
        });
        let error = told.and_then(|told| refusal(&told));
        error.is_some_and(|e| e.into_each().iter().any(|e| doubts[this].is_same(e)))
    };
    let hangs_on = |before: &usize| {
        let before_this = &doubts[*before];
        let n = before_this.readings.len().min(MAX_READINGS);
        before_this.has_examples_alone() || !(1..n).all(|reading| is_there_too(*before, reading))
    };
    (0..doubts[this].behind).filter(hangs_on).collect()
}

/// The options with doubts answered by those of their readings that `reading` says; none if one has no
/// such reading.
fn answered(
    options: &OpenOptions,
    doubts: &[Doubt],
    reading: impl Fn(usize) -> Option<usize>,
) -> Option<OpenOptions> {
    let mut told = options.clone();
    for (i, doubt) in doubts.iter().enumerate() {
        if let Some(reading) = reading(i) {
            told = answer(told, doubt.question, doubt.readings.get(reading)?)?;
        }
    }
    Some(told)
}

/// The options with a question answered; none if that is no answer to it.
fn answer(mut options: OpenOptions, question: Question, reading: &str) -> Option<OpenOptions> {
    match question {
        Question::Columns => options.columns = Some(reading.parse().ok()?),
        Question::Decimals => options.decimals = Some(reading.parse().ok()?),
        Question::Encoding => options.encoding = Some(reading.to_owned()),
        Question::Paths => options.paths = Some(reading.parse().ok()?),
        Question::PolarityMap => options.polarity_map = Some(reading.parse().ok()?),
        Question::Size => options.size = Some(reading.parse().ok()?),
        Question::Stream => options.stream = Some(reading.to_owned()),
        Question::TimeUnit => options.time_unit = Some(reading.parse().ok()?),
        Question::WordOrder => options.word_order = Some(reading.to_owned()),
        _ => return None,
    }
    Some(options)
}
