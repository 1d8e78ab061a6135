//! The codec `fast` (number 1): bit packing at memory speed. SPEC.md has the layout, bit by bit.
//!
//! A payload is a table of contents (`toc`), then blocks of 1,024 events (`block`), each of up to
//! four mini-blocks of 256. The head of a block (`head`) names mode and width of each column of a
//! mini-block. Such a column is a plane of residuals in 16 lanes of 16 bits (`plane`), exceptions
//! that are wider than the plane (`positions`), and a rule that turns residuals into values
//! (`residual`).
//!
//! The choices, measured on real recordings:
//! - Differences of `t` take 5 bits an event less than distances to a reference.
//! - High parts of exceptions are signed and as short as they can be. This takes 3% off: a value
//!   just below the reference, or a time that runs backwards, is an exception of two bytes.
//! - So the reference need not be the least value. It is the start of the window that holds the
//!   most values for its bits, which takes another 3% off.

mod block;
mod check;
mod codec;
mod decode;
mod encode;
mod forever;
mod head;
mod mini_choice;
mod positions;
mod reference;
mod residual;
mod toc;
mod width;

pub use codec::{FAST, Fast};
