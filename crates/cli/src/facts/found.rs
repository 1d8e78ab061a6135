//! The facts of a recording: by its index, by its events, or both.

use std::path::Path;

use anyhow::Result;
use evz::{
    ErrorKind, Loss, LossKind, Note, PixelCounts, Reader, Recording, Report, StreamInfo, Survey,
};

use super::{Facts, evz_file, stream};
use crate::progress::Meter;
use crate::words::error_text;

/// The events that are looked at of a recording that has an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// None: the index says all that is told.
    Index,
    /// All, or of very many a sample, of those that are here; none of a pack, whose samples are put one behind
    /// the other.
    Here,
    /// All.
    All,
}

/// What is known of a recording, and what there is to say of its reading.
pub(crate) struct Found {
    pub(crate) facts: Facts,
    pub(crate) report: Report,
    /// Events of each pixel, where they are counted.
    pub(crate) pixels: Option<PixelCounts>,
}

/// What a recording is and holds.
pub(crate) fn of(recording: Recording, reach: Reach) -> Result<Found> {
    let (reader, mut facts) = match (recording.evz_reader(), recording.index_reader()) {
        (Some(reader), _) => {
            let facts = evz_file::of_reader(reader, recording.name(), recording.info())?;
            (reader, facts)
        }
        (None, Some(reader)) => (reader, evz_file::of_index(reader, &recording)?),
        (None, None) => return stream::of_source(recording),
    };
    let (mut report, mut pixels) = (recording.report(), None);
    report.losses.extend(reader.lost_activity());
    let looks = match reach {
        Reach::Index => false,
        Reach::Here => !is_url(&recording) && facts.samples.is_none(),
        Reach::All => true,
    };
    if looks {
        match survey_of(reader, &recording.info(), reach) {
            Ok(survey) => pixels = facts.take(survey),
            Err(error) if reach == Reach::Here => {
                let what = format!("its events are not looked at: {}", error_text(&error));
                report.notes.push(Note::Other(what));
                report.losses.extend(damage(&error));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Found {
        facts,
        report,
        pixels,
    })
}

/// What an error shows to be damaged.
fn damage(error: &evz::Error) -> Option<Loss> {
    let kind = match error.kind() {
        ErrorKind::Corrupt => LossKind::Damaged,
        ErrorKind::InsufficientData => LossKind::CutOff,
        _ => return None,
    };
    Some(Loss::new(kind, "places that are damaged", 1))
}

/// Whether it is somewhere else, and each part that is looked at is fetched.
fn is_url(recording: &Recording) -> bool {
    evz::url_scheme(Path::new(recording.name())).is_some()
}

fn survey_of(reader: &Reader, info: &StreamInfo, reach: Reach) -> evz::Result<Survey> {
    let most = match reach {
        Reach::All => u64::MAX,
        _ => evz::DEFAULT_SURVEY_EVENTS,
    };
    let mut meter = Meter::new();
    let survey = evz::survey(reader, info, most, |n, progress| meter.add(n, progress));
    meter.end();
    survey
}
