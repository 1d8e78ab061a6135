//! PNG of greys, 8 bits a pixel.

use evz_core::{Error, Result};

/// A PNG file of so many columns and rows, of a grey each, row by row: 0 is black, 255 white.
///
/// # Errors
/// If there are not as many greys as pixels, or no pixels.
pub fn grey_png(width: u32, height: u32, greys: &[u8]) -> Result<Vec<u8>> {
    let failed = |e: png::EncodingError| Error::io("PNG", "cannot encode a picture", e.into());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(greys).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
