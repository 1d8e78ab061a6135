//! Options that cannot apply are refused: without an effect they would mislead.

use evz::{CreateOptions, Error, Format, OpenOptions, Question, Recording, Result};

/// Refuses the first option on how to read that none of these formats has a use for. Streams are looked
/// for in the recording itself; what shapes a text that is written may say so here.
pub(crate) fn check_reading(
    options: &OpenOptions,
    formats: &[&Format],
    to_text: bool,
) -> Result<()> {
    for question in options.told() {
        let of_use = formats.iter().any(|f| f.open_options.contains(&question));
        let shapes = [Question::Columns, Question::TimeUnit, Question::Decimals];
        if of_use || question == Question::Stream || (to_text && shapes.contains(&question)) {
            continue;
        }
        return Err(no_use(question, "the recording is", formats[0]));
    }
    Ok(())
}

/// Refuses a stream that is none of events: events are what is opened, and a recording that has one event stream
/// and ignores the name would give the events of that.
pub(crate) fn check_stream(options: &OpenOptions, recordings: &[Recording]) -> Result<()> {
    let Some(told) = &options.stream else {
        return Ok(());
    };
    for recording in recordings {
        let (name, format) = (recording.name(), recording.format());
        let has_streams = format.open_options.contains(&Question::Stream);
        // The only one has the number 0, as `rec.streams` says.
        let is_number = told == "0" && !has_streams;
        if is_number || recording.info().name == *told {
            continue;
        }
        let is_side = matches!(recording.side_stream_told(Some(told)), Ok(Some(_)));
        let what = match is_side {
            true => format!(
                "{name}: {told:?} is a side stream, and events are opened; rec.read(stream={told:?}) reads its \
                 rows, once the recording is open"
            ),
            false if has_streams => continue,
            false => format!("{name}: is {format} and has one event stream, and none {told:?}"),
        };
        return Err(Error::invalid(what).without(Question::Stream));
    }
    Ok(())
}

/// Refuses the first option on how to write that the format has no use for.
pub(crate) fn check_writing(options: &CreateOptions, format: &Format) -> Result<()> {
    let told = options.told().into_iter();
    match told
        .into_iter()
        .find(|q| !format.create_options.contains(q))
    {
        Some(question) => Err(no_use(question, "the output is", format)),
        None => Ok(()),
    }
}

fn no_use(question: Question, what: &str, format: &Format) -> Error {
    let text = format!("{what} {format}, which has no use for {}", question.name());
    Error::invalid(text).without(question)
}
