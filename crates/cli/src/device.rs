//! Which device frames are made on.

use std::sync::Arc;

use anyhow::Result;
use evz::cuda::GpuOptions;
use evz::render::{Frames, RenderOptions};
use evz::{Error, EventIndex, GpuPainter, Reader, Recording};

use crate::args::Device;
use crate::words::say;

/// What makes frames of a recording with an index.
pub(crate) struct Renderer {
    index: Arc<dyn EventIndex>,
    options: RenderOptions,
    gpu: Option<Arc<GpuPainter>>,
}

impl Renderer {
    /// Frames of a recording by this device. Without a GPU, `auto` says so and takes the CPU.
    pub(crate) fn new(
        index: Arc<dyn EventIndex>,
        options: &RenderOptions,
        device: Device,
    ) -> Result<Self> {
        let mut this = Self {
            index,
            options: options.clone(),
            gpu: None,
        };
        if device != Device::Cpu {
            let tried = this.on_gpu();
            match tried {
                Err(error) if device == Device::Auto => {
                    say(format_args!("{error:#}; using the CPU"));
                }
                painter => this.gpu = Some(painter?),
            }
        }
        Ok(this)
    }

    /// The frames, from the first on.
    pub(crate) fn frames(&self) -> Result<Frames> {
        let (options, index) = (self.options.clone(), self.index.clone());
        Ok(match &self.gpu {
            Some(painter) => options.render_by(index, painter.clone())?,
            None => options.render_index(index)?,
        })
    }

    /// A painter on the GPU, if it can make these frames.
    fn on_gpu(&self) -> Result<Arc<GpuPainter>> {
        let index: &dyn std::any::Any = &*self.index;
        let reader = index.downcast_ref::<Reader>();
        let reader = reader.ok_or_else(|| Error::unsupported("the GPU", ONLY_EVZ))?;
        let gpu = GpuOptions::default().open();
        let gpu = gpu.map_err(|why| Error::unsupported("no GPU", why.to_string()))?;
        let painter = Arc::new(GpuPainter::new(&gpu, reader, &self.options)?);
        let options = self.options.clone();
        options.render_by(self.index.clone(), painter.clone())?;
        Ok(painter)
    }
}

const ONLY_EVZ: &str = "only an .evz file is rendered on a GPU; convert the recording first";

/// The frames of a recording, by its index where it has one.
pub(crate) fn frames(
    recording: Recording,
    options: RenderOptions,
    device: Device,
) -> Result<Frames> {
    if let Some(index) = recording.shared_index() {
        return Renderer::new(index, &options, device)?.frames();
    }
    match device {
        Device::Cpu => {}
        Device::Auto => say(format_args!("{ONLY_EVZ}; using the CPU")),
        Device::Cuda => return Err(Error::invalid(format!("--device cuda: {ONLY_EVZ}")).into()),
    }
    Ok(recording.into_frames(options)?)
}
