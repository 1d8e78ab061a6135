//! The indexes of files in folders that cannot be written.

use std::path::{Path, PathBuf};

use super::EXTENSION;

/// Where the index of a file stands that cannot stand beside it; none where nothing says where users
/// keep what can be made again.
pub(super) fn path(file: &Path) -> Option<PathBuf> {
    let file = file.canonicalize().ok()?;
    let hash = crc32fast::hash(file.as_os_str().as_encoded_bytes());
    let name = file.file_name()?.to_string_lossy().into_owned();
    let name = format!("{name}-{hash:08x}{EXTENSION}");
    Some(folder()?.join("evz").join(name))
}

/// The same, where anything is kept at all.
pub(super) fn kept(file: &Path) -> Option<PathBuf> {
    folder()?.join("evz").is_dir().then(|| path(file))?
}

/// `XDG_CACHE_HOME`, or what stands for it.
fn folder() -> Option<PathBuf> {
    let told = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let told = |name: &str| told(name).filter(|folder| folder.is_absolute());
    let local = || told("LOCALAPPDATA").filter(|_| cfg!(windows));
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    told("XDG_CACHE_HOME").or_else(local).or_else(home)
}
