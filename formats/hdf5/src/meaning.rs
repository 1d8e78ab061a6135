//! What the numbers of the columns mean.

use evz_core::columns::{Role, TimeColumn, TimeType, Times};
use evz_core::{Error, OpenOptions, Place, Question, Result, TimeBase, TimeUnit};

use crate::find::last;
use crate::found::{Found, Layout};
use crate::h5::Kind;
use crate::sample::sample;

/// Times that are taken for microseconds, where only the name of the group says it.
const MAX_US: f64 = 1e17;

/// How the times are read, and what is said of all columns.
pub(crate) struct Meaning {
    pub(crate) times: Times,
    /// Whether the times are floats.
    pub(crate) floats: bool,
    pub(crate) summary: String,
}

impl Meaning {
    /// Looks at attributes, types and names, and for floats at the first times.
    ///
    /// # Errors
    /// If nothing says the unit of the times, or an attribute says one that is not known.
    pub(crate) fn find(found: &Found, options: &OpenOptions, name: &str) -> Result<Self> {
        let scalar = found.columns[0].scalar(Role::Time)?;
        let floats = scalar.kind == Kind::Float;
        let path = found.columns[0].path();
        let place = Place::file(name);
        let told = options.time_unit.map(|unit| unit.time_base());
        let by_attribute = match &found.unit {
            Some(Ok(unit)) => Some(unit.time_base()),
            Some(Err(says)) if told.is_none() => {
                let what = format!(
                    "the attribute {says} of column {path:?}, which is no unit that is known"
                );
                return Err(
                    Error::ambiguous(place, what).settled_by(Question::TimeUnit, TimeUnit::ALL)
                );
            }
            _ => None,
        };
        let by_name = Role::of(last(&path)).and_then(|named| named.unit);
        // What a layout usually has says nothing where the file itself says another unit.
        let by_layout = match told.or(by_attribute).or(by_name) {
            None => by_layout(found, floats),
            Some(_) => None,
        };
        let column = TimeColumn {
            place: &place,
            name: &path,
            time_type: match (scalar.kind, scalar.size) {
                (Kind::Float, 4) => TimeType::Single,
                (Kind::Float, _) => TimeType::Double,
                _ => TimeType::Whole,
            },
            told: told.or(by_attribute),
            by_name,
            by_metadata: by_layout.map(|(unit, _)| unit),
        };
        let (times, mut unit) = column.times(|| sample(&found.columns[0]))?;
        if told.is_none() {
            unit = unit.replacen("as told", "by an attribute", 1);
        }
        if let Some((_, who)) = by_layout {
            unit = unit.replacen("by the metadata", who, 1);
        }
        if found.layout == Layout::Mvsec {
            unit = unit.replacen("for they are floats", "as in MVSEC", 1);
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

/// The unit that whole times have in a layout, and how that is said. Floats are of seconds in every layout,
/// unless they may as well be of another unit.
fn by_layout(found: &Found, floats: bool) -> Option<(TimeBase, &'static str)> {
    let how = match found.layout {
        _ if floats => return None,
        Layout::Dsec => "as in DSEC",
        Layout::Prophesee => "as Prophesee has them",
        Layout::V2e => "as in v2e",
        Layout::Events => {
            // As microseconds since 1970 these would be thousands of years: they are nanoseconds.
            let first = sample(&found.columns[0]).first().copied();
            if first.is_some_and(|t| t.abs() >= MAX_US) {
                return None;
            }
            "as event files have them"
        }
        Layout::Mvsec | Layout::Monash | Layout::Other => return None,
    };
    Some((TimeBase::MICROSECONDS, how))
}
