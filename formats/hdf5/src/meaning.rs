//! What the numbers of the columns mean.

use evz_core::columns::{Role, TimeColumn, TimeType, Times};
use evz_core::{OpenOptions, Place, Result};

use crate::find::last;
use crate::found::{Found, Layout};
use crate::h5::Kind;
use crate::sample::sample;

/// How the times are read, and what is said of all columns.
pub(crate) struct Meaning {
    pub(crate) times: Times,
    /// Whether the times are floats.
    pub(crate) floats: bool,
    pub(crate) summary: String,
}

impl Meaning {
    /// Looks at types and names, and for floats at the first times.
    ///
    /// # Errors
    /// If nothing says the unit of the times.
    pub(crate) fn find(found: &Found, options: &OpenOptions, name: &str) -> Result<Self> {
        let scalar = found.columns[0].scalar(Role::Time)?;
        let floats = scalar.kind == Kind::Float;
        let path = found.columns[0].path();
        let place = Place::file(name);
        let told = options.time_unit.map(|unit| unit.time_base());
        let said = found.unit.as_ref().filter(|_| told.is_none());
        let column = TimeColumn {
            place: &place,
            name: &path,
            time_type: match (scalar.kind, scalar.size) {
                (Kind::Float, 4) => TimeType::Single,
                (Kind::Float, _) => TimeType::Double,
                _ => TimeType::Whole,
            },
            told: told.or(said.map(|(unit, _)| *unit)),
            by_name: Role::of(last(&path)).and_then(|named| named.unit),
            by_metadata: None,
        };
        let (times, mut unit) = column.times(|| sample(&found.columns[0]))?;
        if let Some((_, who)) = said {
            unit = unit.replacen("as told", who, 1);
        }
        let spelled = |role, i: usize| found.columns[i].scalar(role).map(|s| s.to_string());
        let summary = match &found.order {
            Some(order) if found.layout != Layout::Other || !order.starts_with("as told") => {
                let path = &found.columns[0].dataset.path;
                format!("read as: {order} of {path:?} ({scalar}, {unit})")
            }
            _ => {
                let mut said = Vec::new();
                for (i, role) in Role::ALL.into_iter().enumerate() {
                    let unit = match role {
                        Role::Time => format!(", {unit}"),
                        _ => String::new(),
                    };
                    let (path, spelled) = (found.columns[i].path(), spelled(role, i)?);
                    said.push(format!("{} = {path:?} ({spelled}{unit})", role.letter()));
                }
                format!("read as: {}", said.join(", "))
            }
        };
        Ok(Self {
            times,
            floats,
            summary,
        })
    }
}
