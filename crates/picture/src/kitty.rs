//! Pictures for terminals that know the graphics protocol of Kitty: a PNG in base64, in parts.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evz_core::Result;

use crate::palette::Palette;
use crate::pixels::Picture;
use crate::png;

/// The most letters of base64 in a part.
const PART: usize = 4096;

/// Appends what shows a picture where the cursor stands, over so many columns and rows, as the image of a
/// number; the cursor stays. The terminal answers nothing.
///
/// # Errors
/// If the picture is too large for a PNG.
pub fn kitty(
    picture: &Picture,
    palette: &Palette,
    image: u32,
    (columns, rows): (usize, usize),
    out: &mut Vec<u8>,
) -> Result<()> {
    let mut bytes = Vec::new();
    png::encode(picture, palette, None, &mut bytes)?;
    let letters = STANDARD.encode(&bytes).into_bytes();
    let parts = letters.chunks(PART);
    let last = parts.len() - 1;
    for (i, part) in parts.enumerate() {
        out.extend_from_slice(b"\x1b_G");
        if i == 0 {
            // A vector takes all.
            let _ = write!(out, "a=T,f=100,i={image},p=1,c={columns},r={rows},C=1,q=2,");
        }
        let _ = write!(out, "m={};", u8::from(i < last));
        out.extend_from_slice(part);
        out.extend_from_slice(b"\x1b\\");
    }
    Ok(())
}

/// Appends what takes an image off the screen and out of the terminal's memory.
pub fn kitty_delete(image: u32, out: &mut Vec<u8>) {
    let _ = write!(out, "\x1b_Ga=d,d=I,i={image},q=2\x1b\\");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{Colors, Theme};

    /// The parts: what they say of themselves, and their letters.
    fn parts(bytes: &[u8]) -> Vec<(String, String)> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let parts = text.split_terminator("\x1b\\");
        let part = |part: &str| {
            let (keys, letters) = part
                .strip_prefix("\x1b_G")
                .unwrap()
                .split_once(';')
                .unwrap();
            (keys.to_owned(), letters.to_owned())
        };
        parts.map(part).collect()
    }

    #[test]
    fn the_parts_are_a_png_of_the_pixels() {
        let mut picture = Picture::default();
        picture.resize(100, 90);
        // Noise, which does not become small.
        let mut state = 1_u32;
        for index in &mut picture.indices {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *index = (state >> 24) as u8;
        }
        let palette = Palette::new(Theme::Dark, Colors::RedBlue);
        let mut out = Vec::new();
        kitty(&picture, &palette, 7, (20, 9), &mut out).unwrap();
        let parts = parts(&out);
        assert!(parts.len() > 2, "{}", parts.len());
        assert_eq!(parts[0].0, "a=T,f=100,i=7,p=1,c=20,r=9,C=1,q=2,m=1");
        let (last, more) = parts[1..].split_last().unwrap();
        assert!(more.iter().all(|(keys, _)| keys == "m=1") && last.0 == "m=0");
        assert!(parts.iter().all(|(_, letters)| letters.len() <= 4096));

        let letters: String = parts.into_iter().map(|(_, letters)| letters).collect();
        let file = STANDARD.decode(letters).unwrap();
        let mut decoder = ::png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(::png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let shape = reader.next_frame(&mut rgb).unwrap();
        assert_eq!((shape.width, shape.height), (100, 90));
        let mut expected = Vec::new();
        picture.append_rgb(&palette, &mut expected);
        assert!(rgb == expected);
    }

    #[test]
    fn an_image_is_deleted_by_its_number() {
        let mut out = Vec::new();
        kitty_delete(7, &mut out);
        assert_eq!(out, b"\x1b_Ga=d,d=I,i=7,q=2\x1b\\");
    }
}
