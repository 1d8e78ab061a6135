//! Columns of polarities: 0 and 1, or -1 and 1, or what their values are told to stand for.

use super::{Bad, Number, Seen};
use crate::{PolarityMap, PolarityMeaning, Question};

/// Which of the two ways of writing OFF a column has shown so far, or what its values are told to
/// stand for.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    zero: bool,
    minus: bool,
    map: Option<PolarityMap>,
}

impl Signs {
    /// What stands for a polarity that is to be dropped: [`Sieve`](super::Sieve) leaves those events out.
    pub const DROPPED: u8 = 2;

    /// Polarities that are read by this map, if one is told.
    pub fn new(map: Option<PolarityMap>) -> Self {
        Self {
            map,
            ..Self::default()
        }
    }

    /// What was shown so far, as a number.
    pub(super) fn shown(&self) -> u64 {
        u64::from(self.zero) | u64::from(self.minus) << 1
    }

    /// The same with this shown before.
    pub(super) fn having_shown(self, shown: u64) -> Self {
        Self {
            zero: shown & 1 > 0,
            minus: shown & 2 > 0,
            ..self
        }
    }

    /// Whether it is told what the values stand for.
    pub fn are_told(&self) -> bool {
        self.map.is_some()
    }

    /// Adds polarities of any type to `out`, up to the first value that is none; that one is
    /// returned.
    pub fn read<N: Number>(
        &mut self,
        values: impl Iterator<Item = N> + Clone,
        out: &mut Vec<u8>,
    ) -> Option<Bad> {
        let start = out.len();
        if self.map.is_some() {
            return self.read_told(values, out);
        }
        let (mut seen, mut others) = (self.clone(), false);
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
        let (row, value) = (values.clone().enumerate()).find(|(_, value)| !self.fits(*value))?;
        out.truncate(start + row);
        Some(self.no_polarity(row, value, values))
    }

    fn read_told<N: Number>(
        &mut self,
        values: impl Iterator<Item = N> + Clone,
        out: &mut Vec<u8>,
    ) -> Option<Bad> {
        let map = self.map.as_ref()?;
        for (row, value) in values.clone().enumerate() {
            out.push(match map.number(value.float()) {
                Some(PolarityMeaning::Event(polarity)) => polarity.bit(),
                Some(PolarityMeaning::Drop) => Self::DROPPED,
                None => return Some(self.no_polarity(row, value, values)),
            });
        }
        None
    }

    fn no_polarity<N: Number>(&self, row: usize, value: N, values: impl Iterator<Item = N>) -> Bad {
        let seen = Seen::of(values);
        let maps = match self.map {
            None => seen.maps(),
            // Of what was told already, the rest alone is missing.
            Some(_) => Vec::new(),
        };
        Bad::new(
            row,
            format!("the polarity is {value}, where {self} is expected"),
        )
        .among(format!("; the rows looked at have {}", seen.said()))
        .settled_by(Question::PolarityMap, maps)
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
        if let Some(map) = &self.map {
            return f.write_str(&map.values());
        }
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
