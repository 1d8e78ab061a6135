//! The facts of a recording without an index, from reading through it.

use anyhow::Result;
use evz::{EventBatch, Next, Recording, SideRows, Surveyor};

use super::activity::Activity;
use super::{Facts, Found, RATE_BINS, Side, Sums};
use crate::progress::Meter;

/// Reads through a recording.
pub(super) fn of_source(recording: Recording) -> Result<Found> {
    let (name, format) = (recording.name().to_owned(), recording.format());
    let (mut info, bytes) = (recording.info(), recording.bytes());
    let mut source = recording.into_source();
    let mut sums = Sums {
        sorted: true,
        ..Sums::default()
    };
    let mut activity = Activity::default();
    let mut surveyor = Surveyor::new(&info);
    let mut side_streams: Vec<Side> = Vec::new();
    let (mut batch, mut meter) = (EventBatch::default(), Meter::new());
    let report = loop {
        let n = match source.read_batch(&mut batch)? {
            Next::Events(n) => n,
            Next::Rows(rows) => {
                count(&mut side_streams, &rows);
                continue;
            }
            Next::End(report) => break report,
        };
        sums.add(&batch);
        activity.add(&batch.t);
        surveyor.add(batch.as_slice());
        meter.add(n, source.progress());
    };
    meter.end();
    info.metadata.extend(source.closing_metadata());
    let rate = if sums.events > 0 {
        activity.spread(sums.t_min, sums.t_max, RATE_BINS)
    } else {
        Vec::new()
    };
    let mut facts = Facts::new(name, format, info, sums, bytes, rate);
    facts.side_streams = side_streams;
    let pixels = facts.take(surveyor.finish());
    Ok(Found {
        facts,
        report,
        pixels,
    })
}

fn count(streams: &mut Vec<Side>, rows: &SideRows) {
    let more = rows.len() as u64;
    match streams.iter_mut().find(|s| s.name == rows.stream) {
        Some(stream) => stream.rows += more,
        None => streams.push(Side {
            name: rows.stream.clone(),
            rows: more,
        }),
    }
}

impl Sums {
    fn add(&mut self, batch: &EventBatch) {
        let (Some(&first), Some(&last)) = (batch.t.first(), batch.t.last()) else {
            return;
        };
        if self.events == 0 {
            (self.t_first, self.t_min, self.t_max) = (first, first, first);
            (self.x, self.y) = ((u16::MAX, 0), (u16::MAX, 0));
        } else {
            self.sorted &= self.t_last <= first;
        }
        self.sorted &= batch.t.is_sorted();
        self.t_last = last;
        self.t_min = batch.t.iter().fold(self.t_min, |m, t| m.min(*t));
        self.t_max = batch.t.iter().fold(self.t_max, |m, t| m.max(*t));
        let widen = |(low, high): (u16, u16), v: &u16| (low.min(*v), high.max(*v));
        self.x = batch.x.iter().fold(self.x, widen);
        self.y = batch.y.iter().fold(self.y, widen);
        self.on += batch.p.iter().map(|p| u64::from(*p)).sum::<u64>();
        self.events += batch.len() as u64;
    }
}
