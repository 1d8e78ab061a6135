//! Polarities that have names.

use evz_core::columns::Role;
use evz_core::{Error, Note, OpenOptions, Question, Result};

use crate::found::Found;
use crate::h5::Names;

/// The options, with what the names of the polarities say unless that is told.
///
/// # Errors
/// If the names say neither on nor off.
pub(crate) fn with_names(found: &Found, options: &OpenOptions) -> Result<OpenOptions> {
    let at = &found.columns[3];
    let names = at.scalar(Role::Polarity)?.names;
    match names {
        _ if options.polarity_map.is_some() => Ok(options.clone()),
        // As numbers are read that have no names.
        Names::None | Names::Signs { on: 1, off: 0 | -1 } => Ok(options.clone()),
        Names::Signs { on, off } => {
            let map = format!("{on}=on,{off}=off").parse()?;
            Ok(options.clone().with_polarity_map(map))
        }
        Names::Others => {
            let what = "its values have names that do not say which is on and which is off";
            let error = Error::ambiguous(at.place(), what);
            Err(error.settled_by(Question::PolarityMap, ["1=on,0=off", "0=on,1=off"]))
        }
    }
}

/// That polarities are read by their names, where these say something else than numbers do.
pub(crate) fn note(told: &OpenOptions, options: &OpenOptions) -> Option<Note> {
    let map = told.polarity_map.as_ref();
    let map = map.filter(|_| options.polarity_map.is_none())?;
    Some(Note::Other(format!(
        "polarities are read by the names of their values: {map}"
    )))
}
