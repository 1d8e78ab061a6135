//! Frames of monash and its kin: a dataset each in `images`, whose time in seconds is its attribute
//! `timestamp`.

use evz_core::{Error, Place, Result, SideRows, TimeBase};

use super::frames::{STREAM, format, rows};
use super::{Table, times};
use crate::h5::{File, Link, Said};

/// The group of the frames, and how their names begin.
const GROUP: &str = "images";
const PREFIX: &str = "image";

/// Bytes of a frame, at most.
const MAX_LEN: u64 = 64 << 20;

/// The frames of a file.
pub(super) struct Images {
    file: File,
    /// Those that were not read yet, in the order of their names.
    links: std::vec::IntoIter<Link>,
    base: TimeBase,
}

impl Images {
    /// Opens them, if there are any.
    pub(super) fn open(file: &File, base: TimeBase) -> Result<Option<Self>> {
        let mut links = file.links(GROUP)?.unwrap_or_default();
        links.retain(|link| link.name.starts_with(PREFIX));
        Ok((!links.is_empty()).then(|| Self {
            file: file.clone(),
            links: links.into_iter(),
            base,
        }))
    }
}

impl Table for Images {
    fn name(&self) -> &'static str {
        STREAM
    }

    fn left(&self) -> u64 {
        self.links.len() as u64 + 1
    }

    fn next(&mut self) -> Result<Option<SideRows>> {
        let Some(link) = self.links.next() else {
            return Ok(None);
        };
        let path = format!("{GROUP}/{}", link.name);
        let place = Place::part(format!("dataset {path}"));
        let Some((dataset, object)) = self.file.dataset_of(&link, &path)? else {
            return Err(Error::unsupported(place, "it is no dataset"));
        };
        let sides = &dataset.space.shape;
        let Some(format) = format(&dataset.of, sides) else {
            let what = format!("{} of {sides:?} are no frame", dataset.of);
            return Err(Error::unsupported(place, what));
        };
        let t = match self.file.attributes_of(&object).get("timestamp") {
            Some(Said::Real(seconds)) if seconds.len() == 1 => times::tick(seconds[0], self.base),
            Some(Said::Whole(seconds)) if seconds.len() == 1 => {
                times::tick(seconds[0] as f64, self.base)
            }
            _ => None,
        };
        let Some(t) = t else {
            let what = "it has no attribute timestamp";
            return self.file.sure(Err(Error::unsupported(place, what)));
        };
        let pixels = dataset.all(MAX_LEN)?;
        Ok(Some(rows(vec![t], format, sides, vec![pixels])))
    }
}
