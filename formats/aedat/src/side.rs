//! Rows of the side streams, until they are taken.

use evz_core::{SideColumn, SideRows, SideValues};

/// How side streams are called; those of another camera have its number behind that.
pub(crate) const FRAMES: &str = "frames";
pub(crate) const IMU: &str = "imu";
pub(crate) const TRIGGERS: &str = "triggers";

/// Whether a side stream may be called so.
pub(crate) fn is_side_name(name: &str) -> bool {
    [FRAMES, IMU, TRIGGERS].iter().any(|plain| {
        let number = name.strip_prefix(plain).map(|rest| rest.strip_prefix('_'));
        name == *plain || number.flatten().is_some_and(|n| n.parse::<i32>().is_ok())
    })
}

/// A frame of any version.
pub(crate) struct Frame {
    pub(crate) t: i64,
    pub(crate) frame: [i64; 2],
    pub(crate) exposure: [i64; 2],
    /// As OpenCV numbers them: bits 0 to 2 the type of a sample, above them the channels less 1.
    pub(crate) format: u8,
    pub(crate) size: [u16; 2],
    pub(crate) offset: [u16; 2],
    pub(crate) source: u8,
    pub(crate) pixels: Vec<u8>,
}

impl Frame {
    pub(crate) fn into_rows(self, stream: &str) -> SideRows {
        let time = |v| SideValues::I64(vec![v]);
        let pixel = |v| SideValues::U16(vec![v]);
        let columns = [
            ("frame_begin", time(self.frame[0])),
            ("frame_end", time(self.frame[1])),
            ("exposure_begin", time(self.exposure[0])),
            ("exposure_end", time(self.exposure[1])),
            ("format", SideValues::U8(vec![self.format])),
            ("width", pixel(self.size[0])),
            ("height", pixel(self.size[1])),
            ("x_offset", pixel(self.offset[0])),
            ("y_offset", pixel(self.offset[1])),
            ("source", SideValues::U8(vec![self.source])),
            ("pixels", SideValues::Bytes(vec![self.pixels])),
        ];
        let columns = columns.map(|(name, values)| SideColumn::new(name, values));
        let mut rows = SideRows::new(stream, columns.into());
        rows.t.push(self.t);
        rows
    }
}

/// The columns of `imu`, in the order of [`Imu`]'s values.
pub(crate) const IMU_COLUMNS: [&str; 10] = [
    "temperature",
    "accel_x",
    "accel_y",
    "accel_z",
    "gyro_x",
    "gyro_y",
    "gyro_z",
    "magnetometer_x",
    "magnetometer_y",
    "magnetometer_z",
];

/// A sample of the inertial measurement unit, of any version. What was not measured is NaN.
pub(crate) struct Imu {
    pub(crate) t: i64,
    pub(crate) values: [f32; 10],
}

pub(crate) fn imu_rows(stream: &str, samples: &[Imu]) -> SideRows {
    let column = |i: usize| {
        let values = samples.iter().map(|s| s.values[i]).collect();
        SideColumn::new(IMU_COLUMNS[i], SideValues::F32(values))
    };
    let mut rows = SideRows::new(stream, (0..IMU_COLUMNS.len()).map(column).collect());
    rows.t = samples.iter().map(|s| s.t).collect();
    rows
}

/// Times and sources of triggers; sources are numbered as in AEDAT 4.
pub(crate) fn trigger_rows(stream: &str, t: Vec<i64>, source: Vec<u8>) -> SideRows {
    let column = SideColumn::new("source", SideValues::U8(source));
    let mut rows = SideRows::new(stream, vec![column]);
    rows.t = t;
    rows
}
