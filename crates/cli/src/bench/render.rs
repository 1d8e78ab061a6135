//! A whole file to frames.

use std::sync::Arc;

use anyhow::Result;
use evz::EventIndex;
use evz::render::RenderOptions;

use super::{Figures, PLAIN_BYTES, repeat};
use crate::args::Device;
use crate::device::Renderer;

/// Renders all frames in memory that is used again, and throws them away.
pub(crate) fn render(
    index: Arc<dyn EventIndex>,
    options: &RenderOptions,
    on: Device,
) -> Result<Figures> {
    let events = index.extent().n_events;
    let renderer = Renderer::new(index, options, on)?;
    let mut frames = 0;
    let mut pass = || -> Result<()> {
        let mut rendering = renderer.frames()?;
        frames = 0;
        while rendering.next_frame()?.is_some() {
            frames += 1;
        }
        Ok(())
    };
    // The first pass warms the file's pages.
    pass()?;
    let runs = repeat(&mut pass)?;
    let mut figures = Figures::new("render", events, events * PLAIN_BYTES, runs);
    figures.frames = Some(frames);
    figures.frames_per_s = Some(frames as f64 / figures.median_s.max(f64::MIN_POSITIVE));
    Ok(figures)
}
