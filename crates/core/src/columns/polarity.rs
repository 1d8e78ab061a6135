//! Columns of polarities: 0 and 1, or -1 and 1.

use super::{Bad, Number};

/// Which of the two ways of writing OFF a column has shown so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs {
    zero: bool,
    minus: bool,
}

impl Signs {
    /// Adds polarities of any type to `out`, up to the first value that is none; that one is
    /// returned.
    pub fn read<N: Number>(
        &mut self,
        values: impl Iterator<Item = N> + Clone,
        out: &mut Vec<u8>,
    ) -> Option<Bad> {
        let start = out.len();
        let (mut seen, mut others) = (*self, false);
        // Without a branch, so that many are done at once.
        out.extend(values.clone().map(|value| {
            let value = value.float();
            seen.zero |= value == 0.0;
            seen.minus |= value == -1.0;
            others |= value != 0.0 && value.abs() != 1.0;
            u8::from(value == 1.0)
        }));
        if !(others || seen.zero && seen.minus) {
            *self = seen;
            return None;
        }
        let (row, value) = values.enumerate().find(|(_, value)| !self.fits(*value))?;
        out.truncate(start + row);
        let what = format!("the polarity is {value}, where {self} is expected");
        Some(Bad { row, what })
    }

    /// Whether a value goes with those before it.
    fn fits(&mut self, value: impl Number) -> bool {
        match value.whole() {
            Some(1) => true,
            Some(0) if !self.minus => {
                self.zero = true;
                true
            }
            Some(-1) if !self.zero => {
                self.minus = true;
                true
            }
            _ => false,
        }
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
        assert!(signs.read([1i8, -1, 1].into_iter(), &mut out).is_none());
        assert!(signs.read([-1.0f32, 1.0].into_iter(), &mut out).is_none());
        assert_eq!(out, [1, 0, 1, 0, 1]);
        let bad = signs.read([1u64, 0].into_iter(), &mut out).unwrap();
        assert_eq!(bad.row, 1);
        assert_eq!(bad.what, "the polarity is 0, where -1 or 1 is expected");
        assert_eq!(out.len(), 6);
        for values in [[1, 0, 2], [0, 1, -1], [-1, 1, 0]] {
            let bad = Signs::default().read(values.into_iter(), &mut out);
            assert_eq!(bad.unwrap().row, 2);
        }
        let huge = Signs::default().read([1u64, u64::MAX].into_iter(), &mut out);
        assert_eq!(huge.unwrap().row, 1);
        let none = Signs::default().read([f64::NAN].into_iter(), &mut out);
        assert_eq!(none.unwrap().row, 0);
    }
}
