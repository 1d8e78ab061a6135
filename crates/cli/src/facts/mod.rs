//! What `info` knows of a recording.

mod activity;
mod evz_file;
mod found;
mod metadata;
mod stream;
mod survey;

use std::collections::BTreeMap;

use anyhow::Result;
use evz::{
    ClockKind, ExtraColumn, Format, Metadata, PixelCounts, Reader, Samples, Survey, TimeBase,
};
pub(crate) use evz_file::of_reader;
pub(crate) use found::{Found, Reach, of};
pub(crate) use metadata::metadata_as_json;
use serde::{Serialize, Serializer};
use survey::SurveyFacts;

use crate::words::human::seconds;

/// Parts of the recording's time that the event rate is given for.
pub(crate) const RATE_BINS: usize = 64;

/// What a recording is and holds. Times in JSON are whole microseconds, rounded down.
#[derive(Debug, Serialize)]
pub(crate) struct Facts {
    /// Of the event stream, where it has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) serial: String,
    pub(crate) source: String,
    pub(crate) format: &'static str,
    pub(crate) profile: Option<String>,
    pub(crate) events: u64,
    pub(crate) on: u64,
    pub(crate) off: u64,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) x_min: Option<u16>,
    pub(crate) x_max: Option<u16>,
    pub(crate) y_min: Option<u16>,
    pub(crate) y_max: Option<u16>,
    pub(crate) t_first_us: Option<i128>,
    pub(crate) t_last_us: Option<i128>,
    pub(crate) t_min_us: Option<i128>,
    pub(crate) t_max_us: Option<i128>,
    pub(crate) tick: Tick,
    /// Where it is whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_base_ns: Option<u64>,
    pub(crate) clock: ClockFacts,
    pub(crate) sorted: bool,
    pub(crate) chunks: Option<u64>,
    pub(crate) bytes: Option<u64>,
    /// Checksums of the decoded columns, by the index of an `.evz`.
    pub(crate) content: Option<String>,
    pub(crate) bits_per_event: Option<f64>,
    pub(crate) bits_per_event_by_column: Option<ByColumn>,
    pub(crate) events_per_s: Option<f64>,
    pub(crate) peak_events_per_s: Option<f64>,
    /// What events have beside t, x, y and p.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) columns: Vec<ColumnFacts>,
    pub(crate) side_streams: Vec<Side>,
    /// The samples of a pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) samples: Option<PackFacts>,
    #[serde(serialize_with = "metadata::as_json")]
    pub(crate) metadata: Metadata,
    /// Events in equal parts of the time from the earliest to the latest.
    pub(crate) activity: Vec<f64>,
    /// When the first of these parts starts, and how long each is.
    pub(crate) activity_start_us: Option<i128>,
    pub(crate) activity_width_us: Option<f64>,
    /// What the events are like, where they were looked at.
    #[serde(rename = "survey")]
    survey_facts: Option<SurveyFacts>,
    #[serde(skip)]
    pub(crate) survey: Option<Survey>,
    #[serde(skip)]
    pub(crate) time_base: TimeBase,
    #[serde(skip)]
    pub(crate) t_range: Option<(i64, i64)>,
}

/// The recordings that a pack is made of.
#[derive(Debug, Serialize)]
pub(crate) struct PackFacts {
    pub(crate) count: usize,
    /// What the first is called.
    pub(crate) first: String,
    /// The samples of each label; those without one are not among them.
    pub(crate) classes: BTreeMap<String, u64>,
}

impl PackFacts {
    /// Those of a file, if it is a pack.
    fn of(reader: &Reader) -> evz::Result<Option<Self>> {
        let Some(samples) = Samples::of(reader).filter(|samples| !samples.is_empty()) else {
            return Ok(None);
        };
        let mut classes = BTreeMap::new();
        for label in samples
            .labels()?
            .into_iter()
            .filter(|label| !label.is_empty())
        {
            *classes.entry(label).or_default() += 1;
        }
        let first = samples.get(0)?.name().to_owned();
        let count = samples.len();
        Ok(Some(Self {
            count,
            first,
            classes,
        }))
    }
}

/// What a tick is worth, as a fraction of a second.
#[derive(Debug, Serialize)]
pub(crate) struct Tick {
    pub(crate) numerator: u64,
    pub(crate) denominator: u64,
}

/// The clock: what tick 0 is on which, in ticks.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ClockFacts {
    #[serde(serialize_with = "name")]
    pub(crate) kind: ClockKind,
    pub(crate) epoch: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct ByColumn {
    pub(crate) t: f64,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) p: f64,
}

/// A further column.
#[derive(Debug, Serialize)]
pub(crate) struct ColumnFacts {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) column_type: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) unit: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    /// What it takes in the file, where that is known.
    pub(crate) bits_per_event: Option<f64>,
}

impl ColumnFacts {
    fn new(column: ExtraColumn) -> Self {
        Self {
            name: column.name,
            column_type: column.column_type.name(),
            unit: column.unit,
            description: column.description,
            bits_per_event: None,
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Side {
    pub(crate) name: String,
    pub(crate) rows: u64,
}

/// What is counted of the events.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) events: u64,
    pub(crate) on: u64,
    pub(crate) t_first: i64,
    pub(crate) t_last: i64,
    pub(crate) t_min: i64,
    pub(crate) t_max: i64,
    pub(crate) x: (u16, u16),
    pub(crate) y: (u16, u16),
    pub(crate) sorted: bool,
}

impl Facts {
    /// What follows from the sums; the rest is for the caller to add.
    fn new(
        source: String,
        format: &Format,
        info: evz::StreamInfo,
        sums: Sums,
        bytes: Option<u64>,
        activity: Vec<f64>,
    ) -> Self {
        let base = info.time_base;
        let any = sums.events > 0;
        let us = |t| any.then(|| base.to_microseconds(t));
        let ns = base.to_nanoseconds(sums.t_max) - base.to_nanoseconds(sums.t_min);
        let seconds = ns as f64 / 1e9;
        let moves = any && ns > 0;
        let peak = activity.iter().copied().fold(0.0, f64::max);
        let bins = activity.len() as f64;
        Self {
            name: info.name,
            serial: info.serial,
            source,
            format: format.name,
            profile: None,
            events: sums.events,
            on: sums.on,
            off: sums.events - sums.on,
            width: info.size.map(|s| s.width),
            height: info.size.map(|s| s.height),
            x_min: any.then_some(sums.x.0),
            x_max: any.then_some(sums.x.1),
            y_min: any.then_some(sums.y.0),
            y_max: any.then_some(sums.y.1),
            t_first_us: us(sums.t_first),
            t_last_us: us(sums.t_last),
            t_min_us: us(sums.t_min),
            t_max_us: us(sums.t_max),
            tick: Tick {
                numerator: base.numerator(),
                denominator: base.denominator(),
            },
            time_base_ns: base.whole_nanoseconds(),
            clock: ClockFacts {
                kind: info.clock.kind,
                epoch: info.clock.epoch,
            },
            sorted: sums.sorted,
            chunks: None,
            bytes,
            content: None,
            bits_per_event: bytes
                .filter(|_| any)
                .map(|b| b as f64 * 8.0 / sums.events as f64),
            bits_per_event_by_column: None,
            events_per_s: moves.then(|| sums.events as f64 / seconds),
            peak_events_per_s: moves.then(|| peak * bins / seconds),
            columns: info.columns.into_iter().map(ColumnFacts::new).collect(),
            side_streams: Vec::new(),
            samples: None,
            metadata: info.metadata,
            activity,
            activity_start_us: us(sums.t_min),
            activity_width_us: any.then(|| {
                // Of the last tick too, which is the latest event's.
                let ticks = sums.t_max.abs_diff(sums.t_min) as f64 + 1.0;
                ticks * base.approximate_nanoseconds() / 1e3 / bins
            }),
            survey_facts: None,
            survey: None,
            time_base: base,
            t_range: any.then_some((sums.t_min, sums.t_max)),
        }
    }
}

impl Facts {
    /// Leaves out what is of all event streams together: the bytes, but of an .evz, whose chunks are each of one.
    pub(crate) fn is_one_of_several(&mut self) {
        if self.chunks.is_none() {
            (self.bytes, self.bits_per_event) = (None, None);
        }
    }

    /// A time of the recording as `--from` takes it: `@16.200261s`, of its clock.
    pub(crate) fn clock_time(&self, tick: i64) -> String {
        let ns = |ticks| self.time_base.to_nanoseconds(ticks);
        format!("@{}s", seconds(ns(tick) + ns(self.clock.epoch)))
    }

    /// Takes what a survey found; returns what it has of each pixel.
    fn take(&mut self, mut survey: Survey) -> Option<PixelCounts> {
        let lasts = self.events_per_s.map(|rate| self.events as f64 / rate);
        let pixels = survey.pixels.take();
        self.survey_facts = Some(SurveyFacts::of(&survey, self.time_base, lasts));
        self.survey = Some(survey);
        pixels
    }
}

fn name<S: Serializer>(kind: &ClockKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}
