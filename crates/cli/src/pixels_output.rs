//! How many events each pixel has, as a file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::npy::NpyHeader;
use evz::picture::grey_png;
use evz::{Error, Output, PixelCounts, Question};

use crate::facts::Facts;
use crate::input::is_pipe;
use crate::output::output;
use crate::words::human::counted;
use crate::words::say;

/// Pixels of a picture, at most: those of a sensor of 8192 x 8192.
const MAX_PIXELS: u64 = 1 << 26;

/// Of a thousand pixels with events, so many are no lighter than white: what is above does not make the
/// others dark.
const BELOW_WHITE: usize = 999;

/// A file that is begun, before anything is read.
pub(crate) struct PixelsOutput {
    path: PathBuf,
    form: Form,
    out: Output,
}

#[derive(Clone, Copy)]
enum Form {
    Npy,
    Png,
}

/// The counts of all pixels, row by row.
struct Image {
    width: u32,
    height: u32,
    counts: Vec<u32>,
}

impl PixelsOutput {
    pub(crate) fn begin(path: &Path, replace: bool) -> Result<Self> {
        let name = path.display();
        let extension = path.extension().unwrap_or_default();
        let is = |name: &str| extension.eq_ignore_ascii_case(name);
        let form = match (is("npy"), is("png")) {
            _ if is_pipe(path) => {
                let what = "standard output has no name that says how pixels are written; name a \
                            file that ends in .npy or .png";
                return Err(Error::invalid(what).into());
            }
            (true, _) => Form::Npy,
            (_, true) => Form::Png,
            _ => {
                let what = format!(
                    "{name}: its name does not say how pixels are written: end it in .npy or .png"
                );
                return Err(Error::invalid(what).into());
            }
        };
        Ok(Self {
            path: path.to_owned(),
            form,
            out: output(path, replace)?,
        })
    }

    /// Writes the counts of a recording; none are there if its events reach too far.
    pub(crate) fn write(mut self, counts: Option<&PixelCounts>, facts: &Facts) -> Result<()> {
        let image = Image::of(counts, facts)?;
        let (form, path) = (self.form, self.path.display());
        let mut text = format!("{path}: {}x{} pixels", image.width, image.height);
        let bytes = match form {
            Form::Npy => image.npy(),
            Form::Png => {
                let white = image.white();
                let events = counted(white, "event");
                text += &format!(
                    ", black for no event, white for {events} or more, which {}.{} % of the pixels \
                     with events do not exceed",
                    BELOW_WHITE / 10,
                    BELOW_WHITE % 10
                );
                image.png(white)?
            }
        };
        let written = self.out.write_all(&bytes).and_then(|()| self.out.flush());
        written.map_err(|e: io::Error| self.out.failed(e))?;
        self.out.commit()?;
        say(text);
        Ok(())
    }
}

impl Image {
    /// Of the sensor, and farther where events lie beyond it.
    fn of(counts: Option<&PixelCounts>, facts: &Facts) -> Result<Self> {
        let reach = |side: Option<u32>, last: Option<u16>| {
            let events = last.map_or(0, |last| u32::from(last) + 1);
            side.unwrap_or(0).max(events)
        };
        let width = reach(facts.width, facts.x_max);
        let height = reach(facts.height, facts.y_max);
        let source = &facts.source;
        let pixels = u64::from(width) * u64::from(height);
        let Some(counts) = counts.filter(|_| pixels <= MAX_PIXELS) else {
            let what =
                format!("{width}x{height} pixels, and no more than {MAX_PIXELS} are counted");
            let error = Error::limit(source.as_str(), what);
            let way_out = "crop it to a region, --crop X,Y,W,H, or tell a size and leave out what lies beyond it: \
                           --size WxH --drop outside";
            return Err(error.advise(way_out).into());
        };
        if pixels == 0 {
            let what = format!("{source}: no events, and no size of a sensor: no pixels to write");
            return Err(Error::invalid(what).settled_by(Question::Size, [""]).into());
        }
        let mut all = vec![0; pixels as usize];
        for (x, y, n) in counts.iter() {
            let at = u64::from(y) * u64::from(width) + u64::from(x);
            all[at as usize] = u32::try_from(n).map_err(|_| {
                let most = u32::MAX;
                let what = format!("pixel {x},{y} has {n} events, and 32 bits hold {most} at most");
                Error::limit(source.as_str(), what)
            })?;
        }
        Ok(Self {
            width,
            height,
            counts: all,
        })
    }

    fn npy(&self) -> Vec<u8> {
        let header = NpyHeader {
            descr: "'<u4'",
            fortran_order: false,
            shape: &[self.height.into(), self.width.into()],
            remark: "",
        };
        let mut bytes = header.to_bytes(0);
        bytes.extend(self.counts.iter().flat_map(|n| n.to_le_bytes()));
        bytes
    }

    /// The count that is white.
    fn white(&self) -> u32 {
        let mut counts: Vec<u32> = self.counts.iter().copied().filter(|n| *n > 0).collect();
        match (counts.len() * BELOW_WHITE).div_ceil(1_000) {
            0 => 1,
            nth => *counts.select_nth_unstable(nth - 1).1,
        }
    }

    fn png(&self, white: u32) -> evz::Result<Vec<u8>> {
        let grey = |n: &u32| match *n {
            0 => 0,
            n if n >= white => u8::MAX,
            // What has an event is not black.
            n => ((f64::from(n) * 255.0 / f64::from(white)).round() as u8).max(1),
        };
        let greys: Vec<u8> = self.counts.iter().map(grey).collect();
        grey_png(self.width, self.height, &greys)
    }
}
