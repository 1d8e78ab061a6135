//! Where the bytes of an output go: a file that appears when it is whole, or a device, behind the
//! compression that its name asks for.

use std::fs::OpenOptions;
#[cfg(feature = "unpack")]
use std::io;
use std::io::{BufWriter, Write};
use std::path::Path;

use evz_core::{Commit, Error, Output, OutputFile, Result};

/// Bytes gathered before they are handed to a device.
const BUFFER: usize = 256 << 10;

/// An output with this path. What exists and is neither file nor folder (a device, a named pipe) is
/// written to as it is, since giving a new file its name would remove it.
///
/// # Errors
/// If it cannot be written, or is a file that exists and `replace` is not set.
pub fn create_output(path: impl AsRef<Path>, replace: bool) -> Result<Output> {
    let path = path.as_ref();
    let name = path.display().to_string();
    if is_device(path) {
        let device = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(|e| Error::io(&name, "cannot write", e))?;
        return output_to(BufWriter::with_capacity(BUFFER, device), path, name);
    }
    packed(OutputFile::create(path, replace)?, path, name)
}

/// An output into any writer; compressed if `path` ends in `.gz` or `.zst`.
///
/// # Errors
/// If the compression cannot begin.
pub fn output_to(
    writer: impl Write + Send + 'static,
    path: &Path,
    name: impl Into<String>,
) -> Result<Output> {
    let name = name.into();
    packed(Output::from_writer(writer, &name), path, name)
}

/// Whether something exists here that is neither a file nor a folder.
pub fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

/// An output behind the compression that its name asks for.
#[cfg(feature = "unpack")]
fn packed(out: impl Commit + 'static, path: &Path, name: String) -> Result<Output> {
    use flate2::write::GzEncoder;
    let extension = path.extension().map(|e| e.to_ascii_lowercase());
    match extension.as_deref().and_then(|e| e.to_str()) {
        Some("gz") => {
            let encoder = GzEncoder::new(out, flate2::Compression::default());
            Ok(Output::new(Packed(encoder), name))
        }
        Some("zst") => {
            let failed = |e| Error::io(&name, "cannot compress", e);
            let encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL);
            let mut encoder = encoder.map_err(failed)?;
            // As gzip has one: without it, a flipped bit may give other events and no error.
            encoder.include_checksum(true).map_err(failed)?;
            Ok(Output::new(Packed(encoder), name))
        }
        _ => Ok(Output::new(out, name)),
    }
}

#[cfg(not(feature = "unpack"))]
fn packed(out: impl Commit + 'static, path: &Path, name: String) -> Result<Output> {
    let packed = ["gz", "zst"].map(|e| path.extension().is_some_and(|x| x.eq_ignore_ascii_case(e)));
    match packed.contains(&true) {
        true => Err(Error::unsupported(
            name,
            "evz was built without compression",
        )),
        false => Ok(Output::new(out, name)),
    }
}

/// A compressor in front of an output.
#[cfg(feature = "unpack")]
struct Packed<E>(E);

#[cfg(feature = "unpack")]
impl<E: Write> Write for Packed<E> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(feature = "unpack")]
impl<C: Commit> Commit for Packed<flate2::write::GzEncoder<C>> {
    fn commit(self: Box<Self>) -> io::Result<()> {
        Box::new(self.0.finish()?).commit()
    }
}

#[cfg(feature = "unpack")]
impl<C: Commit> Commit for Packed<zstd::Encoder<'static, C>> {
    fn commit(self: Box<Self>) -> io::Result<()> {
        Box::new(self.0.finish()?).commit()
    }
}
