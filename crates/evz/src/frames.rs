//! Frames of any recording.

use std::ops::Range;
use std::time::Duration;

use evz_core::{Error, Opened, Question, Result};
use evz_render::{CountWindows, Frames, RenderOptions, Representation, TimeWindows, Windows};

use crate::frame_parts::SplitBy;
use crate::recording::Recording;
use crate::wanted::{Time, Wanted};

/// What of a recording is in a frame. Of a time or a number of events each, the next one begins where it
/// ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Every {
    /// So much time, from the start of the time that is wanted on or, where that has none, from the
    /// first event, before filters leave any out.
    Time(Duration),
    /// So many of the events that are wanted; the last frame has what is left.
    Events(u64),
    /// A frame for each of these times, in any order: images, ground truth or triggers are of them. They
    /// may overlap, and lie where there is no event.
    List(Vec<Range<Time>>),
    /// So many frames, with as much in each: [`Recording::frame_parts`] says where one ends.
    Parts(u64, SplitBy),
}

impl From<Duration> for Every {
    fn from(time: Duration) -> Self {
        Self::Time(time)
    }
}

impl Recording {
    /// Frames of what is wanted of it.
    ///
    /// Of times that are known from elsewhere, such as those of images:
    ///
    /// ```no_run
    /// use evz::render::Representation;
    /// use evz::{Every, OpenOptions, Time, Wanted};
    ///
    /// let recording = evz::open("interlaken.evz", &OpenOptions::new())?;
    /// let (stamps_us, before) = ([51_648_500_652i128, 51_648_550_657], 50_000_000);
    /// let windows = stamps_us.map(|us| {
    ///     let end = Time::Absolute(us * 1_000);
    ///     end.earlier(before)..end
    /// });
    /// let every = Every::List(windows.to_vec());
    /// let mut frames = recording.frames(&Wanted::all(), every, Representation::voxel(15))?;
    /// while let Some(frame) = frames.next_frame()? {
    ///     println!("{} events from tick {} on", frame.n_events, frame.window.start);
    /// }
    /// # Ok::<(), evz::Error>(())
    /// ```
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let text = folder.path().join("events.txt");
    /// # std::fs::write(&text, "0.000010 3 7 1\n0.000020 4 7 0\n0.000024 4 7 1\n0.000041 4 8 1\n")?;
    /// use std::time::Duration;
    ///
    /// use evz::render::{Representation, Values};
    /// use evz::{OpenOptions, SensorSize, Wanted};
    ///
    /// let size = SensorSize { width: 16, height: 16 };
    /// let recording = evz::open(&text, &OpenOptions::new().with_size(size))?;
    /// let wanted = Wanted::all().with_from(Duration::from_micros(10));
    /// let mut frames = recording.frames(&wanted, Duration::from_micros(20), Representation::Total)?;
    /// let frame = frames.next_frame()?.expect("events from 20 us to 40 us");
    /// let Values::U16(counts) = &frame.values else { unreachable!("totals are u16") };
    /// assert_eq!(counts[7 * 16 + 4], 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Recording::into_frames`], or if what is wanted makes no sense; or if it is a number of frames of
    /// a recording that has no index, and nothing says when that ends.
    pub fn frames(
        self,
        wanted: &Wanted,
        every: impl Into<Every>,
        of: Representation,
    ) -> Result<Frames> {
        let (mut this, selection) = self.selection(wanted)?;
        let windows = match every.into() {
            Every::Time(time) => {
                // A duration has less than 2^94 nanoseconds.
                let length = time.as_nanos() as i128;
                let base = this.info().time_base;
                Windows::Time(TimeWindows::of_nanoseconds(length, length, base)?)
            }
            Every::Events(n) => Windows::Count(CountWindows::new(n, n)?),
            Every::List(times) => {
                let (started, first) = this.started()?;
                let info = started.info();
                this = started;
                let tick = |time: &Time| time.tick(&info, first);
                let window = |time: &Range<Time>| tick(&time.start)..tick(&time.end);
                Windows::List(times.iter().map(window).collect())
            }
            Every::Parts(n, by) => {
                let name = this.name().to_owned();
                let (back, windows) = this.frame_parts(&selection, n, by)?;
                this = back.ok_or_else(|| {
                    let what = format!("{name}: has no index, and is read once to cut it in {n}");
                    Error::invalid(what).advise("convert it to .evz, or take its frame_parts first")
                })?;
                windows
            }
        };
        this.into_frames(RenderOptions::new(windows, of).with_selection(selection))
    }

    /// Frames of the recording: by its index where it has one, otherwise of events that are read
    /// from front to back.
    ///
    /// # Errors
    /// If these frames cannot be made, or nothing says how large they are.
    pub fn into_frames(self, mut options: RenderOptions) -> Result<Frames> {
        options.size = options.size_of(&self.info());
        // Windows begin where other times count from, also where a filter leaves out what is there.
        if let (Windows::Time(_), Some(origin)) = (&options.windows, self.origin()) {
            let time = options.selection.time.get_or_insert(i64::MIN..i64::MAX);
            if time.start == i64::MIN {
                time.start = origin.min(time.end);
            }
        }
        let name = self.name().to_owned();
        match self.into_opened() {
            Opened::Indexed(index) => options.render_index(index),
            Opened::Stream(_) if options.size.is_none() => {
                let what = format!("{name}: does not say the size of its sensor");
                Err(Error::invalid(what).settled_by(Question::Size, [""; 0]))
            }
            Opened::Stream(source) => options.render_source(source),
        }
    }
}
