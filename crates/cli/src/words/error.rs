//! Errors in the words of the command: what settles a doubt is an option.

use std::path::Path;

use evz::{Error, Question, WayOut, alternatives};

/// An error on one line, each cause once.
pub(crate) fn error_text(error: &(dyn std::error::Error + 'static)) -> String {
    on_one_line(error, |error| error.text(way_out))
}

fn on_one_line(
    error: &(dyn std::error::Error + 'static),
    text: impl Fn(&Error) -> String,
) -> String {
    let mut causes = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        causes.push(match cause.downcast_ref() {
            Some(error) => text(error),
            None => cause.to_string(),
        });
        next = cause.source();
    }
    let text = causes.join(": ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same of one of many files, with which it begins.
pub(crate) fn error_of(file: &Path, error: &Error) -> String {
    begun(file, error_text(error))
}

/// One doubt of such a file, without those behind it.
pub(crate) fn doubt_of(file: &Path, error: &Error) -> String {
    begun(file, on_one_line(error, |error| error.text_alone(way_out)))
}

fn begun(file: &Path, text: String) -> String {
    let file = file.display().to_string();
    match text.starts_with(&file) {
        true => text,
        false => format!("{file}: {text}"),
    }
}

/// A way out as the command has it.
pub(super) fn way_out(way_out: &WayOut) -> String {
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
        WayOut::Recover => "`evz recover IN OUT` saves what is whole".to_owned(),
        WayOut::Index => "make it anew with `evz index`".to_owned(),
        other => other.to_string(),
    }
}

/// The option that answers a question.
pub(crate) fn option_name(question: Question) -> String {
    match question {
        Question::Format => "--input-format".to_owned(),
        Question::Replace => "--force".to_owned(),
        // Paths are told where the order of columns is told too.
        Question::Paths => "--columns".to_owned(),
        question => format!("--{}", question.name().replace('_', "-")),
    }
}

/// What stands for a free answer.
fn placeholder(question: Question) -> &'static str {
    match question {
        Question::Size => "WxH",
        Question::Format => "FORMAT",
        Question::Columns => "ORDER, such as txyp",
        Question::Paths => "t=NAME,x=NAME,y=NAME,p=NAME",
        Question::Roi => "X,Y,W,H",
        Question::Events => "A..B",
        Question::Decimals => "N",
        Question::PolarityMap => "MAP, such as 1=on,0=off,2=drop",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use evz::Place;

    use super::*;

    fn text(error: Error) -> String {
        error_text(&error)
    }

    #[test]
    fn questions_are_options_here() {
        let doubt = Error::ambiguous("a.csv", "nothing says the unit");
        let doubt = doubt.settled_by(Question::TimeUnit, ["s", "ms", "us"]);
        assert_eq!(
            text(doubt),
            "a.csv: nothing says the unit; pass --time-unit s, ms or us"
        );
        let size = Error::unsupported("a.raw", "the size is not known");
        assert_eq!(
            text(size.settled_by(Question::Size, [""; 0])),
            "a.raw: the size is not known; pass --size WxH"
        );
        let line = Error::corrupt(Place::file("a.txt").with_line(7), "x is -1");
        let line = line.settled_by(Question::OnBadLine, ["skip"]);
        assert_eq!(
            text(line.advise("mend the line")),
            "a.txt: line 7: x is -1; pass --on-bad-line skip, or mend the line"
        );
        let there = Error::invalid("a.evz: exists").settled_by(Question::Replace, [""; 0]);
        assert_eq!(text(there), "a.evz: exists; pass --force to replace it");
        let format = Error::unsupported("a", "it has no header");
        assert_eq!(
            text(format.settled_by(Question::Format, ["raw", "dat"])),
            "a: it has no header; pass --input-format raw or dat"
        );
        let order = Error::invalid("there is no order").without(Question::WordOrder);
        assert_eq!(text(order), "there is no order; leave out --word-order");
        let cut = Error::insufficient(Place::file("a.evz").with_byte(64), "it ends here");
        assert_eq!(
            text(cut.recoverable()),
            "a.evz: byte 64: it ends here; `evz recover IN OUT` saves what is whole"
        );
    }
}
