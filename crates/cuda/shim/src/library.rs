//! The compiled kernels.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

use crate::sanitizers::build;

/// A folder with the driver that runs the kernels on the host: for programs that look for one by
/// `LD_LIBRARY_PATH`.
pub fn driver_folder() -> PathBuf {
    Path::new(env!("OUT_DIR")).join("plain")
}

/// The library that this process uses: the kernels on the host, and the driver that launches them.
fn library_path() -> PathBuf {
    Path::new(env!("OUT_DIR")).join(build()).join("libcuda.so")
}

/// A folder with a driver that lacks nearly every function.
pub fn old_driver_folder() -> PathBuf {
    Path::new(env!("OUT_DIR")).join("old")
}

/// The library of this process, loaded.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        // SAFETY: our own library, whose constructors do nothing but set up its sanitizer.
        unsafe { Library::open(Some(library_path()), RTLD_NOW | RTLD_GLOBAL) }
            .expect("the build script made it")
    })
}
