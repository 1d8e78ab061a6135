//! Work on all cores: on the threads of the current rayon pool or of a `Pool` that was entered, or on
//! the calling thread where the feature `parallel` is left out.

#[cfg(feature = "parallel")]
mod in_order;
#[cfg(not(feature = "parallel"))]
mod one_by_one;
#[cfg(feature = "parallel")]
mod pool;
#[cfg(feature = "parallel")]
mod side_by_side;

#[cfg(feature = "parallel")]
pub use in_order::InOrder;
#[cfg(not(feature = "parallel"))]
pub use one_by_one::{InOrder, threads, try_each, try_each_mut, try_map};
#[cfg(feature = "parallel")]
pub use pool::Pool;
#[cfg(feature = "parallel")]
pub use side_by_side::{threads, try_each, try_each_mut, try_map};
