//! Columns of polarities: 0 and 1, or -1 and 1.

use super::{Bad, Number};

/// Which of the two ways of writing OFF a column has shown so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signs {
    zero: bool,
    minus: bool,
}

impl Signs {
    /// Adds polarities of any type to `out`, as far as they are some.
    pub(crate) fn read<N: Number>(&mut self, values: &[N], out: &mut Vec<u8>) -> Option<Bad> {
        for (row, value) in values.iter().enumerate() {
            let bit = match value.whole() {
                Some(1) => 1,
                Some(0) if !self.minus => {
                    self.zero = true;
                    0
                }
                Some(-1) if !self.zero => {
                    self.minus = true;
                    0
                }
                _ => {
                    let what = format!("the polarity is {value}, where {self} is expected");
                    return Some(Bad { row, what });
                }
            };
            out.push(bit);
        }
        None
    }
}

impl std::fmt::Display for Signs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match (self.zero, self.minus) {
            (true, _) => "0 or 1",
            (_, true) => "-1 or 1",
            _ => "0 or 1, or -1 or 1",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_and_no_mixture() {
        let mut out = Vec::new();
        let mut signs = Signs::default();
        assert!(signs.read(&[1i8, -1, 1], &mut out).is_none());
        assert!(signs.read(&[-1.0f32, 1.0], &mut out).is_none());
        assert_eq!(out, [1, 0, 1, 0, 1]);
        let bad = signs.read(&[1u64, 0], &mut out).unwrap();
        assert_eq!(bad.row, 1);
        assert_eq!(bad.what, "the polarity is 0, where -1 or 1 is expected");
        assert_eq!(Signs::default().read(&[1, 0, 2], &mut out).unwrap().row, 2);
    }
}
