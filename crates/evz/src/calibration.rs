//! The calibration of the camera that a recording is of, out of its metadata.

use std::collections::BTreeMap;

use evz_core::{Error, Result, SensorSize, StreamInfo, Value};
use evz_render::{Camera, Distortion, RectifyMap};
use serde_json::Value as Json;

/// Where recordings have the calibrations of all cameras, by topic.
const CALIBRATIONS: &str = "source.camera_info";

/// The frame of reference of the events.
const FRAME: &str = "source.frame_id";

/// What else can be told.
const A_MAP: &str = "take a map: rectify_map.h5 as DSEC has it, or an .npy";

/// `sensor_msgs/CameraInfo`, as far as it is gone by.
/// <https://docs.ros.org/en/api/sensor_msgs/html/msg/CameraInfo.html>
#[derive(Debug)]
struct CameraInfo {
    frame_id: String,
    size: SensorSize,
    distortion_model: String,
    d: Vec<f64>,
    k: [f64; 9],
    r: [f64; 9],
    p: [f64; 12],
    is_binned: bool,
}

/// The map that takes out the distortion of the lens that a recording's own calibration describes: that of its camera,
/// by the frame of reference, or the only one of that size.
///
/// # Errors
/// If the recording has no calibration, or several that may be it, or one of a model that is not known.
pub fn rectify_map_of(info: &StreamInfo, name: &str) -> Result<RectifyMap> {
    let unsupported = |what: String| Error::unsupported(name, what).advise(A_MAP);
    let Some(Value::Json(told)) = info.metadata.get(CALIBRATIONS) else {
        let what = "the recording says nothing of its camera's calibration";
        return Err(unsupported(what.to_owned()));
    };
    let cameras = serde_json::from_str(told).ok().and_then(cameras);
    let cameras = cameras.ok_or_else(|| {
        Error::corrupt(
            name,
            format!("its {CALIBRATIONS} is no calibration of cameras"),
        )
        .advise(A_MAP)
    })?;
    let frame = info.metadata.get(FRAME).and_then(Value::as_text);
    let fits = |camera: &CameraInfo| info.size.is_none_or(|size| camera.size == size);
    let of_frame = cameras
        .iter()
        .filter(|(_, c)| frame == Some(&*c.frame_id) && fits(c));
    let mut found: Vec<_> = of_frame.collect();
    if found.is_empty() {
        found = cameras.iter().filter(|(_, camera)| fits(camera)).collect();
    }
    let [(topic, camera)] = found[..] else {
        let topics: Vec<&str> = cameras.keys().map(String::as_str).collect();
        let may = if found.is_empty() {
            "none is"
        } else {
            "several may be that"
        };
        return Err(unsupported(format!(
            "of its calibrations, {}, {may} of its camera",
            topics.join(", ")
        )));
    };
    let place = format!("{name}: the calibration {topic}");
    let map = camera.camera(&place)?.rectify_map();
    map.map_err(|e| e.within(&*place).advise(A_MAP))
}

fn cameras(told: Json) -> Option<BTreeMap<String, CameraInfo>> {
    let Json::Object(cameras) = told else {
        return None;
    };
    cameras
        .into_iter()
        .map(|(topic, camera)| Some((topic, CameraInfo::of(&camera)?)))
        .collect()
}

fn numbers(of: &Json) -> Option<Vec<f64>> {
    of.as_array()?.iter().map(Json::as_f64).collect()
}

impl CameraInfo {
    fn of(told: &Json) -> Option<Self> {
        let side = |name: &str| u32::try_from(told.get(name)?.as_u64()?).ok();
        let text = |name: &str| told.get(name)?.as_str().map(str::to_owned);
        let all = |name: &str| numbers(told.get(name)?);
        let is_binned = |name: &str| told.get(name).and_then(Json::as_u64).is_some_and(|n| n > 1);
        Some(Self {
            frame_id: text("frame_id").unwrap_or_default(),
            size: SensorSize {
                width: side("width")?,
                height: side("height")?,
            },
            distortion_model: text("distortion_model")?,
            d: all("d")?,
            k: all("k")?.try_into().ok()?,
            r: all("r")?.try_into().ok()?,
            p: all("p")?.try_into().ok()?,
            is_binned: is_binned("binning_x") || is_binned("binning_y"),
        })
    }

    fn camera(&self, place: &str) -> Result<Camera> {
        if self.is_binned {
            return Err(Error::unsupported(place, "it is of binned pixels").advise(A_MAP));
        }
        let [fx, _, cx, _, fy, cy, ..] = self.k;
        let intrinsics = [fx, fy, cx, cy];
        // Where there is no pair the picture stays as it is.
        let rectified = match self.p {
            [fx, _, cx, _, _, fy, cy, ..] if fx != 0.0 && fy != 0.0 => [fx, fy, cx, cy],
            _ => intrinsics,
        };
        let rotation = match self.r {
            r if r.iter().all(|v| *v == 0.0) => [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
            r => r,
        };
        let size = self.size;
        if size.width == 0 || size.width > 1 << 16 || size.height == 0 || size.height > 1 << 16 {
            return Err(
                Error::unsupported(place, format!("it is of a sensor of {size}")).advise(A_MAP),
            );
        }
        Ok(Camera {
            size,
            intrinsics,
            distortion: self.distortion(place)?,
            rotation,
            rectified,
        })
    }

    fn distortion(&self, place: &str) -> Result<Distortion> {
        let unknown = |what: String| Err(Error::unsupported(place, what).advise(A_MAP));
        if self.d.iter().all(|d| *d == 0.0) {
            return Ok(Distortion::None);
        }
        match &*self.distortion_model {
            "plumb_bob" | "rational_polynomial" | "radtan" => {
                let mut k = [0.0; 8];
                let (known, further) = self.d.split_at(self.d.len().min(8));
                if further.iter().any(|d| *d != 0.0) {
                    return unknown(format!(
                        "its model of {} numbers is not known; 8 are",
                        self.d.len()
                    ));
                }
                k[..known.len()].copy_from_slice(known);
                Ok(Distortion::Radial(k))
            }
            "equidistant" | "fisheye" => match self.d[..] {
                [k1, k2, k3, k4] => Ok(Distortion::Equidistant([k1, k2, k3, k4])),
                _ => unknown(format!(
                    "a fish eye has 4 numbers, and it has {}",
                    self.d.len()
                )),
            },
            model => unknown(format!(
                "its model of distortion, {model:?}, is not known; plumb_bob, rational_polynomial and equidistant are"
            )),
        }
    }
}
