//! `sensor_msgs/Imu`. <https://docs.ros.org/en/api/sensor_msgs/html/msg/Imu.html>

use evz_core::{SideColumn, SideValues};

use super::Layout;
use super::reader::{Reader, Wrong};

/// A sample; what was not measured is as the driver left it.
pub(crate) struct Imu<'a> {
    pub(crate) stamp: i64,
    pub(crate) frame_id: &'a str,
    /// In the order of [`COLUMNS`].
    values: [f64; 10],
    /// What the driver says of its errors, in most of them the same in every message.
    pub(crate) covariances: Covariances,
}

/// Radians a second, and metres a second squared; the orientation is a quaternion.
const COLUMNS: [&str; 10] = [
    "orientation_x",
    "orientation_y",
    "orientation_z",
    "orientation_w",
    "angular_velocity_x",
    "angular_velocity_y",
    "angular_velocity_z",
    "linear_acceleration_x",
    "linear_acceleration_y",
    "linear_acceleration_z",
];

/// Of orientation, angular velocity and linear acceleration, nine numbers each, row by row.
pub(crate) type Covariances = [[f64; 9]; 3];

impl<'a> Imu<'a> {
    pub(crate) fn read(layout: Layout, bytes: &'a [u8]) -> Result<Self, Wrong> {
        let mut reader = Reader::new(layout, bytes)?;
        let header = reader.header()?;
        let mut values = [0.0; 10];
        let mut covariances = [[0.0; 9]; 3];
        values[..4].copy_from_slice(&reader.f64s::<4>()?);
        covariances[0] = reader.f64s()?;
        values[4..7].copy_from_slice(&reader.f64s::<3>()?);
        covariances[1] = reader.f64s()?;
        values[7..].copy_from_slice(&reader.f64s::<3>()?);
        covariances[2] = reader.f64s()?;
        reader.end()?;
        Ok(Self {
            stamp: header.stamp,
            frame_id: header.frame_id,
            values,
            covariances,
        })
    }

    pub(crate) fn columns(&self) -> Vec<SideColumn> {
        let values = COLUMNS.into_iter().zip(self.values);
        let column = |(name, v)| SideColumn::new(name, SideValues::F64(vec![v]));
        values.map(column).collect()
    }
}
