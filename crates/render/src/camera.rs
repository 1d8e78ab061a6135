//! Cameras as calibrations describe them, and the maps that take their distortion out.

use evz_core::{Error, Result, SensorSize};

use crate::rectify_map::RectifyMap;

/// What a lens does to a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Distortion {
    /// Nothing.
    None,
    /// k1, k2, p1, p2, k3, k4, k5, k6: OpenCV's model of radial and tangential distortion, `plumb_bob` and
    /// `rational_polynomial` of ROS. What is left out of the end is 0.
    /// <https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html>
    Radial([f64; 8]),
    /// k1 to k4: OpenCV's model of fish eyes, `equidistant` of ROS.
    /// <https://docs.opencv.org/4.x/db/d58/group__calib3d__fisheye.html>
    Equidistant([f64; 4]),
}

/// A camera.
#[derive(Debug, Clone, PartialEq)]
pub struct Camera {
    /// Pixels of its sensor.
    pub size: SensorSize,
    /// fx, fy, cx and cy, in pixels.
    pub intrinsics: [f64; 4],
    /// What its lens does.
    pub distortion: Distortion,
    /// The rotation that makes the rows of a pair of cameras one, row by row.
    pub rotation: [f64; 9],
    /// fx, fy, cx and cy of the pictures without distortion, in pixels.
    pub rectified: [f64; 4],
}

/// How often a position is made better, and when it is good, in focal lengths.
const STEPS: usize = 500;
const GOOD: f64 = 1e-12;
/// A lens whose far corners hardly converge is given so much: less than a thousandth of a pixel.
const GOOD_ENOUGH: f64 = 1e-6;

impl Camera {
    /// Where its pixels lie once the distortion of its lens is taken out, as OpenCV's `undistortPoints` gives them.
    /// A pixel that sees nothing of the picture has no place.
    ///
    /// # Errors
    /// If its focal lengths are 0 or no numbers, as those of a camera that was not calibrated.
    pub fn rectify_map(&self) -> Result<RectifyMap> {
        let SensorSize { width, height } = self.size;
        let focal = [
            self.intrinsics[0],
            self.intrinsics[1],
            self.rectified[0],
            self.rectified[1],
        ];
        if !focal.iter().all(|f| f.is_normal()) {
            let what = "the camera is not calibrated: its focal lengths are not known";
            return Err(Error::unsupported("", what));
        }
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let positions = rows.map(|(x, y)| self.position(x.into(), y.into()));
        RectifyMap::new(self.size, positions.collect())
    }

    fn position(&self, x: f64, y: f64) -> [f32; 2] {
        let [fx, fy, cx, cy] = self.intrinsics;
        let distorted = [(x - cx) / fx, (y - cy) / fy];
        let straight = match &self.distortion {
            Distortion::None => Some(distorted),
            Distortion::Radial(k) => without_radial(k, distorted),
            Distortion::Equidistant(k) => without_equidistant(k, distorted),
        };
        let Some([x, y]) = straight else {
            return [f32::NAN; 2];
        };
        let [a, b, c, d, e, f, g, h, i] = self.rotation;
        let depth = g * x + h * y + i;
        let (x, y) = ((a * x + b * y + c) / depth, (d * x + e * y + f) / depth);
        let [fx, fy, cx, cy] = self.rectified;
        match depth > 0.0 {
            true => [(x * fx + cx) as f32, (y * fy + cy) as f32],
            false => [f32::NAN; 2],
        }
    }
}

/// Where a point would be without the distortion: that which is distorted to it, by steps towards it.
fn without_radial(k: &[f64; 8], [x0, y0]: [f64; 2]) -> Option<[f64; 2]> {
    let [k1, k2, p1, p2, k3, k4, k5, k6] = *k;
    let [mut x, mut y] = [x0, y0];
    let mut step = f64::INFINITY;
    for _ in 0..STEPS {
        let r2 = x * x + y * y;
        let radial =
            (1.0 + ((k3 * r2 + k2) * r2 + k1) * r2) / (1.0 + ((k6 * r2 + k5) * r2 + k4) * r2);
        if !(radial > 0.0 && radial.is_finite()) {
            return None;
        }
        let tangential = [
            2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        ];
        let next = [(x0 - tangential[0]) / radial, (y0 - tangential[1]) / radial];
        step = (next[0] - x).abs().max((next[1] - y).abs());
        [x, y] = next;
        if step < GOOD {
            break;
        }
    }
    // Beyond where the model holds it leads nowhere.
    (step < GOOD_ENOUGH).then_some([x, y])
}

/// The same of a fish eye, by Newton's steps to the angle; none from a right angle on.
fn without_equidistant(k: &[f64; 4], [x, y]: [f64; 2]) -> Option<[f64; 2]> {
    let [k1, k2, k3, k4] = *k;
    let distorted = x.hypot(y);
    if distorted == 0.0 {
        return Some([x, y]);
    }
    let mut angle = distorted.min(std::f64::consts::FRAC_PI_2);
    for _ in 0..STEPS {
        let a2 = angle * angle;
        let value = angle * (1.0 + a2 * (k1 + a2 * (k2 + a2 * (k3 + a2 * k4))));
        let slope = 1.0 + a2 * (3.0 * k1 + a2 * (5.0 * k2 + a2 * (7.0 * k3 + a2 * 9.0 * k4)));
        let step = (value - distorted) / slope;
        angle -= step;
        if step.abs() < GOOD {
            let is_seen = angle > 0.0 && angle < std::f64::consts::FRAC_PI_2;
            let scale = angle.tan() / distorted;
            return is_seen.then_some([x * scale, y * scale]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: SensorSize = SensorSize {
        width: 346,
        height: 260,
    };
    const PIXELS: [(u32, u32); 6] = [
        (0, 0),
        (345, 0),
        (0, 259),
        (345, 259),
        (171, 131),
        (40, 200),
    ];

    fn camera(distortion: Distortion) -> Camera {
        let intrinsics = [251.5, 252.25, 171.25, 131.5];
        Camera {
            size: SIZE,
            intrinsics,
            distortion,
            rotation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
            rectified: intrinsics,
        }
    }

    /// Turned by 0.02 around its y axis, with another camera matrix.
    fn turned(distortion: Distortion) -> Camera {
        let (sin, cos) = 0.02f64.sin_cos();
        Camera {
            rotation: [cos, 0.0, sin, 0.0, 1.0, 0.0, -sin, 0.0, cos],
            rectified: [240.0, 241.0, 170.0, 129.0],
            ..camera(distortion)
        }
    }

    const RADIAL: [f64; 8] = [-0.36, 0.15, 0.001, -0.0005, -0.02, 0.0, 0.0, 0.0];
    const RATIONAL: [f64; 8] = [0.1, 0.01, 0.001, -0.0005, 0.0, 0.2, 0.02, 0.001];
    const EQUIDISTANT: [f64; 4] = [-0.02, 0.01, -0.004, 0.0006];

    /// OpenCV 5.0.0: `cv2.undistortPoints` with up to 200 iterations to 1e-14, and `cv2.fisheye.undistortPoints`;
    /// `cv2.projectPoints` leads back to the pixels.
    #[test]
    fn as_opencv_undistorts() {
        type Places = [[f64; 2]; 6];
        let cases: [(Camera, Places); 5] = [
            (
                camera(Distortion::Radial(RADIAL)),
                [
                    [-60.730568, -47.273964],
                    [408.600936, -48.435375],
                    [-58.634339, 302.378877],
                    [406.516866, 303.517308],
                    [170.999999, 130.999996],
                    [19.578352, 210.558495],
                ],
            ),
            (
                turned(Distortion::Radial(RADIAL)),
                [
                    [-42.649045, -38.740216],
                    [405.748863, -46.25321],
                    [-40.719401, 289.358656],
                    [403.682345, 296.512882],
                    [174.56198, 128.52221],
                    [31.732197, 203.647237],
                ],
            ),
            (
                camera(Distortion::Radial(RATIONAL)),
                [
                    [-14.860999, -11.741548],
                    [361.057817, -12.306518],
                    [-13.903821, 269.207595],
                    [360.056703, 269.725593],
                    [171.0, 130.999997],
                    [35.334766, 202.363091],
                ],
            ),
            (
                camera(Distortion::Equidistant(EQUIDISTANT)),
                [
                    [-64.017983, -49.158334],
                    [411.707689, -50.486683],
                    [-61.98989, 305.153057],
                    [409.615395, 306.415614],
                    [171.0, 130.999999],
                    [21.284787, 209.767559],
                ],
            ),
            (
                turned(Distortion::Equidistant(EQUIDISTANT)),
                [
                    [-45.673941, -40.464779],
                    [408.830749, -48.295791],
                    [-43.807986, 291.919343],
                    [406.755032, 299.378081],
                    [174.56198, 128.522212],
                    [33.322866, 202.910345],
                ],
            ),
        ];
        for (camera, expected) in cases {
            let map = camera.rectify_map().unwrap();
            for ((x, y), place) in PIXELS.into_iter().zip(expected) {
                let found = map.position(y * SIZE.width + x).map(f64::from);
                let far = (found[0] - place[0]).abs().max((found[1] - place[1]).abs());
                assert!(far < 1e-3, "{camera:?}: {found:?}, {place:?}");
            }
        }
    }

    #[test]
    fn without_distortion_pixels_stay() {
        let map = camera(Distortion::None).rectify_map().unwrap();
        for (x, y) in PIXELS {
            let [u, v] = map.position(y * SIZE.width + x);
            assert!((u - x as f32).abs() < 1e-4 && (v - y as f32).abs() < 1e-4);
        }
    }

    #[test]
    fn what_the_model_does_not_reach_has_no_place() {
        // Its picture ends at a radius of 0.58 focal lengths, and the corners are at 0.85.
        let distortion = Distortion::Radial([-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let map = camera(distortion).rectify_map().unwrap();
        assert!(map.position(0)[0].is_nan());
        assert!(map.position(131 * SIZE.width + 171)[0].is_finite());
        let uncalibrated = Camera {
            intrinsics: [0.0; 4],
            ..camera(Distortion::None)
        };
        assert!(uncalibrated.rectify_map().is_err());
    }
}
