//! Frames of any recording.

use std::time::Duration;

use evz_core::{Error, Opened, Question, Result};
use evz_render::{CountWindows, Frames, RenderOptions, Representation, TimeWindows, Windows};

use crate::recording::Recording;
use crate::wanted::Wanted;

/// How much of a recording is in a frame; the next one begins where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// So much time, from the start of the time that is wanted on or, where that has none, from the
    /// first event, before filters leave any out.
    Time(Duration),
    /// So many of the events that are wanted; the last frame has what is left.
    Events(u64),
}

impl From<Duration> for Every {
    fn from(time: Duration) -> Self {
        Self::Time(time)
    }
}

impl Recording {
    /// Frames of what is wanted of it.
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
    /// As [`Recording::into_frames`], or if what is wanted makes no sense.
    pub fn frames(
        self,
        wanted: &Wanted,
        every: impl Into<Every>,
        of: Representation,
    ) -> Result<Frames> {
        let (this, selection) = self.selection(wanted)?;
        let windows = match every.into() {
            Every::Time(time) => {
                // A duration has less than 2^94 nanoseconds.
                let length = time.as_nanos() as i128;
                let base = this.info().time_base;
                Windows::Time(TimeWindows::of_nanoseconds(length, length, base)?)
            }
            Every::Events(n) => Windows::Count(CountWindows::new(n, n)?),
        };
        this.into_frames(RenderOptions::new(windows, of).with_selection(selection))
    }

    /// Frames of the recording: by its index where it has one, otherwise of events that are read
    /// from front to back.
    ///
    /// # Errors
    /// If these frames cannot be made, or nothing says how large they are.
    pub fn into_frames(self, mut options: RenderOptions) -> Result<Frames> {
        options.size = options.size.or(self.info().size);
        // Windows begin where other times count from, also where a filter leaves out what is there.
        if let (Windows::Time(_), None, Some(origin)) =
            (&options.windows, &options.selection.time, self.origin())
        {
            options.selection.time = Some(origin..i64::MAX);
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
