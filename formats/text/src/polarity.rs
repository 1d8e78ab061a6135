//! What a token says of the polarity, where that is told.

use evz_core::{PolarityMap, PolarityMeaning, PolarityStyle};

use crate::number::Decimal;

/// What a token stands for; none if the map does not have it. Words of truth are 1 and 0.
pub(crate) fn told(map: &PolarityMap, token: &[u8]) -> Option<PolarityMeaning> {
    if let Some(truth) = PolarityStyle::truth(token) {
        return map.number(truth.into());
    }
    match Decimal::parse(token) {
        Some(_) => map.number(std::str::from_utf8(token).ok()?.parse().ok()?),
        None => map.word(token),
    }
}
