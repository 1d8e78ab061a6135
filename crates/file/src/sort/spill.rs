//! Rows of side streams that wait until the events are in order.

use std::io::BufWriter;

use evz_core::{Metadata, Result, SideRows, StreamInfo, Temporary};

use super::run::{create, open};
use crate::reader::SideFeed;
use crate::writer::{SideWriter, Writer};

/// A temporary file of side streams alone.
pub(super) struct Spill {
    out: Writer<BufWriter<Temporary>>,
    file: Temporary,
    side: SideWriter,
}

impl Spill {
    pub(super) fn new(info: &StreamInfo) -> Result<Self> {
        let (out, file) = create(info)?;
        Ok(Self {
            out,
            file,
            side: SideWriter::new(info.time_base),
        })
    }

    pub(super) fn write(&mut self, rows: SideRows) -> Result<()> {
        self.side.write(&mut self.out, rows)
    }

    /// The rows, to be passed on as their time comes.
    pub(super) fn finish(mut self) -> Result<SideFeed> {
        self.side.flush(&mut self.out)?;
        self.out.finish_into(&Metadata::new())?;
        Ok(SideFeed::new(open(self.file)?, None))
    }
}
