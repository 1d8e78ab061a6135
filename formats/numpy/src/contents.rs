//! What a file holds: which arrays are the events, and what the others say.

use std::sync::Arc;

use evz_core::columns::{Role, not_read};
use evz_core::{
    Clock, ClockKind, Error, ErrorKind, Loss, LossKind, Metadata, Note, OpenOptions, Place,
    Question, ReadAt, Result, SensorSize, TimeBase, Value,
};

use crate::array::Array;
use crate::layout::Layout;
use crate::metadata::{
    CLOCK, DESCRIPTION, EPOCH, HEIGHT, MAX_LEN, META, TICK, TIME_BASE, UNIT, WIDTH, read_value,
};
use crate::zip::{self, Archive, Member};

/// What a file holds.
pub(crate) struct Contents {
    pub(crate) layout: Layout,
    /// What a tick is worth, where an archive says it.
    pub(crate) time_base: Option<TimeBase>,
    pub(crate) clock: Clock,
    pub(crate) metadata: Metadata,
    /// What of the file is neither of the events nor read beside them: what is damaged comes first.
    pub(crate) lost: Vec<Loss>,
}

impl Contents {
    /// A file that is an array.
    ///
    /// # Errors
    /// If it holds no events.
    pub(crate) fn of_npy(
        file: &Arc<dyn ReadAt>,
        name: &str,
        options: &OpenOptions,
    ) -> Result<Self> {
        let array = Array::of_file(file, &Place::file(name))?;
        let mut layout = Layout::of_array(array, options)?;
        Ok(Self {
            lost: std::mem::take(&mut layout.lost),
            layout,
            time_base: None,
            clock: Clock::default(),
            metadata: Metadata::new(),
        })
    }

    /// An archive of arrays, of which the option `stream` may name the one of the events.
    ///
    /// # Errors
    /// If it holds no events, or several arrays that may be some.
    pub(crate) fn of_npz(
        file: &Arc<dyn ReadAt>,
        name: &str,
        options: &OpenOptions,
    ) -> Result<Self> {
        let place = &Place::file(name);
        let Archive {
            members,
            is_cut,
            lost,
        } = zip::open(file, place)?;
        let (layout, of_events) = layout(&members, is_cut, file, place, options)?;
        let mut contents = Self {
            layout,
            time_base: None,
            clock: Clock::default(),
            metadata: Metadata::new(),
            lost: lost.into_iter().collect(),
        };
        if is_cut {
            let note = "the directory at the end of the zip is missing or damaged: the file may be cut off";
            let note = Note::Other(note.to_owned());
            contents.layout.notes.push(note);
        }
        contents.read_others(&members, &of_events, file, place)?;
        Ok(contents)
    }

    /// Reads what stands beside the events, which are in the members `of_events`.
    fn read_others(
        &mut self,
        members: &[Member],
        of_events: &[usize],
        file: &Arc<dyn ReadAt>,
        place: &Place,
    ) -> Result<()> {
        let (mut width, mut height) = (None, None);
        let mut damaged = Vec::new();
        let (mut unread, mut room) = (Vec::new(), MAX_LEN);
        // What is said of further columns, which may stand behind it.
        let mut of_columns = Vec::new();
        for (_, member) in (members.iter().enumerate()).filter(|(i, _)| !of_events.contains(i)) {
            let name = member.bare_name();
            let array = match Array::of_member(file, member, place) {
                Ok(array) => array,
                Err(error) if error.kind() == ErrorKind::Io => return Err(error),
                Err(error) if is_damage(&error) && member.name.ends_with(".npy") => {
                    damaged.push(error.to_string());
                    continue;
                }
                Err(_) => {
                    unread.push(name);
                    continue;
                }
            };
            let mut failed = None;
            let mut value = || {
                let value = read_value(&array, &mut room);
                value.unwrap_or_else(|error| {
                    failed = Some(error);
                    None
                })
            };
            let mut side = || u32::try_from(value()?.as_int()?).ok().filter(|n| *n > 0);
            let read = match name {
                TIME_BASE | TICK => {
                    let base = value().and_then(|value| time_base(&value));
                    self.time_base = base.or(self.time_base);
                    base.is_some()
                }
                CLOCK => {
                    let kind = value().and_then(|value| ClockKind::from_name(value.as_text()?));
                    self.clock.kind = kind.unwrap_or(self.clock.kind);
                    kind.is_some()
                }
                EPOCH => {
                    let epoch = value().and_then(|value| value.as_int());
                    self.clock.epoch = epoch.unwrap_or(self.clock.epoch);
                    epoch.is_some()
                }
                WIDTH => {
                    let side = side();
                    width = side.or(width);
                    side.is_some()
                }
                HEIGHT => {
                    let side = side();
                    height = side.or(height);
                    side.is_some()
                }
                name if name.starts_with(UNIT) || name.starts_with(DESCRIPTION) => match value() {
                    Some(Value::Text(text)) => {
                        of_columns.push((name, text));
                        true
                    }
                    _ => false,
                },
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
            match failed {
                Some(error) if error.kind() == ErrorKind::Io => return Err(error),
                Some(error) => damaged.push(error.to_string()),
                None if read || self.layout.take_array(array) => {}
                None => unread.push(name),
            }
        }
        for (name, text) in of_columns {
            if !self.say_of_column(name, text) {
                unread.push(name);
            }
        }
        let size = width.zip(height);
        let size = size.map(|(width, height)| SensorSize { width, height });
        self.layout.size = size.or(self.layout.size);
        self.layout.notes.extend(not_read("members", &unread, &[]));
        if !damaged.is_empty() {
            let n = damaged.len() as u64;
            let loss = Loss::new(LossKind::Damaged, "members that are damaged", n);
            self.lost.insert(0, loss.with_examples(damaged));
        }
        self.lost.append(&mut self.layout.lost);
        Ok(())
    }

    /// Takes what the member of this name says of a further column; false if there is no such column.
    fn say_of_column(&mut self, name: &str, text: String) -> bool {
        let (column, is_unit) = match name.strip_prefix(UNIT) {
            Some(column) => (column, true),
            None => (name.strip_prefix(DESCRIPTION).unwrap_or(name), false),
        };
        let columns = &mut self.layout.further;
        let Some(column) = columns.iter_mut().find(|c| c.name == column) else {
            return false;
        };
        match is_unit {
            true => column.unit = text,
            false => column.description = text,
        }
        true
    }
}

/// The arrays of the events, and the members that they are.
fn layout(
    members: &[Member],
    is_cut: bool,
    file: &Arc<dyn ReadAt>,
    place: &Place,
    options: &OpenOptions,
) -> Result<(Layout, Vec<usize>)> {
    let names: Vec<&str> = members.iter().map(Member::bare_name).collect();
    let array = |index: usize| Array::of_member(file, &members[index], place);
    if let Some(wanted) = &options.stream {
        let Some(index) = names.iter().position(|name| name == wanted) else {
            let what = format!("it has no member {wanted:?}");
            let error = Error::new(ErrorKind::InvalidArgument, place, what);
            return Err(error.settled_by(Question::Stream, names));
        };
        return Ok((Layout::of_array(array(index)?, options)?, vec![index]));
    }
    let no_columns = match Role::find_or_told(place, &names, options.paths.as_ref()) {
        Ok(roles @ [t, x, y, p]) => {
            let layout = Layout::of_columns([array(t)?, array(x)?, array(y)?, array(p)?])?;
            return Ok((layout, roles.to_vec()));
        }
        Err(error) if error.kind() == ErrorKind::Ambiguous => return Err(error),
        Err(error) => error,
    };
    // Or all columns are in one array.
    let arrays = || (members.iter().enumerate()).filter(|(_, m)| m.name.ends_with(".npy"));
    let (mut found, mut reason) = (None::<(Layout, usize)>, None::<Error>);
    for (index, _) in arrays() {
        let layout = array(index).and_then(|array| Layout::of_array(array, options));
        match (layout, &found) {
            (Ok(layout), None) => found = Some((layout, index)),
            (Ok(_), Some((_, first))) => {
                let (first, second) = (names[*first], names[index]);
                let what = format!("both {first:?} and {second:?} may be its events");
                return Err(
                    Error::ambiguous(place, what).settled_by(Question::Stream, [first, second])
                );
            }
            // The one that would be read if something were told.
            (Err(error), _) => {
                reason = reason.filter(|e| e.question().is_some()).or(Some(error));
            }
        }
    }
    let alone = arrays().count() == 1;
    match (found, reason) {
        (Some((layout, index)), _) => Ok((layout, vec![index])),
        // What is wrong with the only array says more.
        (None, Some(reason)) if reason.question().is_some() => Err(reason),
        (None, Some(reason)) if alone && (!is_cut || is_damage(&reason)) => Err(reason),
        _ if is_cut => Err(Error::insufficient(
            place,
            "it is cut off before all of its columns have begun",
        )
        .advise("copy it again from where it came from")),
        _ => Err(no_columns),
    }
}

/// Whether something that is there cannot be read whole.
fn is_damage(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Corrupt | ErrorKind::InsufficientData
    )
}

/// What a tick is worth: whole nanoseconds, or a fraction of a second.
fn time_base(value: &Value) -> Option<TimeBase> {
    match value {
        Value::Text(fraction) => TimeBase::from_fraction(fraction),
        value => TimeBase::from_nanoseconds(u64::try_from(value.as_int()?).ok()?),
    }
}
