//! A whole file to frames.

use std::sync::Arc;

use anyhow::Result;
use evz::render::RenderOptions;
use evz::{EventIndex, Rendering};

use super::{Figures, PLAIN_BYTES, repeat};
use crate::args::Device;
use crate::device;
use crate::many_frames;

/// Renders all frames in memory that is used again, and throws them away.
pub(crate) fn render(
    name: &str,
    index: Arc<dyn EventIndex>,
    options: &RenderOptions,
    on: Device,
) -> Result<Figures> {
    let events = index.extent().n_events;
    // The first pass warms the file's pages, and chooses the device that all others have.
    let mut first = Rendering::new(index.clone(), options.clone(), device::options(on)?)?;
    let refused = |error: evz::Error| error.advise("make fewer frames");
    many_frames::check(name, first.at_least()).map_err(refused)?;
    while first.next_frame()?.is_some() {}
    device::say_choice(&first);
    let painter = first.painter();
    drop(first);
    let mut frames = 0;
    let mut pass = || -> Result<()> {
        let (index, options) = (index.clone(), options.clone());
        let mut rendering = match &painter {
            Some(painter) => options.render_by(index, painter.clone())?,
            None => options.render_index(index)?,
        };
        frames = 0;
        while rendering.next_frame()?.is_some() {
            frames += 1;
        }
        Ok(())
    };
    let runs = repeat(&mut pass)?;
    let mut figures = Figures::new("render", events, events * PLAIN_BYTES, runs);
    figures.frames = Some(frames);
    figures.frames_per_s = Some(frames as f64 / figures.median_s.max(f64::MIN_POSITIVE));
    Ok(figures)
}
