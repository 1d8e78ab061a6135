//! Where rows are counted from: in AEDAT 3.0 from the bottom, as
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-3.0.html> says.

/// The row that is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Top,
    /// The last one of a sensor of this height.
    Bottom(u32),
}

impl Origin {
    /// A row counted from the top; none, if it is beyond the sensor and so cannot be.
    pub(super) fn row(self, y: u16) -> Option<u16> {
        match self {
            Self::Top => Some(y),
            Self::Bottom(height) => (height.checked_sub(1)?)
                .checked_sub(y.into())
                .and_then(|y| y.try_into().ok()),
        }
    }

    /// Puts the rows of a frame in order from the top, and gives the first of them; `y` is the first
    /// row of the frame as it is counted. None, if it is not on the sensor.
    pub(super) fn place_frame(self, y: u16, height: u16, pixels: &mut [u8]) -> Option<u16> {
        if self == Self::Top || height == 0 {
            return Some(y);
        }
        let top = self.row(y.checked_add(height - 1)?)?;
        let row_len = pixels.len() / usize::from(height);
        if row_len > 0 {
            let mut rows: Vec<&mut [u8]> = pixels.chunks_exact_mut(row_len).collect();
            let half = rows.len() / 2;
            let (upper, lower) = rows.split_at_mut(half);
            for (a, b) in upper.iter_mut().zip(lower.iter_mut().rev()) {
                a.swap_with_slice(b);
            }
        }
        Some(top)
    }
}
