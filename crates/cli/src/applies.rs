//! Options that cannot apply are refused: without an effect they would mislead.

use anyhow::Result;
use evz::{Error, Format};

use crate::cli::{ReadingArgs, TextOutputArgs, WritingArgs};

/// Refuses the first of these options that was given.
pub(crate) fn refuse(options: &[(&str, bool)], why: &str) -> Result<()> {
    match options.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Error::invalid(format!("{name}: {why}; leave it out")).into()),
        None => Ok(()),
    }
}

/// Options on how to read, for an input of this format. `shapes_text` says whether columns, unit
/// and decimals say how to write, where the input is not text.
pub(crate) fn check_reading(args: &ReadingArgs, input: Format, shapes_text: bool) -> Result<()> {
    let of_prophesee = [
        ("--encoding", args.encoding.is_some()),
        ("--word-order", args.word_order.is_some()),
    ];
    if !matches!(input, Format::Raw | Format::Dat) {
        refuse(
            &of_prophesee,
            &format!("the input is {input}, not RAW or DAT"),
        )?;
    }
    let event_stream = args.stream.is_some() && args.side_stream().is_none();
    if input != Format::Aedat {
        let why = format!("the input is {input} and has one event stream");
        refuse(&[("--stream", event_stream)], &why)?;
    }
    if input == Format::Text {
        return Ok(());
    }
    if !shapes_text {
        let [columns, unit, decimals] = args.shape_given();
        let why = format!("the input is {input}, and no text is written");
        if !matches!(input, Format::Npy) {
            refuse(&[columns], &why)?;
        }
        if !matches!(
            input,
            Format::Npy | Format::Npz | Format::Parquet | Format::Arrow
        ) {
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
