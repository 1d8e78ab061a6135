//! The greatest common divisor.

use std::ops::Rem;

/// The greatest common divisor of two integers that are not negative; of 0 and another, the other.
pub fn gcd<T>(mut a: T, mut b: T) -> T
where
    T: Copy + Default + PartialEq + Rem<Output = T>,
{
    while b != T::default() {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_euclid() {
        assert_eq!(gcd(1_000_000_000_u64, 40_000_000), 40_000_000);
        assert_eq!(gcd(30_000_u128, 1_001), 1);
        assert_eq!((gcd(0, 7), gcd(7, 0), gcd(0, 0)), (7, 7, 0));
    }
}
