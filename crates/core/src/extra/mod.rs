//! What an event has beside t, x, y and p: labels, intensities, coordinates with a fraction.

mod column;
mod column_set;
mod column_type;
mod slice;
mod value;
mod values;

pub use column::ExtraColumn;
pub use column_set::ColumnSet;
pub use column_type::ColumnType;
pub use slice::{ExtraSlice, ValuesMut, ValuesSlice};
pub use value::ColumnValue;
pub use values::Values;
