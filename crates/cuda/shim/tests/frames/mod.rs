//! A recording, its frames by the CPU, and the same by the device.

#![allow(dead_code, reason = "each file of tests uses a part of this")]

use std::io::Cursor;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evz_codec::Codec;
use evz_core::{
    Event, EventBatch, EventSlice, Metadata, Selection, SensorSize, StreamInfo, TimeBase,
};
use evz_cuda::{Chunk, DeviceEvents, DeviceJob, Gpu, GpuOptions, Lane};
use evz_cuda_shim::{Device, sanitized};
use evz_file::{CompressedChunk, ReadOptions, Reader, WriteOptions};
use evz_render::{
    BinPlaces, Decay, Frame, FrameSpec, JobWindows, Painted, RenderOptions, Representation,
    TimeSpan, Values, Windows,
};

/// Every representation, with several numbers of bins.
pub(crate) fn every() -> Vec<Representation> {
    let of = |of: Representation| {
        let bins: &[usize] = if of.facts().bins.is_some() {
            &[5, 1, 3, 7]
        } else {
            &[1]
        };
        bins.iter().map(move |n| {
            of.with_bins(*n)
                .with_tau(std::time::Duration::from_micros(40))
        })
    };
    let all = Representation::ALL.into_iter().flat_map(of);
    all.filter(|of| evz_cuda::paints(spec(*of, size(4, 3))).is_ok())
        .chain(with_options())
        .collect()
}

/// Those that have options, with some that are not the usual ones.
pub(crate) fn with_options() -> Vec<Representation> {
    let (events, window) = (TimeSpan::Events, TimeSpan::Window);
    let grids = [
        (4, BinPlaces::Ends, window, true),
        (5, BinPlaces::EndsOf32Bits, events, false),
        (3, BinPlaces::EndsOf32Bits, window, true),
        (5, BinPlaces::Starts, events, false),
        (3, BinPlaces::Starts, window, true),
        (5, BinPlaces::Centers, events, true),
        (1, BinPlaces::Centers, window, false),
    ];
    let grids = grids.map(|(bins, places, span, by_polarity)| Representation::Voxel {
        bins,
        places,
        span,
        by_polarity,
    });
    let decay = |by_polarity, span| Decay {
        tau: std::time::Duration::from_micros(40),
        by_polarity,
        span,
    };
    let others = [
        Representation::histogram(3).within(window),
        Representation::ExpDecay(decay(true, window)),
        Representation::ExpDecay(decay(false, events)),
        Representation::LinearDecay(decay(true, events)),
    ];
    grids.into_iter().chain(others).collect()
}

pub(crate) fn size(width: u32, height: u32) -> SensorSize {
    SensorSize { width, height }
}

/// A generator of numbers below others.
pub(crate) fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    }
}

/// `n` events on so many pixels, many of them at the same time and place.
pub(crate) fn events(n: usize, size: SensorSize, sorted: bool, seed: u64) -> Vec<Event> {
    let mut random = random(seed);
    let mut event = || Event {
        t: random(n as u64 / 2 + 1) as i64 - 20,
        x: random(size.width.into()) as u16,
        y: random(size.height.into()) as u16,
        p: random(2) as u8,
    };
    let mut events: Vec<Event> = (0..n).map(|_| event()).collect();
    if sorted {
        events.sort_by_key(|e| e.t);
    }
    events
}

/// A recording in a file in memory.
pub(crate) struct Recording {
    pub(crate) events: Vec<Event>,
    pub(crate) reader: Reader,
    pub(crate) size: SensorSize,
}

impl Recording {
    pub(crate) fn new(
        events: Vec<Event>,
        size: SensorSize,
        codec: &'static dyn Codec,
        chunk_events: u32,
    ) -> Self {
        let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(size);
        let batch: EventBatch = events.iter().copied().collect();
        let mut writer = WriteOptions::new()
            .with_codec(codec)
            .with_chunk_events(chunk_events)
            .write_to(Vec::new(), &info)
            .unwrap();
        writer.write_batch(batch.as_slice()).unwrap();
        let (file, _) = writer.finish_into(&Metadata::new()).unwrap();
        let reader = ReadOptions::new().open_stream(Cursor::new(file)).unwrap();
        Self {
            events,
            reader,
            size,
        }
    }

    /// The frames of the CPU, and how many events were beyond the sensor in all.
    pub(crate) fn by_cpu(&self, what: &Asked) -> (Vec<Frame>, u64) {
        let mut options = RenderOptions::new(what.windows.clone(), what.representation)
            .with_selection(what.selection.clone())
            .with_size(what.size.unwrap_or(self.size));
        options.reversed = what.reversed;
        let mut frames = options.render_index(Arc::new(self.reader.clone())).unwrap();
        let mut all = Vec::new();
        while let Some(frame) = frames.next_frame().unwrap() {
            all.push(frame.clone());
        }
        let beyond = frames.report().losses.iter().map(|l| l.count).sum();
        (all, beyond)
    }

    /// The frames of a lane, whose windows of time are those of the CPU.
    pub(crate) fn by_lane(
        &self,
        lane: &mut Lane,
        what: &Asked,
        cpu: &[Frame],
    ) -> evz_core::Result<Vec<Painted>> {
        let batch: EventBatch = self.events.iter().copied().collect();
        let held = self.compressed();
        let chunks: Vec<_> = held.iter().map(chunk).collect();
        let sorted = self.events.is_sorted_by_key(|e| e.t);
        let run = |lane: &mut Lane, windows| {
            let mut job = DeviceJob {
                events: match what.as_columns {
                    true => DeviceEvents::Columns(batch.as_slice()),
                    false => DeviceEvents::Chunks(&chunks),
                },
                sorted,
                selection: what.selection.clone(),
                windows: &windows,
                spec: FrameSpec {
                    reversed: what.reversed,
                    ..spec(what.representation, what.size.unwrap_or(self.size))
                },
            };
            // What runs twice shows nothing more of the kernels.
            if sanitized() {
                return lane.run(&job, &mut || None);
            }
            // Frames in the memory of others, of which some are left.
            let mut memory = lane.run(&job, &mut || None)?;
            memory.truncate(memory.len() / 2 + 1);
            if what.as_columns {
                return lane.run(&job, &mut || memory.pop());
            }
            let lens: Vec<usize> = chunks.iter().map(|c| c.payload.len()).collect();
            let mut staging = lane.staging(&lens)?;
            for (place, chunk) in staging.places().iter_mut().zip(&chunks) {
                place.put(chunk)?;
            }
            job.events = DeviceEvents::Staged(&staging);
            let painted = lane.run(&job, &mut || memory.pop());
            lane.keep_staging(staging);
            painted
        };
        match what.by_count {
            Some((length, stride)) => {
                let kept = self.selected(batch.as_slice(), &what.selection) as u64;
                let starts = (0..kept).step_by(stride as usize);
                let windows: Vec<_> = starts.map(|start| start..start + length).collect();
                run(lane, JobWindows::Positions(windows))
            }
            None => {
                let windows: Vec<_> = cpu.iter().map(|f| f.window.clone()).collect();
                run(lane, JobWindows::Ticks(windows))
            }
        }
    }

    /// Its chunks, not decoded.
    pub(crate) fn compressed(&self) -> Vec<CompressedChunk> {
        let all = Selection::default();
        let chunks = self.reader.compressed(&all);
        chunks.map(|chunk| chunk.unwrap()).collect()
    }

    fn selected(&self, events: EventSlice<'_>, selection: &Selection) -> usize {
        let keeps = |i: &usize| selection.keeps(events, *i, *i as u64);
        (0..events.len()).filter(keeps).count()
    }

    /// How many events of each window are in each pixel.
    pub(crate) fn totals(&self, what: &Asked) -> Vec<Frame> {
        let of = Asked {
            representation: Representation::Total,
            ..what.clone()
        };
        self.by_cpu(&of).0
    }

    /// Asks both, and compares.
    #[track_caller]
    pub(crate) fn compare(&self, lane: &mut Lane, what: &Asked) {
        let (cpu, beyond) = self.by_cpu(what);
        let device = self.by_lane(lane, what, &cpu).unwrap();
        same(&device, &cpu, &self.totals(what), what);
        assert_eq!(
            device.iter().map(|p| p.beyond).sum::<u64>(),
            beyond,
            "{what:?}"
        );
    }
}

/// A chunk, as a lane takes it.
pub(crate) fn chunk<'a>(chunk: &'a CompressedChunk) -> Chunk<'a> {
    Chunk {
        payload: chunk.payload(),
        codec: chunk.codec,
        n_events: chunk.n_events as u32,
        toc_len: chunk.toc_len as u32,
        t_first: chunk.time.first,
        t_divisor: chunk.time.divisor,
        t_min: chunk.t_min,
        t_max: chunk.t_max,
    }
}

/// What is asked of both.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) windows: Windows,
    /// The same, if it is by count: length and stride.
    pub(crate) by_count: Option<(u64, u64)>,
    pub(crate) representation: Representation,
    /// Whether time runs backwards.
    pub(crate) reversed: bool,
    pub(crate) selection: Selection,
    /// Size of the frames, if it is not that of the sensor.
    pub(crate) size: Option<SensorSize>,
    pub(crate) as_columns: bool,
}

/// Windows of so many events.
pub(crate) fn by_count(representation: Representation, length: u64, stride: u64) -> Asked {
    let windows = evz_render::CountWindows::new(length, stride).unwrap();
    Asked {
        windows: Windows::Count(windows),
        by_count: Some((length, stride)),
        representation,
        reversed: false,
        selection: Selection::default(),
        size: None,
        as_columns: false,
    }
}

/// Windows of so many ticks.
pub(crate) fn by_time(representation: Representation, length: i128, stride: i128) -> Asked {
    let windows = evz_render::TimeWindows::new(length, stride, 1).unwrap();
    Asked {
        windows: Windows::Time(windows),
        by_count: None,
        ..by_count(representation, 1, 1)
    }
}

/// Something on the device of this process, which no other test uses meanwhile.
pub(crate) struct Alone<T> {
    // Before the guard: it goes first.
    held: T,
    _guard: MutexGuard<'static, ()>,
}

impl<T> Deref for Alone<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held
    }
}

impl<T> DerefMut for Alone<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held
    }
}

/// A device, of which so many bytes may be used.
pub(crate) fn gpu(device: Device, max_device_bytes: u64) -> Alone<Gpu> {
    static DEVICE: Mutex<()> = Mutex::new(());
    let guard = DEVICE.lock().unwrap_or_else(PoisonError::into_inner);
    // What it takes to open it does not count.
    let with_room = Device {
        memory: 1 << 30,
        ..device
    };
    with_room.install();
    let options = GpuOptions::default().with_max_device_bytes(max_device_bytes);
    let held = options.open().unwrap();
    device.install();
    Alone {
        held,
        _guard: guard,
    }
}

/// One lane with much memory, of a device that runs threads in the order `seed`.
pub(crate) fn lane(seed: u32) -> Alone<Lane> {
    lane_of(Device {
        seed,
        ..Device::default()
    })
}

/// One lane with much memory, of such a device.
pub(crate) fn lane_of(device: Device) -> Alone<Lane> {
    let Alone { held, _guard } = gpu(device, 1 << 29);
    let held = held.lanes(1).unwrap().remove(0);
    Alone { held, _guard }
}

/// All is equal, but for the values of voxel grids in which events meet, of which `totals` says how many.
#[track_caller]
pub(crate) fn same(device: &[Painted], cpu: &[Frame], totals: &[Frame], what: &Asked) {
    assert_eq!(device.len(), cpu.len(), "frames of {what:?}");
    for (k, (painted, cpu)) in device.iter().zip(cpu).enumerate() {
        let found = &painted.frame;
        let of = |f: &Frame| (f.width, f.height, f.channels, f.window.clone(), f.n_events);
        assert_eq!(of(found), of(cpu), "frame {k} of {what:?}");
        match (&found.values, &cpu.values, what.representation) {
            (Values::F32(found), Values::F32(cpu), Representation::Voxel { .. }) => {
                let Values::U16(counts) = &totals[k].values else {
                    panic!("counts are u16")
                };
                let counts = counts.iter().cycle();
                for (i, ((a, b), n)) in found.iter().zip(cpu).zip(counts).enumerate() {
                    let n = f32::from(*n);
                    let most = match n > 1.0 {
                        true => n * (n + 1.0) * 2f32.powi(-23),
                        false => 0.0,
                    };
                    assert!(
                        (a - b).abs() <= most,
                        "value {i} of {k} of {what:?}: {a}, not {b}"
                    );
                }
            }
            (Values::F32(found), Values::F32(cpu), _) => {
                let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(found), bits(cpu), "frame {k} of {what:?}");
            }
            (found, cpu, _) => assert_eq!(found, cpu, "frame {k} of {what:?}"),
        }
    }
}

/// A job of no windows yet, of events in order.
pub(crate) fn job(events: DeviceEvents<'_>, of: Representation, size: SensorSize) -> DeviceJob<'_> {
    static NO_WINDOWS: JobWindows = JobWindows::Positions(Vec::new());
    DeviceJob {
        events,
        sorted: true,
        selection: Selection::default(),
        windows: &NO_WINDOWS,
        spec: spec(of, size),
    }
}

fn spec(representation: Representation, size: SensorSize) -> FrameSpec {
    FrameSpec {
        reversed: false,
        representation,
        size,
        time_base: TimeBase::MICROSECONDS,
    }
}
