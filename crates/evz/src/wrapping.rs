//! What every source has in common that changes another one.

/// The methods of [`EventSource`](evz_core::EventSource) that name the source of this field: what is not said
/// otherwise is as that says.
macro_rules! wraps {
    ($source:ident) => {
        fn inner(&self) -> Option<&dyn evz_core::EventSource> {
            Some(&self.$source)
        }

        fn inner_mut(&mut self) -> Option<&mut dyn evz_core::EventSource> {
            Some(&mut self.$source)
        }
    };
}
