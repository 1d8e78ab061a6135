//! `digest`: the SHA-256 of a recording's events.

use std::io::BufWriter;
use std::path::Path;

use anyhow::Result;
use evz::{
    Columns, Error, EventBatch, EventIndex, EventSource, Input, Metadata, Next, ReadOptions,
    Reader, Recording, Report, Selection, Temporary, TimeBase, WriteOptions,
};
use sha2::{Digest, Sha256};

use super::Outcome;
use crate::args::DigestArgs;
use crate::input;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_input, check_reading};
use crate::standard_output::print;
use crate::words::{error_text, human, say, say_report};

pub(crate) fn run(args: &DigestArgs) -> Result<Outcome> {
    let options = args.reading.options();
    let files = input::files_of(&args.files, "recording", |_| true)?;
    if let ([file], [named]) = (files.as_slice(), args.files.as_slice())
        && !named.is_dir()
    {
        let recording = input::open_events(file, &args.reading, "digest")?;
        check_input(&options, &recording, TextIsWritten::No)?;
        return Ok(Outcome::of_loss(digest(file, recording)?));
    }
    // Among several recordings, an option is for those to which it applies. What cannot be looked
    // into here says why when its turn comes.
    if let Ok(formats) = files
        .iter()
        .map(evz::detect_format)
        .collect::<evz::Result<Vec<_>>>()
    {
        check_reading(&options, &formats, TextIsWritten::No)?;
    }
    let of_folder = args.files.iter().any(|file| file.is_dir());
    let mut lost = false;
    for file in &files {
        let one = input::open_events_of_many(file, &args.reading, "digest")
            .and_then(|recording| digest(file, recording));
        match one {
            Ok(one) => lost |= one,
            // Among all that a folder holds, one that fails does not stop the others.
            Err(error) if of_folder => {
                let error = error_text(error.as_ref());
                say(format_args!("failed: {error}"));
                lost = true;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Outcome::of_loss(lost))
}

/// Prints the digest of one recording; whether anything of it was lost in reading.
fn digest(path: &Path, recording: Recording) -> Result<bool> {
    let (line, lost) = match recording.index() {
        Some(index) => (of_columns(index, path)?, say_report(&index.report())),
        None => {
            let mut source = recording.into_source();
            let (reader, report) = in_columns(&mut *source)?;
            (of_columns(&reader, path)?, say_report(&report))
        }
    };
    print(format!("{line}  {}\n", path.display()))?;
    Ok(lost)
}

/// The digest takes one column after the other. A file of our own holds them apart, so that memory
/// stays bounded: one that has no name, and is gone with the process however that ends.
fn in_columns(source: &mut dyn EventSource) -> Result<(Reader, Report)> {
    let file = Temporary::new("the digest")?;
    let failed = |e| Error::io(file.name(), "cannot write", e);
    let out = BufWriter::new(file.again().map_err(failed)?);
    let options = WriteOptions::new().with_name(file.name());
    let mut writer = options.write_to(out, source.info())?;
    let (mut batch, mut meter) = (EventBatch::default(), Meter::new());
    let report = loop {
        match source.read_events(&mut batch)? {
            Next::End(report) => break report,
            _ => writer.write_batch(batch.as_slice())?,
        }
        meter.add(batch.len(), source.progress());
    };
    meter.end();
    writer.finish_into(&Metadata::new())?;
    let name = file.name().to_owned();
    let written = Input::from_seek(file.into_file(), name)?;
    Ok((ReadOptions::new().open_input(written)?, report))
}

pub(super) fn of_columns(index: &dyn EventIndex, path: &Path) -> Result<String> {
    const NONE: Columns = Columns::NONE;
    let base = index.info().time_base;
    let mut hasher = Hasher {
        sha: Sha256::new(),
        bytes: Vec::new(),
    };
    let mut rounded = 0u64;
    hasher.column(index, Columns::T, |batch, bytes| {
        for &t in &batch.t {
            rounded += u64::from(base.convert(t, TimeBase::MICROSECONDS).is_none());
            bytes.extend_from_slice(&microseconds(base, t)?.to_le_bytes());
        }
        Ok(())
    })?;
    hasher.column(index, Columns { x: true, ..NONE }, |batch, bytes| {
        bytes.extend(batch.x.iter().flat_map(|x| x.to_le_bytes()));
        Ok(())
    })?;
    hasher.column(index, Columns { y: true, ..NONE }, |batch, bytes| {
        bytes.extend(batch.y.iter().flat_map(|y| y.to_le_bytes()));
        Ok(())
    })?;
    hasher.column(index, Columns { p: true, ..NONE }, |batch, bytes| {
        bytes.extend_from_slice(&batch.p);
        Ok(())
    })?;
    if rounded > 0 {
        say(format_args!(
            "note: {}: {} finer than a microsecond; the digest is of whole microseconds, rounded down",
            path.display(),
            human::counted(rounded, "time")
        ));
    }
    let digest = hasher.sha.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn microseconds(base: TimeBase, t: i64) -> evz::Result<i64> {
    i64::try_from(base.to_microseconds(t)).map_err(|_| {
        Error::unsupported(
            "digest",
            format!("time {t} has more microseconds than 64 bits hold"),
        )
    })
}

struct Hasher {
    sha: Sha256,
    bytes: Vec<u8>,
}

impl Hasher {
    /// Takes in one column, as `write` puts it in bytes.
    fn column(
        &mut self,
        index: &dyn EventIndex,
        columns: Columns,
        mut write: impl FnMut(&EventBatch, &mut Vec<u8>) -> evz::Result<()>,
    ) -> Result<()> {
        let mut source = index.source(&Selection::default().with_columns(columns));
        let mut batch = EventBatch::default();
        while let Next::Events(_) = source.read_events(&mut batch)? {
            self.bytes.clear();
            write(&batch, &mut self.bytes)?;
            self.sha.update(&self.bytes);
        }
        Ok(())
    }
}
