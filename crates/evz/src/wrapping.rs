//! What every source has in common that changes another one.

/// The method of [`EventSource`](evz_core::EventSource) that names the source of this field: what is not said
/// otherwise is as that says.
macro_rules! wraps {
    ($source:ident) => {
        fn inner(&self) -> Option<&dyn evz_core::EventSource> {
            Some(&self.$source)
        }
    };
}
