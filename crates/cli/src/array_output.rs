//! Frames as arrays of NumPy.

use std::io;

use anyhow::Result;
use evz::numpy::{NpzArray, NpzArrays};
use evz::render::{Frame, Frames, NpyWriter, Prepared};
use evz::{Error, Output, OutputFile, SensorSize, TimeBase, Value};

use crate::args::RenderArgs;
use crate::frame_table::{COLUMNS, row};
use crate::words::human::{bytes, count};
use crate::words::say;

/// The most bytes of frames that are written where nobody agreed to more.
const MOST_BYTES: u64 = 4 << 30;

/// From here on it is said how much it will be.
const SAID_FROM: u64 = 1 << 30;

/// Arrays being written.
pub(crate) struct ArrayOutput {
    form: Form,
    name: String,
    /// Columns and rows.
    pub(crate) size: SensorSize,
    written: u64,
    frame_bytes: u64,
    large: bool,
}

enum Form {
    Npy(NpyWriter<OutputFile>),
    Npz(Box<Archive>),
}

/// Frames, and what the window of each was.
struct Archive {
    out: Output,
    frames: NpzArray,
    /// Channels, rows and columns.
    shape: [u64; 3],
    descr: &'static str,
    columns: [NpzArray; 4],
    n_frames: u64,
    time_base: TimeBase,
}

impl ArrayOutput {
    /// Begins arrays of these frames.
    pub(crate) fn create(args: &RenderArgs, archive: bool, frames: &Frames) -> Result<Self> {
        let (path, force, large) = (&args.output, args.force, args.large);
        let array_type = frames.array_type();
        let name = path.display().to_string();
        let shape = frames.array_shape();
        let values = shape.map(|side| side as u64).iter().product::<u64>();
        let frame_bytes = values.saturating_mul(array_type.bytes() as u64);
        let mut this = Self {
            form: match archive {
                true => Form::Npz(Box::new(Archive {
                    out: evz::create_output(path, force)?,
                    frames: array(&name)?,
                    shape: shape.map(|side| side as u64),
                    descr: array_type.descr(),
                    columns: [array(&name)?, array(&name)?, array(&name)?, array(&name)?],
                    n_frames: 0,
                    time_base: frames.info().time_base,
                })),
                false => {
                    let out = OutputFile::create(path, force)?;
                    let writer = NpyWriter::new(out, array_type, shape);
                    Form::Npy(writer.map_err(|e| Error::io(&name, "cannot write", e))?)
                }
            },
            name,
            size: SensorSize {
                width: shape[2] as u32,
                height: shape[1] as u32,
            },
            written: 0,
            frame_bytes,
            large,
        };
        if let Some(left) = frames.left() {
            this.expect(left)?;
        }
        Ok(this)
    }

    /// Says how much so many frames are, if that is much; refuses it if nobody agreed to so much.
    fn expect(&mut self, frames: u64) -> Result<()> {
        let expected = frames.saturating_mul(self.frame_bytes);
        let what = format!(
            "{} frames of {} each are {} of arrays",
            count(frames),
            bytes(self.frame_bytes),
            bytes(expected)
        );
        if expected > MOST_BYTES && !self.large {
            return Err(self.too_large(&what).into());
        }
        if expected >= SAID_FROM {
            say(format_args!("{}: {what}", self.name));
        }
        Ok(())
    }

    fn too_large(&self, what: &str) -> Error {
        let most = bytes(MOST_BYTES);
        let what = format!(
            "{}: {what}, and more than {most} are not written unless told",
            self.name
        );
        Error::invalid(what)
            .advise("pass --large")
            .advise("make fewer or smaller frames")
    }

    pub(crate) fn write(&mut self, frame: &Frame, prepared: Option<&Prepared>) -> Result<()> {
        self.written = self.written.saturating_add(self.frame_bytes);
        if self.written > MOST_BYTES && !self.large {
            let what = format!("the frames so far are {} of arrays", bytes(self.written));
            return Err(self.too_large(&what).into());
        }
        let written = match (&mut self.form, prepared) {
            (Form::Npy(writer), None) => writer.write(frame),
            (Form::Npy(writer), Some(values)) => writer.write_prepared(values),
            (Form::Npz(archive), None) => {
                archive.write(frame, |bytes| frame.values.add_le_bytes(bytes))
            }
            (Form::Npz(archive), Some(values)) => {
                archive.write(frame, |bytes| values.add_le_bytes(bytes))
            }
        };
        Ok(written.map_err(|e| Error::io(&self.name, "cannot write", e))?)
    }

    /// Writes what is left, and gives the output its name, which it returns.
    pub(crate) fn finish(self) -> Result<String> {
        match self.form {
            Form::Npy(writer) => {
                let out = writer.finish();
                let out = out.map_err(|e| Error::io(&self.name, "cannot write", e))?;
                out.commit()?;
            }
            Form::Npz(archive) => archive.finish()?,
        }
        Ok(self.name)
    }
}

fn array(name: &str) -> evz::Result<NpzArray> {
    NpzArray::new().map_err(|e| Error::io(name, "cannot write", e))
}

impl Archive {
    fn write(&mut self, frame: &Frame, values: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.n_frames += 1;
        self.frames.add(values)?;
        for (column, value) in self.columns.iter_mut().zip(row(frame)) {
            column.add(|bytes| bytes.extend(value.to_le_bytes()))?;
        }
        Ok(())
    }

    fn finish(self) -> evz::Result<()> {
        let n = self.n_frames;
        let [channels, height, width] = self.shape;
        let mut arrays = NpzArrays::new(self.out);
        let base = self.time_base;
        match base.whole_nanoseconds() {
            Some(ns) => arrays.value("time_base_ns", &Value::Int(ns as i64))?,
            None => arrays.value("tick", &Value::Text(base.fraction()))?,
        }
        for (name, column) in COLUMNS.into_iter().zip(self.columns) {
            arrays.array(name, "<i8", &[n], column)?;
        }
        let shape = [n, channels, height, width];
        arrays.array("frames", self.descr, &shape, self.frames)?;
        arrays.finish()
    }
}
