//! What a camera saw, as the ground under events.

use evz_core::{Error, Place, Result, SensorSize};

use crate::camera::CameraFrame;

/// A frame of a camera as greys, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    width: usize,
    height: usize,
    greys: Vec<u8>,
}

impl CameraFrame<'_> {
    /// Its greys: of 16 bits the upper 8, of colours their luma as ITU-R BT.601 has it.
    ///
    /// # Errors
    /// If the samples are not those of such a frame.
    pub fn ground(&self) -> Result<Ground> {
        let (channels, bytes) = self.check()?;
        // The byte of a sample that counts most comes last.
        let high = |sample: &[u8]| f32::from(sample[bytes - 1]);
        let grey = |pixel: &[u8]| match channels {
            1 => pixel[bytes - 1],
            _ => {
                let [blue, green, red] = [0, 1, 2].map(|n| high(&pixel[n * bytes..][..bytes]));
                (0.114 * blue + 0.587 * green + 0.299 * red).round() as u8
            }
        };
        Ok(Ground {
            width: self.width as usize,
            height: self.height as usize,
            greys: self
                .samples
                .chunks_exact(channels * bytes)
                .map(grey)
                .collect(),
        })
    }
}

impl Ground {
    /// An error if it is not as large as the sensor whose events lie over it. `place` is where it comes from.
    ///
    /// # Errors
    /// That one.
    pub fn check_size(&self, size: SensorSize, place: Place) -> Result<()> {
        if (self.width, self.height) == (size.width as usize, size.height as usize) {
            return Ok(());
        }
        let (width, height) = (self.width, self.height);
        let what = format!(
            "it is {width}x{height} and the sensor {size}: events lie over frames of the same pixels alone"
        );
        Err(Error::unsupported(place, what))
    }

    pub(crate) fn greys(&self) -> &[u8] {
        &self.greys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_are_luma_and_the_upper_byte() {
        let greys = |channels, bits, samples| {
            let frame = CameraFrame {
                width: 2,
                height: 1,
                channels,
                bits,
                samples,
            };
            frame.ground().map(|ground| ground.greys)
        };
        assert_eq!(greys(1, 8, &[7, 9]).unwrap(), [7, 9]);
        assert_eq!(greys(1, 16, &[1, 7, 2, 9]).unwrap(), [7, 9]);
        // 0.114 * 255 = 29.07, 0.587 * 100 + 0.299 * 10 = 61.69.
        assert_eq!(greys(3, 8, &[255, 0, 0, 0, 100, 10]).unwrap(), [29, 62]);
        assert_eq!(
            greys(4, 8, &[255, 0, 0, 1, 0, 100, 10, 2]).unwrap(),
            [29, 62]
        );
        let wide = [0, 255, 9, 0, 9, 0, 9, 0, 9, 100, 9, 10];
        assert_eq!(greys(3, 16, &wide).unwrap(), [29, 62]);
        assert!(greys(1, 8, &[7]).is_err());
        assert!(greys(2, 8, &[7; 4]).is_err());
    }
}
