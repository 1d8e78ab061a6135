//! What is told of how recordings are read, and counts for those of many that ask for it: an answer that one
//! of them needs does not change what the others say of themselves.

use evz_core::{Error, OpenOptions, Question, Result, WayOut};

/// The questions that recordings ask where they do not say it themselves.
pub(super) const ANSWERS: [Question; 7] = [
    Question::Columns,
    Question::Decimals,
    Question::Encoding,
    Question::Paths,
    Question::PolarityMap,
    Question::TimeUnit,
    Question::WordOrder,
];

/// Does something with one recording of many as that itself says that it is to be read; and again with what
/// it asks for, where that is told. What it asked for, and was told, comes too.
///
/// # Errors
/// That of `with`, if nothing that is told settles it.
pub fn answering<T>(
    told: &OpenOptions,
    mut with: impl FnMut(&OpenOptions) -> Result<T>,
) -> Result<(T, Vec<Question>)> {
    let mut asked = Vec::new();
    loop {
        match with(&answered(told, &asked)) {
            Ok(done) => return Ok((done, asked)),
            Err(error) => match asked_for(told, &asked, &error) {
                none if none.is_empty() => return Err(error),
                more => asked.extend(more),
            },
        }
    }
}

/// The told answers that none of these recordings asked for, each by what it did ask for.
pub fn unasked<'a>(
    told: &OpenOptions,
    asked: impl IntoIterator<Item = &'a [Question]>,
) -> Vec<Question> {
    let mut unasked = told_answers(told);
    for asked in asked {
        unasked.retain(|question| !asked.contains(question));
    }
    unasked
}

/// The options with those of the told answers alone that are asked for.
pub(super) fn answered(told: &OpenOptions, asked: &[Question]) -> OpenOptions {
    let mut options = told.clone();
    let unasked = told_answers(told).into_iter();
    for question in unasked.filter(|q| !asked.contains(q)) {
        match question {
            Question::Columns => options.columns = None,
            Question::Decimals => options.decimals = None,
            Question::Encoding => options.encoding = None,
            Question::Paths => options.paths = None,
            Question::PolarityMap => options.polarity_map = None,
            Question::TimeUnit => options.time_unit = None,
            Question::WordOrder => options.word_order = None,
            _ => {}
        }
    }
    options
}

/// Those of the told answers that the error asks for, beside those that were given.
fn asked_for(told: &OpenOptions, given: &[Question], error: &Error) -> Vec<Question> {
    let ways = std::iter::once(error).chain(error.further());
    let ways = ways.flat_map(|error| error.ways_out());
    let asks = |question: &Question| {
        let tells = |way: &WayOut| matches!(way, WayOut::Tell(asked, _) if asked == question);
        ways.clone().any(tells)
    };
    let told = told_answers(told).into_iter();
    told.filter(|q| !given.contains(q)).filter(asks).collect()
}

/// The answers among what is told. A list with further columns is none: it says which of them are read.
fn told_answers(told: &OpenOptions) -> Vec<Question> {
    let further = told
        .columns
        .as_ref()
        .is_some_and(|c| !c.further().is_empty());
    let is_answer = |q: &Question| ANSWERS.contains(q) && !(*q == Question::Columns && further);
    told.told().into_iter().filter(is_answer).collect()
}
