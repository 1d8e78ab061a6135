//! The calibration of the camera that a recording is of, out of its metadata.

use std::collections::BTreeMap;

use evz_core::{Error, Filter, Metadata, Result, SensorSize, StreamInfo, Value};
use evz_render::{Camera, Distortion, RectifyMap};
use serde_json::Value as Json;

/// The calibration of the one camera of a stream, as the specification of the format has it.
const CALIBRATION: &str = "camera.calibration";

/// Where recordings of robots have the calibrations of all cameras, by topic: `sensor_msgs/CameraInfo`.
/// <https://docs.ros.org/en/api/sensor_msgs/html/msg/CameraInfo.html>
const ALL_CALIBRATIONS: &str = "source.camera_info";

/// The frame of reference of the events.
const FRAME: &str = "source.frame_id";

/// The filters that a recording went through.
const FILTERS: &str = "filters";

/// What else can be told.
const A_MAP: &str = "take a map: rectify_map.h5 as DSEC has it, or an .npy";

/// Topics that a message lists.
const MAX_LISTED: usize = 8;

/// No rotation.
const SAME: [f64; 9] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];

/// The map that takes out the distortion of the lens that a recording's own calibration describes: `camera.calibration`,
/// or of `source.camera_info` that of the events' frame of reference, or the only one of their sensor's size.
///
/// # Errors
/// If the recording has no calibration, or several that may be it, or one of a model that is not known, or its pixels
/// were moved since.
pub fn rectify_map_of(info: &StreamInfo, name: &str) -> Result<RectifyMap> {
    let found = own(info).transpose().or_else(|| of_robot(info).transpose());
    let camera = found.unwrap_or_else(|| {
        Err("the recording says nothing of its camera's calibration".to_owned())
    });
    let camera = camera.and_then(|camera| match moved(&info.metadata) {
        None => Ok(camera),
        Some(filter) => Err(format!(
            "its calibration is of the camera's own pixels, and these were moved: {filter}"
        )),
    });
    let camera = camera.map_err(|what| Error::unsupported(name, what).advise(A_MAP))?;
    camera
        .rectify_map()
        .map_err(|e| e.within(name).advise(A_MAP))
}

/// The filter that moved pixels, if there was one.
fn moved(metadata: &Metadata) -> Option<String> {
    let filters = metadata.get(FILTERS)?.as_text()?;
    let mut filters = filters.split("; ").filter_map(|filter| filter.parse().ok());
    let moves = |filter: &Filter| {
        matches!(
            filter,
            Filter::Crop(_) | Filter::FlipX | Filter::FlipY | Filter::Rotate(_) | Filter::Transpose
        )
    };
    filters.find(moves).map(|filter| filter.to_string())
}

/// What a key of the metadata holds as JSON, which other formats give back as text.
fn json(info: &StreamInfo, key: &str) -> Option<Result<Json, String>> {
    let told = match info.metadata.get(key)? {
        Value::Json(told) | Value::Text(told) => told,
        _ => return Some(Err(format!("its {key} is no JSON"))),
    };
    let parsed = serde_json::from_str(told);
    Some(parsed.map_err(|e| format!("its {key} is no JSON: {e}")))
}

/// A camera as [`CALIBRATION`] has it.
fn own(info: &StreamInfo) -> Result<Option<Camera>, String> {
    let Some(told) = json(info, CALIBRATION).transpose()? else {
        return Ok(None);
    };
    let size = info
        .size
        .ok_or("the size of its sensor is not known, which its calibration is of; tell it")?;
    let number = |name: &str| told.get(name).and_then(Json::as_f64);
    let number = |name: &str| {
        number(name).ok_or_else(|| format!("its {CALIBRATION} has no number {name:?}"))
    };
    let model = told.get("model").and_then(Json::as_str).unwrap_or_default();
    if model != "pinhole" {
        return Err(format!(
            "its {CALIBRATION} is of the model {model:?}, and \"pinhole\" is known"
        ));
    }
    let intrinsics = [number("fx")?, number("fy")?, number("cx")?, number("cy")?];
    let distortion = match told.get("distortion") {
        None | Some(Json::Null) => Distortion::None,
        Some(told) => {
            let model = told.get("model").and_then(Json::as_str).unwrap_or_default();
            let k = told.get("k").and_then(numbers);
            distortion(
                model,
                &k.ok_or_else(|| {
                    format!("the distortion of its {CALIBRATION} has no numbers \"k\"")
                })?,
            )?
        }
    };
    Ok(Some(Camera {
        size,
        intrinsics,
        distortion,
        rotation: SAME,
        rectified: intrinsics,
    }))
}

/// The camera of the events among those that [`ALL_CALIBRATIONS`] has.
fn of_robot(info: &StreamInfo) -> Result<Option<Camera>, String> {
    let Some(told) = json(info, ALL_CALIBRATIONS).transpose()? else {
        return Ok(None);
    };
    let Json::Object(told) = told else {
        return Err(format!(
            "its {ALL_CALIBRATIONS} is no object of cameras by their topics"
        ));
    };
    let cameras: BTreeMap<String, Json> = told.into_iter().collect();
    let frame = info.metadata.get(FRAME).and_then(Value::as_text);
    let is_of = |camera: &Json| camera.get("frame_id").and_then(Json::as_str) == frame;
    let fits = |camera: &Json| info.size.is_none_or(|size| sensor(camera) == Some(size));
    let of_frame = frame.is_some() && cameras.values().any(is_of);
    let found = cameras
        .iter()
        .filter(|(_, camera)| fits(camera) && (!of_frame || is_of(camera)));
    let found: Vec<_> = found.collect();
    let [(topic, told)] = found[..] else {
        let topics: Vec<String> = cameras
            .keys()
            .take(MAX_LISTED)
            .map(|topic| shown(topic))
            .collect();
        let others = match cameras.len().saturating_sub(MAX_LISTED) {
            0 => String::new(),
            n => format!(" and {n} others"),
        };
        let may = if found.is_empty() {
            "none is that"
        } else {
            "several may be that"
        };
        return Err(format!(
            "of its calibrations ({}{others}) {may} of its camera",
            topics.join(", ")
        ));
    };
    let camera = camera(told);
    camera
        .map(Some)
        .map_err(|what| format!("the calibration {}: {what}", shown(topic)))
}

/// A name as a message has it.
fn shown(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}

fn sensor(told: &Json) -> Option<SensorSize> {
    let side = |name: &str| {
        let side = u32::try_from(told.get(name)?.as_u64()?).ok()?;
        (1..=1 << 16).contains(&side).then_some(side)
    };
    Some(SensorSize {
        width: side("width")?,
        height: side("height")?,
    })
}

/// A camera as `sensor_msgs/CameraInfo` has it.
fn camera(told: &Json) -> Result<Camera, String> {
    let all = |name: &str| told.get(name).and_then(numbers);
    let all = |name: &str| all(name).ok_or_else(|| format!("it has no numbers {name:?}"));
    let size = sensor(told).ok_or("it says no width and height")?;
    let (k, r, p) = (all("k")?, all("r")?, all("p")?);
    let [fx, skew, cx, _, fy, cy, ..] = k[..] else {
        return Err("its camera matrix \"k\" has too few numbers".to_owned());
    };
    if skew != 0.0 {
        return Err("its pixels are skewed, and only those without skew are known".to_owned());
    }
    let binned = |name: &str| {
        told.get(name)
            .is_some_and(|n| n.as_u64().is_none_or(|n| n > 1))
    };
    if binned("binning_x") || binned("binning_y") {
        return Err("it is of binned pixels".to_owned());
    }
    if told.get("roi").is_some_and(|roi| is_part(roi, size)) {
        return Err("it is of a region of the sensor, \"roi\", and not of all of it".to_owned());
    }
    let intrinsics = [fx, fy, cx, cy];
    // Where it is of no pair the picture stays as it is.
    let (rectified, rotation) = match p[..] {
        [fx, _, cx, _, _, fy, cy, ..] if fx != 0.0 && fy != 0.0 => {
            ([fx, fy, cx, cy], rotation(&r)?)
        }
        _ => (intrinsics, SAME),
    };
    let model = told
        .get("distortion_model")
        .and_then(Json::as_str)
        .unwrap_or_default();
    Ok(Camera {
        size,
        intrinsics,
        distortion: distortion(model, &all("d")?)?,
        rotation,
        rectified,
    })
}

/// Whether a region leaves out pixels of the sensor; one of 0 pixels is all of it.
fn is_part(roi: &Json, size: SensorSize) -> bool {
    let told = |name: &str| roi.get(name).map_or(Some(0), Json::as_u64);
    let is_whole = |begins: &str, len: &str, whole: u32| {
        told(begins) == Some(0) && told(len).is_some_and(|len| len == 0 || len == u64::from(whole))
    };
    !is_whole("x_offset", "width", size.width) || !is_whole("y_offset", "height", size.height)
}

/// Nine numbers that turn and do nothing else; none where all are 0.
fn rotation(r: &[f64]) -> Result<[f64; 9], String> {
    let wrong = || "its rotation \"r\" is none".to_owned();
    let r: [f64; 9] = r.try_into().map_err(|_| wrong())?;
    if r == [0.0; 9] {
        return Ok(SAME);
    }
    let dot = |i: usize, j: usize| (0..3).map(|k| r[3 * i + k] * r[3 * j + k]).sum::<f64>();
    let turns =
        (0..3).all(|i| (0..3).all(|j| (dot(i, j) - f64::from(u8::from(i == j))).abs() < 1e-3));
    match turns {
        true => Ok(r),
        false => Err(wrong()),
    }
}

fn distortion(model: &str, d: &[f64]) -> Result<Distortion, String> {
    if d.iter().all(|d| *d == 0.0) {
        return Ok(Distortion::None);
    }
    match model {
        "plumb_bob" | "rational_polynomial" | "radtan" => {
            let mut k = [0.0; 8];
            let (known, further) = d.split_at(d.len().min(8));
            if further.iter().any(|d| *d != 0.0) {
                return Err(format!(
                    "its distortion has {} numbers, and 8 are known",
                    d.len()
                ));
            }
            k[..known.len()].copy_from_slice(known);
            Ok(Distortion::Radial(k))
        }
        "equidistant" | "fisheye" => match d[..] {
            [k1, k2, k3, k4] => Ok(Distortion::Equidistant([k1, k2, k3, k4])),
            _ => Err(format!("a fish eye has 4 numbers, and it has {}", d.len())),
        },
        model => Err(format!(
            "its model of distortion, {model:?}, is not known; plumb_bob, rational_polynomial and equidistant are"
        )),
    }
}

/// A list of finite numbers.
fn numbers(of: &Json) -> Option<Vec<f64>> {
    of.as_array()?.iter().map(Json::as_f64).collect()
}
