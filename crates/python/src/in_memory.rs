//! Recordings without an index: held in memory as an `.evz` file of the profile `fast`, which takes a
//! fifth of what columns take and gives any window.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use evz::file::EvzSink;
use evz::{
    EventSource, Output, ReadOptions, Reader, Recording, Report, Result, Rig, Wanted, WriteOptions,
    copy_streams,
};

use crate::interrupt::{Interruptible, Raised};

/// What an event stream is read from, and the time that relative ones count from, where that is not its
/// first event's.
pub(crate) type Started = (Reader, Option<i64>);

/// Reads the event streams of a recording to their end.
pub(crate) fn held(recordings: Vec<Recording>, raised: &Raised) -> Result<(Vec<Started>, Report)> {
    let name = recordings[0].name().to_owned();
    let info = recordings[0].info_for_copy();
    let rig = Rig::new(vec![recordings])?;
    let origins = rig.origins();
    let sources = rig.select(&Wanted::all())?.into_iter();
    let sources = sources.map(|source| {
        let source = Interruptible::new(source, raised.clone());
        Box::new(source) as Box<dyn EventSource>
    });
    let file = Shared::default();
    let options = WriteOptions::new().with_profile("fast")?;
    let sink = EvzSink::create(Output::from_writer(file.clone(), &name), &info, options)?;
    let copied = copy_streams(sources.collect(), Box::new(sink), |_, _| {})?;
    let mut report = copied.report;
    for stream in copied.streams {
        report.merge(stream.report);
    }
    let reader = ReadOptions::new().open_read_at(Arc::new(file.take()), name)?;
    let streams = origins.into_iter().enumerate();
    let streams = streams.filter_map(|(position, origin)| {
        let stream = reader.of_stream(position)?;
        Some((stream.apart(), origin))
    });
    Ok((streams.collect(), report))
}

/// Bytes that are taken once they are whole.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn take(&self) -> Vec<u8> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut bytes)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
