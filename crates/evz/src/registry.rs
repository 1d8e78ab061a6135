//! The formats, all that are built in.

use std::path::Path;

use evz_core::{Error, Format, Result};

/// The formats of each family, a line a family.
static FAMILIES: &[&[Format]] = &[
    evz_file::FORMATS,
    #[cfg(feature = "text")]
    evz_text::FORMATS,
    #[cfg(feature = "prophesee")]
    evz_prophesee::FORMATS,
    #[cfg(feature = "aedat")]
    evz_aedat::FORMATS,
    #[cfg(feature = "numpy")]
    evz_numpy::FORMATS,
    #[cfg(feature = "arrow")]
    evz_arrow::FORMATS,
    #[cfg(feature = "nmnist")]
    evz_nmnist::FORMATS,
    #[cfg(feature = "es")]
    evz_es::FORMATS,
    #[cfg(feature = "ros")]
    evz_ros::FORMATS,
    #[cfg(feature = "hdf5")]
    evz_hdf5::FORMATS,
];

/// Every format.
pub fn formats() -> impl DoubleEndedIterator<Item = &'static Format> {
    FAMILIES.iter().copied().flatten()
}

/// The format with this name, as in [`Format::name`].
///
/// # Errors
/// If there is none; the error lists those that there are.
pub fn format(name: &str) -> Result<&'static Format> {
    formats().find(|f| f.name == name).ok_or_else(|| {
        let names: Vec<&str> = formats().map(|f| f.name).collect();
        let what = format!("no format {name:?}; there are {}", names.join(", "));
        Error::invalid(what)
    })
}

/// The format that a file's name stands for: its extension, before `.gz` or `.zst` if that follows.
/// None if it stands for none.
pub fn format_of_name(path: impl AsRef<Path>) -> Option<&'static Format> {
    let path = path.as_ref();
    let bare = unpacked_name(path);
    let extension = bare.extension()?.to_str()?.to_lowercase();
    let found = formats().find(|f| f.extensions.contains(&extension.as_str()))?;
    (found.packed || bare == path).then_some(found)
}

/// The name without the `.gz`, `.zst` or `.zip` at its end.
pub fn unpacked_name(path: &Path) -> &Path {
    let bare = path.to_str().map(evz_core::unpacked_name);
    bare.map_or(path, Path::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_extension_stands_for_one_format() {
        let mut names: Vec<&str> = formats().map(|f| f.name).collect();
        let mut extensions: Vec<&str> = formats().flat_map(|f| f.extensions).copied().collect();
        for list in [&mut names, &mut extensions] {
            let all = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), all, "{list:?}");
        }
    }

    #[cfg(feature = "text")]
    #[test]
    fn names_say_formats() {
        let of = |name| format_of_name(name).map(|f| f.name);
        assert_eq!(of("a.evz"), Some("evz"));
        assert_eq!(of("b/a.CSV.gz"), Some("text"));
        assert_eq!(of("a.txt.zst"), Some("text"));
        for name in ["a.evz.gz", "a.hdf", "a", "a.gz", ".gz", "-", ""] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
