//! The frames of a recording, in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evz_core::parallel::InOrder;
use evz_core::{
    Error, EventIndex, EventSource, Loss, LossKind, Memory as BytesTaken, Place, Question, Report,
    Result, Selection, SensorSize, StreamInfo, max_memory,
};

use crate::array_type::{ArrayType, Prepared};
use crate::by_count::ByCount;
use crate::by_stream::{CountStream, Read, Stream, TimeStream};
use crate::by_time::{ByTime, Cut};
use crate::frame::{Frame, Painted};
use crate::job::{JobSizes, Jobs, Painter, Planned};
use crate::memory::Memory;
use crate::preparation::{Preparation, Preparer};
use crate::processor::Processor;
use crate::rectify_map::RectifyMap;
use crate::representation::Representation;
use crate::spec::FrameSpec;
use crate::windows::Windows;

/// What is rendered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RenderOptions {
    /// Which events make a frame.
    pub windows: Windows,
    /// What is made of them.
    pub representation: Representation,
    /// Which events count at all; its columns do not matter. A region does not change the size of
    /// the frames: what lies outside it is empty.
    pub selection: Selection,
    /// Size of the frames, whatever the recording says of its sensor.
    pub size: Option<SensorSize>,
    /// Whether each frame says the number of its first event also where that takes a look-up in the
    /// index: for windows of time.
    pub numbered: bool,
    /// Whether each frame is made as soon as its events are there, of a recording that is read while it is
    /// made; otherwise many are made at once.
    pub live: bool,
    /// Whether a frame goes on from the one before it, decayed until its end, instead of forgetting: of
    /// `binary`, the decays and the leaky sum; and of time surfaces, whose times then count from the start of
    /// the first window. Windows have to follow each other; what lies between two of them is not seen.
    pub memory: bool,
    /// Whether time runs backwards in each window, as [`FrameSpec::reversed`] says. The events of a window are
    /// then held in memory.
    pub reversed: bool,
    /// How frames are made ready for a network; [`Frames::prepared`] has what comes of it.
    pub preparation: Option<Preparation>,
    /// Where the pixels of the sensor lie without the distortion of the lens, if events are to be seen there. A
    /// region of the selection is of the sensor's own pixels. In voxel grids and leaky sums an event is shared
    /// among the four pixels around its position, in proportion to how near they are in each direction; in all
    /// other frames it is in the nearest one. The report counts those of which nothing is in the frame.
    pub rectification: Option<Arc<RectifyMap>>,
}

impl RenderOptions {
    /// These windows of all events, as these frames, of the size of the sensor.
    pub fn new(windows: Windows, representation: Representation) -> Self {
        Self {
            windows,
            representation,
            selection: Selection::default(),
            size: None,
            numbered: false,
            live: false,
            memory: false,
            reversed: false,
            preparation: None,
            rectification: None,
        }
    }

    /// Only these events.
    pub fn with_selection(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// Frames of this size.
    pub fn with_size(mut self, size: SensorSize) -> Self {
        self.size = Some(size);
        self
    }

    /// Frames that are rectified by this map, of its size where nothing else says one.
    pub fn with_rectification(mut self, map: Arc<RectifyMap>) -> Self {
        self.rectification = Some(map);
        self
    }

    /// The size of the frames of a recording: the one that is told, that of the sensor, or that of the map that
    /// they are rectified by.
    pub fn size_of(&self, info: &StreamInfo) -> Option<SensorSize> {
        let of_map = || self.rectification.as_ref().map(|map| map.size());
        self.size.or(info.size).or_else(of_map)
    }

    /// The frames of an indexed recording, made by reading only what they need. Where neither it
    /// nor the options say the size of the sensor, the frames reach as far as its events.
    ///
    /// # Errors
    /// If the recording is damaged, or these frames cannot be made.
    pub fn render_index(self, index: Arc<dyn EventIndex>) -> Result<Frames> {
        self.windows.check()?;
        let spec = self.frame_spec(&*index);
        if self.check_run(&*index).is_err() {
            // Where the selected events stand is known once they are read.
            let source = index.source(&self.selection);
            let options = Self {
                selection: Selection::default(),
                size: Some(spec.size),
                ..self
            };
            let mut frames = options.render_source(source)?;
            // Those of the source are of what is selected.
            frames.numbered = false;
            return Ok(frames);
        }
        let map = self.rectification.clone();
        let painter = Processor::new(Some(index.clone()), spec, map, self.preparation)?;
        self.render_with(index, Arc::new(painter))
    }

    /// The same by another painter, made for these frames.
    ///
    /// # Errors
    /// As [`RenderOptions::render_index`] and [`RenderOptions::check_by_others`].
    pub fn render_by(
        self,
        index: Arc<dyn EventIndex>,
        painter: Arc<dyn Painter>,
    ) -> Result<Frames> {
        self.check_by_others(&*index)?;
        self.render_with(index, painter)
    }

    fn render_with(self, index: Arc<dyn EventIndex>, painter: Arc<dyn Painter>) -> Result<Frames> {
        let spec = self.frame_spec(&*index);
        let sizes = self.sizes(&*painter, spec)?;
        let jobs = self.jobs(&index, sizes, 0)?;
        let mut frames = frames(painter, jobs, spec, index.info());
        frames.at_once = sizes.at_once;
        self.finish(&mut frames)?;
        frames.overlap = self.windows.overlap();
        frames.of_index = index.report();
        Ok(frames)
    }

    /// Looks whether another painter than the processor can make these frames.
    ///
    /// # Errors
    /// If they are rectified; if they are voxel grids that are normalised by what is not 0, which depends on the
    /// order of their sums; or if windows by count are of events that do not stand next to each other, which only the
    /// processor gathers.
    pub fn check_by_others(&self, index: &dyn EventIndex) -> Result<()> {
        if self.rectification.is_some() {
            let what = "frames are rectified by the CPU alone";
            return Err(cpu_alone(what));
        }
        let zeros_count = self.preparation.is_some_and(|how| how.zeros_count());
        if zeros_count && matches!(self.representation, Representation::Voxel { .. }) {
            let what = "voxel grids that are normalised by what is not 0 are painted by the CPU alone: weights \
                        that cancel are 0 in its order of sums";
            return Err(cpu_alone(what));
        }
        self.check_run(index)
    }

    /// Looks whether the events of each window stand next to each other, where that is asked.
    fn check_run(&self, index: &dyn EventIndex) -> Result<()> {
        if matches!(self.windows, Windows::Count(_)) && !ByCount::fits(index, &self.selection) {
            let what = "windows by count of selected events are painted by the CPU alone";
            return Err(cpu_alone(what));
        }
        Ok(())
    }

    /// The frames of a recording, as a painter makes them.
    pub fn frame_spec(&self, index: &dyn EventIndex) -> FrameSpec {
        let (extent, info) = (index.extent(), index.info());
        FrameSpec {
            representation: self.representation,
            reversed: self.reversed,
            size: self.size_of(info).unwrap_or(SensorSize {
                width: u32::from(extent.x_max) + 1,
                height: u32::from(extent.y_max) + 1,
            }),
            time_base: info.time_base,
        }
    }

    /// Gives frames what is done with them once they are painted.
    fn finish(&self, frames: &mut Frames) -> Result<()> {
        frames.memory = self.remembers(frames.spec)?;
        let preparation = self.preparation;
        let preparer = preparation.map(|how| how.of(self.representation));
        frames.preparer = preparer.transpose()?.map(Arc::new);
        if let Some(preparer) = &frames.preparer {
            frames.array_shape =
                preparer.shape(self.representation.frame_size(frames.spec.size))?;
        }
        Ok(())
    }

    /// The memory of the frames, if they have one.
    fn remembers(&self, spec: FrameSpec) -> Result<Option<Memory>> {
        if self.memory && self.windows.overlap() {
            let what = "windows that overlap reach back by themselves: memory takes windows that follow each \
                        other";
            return Err(Error::invalid(what));
        }
        self.memory.then(|| Memory::new(spec)).transpose()
    }

    /// The jobs that a painter does best, as far as there is memory to prepare their frames.
    fn sizes(&self, painter: &dyn Painter, spec: FrameSpec) -> Result<JobSizes> {
        let mut sizes = painter.sizes();
        let Some(preparation) = self.preparation else {
            return Ok(sizes);
        };
        let of = self.representation;
        let preparer = preparation.of(of)?;
        let size = of.frame_size(spec.size);
        let painted = of
            .frame_len(spec.size)?
            .saturating_mul(of.value_type().bytes());
        let each = preparer.bytes(size)?.saturating_add(painted as u64).max(1);
        let [_, height, width] = preparer.shape(size)?;
        let what = format!("to prepare a frame of {size} as {width}x{height}");
        drop(BytesTaken::take(each, &what, Place::default())?);
        let most = (max_memory() / 2 / each).max(1);
        sizes.at_once = sizes
            .at_once
            .min(usize::try_from(most).unwrap_or(usize::MAX));
        sizes.windows = sizes.windows.min((most / sizes.at_once as u64).max(1));
        Ok(sizes)
    }

    /// The jobs from window `first` on.
    fn jobs(
        &self,
        index: &Arc<dyn EventIndex>,
        sizes: JobSizes,
        first: u64,
    ) -> Result<Box<dyn Jobs>> {
        self.windows.check()?;
        self.check_run(&**index)?;
        let (index, selection) = (index.clone(), self.selection.clone());
        let cut = match &self.windows {
            Windows::Count(windows) => {
                let jobs = ByCount::new(&*index, &selection, *windows, sizes, first)?;
                return Ok(Box::new(jobs));
            }
            Windows::Time(windows) => Cut::Every(*windows),
            Windows::List(windows) => Cut::List(windows.clone()),
        };
        let numbered = self.numbered;
        let jobs = ByTime::new(index, selection, cut, sizes, numbered, first)?;
        Ok(Box::new(jobs))
    }

    /// The frames of any recording, read from front to back. The events of a window are held in
    /// memory, and windows of time need events in order.
    ///
    /// # Errors
    /// If these frames cannot be made; or if neither the options nor the recording say the size of
    /// the sensor.
    pub fn render_source(self, source: Box<dyn EventSource>) -> Result<Frames> {
        self.windows.check()?;
        let info = source.info().clone();
        let size = self.size_of(&info).ok_or_else(|| {
            Error::invalid("the recording does not say the size of its sensor")
                .settled_by(Question::Size, [""; 0])
        })?;
        let spec = FrameSpec {
            representation: self.representation,
            reversed: self.reversed,
            size,
            time_base: info.time_base,
        };
        let map = self.rectification.clone();
        let painter = Processor::new(None, spec, map, self.preparation)?;
        let mut sizes = self.sizes(&painter, spec)?;
        if self.live {
            (sizes.events, sizes.windows, sizes.at_once) = (1, 1, 1);
        }
        let read = Arc::new(Mutex::new(Read::default()));
        let stream = Stream::new(source, self.selection.clone(), read.clone());
        let jobs: Box<dyn Jobs> = match &self.windows {
            Windows::Count(windows) => Box::new(CountStream::new(stream, *windows, sizes)),
            Windows::Time(windows) => {
                Box::new(TimeStream::new(stream, Cut::Every(*windows), sizes))
            }
            Windows::List(windows) => {
                Box::new(TimeStream::new(stream, Cut::List(windows.clone()), sizes))
            }
        };
        let mut frames = frames(Arc::new(painter), jobs, spec, &info);
        frames.at_once = sizes.at_once;
        frames.live = self.live;
        self.finish(&mut frames)?;
        frames.overlap = self.windows.overlap();
        frames.read = Some(read);
        Ok(frames)
    }
}

fn frames(
    painter: Arc<dyn Painter>,
    jobs: Box<dyn Jobs>,
    spec: FrameSpec,
    info: &StreamInfo,
) -> Frames {
    Frames {
        at_once: painter.sizes().at_once,
        painter,
        jobs,
        spec,
        begun: 0,
        no_more_jobs: false,
        running: InOrder::default(),
        ready: VecDeque::new(),
        shown: None,
        failed: None,
        beyond: 0,
        moved_out: 0,
        read: None,
        of_index: Report::default(),
        numbered: true,
        live: false,
        memory: None,
        preparer: None,
        array_shape: shape_of(spec),
        overlap: false,
        info: info.clone(),
    }
}

/// The frames of a recording, in order, painted ahead on all cores. Memory is bounded by a few
/// frames a core.
pub struct Frames {
    painter: Arc<dyn Painter>,
    jobs: Box<dyn Jobs>,
    spec: FrameSpec,
    at_once: usize,
    /// Windows of the jobs so far.
    begun: u64,
    no_more_jobs: bool,
    running: InOrder<Result<Vec<Painted>>>,
    ready: VecDeque<Painted>,
    shown: Option<Painted>,
    failed: Option<Error>,
    beyond: u64,
    moved_out: u64,
    /// What is known of the source, of a recording without an index.
    read: Option<Arc<Mutex<Read>>>,
    /// Whether the numbers of first events are those of the recording.
    numbered: bool,
    /// What the index has to say of the recording.
    of_index: Report,
    /// Whether no frame waits for what the next one is made of.
    live: bool,
    /// What the frame before left, where it counts.
    memory: Option<Memory>,
    /// What prepares the frames.
    preparer: Option<Arc<Preparer>>,
    /// The shape of what comes of it.
    array_shape: [usize; 3],
    /// Whether an event may be in several frames.
    overlap: bool,
    info: StreamInfo,
}

impl Frames {
    /// Size of the frames.
    pub fn size(&self) -> SensorSize {
        self.spec.size
    }

    /// Whether windows overlap, so that an event may be in several frames.
    pub fn overlap(&self) -> bool {
        self.overlap
    }

    /// What the frames represent.
    pub fn representation(&self) -> Representation {
        self.spec.representation
    }

    /// The type of the values, as they are prepared.
    pub fn array_type(&self) -> ArrayType {
        match &self.preparer {
            Some(preparer) => preparer.array_type(),
            None => self.spec.representation.value_type().into(),
        }
    }

    /// Channels, rows and columns of the values, as they are prepared.
    pub fn array_shape(&self) -> [usize; 3] {
        self.array_shape
    }

    /// What is known of the recording.
    pub fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// The frame that was given last.
    pub fn frame(&self) -> Option<&Frame> {
        self.shown.as_ref().map(|painted| &painted.frame)
    }

    /// The values of that frame as they were prepared, if [`RenderOptions::preparation`] says how.
    pub fn prepared(&self) -> Option<&Prepared> {
        self.shown.as_ref()?.prepared()
    }

    /// The next frame, which is used again for a later one; none at the end.
    ///
    /// # Errors
    /// If the recording cannot be read on. The frames before that were given.
    pub fn next_frame(&mut self) -> Result<Option<&Frame>> {
        if let Some(painted) = self.shown.take() {
            self.painter.take_back(painted);
        }
        while self.ready.is_empty() {
            self.start_jobs();
            match self.running.pop() {
                Some(Ok(painted)) => self.ready.extend(painted),
                Some(Err(error)) => {
                    self.no_more_jobs = true;
                    self.running = InOrder::default();
                    return Err(error);
                }
                None => break,
            }
        }
        if !self.live {
            self.start_jobs();
        }
        let Some(mut painted) = self.ready.pop_front() else {
            return match self.failed.take() {
                Some(error) => Err(error),
                None => Ok(None),
            };
        };
        if let Some(memory) = &mut self.memory {
            memory.go_on(&mut painted)?;
            if let Some(preparer) = &self.preparer {
                painted.prepare(preparer);
            }
        }
        self.beyond += painted.beyond;
        self.moved_out += painted.moved_out;
        Ok(Some(&self.shown.insert(painted).frame))
    }

    /// Keeps the painter busy.
    fn start_jobs(&mut self) {
        while !self.no_more_jobs && self.running.len() < self.at_once {
            match self.jobs.next_job() {
                Ok(Some(Planned { job, firsts })) => {
                    self.begun += job.windows.len() as u64;
                    let painter = self.painter.clone();
                    let firsts = if self.numbered { firsts } else { Vec::new() };
                    // What is remembered comes first.
                    let preparer = self.preparer.clone().filter(|_| self.memory.is_none());
                    self.running.push(move || {
                        let mut painted = painter.paint(job)?;
                        for (k, painted) in painted.iter_mut().enumerate() {
                            painted.frame.first = firsts.get(k).copied().flatten();
                            if let Some(preparer) = &preparer {
                                painted.prepare(preparer);
                            }
                        }
                        Ok(painted)
                    });
                }
                Ok(None) => self.no_more_jobs = true,
                Err(error) => {
                    self.failed = Some(error);
                    self.no_more_jobs = true;
                }
            }
        }
    }

    /// Windows that nobody works on yet, where that is known: with an index.
    pub fn left(&self) -> Option<u64> {
        match self.no_more_jobs {
            true => Some(0),
            false => self.jobs.left(),
        }
    }

    /// Frames that there are at least, of what is known so far; those that were given are among them.
    pub fn at_least(&self) -> u64 {
        self.begun.saturating_add(self.jobs.at_least())
    }

    /// Begins no more windows: the frames of those that are begun still come.
    pub fn begin_no_more(&mut self) {
        self.no_more_jobs = true;
    }

    /// Has another painter make the frames of the windows that nobody works on yet. These are frames
    /// of that index by these options, and the painter is made for them.
    ///
    /// # Errors
    /// As [`RenderOptions::render_by`]. Then all goes on as before.
    pub fn go_on_by(
        &mut self,
        options: &RenderOptions,
        index: &Arc<dyn EventIndex>,
        painter: Arc<dyn Painter>,
    ) -> Result<()> {
        options.check_by_others(&**index)?;
        let sizes = options.sizes(&*painter, self.spec)?;
        self.jobs = options.jobs(index, sizes, self.begun)?;
        self.at_once = sizes.at_once;
        self.painter = painter;
        Ok(())
    }

    /// What was noticed and lost so far, complete after the last frame. An event beyond the sensor
    /// is lost once for each window that it is in.
    pub fn report(&self) -> Report {
        let read = self.read.as_ref();
        let of_index = || self.of_index.clone();
        let mut report = read.map_or_else(of_index, |read| known(read).report.clone());
        let each = if self.overlap {
            ", each counted in every frame of its time"
        } else {
            ""
        };
        if self.moved_out > 0 {
            let what = format!("events that are beyond the frame once rectified{each}");
            report.add_loss(Loss::new(LossKind::Other, what, self.moved_out).agreed());
        }
        if self.beyond > 0 {
            let what = format!("events beyond the sensor of {}{each}", self.spec.size);
            report.add_loss(Loss::new(LossKind::BeyondSensor, what, self.beyond));
        }
        report
    }

    /// First and last time of the selected events that were read so far, whatever their pixels and
    /// polarity, of a recording without an index; an index has the times of all.
    pub fn times_read(&self) -> Option<(i64, i64)> {
        known(self.read.as_ref()?).times
    }
}

/// Channels, rows and columns of frames.
fn shape_of(spec: FrameSpec) -> [usize; 3] {
    let SensorSize { width, height } = spec.representation.frame_size(spec.size);
    [
        spec.representation.channels(),
        height as usize,
        width as usize,
    ]
}

fn known(read: &Mutex<Read>) -> MutexGuard<'_, Read> {
    read.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why another painter than the processor does not make such frames.
fn cpu_alone(what: &str) -> Error {
    Error::unsupported("the GPU", what).advise("take the device cpu")
}
