//! Options that cannot apply are refused: without an effect they would mislead.

use evz::{CreateOptions, Error, Format, OpenOptions, Question, Recording, Result};

use crate::words::option_name;

/// Refuses the first of these options that was given.
pub(crate) fn refuse(options: &[(&str, bool)], why: &str) -> Result<()> {
    match options.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Error::invalid(format!("{name}: {why}; leave it out"))),
        None => Ok(()),
    }
}

/// Whether options on how to read may say how text is written, where the input is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextIsWritten {
    Yes,
    No,
}

impl TextIsWritten {
    /// Whether an output of this format is text.
    pub(crate) fn of(output: &Format) -> Self {
        match output.name == "text" {
            true => Self::Yes,
            false => Self::No,
        }
    }
}

/// Options on how to read, for an open recording.
pub(crate) fn check_input(
    options: &OpenOptions,
    recording: &Recording,
    text: TextIsWritten,
) -> Result<()> {
    check_reading(options, &[recording.format()], text)
}

/// Options on how to read, for inputs of these formats: refused is what is of use for none of them.
/// Streams are looked for in the recording itself.
pub(crate) fn check_reading(
    options: &OpenOptions,
    inputs: &[&Format],
    text: TextIsWritten,
) -> Result<()> {
    let mut names: Vec<&str> = inputs.iter().map(|input| input.name).collect();
    names.sort_unstable();
    names.dedup();
    let input = names.join(" and ");
    for question in options.told() {
        let of_use = inputs.iter().any(|f| f.open_options.contains(&question));
        let shapes = [Question::Columns, Question::TimeUnit, Question::Decimals];
        let shapes_text = text == TextIsWritten::Yes && shapes.contains(&question);
        if of_use || shapes_text || question == Question::Stream {
            continue;
        }
        let why = format!(
            "the input is {input}, and it is of use for {}",
            users(question)
        );
        refuse(&[(&option_name(question), true)], &why)?;
    }
    Ok(())
}

/// The formats that have a use for an option of reading.
fn users(question: Question) -> String {
    let users = evz::formats().filter(|f| f.open_options.contains(&question));
    let names: Vec<&str> = users.map(|f| f.name).collect();
    match names.split_last() {
        None => "no format".to_owned(),
        Some((last, [])) => format!("{last} alone"),
        Some((last, others)) => format!("{} and {last} alone", others.join(", ")),
    }
}

/// Options on how to write, for an output of this format.
pub(crate) fn check_writing(options: &CreateOptions, output: &Format) -> Result<()> {
    let written = output.write_encodings;
    if let Some(told) = options.encoding.as_deref()
        && !(written.is_empty() || written.contains(&told))
    {
        let what = format!("--raw-encoding: {output} is not written as {told}");
        let known = evz::alternatives(written);
        return Err(Error::invalid(what).advise(format!("pass {known}")));
    }
    for question in options.told() {
        if output.create_options.contains(&question) {
            continue;
        }
        let name = match question {
            Question::Encoding => "--raw-encoding".to_owned(),
            question => option_name(question),
        };
        refuse(
            &[(&name, true)],
            &format!("the output is {output}, which has no use for it"),
        )?;
    }
    Ok(())
}
