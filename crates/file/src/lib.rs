//! The `.evz` file: [`Writer`], [`Reader`], and what checks and mends files. SPEC.md is the format;
//! this crate is the only one that implements it.
#![deny(unsafe_code)]

mod check;
mod chunk;
pub mod forever;
mod index_builder;
mod layout;
mod leaf;
pub mod limits;
#[expect(
    unsafe_code,
    reason = "memory maps; every block says what makes it sound"
)]
mod mmap;
mod output;
mod plan;
mod read;
mod recover;
mod scan;
mod side;
mod sort;
mod storage;
mod verify;
mod view;
mod window;
pub mod wire;
mod write;

pub use layout::{Layout, LayoutBody, LayoutRecord, layout};
pub use output::OutputFile;
pub use read::{ReadOptions, Reader};
pub use recover::{RecoverReport, recover};
pub use side::SideBatch;
pub use sort::SortedSource;
pub use verify::{VerifyReport, verify};
pub use window::Batches;
pub use write::{DEFAULT_CHUNK_EVENTS, Summary, WriteOptions, Writer};
