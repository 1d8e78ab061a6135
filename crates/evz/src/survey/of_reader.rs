//! The survey of a recording with an index: of all events or, of very many, of a sample.

use evz_core::{Columns, EventBatch, Progress, Result, Selection, StreamInfo};
use evz_file::Reader;

use super::{Survey, Surveyor};

/// The events that are all looked at, where nobody says otherwise.
pub const DEFAULT_SURVEY_EVENTS: u64 = 32_000_000;

/// A sample is so many runs of events, spread evenly, each of so many: a chunk or two.
const RUNS: u64 = 16;
const RUN_EVENTS: u64 = 65_536;

/// Surveys the events of a file, or of the file that an index stands beside; `info` is what is known of
/// them. Where there are more than `most`, only a sample of about a million is looked at, and the survey
/// has what a sample can tell. `watch` hears of the number of events that were looked at more, and of how
/// far it has come.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let (text, file) = (folder.path().join("events.txt"), folder.path().join("events.evz"));
/// # std::fs::write(&text, "0.010000 3 7 1\n0.010000 4 7 0\n0.030000 4 8 1\n0.040000 4 8 0\n")?;
/// # let options = (&evz::OpenOptions::new(), &evz::CreateOptions::new());
/// # evz::convert(&text, &file, options.0, options.1, false)?;
/// let reader = evz::ReadOptions::new().open(&file)?;
/// let survey = evz::survey(&reader, reader.info(), evz::DEFAULT_SURVEY_EVENTS, |_, _| {})?;
/// assert_eq!(survey.step.map(|step| step.ticks), Some(10_000));
/// assert_eq!(survey.ties, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If what is looked at is damaged.
pub fn survey(
    reader: &Reader,
    info: &StreamInfo,
    most: u64,
    mut watch: impl FnMut(usize, Option<Progress>),
) -> Result<Survey> {
    let mut surveyor = Surveyor::new(info);
    let all = reader.n_events();
    if all > most.max(RUNS * RUN_EVENTS) {
        sample(reader, &mut surveyor)?;
        return Ok(surveyor.finish());
    }
    let columns = Columns {
        x: true,
        y: true,
        ..Columns::T
    };
    let mut done = 0;
    for batch in reader.batches(&Selection::default().with_columns(columns)) {
        let batch = batch?;
        surveyor.add(batch.as_slice());
        done += batch.len() as u64;
        let total = Some(all);
        watch(batch.len(), Some(Progress { done, total }));
    }
    Ok(surveyor.finish())
}

fn sample(reader: &Reader, surveyor: &mut Surveyor) -> Result<()> {
    let last = reader.n_events() - RUN_EVENTS;
    let mut batch = EventBatch::default();
    for run in 0..RUNS {
        let start = (u128::from(last) * u128::from(run) / u128::from(RUNS - 1)) as u64;
        let events = Selection::default().with_events(start..start + RUN_EVENTS);
        reader.read(&events.with_columns(Columns::T), &mut batch)?;
        surveyor.skip();
        surveyor.add(batch.as_slice());
    }
    Ok(())
}
