//! A file as any recording is written: [`EventSink`].

use evz_core::{
    EventBatch, EventSink, EventSlice, Loss, Metadata, Noticed, Output, Report, Result, SideRows,
    StreamInfo,
};

use super::{SideWriter, WriteOptions, Writer};
use crate::stream_metadata::for_stream;

/// Writes a recording with its side streams.
pub struct EvzSink {
    pub(super) writer: Writer<Output>,
    pub(super) side: SideWriter,
    /// Of the first stream.
    metadata: Metadata,
    /// What could not be copied.
    pub(super) lost: Option<Loss>,
    /// What was noticed in events that were copied.
    pub(super) noticed: Noticed,
}

impl EvzSink {
    /// Begins a recording.
    ///
    /// # Errors
    /// If the first bytes cannot be written.
    pub fn create(out: Output, info: &StreamInfo, options: WriteOptions) -> Result<Self> {
        let options = options.with_name(out.name());
        Ok(Self::of(options.write_to(out, info)?, info))
    }

    /// Begins a recording that is read while it grows, as [`WriteOptions::create_growing`];
    /// [`EventSink::flush`] hands on what it was given.
    ///
    /// # Errors
    /// As that.
    #[cfg(feature = "files")]
    pub fn create_growing(
        path: impl AsRef<std::path::Path>,
        info: &StreamInfo,
        options: WriteOptions,
    ) -> Result<Self> {
        let path = path.as_ref();
        let (file, unnamed) = super::growing_file::start(path, options.replace)?;
        let out = Output::new(
            super::growing_file::Growing(file),
            path.display().to_string(),
        );
        let mut sink = Self::create(out, info, options)?;
        sink.writer.checkpoint()?;
        unnamed.name()?;
        Ok(sink)
    }

    fn of(writer: Writer<Output>, info: &StreamInfo) -> Self {
        Self {
            writer,
            side: SideWriter::new(info.time_base),
            metadata: info.metadata.clone(),
            lost: None,
            noticed: Noticed::default(),
        }
    }
}

impl EvzSink {
    /// As [`Writer::write_parts`].
    ///
    /// # Errors
    /// As that.
    pub fn write_parts(
        &mut self,
        stream: u16,
        events: &mut EventBatch,
        parts: Vec<(usize, Vec<u8>)>,
    ) -> Result<()> {
        self.writer.write_parts(stream, events, parts)
    }
}

impl EventSink for EvzSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        self.writer.write_batch(events)
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn add_stream(&mut self, info: &StreamInfo) -> Result<Option<u16>> {
        let stream = self.writer.add_stream(info.into())?;
        let metadata = for_stream(&info.metadata, stream, &self.metadata);
        self.writer.add_metadata(metadata);
        Ok(Some(stream))
    }

    fn write_events(&mut self, stream: u16, events: EventSlice<'_>) -> Result<()> {
        self.writer.write_events(stream, events)
    }

    fn write_side(&mut self, rows: SideRows) -> Result<bool> {
        self.side.write(&mut self.writer, rows).map(|()| true)
    }

    fn flush(&mut self) -> Result<()> {
        self.side.flush(&mut self.writer)?;
        self.writer.flush()
    }

    fn finish(self: Box<Self>, closing: &Metadata) -> Result<Report> {
        let Self {
            mut writer,
            mut side,
            ..
        } = *self;
        side.flush(&mut writer)?;
        let (out, _) = writer.finish_into(closing)?;
        out.commit()?;
        Ok(Report::default())
    }
}
