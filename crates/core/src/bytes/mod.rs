//! Where bytes come from and go to: [`ReadAt`] for ranges of what has a length, [`Input`] for a
//! recording whose format nobody knows yet, [`Output`] for one being written.

mod arriving;
mod at_reader;
#[cfg(feature = "files")]
mod begun;
#[cfg(feature = "files")]
mod durable;
mod file_at;
mod in_use;
mod input;
mod output;
#[cfg(feature = "files")]
mod output_file;
#[cfg(feature = "files")]
mod partial;
mod read_at;
mod read_error;
mod seek_at;
#[cfg(feature = "files")]
mod system_error;
#[cfg(feature = "files")]
mod temporary;
#[cfg(feature = "unpack")]
mod unpack;
mod url;
mod watched;

pub use arriving::{Arriving, Filled, fill};
pub use at_reader::AtReader;
#[cfg(feature = "files")]
pub use begun::remove_partial_files;
#[cfg(feature = "files")]
pub use durable::sync_outputs;
pub use file_at::FileAt;
pub use in_use::OneRun;
pub use input::{BytesRead, Clues, Input, InputReader};
pub use output::{Commit, Output};
#[cfg(feature = "files")]
pub use output_file::OutputFile;
#[cfg(feature = "files")]
pub use partial::Partial;
pub use read_at::{ReadAt, read_range};
pub use read_error::read_error;
pub use seek_at::SeekAt;
#[cfg(feature = "files")]
pub use system_error::system_error;
#[cfg(feature = "files")]
pub use temporary::{NamedTemporary, Temporary, TemporaryFolder, temporary_place};
pub use url::url_scheme;
pub use watched::Watched;

/// A name without the `.gz`, `.zst` or `.zip` at its end.
pub fn unpacked_name(name: &str) -> &str {
    let packed = [".gz", ".zst", ".zip"].into_iter().find_map(|ending| {
        let at = name.len().checked_sub(ending.len())?;
        name.get(at..)?.eq_ignore_ascii_case(ending).then_some(at)
    });
    packed.map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::unpacked_name;

    #[test]
    fn names_without_their_packing() {
        for (name, bare) in [
            ("a.csv.gz", "a.csv"),
            ("a.CSV.ZST", "a.CSV"),
            ("a.zip", "a"),
            ("ü.gz.gz", "ü.gz"),
            ("gz", "gz"),
            ("éé", "éé"),
            ("", ""),
        ] {
            assert_eq!(unpacked_name(name), bare);
        }
    }
}
