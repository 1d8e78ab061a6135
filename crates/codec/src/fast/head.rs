//! The entry of a mini-block in its block's head.

use super::forever::MINI_HEAD_SIZE;

/// How residuals of `x` or `y` become values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Reference,
    Delta,
    Xor,
}

/// `x` or `y` of a mini-block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pixel {
    pub(super) mode: Mode,
    pub(super) width: u8,
    pub(super) exceptions: u8,
    /// Binary logarithm of the bytes of an exception's high part: 0 or 1.
    pub(super) high: u8,
    pub(super) reference: u16,
}

/// `t` of a mini-block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) zigzag: bool,
    pub(super) width: u8,
    pub(super) exceptions: u8,
    /// Binary logarithm of the bytes of an exception's high part: 0 to 3.
    pub(super) high: u8,
}

/// A mini-block's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MiniHead {
    pub(super) x: Pixel,
    pub(super) y: Pixel,
    pub(super) t: Time,
}

impl MiniHead {
    /// The entry of an empty mini-block.
    pub(super) const EMPTY: Self = {
        let pixel = Pixel {
            mode: Mode::Reference,
            width: 0,
            exceptions: 0,
            high: 0,
            reference: 0,
        };
        Self {
            x: pixel,
            y: pixel,
            t: Time {
                zigzag: false,
                width: 0,
                exceptions: 0,
                high: 0,
            },
        }
    };

    /// Reads an entry; the error says what is wrong with it.
    pub(super) fn read(bytes: &[u8; MINI_HEAD_SIZE]) -> Result<Self, String> {
        let [x0, x1, x2, x3, y0, y1, y2, y3, t0, t1, t2, 0] = *bytes else {
            return Err("the reserved byte of a mini-block's entry is not 0".to_owned());
        };
        Ok(Self {
            x: Pixel::read('x', [x0, x1, x2, x3])?,
            y: Pixel::read('y', [y0, y1, y2, y3])?,
            t: Time::read([t0, t1, t2])?,
        })
    }

    pub(super) fn write(self) -> [u8; MINI_HEAD_SIZE] {
        let Self { x, y, t } = self;
        let ([x0, x1, x2, x3], [y0, y1, y2, y3], [t0, t1, t2]) = (x.write(), y.write(), t.write());
        [x0, x1, x2, x3, y0, y1, y2, y3, t0, t1, t2, 0]
    }
}

impl Pixel {
    fn read(column: char, [tag, exceptions, r0, r1]: [u8; 4]) -> Result<Self, String> {
        let mode = match tag >> 5 & 3 {
            0 => Mode::Reference,
            1 => Mode::Delta,
            2 => Mode::Xor,
            mode => return Err(format!("mode {mode} of {column} is unknown")),
        };
        let width = tag & 31;
        check_width(column, width, exceptions, 16)?;
        Ok(Self {
            mode,
            width,
            exceptions,
            high: tag >> 7,
            reference: u16::from_le_bytes([r0, r1]),
        })
    }

    fn write(self) -> [u8; 4] {
        let Self {
            mode,
            width,
            exceptions,
            high,
            reference,
        } = self;
        let mode = match mode {
            Mode::Reference => 0,
            Mode::Delta => 1,
            Mode::Xor => 2,
        };
        let [r0, r1] = reference.to_le_bytes();
        [high << 7 | mode << 5 | width, exceptions, r0, r1]
    }
}

impl Time {
    fn read([tag, exceptions, high]: [u8; 3]) -> Result<Self, String> {
        let width = tag & 127;
        check_width('t', width, exceptions, 64)?;
        if high > 3 {
            return Err(format!("exceptions of t have 2^{high} bytes"));
        }
        Ok(Self {
            zigzag: tag >> 7 == 1,
            width,
            exceptions,
            high,
        })
    }

    fn write(self) -> [u8; 3] {
        let Self {
            zigzag,
            width,
            exceptions,
            high,
        } = self;
        [u8::from(zigzag) << 7 | width, exceptions, high]
    }
}

fn check_width(column: char, width: u8, exceptions: u8, full: u8) -> Result<(), String> {
    if width > full {
        return Err(format!("{column} is {width} bits wide, the most is {full}"));
    }
    if width == full && exceptions > 0 {
        return Err(format!("{column} has exceptions at its full width"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_read_is_written_the_same() {
        let mut valid = 0;
        for at in [0, 4, 8] {
            for tag in 0..=255 {
                for exceptions in [0, 1, 255] {
                    let mut bytes = [0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0];
                    bytes[at] = tag;
                    bytes[at + 1] = exceptions;
                    if let Ok(head) = MiniHead::read(&bytes) {
                        assert_eq!(head.write(), bytes);
                        valid += 1;
                    }
                }
            }
        }
        let pixel = 2 * 3 * (17 + 16 + 16);
        let time = 2 * (65 + 64 + 64);
        assert_eq!(valid, pixel * 2 + time);
        assert!(MiniHead::read(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).is_err());
    }
}
