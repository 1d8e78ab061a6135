//! The frames of a recording, in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{
    Error, EventIndex, EventSource, InOrder, Loss, Report, Result, Selection, SensorSize,
    StreamInfo,
};

use crate::by_index::{ByCount, ByTime, Jobs, Single};
use crate::by_stream::{CountStream, Stream, TimeStream};
use crate::canvas::Canvas;
use crate::frame::Frame;
use crate::job::{Painter, give};
use crate::representation::Representation;
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
}

impl RenderOptions {
    /// These windows of all events, as these frames, of the size of the sensor.
    pub fn new(windows: Windows, representation: Representation) -> Self {
        Self {
            windows,
            representation,
            selection: Selection::default(),
            size: None,
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

    /// The frames of an indexed recording, made by reading only what they need. Where neither it
    /// nor the options say the size of the sensor, the frames reach as far as its events.
    ///
    /// # Errors
    /// If the recording is damaged, or these frames cannot be made.
    pub fn render_index(self, index: Arc<dyn EventIndex>) -> Result<Frames> {
        let (info, extent) = (index.info().clone(), index.extent());
        let size = self.size.or(info.size).unwrap_or(SensorSize {
            width: u32::from(extent.x_max) + 1,
            height: u32::from(extent.y_max) + 1,
        });
        let indexed = Some(index.clone());
        let painter = Painter::new(indexed, self.representation, size, info.time_base)?;
        let most = painter.most_windows();
        let jobs: Box<dyn Jobs> = match self.windows {
            Windows::Count(windows) => {
                match ByCount::new(&*index, &self.selection, windows, most)? {
                    Some(jobs) => Box::new(jobs),
                    None => {
                        // Where the selected events stand is known once they are read.
                        let source = index.source(&self.selection);
                        return Self {
                            selection: Selection::default(),
                            size: Some(size),
                            ..self
                        }
                        .render_source(source);
                    }
                }
            }
            Windows::Time(windows) => Box::new(ByTime::new(index, self.selection, windows, most)?),
            Windows::One(window) => Box::new(Single::new(&self.selection, window)),
        };
        Ok(Frames::new(painter, jobs, None, info))
    }

    /// The frames of any recording, read from front to back. The events of a window are held in
    /// memory, and windows of time need events in order.
    ///
    /// # Errors
    /// If these frames cannot be made; or if neither the options nor the recording say the size of
    /// the sensor.
    pub fn render_source(self, source: Box<dyn EventSource>) -> Result<Frames> {
        let info = source.info().clone();
        let size = self.size.or(info.size).ok_or_else(|| {
            Error::invalid(
                "the recording does not say the size of its sensor; give one, as in --size 640x480",
            )
        })?;
        let painter = Painter::new(None, self.representation, size, info.time_base)?;
        let most = painter.most_windows();
        let report = Arc::new(Mutex::new(Report::default()));
        let stream = Stream::new(source, self.selection, report.clone());
        let jobs: Box<dyn Jobs> = match self.windows {
            Windows::Count(windows) => Box::new(CountStream::new(stream, windows, most)),
            windows => Box::new(TimeStream::new(stream, windows, most)),
        };
        Ok(Frames::new(painter, jobs, Some(report), info))
    }
}

/// The frames of a recording, in order, painted ahead on all cores. Memory is bounded by a few
/// frames a core.
pub struct Frames {
    painter: Arc<Painter>,
    jobs: Box<dyn Jobs>,
    no_more_jobs: bool,
    running: InOrder<Result<Vec<Canvas>>>,
    ready: VecDeque<Canvas>,
    shown: Option<Canvas>,
    failed: Option<Error>,
    beyond: u64,
    source_report: Option<Arc<Mutex<Report>>>,
    info: StreamInfo,
}

impl Frames {
    fn new(
        painter: Painter,
        jobs: Box<dyn Jobs>,
        source_report: Option<Arc<Mutex<Report>>>,
        info: StreamInfo,
    ) -> Self {
        Self {
            painter: Arc::new(painter),
            jobs,
            no_more_jobs: false,
            running: InOrder::default(),
            ready: VecDeque::new(),
            shown: None,
            failed: None,
            beyond: 0,
            source_report,
            info,
        }
    }

    /// Size of the frames.
    pub fn size(&self) -> SensorSize {
        self.painter.size
    }

    /// What the frames represent.
    pub fn representation(&self) -> Representation {
        self.painter.representation
    }

    /// What is known of the recording.
    pub fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// The next frame, which is used again for a later one; none at the end.
    ///
    /// # Errors
    /// If the recording cannot be read on. The frames before that were given.
    pub fn next_frame(&mut self) -> Result<Option<&Frame>> {
        if let Some(canvas) = self.shown.take() {
            give(&self.painter.canvases, canvas);
        }
        while self.ready.is_empty() {
            self.start_jobs();
            match self.running.pop() {
                Some(Ok(canvases)) => self.ready.extend(canvases),
                Some(Err(error)) => {
                    self.no_more_jobs = true;
                    self.running = InOrder::default();
                    return Err(error);
                }
                None => break,
            }
        }
        self.start_jobs();
        let Some(canvas) = self.ready.pop_front() else {
            return match self.failed.take() {
                Some(error) => Err(error),
                None => Ok(None),
            };
        };
        self.beyond += canvas.beyond;
        Ok(Some(&self.shown.insert(canvas).frame))
    }

    /// Keeps every thread busy. Small jobs wait in line, so that no thread waits for them; of large
    /// frames there are as few as can be, since they take memory and leave the caches.
    fn start_jobs(&mut self) {
        let threads = rayon::current_num_threads();
        let most = if self.painter.most_windows() > 1 {
            2 * threads
        } else {
            threads
        };
        while !self.no_more_jobs && self.running.len() < most {
            match self.jobs.next_job() {
                Ok(Some(job)) => {
                    let painter = self.painter.clone();
                    self.running.push(move || painter.run(job));
                }
                Ok(None) => self.no_more_jobs = true,
                Err(error) => {
                    self.failed = Some(error);
                    self.no_more_jobs = true;
                }
            }
        }
    }

    /// What was noticed and lost so far, complete after the last frame. An event beyond the sensor
    /// is lost once for each window that it is in.
    pub fn report(&self) -> Report {
        let mut report = match &self.source_report {
            Some(report) => report
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            None => Report::default(),
        };
        if self.beyond > 0 {
            report.losses.push(Loss {
                what: format!("events beyond the sensor of {}", self.painter.size),
                count: self.beyond,
                examples: Vec::new(),
            });
        }
        report
    }
}
