//! Shapes of datasets and attributes. File format specification, IV.A.2.b.

use evz_core::Result;

use super::fields::Fields;

/// Dimensions, at most: no more than HDF5 has.
const MAX_RANK: usize = 32;

/// How many values there are along each dimension; none for a single value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Space {
    pub(crate) shape: Vec<u64>,
    /// How many there may be at most; none if there is no end.
    pub(crate) most: Vec<Option<u64>>,
    /// Whether there is not even a single value.
    pub(crate) null: bool,
}

impl Space {
    pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Self> {
        let version = fields.u8()?;
        let rank = usize::from(fields.u8()?);
        let flags = fields.u8()?;
        let null = match version {
            1 => {
                fields.skip(5)?;
                false
            }
            2 => fields.u8()? == 2,
            _ => return Err(fields.corrupt(format!("a shape of version {version}"))),
        };
        if rank > MAX_RANK {
            return Err(fields.corrupt(format!("a shape of {rank} dimensions")));
        }
        let mut sides = || {
            (0..rank)
                .map(|_| fields.length())
                .collect::<Result<Vec<_>>>()
        };
        let shape = sides()?;
        let most = match flags & 1 {
            0 => shape.clone(),
            _ => sides()?,
        };
        let endless = u64::MAX >> (64 - 8 * fields.sizes.length as u32);
        let most = most.into_iter().map(|n| (n != endless).then_some(n));
        Ok(Self {
            shape,
            most: most.collect(),
            null,
        })
    }

    /// How many values there are; none if that is beyond 64 bits.
    pub(crate) fn values(&self) -> Option<u64> {
        match self.null {
            true => Some(0),
            false => self
                .shape
                .iter()
                .try_fold(1u64, |n, side| n.checked_mul(*side)),
        }
    }
}
