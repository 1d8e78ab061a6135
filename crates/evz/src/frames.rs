//! Frames of any recording.

use evz_core::{Opened, Result};
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
        match self.into_opened() {
            Opened::Indexed(index) => options.render_index(index),
            Opened::Stream(source) => options.render_source(source),
        }
    }
}
