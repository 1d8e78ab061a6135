//! Rows of side streams that wait for events.

use std::fs::File;
use std::io::BufWriter;

use evz_core::{Error, Metadata, Result, SideRows, StreamInfo, Temporary};

use super::run::{create, open};
use crate::reader::SideFeed;
use crate::wire::StreamDeclaration;
use crate::writer::{SideWriter, Writer};

/// Rows of side streams that wait in a temporary file: those before the first event, say, or all of them until the
/// events are in order.
pub struct SideSpill {
    out: Writer<BufWriter<File>>,
    file: Temporary,
    side: SideWriter,
}

impl SideSpill {
    /// For rows beside events of this stream, which wait for `what`: `sorting`.
    ///
    /// # Errors
    /// If there is no temporary file.
    pub fn new(info: &StreamInfo, what: &str) -> Result<Self> {
        let (out, file) = create(info, what)?;
        Ok(Self {
            out,
            file,
            side: SideWriter::new(info.time_base),
        })
    }

    /// Puts rows there.
    ///
    /// # Errors
    /// If the temporary file cannot be written to.
    pub fn write(&mut self, rows: SideRows) -> Result<()> {
        // Rows keep the number of their event stream, and a file takes those of streams that it has.
        while let Some(of) = rows.of
            && self.out.stream(of).is_none()
        {
            self.out.add_stream(StreamDeclaration::plain(of, None))?;
        }
        self.side.write(&mut self.out, rows)
    }

    /// The rows, those of each stream in their order.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn finish(self) -> Result<SpilledRows> {
        let name = self.file.name().to_owned();
        let rows = self.finish_feed()?;
        Ok(SpilledRows { rows, name })
    }

    /// The same, to be passed on as their time comes.
    pub(super) fn finish_feed(mut self) -> Result<SideFeed> {
        self.side.flush(&mut self.out)?;
        self.out.finish_into(&Metadata::new())?;
        Ok(SideFeed::new(open(self.file)?, None))
    }
}

/// Rows that waited in a temporary file.
pub struct SpilledRows {
    rows: SideFeed,
    name: String,
}

impl SpilledRows {
    /// The next ones; none at their end.
    ///
    /// # Errors
    /// If they cannot be read back.
    pub fn next_rows(&mut self) -> Result<Option<SideRows>> {
        let rows = self.rows.next_to(i64::MAX)?;
        match self.rows.lost() {
            Some(lost) => Err(Error::corrupt(&*self.name, lost.to_string())),
            None => Ok(rows),
        }
    }
}
