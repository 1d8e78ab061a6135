//! Whether files can be joined, and what is another thing in each.

use evz_core::{Clock, Error, Note, Result, SensorSize, StreamInfo, TimeUnit, Value};

use crate::forever::SAMPLES;
use crate::reader::Reader;
use crate::wire::{ColumnDeclaration, StreamDeclaration};

/// Names of metadata in one note.
const MAX_NAMED: usize = 12;

/// Refuses files of which one is no recording or a pack, or counts otherwise or has other sensors than one
/// before it.
pub(crate) fn check_alike(files: &[Reader]) -> Result<()> {
    for (at, file) in files.iter().enumerate() {
        check_counts_alike(file, &files[0])?;
        file.check_has_events()?;
        check_is_no_pack(file)?;
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

/// Refuses a file whose times are of another clock, or in other ticks, than those of the first.
fn check_counts_alike(file: &Reader, first: &Reader) -> Result<()> {
    let [here, there] = [file.info(), first.info()];
    let [name, first_name] = [file.name(), first.name()];
    let [base, first_base] = [here.time_base, there.time_base];
    if !is_of_same_clock(here, there) {
        let [clock, first_clock] = [here, there].map(|info| words_of_clock(info.clock));
        let what = format!("{name} has times of {clock}, and {first_name} of {first_clock}");
        return Err(Error::invalid(what));
    }
    if base == first_base {
        return Ok(());
    }
    let error = Error::invalid(format!(
        "{name} counts {base}, and {first_name} {first_base}"
    ));
    // Only longer ticks can be had of a file.
    let (finer, coarser) = match base < first_base {
        true => (name, first_base),
        false => (first_name, base),
    };
    Err(match TimeUnit::of(coarser) {
        Some(unit) => error.advise(format!(
            "convert {finer} rounded to {} first",
            unit.symbol()
        )),
        None => error,
    })
}

/// Whether tick 0 is the same moment of a clock of the same kind.
fn is_of_same_clock(a: &StreamInfo, b: &StreamInfo) -> bool {
    let moment = |info: &StreamInfo| info.time_base.to_nanoseconds(info.clock.epoch);
    let same_epoch = match a.time_base == b.time_base {
        true => a.clock.epoch == b.clock.epoch,
        false => moment(a) == moment(b),
    };
    a.clock.kind == b.clock.kind && same_epoch
}

fn words_of_clock(clock: Clock) -> String {
    match clock.epoch {
        0 => format!("a clock of kind {}", clock.kind),
        epoch => format!("a clock of kind {} from its tick {epoch} on", clock.kind),
    }
}

/// Refuses a pack: the times that its table tells are not those of the new file.
fn check_is_no_pack(file: &Reader) -> Result<()> {
    match file.side_streams().iter().any(|side| side.name == SAMPLES) {
        false => Ok(()),
        true => {
            let what = "it is a pack, whose table does not tell of the events of other files";
            let way_out = "unpack it, and pack what comes of it with the other recordings";
            Err(Error::unsupported(file.name(), what).advise(way_out))
        }
    }
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
    let sizes = || of.iter().filter_map(|(_, size)| *size);
    let wanted = SensorSize {
        width: sizes().map(|size| size.width).max().unwrap_or_default(),
        height: sizes().map(|size| size.height).max().unwrap_or_default(),
    };
    let others = of.iter().filter(|(_, size)| *size != Some(wanted));
    let ways = others.map(|(file, _)| match (file.name(), file.streams().len()) {
        (name, 1) => format!("convert {name} to a size of {wanted} first"),
        // A size that is told is that of all.
        (name, _) => format!(
            "convert the event streams of {name} apart, this one to a size of {wanted}, and then into \
             one file"
        ),
    });
    let ways: Vec<String> = ways.collect();
    Error::invalid(format!("{told}, and {told_before}")).advise(ways.join(", and "))
}

/// The error of a stream that has other further columns than that which it should go on.
pub(crate) fn other_columns(
    file: &Reader,
    here: &StreamDeclaration,
    there: &StreamDeclaration,
) -> Error {
    let words = |stream: &StreamDeclaration| {
        let named = |c: &ColumnDeclaration| format!("{} ({})", c.name, c.column_type());
        let columns: Vec<String> = stream.columns.iter().map(named).collect();
        match columns.is_empty() {
            true => "no further columns".to_owned(),
            false => format!("the further columns {}", columns.join(", ")),
        }
    };
    let (id, name) = (here.id, file.name());
    let (here, there) = (words(here), words(there));
    let what = format!("event stream {id} has {here} in {name}, and {there} in what is before it");
    Error::invalid(what)
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
