//! Frames by a GPU, out of the chunks of a file as they are.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use evz_core::{Error, Result, Selection, parallel};
use evz_cuda::{Chunk, DeviceArray, DeviceEvents, DeviceJob, Gpu, Lane, Staging};
use evz_file::{CompressedChunk, ListedChunk, Reader};
use evz_render::{FrameSpec, Job, JobEvents, JobSizes, JobWindows, Painted, Painter};

use super::rendering::only_evz;

/// Jobs that overlap: while one is read on all cores, another is decoded and others come back. With
/// more than this, calls of the driver wait for each other.
const LANES: usize = 4;
/// The same for jobs of few frames: a thread unpacks a frame, and takes longer than all else.
const MORE_LANES: usize = 12;
/// Frames of a job that are few.
const FEW: u64 = 4;
/// Events of a job: enough to fill the device.
const JOB_EVENTS: u64 = 1 << 22;
/// Bytes of the frames of a job, if it is more than one frame: they stay in the caches of the processor
/// from the one copy to the next.
const JOB_BYTES: usize = 18 << 20;

/// Borders of windows of so many events are looked up in the file, if times are needed for nothing
/// else: a look-up decodes a block of times.
const LOCATED: u64 = 1 << 14;

/// Paints frames of a file on a GPU.
pub struct GpuPainter {
    reader: Reader,
    lanes: Mutex<Vec<Lane>>,
    /// Frames that nobody looks at any more.
    frames: Mutex<Vec<Painted>>,
    spec: FrameSpec,
    sorted: bool,
    windows: u64,
    at_once: usize,
}

impl GpuPainter {
    /// A painter of these frames of a file.
    ///
    /// # Errors
    /// If the GPU has no room, or the file is an index of events in another one.
    pub fn new(gpu: &Gpu, reader: &Reader, spec: FrameSpec) -> Result<Self> {
        if reader.is_index() {
            return Err(only_evz());
        }
        evz_cuda::paints(spec)?;
        let FrameSpec {
            representation,
            size,
            ..
        } = spec;
        let values =
            u64::from(size.width) * u64::from(size.height) * representation.channels() as u64;
        let bytes = (values as usize).saturating_mul(representation.value_type().bytes());
        let windows = (JOB_BYTES / bytes.max(1)).clamp(1, 4096) as u64;
        let at_once = match windows < FEW {
            true => parallel::threads().clamp(LANES, MORE_LANES),
            false => LANES,
        };
        Ok(Self {
            lanes: Mutex::new(gpu.lanes(at_once)?),
            at_once,
            frames: Mutex::default(),
            spec,
            sorted: reader.sorted(),
            windows,
            reader: reader.clone(),
        })
    }

    /// The frames of a job in memory of the device, which whoever has the array owns. As many threads as
    /// the [sizes](Painter::sizes) say may call this at once.
    ///
    /// # Errors
    /// If the events of the job cannot be read, or its frames do not fit the device all at once.
    pub fn paint_on_device(&self, job: Job) -> Result<DeviceArray> {
        self.run(job, |lane, job| lane.run_to_array(job))
    }

    /// Has a lane do something with a job.
    fn run<T>(
        &self,
        job: Job,
        work: impl FnOnce(&mut Lane, &DeviceJob<'_>) -> Result<T>,
    ) -> Result<T> {
        let (JobEvents::Read(selection) | JobEvents::Visit(selection)) = job.events else {
            return Err(Error::unsupported(
                "the GPU",
                "only an .evz file is rendered there; convert the recording first",
            ));
        };
        let mut lane = self.lane()?;
        let done = self.run_on(&mut lane, selection, &job.windows, work);
        shelf(&self.lanes).push(lane);
        done
    }

    fn run_on<T>(
        &self,
        lane: &mut Lane,
        mut selection: Selection,
        windows: &JobWindows,
        work: impl FnOnce(&mut Lane, &DeviceJob<'_>) -> Result<T>,
    ) -> Result<T> {
        let (staging, positions) = staged(lane, &self.reader, &selection)?;
        // In order, the chunks' ranges are the selected time; else the device looks at each event.
        if self.sorted {
            selection.time = None;
        }
        if self.sorted || selection.events.is_some() {
            selection.events = Some(positions);
        }
        let job = DeviceJob {
            events: DeviceEvents::Staged(&staging),
            sorted: self.sorted,
            selection,
            windows,
            spec: self.spec,
        };
        let done = work(lane, &job);
        lane.keep_staging(staging);
        done
    }

    /// A lane that nobody uses; there are as many as jobs in flight.
    fn lane(&self) -> Result<Lane> {
        let busy = || Error::invalid("more jobs than the painter asked for");
        shelf(&self.lanes).pop().ok_or_else(busy)
    }
}

fn shelf<T>(things: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    things.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the chunks of a selection, checksums included, to where a lane copies them from, on all
/// cores. Says where the selected events stand among those of the chunks, too.
///
/// # Errors
/// If the file cannot be read, or there is no memory.
pub fn staged(
    lane: &mut Lane,
    reader: &Reader,
    selection: &Selection,
) -> Result<(Staging, Range<u64>)> {
    let listed: Vec<ListedChunk> = reader.listed(selection).collect::<Result<_>>()?;
    let lens: Vec<usize> = listed.iter().map(|c| c.payload_len() as usize).collect();
    let mut staging = lane.staging(&lens)?;
    parallel::try_each_mut(&mut staging.places(), |number, place| {
        place.put(&described(&listed[number].read()?))
    })?;
    Ok((staging, positions(&listed)))
}

/// A chunk of a file as the GPU wants it.
pub fn described<'a>(chunk: &'a CompressedChunk) -> Chunk<'a> {
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

/// Where the events that were asked for stand among those of the chunks.
fn positions(chunks: &[ListedChunk]) -> Range<u64> {
    let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else {
        return 0..0;
    };
    let before_last = chunks[..chunks.len() - 1].iter().map(ListedChunk::n_events);
    first.range().start as u64..(before_last.sum::<usize>() + last.range().end) as u64
}

impl Painter for GpuPainter {
    fn sizes(&self) -> JobSizes {
        let times = self.spec.representation.facts().columns.t;
        JobSizes {
            events: JOB_EVENTS,
            apart: JOB_EVENTS,
            located: if times { u64::MAX } else { LOCATED },
            windows: self.windows,
            at_once: self.at_once,
        }
    }

    fn paint(&self, job: Job) -> Result<Vec<Painted>> {
        self.run(job, |lane, job| {
            lane.run(job, &mut || shelf(&self.frames).pop())
        })
    }

    fn take_back(&self, painted: Painted) {
        shelf(&self.frames).push(painted);
    }
}
