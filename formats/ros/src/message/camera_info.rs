//! `sensor_msgs/CameraInfo`, as JSON for metadata.
//! <https://docs.ros.org/en/api/sensor_msgs/html/msg/CameraInfo.html>

use serde_json::{Value, json};

use super::Layout;
use super::reader::{Reader, Wrong};

/// The calibration of a camera, without its time: it is the same in every message.
pub(crate) fn read(layout: Layout, bytes: &[u8]) -> Result<Value, Wrong> {
    let mut reader = Reader::new(layout, bytes)?;
    let header = reader.header()?;
    let (height, width) = (reader.u32()?, reader.u32()?);
    let distortion_model = reader.text()?;
    let n = reader.u32()?;
    let mut d = Vec::new();
    for _ in 0..n {
        // Ends with the bytes, whatever the number.
        d.push(reader.f64()?);
    }
    let (k, r, p) = (
        reader.f64s::<9>()?,
        reader.f64s::<9>()?,
        reader.f64s::<12>()?,
    );
    let (binning_x, binning_y) = (reader.u32()?, reader.u32()?);
    let (x_offset, y_offset) = (reader.u32()?, reader.u32()?);
    let (roi_height, roi_width) = (reader.u32()?, reader.u32()?);
    let do_rectify = reader.u8()? != 0;
    reader.end()?;
    Ok(json!({
        "frame_id": header.frame_id,
        "height": height,
        "width": width,
        "distortion_model": distortion_model,
        "d": d,
        "k": k,
        "r": r,
        "p": p,
        "binning_x": binning_x,
        "binning_y": binning_y,
        "roi": {
            "x_offset": x_offset,
            "y_offset": y_offset,
            "height": roi_height,
            "width": roi_width,
            "do_rectify": do_rectify,
        },
    }))
}
