//! Frames by a device that is told or chosen.

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use evz_core::{Error, EventIndex, Result};
use evz_cuda::GpuOptions;
use evz_file::Reader;
use evz_render::{Frame, Frames, RenderOptions};

use super::choice::{Choice, Progress, Rates};
use super::device::{Device, DeviceOptions};
use super::painter::GpuPainter;
use crate::recording::Recording;

/// The frames of a recording, in order, made by a device; of what [`Frames`] tells, this tells too.
pub struct Rendering {
    frames: Frames,
    undecided: Option<Undecided>,
    choice: Option<Choice>,
    painter: Option<Arc<GpuPainter>>,
}

/// What `auto` goes by while the CPU makes frames.
struct Undecided {
    index: Arc<dyn EventIndex>,
    options: RenderOptions,
    gpu_start: Duration,
    /// When the first frame was there: what the CPU does once is done by then.
    started: Option<Instant>,
    waited: Duration,
    /// Frames behind the first.
    made: u64,
}

impl Rendering {
    /// Frames of a recording with an index. Of any other, see [`Rendering::of`].
    ///
    /// # Errors
    /// If these frames cannot be made, or not by this device.
    pub fn new(
        index: Arc<dyn EventIndex>,
        options: RenderOptions,
        on: DeviceOptions,
    ) -> Result<Self> {
        if on.device == Device::Cuda {
            let painter = open(&index, &options)?;
            let frames = options.render_by(index, painter.clone())?;
            return Ok(Self {
                painter: Some(painter),
                ..Self::by_cpu(frames)
            });
        }
        let mut this = Self::by_cpu(options.clone().render_index(index.clone())?);
        if on.device == Device::Auto {
            match fits(&*index, &options) {
                Ok(_) => {
                    this.undecided = Some(Undecided {
                        index,
                        options,
                        gpu_start: on.gpu_start,
                        started: None,
                        waited: Duration::ZERO,
                        made: 0,
                    });
                }
                Err(why) => this.choice = Some(Choice::NoGpu(why)),
            }
        }
        Ok(this)
    }

    /// Frames of any recording.
    ///
    /// # Errors
    /// As [`Rendering::new`]; or if nothing says how large frames are.
    pub fn of(recording: Recording, mut options: RenderOptions, on: DeviceOptions) -> Result<Self> {
        options.size = options.size_of(&recording.info());
        if let Some(index) = recording.shared_index() {
            return Self::new(index, options, on);
        }
        if on.device == Device::Cuda {
            return Err(only_evz());
        }
        let choice = (on.device == Device::Auto).then(|| Choice::NoGpu(only_evz()));
        Ok(Self {
            choice,
            ..Self::by_cpu(recording.into_frames(options)?)
        })
    }

    fn by_cpu(frames: Frames) -> Self {
        Self {
            frames,
            undecided: None,
            choice: None,
            painter: None,
        }
    }

    /// The next frame, which is used again for a later one; none at the end.
    ///
    /// # Errors
    /// As [`Frames::next_frame`].
    pub fn next_frame(&mut self) -> Result<Option<&Frame>> {
        if let Some(undecided) = self.undecided.take_if(|u| u.asks_for_gpu(&self.frames)) {
            let rates = undecided.try_gpu(&mut self.frames, &mut self.painter);
            self.choice = Some(rates.map_or_else(Choice::NoGpu, Choice::Measured));
        }
        let asked = Instant::now();
        let frame = self.frames.next_frame()?;
        if let Some(undecided) = &mut self.undecided {
            undecided.waited += asked.elapsed();
            if frame.is_some() {
                match undecided.started {
                    Some(_) => undecided.made += 1,
                    None => undecided.started = Some(Instant::now()),
                }
            } else {
                self.choice = Some(Choice::InTime {
                    waited: undecided.waited,
                    gpu_start: undecided.gpu_start,
                });
                self.undecided = None;
            }
        }
        Ok(frame)
    }

    /// What [`Device::Auto`] chose, and why; none as long as it may still choose otherwise, and none
    /// for a device that was told.
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// What paints on the GPU, if one makes the frames: for others of the same kind.
    pub fn painter(&self) -> Option<Arc<GpuPainter>> {
        self.painter.clone()
    }
}

impl Deref for Rendering {
    type Target = Frames;

    fn deref(&self) -> &Frames {
        &self.frames
    }
}

impl Undecided {
    fn asks_for_gpu(&self, frames: &Frames) -> bool {
        let elapsed = self.started.map_or(Duration::ZERO, |s| s.elapsed());
        let progress = Progress {
            elapsed_s: elapsed.as_secs_f64(),
            waited_s: self.waited.as_secs_f64(),
            made: self.made,
            left: frames.left().unwrap_or(0),
        };
        progress.asks_for_gpu(self.gpu_start)
    }

    /// Measures a GPU by the frames that the CPU made so far, and has it make the rest if it is
    /// faster.
    fn try_gpu(&self, frames: &mut Frames, chosen: &mut Option<Arc<GpuPainter>>) -> Result<Rates> {
        let cpu_s = self.started.map_or(0.0, |s| s.elapsed().as_secs_f64());
        let painter = open(&self.index, &self.options)?;
        // What is done once for each lane, such as getting memory, is done by the first jobs.
        self.rate(&painter, 1, f64::INFINITY)?;
        let rates = Rates {
            cpu: self.made as f64 / cpu_s.max(f64::MIN_POSITIVE),
            gpu: self.rate(&painter, self.made, cpu_s)?,
        };
        if rates.faster() == Device::Cuda {
            frames.go_on_by(&self.options, &self.index, painter.clone())?;
            *chosen = Some(painter);
        }
        Ok(rates)
    }

    /// Frames a second of the first `n`, or of fewer where these take more than `most_s` seconds.
    fn rate(&self, painter: &Arc<GpuPainter>, n: u64, most_s: f64) -> Result<f64> {
        let options = self.options.clone();
        let started = Instant::now();
        let mut frames = options.render_by(self.index.clone(), painter.clone())?;
        let (mut made, mut took_s) = (0, f64::MIN_POSITIVE);
        while made < n && took_s <= most_s && frames.next_frame()?.is_some() {
            made += 1;
            took_s = started.elapsed().as_secs_f64();
        }
        // The lanes of those that are on their way are taken until these are there.
        frames.begin_no_more();
        while frames.next_frame()?.is_some() {}
        Ok(made as f64 / took_s)
    }
}

/// The file of an index, if a GPU can make these frames of it.
fn fits<'a>(index: &'a dyn EventIndex, options: &RenderOptions) -> Result<&'a Reader> {
    let any: &dyn std::any::Any = index;
    let reader = any.downcast_ref::<Reader>().ok_or_else(only_evz)?;
    options.check_by_others(index)?;
    evz_cuda::paints(options.frame_spec(reader))?;
    Ok(reader)
}

/// A painter of these frames on a GPU.
fn open(index: &Arc<dyn EventIndex>, options: &RenderOptions) -> Result<Arc<GpuPainter>> {
    let reader = fits(&**index, options)?;
    let gpu = GpuOptions::default().open();
    let gpu = gpu.map_err(|why| Error::unsupported("no GPU", why.to_string()))?;
    Ok(Arc::new(GpuPainter::new(
        &gpu,
        reader,
        options.frame_spec(reader),
    )?))
}

pub(super) fn only_evz() -> Error {
    Error::invalid("only an .evz file is rendered on a GPU; convert the recording first")
}
