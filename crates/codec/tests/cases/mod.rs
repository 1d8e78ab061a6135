//! The codecs, and what tests have to know of each.
#![allow(dead_code, reason = "each test file uses its own part")]

mod chunk;
pub(crate) mod mend;
mod naive_fast;
mod naive_small;

use evz_codec::{Codec, Payload, Small};
use evz_core::EventBatch;

pub(crate) use chunk::Chunk;

/// A codec.
pub(crate) struct Case {
    pub(crate) codec: &'static dyn Codec,
    /// What decodes the same without vector instructions, if anything does.
    pub(crate) portable: Option<&'static Small>,
    /// A decoder written from the text alone.
    pub(crate) naive: fn(Payload<'_>) -> EventBatch,
    /// Makes the checksums of a damaged payload right, given the length of its table of contents
    /// and its number of events.
    pub(crate) mend: fn(&mut [u8], usize, usize),
}

pub(crate) static FAST: Case = Case {
    codec: &evz_codec::FAST,
    portable: None,
    naive: naive_fast::decode,
    mend: mend::fast,
};

pub(crate) static SMALL: Case = Case {
    codec: &evz_codec::SMALL,
    portable: Some(&evz_codec::SMALL),
    naive: naive_small::decode,
    mend: mend::small,
};

pub(crate) static SMALL_GPU: Case = Case {
    codec: &evz_codec::SMALL_GPU,
    portable: Some(&evz_codec::SMALL_GPU),
    naive: naive_small::decode,
    mend: mend::small,
};

pub(crate) static CASES: [&Case; 3] = [&FAST, &SMALL, &SMALL_GPU];
