//! The codec `small` (number 2): context-coded rANS, for the smallest files that still decode at
//! more than a hundred million events a second. SPEC.md has the layout, bit by bit.
//!
//! A payload is a table of contents (`toc`, `model`), then segments of 8,192 events. A segment has
//! two streams (`stream`): one of t, and one of both axes and p. Columns are coded one after the
//! other. Their contexts (`contexts`, `history`) come only from columns that are decoded before, so
//! that the 32 lanes of the entropy coder (`encoder`, `lanes`) never wait for each other. Tables are
//! sent once for one or more segments (`tables`), as coarse counts (`level`) from which frequencies
//! follow (`frequency`).
//!
//! The decoder runs its loops through `loops`, which picks those in vector registers (`simd`) where
//! the machine has them. Neither they nor the others know of `loops`.

mod axis;
mod axis_choice;
mod bits;
mod bucket;
mod check;
mod codec;
mod columns;
mod contexts;
mod decode;
mod encode;
mod encoder;
mod estimate;
mod forever;
mod frequency;
mod head;
mod history;
mod lanes;
mod level;
mod loops;
mod model;
mod polarity;
mod polarity_loops;
mod predict;
mod prior;
mod raw_bits;
mod sample;
#[cfg(target_arch = "x86_64")]
mod simd;
#[cfg(not(target_arch = "x86_64"))]
#[path = "no_simd.rs"]
mod simd;
mod slots;
mod span;
mod stream;
mod tables;
mod toc;
mod values;

pub use codec::{SMALL, SMALL_GPU, Small};
