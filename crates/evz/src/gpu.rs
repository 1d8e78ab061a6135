//! Frames by a GPU, out of the chunks of a file as they are.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use evz_core::{Error, Result, Selection, SensorSize, TimeBase};
use evz_cuda::{Chunk, Events, Gpu, Job as GpuJob, Lane, Windows};
use evz_file::{CompressedChunk, Reader};
use evz_render::{Canvas, Job, JobSizes, Painter, Part, RenderOptions, Representation};

/// Jobs that overlap: while one is copied, another is decoded and a third comes back.
const LANES: usize = 4;
/// Events of a job: enough to fill the device.
const JOB_EVENTS: u64 = 1 << 22;
/// Bytes of the frames of a job, if it is more than one frame.
const JOB_BYTES: usize = 256 << 20;

/// Paints frames of a file on a GPU.
pub struct GpuPainter {
    reader: Reader,
    lanes: Mutex<Vec<Lane>>,
    representation: Representation,
    size: SensorSize,
    time_base: TimeBase,
    sorted: bool,
    windows: u64,
}

impl GpuPainter {
    /// A painter of these frames of a file.
    ///
    /// # Errors
    /// If the GPU has no room.
    pub fn new(gpu: &Gpu, reader: &Reader, options: &RenderOptions) -> Result<Self> {
        let (representation, size) = (options.representation, options.frame_size(reader));
        let values =
            u64::from(size.width) * u64::from(size.height) * representation.channels() as u64;
        let bytes = (values as usize).saturating_mul(representation.value_type().bytes());
        Ok(Self {
            lanes: Mutex::new(gpu.lanes(LANES)?),
            representation,
            size,
            time_base: reader.info().time_base,
            sorted: reader.sorted(),
            windows: (JOB_BYTES / bytes.max(1)).clamp(1, 4096) as u64,
            reader: reader.clone(),
        })
    }

    fn run(&self, selection: Selection, windows: Windows<'_>) -> Result<Vec<Canvas>> {
        let chunks: Vec<CompressedChunk<'_>> =
            self.reader.compressed(&selection).collect::<Result<_>>()?;
        let described: Vec<Chunk<'_>> = chunks.iter().map(described).collect();
        let mut selection = selection;
        // In order, the chunks' ranges are the selected time; else the device looks at each event.
        if self.sorted {
            selection.time = None;
        }
        if self.sorted || selection.events.is_some() {
            selection.events = Some(positions(&chunks));
        }
        let job = GpuJob {
            events: Events::Chunks(&described),
            sorted: self.sorted,
            selection,
            windows,
            representation: self.representation,
            size: self.size,
            time_base: self.time_base,
        };
        let mut lane = self.lane()?;
        let painted = lane.run(&job);
        self.give_back(lane);
        let canvas = |p: evz_cuda::Painted| Canvas::painted(self.representation, p.frame, p.beyond);
        Ok(painted?.into_iter().map(canvas).collect())
    }

    /// A lane that nobody uses; there are as many as jobs in flight.
    fn lane(&self) -> Result<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = || Error::invalid("more jobs than the painter asked for");
        lanes.pop().ok_or_else(busy)
    }

    fn give_back(&self, lane: Lane) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.push(lane);
    }
}

/// A chunk of a file as the GPU wants it.
pub fn described<'a>(chunk: &'a CompressedChunk<'_>) -> Chunk<'a> {
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
fn positions(chunks: &[CompressedChunk<'_>]) -> Range<u64> {
    let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else {
        return 0..0;
    };
    let before_last = chunks[..chunks.len() - 1].iter().map(|c| c.n_events);
    first.range.start as u64..(before_last.sum::<usize>() + last.range.end) as u64
}

impl Painter for GpuPainter {
    fn sizes(&self) -> JobSizes {
        JobSizes {
            events: JOB_EVENTS,
            apart: JOB_EVENTS,
            windows: self.windows,
            at_once: LANES,
        }
    }

    fn paint(&self, job: Job) -> Result<Vec<Canvas>> {
        match job {
            Job::Apart {
                selection,
                window: Some(window),
            } => self.run(selection, Windows::Time(&[window])),
            Job::Apart {
                selection,
                window: None,
            } => {
                let all = std::iter::once(0..u64::MAX).collect::<Vec<_>>();
                self.run(selection, Windows::Events(&all))
            }
            Job::Read { selection, windows } => {
                let (mut events, mut times) = (Vec::new(), Vec::new());
                for window in windows {
                    match window {
                        Part::Events(Range { start, end }) => events.push(start as u64..end as u64),
                        Part::Time(time) => times.push(time),
                    }
                }
                if times.is_empty() {
                    self.run(selection, Windows::Events(&events))
                } else {
                    self.run(selection, Windows::Time(&times))
                }
            }
            Job::Held { .. } => Err(Error::unsupported(
                "the GPU",
                "only an .evz file is rendered there; convert the recording first",
            )),
        }
    }

    fn take_back(&self, _: Canvas) {}
}
