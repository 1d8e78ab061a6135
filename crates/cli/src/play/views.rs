//! What is seen of a recording at any moment.

use std::ops::RangeInclusive;
use std::sync::Arc;

use anyhow::Result;
use evz::picture::{Picture, Style};
use evz::render::RenderOptions;
use evz::{
    Columns, Error, EventBatch, EventIndex, Recording, Report, Selection, SensorSize, StreamInfo,
    TemporaryFolder, Time,
};

use super::indexed;
use super::player::Shot;
use crate::args::PlayArgs;
use crate::words::human::seconds;
use crate::words::say;

/// What is seen of a recording at any moment. Moments are in nanoseconds after its first event.
pub(crate) struct Views {
    name: String,
    index: Arc<dyn EventIndex>,
    selection: Selection,
    info: StreamInfo,
    size: SensorSize,
    first: Option<i64>,
    within: RangeInclusive<i128>,
    /// What was noticed and lost.
    report: Report,
    /// Where the index lies, if it is a copy.
    _copy: Option<TemporaryFolder>,
}

impl Views {
    /// The views of what is selected.
    pub(crate) fn of(args: &PlayArgs, recording: Recording) -> Result<Self> {
        let name = recording.name().to_owned();
        let recording = indexed::in_memory(args, recording)?;
        let (recording, first) = recording.started()?;
        let (recording, mut selection) = recording.selection(&args.selection.wanted())?;
        let info = recording.info();
        let (index, copy, report): (Arc<dyn EventIndex>, _, _) = match recording.shared_index() {
            Some(index) => {
                let report = index.report();
                (index, None, report)
            }
            None => {
                let all = std::mem::take(&mut selection);
                let (reader, copy, report) = indexed::copied(recording, all)?;
                (Arc::new(reader), Some(copy), report)
            }
        };
        let size = info.size.unwrap_or_else(|| {
            let extent = index.extent();
            let size = SensorSize {
                width: u32::from(extent.x_max) + 1,
                height: u32::from(extent.y_max) + 1,
            };
            say(format_args!(
                "{name}: {size} from the largest coordinates; --size settles it"
            ));
            size
        });
        let mut views = Self {
            name,
            index,
            selection,
            info,
            size,
            first,
            within: 0..=0,
            report,
            _copy: copy,
        };
        views.within = views.extent()?;
        Ok(views)
    }

    /// The moments from the first to behind the last selected event, as far as the index tells.
    fn extent(&self) -> Result<RangeInclusive<i128>> {
        let extent = self.index.extent();
        let mut span = (extent.n_events > 0).then_some((extent.t_min, extent.t_max));
        if let Some(numbers) = self.selection.events.clone() {
            let these = Selection::default().with_events(numbers);
            span = None;
            let mut widen = |t: &[i64]| {
                for t in t {
                    let (first, last) = span.unwrap_or((*t, *t));
                    span = Some((first.min(*t), last.max(*t)));
                }
            };
            let these = these.with_columns(Columns::T);
            self.index
                .visit(&these, &mut EventBatch::default(), &mut |events| {
                    widen(events.t);
                    Ok(())
                })?;
        }
        let (start, last) = span.unwrap_or((0, -1));
        let (mut start, mut end) = (start, last.saturating_add(1));
        if let Some(time) = &self.selection.time {
            (start, end) = (start.max(time.start), end.min(time.end));
        }
        if start >= end {
            let what = "there are no events to play, in all of it or in what is selected of it";
            return Err(Error::insufficient(self.name.clone(), what).into());
        }
        Ok(self.moment(start)..=self.moment(end))
    }

    /// The first moment whose tick is not before this one.
    fn moment(&self, tick: i64) -> i128 {
        let ns = |tick| self.info.time_base.to_nanoseconds(tick);
        let moment = ns(tick) - ns(self.first.unwrap_or(0));
        // Where a tick is no whole number of nanoseconds, both were rounded.
        let is_before = self.tick(Time::Relative(moment)) < tick;
        moment + i128::from(is_before)
    }

    fn tick(&self, time: Time) -> i64 {
        time.tick(&self.info, self.first)
    }

    /// The first moment of a tick that is not before this one: between two nothing changes.
    pub(crate) fn of_tick(&self, moment: i128) -> i128 {
        self.moment(self.tick(Time::Relative(moment)))
    }

    /// Size of the pictures.
    pub(crate) fn size(&self) -> SensorSize {
        self.size
    }

    /// The moments that there are, from the first selected event to behind the last.
    pub(crate) fn within(&self) -> RangeInclusive<i128> {
        self.within.clone()
    }

    /// The moment of a time.
    ///
    /// # Errors
    /// If there are no events then.
    pub(crate) fn moment_told(&self, time: Time) -> Result<i128> {
        let moment = self.moment(self.tick(time));
        if self.within.contains(&moment) {
            return Ok(moment);
        }
        let (start, end) = (self.within.start(), self.within.end());
        let what = format!(
            "{}: --at asks for {} s, and there are events from {} s to {} s",
            self.name,
            seconds(moment),
            seconds(*start),
            seconds(*end)
        );
        Err(Error::invalid(what).into())
    }

    /// Draws the events of the window of a shot; says how many they are.
    pub(super) fn draw(&mut self, shot: Shot, style: &Style, picture: &mut Picture) -> Result<u64> {
        let end = Time::Relative(shot.moment);
        let window = self.tick(end.earlier(shot.window))..self.tick(end);
        let mut options =
            RenderOptions::new(window.into(), shot.mode).with_selection(self.selection.clone());
        options.size = Some(self.size);
        let mut frames = options.render_index(self.index.clone())?;
        let mut n_events = 0;
        if let Some(frame) = frames.next_frame()? {
            style.draw(frame, picture)?;
            n_events = frame.n_events;
        }
        // The recording has the same to say at each picture.
        self.report.merge_reading(frames.report());
        Ok(n_events)
    }

    /// What was noticed and lost; of events beyond the sensor, as many as one picture lacks at most.
    pub(crate) fn report(self) -> Report {
        self.report
    }
}
