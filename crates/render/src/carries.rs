//! What 16 bits do not hold of a sum.

/// Signed sums that passed 16 bits: the value holds their low bits, this the rest. A sum that comes
/// back is exact again, whatever the order of its events.
#[derive(Debug, Default)]
pub(crate) struct Carries(Vec<(u32, i32)>);

impl Carries {
    #[cold]
    pub(crate) fn add(&mut self, at: u32, by: i32) {
        match self.0.iter_mut().find(|c| c.0 == at) {
            Some(carry) => carry.1 += by,
            None => self.0.push((at, by)),
        }
    }
}

impl Carries {
    /// Sets the sums that passed 16 bits to what they are, or to the nearest number of 16 bits.
    pub(crate) fn settle(self, values: &mut [i16]) {
        for (at, carry) in self.0 {
            let value = &mut values[at as usize];
            let sum = i64::from(carry) * 65_536 + i64::from(*value);
            *value = sum.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16;
        }
    }
}
