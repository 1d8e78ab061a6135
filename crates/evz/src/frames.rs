//! Frames of any recording.

use evz_core::{Error, Opened, Question, Result};
use evz_render::{Frames, RenderOptions};

use crate::recording::Recording;

impl Recording {
    /// Frames of the recording: by its index where it has one, otherwise of events that are read
    /// from front to back.
    ///
    /// # Errors
    /// If these frames cannot be made, or nothing says how large they are.
    pub fn into_frames(self, mut options: RenderOptions) -> Result<Frames> {
        options.size = options.size.or(self.info().size);
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
