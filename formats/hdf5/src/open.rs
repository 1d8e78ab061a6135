//! Opening a file: its event streams, and what stands beside them.

use evz_core::{
    Clues, Error, ErrorKind, EventSource, Input, Metadata, Note, OpenOptions, Question, Result,
    Value,
};

use crate::find::{self, Contents};
use crate::found::{Found, Layout};
use crate::h5::{File, Said, find_superblock};
use crate::meaning::Meaning;
use crate::named;
use crate::order;
use crate::side::Side;
use crate::source::Hdf5Source;

/// Whether a file is HDF5.
pub(crate) fn probe(clues: &Clues<'_>) -> Option<u8> {
    match find_superblock(clues.head)? {
        0 => Some(255),
        // Behind a block of somebody else's, who may know more of it.
        _ => Some(200),
    }
}

/// Opens the event stream of a recording; of `options` the stream, the paths of the columns or their
/// order, the unit of times and the size are used.
///
/// # Errors
/// If it is no HDF5 file, has no events or several event streams, can be read in two ways, or went
/// through filters that are not read; [`Error::question`] then says what settles it.
pub fn open(input: Input, options: &OpenOptions) -> Result<Hdf5Source> {
    let recording = Recording::open(input, options)?;
    let chosen = recording.chosen(options)?;
    recording.source(chosen, true, options)
}

/// The event stream of a recording and where it was found, as [`open`] does.
pub(crate) fn found(input: Input, options: &OpenOptions) -> Result<(Found, Hdf5Source)> {
    let recording = Recording::open(input, options)?;
    let chosen = recording.chosen(options)?;
    let found = recording.found(chosen, options)?;
    Ok((found, recording.source(chosen, false, options)?))
}

/// Opens every event stream of a recording. Side streams come with the first.
///
/// # Errors
/// As [`open`], but for several streams.
pub fn open_streams(input: Input, options: &OpenOptions) -> Result<Vec<Hdf5Source>> {
    let recording = Recording::open(input, options)?;
    let all = 0..recording.streams.len();
    all.map(|i| recording.source(i, i == 0, options)).collect()
}

/// An open file and its event streams.
struct Recording {
    name: String,
    file_name: String,
    file: File,
    contents: Contents,
    streams: Vec<Found>,
}

impl Recording {
    fn open(input: Input, options: &OpenOptions) -> Result<Self> {
        let (name, file_name) = (input.name().to_owned(), input.file_name());
        let Some(at) = find_superblock(input.head()) else {
            let what = match input.is_empty() {
                true => "it is empty: there are no events",
                false => "it is no HDF5 by its first bytes",
            };
            return Err(Error::unsupported(name, what));
        };
        let advised = |e: Error| {
            let e = e.within(&name);
            match e.ways_out().is_empty() {
                true => e.advise("copy it again from where it came from"),
                false => e,
            }
        };
        let file = File::open(input.into_read_at()?, at).map_err(advised)?;
        let told = options.stream.as_deref();
        let contents = file.sure(Contents::of(&file, told)).map_err(advised)?;
        let streams = match &options.paths {
            Some(paths) => find::told(&file, &contents, &name, paths).map(|one| vec![one]),
            None => find::streams(&file, &contents, &name),
        };
        let mut streams = file.sure(streams).map_err(|e| match e.place().file {
            Some(_) => e,
            None => e.within(&name),
        })?;
        let is_told = told.is_some() || options.paths.is_some();
        for stream in &mut streams {
            contents.say_left(stream, is_told);
        }
        Ok(Self {
            name,
            file_name,
            file,
            contents,
            streams,
        })
    }

    /// The number of the stream that is told, or of the only one; of a side stream that of the events it stands
    /// beside, if these are of one stream alone.
    fn chosen(&self, options: &OpenOptions) -> Result<usize> {
        let told = options.stream.as_deref();
        self.choose(told).or_else(|error| {
            let mut beside = Vec::new();
            for number in 0..self.streams.len() {
                let names = match self.source(number, true, options) {
                    Ok(source) => source.side_streams(),
                    Err(unread) if unread.is_of_the_machine() => return Err(unread),
                    Err(_) => continue,
                };
                if told.is_some_and(|told| names.iter().any(|name| name == told)) {
                    beside.push(number);
                }
            }
            match beside[..] {
                [number] => Ok(number),
                _ => Err(error),
            }
        })
    }

    /// The number of the event stream that is told, or of the only one.
    fn choose(&self, told: Option<&str>) -> Result<usize> {
        /// Names that a message lists.
        const MAX_LISTED: usize = 12;
        let names = || (self.streams.iter().take(MAX_LISTED)).map(|stream| stream.name.clone());
        let Some(told) = told else {
            return match self.streams.len() {
                1 => Ok(0),
                n => {
                    let what = format!("it has {n} event streams");
                    Err(Error::ambiguous(&self.name, what).settled_by(Question::Stream, names()))
                }
            };
        };
        let by_name = |s: &Found| s.name == told || s.path == told.trim_matches('/');
        let by_name = self.streams.iter().position(by_name);
        let by_number = || told.parse().ok().filter(|n| *n < self.streams.len());
        by_name.or_else(by_number).ok_or_else(|| {
            let known: Vec<String> = names().collect();
            let mut what = format!("it has no stream {told:?}; it has {}", known.join(", "));
            if self.contents.left > 0 {
                what += ", and more that was not looked at, of which the whole path tells a stream";
            }
            Error::new(ErrorKind::InvalidArgument, &self.name, what)
                .settled_by(Question::Stream, known)
        })
    }

    /// A stream, with its columns in order.
    fn found(&self, number: usize, options: &OpenOptions) -> Result<Found> {
        let mut found = self.streams[number].clone();
        order::settle(&mut found, options.columns.as_ref(), &self.name)?;
        Ok(found)
    }

    fn source(&self, number: usize, side: bool, options: &OpenOptions) -> Result<Hdf5Source> {
        let source = self.file.sure(self.unsure(number, side, options));
        source.map_err(|e| match e.place().file {
            Some(_) => e,
            None => e.within(&self.name),
        })
    }

    /// The same, whether or not all that is said of it could be read.
    fn unsure(&self, number: usize, side: bool, options: &OpenOptions) -> Result<Hdf5Source> {
        let mut found = self.found(number, options)?;
        if self.file.missing > 0 {
            let what = format!(
                "the file is cut off: {} bytes are missing at its end",
                self.file.missing
            );
            found.notes.push(Note::Other(what));
        }
        let told = named::with_names(&found, options).map_err(|e| e.within(&self.name))?;
        found.notes.extend(named::note(&told, options));
        let options = &told;
        let metadata = self.metadata(&found);
        let meaning =
            Meaning::find(&found, options, &self.name).map_err(|e| match e.place().file {
                Some(_) => e,
                None => e.within(&self.name),
            })?;
        let base = meaning.times.base;
        // What belongs to the file and not to a camera comes with one stream alone.
        let of_camera = found.layout == Layout::Mvsec;
        let mut side = match side || of_camera {
            true => Side::of(&self.file, &self.contents, &found, base, &self.name)?,
            false => Side::default(),
        };
        if of_camera && self.streams.len() > 1 {
            side = side.with_owner(number);
        }
        Hdf5Source::new(found, meaning, side, metadata, options, &self.name)
    }

    /// Where it comes from, and the attributes at the top.
    fn metadata(&self, found: &Found) -> Metadata {
        let mut metadata = Metadata::from([
            (
                "source.format".to_owned(),
                Value::from(format!("hdf5 {}", found.layout.name())),
            ),
            ("source.file".to_owned(), Value::from(&*self.file_name)),
        ]);
        for (name, said) in &self.contents.top {
            let value = match said {
                Said::Text(text) => Value::from(&**text),
                Said::Whole(values) if values.len() == 1 => Value::Int(values[0]),
                Said::Real(values) if values.len() == 1 => Value::Float(values[0]),
                Said::Whole(values) if values.len() <= 16 => Value::Json(format!("{values:?}")),
                _ => continue,
            };
            metadata.insert(format!("hdf5.{name}"), value);
        }
        if let Some(calibration) = &found.calibration {
            let key = "camera.calibration".to_owned();
            metadata.insert(key, Value::Json(calibration.clone()));
        }
        metadata
    }
}
