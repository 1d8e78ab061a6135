//! What AEDAT 4 can hold of the rows of a side stream.

use std::collections::VecDeque;

use evz_core::{SideColumn, SideRows, SideValues};

use super::{compression::MAX_PACKET, decode::pixel_len, encode_side::FRAME_HEAD_LEN, fit::Times};
use crate::side::{self, Frame, IMU_COLUMNS, Imu};

/// Rows as AEDAT 4 has them.
#[derive(Default)]
pub(super) struct Fitting {
    pub(super) frames: Vec<Frame>,
    pub(super) imu: Vec<Imu>,
    /// Times and sources.
    pub(super) triggers: Vec<(i64, u8)>,
    /// Names of columns that it has no place for.
    pub(super) columns: Vec<String>,
    /// Rows that do not fit, and why the first of them does not.
    pub(super) refused: u64,
    pub(super) why: Option<String>,
}

impl Fitting {
    /// Those of the rows that fit; none if there is no place for such a stream.
    pub(super) fn of(rows: SideRows, times: Times) -> Option<Self> {
        let SideRows {
            stream, t, columns, ..
        } = rows;
        let mut columns = Columns {
            rows: t.len(),
            left: columns.into(),
        };
        let mut fitting = Self::default();
        match &*stream {
            side::FRAMES => fitting.take_frames(&t, &mut columns, times)?,
            side::IMU => fitting.take_imu(&t, &mut columns, times)?,
            side::TRIGGERS => fitting.take_triggers(&t, &mut columns, times)?,
            _ => return None,
        }
        fitting.columns = columns.left.into_iter().map(|column| column.name).collect();
        Some(fitting)
    }

    /// What a row becomes, unless there is something that does not fit.
    fn keep<T>(&mut self, row: Result<T, String>) -> Option<T> {
        row.map_err(|why| {
            self.refused += 1;
            self.why.get_or_insert(why);
        })
        .ok()
    }

    /// Frames need a size and pixels; they are grey, of 8 bits, and taken at their time unless
    /// other columns say otherwise.
    fn take_frames(&mut self, t: &[i64], columns: &mut Columns, times: Times) -> Option<()> {
        let (width, height) = (columns.u16("width")?, columns.u16("height")?);
        let mut pixels = columns.bytes("pixels")?.into_iter();
        let [begin, end, exposure_begin, exposure_end] =
            ["frame_begin", "frame_end", "exposure_begin", "exposure_end"].map(|n| columns.i64(n));
        let [format, source] = ["format", "source"].map(|name| columns.u8(name));
        let [x, y] = ["x_offset", "y_offset"].map(|name| columns.u16(name));
        for (i, &t) in t.iter().enumerate() {
            let pixels = pixels.next().unwrap_or_default();
            let time = |column: &Option<Vec<i64>>| {
                let t = column.as_ref().map(|values| times.microseconds(values[i]));
                t.transpose()
            };
            let small = |column: &Option<Vec<u8>>| column.as_ref().map_or(0, |values| values[i]);
            let pixel = |column: &Option<Vec<u16>>| column.as_ref().map_or(0, |values| values[i]);
            let frame = || {
                let t = times.microseconds(t)?;
                let exposure_begin = time(&exposure_begin)?.unwrap_or(t);
                let exposure_end = time(&exposure_end)?.unwrap_or(exposure_begin);
                let begin = time(&begin)?.unwrap_or(exposure_begin);
                let frame = Frame {
                    t,
                    frame: [begin, time(&end)?.unwrap_or(exposure_end)],
                    exposure: [exposure_begin, exposure_end],
                    format: small(&format),
                    size: [width[i], height[i]],
                    offset: [pixel(&x), pixel(&y)],
                    source: small(&source),
                    pixels,
                };
                check(&frame)?;
                Ok(frame)
            };
            if let Some(frame) = self.keep(frame()) {
                self.frames.push(frame);
            }
        }
        Some(())
    }

    /// Samples need any of their columns; what was not measured is 0.
    fn take_imu(&mut self, t: &[i64], columns: &mut Columns, times: Times) -> Option<()> {
        let values = IMU_COLUMNS.map(|name| columns.f32(name));
        if values.iter().all(Option::is_none) {
            return None;
        }
        for (i, &t) in t.iter().enumerate() {
            let value = |column: &Option<Vec<f32>>| column.as_ref().map_or(0.0, |v| v[i]);
            let sample = times.microseconds(t).map(|t| Imu {
                t,
                values: values.each_ref().map(value),
            });
            if let Some(sample) = self.keep(sample) {
                self.imu.push(sample);
            }
        }
        Some(())
    }

    /// Triggers need a source: none stands for one that is not known.
    fn take_triggers(&mut self, t: &[i64], columns: &mut Columns, times: Times) -> Option<()> {
        let sources = columns.u8("source")?;
        for (&t, source) in t.iter().zip(sources) {
            let trigger = times.microseconds(t).map(|t| (t, source));
            if let Some(trigger) = self.keep(trigger) {
                self.triggers.push(trigger);
            }
        }
        Some(())
    }
}

/// Whether a frame is one that readers take.
fn check(frame: &Frame) -> Result<(), String> {
    let [width, height] = frame.size;
    if let Some(n) = (frame.size.iter().chain(&frame.offset)).find(|n| **n > i16::MAX as u16) {
        let max = i16::MAX;
        return Err(format!(
            "{n} pixels; AEDAT 4 keeps sizes and places up to {max}"
        ));
    }
    let n = frame.pixels.len();
    if n != usize::from(width) * usize::from(height) * pixel_len(frame.format) {
        let format = frame.format;
        return Err(format!(
            "{n} bytes of pixels are not those of {width}x{height} in the format {format}"
        ));
    }
    if n > MAX_PACKET - FRAME_HEAD_LEN {
        return Err(format!("{n} bytes of pixels, more than a packet has"));
    }
    Ok(())
}

/// Columns that were not taken yet.
struct Columns {
    rows: usize,
    left: VecDeque<SideColumn>,
}

impl Columns {
    /// The values of a column, if it has a value of the right type for each row.
    fn take<T>(
        &mut self,
        name: &str,
        typed: impl Fn(SideValues) -> Result<Vec<T>, SideValues>,
    ) -> Option<Vec<T>> {
        let at = self.left.iter().position(|column| column.name == name)?;
        let SideColumn { name, values } = self.left.remove(at)?;
        match typed(values) {
            Ok(values) => Some(values),
            Err(values) => {
                self.left.insert(at, SideColumn { name, values });
                None
            }
        }
    }

    fn u8(&mut self, name: &str) -> Option<Vec<u8>> {
        let n = self.rows;
        self.take(name, |values| match values {
            SideValues::U8(values) if values.len() == n => Ok(values),
            other => Err(other),
        })
    }

    fn u16(&mut self, name: &str) -> Option<Vec<u16>> {
        let n = self.rows;
        self.take(name, |values| match values {
            SideValues::U16(values) if values.len() == n => Ok(values),
            other => Err(other),
        })
    }

    fn i64(&mut self, name: &str) -> Option<Vec<i64>> {
        let n = self.rows;
        self.take(name, |values| match values {
            SideValues::I64(values) if values.len() == n => Ok(values),
            other => Err(other),
        })
    }

    fn f32(&mut self, name: &str) -> Option<Vec<f32>> {
        let n = self.rows;
        self.take(name, |values| match values {
            SideValues::F32(values) if values.len() == n => Ok(values),
            other => Err(other),
        })
    }

    fn bytes(&mut self, name: &str) -> Option<Vec<Vec<u8>>> {
        let n = self.rows;
        self.take(name, |values| match values {
            SideValues::Bytes(values) if values.len() == n => Ok(values),
            other => Err(other),
        })
    }
}
