//! The codecs there are, by number and by name.

use crate::codec::Codec;
use crate::fast::FAST;
use crate::small::{SMALL, SMALL_GPU};

/// A file names `small` and `small-gpu` by one number, as either decodes both. The first of such
/// codecs is the one that [`by_id`] gives.
static ALL: [&dyn Codec; 3] = [&FAST, &SMALL, &SMALL_GPU];

/// The codecs that can be named.
pub fn all() -> impl Iterator<Item = &'static dyn Codec> {
    ALL.into_iter()
}

/// The codec with this number, if this version knows it.
pub fn by_id(id: u16) -> Option<&'static dyn Codec> {
    all().find(|c| c.id() == id)
}

/// The codec with this name, if this version knows it.
pub fn by_name(name: &str) -> Option<&'static dyn Codec> {
    all().find(|c| c.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_numbers_never_change() {
        assert_eq!(by_id(1).map(|c| c.name()), Some("fast"));
        assert_eq!(by_name("fast").map(|c| c.id()), Some(1));
        assert_eq!(by_id(2).map(|c| c.name()), Some("small"));
        assert_eq!(by_name("small").map(|c| c.id()), Some(2));
        assert_eq!(by_name("small-gpu").map(|c| c.id()), Some(2));
        assert!(by_id(0).is_none() && by_name("").is_none());
    }
}
