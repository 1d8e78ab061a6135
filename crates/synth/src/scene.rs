//! The scene: bars, discs and polygons on their paths.

use evz_core::SensorSize;

use crate::edge::{Edge, Vec2};
use crate::motion::{Path, Turn, sine};
use crate::random::Random;
use crate::step::STEP_EVENTS;

const OBJECTS: usize = 12;

/// Events that a pixel gives, about, as an edge crosses it.
const EVENTS_PER_CROSSING: f64 = 2.0;

/// Speeds of the slowest and the fastest object, relative to each other.
const SPEEDS: (f64, f64) = (0.4, 2.5);

/// No path is run there and back in fewer steps than this: on a sensor of a few pixels an object
/// would otherwise jump about at random.
const MIN_PERIOD_STEPS: f64 = 16.0;

/// A closed outline, corner by corner around the origin, with a largest radius of 1.
type Outline = Vec<Vec2>;

/// Everything that moves. Motion is a function of the event number, so that the edges sweep the
/// same area with each event: where the rate swells, the scene moves faster.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    objects: Vec<Object>,
}

#[derive(Debug, Clone)]
struct Object {
    outline: Outline,
    /// Pixels from the centre to the farthest corner.
    radius: f64,
    /// Brightness against the ground: the share of events that its edges give, 0 to 1.
    contrast: f64,
    x: Path,
    y: Path,
    /// Turns about its centre at event 0, and how many more with each event.
    spin: (f64, f64),
}

impl Scene {
    /// A scene for a sensor; every object stays on it.
    pub(crate) fn new(size: SensorSize, random: &mut Random) -> Self {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let shapes: Vec<_> = (0..OBJECTS)
            .map(|i| {
                let (outline, radius) = outline(i, random);
                let speed = random.between(SPEEDS.0, SPEEDS.1);
                (outline, radius * width.min(height), speed)
            })
            .collect();
        // An object two radii across sweeps twice that a pixel moved: its front and its back.
        let area_per_pixel: f64 = shapes.iter().map(|(_, r, speed)| 4.0 * r * speed).sum();
        let events_per_pixel = EVENTS_PER_CROSSING * area_per_pixel;

        let objects = shapes.into_iter().map(|(outline, radius, speed)| {
            let events_per_pixel = events_per_pixel / speed;
            let turn = if random.unit() < 0.5 {
                Turn::Bounce
            } else {
                Turn::Swing
            };
            let mut path = |extent: f64| {
                let room = 0.5 * extent - radius;
                let reach = room * random.between(0.4, 1.0);
                let period = 4.0 * reach * events_per_pixel * random.between(0.7, 1.6);
                Path {
                    centre: 0.5 * extent + (room - reach) * random.between(-1.0, 1.0),
                    reach,
                    period: period.max(MIN_PERIOD_STEPS * STEP_EVENTS as f64),
                    phase: random.unit(),
                    turn,
                }
            };
            let (x, y) = (path(width), path(height));
            // Corners that go round at the speed of the object, or slower, either way.
            let fastest = 1.0 / (std::f64::consts::TAU * radius * events_per_pixel);
            Object {
                outline,
                radius,
                contrast: random.between(0.4, 1.0),
                x,
                y,
                spin: (random.unit(), fastest * random.between(-1.0, 1.0)),
            }
        });
        Self {
            objects: objects.collect(),
        }
    }

    /// Replaces `edges` by those of all objects as they are halfway between two event numbers.
    pub(crate) fn edges(&self, from: f64, to: f64, edges: &mut Vec<Edge>) {
        edges.clear();
        for object in &self.objects {
            let poses = [object.pose(from), object.pose(to)];
            let corner = |i: usize| poses.each_ref().map(|pose| pose.place(object.outline[i]));
            let last = object.outline.len() - 1;
            let mut a = corner(last);
            for i in 0..=last {
                let b = corner(i);
                let mut edge = Edge::new(a, b);
                edge.swept *= object.contrast;
                edges.push(edge);
                a = b;
            }
        }
    }
}

impl Object {
    fn pose(&self, n: f64) -> Pose {
        let turns = self.spin.0 + n * self.spin.1;
        Pose {
            centre: Vec2 {
                x: self.x.at(n),
                y: self.y.at(n),
            },
            cos: self.radius * sine(turns + 0.25),
            sin: self.radius * sine(turns),
        }
    }
}

/// Where an object is: its centre, and its turn and size as a rotation times a radius.
struct Pose {
    centre: Vec2,
    cos: f64,
    sin: f64,
}

impl Pose {
    fn place(&self, corner: Vec2) -> Vec2 {
        Vec2 {
            x: self.centre.x + self.cos * corner.x - self.sin * corner.y,
            y: self.centre.y + self.sin * corner.x + self.cos * corner.y,
        }
    }
}

/// The outline of object `i`, and its radius as a part of the sensor's shorter side: bars, discs
/// and polygons in turn.
fn outline(i: usize, random: &mut Random) -> (Outline, f64) {
    match i % 3 {
        0 => {
            let half_width = random.between(0.06, 0.2);
            let along = (1.0 - half_width * half_width).sqrt();
            let corner = |x: f64, y: f64| Vec2 {
                x: x * along,
                y: y * half_width,
            };
            let bar = vec![
                corner(1.0, 1.0),
                corner(-1.0, 1.0),
                corner(-1.0, -1.0),
                corner(1.0, -1.0),
            ];
            (bar, random.between(0.15, 0.4))
        }
        1 => (ring(24, |_| 1.0), random.between(0.05, 0.15)),
        _ => {
            // Radii that differ: from a lopsided triangle to a star.
            let corners = 3 + (random.bits() % 6) as usize;
            let polygon = ring(corners, |j| {
                if j == 0 {
                    1.0
                } else {
                    random.between(0.5, 1.0)
                }
            });
            (polygon, random.between(0.06, 0.2))
        }
    }
}

/// Corners at equal angles, each at its own radius.
fn ring(corners: usize, mut radius: impl FnMut(usize) -> f64) -> Outline {
    (0..corners)
        .map(|j| {
            let turns = j as f64 / corners as f64;
            let r = radius(j);
            Vec2 {
                x: r * sine(turns + 0.25),
                y: r * sine(turns),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seeds;

    #[test]
    fn every_object_stays_on_the_sensor_and_sweeps_as_much_in_front_as_behind() {
        let size = SensorSize {
            width: 640,
            height: 480,
        };
        let scene = Scene::new(size, &mut Seeds::new(3).scene());
        let mut edges = Vec::new();
        let (mut on, mut off) = (0.0, 0.0);
        for step in 0..2_000 {
            let n = f64::from(step) * 50_000.0;
            scene.edges(n, n + 1_024.0, &mut edges);
            for edge in &edges {
                assert!((0..640 << 16).contains(&edge.origin.x));
                assert!((0..480 << 16).contains(&edge.origin.y));
                *(if edge.polarity == 1 {
                    &mut on
                } else {
                    &mut off
                }) += edge.swept;
            }
        }
        assert!((on / off - 1.0_f64).abs() < 0.01, "{on} {off}");
    }
}
