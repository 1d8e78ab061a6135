//! Which members of an archive hold the events, and what the others say.

use std::io::Read;

use evz_core::{Error, Metadata, Result, SensorSize, TimeBase, Value};

use crate::array::Array;
use crate::columns::{Number, Role, numbers};
use crate::file::SharedFile;
use crate::layout::Layout;
use crate::npy::{Dtype, Kind, Scalar};
use crate::zip::{self, Archive, Member};

/// Members of ours beside the columns.
pub(crate) const TIME_BASE: &str = "time_base_ns";
pub(crate) const WIDTH: &str = "width";
pub(crate) const HEIGHT: &str = "height";
pub(crate) const META: &str = "meta.";

/// Bytes of metadata that are read from one member.
const MAX_VALUE: u64 = 1 << 24;

/// An archive of arrays.
pub(crate) struct Npz {
    pub(crate) layout: Layout,
    /// What a tick is worth, where the archive says it.
    pub(crate) time_base: Option<TimeBase>,
    pub(crate) metadata: Metadata,
}

impl Npz {
    /// Finds the events in an archive.
    ///
    /// # Errors
    /// If there are none, or several arrays that may be some.
    pub(crate) fn open(file: &SharedFile, place: &str) -> Result<Self> {
        let Archive { members, is_cut } = zip::open(file, place)?;
        let mut npz = Self {
            layout: layout(&members, is_cut, file, place)?,
            time_base: None,
            metadata: Metadata::new(),
        };
        if is_cut {
            let note = "the file is cut off: the directory at its end is missing";
            npz.layout.notes.push(note.to_owned());
        }
        npz.read_others(&members, file, place);
        Ok(npz)
    }

    /// Reads what stands beside the events.
    fn read_others(&mut self, members: &[Member], file: &SharedFile, place: &str) {
        let (mut width, mut height) = (None, None);
        let mut unread = Vec::new();
        for member in members {
            let name = bare(member);
            if self.layout.streams.iter().any(|s| s.array.name == name) {
                continue;
            }
            let value = || value(&Array::of_member(file, member, place).ok()?);
            let number = || value()?.as_int().filter(|n| *n > 0);
            let side = || u32::try_from(number()?).ok();
            let read = match name {
                TIME_BASE => {
                    let base = number().and_then(|n| TimeBase::from_nanoseconds(n as u64));
                    self.time_base = base;
                    base.is_some()
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
        let none = [usize::MAX; 4];
        let notes = crate::layout::not_read("members", &unread, none);
        self.layout.notes.extend(notes);
    }
}

/// The arrays of the events.
fn layout(members: &[Member], is_cut: bool, file: &SharedFile, place: &str) -> Result<Layout> {
    let names: Vec<&str> = members.iter().map(bare).collect();
    let array = |index: usize| Array::of_member(file, &members[index], place);
    let no_columns = match Role::find(place, &names) {
        Ok([t, x, y, p]) => {
            return Layout::of_columns([array(t)?, array(x)?, array(y)?, array(p)?]);
        }
        Err(error @ Error::Ambiguous { .. }) => return Err(error),
        Err(error) => error,
    };
    // Or all columns are in one array.
    let arrays = || members.iter().filter(|m| m.name.ends_with(".npy"));
    let mut found = Vec::new();
    let mut reasons = Vec::new();
    for member in arrays() {
        match Array::of_member(file, member, place).and_then(Layout::of_array) {
            Ok(layout) => found.push(layout),
            Err(error) => reasons.push(error),
        }
    }
    let alone = arrays().count() == 1;
    match (found.pop(), found.pop(), reasons.pop()) {
        (Some(layout), None, _) => Ok(layout),
        (Some(a), Some(b), _) => {
            let names = [&b, &a].map(|layout| &layout.streams[0].array.name);
            let what = format!(
                "both {:?} and {:?} may be its events; keep one of them, as a file of its own",
                names[0], names[1]
            );
            Err(Error::ambiguous(place, what))
        }
        // What is wrong with the only array says more.
        (None, _, Some(reason)) if alone => Err(reason),
        _ if is_cut => Err(Error::insufficient(
            place,
            "it is cut off before all of its columns have begun; copy it again from where it came from",
        )),
        _ => Err(no_columns),
    }
}

fn bare(member: &Member) -> &str {
    member.name.strip_suffix(".npy").unwrap_or(&member.name)
}

/// A value of metadata: a single number, truth or text, or a list of bytes.
fn value(array: &Array) -> Option<Value> {
    let header = &array.header;
    let (size, text) = match &header.dtype {
        Dtype::Scalar(scalar) => (scalar.size as u64, None),
        Dtype::Other(spelled) => {
            let count: u64 = spelled.strip_prefix("<U")?.parse().ok()?;
            (count.checked_mul(4)?, Some(()))
        }
        Dtype::Record { .. } => return None,
    };
    let is_bytes = |s: &Scalar| s.kind == Kind::Uint && s.size == 1 && header.shape.len() == 1;
    let count = if header.shape.is_empty() {
        1
    } else {
        header.rows()?
    };
    let len = count.checked_mul(size).filter(|len| *len <= MAX_VALUE)?;
    let mut bytes = Vec::new();
    let mut reader = array.read_from(0).ok()?;
    (&mut reader).take(len).read_to_end(&mut bytes).ok()?;
    // At the end of the member, for the checksum.
    let behind = reader.read(&mut [0]).ok()?;
    if bytes.len() as u64 != len || behind > 0 {
        return None;
    }
    if text.is_some() && header.shape.is_empty() {
        let chars = bytes.as_chunks::<4>().0.iter();
        let chars = chars.map(|c| char::from_u32(u32::from_le_bytes(*c)));
        let text = chars.collect::<Option<String>>()?;
        // Python pads with these.
        return Some(Value::Text(text.trim_end_matches('\0').to_owned()));
    }
    let Dtype::Scalar(scalar) = &header.dtype else {
        return None;
    };
    if is_bytes(scalar) {
        return Some(Value::Bytes(bytes));
    }
    if !header.shape.is_empty() {
        return None;
    }
    let column = crate::columns::Column {
        bytes: &bytes,
        stride: scalar.size,
        offset: 0,
        scalar,
    };
    match scalar.kind {
        Kind::Bool => Some(Value::Bool(bytes != [0])),
        Kind::Float => {
            numbers!(column, values => values.map(Number::float).next()).map(Value::Float)
        }
        _ => numbers!(column, values => values.map(Number::whole).next())?.map(Value::Int),
    }
}
