//! The names of a sequence of files.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use evz_core::{Error, Result};

/// The names of the pictures of a PNG sequence: `out_%05d.png` numbers them where it says, `out.png`
/// as `out_00000.png`, and a folder, `frames/`, as `frames/frame_00000.png`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedFiles {
    before: String,
    digits: usize,
    after: String,
}

/// Digits where the name does not say how many.
const DIGITS: usize = 5;

impl NumberedFiles {
    /// The names that an output's name stands for.
    ///
    /// # Errors
    /// If the name is not Unicode, or has a `%` that does not begin a number as in `%05d`, or two.
    pub fn new(path: &Path) -> Result<Self> {
        let refused = |what: &str| Error::invalid(format!("{}: {what}", path.display()));
        let name = path
            .to_str()
            .ok_or_else(|| refused("a sequence needs a name in Unicode"))?;
        if path.is_dir() || name.ends_with(std::path::is_separator) {
            let folder = name.trim_end_matches(std::path::is_separator);
            return Ok(Self {
                before: format!("{folder}{MAIN_SEPARATOR}frame_"),
                digits: DIGITS,
                after: ".png".to_owned(),
            });
        }
        let Some((before, pattern)) = name.split_once('%') else {
            let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "png"));
            return Ok(Self {
                before: format!("{stem}_"),
                digits: DIGITS,
                after: format!(".{extension}"),
            });
        };
        let wrong = || refused("write the number once, as in out_%05d.png");
        let (width, after) = pattern.split_once('d').ok_or_else(wrong)?;
        let digits = match width.strip_prefix('0') {
            Some(digits) => digits.parse().ok().filter(|digits| *digits <= 20),
            None if width.is_empty() => Some(1),
            None => None,
        };
        let digits = digits.filter(|_| !after.contains('%')).ok_or_else(wrong)?;
        Ok(Self {
            before: before.to_owned(),
            digits,
            after: after.to_owned(),
        })
    }

    /// The name of picture `number`, counted from 0.
    pub fn path(&self, number: u64) -> PathBuf {
        let Self {
            before,
            digits,
            after,
        } = self;
        format!("{before}{number:0digits$}{after}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn third(name: &str) -> String {
        let files = NumberedFiles::new(Path::new(name)).unwrap();
        files.path(3).display().to_string()
    }

    #[test]
    fn pictures_are_numbered() {
        assert_eq!(third("a/out_%05d.png"), "a/out_00003.png");
        assert_eq!(third("out%d.png"), "out3.png");
        assert_eq!(third("%02dx.png"), "03x.png");
        assert_eq!(third("a.b/out.png"), "a.b/out_00003.png");
        assert_eq!(third("OUT.PNG"), "OUT_00003.PNG");
        let sep = MAIN_SEPARATOR;
        assert_eq!(third("frames/"), format!("frames{sep}frame_00003.png"));
        let folder = std::env::temp_dir();
        let expected = folder.join("frame_00003.png").display().to_string();
        assert_eq!(third(folder.to_str().unwrap()), expected);
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        for name in [
            "out_%s.png",
            "out_%5d.png",
            "%d_%d.png",
            "out%",
            "%099d.png",
        ] {
            let error = NumberedFiles::new(Path::new(name)).unwrap_err().to_string();
            let expected = format!("{name}: write the number once, as in out_%05d.png");
            assert_eq!(error, expected);
        }
    }
}
