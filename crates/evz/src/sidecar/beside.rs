//! A file with the index that stands beside it.

use std::collections::BTreeMap;
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
    names: OwnNames,
}

/// What the side streams of one of several event streams are called beside it, by what the index calls them: there
/// `imu` of the second camera has the name of the camera behind its own.
#[derive(Clone, Default)]
struct OwnNames(BTreeMap<String, String>);

impl OwnNames {
    fn of(reader: &Reader) -> Self {
        let (info, number) = (reader.info(), reader.stream());
        let side = reader.side_streams().iter();
        let own = side.filter(|side| side.stream.map(usize::from) == Some(number));
        let own: Vec<&str> = own.map(|side| &*side.name).collect();
        let behind = format!("_{}", info.name);
        let names = own.iter().filter_map(|name| {
            let plain = name.strip_suffix(&*behind)?;
            let is_free = !info.name.is_empty() && !plain.is_empty() && !own.contains(&plain);
            is_free.then(|| ((*name).to_owned(), plain.to_owned()))
        });
        Self(names.collect())
    }

    fn own(&self, of_index: String) -> String {
        self.0.get(&of_index).cloned().unwrap_or(of_index)
    }

    fn of_index<'a>(&'a self, own: &'a str) -> &'a str {
        let mut names = self.0.iter();
        names
            .find(|(_, name)| *name == own)
            .map_or(own, |(of_index, _)| of_index)
    }
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
        let streams = streams.zip(reports).map(|(stream, report)| Self {
            names: OwnNames::of(&stream),
            reader: stream.apart(),
            report,
        });
        Ok(streams.collect())
    }

    /// The same with the side streams of none, too.
    pub(crate) fn alone(mut self) -> Self {
        self.reader = self.reader.alone();
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
        let streams = EventIndex::side_streams(&self.reader)?.into_iter();
        Ok(streams
            .map(|(name, rows)| (self.names.own(name), rows))
            .collect())
    }

    fn side_rows(&self, stream: &str, time: Option<Range<i64>>) -> Result<SideParts> {
        let parts = self.reader.side_rows(self.names.of_index(stream), time)?;
        let names = self.names.clone();
        Ok(Box::new(parts.map(move |rows| {
            let mut rows = rows?;
            rows.stream = names.own(rows.stream);
            Ok(rows)
        })))
    }

    fn report(&self) -> Report {
        self.report.clone()
    }

    fn source(&self, selection: &Selection) -> Box<dyn EventSource> {
        Box::new(Source {
            source: self.reader.source(selection),
            report: self.report.clone(),
            names: self.names.clone(),
        })
    }
}

/// Events by the index, with what there is to say of the file as a whole.
struct Source {
    source: Box<dyn EventSource>,
    report: Report,
    names: OwnNames,
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        Ok(match self.source.read_batch(batch)? {
            Next::End(_) => Next::End(self.report()),
            Next::Rows(mut rows) => {
                rows.stream = self.names.own(rows.stream);
                Next::Rows(rows)
            }
            next => next,
        })
    }

    fn side_streams(&self) -> Vec<String> {
        let streams = self.source.side_streams().into_iter();
        streams.map(|name| self.names.own(name)).collect()
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
