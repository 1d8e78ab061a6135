//! Frames as one array of NumPy: `[frames, channels, height, width]`.

use std::io::{self, Seek, SeekFrom, Write};

use evz_core::npy::NpyHeader;

use crate::array_type::{ArrayType, Prepared};
use crate::frame::Frame;

/// Bytes of the header, of which a shape of four 64-bit numbers takes 150 at most.
const HEADER_LEN: usize = 256;

/// Writes frames into one `.npy` file, format 1.0 of NumPy's NEP 1, as they come: the header is
/// written again at the end, when the number of frames is known.
pub struct NpyWriter<W> {
    out: W,
    kind: ArrayType,
    /// Channels, rows, columns.
    shape: [usize; 3],
    frames: u64,
    bytes: Vec<u8>,
}

impl<W: Write + Seek> NpyWriter<W> {
    /// Starts a file of frames of this type and shape: channels, rows, columns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(mut out: W, kind: impl Into<ArrayType>, shape: [usize; 3]) -> io::Result<Self> {
        let kind = kind.into();
        out.write_all(&header(kind, 0, shape))?;
        Ok(Self {
            out,
            kind,
            shape,
            frames: 0,
            bytes: Vec::new(),
        })
    }

    /// Appends a frame.
    ///
    /// # Errors
    /// If it cannot be written, or is of another type or shape than the file.
    pub fn write(&mut self, frame: &Frame) -> io::Result<()> {
        let shape = [frame.channels, frame.height, frame.width];
        if shape != self.shape || ArrayType::from(frame.values.value_type()) != self.kind {
            return Err(other());
        }
        self.bytes.clear();
        frame.values.add_le_bytes(&mut self.bytes);
        self.append()
    }

    /// Appends a frame that was prepared.
    ///
    /// # Errors
    /// As [`NpyWriter::write`].
    pub fn write_prepared(&mut self, values: &Prepared) -> io::Result<()> {
        self.bytes.clear();
        values.add_le_bytes(&mut self.bytes);
        let len = self.shape.iter().product::<usize>() * self.kind.bytes();
        if values.array_type() != self.kind || self.bytes.len() != len {
            return Err(other());
        }
        self.append()
    }

    fn append(&mut self) -> io::Result<()> {
        self.frames += 1;
        self.out.write_all(&self.bytes)
    }

    /// Writes the number of frames into the header, and gives back what was written to.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.seek(SeekFrom::Start(0))?;
        self.out
            .write_all(&header(self.kind, self.frames, self.shape))?;
        self.out.seek(SeekFrom::End(0))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn other() -> io::Error {
    let what = "the frames of an array have one type and shape";
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn header(kind: ArrayType, frames: u64, shape: [usize; 3]) -> Vec<u8> {
    let [channels, height, width] = shape.map(|side| side as u64);
    let header = NpyHeader {
        descr: &format!("'{}'", kind.descr()),
        fortran_order: false,
        remark: "",
        shape: &[frames, channels, height, width],
    };
    header.to_bytes(HEADER_LEN)
}
