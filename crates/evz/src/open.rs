//! Opening a recording of any format, which its content tells.

use std::path::Path;
use std::sync::Arc;

use evz_core::{
    DropEvents, Error, Filter, Format, Input, OpenOptions, Opened, Question, ReadAt, Result,
    Selection,
};

#[cfg(feature = "unpack")]
use crate::detect::probed;
use crate::detect::{detect, marked};
use crate::doubts;
use crate::filters;
use crate::inside::Inside;
#[cfg(feature = "files")]
use crate::noted::Noted;
use crate::recording::Recording;
use crate::rounded::Rounded;
#[cfg(feature = "files")]
use crate::sidecar;

/// Opens a recording of any format. What is no regular file, such as a named pipe, is opened and
/// read once.
///
/// # Errors
/// If it cannot be read, is no recording, or can be read in two ways; then
/// [`Error::question`](evz_core::Error::question) says which option settles it, and
/// [`Error::further`](evz_core::Error::further) what is in doubt beside that.
pub fn open(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Recording> {
    open_input(Input::open(path)?, None, options)
}

/// The same for any bytes, and for a format that is told rather than found.
///
/// # Errors
/// As [`open`].
pub fn open_input(
    input: Input,
    format: Option<&'static Format>,
    options: &OpenOptions,
) -> Result<Recording> {
    if !options.filters.is_empty() {
        let again = Again::of(&input, format, options);
        let recording = open_input(input, format, &again.options)?;
        return filtered(recording, &options.filters, || again.open());
    }
    #[cfg(feature = "files")]
    if let Some(sample) = &options.sample {
        return of_sample(input, format, options, sample);
    }
    let again = doubts::Again::of(&input);
    open_plain(input, format, options).map_err(|error| {
        again.with_all(error, options, |input, options| {
            Ok(vec![open_plain(input, format, options)?])
        })
    })
}

/// Opens what is no sample of a pack, without filters, up to its first doubt.
fn open_plain(
    input: Input,
    format: Option<&'static Format>,
    options: &OpenOptions,
) -> Result<Recording> {
    let (name, bytes) = (input.name().to_owned(), input.len());
    let (input, format) = of_format(input, format)?;
    let open = |input| (format.open)(input, options);
    let opened = as_told(of_one(input, format, options, open)?, options, &name)?;
    Ok(Recording::new(name, format, opened, options.size, bytes))
}

/// Opens a sample of a pack.
#[cfg(feature = "files")]
fn of_sample(
    input: Input,
    format: Option<&'static Format>,
    options: &OpenOptions,
    sample: &str,
) -> Result<Recording> {
    let mut of_pack = options.clone();
    (of_pack.sample, of_pack.round, of_pack.drop) = (None, None, None);
    let samples = open_input(input, format, &of_pack)?.samples()?;
    let sample = samples.get(samples.number_told(sample)?)?;
    let name = format!("{}, sample {}", samples.reader().name(), sample.name());
    let opened = as_told(Opened::Stream(sample.source()?), options, &name)?;
    let format = crate::registry::format("evz")?;
    Ok(Recording::new(name, format, opened, options.size, None))
}

/// Opens a recording of one event stream by the index beside it, if it has one; or else as `open` does, which
/// says what there is to choose from of several.
fn of_one(
    input: Input,
    format: &'static Format,
    options: &OpenOptions,
    open: impl Fn(Input) -> Result<Opened>,
) -> Result<Opened> {
    let again = input.read_at().cloned().zip(Some(input.name().to_owned()));
    let mut opened = by_index(input, format, options, |input| Ok(vec![open(input)?]))?;
    match (opened.pop(), opened.is_empty(), again) {
        (Some(one), true, _) => Ok(one),
        (_, _, Some((bytes, name))) => open(Input::from_read_at(bytes, name)?),
        _ => unreachable!("what is opened by an index is read at places"),
    }
}

/// Opens each event stream of a recording by the index beside it, if it has one; or else as `open` does.
#[cfg(feature = "files")]
fn by_index(
    input: Input,
    format: &'static Format,
    options: &OpenOptions,
    open: impl FnOnce(Input) -> Result<Vec<Opened>>,
) -> Result<Vec<Opened>> {
    let found = match sidecar::Found::beside(&input, format, options)? {
        found @ sidecar::Found::Index(_) => found,
        _ if options.index_in_memory && format.name != "evz" => {
            sidecar::Found::Index(sidecar::in_memory(&input, format, options)?)
        }
        found => found,
    };
    let note = match found {
        sidecar::Found::Index(streams) if streams.is_empty() => return open(input),
        sidecar::Found::Index(streams) => {
            return Ok(streams.into_iter().map(Opened::indexed).collect());
        }
        sidecar::Found::Stale(note) => note,
        sidecar::Found::Nothing => return open(input),
    };
    let noted = |opened| match opened {
        Opened::Stream(source) => Opened::Stream(Noted::of(source, note.clone())),
        indexed => indexed,
    };
    Ok(open(input)?.into_iter().map(noted).collect())
}

#[cfg(not(feature = "files"))]
fn by_index(
    input: Input,
    _: &'static Format,
    _: &OpenOptions,
    open: impl FnOnce(Input) -> Result<Vec<Opened>>,
) -> Result<Vec<Opened>> {
    open(input)
}

/// Opens every event stream of a recording; the only one of most, and the one that the options name
/// if they do. Rows of side streams come with one of them alone.
///
/// # Errors
/// As [`open`], but for several streams.
pub fn open_streams(
    input: Input,
    format: Option<&'static Format>,
    options: &OpenOptions,
) -> Result<Vec<Recording>> {
    if !options.filters.is_empty() {
        let again = Again::of(&input, format, options);
        let streams = open_streams(input, format, &again.options)?.into_iter();
        let stream = |(i, one)| filtered(one, &options.filters, || again.open_stream(i));
        return streams.enumerate().map(stream).collect();
    }
    #[cfg(feature = "files")]
    if options.sample.is_some() {
        return Ok(vec![open_input(input, format, options)?]);
    }
    let again = doubts::Again::of(&input);
    open_plain_streams(input, format, options).map_err(|error| {
        again.with_all(error, options, |input, options| {
            open_plain_streams(input, format, options)
        })
    })
}

/// Opens every event stream of what is no sample of a pack, without filters, up to the first doubt.
fn open_plain_streams(
    input: Input,
    format: Option<&'static Format>,
    options: &OpenOptions,
) -> Result<Vec<Recording>> {
    let (name, bytes) = (input.name().to_owned(), input.len());
    let (input, format) = of_format(input, format)?;
    let opened = by_index(input, format, options, |input| match format.open_streams {
        Some(open) if options.stream.is_none() => open(input, options),
        _ => Ok(vec![(format.open)(input, options)?]),
    })?;
    let streams = opened.into_iter();
    let stream = |opened| {
        let opened = as_told(opened, options, &name)?;
        Ok(Recording::new(
            name.clone(),
            format,
            opened,
            options.size,
            bytes,
        ))
    };
    streams.map(stream).collect()
}

/// A recording with these filters: it is then read from front to back.
fn filtered(
    recording: Recording,
    filters: &[Filter],
    mut again: impl FnMut() -> Result<Recording>,
) -> Result<Recording> {
    // Relative times count from the first event that the recording has, and not from the first that
    // the filters leave.
    let (recording, first) = recording.started()?;
    let (name, info) = (recording.name().to_owned(), recording.info());
    let shift = filters::total_shift(filters, info.time_base, &name)?;
    let first = first.map(|first| first.saturating_add(shift));
    recording.changed(first, |source| {
        filters::apply(filters, source, &name, &mut || Ok(again()?.into_source()))
    })
}

/// What it takes to open a recording once more, as it was told but for the filters.
struct Again {
    name: String,
    bytes: Option<Arc<dyn ReadAt>>,
    format: Option<&'static Format>,
    options: OpenOptions,
}

impl Again {
    fn of(input: &Input, format: Option<&'static Format>, options: &OpenOptions) -> Self {
        let mut options = options.clone();
        options.filters.clear();
        Self {
            name: input.name().to_owned(),
            bytes: input.read_at().cloned(),
            format,
            options,
        }
    }

    fn input(&self) -> Result<Input> {
        let Some(bytes) = self.bytes.clone() else {
            let what = format!(
                "{}: can be read once, and hot pixels of a whole recording are counted before they \
                 are left out; count them in windows of time, as hot-pixels=5sd/1s does",
                self.name
            );
            return Err(Error::invalid(what));
        };
        Input::from_read_at(bytes, &self.name)
    }

    fn open(&self) -> Result<Recording> {
        open_input(self.input()?, self.format, &self.options)
    }

    fn open_stream(&self, number: usize) -> Result<Recording> {
        let streams = open_streams(self.input()?, self.format, &self.options)?;
        streams.into_iter().nth(number).ok_or_else(|| {
            let what = format!(
                "{}: has fewer event streams than a moment before",
                self.name
            );
            Error::invalid(what)
        })
    }
}

/// A recording with its times rounded and events left out, where that was told: it is then read from
/// front to back.
fn as_told(opened: Opened, options: &OpenOptions, name: &str) -> Result<Opened> {
    if options.round.is_none() && options.drop.is_none() {
        return Ok(opened);
    }
    let mut source = match opened {
        Opened::Indexed(index) => index.source(&Selection::default()),
        Opened::Stream(source) => source,
    };
    if let Some(unit) = options.round {
        source = Rounded::of(source, unit, name)?;
    }
    if let Some(DropEvents::Outside) = options.drop {
        source = Inside::of(source, options.size, name)?;
    }
    Ok(Opened::Stream(source))
}

/// The format of an input, which may be told, and the input, or what is packed in it.
pub(crate) fn of_format(
    input: Input,
    told: Option<&'static Format>,
) -> Result<(Input, &'static Format)> {
    let Some(format) = told else {
        return found(input);
    };
    let input = unpacked_for(input, format)?;
    check_told(&input, format)?;
    Ok((input, format))
}

/// An error if the input has the mark of another format than the one that was told.
fn check_told(input: &Input, told: &Format) -> Result<()> {
    let clues = input.clues();
    match marked(&clues).filter(|_| (told.probe)(&clues).is_none()) {
        None => Ok(()),
        Some(found) => {
            let what = format!("{}: is {found}, and not {told}", input.name());
            Err(Error::invalid(what).settled_by(Question::Format, [found.name]))
        }
    }
}

/// The format of a file by its content.
///
/// # Errors
/// If it cannot be read, has a format that is not read, or is a pipe: its first bytes would be gone
/// for whoever opens it next.
pub fn detect_format(path: impl AsRef<Path>) -> Result<&'static Format> {
    let path = path.as_ref();
    // Before it is opened: whoever writes into a pipe would take that for its reader.
    if std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return Err(Error::invalid(format!(
            "{}: is a pipe or a device, which can be read only once; name a file",
            path.display()
        )));
    }
    found(Input::open(path)?).map(|(_, format)| format)
}

/// The format of an input, and the input, or what is packed in it.
#[cfg(feature = "unpack")]
fn found(input: Input) -> Result<(Input, &'static Format)> {
    let (clues, is_packed) = (input.clues(), input.is_packed());
    let found = match is_packed {
        // Text that is stored in a zip may be read as lines among others: only a mark counts there.
        true => marked(&clues),
        false => probed(&clues),
    };
    let input = match found {
        Some(format) => return Ok((input, format)),
        None => input.unpacked()?,
    };
    let format = detect(&input)?;
    Ok((input, format))
}

#[cfg(not(feature = "unpack"))]
fn found(input: Input) -> Result<(Input, &'static Format)> {
    let format = detect(&input)?;
    Ok((input, format))
}

/// The input, or what is packed in it if the format is one that is packed itself.
fn unpacked_for(input: Input, format: &Format) -> Result<Input> {
    #[cfg(feature = "unpack")]
    if (format.probe)(&input.clues()).is_none()
        || (input.is_packed() && marked(&input.clues()).is_none())
    {
        return input.unpacked();
    }
    let _ = format;
    Ok(input)
}
