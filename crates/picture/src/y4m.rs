//! YUV4MPEG2: a line of text, then the planes of each picture.
//!
//! 4:4:4, for single pixels would lose their colour to their neighbours in 4:2:0; BT.601 in the
//! limited range, which is what programs take a y4m for that says nothing else.

use crate::movie_options::MovieOptions;
use crate::over::Over;
use crate::palette::Palette;
use crate::pixels::Picture;

pub(crate) fn header(options: &MovieOptions) -> String {
    format!(
        "YUV4MPEG2 W{} H{} F{}:{} Ip A1:1 C444 XCOLORRANGE=LIMITED\n",
        options.width,
        options.height,
        options.rate.frames(),
        options.rate.seconds()
    )
}

/// The colours of a palette as Y, Cb, Cr.
pub(crate) fn colours(palette: &Palette) -> [[u8; 3]; 256] {
    palette.colours().map(yuv)
}

pub(crate) fn yuv(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(|c| f32::from(c) / 255.0);
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    let (cb, cr) = ((b - y) / 1.772, (r - y) / 1.402);
    [16.0 + 219.0 * y, 128.0 + 224.0 * cb, 128.0 + 224.0 * cr].map(|c| c.round() as u8)
}

/// Appends a picture with the line before it.
pub(crate) fn append(picture: &Picture, yuv: &[[u8; 3]; 256], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(b"FRAME\n");
    for plane in 0..3 {
        let of_index = yuv.map(|colour| colour[plane]);
        let pixels = picture.indices().iter();
        bytes.extend(pixels.map(|index| of_index[usize::from(*index)]));
    }
}

/// The same over the frames of a camera.
pub(crate) fn append_over(picture: &Picture, yuv: &Over, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(b"FRAME\n");
    for plane in 0..3 {
        bytes.extend(yuv.colours(picture).map(|color| color[plane]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{Colors, INK, Theme};

    #[test]
    fn colours_are_those_of_bt_601() {
        let yuv = colours(&Palette::new(Theme::Light, Colors::Grey));
        // 16 + 219 * 176 / 255, 219 * 16 / 255, and no colour.
        assert_eq!(yuv[0], [167, 128, 128]);
        assert_eq!(yuv[usize::from(INK)], [30, 128, 128]);
        let yuv = colours(&Palette::new(Theme::Dark, Colors::RedBlue));
        // 16 + 219 * 25 / 255.
        assert_eq!(yuv[0], [37, 128, 128]);
    }
}
