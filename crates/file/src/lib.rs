//! evz
