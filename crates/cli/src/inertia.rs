//! What an inertial unit measured, as curves.

use evz::picture::Trace;
use evz::{Error, Place, SideRows, SideValues};

/// Standard gravity, in metres a second squared.
const GRAVITY: f64 = 9.80665;

/// A quantity along three axes.
struct Quantity {
    /// How its columns are called, and what makes of them what is shown.
    columns: [(&'static str, f64); 2],
    unit: &'static str,
    decimals: usize,
}

/// From the bottom up. The columns are those of AEDAT, in °/s and g, and those of ROS, in rad/s and m/s².
const QUANTITIES: [Quantity; 2] = [
    Quantity {
        columns: [("accel", 1.0), ("linear_acceleration", 1.0 / GRAVITY)],
        unit: "g",
        decimals: 2,
    },
    Quantity {
        columns: [
            ("gyro", 1.0),
            ("angular_velocity", 180.0 / std::f64::consts::PI),
        ],
        unit: "deg/s",
        decimals: 1,
    },
];

/// The samples so far, of each quantity.
#[derive(Default)]
pub(crate) struct Inertia([Vec<(i64, f32)>; QUANTITIES.len()]);

impl Inertia {
    /// Bytes that a row takes.
    pub(crate) const BYTES: usize = QUANTITIES.len() * size_of::<(i64, f32)>();

    /// Adds rows.
    pub(crate) fn add(&mut self, rows: &SideRows, place: impl Fn() -> Place) -> Result<(), Error> {
        let mut known = false;
        for (samples, quantity) in self.0.iter_mut().zip(&QUANTITIES) {
            for (name, factor) in quantity.columns {
                let axis = |axis: char| values(rows, &format!("{name}_{axis}"));
                let (Some(x), Some(y), Some(z)) = (axis('x'), axis('y'), axis('z')) else {
                    continue;
                };
                known = true;
                let size = |row: usize| {
                    let sum: f64 = [&x, &y, &z].map(|v| v[row] * v[row]).iter().sum();
                    (sum.sqrt() * factor) as f32
                };
                let rows = rows.t.iter().enumerate();
                samples.extend(rows.map(|(row, t)| (*t, size(row))));
            }
        }
        if !known {
            let columns = QUANTITIES.iter().flat_map(|quantity| quantity.columns);
            let names: Vec<String> = columns.map(|(name, _)| format!("{name}_x to z")).collect();
            let there: Vec<&str> = rows.columns.iter().map(|column| &*column.name).collect();
            let what = format!(
                "--mark takes {}; it has {}",
                evz::alternatives(&names),
                there.join(", ")
            );
            return Err(Error::unsupported(place(), what));
        }
        Ok(())
    }

    /// What there are samples of.
    pub(crate) fn into_traces(self) -> impl Iterator<Item = Trace> {
        let all = self.0.into_iter().zip(&QUANTITIES);
        let there = all.filter(|(samples, _)| !samples.is_empty());
        there.map(|(samples, quantity)| Trace::new(samples, quantity.unit, quantity.decimals))
    }
}

/// The numbers of a column.
fn values(rows: &SideRows, name: &str) -> Option<Vec<f64>> {
    let column = rows.columns.iter().find(|column| column.name == name)?;
    match &column.values {
        SideValues::F32(values) => Some(values.iter().copied().map(f64::from).collect()),
        SideValues::F64(values) => Some(values.clone()),
        _ => None,
    }
}
