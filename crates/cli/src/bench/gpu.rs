//! What a GPU does with a file, beside what its memory and its bus allow.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::Result;
use evz::cuda::{Chunk, DeviceEvents, DeviceFrames, DeviceJob, Gpu, GpuOptions, Lane};
use evz::file::CompressedChunk;
use evz::render::{FrameSpec, JobWindows, Representation};
use evz::{Columns, Error, Place, Reader, Selection, SensorSize, described};
use serde::Serialize;

use super::{PLAIN_BYTES, median};

/// Bytes of a copy, which no cache of a device holds.
const COPIED: usize = 256 << 20;
/// Events at most that stay on the device.
const MOST_EVENTS: usize = 1 << 26;
/// Events that a lane takes at a time out of the file.
const JOB_EVENTS: u64 = 1 << 22;
/// Lanes that overlap, a thread each.
const LANES: usize = 4;
/// Runs that count, behind one that warms up.
const RUNS: usize = 7;

/// Rates in events or bytes a second, medians of several runs; `of_` are parts of the ceilings.
#[derive(Debug, Serialize)]
pub(crate) struct GpuFigures {
    pub(crate) device: String,
    pub(crate) events: u64,
    pub(crate) compressed_bytes: u64,
    pub(crate) frame_events: u64,
    /// Read and written.
    pub(crate) device_copy_bytes_per_s: f64,
    pub(crate) host_to_device_bytes_per_s: f64,
    pub(crate) device_to_host_bytes_per_s: f64,
    /// By the device's clock, from chunks on the device to four columns there.
    pub(crate) decode_events_per_s: f64,
    pub(crate) decode_of_device_copy: f64,
    /// By the device's clock, from chunks on the device to frames there.
    pub(crate) frames_events_per_s: f64,
    /// From the page cache to frames on the device.
    pub(crate) file_to_frames_events_per_s: f64,
    pub(crate) file_of_host_to_device: f64,
}

/// Measures frames of `count` events each.
pub(crate) fn gpu(
    reader: &Reader,
    count: u64,
    size: SensorSize,
    representation: Representation,
) -> Result<GpuFigures> {
    let gpu = GpuOptions::default().open();
    let gpu = gpu.map_err(|why| Error::unsupported("no GPU", why.to_string()))?;
    let chunks: Vec<CompressedChunk> = reader
        .compressed(&Selection::default())
        .collect::<evz::Result<_>>()?;
    let mut chunks: Vec<Chunk<'_>> = chunks.iter().map(described).collect();
    let mut events = 0;
    let most = chunks.iter().position(|c| {
        events += c.n_events as usize;
        events > MOST_EVENTS
    });
    chunks.truncate(most.unwrap_or(chunks.len()).max(1));
    let events: usize = chunks.iter().map(|c| c.n_events as usize).sum();
    let bytes: usize = chunks.iter().map(|c| c.payload.len()).sum();

    let mut lane = single(&gpu)?;
    let copy = 2.0 * COPIED as f64 / timed(&mut lane, |lane| lane.copy_on_device(COPIED))?;
    let bus = COPIED as f64 / timed(&mut lane, |lane| lane.copy_to_device(COPIED))?;
    let bus_back = COPIED as f64 / timed(&mut lane, |lane| lane.copy_to_host(COPIED))?;
    let resident = lane.upload(&chunks)?;
    let decode_s = timed(&mut lane, |lane| lane.decode_only(&resident, Columns::ALL))?;
    let scene = Scene {
        count,
        size,
        representation,
        reader,
    };
    let frames_s = timed(&mut lane, |lane| {
        scene.paint(lane, DeviceEvents::Resident(&resident), events)
    })?;
    drop((resident, lane));
    let file_s = from_file(&gpu, &scene, &chunks)?;
    let moved = bytes as f64 + (events as u64 * PLAIN_BYTES) as f64;
    Ok(GpuFigures {
        device: gpu.name().to_owned(),
        events: events as u64,
        compressed_bytes: bytes as u64,
        frame_events: count,
        device_copy_bytes_per_s: copy,
        host_to_device_bytes_per_s: bus,
        device_to_host_bytes_per_s: bus_back,
        decode_events_per_s: events as f64 / decode_s,
        decode_of_device_copy: moved / decode_s / copy,
        frames_events_per_s: events as f64 / frames_s,
        file_to_frames_events_per_s: events as f64 / file_s,
        file_of_host_to_device: bytes as f64 / file_s / bus,
    })
}

fn single(gpu: &Gpu) -> Result<Lane> {
    let lane = gpu.lanes(1)?.pop();
    lane.ok_or_else(|| Error::invalid("the GPU gave no stream").into())
}

/// Median seconds of some work by the device's clock.
fn timed(lane: &mut Lane, mut work: impl FnMut(&mut Lane) -> evz::Result<()>) -> Result<f64> {
    lane.time(&mut work)?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(lane.time(&mut work)?);
    }
    runs.sort_by(f64::total_cmp);
    Ok(median(&runs))
}

/// What is painted.
struct Scene<'a> {
    count: u64,
    size: SensorSize,
    representation: Representation,
    reader: &'a Reader,
}

impl Scene<'_> {
    /// Frames of `n` events, which stay on the device.
    fn paint(&self, lane: &mut Lane, events: DeviceEvents<'_>, n: usize) -> evz::Result<()> {
        let starts = (0..n as u64).step_by(self.count.max(1) as usize);
        // The times of the windows are of no use here, and would have to be decoded.
        let windows = starts.map(|from| (from..from + self.count, 0..1)).collect();
        let windows = JobWindows::Located(windows);
        let job = DeviceJob {
            events,
            sorted: self.reader.sorted(),
            selection: Selection::default(),
            windows: &windows,
            spec: FrameSpec {
                reversed: false,
                representation: self.representation,
                size: self.size,
                time_base: self.reader.info().time_base,
            },
        };
        lane.run_on_device(&job, &mut |_: DeviceFrames<'_>| Ok(()))
    }
}

/// Median seconds from the file in the page cache, checksums included, to frames on the device, by
/// several lanes.
fn from_file(gpu: &Gpu, scene: &Scene<'_>, chunks: &[Chunk<'_>]) -> Result<f64> {
    let (mut jobs, mut start, mut end) = (Vec::new(), 0, 0);
    for chunk in chunks {
        end += u64::from(chunk.n_events);
        if end - start >= JOB_EVENTS {
            jobs.push(start..end);
            start = end;
        }
    }
    if end > start {
        jobs.push(start..end);
    }
    let mut lanes = gpu.lanes(LANES)?;
    let mut runs = Vec::new();
    for _ in 0..=RUNS {
        let started = Instant::now();
        let next = AtomicUsize::new(0);
        let work = |lane: &mut Lane| -> evz::Result<()> {
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let selection = Selection {
                    events: Some(job.clone()),
                    ..Selection::default()
                };
                let (staging, _) = evz::staged(lane, scene.reader, &selection)?;
                let n = (job.end - job.start) as usize;
                scene.paint(lane, DeviceEvents::Staged(&staging), n)?;
                lane.keep_staging(staging);
            }
            Ok(())
        };
        thread::scope(|scope| {
            let threads: io::Result<Vec<_>> = lanes
                .iter_mut()
                .map(|lane| thread::Builder::new().spawn_scoped(scope, || work(lane)))
                .collect();
            let threads = threads.map_err(|e| Error::no_thread(Place::default(), &e))?;
            threads.into_iter().try_for_each(|t| {
                let ended = t.join();
                ended.unwrap_or_else(|_| Err(Error::invalid("a lane panicked")))
            })
        })?;
        runs.push(started.elapsed().as_secs_f64());
    }
    // The first warms up.
    runs.remove(0);
    runs.sort_by(f64::total_cmp);
    Ok(median(&runs))
}
