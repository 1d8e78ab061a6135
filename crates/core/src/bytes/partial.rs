//! Files that are being written beside their final place.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use tempfile::TempPath;

use super::begun::Begun;
use super::durable::{self, Folder};
use super::in_use::{BeingWritten, not_read};
use super::system_error::system_error;
use crate::{Error, Question, Result};

/// Bytes of a file's name, as most file systems have it.
const MAX_NAME: usize = 255;
const SUFFIX: &str = ".partial";
/// What the temporary name has beside the final one: dots, six random letters and the suffix.
const BESIDE: usize = 2 + 6 + SUFFIX.len();

/// The temporary name of a file, `.NAME.RANDOM.partial`. The file is removed if this is dropped.
#[derive(Debug)]
pub struct Partial {
    temporary: TempPath,
    begun: Begun,
    being_written: BeingWritten,
}

impl Partial {
    /// Begins a file that will become `path`.
    ///
    /// # Errors
    /// If its folder cannot be written to; if `path` is a file that is being read in this process, or is
    /// written already in this run ([`OneRun`](crate::OneRun)).
    pub fn beside(path: &Path) -> Result<(File, Self)> {
        let place = path.display().to_string();
        let folder = folder_of(path);
        if !folder.is_dir() {
            let what = format!("there is no folder {}; make it first", folder.display());
            let error = io::Error::new(io::ErrorKind::NotFound, what);
            return Err(Error::io(place, "cannot write", error));
        }
        let being_written = BeingWritten::new(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{}.", shortened(&name));
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(SUFFIX)
            .permissions_like_a_new_file()
            .tempfile_in(folder)
            .map_err(|e| {
                let what = format!("cannot write in {}", folder.display());
                Error::io(place, what, system_error(&e))
            })?;
        let (file, temporary) = file.into_parts();
        let begun = Begun::new(temporary.to_path_buf());
        let this = Self {
            temporary,
            begun,
            being_written,
        };
        Ok((file, this))
    }

    /// Gives the file the name `path`, once its bytes and before its name are on the disk. Who replaces a
    /// file keeps its permissions and, as far as that is allowed, its owner.
    ///
    /// # Errors
    /// If the disk does not take it, or the name was taken meanwhile and `replace` is not set.
    pub fn give_name(self, file: &File, path: &Path, replace: bool) -> Result<()> {
        let Self {
            temporary,
            begun: _begun,
            being_written,
        } = self;
        // It may be read since it was begun.
        not_read(path)?;
        if replace && let Ok(old) = path.metadata() {
            be_like(file, &old);
        }
        let place = path.display().to_string();
        let unwritten = |e| Error::io(&place, "cannot write", e);
        durable::sync(file).map_err(unwritten)?;
        // Who cannot wait for the name does not give it.
        let folder = Folder::open(folder_of(path)).map_err(unwritten)?;
        let named = match replace {
            true => temporary.persist(path),
            false => temporary.persist_noclobber(path),
        };
        named.map_err(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => Self::taken(&place),
            _ => Error::io(&place, "cannot give the finished file its name", e.error),
        })?;
        folder.sync().map_err(|e| {
            // An error leaves no output. What was replaced is gone, so that what replaced it stays.
            if !replace {
                let _ = std::fs::remove_file(path);
            }
            unwritten(e)
        })?;
        being_written.stays();
        Ok(())
    }

    /// The error for an output that is there already.
    pub fn taken(place: &str) -> Error {
        Error::invalid(format!("{place}: exists")).settled_by(Question::Replace, [""; 0])
    }
}

/// Gives a file the owner and the permissions of another, as far as this process may.
fn be_like(file: &File, old: &Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Who may not give it away may still give it to a group of theirs.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()))
            .or_else(|_| fchown(file, None, Some(old.gid())));
    }
    let _ = file.set_permissions(old.permissions());
}

/// The folder that a file stands in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// As much of a name as leaves room for what the temporary name has beside it.
fn shortened(name: &str) -> &str {
    let mut end = name.len().min(MAX_NAME - BESIDE);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// Temporary files are private by default; an output gets the permissions of any new file.
trait PermissionsLikeANewFile {
    fn permissions_like_a_new_file(&mut self) -> &mut Self;
}

impl PermissionsLikeANewFile for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_like_a_new_file(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        self.permissions(std::fs::Permissions::from_mode(0o666))
    }

    #[cfg(not(unix))]
    fn permissions_like_a_new_file(&mut self) -> &mut Self {
        self
    }
}
