//! One edge of an object over a step, ready to give events.

/// Pixels that one run along an edge spans at most: the bits of its mask.
pub(crate) const MAX_SPAN: u32 = 8;

/// Runs that fit end to end into an edge, at least: longer runs would leave the corners, where few
/// of them reach, darker than the middle.
const RUNS_PER_EDGE: f64 = 4.0;

/// Fraction bits of the coordinates of an edge. With 17 bits before the point and factors of at
/// most 16 bits, products stay within 64 bits.
pub(crate) const FRACTION: u32 = 16;

/// A point or direction on the sensor, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Vec2 {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Vec2 {
    fn to(self, other: Self) -> Self {
        Self {
            x: other.x - self.x,
            y: other.y - self.y,
        }
    }

    fn midpoint(self, other: Self) -> Self {
        Self {
            x: 0.5 * (self.x + other.x),
            y: 0.5 * (self.y + other.y),
        }
    }

    fn scaled(self, by: f64) -> Self {
        Self {
            x: self.x * by,
            y: self.y * by,
        }
    }
}

/// A point or direction in fixed point, [`FRACTION`] bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fixed2 {
    pub(crate) x: i64,
    pub(crate) y: i64,
}

impl From<Vec2> for Fixed2 {
    fn from(v: Vec2) -> Self {
        let one = f64::from(1_u32 << FRACTION);
        Self {
            x: (v.x * one) as i64,
            y: (v.y * one) as i64,
        }
    }
}

/// An edge, and what it takes to draw runs of neighbouring pixels from it.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// Where the first run starts.
    pub(crate) origin: Fixed2,
    /// From there to where the last run starts.
    pub(crate) reach: Fixed2,
    /// From a pixel of a run to the next.
    pub(crate) step: Fixed2,
    /// The outward normal, one pixel long.
    pub(crate) normal: Fixed2,
    /// Pixels that a run spans.
    pub(crate) span: u32,
    /// 1 where the edge leads, 0 where it trails.
    pub(crate) polarity: u8,
    /// Area swept in the step: what the number of events follows.
    pub(crate) swept: f64,
}

impl Edge {
    /// The edge between two corners `a` and `b`, each given before and after the step. The object
    /// lies to the right of the way from `a` to `b` as seen with `y` pointing up.
    pub(crate) fn new(a: [Vec2; 2], b: [Vec2; 2]) -> Self {
        let start = a[0].midpoint(a[1]);
        let along = start.to(b[0].midpoint(b[1]));
        let moved = a[0].midpoint(b[0]).to(a[1].midpoint(b[1]));
        // The normal times the length of the edge is (along.y, -along.x): no root needed.
        let flow = along.y * moved.x - along.x * moved.y;

        let length = (along.x * along.x + along.y * along.y).sqrt().max(1e-9);
        let pixels = along.x.abs().max(along.y.abs()).max(1e-9);
        let span = (pixels / RUNS_PER_EDGE).floor();
        let span = span.clamp(1.0, f64::from(MAX_SPAN));
        Self {
            origin: start.into(),
            reach: along.scaled(1.0 - (span - 1.0) / pixels).into(),
            step: along.scaled(1.0 / pixels).into(),
            normal: Vec2 {
                x: along.y / length,
                y: -along.x / length,
            }
            .into(),
            span: span as u32,
            polarity: u8::from(flow > 0.0),
            swept: flow.abs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(p: Vec2, dx: f64) -> [Vec2; 2] {
        [
            p,
            Vec2 {
                x: p.x + dx,
                y: p.y,
            },
        ]
    }

    #[test]
    fn the_edge_in_front_is_on_and_the_one_behind_off() {
        let (top, bottom) = (Vec2 { x: 50.0, y: 10.0 }, Vec2 { x: 50.0, y: 30.0 });
        // Downwards on the screen, the outside is to the right.
        let right = Edge::new(moved(top, 0.5), moved(bottom, 0.5));
        assert_eq!((right.polarity, right.swept), (1, 10.0));
        let left = Edge::new(moved(bottom, 0.5), moved(top, 0.5));
        assert_eq!((left.polarity, left.swept), (0, 10.0));
        assert_eq!(right.span, 5);
        assert_eq!(right.normal.x, 1 << FRACTION);
    }

    #[test]
    fn the_last_run_ends_where_the_edge_ends() {
        let (a, b) = (Vec2 { x: 5.0, y: 5.0 }, Vec2 { x: 5.0, y: 15.0 });
        let edge = Edge::new(moved(a, 0.1), moved(b, 0.1));
        assert_eq!(edge.span, 2);
        assert_eq!(edge.origin.y + edge.reach.y + edge.step.y, 15 << FRACTION);
    }
}
