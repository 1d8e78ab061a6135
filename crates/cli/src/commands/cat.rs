//! `cat`: events as text on standard output.

use anyhow::Result;
use evz::Format;
use evz::text::TextFormat;

use super::Outcome;
use crate::applies::check_input;
use crate::cli::CatArgs;
use crate::input::Input;
use crate::pump::pump;
use crate::shape::shape;
use crate::side_table::SideTable;
use crate::sink::Output;
use crate::talk::say_report;

pub(crate) fn run(args: &CatArgs) -> Result<Outcome> {
    let input = Input::open(&args.file, &args.reading)?;
    check_input(&args.reading, &input, true)?;
    if let Some(name) = args.reading.side_stream() {
        let table = SideTable::open(input, name, &args.selection)?;
        table.write(&Output::text_on_stdout())?;
        return Ok(Outcome::Done);
    }
    let info = input.info();
    // What settles how text is read says nothing of how it is printed.
    let told = (input.format() != Format::Text).then_some(&args.reading);
    let (mut source, _) = input.into_source(&args.selection)?;
    let output = Output::text_on_stdout();
    let mut sink = output.create(&info, || {
        shape(TextFormat::plain(info.time_base), told, &args.text, &info)
    })?;
    pump(&mut *source, &mut sink)?;
    output.finish(sink, &source.closing_metadata())?;
    Ok(Outcome::of_loss(say_report(&source.report())))
}
