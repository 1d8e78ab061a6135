//! The formats of pictures and movies.

use std::fmt;
use std::path::Path;

/// What pictures are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// A PNG file a picture, see [`NumberedFiles`](crate::NumberedFiles).
    Png,
    /// An animated GIF, colours exact.
    Gif,
    /// An animated PNG, colours exact.
    Apng,
    /// YUV4MPEG2, uncompressed, 4:4:4, BT.601 in the limited range: a stream that says its size and
    /// rate, for a pipe to a player or an encoder.
    Y4m,
    /// Bytes red, green, blue of one picture after the other, and nothing else.
    Rgb,
    /// H.264 by ffmpeg, 4:2:0, BT.709.
    Mp4,
    /// VP9 by ffmpeg, 4:2:0, BT.709.
    Webm,
}

impl PictureFormat {
    /// All formats.
    pub const ALL: [Self; 7] = [
        Self::Png,
        Self::Gif,
        Self::Apng,
        Self::Y4m,
        Self::Rgb,
        Self::Mp4,
        Self::Webm,
    ];

    /// Its name, which is its extension too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Apng => "apng",
            Self::Y4m => "y4m",
            Self::Rgb => "rgb",
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
        }
    }

    /// The format that a name's extension says, in small letters or capitals.
    pub fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        Self::ALL
            .into_iter()
            .find(|format| extension.eq_ignore_ascii_case(format.name()))
    }
}

impl fmt::Display for PictureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_its_format() {
        for format in PictureFormat::ALL {
            let name = format!("a.b/out.{format}");
            assert_eq!(PictureFormat::of_name(Path::new(&name)), Some(format));
            assert_eq!(
                PictureFormat::of_name(Path::new(&name.to_uppercase())),
                Some(format)
            );
        }
        for name in ["out", "-", "out.txt", ".gif", ""] {
            assert_eq!(PictureFormat::of_name(Path::new(name)), None, "{name}");
        }
    }
}
