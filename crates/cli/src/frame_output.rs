//! Where frames go: an array, a movie or numbered pictures.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::parallel::{self, InOrder};
use evz::picture::{
    Beside, Colors, DEFAULT_FRAME_RATE, FrameRate, Movie, MovieOptions, NumberedFiles, Picture,
    PictureEncoder, PictureFormat, Style, Theme, TimeStamp,
};
use evz::render::{Frame, Frames, Preparation, Prepared, Representation};
use evz::{Error, Memory, Output, Place, Roi, SensorSize, max_memory};

use crate::args::{FrameFormat, Ratio, RenderArgs};
use crate::array_output::ArrayOutput;
use crate::camera_ground::CameraGround;
use crate::input::is_pipe;
use crate::marks::Marked;
use crate::numbered::{is_folder, names, numbered};
use crate::output::output;
use crate::pace::Pace;
use crate::refuse::refuse;
use crate::rendering::check_drawn;
use crate::side_again::Met;
use crate::upscale;
use crate::words::say;

/// What is to be written, before anything is read.
pub(crate) struct FrameOutput<'a> {
    args: &'a RenderArgs,
    format: FrameFormat,
    /// What is met in reading what goes beside the events.
    met: &'a Met,
}

impl<'a> FrameOutput<'a> {
    pub(crate) fn new(args: &'a RenderArgs, met: &'a Met) -> Result<Self> {
        let format = match args.output_format {
            Some(format) => format,
            None => format_of(&args.output)?,
        };
        let pictures = &args.pictures;
        let is_array = matches!(format, FrameFormat::Npy | FrameFormat::Npz);
        let png = format == FrameFormat::Picture(PictureFormat::Png);
        let one = args.windows.say_one() || args.windows.say_nothing();
        let large = [("--large", args.large && png && one)];
        refuse(
            &large,
            "it is of many frames, and the output is one picture",
        )?;
        if is_array {
            let style = &pictures.style;
            let given = [
                ("--theme", style.theme.is_some()),
                ("--colors", style.colors.is_some()),
                ("--scale", style.scale.is_some()),
                ("--dilate", style.dilate),
                ("--no-dilate", pictures.no_dilate),
                ("--upscale", pictures.upscale.is_some()),
                ("--scale-bar", pictures.scale_bar),
                ("--time", pictures.time),
            ];
            let what = "the output is an array and no picture";
            refuse(&given, what)?;
            refuse(&args.beside.given(), what)?;
        } else {
            let like = [("--like", args.mode.like.is_some())];
            let why = "the output is a picture and no array";
            let sized = args.geometry.of_arrays();
            refuse(&[&args.prepare.given()[..], &like, &sized].concat(), why)?;
        }
        let geometry = &args.geometry;
        let moved = [
            ("--rectify", geometry.rectify.is_some()),
            ("--crop-frames", geometry.crop_frames.is_some()),
        ];
        if args.beside.over.is_some() {
            refuse(&moved, "the frames of --over stay as the camera took them")?;
        }
        let this = Self { args, format, met };
        let files = !this.is_movie();
        let apart = args.windows.count.is_some() || args.windows.stride.is_some();
        let no_rate = [("--fps", args.windows.fps.is_some() && files && apart)];
        refuse(
            &no_rate,
            "the output has no frame rate, and how far apart frames are is given",
        )?;
        let stream = is_pipe(&args.output) || evz::is_device(&args.output);
        if files && stream {
            let what = "standard output takes no .npy, .npz and .png; name a file, or pass \
                        --output-format y4m";
            return Err(Error::invalid(what).into());
        }
        if is_pipe(&args.output) && std::io::stdout().is_terminal() {
            let what = "standard output is a terminal; send pictures into a file or a pipe";
            return Err(Error::invalid(what).into());
        }
        Ok(this)
    }

    /// What frames are written as.
    pub(crate) fn format(&self) -> FrameFormat {
        self.format
    }

    /// Whether frames follow each other in time.
    pub(crate) fn is_movie(&self) -> bool {
        !matches!(
            self.format,
            FrameFormat::Npy | FrameFormat::Npz | FrameFormat::Picture(PictureFormat::Png)
        )
    }

    /// What it is called when it is talked of.
    fn name(&self) -> String {
        match is_pipe(&self.args.output) {
            true => "standard output".to_owned(),
            false => self.args.output.display().to_string(),
        }
    }

    /// Begins the output. `first` is the tick that times are counted from; `one` says that there is one
    /// frame, whose name is not numbered.
    pub(crate) fn create(
        &self,
        frames: &Frames,
        first: Option<i64>,
        one: bool,
    ) -> Result<FrameSink<'a>> {
        let (size, of) = (frames.size(), frames.representation());
        let (path, force) = (&self.args.output, self.args.force);
        let FrameFormat::Picture(format) = self.format else {
            let archive = self.format == FrameFormat::Npz;
            let arrays = ArrayOutput::create(self.args, archive, frames)?;
            return Ok(FrameSink::Array(Box::new(arrays)));
        };
        let (region, args) = (self.args.geometry.crop_frames, &self.args.pictures);
        check_drawn(of)?;
        let size = cropped(region, of, size)?;
        let (width, height) = (size.width as usize, size.height as usize);
        check_colors(args.style.colors, of)?;
        // A still is for a paper, a movie for a screen.
        let theme = args.style.theme.unwrap_or(match self.is_movie() {
            true => Theme::Dark,
            false => Theme::Light,
        });
        let factor = upscale::factor(args.upscale, size)?;
        let dilate = args.style.dilate || (upscale::dilates(factor, size) && !args.no_dilate);
        let mut style = args
            .style
            .style(of)
            .with_theme(theme)
            .with_dilation(dilate)
            .with_upscale(factor)
            .with_ground(self.args.beside.over.is_some())
            .with_scale_bar(args.scale_bar);
        let (width, height) = style.picture_size(width, height);
        if !self.args.beside.mark.is_empty() {
            check_room(width, height)?;
        }
        if args.time {
            let pace = Pace::of(&self.args.windows, self.is_movie());
            let speed = pace.filter(|_| self.is_movie()).map(Pace::speed);
            let stamp = TimeStamp::new(frames.info().time_base, first.unwrap_or(0))
                .of_middle(self.args.windows.around.is_some())
                .with_speed(speed);
            style = style.with_time_stamp(stamp);
        }
        let picture = picture_bytes(frames, width * height, self.args.beside.over.is_some());
        let what = format!("a picture of {width}x{height}");
        drop(Memory::take(picture, &what, Place::default())?);
        let rate = match self.args.windows.fps {
            Some(Ratio { over, under }) => FrameRate::new(over, under)?,
            None => DEFAULT_FRAME_RATE,
        };
        let options =
            MovieOptions::new(format, width, height, style.palette()).with_frame_rate(rate);
        let to = match format {
            PictureFormat::Png if one && !is_folder(path) => Pictures::One(path.clone()),
            PictureFormat::Png => Pictures::Numbered(numbered(path)?, 0),
            _ => {
                let target = output(path, force)?;
                Pictures::Movie(options.create(target, &self.name())?)
            }
        };
        Ok(FrameSink::Pictures(Box::new(Drawing {
            style,
            ground: CameraGround::open(self.args, size, self.met)?,
            marked: Marked::read(self.args, self.met)?,
            region,
            frame_size: size,
            size: (factor > 1).then_some((width, height)),
            encoder: options.encoder(),
            jobs: InOrder::default(),
            at_once: usize::try_from(max_memory() / 2 / picture)
                .map_or(usize::MAX, |n| n.clamp(1, parallel::threads() + 1)),
            to,
            name: self.name(),
            force,
            live: self.args.follow,
        })))
    }
}

/// Bytes of a picture of so many pixels while it is drawn: those of its frame, which is copied and made floats of;
/// an index and what is drawn around it for each pixel, and a grey of its ground; and three for what it is encoded
/// to.
fn picture_bytes(frames: &Frames, pixels: usize, has_ground: bool) -> u64 {
    let size = frames.size();
    let values = u64::from(size.width) * u64::from(size.height);
    let values = values.saturating_mul(frames.representation().channels() as u64);
    let of_frame = values.saturating_mul(frames.representation().value_type().bytes() as u64 + 4);
    let of_pixel = 5 + u64::from(has_ground);
    of_frame
        .saturating_add((pixels as u64).saturating_mul(of_pixel))
        .max(1)
}

/// Refuses marks where they would hide the picture.
fn check_room(width: usize, height: usize) -> Result<()> {
    let (columns, rows) = Beside::LEAST;
    if width >= columns && height >= rows {
        return Ok(());
    }
    let what =
        format!("--mark takes pictures of {columns}x{rows}, and these have {width}x{height}");
    Err(Error::invalid(what)
        .advise("leave out --upscale, or pass a larger one")
        .into())
}

/// The size of frames that are cropped to a region, if there is one.
fn cropped(region: Option<Roi>, of: Representation, size: SensorSize) -> Result<SensorSize> {
    let mut cropping = Preparation::new();
    cropping.crop = region;
    let [_, height, width] = cropping.of(of)?.shape(size)?;
    let (width, height) = (width as u32, height as u32);
    Ok(SensorSize { width, height })
}

/// Refuses colours that cannot show these values: others would be seen in their place.
fn check_colors(told: Option<Colors>, of: Representation) -> Result<()> {
    let facts = of.facts();
    let Some(colors) = told.filter(|colors| !colors.show(facts.columns.p)) else {
        return Ok(());
    };
    let fitting = Colors::ALL.into_iter().filter(|c| c.show(facts.columns.p));
    let fitting: Vec<&str> = fitting.map(Colors::name).collect();
    let (name, has) = (facts.name, if facts.columns.p { "has" } else { "has no" });
    let what = format!(
        "--colors {colors}: mode {name} {has} polarities; pass {}",
        fitting.join(" or ")
    );
    Err(Error::invalid(what).into())
}

/// The format of a name.
fn format_of(path: &Path) -> Result<FrameFormat> {
    if is_pipe(path) {
        let what = "standard output has no name that says a format; pass --output-format";
        return Err(Error::invalid(what).into());
    }
    if is_folder(path) {
        return Ok(FrameFormat::Picture(PictureFormat::Png));
    }
    let extension = path.extension().unwrap_or_default();
    let found = FrameFormat::all().find(|(name, _)| extension.eq_ignore_ascii_case(name));
    found.map(|(_, format)| format).ok_or_else(|| {
        let endings: Vec<String> = FrameFormat::all()
            .map(|(name, _)| format!(".{name}"))
            .collect();
        let what = format!(
            "{}: its name says no format of frames: end it in {}, or pass --output-format",
            path.display(),
            endings.join(", ")
        );
        Error::invalid(what).into()
    })
}

/// Frames being written.
pub(crate) enum FrameSink<'a> {
    Array(Box<ArrayOutput>),
    Pictures(Box<Drawing<'a>>),
}

impl FrameSink<'_> {
    /// Columns and rows of pictures that are larger than the frames.
    pub(crate) fn upscaled(&self) -> Option<(usize, usize)> {
        match self {
            Self::Array(..) => None,
            Self::Pictures(drawing) => drawing.size,
        }
    }

    /// Columns and rows of what is made of a frame, before it is drawn larger.
    pub(crate) fn size(&self) -> SensorSize {
        match self {
            Self::Array(arrays) => arrays.size,
            Self::Pictures(drawing) => drawing.frame_size,
        }
    }

    pub(crate) fn write(&mut self, frame: &Frame, prepared: Option<&Prepared>) -> Result<()> {
        match self {
            Self::Array(arrays) => arrays.write(frame, prepared),
            Self::Pictures(drawing) => drawing.push(frame),
        }
    }

    /// Writes what is left, and gives the output its name, which it returns.
    pub(crate) fn finish(self) -> Result<String> {
        match self {
            Self::Array(arrays) => arrays.finish(),
            Self::Pictures(drawing) => drawing.finish(),
        }
    }
}

/// Pictures being drawn on all cores, and written in order.
pub(crate) struct Drawing<'a> {
    style: Style,
    ground: Option<CameraGround<'a>>,
    marked: Marked,
    /// The part of a frame that is drawn, where it is not all of it.
    region: Option<Roi>,
    /// Columns and rows of that.
    frame_size: SensorSize,
    /// Of the pictures, where they are larger than the frames.
    size: Option<(usize, usize)>,
    encoder: PictureEncoder,
    jobs: InOrder<evz::Result<Vec<u8>>>,
    /// Pictures that are drawn at a time.
    at_once: usize,
    to: Pictures,
    name: String,
    force: bool,
    /// Whether somebody waits for each picture.
    live: bool,
}

/// Where pictures are written to.
enum Pictures {
    Movie(Movie<Output>),
    One(PathBuf),
    /// With the number of the next.
    Numbered(NumberedFiles, u64),
}

impl Drawing<'_> {
    fn push(&mut self, frame: &Frame) -> Result<()> {
        if self.jobs.len() >= self.at_once {
            self.write_oldest()?;
        }
        let ground = match &mut self.ground {
            Some(camera) => camera.until(frame.window.end)?,
            None => None,
        };
        let frame = match self.region {
            Some(region) => frame.cropped(region)?,
            None => frame.clone(),
        };
        let (style, encoder) = (self.style, self.encoder.clone());
        let (marks, traces) = (self.marked.marks.clone(), self.marked.traces.clone());
        self.jobs.push(move || {
            let (mut picture, mut bytes) = (Picture::default(), Vec::new());
            let beside = Beside {
                ground: ground.as_deref(),
                marks: &marks,
                traces: &traces,
            };
            style.draw_with(&frame, beside, &mut picture)?;
            encoder.encode(&picture, &mut bytes)?;
            Ok(bytes)
        });
        if self.live {
            self.write_oldest()?;
            if let Pictures::Movie(movie) = &mut self.to {
                movie.flush()?;
            }
        }
        Ok(())
    }

    fn write_oldest(&mut self) -> Result<()> {
        let Some(bytes) = self.jobs.pop().transpose()? else {
            return Ok(());
        };
        let path = match &mut self.to {
            Pictures::Movie(movie) => return Ok(movie.push(&bytes)?),
            Pictures::One(path) => path.clone(),
            Pictures::Numbered(files, number) => {
                *number += 1;
                files.path(*number - 1)
            }
        };
        let mut file = output(&path, self.force)?;
        file.write_all(&bytes).map_err(|e| file.failed(e))?;
        Ok(file.commit()?)
    }

    fn finish(mut self) -> Result<String> {
        while !self.jobs.is_empty() {
            self.write_oldest()?;
        }
        let (files, number) = match self.to {
            Pictures::Movie(movie) => {
                movie.finish()?.commit()?;
                return Ok(self.name);
            }
            Pictures::One(_) => return Ok(self.name),
            Pictures::Numbered(files, number) => (files, number),
        };
        if files.path(number).exists() {
            let older = files.path(number);
            say(format_args!(
                "note: {} and what follows it are of an earlier run",
                older.display()
            ));
        }
        Ok(names(&files, number))
    }
}
