//! Options that cannot apply are refused: without an effect they would mislead.

use anyhow::Result;
use evz::prophesee::Encoding;
use evz::{Error, Format};

use crate::cli::{ReadingArgs, TextOutputArgs, WritingArgs};
use crate::input::Input;

/// Refuses the first of these options that was given.
pub(crate) fn refuse(options: &[(&str, bool)], why: &str) -> Result<()> {
    match options.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Error::invalid(format!("{name}: {why}; leave it out")).into()),
        None => Ok(()),
    }
}

/// Options on how to read, for an open input; `shapes_text` as in [`check_reading`].
pub(crate) fn check_input(args: &ReadingArgs, input: &Input, shapes_text: bool) -> Result<()> {
    check_reading(args, &[input.format()], shapes_text)?;
    let info = input.info();
    if let Some(encoding) = info
        .metadata
        .get("source.encoding")
        .and_then(|e| e.as_text())
        && encoding != Encoding::Evt21.name()
    {
        let why = format!("only EVT2.1 has a word order, and the input is {encoding}");
        refuse(&[("--word-order", args.word_order.is_some())], &why)?;
    }
    Ok(())
}

/// Options on how to read, for inputs of these formats: refused is what is of use for none of them.
/// `shapes_text` says whether columns, unit and decimals say how to write, where the input is not
/// text.
pub(crate) fn check_reading(
    args: &ReadingArgs,
    inputs: &[Format],
    shapes_text: bool,
) -> Result<()> {
    let none_is = |of: &[Format]| !inputs.iter().any(|input| of.contains(input));
    let mut names: Vec<&str> = inputs.iter().map(|input| input.name()).collect();
    names.sort_unstable();
    names.dedup();
    let input = names.join(" and ");
    if none_is(&[Format::Raw, Format::Dat]) {
        let of_prophesee = [
            ("--encoding", args.encoding.is_some()),
            ("--word-order", args.word_order.is_some()),
        ];
        refuse(
            &of_prophesee,
            &format!("the input is {input}, not RAW or DAT"),
        )?;
    }
    if none_is(&[Format::Aedat]) {
        let event_stream = args.stream.is_some() && args.side_stream().is_none();
        let why = format!("the input is {input} and has one event stream");
        refuse(&[("--stream", event_stream)], &why)?;
    }
    if inputs.contains(&Format::Text) {
        return Ok(());
    }
    if !shapes_text {
        let [columns, unit, decimals] = args.shape_given();
        let why = format!("the input is {input}, and no text is written");
        if none_is(&[Format::Npy]) {
            refuse(&[columns], &why)?;
        }
        if none_is(&[Format::Npy, Format::Npz, Format::Parquet, Format::Arrow]) {
            let why = format!("the input is {input}, whose unit is known, and no text is written");
            refuse(&[unit], &why)?;
        }
        refuse(&[decimals], &why)?;
    }
    let on_bad_line = [("--on-bad-line", args.on_bad_line.is_some())];
    refuse(
        &on_bad_line,
        &format!("the input is {input} and has no lines"),
    )
}

/// Options on how to write, for an output of this format.
pub(crate) fn check_writing(
    args: &WritingArgs,
    text: Option<&TextOutputArgs>,
    output: Format,
) -> Result<()> {
    if output != Format::Evz {
        let why = format!("only .evz has profiles, and the output is {output}");
        refuse(&[("--profile", args.profile.is_some())], &why)?;
    }
    if output != Format::Raw {
        let why = format!("only .raw has encodings, and the output is {output}");
        refuse(&[("--raw-encoding", args.raw_encoding.is_some())], &why)?;
    }
    if let Some(text) = text.filter(|_| output != Format::Text) {
        let given = [
            ("--separator", text.separator.is_some()),
            ("--polarity-style", text.polarity_style.is_some()),
            ("--header", text.header.is_some()),
        ];
        refuse(
            &given,
            &format!("it shapes text, and the output is {output}"),
        )?;
    }
    Ok(())
}

impl ReadingArgs {
    /// The options that say what a line of text looks like, and whether they were given.
    pub(crate) fn shape_given(&self) -> [(&'static str, bool); 3] {
        [
            ("--columns", self.columns.is_some()),
            ("--time-unit", self.time_unit.is_some()),
            ("--decimals", self.decimals.is_some()),
        ]
    }
}
