//! An archive of arrays that are no events, such as frames.

use std::io;

use evz_core::{Error, Output, Result, Value};

use crate::metadata::{array_of, head};
use crate::zip::{Deflated, ZipWriter};

/// How hard deflate tries: frames are mostly zeros, which the least takes to the same size as the most, and
/// three times as fast.
const LEVEL: u32 = 1;

/// Bytes that are packed in one go.
const BLOCK: usize = 1 << 20;

/// The values of an array, of which nobody needs to know how many come. Packed, they stand in a temporary
/// file, for an archive has its members one after the other.
pub struct NpzArray(Deflated);

impl NpzArray {
    /// An array without values.
    ///
    /// # Errors
    /// If there is no temporary file.
    pub fn new() -> io::Result<Self> {
        Deflated::new(LEVEL, BLOCK).map(Self)
    }

    /// Adds values; `fill` puts their bytes, little-endian, behind those in a buffer.
    ///
    /// # Errors
    /// If the temporary file cannot be written to.
    pub fn add(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.0.add(fill)
    }
}

/// Writes arrays one after the other into an NPZ archive.
pub struct NpzArrays {
    zip: ZipWriter<Output>,
    name: String,
}

impl NpzArrays {
    /// An archive in `out`.
    pub fn new(out: Output) -> Self {
        Self {
            name: out.name().to_owned(),
            zip: ZipWriter::new(out),
        }
    }

    /// Writes an array of this type, as numpy writes it (`<i2`), and shape, in C order.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn array(
        &mut self,
        name: &str,
        descr: &str,
        shape: &[u64],
        values: NpzArray,
    ) -> Result<()> {
        let packed = values.0.finish(&head(&format!("'{descr}'"), shape));
        let added = packed.and_then(|packed| self.zip.add(&format!("{name}.npy"), packed));
        added.map_err(|e| Error::io(&self.name, "cannot write", e))
    }

    /// Writes a single value.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn value(&mut self, name: &str, value: &Value) -> Result<()> {
        let added = self.add_value(name, value);
        added.map_err(|e| Error::io(&self.name, "cannot write", e))
    }

    fn add_value(&mut self, name: &str, value: &Value) -> io::Result<()> {
        let (head, bytes) = array_of(value);
        let mut packed = Deflated::new(LEVEL, BLOCK)?;
        packed.add(|buffer| buffer.extend(bytes))?;
        self.zip.add(&format!("{name}.npy"), packed.finish(&head)?)
    }

    /// Writes the directory, and gives the output its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> Result<()> {
        let out = self.zip.finish();
        out.map_err(|e| Error::io(self.name, "cannot write", e))?
            .commit()
    }
}
