//! A file with the index that stands beside it.

use std::ops::Range;

use evz_core::{
    Error, EventBatch, EventIndex, EventSlice, EventSource, Extent, Next, Report, Result,
    Selection, SideParts, StreamInfo, WayOut,
};
use evz_file::Reader;

use super::report;

/// A recording of another format with an index. All is as the index has it, but for the report, which is
/// that of reading the file from front to back.
pub(crate) struct Beside {
    reader: Reader,
    report: Report,
}

impl Beside {
    /// Of each event stream of an index, which has the parts of its file, each with its own side streams.
    ///
    /// # Errors
    /// If it does not say what there was to say of the file.
    pub(crate) fn of_streams(reader: &Reader) -> Result<Vec<Self>> {
        let reports = report::of(reader.metadata()).unwrap_or_default();
        if reports.len() != reader.streams().len() {
            let what = "it does not say what there is to say of its file";
            return Err(Error::corrupt(reader.name(), what).with_way_out(WayOut::Index));
        }
        let streams = (0..).map_while(|stream| reader.of_stream(stream));
        let streams = streams.zip(reports).map(|(stream, report)| {
            let reader = stream.apart();
            Self { reader, report }
        });
        Ok(streams.collect())
    }

    /// The same with all side streams of the file.
    pub(crate) fn with_all_side_streams(mut self) -> Self {
        self.reader = self.reader.together();
        self
    }

    /// The reader of the index, which gives the events of the file.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }
}

impl EventIndex for Beside {
    fn info(&self) -> &StreamInfo {
        self.reader.info()
    }

    fn extent(&self) -> Extent {
        self.reader.extent()
    }

    fn events_before(&self, t: i64) -> Result<u64> {
        self.reader.events_before(t)
    }

    fn visit(
        &self,
        selection: &Selection,
        memory: &mut EventBatch,
        act: &mut dyn FnMut(EventSlice<'_>) -> Result<()>,
    ) -> Result<()> {
        self.reader.visit(selection, memory, act)
    }

    fn read(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        self.reader.read(selection, batch)
    }

    fn read_here<'a>(
        &self,
        selection: &Selection,
        memory: &'a mut EventBatch,
    ) -> Result<EventSlice<'a>> {
        self.reader.read_here(selection, memory)
    }

    fn activity(&self, bins: usize) -> Result<Vec<f64>> {
        self.reader.activity(bins)
    }

    fn side_streams(&self) -> Result<Vec<(String, u64)>> {
        EventIndex::side_streams(&self.reader)
    }

    fn side_rows(&self, stream: &str, time: Option<Range<i64>>) -> Result<SideParts> {
        self.reader.side_rows(stream, time)
    }

    fn report(&self) -> Report {
        self.report.clone()
    }

    fn source(&self, selection: &Selection) -> Box<dyn EventSource> {
        Box::new(Source {
            source: self.reader.source(selection),
            report: self.report.clone(),
        })
    }
}

/// Events by the index, with what there is to say of the file as a whole.
struct Source {
    source: Box<dyn EventSource>,
    report: Report,
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        Ok(match self.source.read_batch(batch)? {
            Next::End(_) => Next::End(self.report()),
            next => next,
        })
    }

    fn report(&self) -> Report {
        let mut report = self.report.clone();
        // Of the events the file's own report says more.
        for loss in self.source.report().losses {
            report.add_loss(loss);
        }
        report
    }

    wraps!(source);
}
