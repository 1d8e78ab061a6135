//! What a file holds: which arrays are the events, and what the others say.

use std::sync::Arc;

use evz_core::columns::{Role, not_read};
use evz_core::{
    Clock, ClockKind, Error, ErrorKind, Metadata, Note, Place, ReadAt, Result, SensorSize,
    TimeBase, Value,
};

use crate::array::Array;
use crate::layout::Layout;
use crate::metadata::{CLOCK, EPOCH, HEIGHT, MAX_LEN, META, TICK, TIME_BASE, WIDTH, read_value};
use crate::zip::{self, Archive, Member};

/// What a file holds.
pub(crate) struct Contents {
    pub(crate) layout: Layout,
    /// What a tick is worth, where an archive says it.
    pub(crate) time_base: Option<TimeBase>,
    pub(crate) clock: Clock,
    pub(crate) metadata: Metadata,
}

impl Contents {
    /// A file that is an array.
    ///
    /// # Errors
    /// If it holds no events.
    pub(crate) fn of_npy(file: &Arc<dyn ReadAt>, name: &str) -> Result<Self> {
        Ok(Self {
            layout: Layout::of_array(Array::of_file(file, &Place::file(name))?)?,
            time_base: None,
            clock: Clock::default(),
            metadata: Metadata::new(),
        })
    }

    /// An archive of arrays.
    ///
    /// # Errors
    /// If it holds no events, or several arrays that may be some.
    pub(crate) fn of_npz(file: &Arc<dyn ReadAt>, name: &str) -> Result<Self> {
        let place = &Place::file(name);
        let Archive { members, is_cut } = zip::open(file, place)?;
        let mut contents = Self {
            layout: layout(&members, is_cut, file, place)?,
            time_base: None,
            clock: Clock::default(),
            metadata: Metadata::new(),
        };
        if is_cut {
            let note = "the directory at the end of the zip is missing or damaged: the file may be cut off";
            let note = Note::Other(note.to_owned());
            contents.layout.notes.push(note);
        }
        contents.read_others(&members, file, place);
        Ok(contents)
    }

    /// Reads what stands beside the events.
    fn read_others(&mut self, members: &[Member], file: &Arc<dyn ReadAt>, place: &Place) {
        let (mut width, mut height) = (None, None);
        let (mut unread, mut room) = (Vec::new(), MAX_LEN);
        for member in members {
            let name = bare(member);
            if self.layout.streams.iter().any(|s| s.array.name == name) {
                continue;
            }
            let mut value = || read_value(&Array::of_member(file, member, place).ok()?, &mut room);
            let mut side = || u32::try_from(value()?.as_int()?).ok().filter(|n| *n > 0);
            let read = match name {
                TIME_BASE | TICK => {
                    let base = value().and_then(|value| time_base(&value));
                    self.time_base = base.or(self.time_base);
                    base.is_some()
                }
                CLOCK => {
                    let kind = value().and_then(|value| ClockKind::from_name(value.as_text()?));
                    self.clock.kind = kind.unwrap_or_default();
                    kind.is_some()
                }
                EPOCH => {
                    let epoch = value().and_then(|value| value.as_int());
                    self.clock.epoch = epoch.unwrap_or(0);
                    epoch.is_some()
                }
                WIDTH => {
                    width = side();
                    width.is_some()
                }
                HEIGHT => {
                    height = side();
                    height.is_some()
                }
                name => match name
                    .strip_prefix(META)
                    .and_then(|key| Some((key, value()?)))
                {
                    Some((key, value)) => {
                        self.metadata.insert(key.to_owned(), value);
                        true
                    }
                    None => false,
                },
            };
            if !read {
                unread.push(name);
            }
        }
        let size = width.zip(height);
        let size = size.map(|(width, height)| SensorSize { width, height });
        self.layout.size = size.or(self.layout.size);
        self.layout.notes.extend(not_read("members", &unread, &[]));
    }
}

/// The arrays of the events.
fn layout(
    members: &[Member],
    is_cut: bool,
    file: &Arc<dyn ReadAt>,
    place: &Place,
) -> Result<Layout> {
    let names: Vec<&str> = members.iter().map(bare).collect();
    let array = |index: usize| Array::of_member(file, &members[index], place);
    let no_columns = match Role::find(place, &names) {
        Ok([t, x, y, p]) => {
            return Layout::of_columns([array(t)?, array(x)?, array(y)?, array(p)?]);
        }
        Err(error) if error.kind() == ErrorKind::Ambiguous => return Err(error),
        Err(error) => error,
    };
    // Or all columns are in one array.
    let arrays = || members.iter().filter(|m| m.name.ends_with(".npy"));
    let (mut found, mut reason) = (None::<Layout>, None);
    for member in arrays() {
        let layout = Array::of_member(file, member, place).and_then(Layout::of_array);
        match (layout, &found) {
            (Ok(layout), None) => found = Some(layout),
            (Ok(_), Some(first)) => {
                let what = format!(
                    "both {:?} and {:?} may be its events",
                    first.streams[0].array.name,
                    bare(member)
                );
                return Err(
                    Error::ambiguous(place, what).advise("keep one of them, as a file of its own")
                );
            }
            (Err(error), _) => reason = Some(error),
        }
    }
    let alone = arrays().count() == 1;
    match (found, reason) {
        (Some(layout), _) => Ok(layout),
        // What is wrong with the only array says more.
        (None, Some(reason)) if alone => Err(reason),
        _ if is_cut => Err(Error::insufficient(
            place,
            "it is cut off before all of its columns have begun",
        )
        .advise("copy it again from where it came from")),
        _ => Err(no_columns),
    }
}

/// What a tick is worth: whole nanoseconds, or a fraction of a second.
fn time_base(value: &Value) -> Option<TimeBase> {
    match value {
        Value::Text(fraction) => TimeBase::from_fraction(fraction),
        value => TimeBase::from_nanoseconds(u64::try_from(value.as_int()?).ok()?),
    }
}

fn bare(member: &Member) -> &str {
    member.name.strip_suffix(".npy").unwrap_or(&member.name)
}
