//! Whether files can be joined, and what is another thing in each.

use evz_core::{Error, Note, Result, SensorSize, Value};

use crate::reader::Reader;
use crate::wire::StreamDeclaration;

/// Names of metadata in one note.
const MAX_NAMED: usize = 12;

/// Refuses files of which one is no recording, or counts otherwise or has other sensors than one before it.
pub(crate) fn check_alike(files: &[Reader]) -> Result<()> {
    for (at, file) in files.iter().enumerate() {
        let (here, there) = (file.info(), files[0].info());
        if (here.time_base, here.clock) != (there.time_base, there.clock) {
            let what = format!(
                "{}: it counts {} and the first one {}, or by another clock",
                file.name(),
                here.time_base,
                there.time_base
            );
            return Err(Error::invalid(what).advise("convert one of them first"));
        }
        file.check_has_events()?;
        for stream in file.streams().iter().map(|s| &s.declaration) {
            if let Some((before, known)) = before(&files[..at], stream)
                && stream.size() != known.size()
            {
                let of = [(before, known.size()), (file, stream.size())];
                return Err(other_sensors(stream.id, of));
            }
        }
    }
    Ok(())
}

/// The first of these files that has an event stream of this number, and how it declares it.
fn before<'a>(
    files: &'a [Reader],
    stream: &StreamDeclaration,
) -> Option<(&'a Reader, &'a StreamDeclaration)> {
    let of = |file: &'a Reader| {
        Some((
            file,
            &file.streams().get(usize::from(stream.id))?.declaration,
        ))
    };
    files.iter().find_map(of)
}

/// The error of two files whose streams of this number have other sensors: the pixels of one are not those of
/// the other, and the new file tells of one.
fn other_sensors(stream: u16, of: [(&Reader, Option<SensorSize>); 2]) -> Error {
    let [told_before, told] = of.map(|(file, size)| {
        let stream = match file.streams().len() {
            1 => String::new(),
            _ => format!("event stream {stream} of "),
        };
        let size = size.map_or("no sensor size".to_owned(), |s| format!("a sensor of {s}"));
        format!("{stream}{} has {size}", file.name())
    });
    // To that which holds the pixels of both, where one does.
    let pixels = |size: Option<SensorSize>| size.map(|s| u64::from(s.width) * u64::from(s.height));
    let [(before, known), (file, size)] = of;
    let (other, wanted) = match pixels(size) > pixels(known) {
        true => (before, size),
        false => (file, known),
    };
    let wanted = wanted.map_or_else(String::new, |size| format!(" to a size of {size}"));
    let name = other.name();
    let way_out = match other.streams().len() {
        1 => format!("convert {name}{wanted} first"),
        // A size that is told is that of all.
        _ => format!(
            "convert the event streams of {name} apart, this one{wanted}, and then into one file"
        ),
    };
    Error::invalid(format!("{told}, and {told_before}")).advise(way_out)
}

/// Metadata, names and serial numbers that are others than in a file before, whose stay.
pub(crate) fn notes_of_metadata(files: &[Reader]) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let differs = |key: &String, value: &Value| {
            let known = files[..at].iter().find_map(|f| f.metadata().get(key));
            known.is_some_and(|known| known != value)
        };
        let metadata = file.metadata().iter();
        let metadata = metadata.filter(|(key, value)| differs(key, value));
        let mut names: Vec<String> = metadata.map(|(key, _)| key.clone()).collect();
        for stream in file.streams().iter().map(|s| &s.declaration) {
            if let Some((_, known)) = before(&files[..at], stream) {
                let of = |what: &str| format!("{what} of event stream {}", stream.id);
                names.extend((stream.name != known.name).then(|| of("name")));
                names.extend((stream.serial != known.serial).then(|| of("serial number")));
                let offsets = (stream.clock_offset, known.clock_offset);
                names.extend((offsets.0 != offsets.1).then(|| of("clock offset")));
            }
        }
        if names.is_empty() {
            continue;
        }
        let more = names.len().saturating_sub(MAX_NAMED);
        names.truncate(MAX_NAMED);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        let (file, names) = (file.name(), names.join(", "));
        let what = format!("{file} differs from files before it, whose metadata stay: {names}");
        notes.push(Note::Other(what));
    }
    notes
}
