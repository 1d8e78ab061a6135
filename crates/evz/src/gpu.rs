//! Frames by a GPU, out of the chunks of a file as they are.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use evz_core::{Error, Result, Selection, parallel};
use evz_cuda::{Chunk, DeviceEvents, DeviceJob, Gpu, Lane};
use evz_file::{CompressedChunk, Reader};
use evz_render::{
    FrameSpec, Job, JobEvents, JobSizes, JobWindows, Painted, Painter, RenderOptions,
};

/// Jobs that overlap at most: while one is copied, another is decoded and others come back. A copy is
/// the work of a thread, and it takes ten of them to feed the bus.
const MOST_LANES: usize = 12;
/// Events of a job: enough to fill the device together with those of the other lanes.
const JOB_EVENTS: u64 = 1 << 20;
/// Bytes of the frames of a job, if it is more than one frame: they stay in the caches of the processor
/// from the one copy to the next.
const JOB_BYTES: usize = 16 << 20;

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
}

impl GpuPainter {
    /// A painter of these frames of a file.
    ///
    /// # Errors
    /// If the GPU has no room.
    pub fn new(gpu: &Gpu, reader: &Reader, options: &RenderOptions) -> Result<Self> {
        let spec = options.frame_spec(reader);
        let FrameSpec {
            representation,
            size,
            ..
        } = spec;
        let values =
            u64::from(size.width) * u64::from(size.height) * representation.channels() as u64;
        let bytes = (values as usize).saturating_mul(representation.value_type().bytes());
        Ok(Self {
            lanes: Mutex::new(gpu.lanes(lanes())?),
            frames: Mutex::default(),
            spec,
            sorted: reader.sorted(),
            windows: (JOB_BYTES / bytes.max(1)).clamp(1, 4096) as u64,
            reader: reader.clone(),
        })
    }

    fn run(&self, mut selection: Selection, windows: &JobWindows) -> Result<Vec<Painted>> {
        let chunks: Vec<CompressedChunk> =
            self.reader.compressed(&selection).collect::<Result<_>>()?;
        let described: Vec<Chunk<'_>> = chunks.iter().map(described).collect();
        // In order, the chunks' ranges are the selected time; else the device looks at each event.
        if self.sorted {
            selection.time = None;
        }
        if self.sorted || selection.events.is_some() {
            selection.events = Some(positions(&chunks));
        }
        let job = DeviceJob {
            events: DeviceEvents::Chunks(&described),
            sorted: self.sorted,
            selection,
            windows,
            spec: self.spec,
        };
        let mut lane = self.lane()?;
        let painted = lane.run(&job, &mut || shelf(&self.frames).pop());
        self.give_back(lane);
        painted
    }

    /// A lane that nobody uses; there are as many as jobs in flight.
    fn lane(&self) -> Result<Lane> {
        let busy = || Error::invalid("more jobs than the painter asked for");
        shelf(&self.lanes).pop().ok_or_else(busy)
    }

    fn give_back(&self, lane: Lane) {
        shelf(&self.lanes).push(lane);
    }
}

fn shelf<T>(things: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    things.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As many as there are threads to use them.
fn lanes() -> usize {
    parallel::threads().clamp(2, MOST_LANES)
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
    }
}

/// Where the events that were asked for stand among those of the chunks.
fn positions(chunks: &[CompressedChunk]) -> Range<u64> {
    let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else {
        return 0..0;
    };
    let before_last = chunks[..chunks.len() - 1].iter().map(|c| c.n_events);
    first.range.start as u64..(before_last.sum::<usize>() + last.range.end) as u64
}

impl Painter for GpuPainter {
    fn sizes(&self) -> JobSizes {
        let times = self.spec.representation.facts().columns.t;
        JobSizes {
            events: JOB_EVENTS,
            apart: JOB_EVENTS,
            located: if times { u64::MAX } else { LOCATED },
            windows: self.windows,
            at_once: lanes(),
        }
    }

    fn paint(&self, job: Job) -> Result<Vec<Painted>> {
        match job.events {
            JobEvents::Read(selection) | JobEvents::Visit(selection) => {
                self.run(selection, &job.windows)
            }
            JobEvents::Held(_) => Err(Error::unsupported(
                "the GPU",
                "only an .evz file is rendered there; convert the recording first",
            )),
        }
    }

    fn take_back(&self, painted: Painted) {
        shelf(&self.frames).push(painted);
    }
}
