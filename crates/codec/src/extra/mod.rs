//! Further columns: what an event has beside t, x, y and p.
//!
//! The values of a further column in a chunk are a section of their own, with a codec number of its
//! own. [`encode`] makes a section of little-endian values, [`Section::decode`] gives any range of
//! them back, bit for bit. A type is one of [`ColumnType`].
//!
//! ```
//! use evz_codec::extra::{ColumnType, Section, encode};
//!
//! let seconds: Vec<f64> = (0..5_000).map(|i| f64::from(i * i) / 1e6).collect();
//! let values: Vec<u8> = seconds.iter().flat_map(|s| s.to_le_bytes()).collect();
//! let mut bytes = Vec::new();
//! let codec = encode(ColumnType::F64, &values, &mut bytes);
//! assert!(bytes.len() < values.len() / 8);
//!
//! let section = Section { codec, column_type: ColumnType::F64, n_events: 5_000, bytes: &bytes };
//! let mut two = [0; 16];
//! section.decode(70..72, &mut two)?;
//! assert_eq!(two[..], values[70 * 8..72 * 8]);
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # Why pco and nothing beside it
//!
//! On columns of real recordings in chunks of 65,536, against the best of zstd level 3 of the values, of
//! their bytes shuffled and of their bits shuffled: times in seconds or nanoseconds take 0.12 to 0.85 of
//! its bytes, coordinates with a fraction 0.78 to 0.89, intensities 0.5 to 0.98, object ids 0.72 to 0.99.
//! zstd of bits is smaller in labels of two values alone, by an eighth at most. A second codec would save
//! that, and each reader had to have it. pco is written in Rust, so that a browser reads what a server
//! wrote; SPEC.md describes what of it a section may hold.

mod compress;
mod forever;
mod head;
mod repeats;
mod section;
mod value;

pub use evz_core::ColumnType;
pub use forever::{PCO, RAW};
pub use section::{Section, encode};
