//! `cat`: events as text on standard output.

use anyhow::Result;
use evz::text::TextFormat;

use super::Outcome;
use crate::cli::CatArgs;
use crate::input::{Input, Kind};
use crate::pump::pump;
use crate::shape::shape;
use crate::sink::Output;
use crate::talk::say_report;

pub(crate) fn run(args: &CatArgs) -> Result<Outcome> {
    let input = Input::open(&args.file, &args.reading)?;
    let info = input.info();
    // What settles how text is read says nothing of how it is printed.
    let told = matches!(input.kind, Kind::Evz(_)).then_some(&args.reading);
    let (mut source, _, _spool) = input.into_source(&args.selection)?;
    let format = shape(TextFormat::plain(info.time_base), told, &args.text, &info)?;
    let output = Output::text_on_stdout();
    let mut sink = output.create_text(&format, &info)?;
    pump(&mut *source, &mut sink)?;
    output.finish(sink, &source.closing_metadata())?;
    Ok(Outcome::of_loss(say_report(&source.report())))
}
