//! Which device frames are made on.

use std::sync::Arc;

use anyhow::Result;
use evz::cuda::GpuOptions;
use evz::render::{Frames, RenderOptions};
use evz::{Error, GpuPainter, Reader};

use crate::cli::Device;
use crate::talk::say;

/// What makes frames of a file.
pub(crate) struct Renderer {
    reader: Arc<Reader>,
    options: RenderOptions,
    gpu: Option<Arc<GpuPainter>>,
}

impl Renderer {
    /// Frames of a file by this device. Without a GPU, `auto` says so and takes the CPU.
    pub(crate) fn new(reader: &Reader, options: &RenderOptions, device: Device) -> Result<Self> {
        let mut this = Self {
            reader: Arc::new(reader.clone()),
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
        let (options, reader) = (self.options.clone(), self.reader.clone());
        Ok(match &self.gpu {
            Some(painter) => options.render_by(reader, painter.clone())?,
            None => options.render_index(reader)?,
        })
    }

    /// A painter on the GPU, if it can make these frames.
    fn on_gpu(&self) -> Result<Arc<GpuPainter>> {
        let gpu = GpuOptions::default().open();
        let gpu = gpu.map_err(|why| Error::unsupported("no GPU", why.to_string()))?;
        let painter = Arc::new(GpuPainter::new(&gpu, &self.reader, &self.options)?);
        let options = self.options.clone();
        options.render_by(self.reader.clone(), painter.clone())?;
        Ok(painter)
    }
}

/// What to do where there is nothing but the CPU.
pub(crate) fn without_index(device: Device) -> Result<()> {
    let what = "only an .evz file is rendered on a GPU; convert the recording first";
    match device {
        Device::Cpu => {}
        Device::Auto => say(format_args!("{what}; using the CPU")),
        Device::Cuda => return Err(Error::invalid(format!("--device cuda: {what}")).into()),
    }
    Ok(())
}
