//! PNG: a palette and an index a pixel, or over the frames of a camera a colour a pixel.

use evz_core::{Error, Result};

use crate::over::Over;
use crate::palette::Palette;
use crate::pixels::Picture;

/// Appends a picture as a PNG file.
pub(crate) fn encode(
    picture: &Picture,
    palette: &Palette,
    over: Option<&Over>,
    bytes: &mut Vec<u8>,
) -> Result<()> {
    let failed = |e: png::EncodingError| Error::io("PNG", "cannot encode a picture", e.into());
    let side = |pixels| {
        u32::try_from(pixels).map_err(|_| Error::invalid(format!("PNG: {pixels} pixels in a row")))
    };
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let mut encoder = png::Encoder::new(bytes, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    match over {
        Some(_) => encoder.set_color(png::ColorType::Rgb),
        None => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette.colours().as_flattened());
        }
    }
    encoder.set_compression(png::Compression::Fast);
    // A row often is as the one above: where pixels are enlarged or dilated, and where nothing is.
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header().map_err(failed)?;
    let written = match over {
        Some(over) => {
            let mut rgb = Vec::new();
            over.append_rgb(picture, &mut rgb);
            writer.write_image_data(&rgb)
        }
        None => writer.write_image_data(picture.indices()),
    };
    written.map_err(failed)?;
    writer.finish().map_err(failed)
}
