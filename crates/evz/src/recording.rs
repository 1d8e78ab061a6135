//! An open recording.

use std::path::Path;
use std::sync::Arc;

use evz_core::{
    Error, EventIndex, EventSource, Format, Opened, Question, Report, Result, Selected, Selection,
    SensorSize, StreamInfo,
};

use crate::copy::take_claims;
use crate::of_size::OfSize;
use crate::origin::Origin;
use crate::peeked::Peeked;
use crate::side_table::{SideTable, missing};
use crate::wanted::Wanted;

/// A recording, open to be read: by its index where it has one, otherwise from front to back.
pub struct Recording {
    name: String,
    format: &'static Format,
    opened: Opened,
    size: Option<SensorSize>,
    bytes: Option<u64>,
    /// What its stream is called, if not what its source says.
    stream: Option<String>,
    /// The time that relative ones count from, where that is not the first event's.
    origin: Option<i64>,
}

impl Recording {
    pub(crate) fn new(
        name: String,
        format: &'static Format,
        opened: Opened,
        size: Option<SensorSize>,
        bytes: Option<u64>,
    ) -> Self {
        Self {
            name,
            format,
            opened,
            size,
            bytes,
            stream: None,
            origin: None,
        }
    }

    /// What another source makes of it; relative times count from `origin`.
    pub(crate) fn changed(
        mut self,
        origin: Option<i64>,
        change: impl FnOnce(Box<dyn EventSource>) -> Result<Box<dyn EventSource>>,
    ) -> Result<Self> {
        let told = self.size.take();
        let source = match self.opened {
            Opened::Indexed(index) => index.source(&Selection::default()),
            Opened::Stream(source) => source,
        };
        let source = change(OfSize::of(source, told))?;
        Ok(Self {
            opened: Opened::Stream(source),
            origin,
            ..self
        })
    }

    /// Calls its stream so.
    pub(crate) fn rename(&mut self, stream: String) {
        self.stream = Some(stream);
    }

    /// What it is called in messages: its path, or `standard input`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The format that it is read from.
    pub fn format(&self) -> &'static Format {
        self.format
    }

    /// Bytes of it, where that is known.
    pub fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// What is known before the events; a size that was told counts for more than one that was
    /// found.
    pub fn info(&self) -> StreamInfo {
        let mut info = match &self.opened {
            Opened::Indexed(index) => index.info().clone(),
            Opened::Stream(source) => source.info().clone(),
        };
        info.size = self.size.or(info.size);
        info.name = self.stream.clone().unwrap_or(info.name);
        info
    }

    /// The same for a copy of it, which says where it comes from.
    pub fn info_for_copy(&self) -> StreamInfo {
        let mut info = self.info_of_copy();
        take_claims(&mut info.metadata);
        info
    }

    /// The same with what is known to hold only behind the last event.
    pub(crate) fn info_of_copy(&self) -> StreamInfo {
        let mut info = self.info();
        let metadata = &mut info.metadata;
        // Formats that are read from front to back say where they come from themselves.
        if self.index().is_some() && !metadata.contains_key("source.file") {
            let file = Path::new(&self.name).file_name().unwrap_or_default();
            let file = file.to_string_lossy().into_owned();
            metadata.insert("source.file".to_owned(), file.into());
            metadata.insert("source.format".to_owned(), self.format.name.into());
        }
        let version = concat!("evz ", env!("CARGO_PKG_VERSION"));
        metadata.insert("converter".to_owned(), version.into());
        info
    }

    /// The index, if it has one: any window at once.
    pub fn index(&self) -> Option<&dyn EventIndex> {
        match &self.opened {
            Opened::Indexed(index) => Some(&**index),
            Opened::Stream(_) => None,
        }
    }

    /// The time that relative ones count from, where that is not the first event's.
    pub(crate) fn origin(&self) -> Option<i64> {
        self.origin
    }

    /// How it was opened.
    #[cfg(feature = "render")]
    pub(crate) fn into_opened(self) -> Opened {
        self.opened
    }

    /// The same, to be shared.
    pub fn shared_index(&self) -> Option<Arc<dyn EventIndex>> {
        match &self.opened {
            Opened::Indexed(index) => Some(index.clone()),
            Opened::Stream(_) => None,
        }
    }

    /// The reader of its file, if it is an `.evz`: what only that has, such as its chunks.
    pub fn evz_reader(&self) -> Option<&evz_file::Reader> {
        let index: &dyn std::any::Any = self.index()?;
        index.downcast_ref()
    }

    /// The reader of the index that stands beside its file, if it was opened by one: it gives the events
    /// of the file, and is no `.evz` that could stand by itself.
    #[cfg(feature = "files")]
    pub fn index_reader(&self) -> Option<&evz_file::Reader> {
        let index: &dyn std::any::Any = self.index()?;
        let beside: &crate::sidecar::Beside = index.downcast_ref()?;
        Some(beside.reader())
    }

    /// The samples that it has as a pack.
    ///
    /// # Errors
    /// If it is no pack.
    #[cfg(feature = "files")]
    pub fn samples(&self) -> Result<crate::pack::Samples> {
        let samples = self.evz_reader().and_then(crate::pack::Samples::of);
        samples.ok_or_else(|| {
            let what = format!("{}: is no pack, and has no samples", self.name);
            Error::invalid(what).without(Question::Sample)
        })
    }

    /// What was inferred to open it, and what is known before the events are read.
    pub fn report(&self) -> Report {
        match &self.opened {
            Opened::Indexed(index) => index.report(),
            Opened::Stream(source) => source.report(),
        }
    }

    /// Names of the side streams that it has or may have, as far as that is known.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn side_streams(&self) -> Result<Vec<String>> {
        match &self.opened {
            Opened::Indexed(index) => {
                let streams = index.side_streams()?;
                Ok(streams.into_iter().map(|(name, _)| name).collect())
            }
            Opened::Stream(source) => Ok(source.side_streams()),
        }
    }

    /// The name of the event stream that a side stream belongs to, if that is known to be another one.
    pub fn side_stream_of_another(&self, stream: &str) -> Option<String> {
        let reader = self.evz_reader()?;
        let mut named = reader
            .side_streams()
            .iter()
            .filter(|side| side.name == stream);
        let of = named.next()?.stream.map(usize::from)?;
        let other = reader.of_stream(of)?.info().name.clone();
        (of != reader.stream() && named.all(|side| side.stream == Some(of as u16))).then_some(other)
    }

    /// The side stream that a name asks for instead of the events, if it is one: event streams have
    /// numbers, and names of their own, by which the recording was opened.
    ///
    /// # Errors
    /// If the name is that of no stream, or the index is damaged.
    pub fn side_stream_told(&self, name: Option<&str>) -> Result<Option<String>> {
        let Some(name) = name else {
            return Ok(None);
        };
        let side = self.side_streams()?;
        if side.iter().any(|s| s == name) {
            return Ok(Some(name.to_owned()));
        }
        if name == "0" || name == self.info().name {
            return Ok(None);
        }
        // Of another camera, whose packets nothing lists: imu_2.
        let of_other = (name.rsplit_once('_')).filter(|(_, number)| number.parse::<u16>().is_ok());
        if of_other.is_some_and(|(kind, _)| side.iter().any(|s| s == kind)) {
            return Ok(Some(name.to_owned()));
        }
        if self.format.open_options.contains(&Question::Stream) {
            return Ok(None);
        }
        let (recording, format) = (&self.name, self.format);
        let what =
            format!("{recording}: is {format} and has one event stream; no side stream {name:?}");
        let error = Error::invalid(what);
        Err(match side.is_empty() {
            true => error.without(Question::Stream),
            false => error.settled_by(Question::Stream, side),
        })
    }

    /// Looks whether a stream that was asked for is one of events, for `who` takes nothing else.
    ///
    /// # Errors
    /// If it is a side stream, or if there is none of this name.
    pub fn check_event_stream(&self, name: Option<&str>, who: &str) -> Result<()> {
        let Some(stream) = self.side_stream_told(name)? else {
            return Ok(());
        };
        let recording = &self.name;
        let what = format!("{recording}: {who} takes events, and {stream} is a side stream");
        Err(Error::invalid(what).without(Question::Stream))
    }

    /// The same recording, read on while it grows, from its first event until its file is finished or
    /// `end` is set. The rows of its side streams are not read.
    ///
    /// # Errors
    /// If it is no `.evz` file, or is changed while it is read, as by filters.
    #[cfg(feature = "files")]
    pub fn follow(mut self, end: Arc<std::sync::atomic::AtomicBool>) -> Result<Self> {
        let Some(reader) = self.evz_reader() else {
            let what = format!(
                "{}: only an .evz file is followed while it grows, without filters",
                self.name
            );
            return Err(Error::invalid(what));
        };
        let source = OfSize::of(Box::new(reader.follow(end)), self.size);
        self.opened = Opened::Stream(source);
        self.bytes = None;
        Ok(self)
    }

    /// All events and side streams, from front to back.
    pub fn into_source(self) -> Box<dyn EventSource> {
        match self.opened {
            Opened::Indexed(index) => index.source(&Selection::default()),
            Opened::Stream(source) => source,
        }
    }

    /// The recording, and the time of its first event if there is one. Without an index the events
    /// are read up to it, and are not lost.
    ///
    /// # Errors
    /// If the recording cannot be read.
    pub fn started(mut self) -> Result<(Self, Option<i64>)> {
        if self.origin.is_some() {
            let origin = self.origin;
            return Ok((self, origin));
        }
        let first = match self.opened {
            Opened::Indexed(index) => {
                let extent = index.extent();
                self.opened = Opened::Indexed(index);
                (extent.n_events > 0).then_some(extent.t_first)
            }
            Opened::Stream(source) => {
                let source = Peeked::new(source)?;
                let first = source.first_time();
                self.opened = Opened::stream(source);
                first
            }
        };
        Ok((self, first))
    }

    /// The same where that has to be known, and else as it is.
    pub(crate) fn started_if(self, needed: bool) -> Result<(Self, Option<i64>)> {
        match needed {
            true => self.started(),
            false => Ok((self, None)),
        }
    }

    /// The recording, and the selection that is wanted of it.
    ///
    /// # Errors
    /// If the recording cannot be read, or what is wanted makes no sense.
    pub fn selection(self, wanted: &Wanted) -> Result<(Self, Selection)> {
        let (this, first) = self.started_if(wanted.is_relative())?;
        let selection = wanted.resolve(&this.info(), first)?;
        Ok((this, selection))
    }

    /// Tells that rows of side streams are not wanted, before any are read.
    pub fn only_events(&mut self) {
        if let Opened::Stream(source) = &mut self.opened {
            source.only_events();
        }
    }

    /// What is wanted of it, from front to back; by the index where there is one.
    ///
    /// # Errors
    /// As [`Recording::selection`], or if its times cannot be counted from where they are wanted to be.
    pub fn select(self, wanted: &Wanted) -> Result<Box<dyn EventSource>> {
        let (this, selection) = self.selection(wanted)?;
        this.into_wanted(selection, wanted.origin)
    }

    /// What is selected of it, with its times counted from there.
    pub(crate) fn into_wanted(
        self,
        selection: Selection,
        origin: Origin,
    ) -> Result<Box<dyn EventSource>> {
        let (this, first) = self.started_if(origin.is_relative())?;
        let name = this.name.clone();
        origin.apply(this.into_selected(selection), first, &name)
    }

    /// What is selected of it, from front to back; by the index where there is one.
    pub fn into_selected(self, selection: Selection) -> Box<dyn EventSource> {
        match self.opened {
            Opened::Indexed(index) => index.source(&selection),
            Opened::Stream(source) if selection == Selection::default() => source,
            Opened::Stream(mut source) => {
                // Numbers of events count those that are left out too.
                if let (Some(time), None) = (&selection.time, &selection.events) {
                    source.only_within(time.clone());
                }
                Box::new(Selected::new(source, selection))
            }
        }
    }

    /// The rows of one side stream in the time that is wanted, a part at a time, instead of the
    /// events.
    ///
    /// # Errors
    /// If there is no such stream, or something is wanted that rows do not have, such as a region.
    pub fn into_side_table(self, stream: &str, wanted: &Wanted) -> Result<SideTable> {
        if let Some(question) = wanted.of_events() {
            let what = format!("{}: a side stream has no events to choose from", self.name);
            return Err(Error::invalid(what).without(question));
        }
        let (this, selection) = self.selection(wanted)?;
        let origin = wanted.origin;
        let (this, first) = this.started_if(origin.is_relative())?;
        match this.opened {
            Opened::Indexed(index) => {
                let streams = index.side_streams()?;
                if !streams.iter().any(|(name, _)| name == stream) {
                    let names = streams.into_iter().map(|(name, _)| name);
                    return Err(missing(&this.name, stream, names));
                }
                let parts = index.side_rows(stream, selection.time.clone())?;
                let clock = index.info().clock;
                // The first event, also for rows before it: they stay beside the events.
                let first_wanted = || Ok(Peeked::new(index.source(&selection))?.first_time());
                let moved = origin.shift(clock, first, first_wanted, &this.name)?;
                let (info, report) = (index.info(), index.report());
                Ok(SideTable::of_parts(stream, info, parts, moved, report))
            }
            Opened::Stream(mut source) => {
                let streams = source.side_streams();
                if !streams.iter().any(|name| name == stream) {
                    return Err(missing(&this.name, stream, streams));
                }
                let time = selection.time.clone();
                if let Some(time) = &time {
                    source.only_within(time.clone());
                }
                if origin == Origin::Recorded {
                    return Ok(SideTable::of_source(stream, time, source));
                }
                let selected = Box::new(Selected::new(source, selection));
                let source = origin.apply(selected, first, &this.name)?;
                Ok(SideTable::of_source(stream, None, source))
            }
        }
    }
}
