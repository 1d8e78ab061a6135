//! A recording in memory, with and without an index, and frames made of it the plain way.

#![allow(dead_code, reason = "each file of tests uses a part of this")]

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use evz_core::{
    Columns, Error, Event, EventBatch, EventIndex, EventSlice, EventSource, Extent, Next, Report,
    Result, Selection, SensorSize, SideParts, SideRows, StreamInfo, TimeBase,
};
use evz_render::{
    BinPlaces, Decay, Frame, Frames, RenderOptions, Representation, TimeSpan, ValueType, Values,
};

/// Events that a part of a visit or a batch of a source holds: few, so that windows cross them.
const PART: usize = 37;

/// A recording in memory.
#[derive(Clone)]
pub(crate) struct Recording {
    pub(crate) events: Vec<Event>,
    info: StreamInfo,
    /// The ticks that the index was asked for.
    pub(crate) asked: Arc<Mutex<Vec<i64>>>,
}

impl Recording {
    pub(crate) fn new(events: Vec<Event>, size: Option<(u32, u32)>) -> Self {
        let info = StreamInfo::new(TimeBase::MICROSECONDS)
            .with_size(size.map(|(width, height)| SensorSize { width, height }));
        Self {
            events,
            info,
            asked: Arc::default(),
        }
    }

    /// `n` events on 20x10 pixels, in order, many of them at the same time.
    pub(crate) fn in_order(n: usize, seed: u64) -> Self {
        let mut recording = Self::unordered(n, seed);
        recording.events.sort_by_key(|e| e.t);
        recording
    }

    /// The same, in no order of time.
    pub(crate) fn unordered(n: usize, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut random = move |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut event = || Event {
            t: random(n as u64 / 2 + 1) as i64 - 20,
            x: random(20) as u16,
            y: random(10) as u16,
            p: random(2) as u8,
        };
        Self::new((0..n).map(|_| event()).collect(), Some((20, 10)))
    }

    /// The selected events, in order of the recording.
    pub(crate) fn selected(&self, selection: &Selection) -> Vec<Event> {
        let batch: EventBatch = self.events.iter().copied().collect();
        let keeps = |i: &usize| selection.keeps(batch.as_slice(), *i, *i as u64);
        (0..self.events.len())
            .filter(keeps)
            .map(|i| self.events[i])
            .collect()
    }

    /// The frames by the index.
    pub(crate) fn by_index(&self, options: RenderOptions) -> Result<Vec<Frame>> {
        all(&mut options.render_index(Arc::new(self.clone()))?)
    }

    /// The frames from front to back.
    pub(crate) fn by_source(&self, options: RenderOptions) -> Result<Vec<Frame>> {
        all(&mut options.render_source(self.source(&Selection::default()))?)
    }
}

/// All frames that there are.
pub(crate) fn all(frames: &mut Frames) -> Result<Vec<Frame>> {
    let mut all = Vec::new();
    while let Some(frame) = frames.next_frame()? {
        all.push(frame.clone());
    }
    assert!(frames.next_frame()?.is_none(), "the end stays the end");
    Ok(all)
}

impl EventIndex for Recording {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn extent(&self) -> Extent {
        let t = self.events.iter().map(|e| e.t);
        Extent {
            n_events: self.events.len() as u64,
            t_first: self.events.first().map_or(0, |e| e.t),
            t_min: t.clone().min().unwrap_or(0),
            t_max: t.clone().max().unwrap_or(0),
            x_max: self.events.iter().map(|e| e.x).max().unwrap_or(0),
            y_max: self.events.iter().map(|e| e.y).max().unwrap_or(0),
            sorted: t.is_sorted(),
        }
    }

    fn events_before(&self, t: i64) -> Result<u64> {
        assert!(self.extent().sorted, "asked of a recording in order alone");
        self.asked.lock().expect("nobody panics").push(t);
        Ok(self.events.partition_point(|e| e.t < t) as u64)
    }

    fn visit(
        &self,
        selection: &Selection,
        batch: &mut EventBatch,
        act: &mut dyn FnMut(EventSlice<'_>) -> Result<()>,
    ) -> Result<()> {
        self.selected(selection).chunks(PART).try_for_each(|part| {
            fill(batch, part, selection.columns);
            act(batch.as_slice())
        })
    }

    fn read_here<'a>(
        &self,
        selection: &Selection,
        batch: &'a mut EventBatch,
    ) -> Result<EventSlice<'a>> {
        fill(batch, &self.selected(selection), selection.columns);
        Ok(batch.as_slice())
    }

    fn read(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        self.read_here(selection, batch).map(drop)
    }

    fn activity(&self, _: usize) -> Result<Vec<f64>> {
        Err(Error::invalid("renderers do not ask"))
    }

    fn side_rows(&self, _: &str, _: Option<Range<i64>>) -> Result<SideParts> {
        Err(Error::invalid("renderers do not ask"))
    }

    fn source(&self, selection: &Selection) -> Box<dyn EventSource> {
        Box::new(Source {
            events: self.selected(selection),
            next: 0,
            rows: false,
            info: self.info.clone(),
        })
    }
}

fn fill(batch: &mut EventBatch, events: &[Event], Columns { t, x, y, p, .. }: Columns) {
    batch.clear();
    batch.t.extend(events.iter().filter(|_| t).map(|e| e.t));
    batch.x.extend(events.iter().filter(|_| x).map(|e| e.x));
    batch.y.extend(events.iter().filter(|_| y).map(|e| e.y));
    batch.p.extend(events.iter().filter(|_| p).map(|e| e.p));
}

struct Source {
    events: Vec<Event>,
    next: usize,
    /// Whether something that is no event came last.
    rows: bool,
    info: StreamInfo,
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        // Rows before each batch of events, and batches without an event.
        self.rows = !self.rows;
        if self.rows {
            return Ok(match self.next % 2 {
                0 => Next::Rows(SideRows::new("frames", Vec::new())),
                _ => Next::Events(0),
            });
        }
        if self.next == self.events.len() {
            return Ok(Next::End(Report::default()));
        }
        let end = self.events.len().min(self.next + PART);
        *batch = self.events[self.next..end].iter().copied().collect();
        self.next = end;
        Ok(Next::Events(batch.len()))
    }
}

/// Ticks of the recordings here.
fn micros(tau: Duration) -> f64 {
    tau.as_secs_f64() * 1e6
}

/// The frame of these events on 20x10 pixels, one event after the other.
pub(crate) fn plain(events: &[Event], window: Range<i64>, of: Representation) -> Frame {
    if let Representation::Hats { cell, side, tau } = of {
        return of_cells(events, window, (cell, side, tau));
    }
    let (width, height) = (20, 10);
    let plane = width * height;
    let none = match of {
        Representation::Tore { .. } => 5_000_001f64.ln() - 151f64.ln(),
        _ if of.facts().holds_times => -1.0,
        _ => 0.0,
    };
    let values = vec![none; plane * of.channels()];
    let mut tally = vec![0.0f64; values.len()];
    let mut frame = (values, 0);
    let first = events.iter().map(|e| e.t).min().unwrap_or(0);
    let last = events.iter().map(|e| e.t).max().unwrap_or(0);
    let span = (last - first).max(1);
    for e in events {
        let (x, y) = (usize::from(e.x), usize::from(e.y));
        if x >= width || y >= height {
            continue;
        }
        frame.1 += 1;
        let (values, at, on) = (&mut frame.0, y * width + x, usize::from(e.p));
        let sign = if e.p == 1 { 1.0 } else { -1.0 };
        let age = (window.end - e.t) as f64;
        let age_at = |of| match of {
            TimeSpan::Events => (last - e.t) as f64,
            TimeSpan::Window => age,
        };
        let seconds = (e.t - window.start) as f64 * 1e-6;
        let split = of.facts().may_split && of.facts().by_polarity;
        let (own, signed) = match split {
            true => (on * plane + at, 1.0),
            false => (at, sign),
        };
        let ticks_of = |of| match of {
            TimeSpan::Events => (e.t - first, span),
            TimeSpan::Window => (e.t - window.start, (window.end - window.start).max(1)),
        };
        let part = |of| {
            let (ticks, length) = ticks_of(of);
            ticks as f64 / length as f64
        };
        match of {
            Representation::Signed => values[at] += sign,
            Representation::Counts => values[on * plane + at] += 1.0,
            Representation::Total => values[at] += 1.0,
            Representation::Binary => values[at] = sign,
            Representation::ExpDecay(Decay { tau, span, .. }) => {
                values[own] = signed * (-age_at(span) / micros(tau)).exp()
            }
            Representation::LinearDecay(Decay { tau, span, .. }) => {
                values[own] = signed * (1.0 - age_at(span) / micros(tau)).max(0.0)
            }
            Representation::LeakySum(Decay { tau, span, .. })
            | Representation::MeanDecay(Decay { tau, span, .. }) => {
                values[own] += signed * (-age_at(span) / micros(tau)).exp();
                tally[own] += 1.0;
            }
            Representation::Mcts { bins, tau, span } => {
                for k in 0..bins {
                    let ratio = if bins > 1 {
                        k as f64 / (bins - 1) as f64
                    } else {
                        1.0
                    };
                    let tau = 1e3 * (micros(tau) / 1e3).powf(ratio);
                    values[(on * bins + k) * plane + at] = (1.0 - age_at(span) / tau).max(0.0);
                }
            }
            Representation::Tencode { tau, span } => {
                let age = age_at(span) / micros(tau);
                if age <= 1.0 {
                    values[at] = 255.0 * on as f64;
                    values[plane + at] = (255.0 * age + 0.5).floor();
                    values[2 * plane + at] = 255.0 - 255.0 * on as f64;
                }
            }
            Representation::TimeSurface => values[on * plane + at] = seconds,
            Representation::MergedTimeSurface => values[at] = seconds,
            Representation::Voxel {
                bins, places, span, ..
            } => {
                let of_span = span;
                let narrow = |of| {
                    let (ticks, length) = ticks_of(of);
                    ticks as f32 / length as f32
                };
                let part = part(of_span);
                let place = match places {
                    // A place there is 0 divided by 0.
                    BinPlaces::EndsOf32Bits if span == TimeSpan::Events && first == last => {
                        continue;
                    }
                    BinPlaces::Ends => (bins - 1) as f64 * part,
                    BinPlaces::EndsOf32Bits => f64::from((bins - 1) as f32 * narrow(of_span)),
                    BinPlaces::Starts => bins as f64 * part,
                    BinPlaces::Centers => bins as f64 * part - 0.5,
                };
                for bin in 0..bins {
                    let near = 1.0 - (place - bin as f64).abs();
                    let own = if split { on * bins + bin } else { bin };
                    values[own * plane + at] += signed * near.max(0.0);
                }
            }
            Representation::Histogram { bins, span } => {
                let bin = ((part(span) * bins as f64 + 1e-9) as usize).min(bins - 1);
                values[(on * bins + bin) * plane + at] += 1.0;
            }
            Representation::MixedDensity { bins } => {
                for channel in 0..bins {
                    // All of the time, its first half, its first quarter, ...
                    let until = 0.5f64.powi((bins - 1 - channel) as i32);
                    let all = channel + 1 == bins;
                    if all || part(TimeSpan::Events) < until {
                        values[channel * plane + at] += sign;
                    }
                }
            }
            Representation::Tore { depth } => {
                let mut ages = vec![(age.clamp(150.0, 5e6) + 1.0).ln() - 151.0f64.ln()];
                let own = |k: usize| (on * depth + k) * plane + at;
                ages.extend((0..depth).map(|k| values[own(k)]));
                ages.sort_by(f64::total_cmp);
                (0..depth).for_each(|k| values[own(k)] = ages[k]);
            }
            Representation::Hats { .. } => unreachable!("it is of cells"),
            Representation::CountsAndTimes => {
                values[on * plane + at] += 1.0;
                values[(2 + on) * plane + at] = seconds;
            }
        }
    }
    if let Representation::MeanDecay(_) = of {
        for (value, n) in frame.0.iter_mut().zip(tally) {
            *value /= n.max(1.0);
        }
    }
    if of == Representation::CountsAndTimes {
        let times = &mut frame.0[2 * plane..];
        let latest = times.iter().copied().fold(0.0, f64::max);
        let latest = if latest > 0.0 { latest } else { 1.0 };
        times.iter_mut().for_each(|time| *time /= latest);
    }
    Frame {
        width,
        height,
        channels: of.channels(),
        window,
        first: None,
        n_events: frame.1,
        values: match of.value_type() {
            ValueType::I16 => Values::I16(frame.0.iter().map(|v| *v as i16).collect()),
            ValueType::U16 => Values::U16(frame.0.iter().map(|v| *v as u16).collect()),
            ValueType::F32 => Values::F32(frame.0.iter().map(|v| *v as f32).collect()),
        },
    }
}

/// The same of cells: each event looks at all before it.
fn of_cells(
    events: &[Event],
    window: Range<i64>,
    (cell, side, tau): (usize, usize, Duration),
) -> Frame {
    let (columns, rows) = (20usize.div_ceil(cell), 10usize.div_ceil(cell));
    let (plane, radius) = (columns * rows, side as i64 / 2);
    let mut values = vec![0.0f64; 2 * side * side * plane];
    let cell_of = |e: &Event| usize::from(e.y) / cell * columns + usize::from(e.x) / cell;
    let inside: Vec<Event> = events
        .iter()
        .copied()
        .filter(|e| e.x < 20 && e.y < 10)
        .collect();
    let mut n = vec![0.0f64; 2 * plane];
    for (i, e) in inside.iter().enumerate() {
        let own = (usize::from(e.p), cell_of(e));
        n[own.0 * plane + own.1] += 1.0;
        for earlier in &inside[..=i] {
            let (dx, dy) = (
                i64::from(earlier.x) - i64::from(e.x) + radius,
                i64::from(earlier.y) - i64::from(e.y) + radius,
            );
            let near = (0..side as i64).contains(&dx) && (0..side as i64).contains(&dy);
            if near && (usize::from(earlier.p), cell_of(earlier)) == own {
                let channel = (own.0 * side + dy as usize) * side + dx as usize;
                let age = (e.t - earlier.t).abs() as f64;
                values[channel * plane + own.1] += (-age / micros(tau)).exp();
            }
        }
    }
    let each = side * side * plane;
    for (i, value) in values.iter_mut().enumerate() {
        *value /= n[i / each * plane + i % plane].max(1.0);
    }
    Frame {
        width: columns,
        height: rows,
        channels: 2 * side * side,
        window,
        first: None,
        n_events: inside.len() as u64,
        values: Values::F32(values.iter().map(|v| *v as f32).collect()),
    }
}

/// Integers are equal. Floats are nearly: a voxel grid sums in 32 bits.
#[track_caller]
pub(crate) fn same(found: &[Frame], expected: &[Frame]) {
    assert_eq!(found.len(), expected.len(), "frames");
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let of = |f: &Frame| (f.width, f.height, f.channels, f.window.clone(), f.n_events);
        assert_eq!(of(found), of(expected), "frame {k}");
        match (&found.values, &expected.values) {
            (Values::F32(found), Values::F32(expected)) => {
                assert_eq!(found.len(), expected.len());
                for (i, (a, b)) in found.iter().zip(expected).enumerate() {
                    let near = (a - b).abs() <= 1e-6 * b.abs().max(20.0);
                    assert!(near, "frame {k}, value {i}: {a}, not {b}");
                }
            }
            (found, expected) => assert_eq!(found, expected, "frame {k}"),
        }
    }
}

/// Every representation, with several numbers of bins and all that can be chosen.
pub(crate) fn every() -> Vec<Representation> {
    let mut all = Vec::new();
    for of in Representation::ALL {
        let bins: &[usize] = match of.facts().bins.is_some() {
            true => &[5, 1, 3],
            false => &[1],
        };
        let mut add = |of| {
            if !all.contains(&of) {
                all.push(of);
            }
        };
        for bins in bins {
            let of = of.with_bins(*bins).with_tau(Duration::from_micros(40));
            for split in [of.facts().by_polarity, true] {
                for span in [TimeSpan::Events, TimeSpan::Window] {
                    for places in [
                        BinPlaces::Ends,
                        BinPlaces::EndsOf32Bits,
                        BinPlaces::Starts,
                        BinPlaces::Centers,
                    ] {
                        let of = of.split_by_polarity(split).within(span);
                        add(of.with_bin_places(places));
                    }
                }
            }
        }
    }
    all
}
