//! Text as a sink of events: pieces of a batch are printed side by side and written in order.

use std::io::{self, Write};

use evz_core::{Error, EventSink, EventSlice, Metadata, Result, StreamInfo};
use rayon::prelude::*;

use crate::{TextFormat, format_metadata, print::Printer};

/// Writes events as text.
pub struct TextSink {
    out: Box<dyn Write + Send>,
    name: String,
    printer: Printer,
    format: TextFormat,
    /// What has been printed and not yet written, one buffer for each piece of a batch.
    pieces: Vec<Vec<u8>>,
    /// The end of the last line is written with the next one, or at the very end if the text has
    /// one there.
    line_is_open: bool,
}

/// Events that are printed in one go.
const PIECE: usize = 8 * 1024;

impl TextSink {
    /// A sink that writes to `out` in this format the events of a stream; `name` is for messages.
    /// Compression is the caller's: pass an encoder as `out`.
    ///
    /// # Errors
    /// If the format asks for what is not known, such as the size of the sensor, or if the header
    /// cannot be written.
    pub fn create(
        out: Box<dyn Write + Send>,
        name: &str,
        format: &TextFormat,
        info: &StreamInfo,
    ) -> Result<Self> {
        let mut sink = Self {
            out,
            name: name.to_owned(),
            printer: Printer::new(format, info.time_base),
            format: format.clone(),
            pieces: Vec::new(),
            line_is_open: false,
        };
        let header = format.header_bytes(info.size)?;
        sink.out.write_all(&header).map_err(|e| sink.failed(e))?;
        Ok(sink)
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.name, "cannot write to it", error)
    }
}

impl EventSink for TextSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        if events.is_empty() {
            return Ok(());
        }
        let count = events.len().div_ceil(PIECE);
        if self.pieces.len() < count {
            self.pieces.resize_with(count, Vec::new);
        }
        let printer = &self.printer;
        self.pieces[..count]
            .par_iter_mut()
            .enumerate()
            .try_for_each(|(i, piece)| {
                piece.clear();
                let end = events.len().min((i + 1) * PIECE);
                printer.print(events.slice(i * PIECE..end), piece)
            })?;
        let line_end = self.printer.line_end();
        let write = |out: &mut dyn Write| {
            if self.line_is_open {
                out.write_all(line_end)?;
            }
            for (i, piece) in self.pieces[..count].iter().enumerate() {
                let held_back = if i + 1 == count { line_end.len() } else { 0 };
                out.write_all(&piece[..piece.len() - held_back])?;
            }
            Ok(())
        };
        write(&mut *self.out).map_err(|e| self.failed(e))?;
        self.line_is_open = true;
        Ok(())
    }

    fn finish(mut self: Box<Self>, closing: &Metadata) -> Result<()> {
        let source_ends = !self.format.of_source || format_metadata::final_newline(closing);
        let ends = self.format.final_newline && source_ends;
        if self.line_is_open && ends {
            let line_end = self.printer.line_end();
            self.out.write_all(line_end).map_err(|e| self.failed(e))?;
        }
        self.out.flush().map_err(|e| self.failed(e))
    }
}
