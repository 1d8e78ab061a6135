//! The arguments of `render`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use evz::picture::{Colors, PictureFormat, Scale, Style, Theme};
use evz::render::{BinPlaces, Preparation, Preset, Representation, TimeSpan};

use super::beside::BesideArgs;
use super::geometry::GeometryArgs;
use super::modes;
use super::prepare::PrepareArgs;
use super::reading::ReadingArgs;
use super::selection::SelectionArgs;
use super::values::{self, Ratio, Stride};
use super::when::{self, ListUnit, TimeList, When};

#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// The recording, a path or a URL; - for standard input
    pub(crate) input: PathBuf,
    /// The file to write; - for standard output, which takes no npy, npz and png
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Write this format, rather than the one of the output's extension
    #[arg(long, value_name = "FORMAT", value_parser = frame_format_parser())]
    pub(crate) output_format: Option<FrameFormat>,
    /// Replace existing files
    #[arg(long)]
    pub(crate) force: bool,
    /// Write more than 1,048,576 frames, or more than 4 GiB of arrays
    #[arg(long)]
    pub(crate) large: bool,
    /// Write what the window of each frame was, as .npy or .csv: t_start, t_end, first event, number of
    /// events; an .npz has them beside the frames
    #[arg(long, value_name = "FILE")]
    pub(crate) frame_table: Option<PathBuf>,
    /// Go on with what is added to an .evz file that grows, until it is finished; a frame is written as
    /// soon as it is complete
    #[arg(long)]
    pub(crate) follow: bool,
    /// What makes the frames: cpu, cuda for an NVIDIA GPU, or auto for the one that ends sooner
    #[arg(long, value_enum, default_value_t)]
    pub(crate) device: Device,
    #[command(flatten)]
    pub(crate) windows: WindowArgs,
    #[command(flatten)]
    pub(crate) mode: ModeArgs,
    #[command(flatten)]
    pub(crate) geometry: GeometryArgs,
    #[command(flatten)]
    pub(crate) prepare: PrepareArgs,
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
    #[command(flatten)]
    pub(crate) beside: BesideArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

impl RenderArgs {
    /// How arrays are prepared, if they are not written as they are.
    pub(crate) fn preparation(&self) -> evz::Result<Option<Preparation>> {
        let mut choices = self.prepare.choices();
        self.geometry.choose(&mut choices);
        let preparation = choices.of(self.mode.like)?;
        Ok((!preparation.is_none()).then_some(preparation))
    }
}

/// What frames are made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Device {
    #[default]
    Cpu,
    Cuda,
    Auto,
}

/// How pictures look, and what is written into them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct PictureArgs {
    #[command(flatten)]
    pub(crate) style: StyleArgs,
    /// Make each pixel of the sensor so many pixels wide and high, 1 for as it is [default: what makes
    /// 720 rows or more]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) upscale: Option<u32>,
    /// Leave single events as small as they are; of 1280 columns and more they are dilated otherwise
    #[arg(long, conflicts_with = "dilate")]
    pub(crate) no_dilate: bool,
    /// Draw the scale of colours and its two ends
    #[arg(long)]
    pub(crate) scale_bar: bool,
    /// Write the time that a frame shows, in ms after the first event: the end of its window, of
    /// --around T its middle, which is T; in a movie the speed, too
    #[arg(long)]
    pub(crate) time: bool,
}

/// How pictures look.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct StyleArgs {
    /// Ground of the pictures: dark or light [default: dark, of .png light]
    #[arg(long, value_name = "THEME")]
    pub(crate) theme: Option<Theme>,
    /// Colours: red-blue (ON red, OFF blue), orange-blue, for the colour-blind too, grey, or viridis
    /// for what has no polarity [default: red-blue; grey for what has no polarity]
    #[arg(long, value_name = "COLOURS")]
    pub(crate) colors: Option<Colors>,
    /// The value of full colour: a number, or a percentile of each frame's values [default: p95; 1 of a
    /// decay]
    #[arg(long, value_name = "V")]
    pub(crate) scale: Option<Scale>,
    /// Make every pixel larger, so that single events are seen
    #[arg(long)]
    pub(crate) dilate: bool,
}

impl StyleArgs {
    /// The style of pictures of a representation.
    pub(crate) fn style(&self, of: Representation) -> Style {
        let style = Style::new(of)
            .with_theme(self.theme.unwrap_or_default())
            .with_colors(self.colors.unwrap_or_default())
            .with_dilation(self.dilate);
        match self.scale {
            Some(scale) => style.with_scale(scale),
            None => style,
        }
    }
}

/// Which events make a frame.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Windows")]
pub(crate) struct WindowArgs {
    /// A frame of so many events each
    #[arg(long, value_name = "N", value_parser = values::count, allow_negative_numbers = true, conflicts_with_all = ["window", "at", "around", "after", "between"])]
    pub(crate) count: Option<u64>,
    /// A frame of so much time each: 20ms; of a movie or by --fps, what each frame shows, up to its end
    #[arg(long, value_name = "D", value_parser = values::duration, allow_negative_numbers = true)]
    pub(crate) window: Option<i128>,
    /// How far apart windows are, in events with --count, otherwise in time [default: the length of a
    /// window; of a movie and by --fps, --speed divided by --fps]
    #[arg(long, value_name = "S", value_parser = values::stride, allow_negative_numbers = true)]
    pub(crate) stride: Option<Stride>,
    /// Frames a second of video: 30, 29.97 or 30000/1001 [default: 30]. Of .png and .npy, frames as a
    /// movie has them
    #[arg(long, value_name = "F", value_parser = values::ratio, allow_negative_numbers = true)]
    pub(crate) fps: Option<Ratio>,
    /// Speed of --fps in real time: 0.1 shows a second in ten
    #[arg(long, value_name = "S", value_parser = values::ratio, allow_negative_numbers = true, conflicts_with_all = ["count", "stride", "at", "around", "after", "between"])]
    pub(crate) speed: Option<Ratio>,
    /// A frame of the time that ends at T, --window long [default: 33ms, of a decay until it has faded]:
    /// what was seen until then; or a frame for each time of a list: a file, or stream:NAME for a side
    /// stream such as frames
    #[arg(long, value_name = "T|LIST", value_parser = when::when, allow_hyphen_values = true, conflicts_with_all = ["fps", "stride"])]
    pub(crate) at: Option<When>,
    /// The same with T in the middle of the window
    #[arg(long, value_name = "T|LIST", value_parser = when::when, allow_hyphen_values = true, conflicts_with_all = ["fps", "stride", "at"])]
    pub(crate) around: Option<When>,
    /// The same with T at the start of the window
    #[arg(long, value_name = "T|LIST", value_parser = when::when, allow_hyphen_values = true, conflicts_with_all = ["fps", "stride", "at", "around"])]
    pub(crate) after: Option<When>,
    /// A frame from each time of a list to the next one; or from the first to the second column of a
    /// file that has two
    #[arg(long, value_name = "LIST", value_parser = when::list, conflicts_with_all = ["fps", "stride", "window", "at", "around", "after"])]
    pub(crate) between: Option<TimeList>,
    /// So many frames of all that is selected, with as much in each and what is left over in the last
    #[arg(long, value_name = "T", value_parser = values::count, conflicts_with_all = ["count", "window", "stride", "fps", "speed", "at", "around", "after", "between"])]
    pub(crate) frames: Option<u64>,
    /// By what the frames of --frames are equal
    #[arg(
        long,
        value_enum,
        value_name = "BY",
        requires = "frames",
        default_value_t
    )]
    pub(crate) split_by: SplitBy,
    /// What the plain numbers of a list are: s, ms, us or ns after the first event; @s, @ms, @us or @ns
    /// of the recording's clock [default: whole numbers are ticks of that clock, others @s]
    #[arg(long, value_name = "UNIT", value_parser = when::list_unit)]
    pub(crate) list_unit: Option<ListUnit>,
    /// Let each frame go on from what the one before it left, instead of forgetting it: of binary, the decays,
    /// leaky-sum and time surfaces
    #[arg(long)]
    pub(crate) memory: bool,
}

/// By what frames are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum SplitBy {
    #[default]
    Time,
    Number,
}

/// How a window lies to a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lies {
    Before,
    Around,
    After,
}

impl WindowArgs {
    /// Whether nothing says what a frame is.
    pub(crate) fn say_nothing(&self) -> bool {
        let length = self.window.is_some() || self.count.is_some() || self.stride.is_some();
        let when = self.say_one() || self.list().is_some() || self.frames.is_some();
        !length && self.fps.is_none() && !when
    }

    /// The option that says when windows are, how they lie to that, and when it is.
    pub(crate) fn when(&self) -> Option<(&'static str, Lies, &When)> {
        let at = self.at.iter().map(|when| ("--at", Lies::Before, when));
        let around = self.around.iter();
        let around = around.map(|when| ("--around", Lies::Around, when));
        let after = self.after.iter().map(|when| ("--after", Lies::After, when));
        at.chain(around).chain(after).next()
    }

    /// The option that takes a list of times, and where that stands.
    pub(crate) fn list(&self) -> Option<(&'static str, &TimeList)> {
        match (self.when(), &self.between) {
            (Some((option, _, When::Each(list))), _) => Some((option, list)),
            (_, Some(list)) => Some(("--between", list)),
            _ => None,
        }
    }

    /// Whether one frame is asked for.
    pub(crate) fn say_one(&self) -> bool {
        matches!(self.when(), Some((_, _, When::Once(_))))
    }
}

/// What a frame shows.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Representation")]
pub(crate) struct ModeArgs {
    /// What is made of the events of a window [default: signed; of a movie that says no window exp-decay,
    /// for trails]
    #[arg(long, value_parser = modes::mode_parser())]
    pub(crate) mode: Option<Representation>,
    /// Arrays as the code of others makes them, of these windows: their mode, its options and how values are
    /// prepared, which --bins, --tau and the options of arrays change
    #[arg(long, value_name = "NAME", value_parser = modes::preset_parser(), conflicts_with_all = ["mode", "split_polarity", "span", "bin_places", "depth"])]
    pub(crate) like: Option<Preset>,
    #[arg(long, help = modes::bins_help(), value_name = "B", value_parser = clap::value_parser!(u64).range(1..=65_535))]
    pub(crate) bins: Option<u64>,
    #[arg(long, help = modes::tau_help(), value_name = "D", value_parser = values::duration, allow_negative_numbers = true)]
    pub(crate) tau: Option<i128>,
    /// Latest events of each pixel and polarity of tore [default: 8]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=65_535))]
    pub(crate) depth: Option<u64>,
    #[arg(long, help = modes::split_help())]
    pub(crate) split_polarity: bool,
    /// What the time of a window is, which bins divide and at whose end decays are taken: events, from its
    /// first event to its last one [default of bins], or window, from its start to its end [default of decays]
    #[arg(long, value_name = "SPAN")]
    pub(crate) span: Option<TimeSpan>,
    /// Where the bins of voxel lie in that time: ends (the first at its start, the last at its end), ends32 (the
    /// same in floats of 32 bits, DSEC's), starts (tonic's) or centers (OpenEB's) [default: ends]
    #[arg(long, value_name = "PLACES")]
    pub(crate) bin_places: Option<BinPlaces>,
    /// Let time run backwards in each window, and turn the polarities
    #[arg(long)]
    pub(crate) reverse_time: bool,
}

/// What frames are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameFormat {
    /// The values, for NumPy.
    Npy,
    /// The values and what their windows were, for NumPy.
    Npz,
    Picture(PictureFormat),
}

impl FrameFormat {
    /// All formats and their names, which are their extensions too.
    pub(crate) fn all() -> impl Iterator<Item = (&'static str, Self)> {
        let pictures = PictureFormat::ALL.into_iter();
        let pictures = pictures.map(|format| (format.name(), Self::Picture(format)));
        let arrays = [("npy", Self::Npy), ("npz", Self::Npz)];
        arrays.into_iter().chain(pictures)
    }
}

fn frame_format_parser() -> impl TypedValueParser<Value = FrameFormat> {
    PossibleValuesParser::new(FrameFormat::all().map(|(name, _)| name)).try_map(|name| {
        let mut all = FrameFormat::all();
        let found = all.find(|(n, _)| *n == name).map(|(_, format)| format);
        found.ok_or("it is no format of frames")
    })
}
