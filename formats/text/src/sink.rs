//! Text as a sink of events: pieces of a batch are printed side by side and written in order.

use std::io::{self, Write};

use evz_core::{
    CreateOptions, EventSink, EventSlice, Loss, LossKind, Metadata, Output, Report, Result,
    StreamInfo, parallel,
};

use crate::{format::TextFormat, format_metadata, further::odd_nans, print::Printer};

/// Writes events as text.
struct TextSink {
    out: Output,
    printer: Printer,
    format: TextFormat,
    /// What has been printed and not yet written, one buffer for each piece of a batch.
    pieces: Vec<Vec<u8>>,
    /// The end of the last line is written with the next one, or at the very end if the text has
    /// one there.
    line_is_open: bool,
    /// NaNs whose bits are not those of the usual one.
    odd_nans: u64,
}

/// Events that are printed in one go.
const PIECE: usize = 8 * 1024;

/// Begins a text of the events of a stream: in the shape of the text that they came from, or else
/// as `t x y p` in seconds with the separator that the name of the output stands for, but for what
/// the options tell.
///
/// # Errors
/// If the shape needs what is not known, such as the size of the sensor, or the header cannot be
/// written.
pub fn create(
    mut out: Output,
    info: &StreamInfo,
    options: &CreateOptions,
) -> Result<Box<dyn EventSink>> {
    let format = TextFormat::of_output(out.name(), info, options)?;
    let header = format.header_bytes(info.size)?;
    out.write_all(&header).map_err(|e| out.failed(e))?;
    Ok(Box::new(TextSink {
        out,
        printer: Printer::new(&format, info.time_base),
        format,
        pieces: Vec::new(),
        line_is_open: false,
        odd_nans: 0,
    }))
}

impl EventSink for TextSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        if events.is_empty() {
            return Ok(());
        }
        self.odd_nans += events.extra.iter().map(odd_nans).sum::<u64>();
        let count = events.len().div_ceil(PIECE);
        if self.pieces.len() < count {
            self.pieces.resize_with(count, Vec::new);
        }
        let printer = &self.printer;
        parallel::try_each_mut(&mut self.pieces[..count], |i, piece| {
            piece.clear();
            let end = events.len().min((i + 1) * PIECE);
            printer.print(events.slice(i * PIECE..end), piece)
        })?;
        let line_end = self.printer.line_end();
        let (pieces, line_is_open) = (&self.pieces[..count], self.line_is_open);
        let write = |out: &mut Output| -> io::Result<()> {
            if line_is_open {
                out.write_all(line_end)?;
            }
            for (i, piece) in pieces.iter().enumerate() {
                let held_back = if i + 1 == count { line_end.len() } else { 0 };
                out.write_all(&piece[..piece.len() - held_back])?;
            }
            Ok(())
        };
        write(&mut self.out).map_err(|e| self.out.failed(e))?;
        self.line_is_open = true;
        Ok(())
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    /// With the end of the last line, which who reads lines waits for; a text that has none there gets it
    /// all the same, once somebody reads it while it grows.
    fn flush(&mut self) -> Result<()> {
        if std::mem::take(&mut self.line_is_open) {
            let line_end = self.printer.line_end();
            (self.out.write_all(line_end)).map_err(|e| self.out.failed(e))?;
        }
        self.out.flush().map_err(|e| self.out.failed(e))
    }

    fn finish(mut self: Box<Self>, closing: &Metadata) -> Result<Report> {
        let source_ends = !self.format.of_source || format_metadata::final_newline(closing);
        let ends = self.format.final_newline && source_ends;
        if self.line_is_open && ends {
            let line_end = self.printer.line_end();
            (self.out.write_all(line_end)).map_err(|e| self.out.failed(e))?;
        }
        self.out.commit()?;
        let mut report = Report::default();
        if self.odd_nans > 0 {
            let what =
                "NaNs of further columns, of which text keeps no more than that they are none";
            report.add_loss(Loss::new(LossKind::Rounded, what, self.odd_nans));
        }
        Ok(report)
    }
}
