//! Errors in the words of the command: what settles a doubt is an option.

use evz::{Error, Question, WayOut, alternatives};

/// An error on one line, each cause once.
pub(crate) fn error_text(error: &anyhow::Error) -> String {
    let causes = error.chain().map(|cause| match cause.downcast_ref() {
        Some(error) => Error::text(error, way_out),
        None => cause.to_string(),
    });
    let text = causes.collect::<Vec<_>>().join(": ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A way out as the command has it.
fn way_out(way_out: &WayOut) -> String {
    match way_out {
        WayOut::Tell(Question::Replace, _) => "pass --force to replace it".to_owned(),
        WayOut::Tell(question, readings) => {
            let values = match readings.iter().all(String::is_empty) {
                true => placeholder(*question).to_owned(),
                false => alternatives(readings),
            };
            format!("pass {} {values}", option_name(*question))
                .trim_end()
                .to_owned()
        }
        WayOut::LeaveOut(question) => format!("leave out {}", option_name(*question)),
        WayOut::Recover => "`evz recover` saves what is whole".to_owned(),
        other => other.to_string(),
    }
}

/// The option that answers a question.
pub(crate) fn option_name(question: Question) -> String {
    match question {
        Question::Format => "--input-format".to_owned(),
        Question::Replace => "--force".to_owned(),
        question => format!("--{}", question.name().replace('_', "-")),
    }
}

/// What stands for a free answer.
fn placeholder(question: Question) -> &'static str {
    match question {
        Question::Size => "WxH",
        Question::Columns => "ORDER, such as txyp",
        Question::Roi => "X,Y,W,H",
        Question::Events => "A..B",
        Question::Decimals => "N",
        _ => "",
    }
}
