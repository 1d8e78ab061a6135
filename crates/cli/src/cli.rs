//! Every argument of the command.

use std::ops::Range;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use evz::codec::{self, Codec};
use evz::picture::{Colors, PictureFormat, Scale, Theme};
use evz::prophesee::{Encoding, WordOrder};
use evz::render::Representation;
use evz::text::{ColumnOrder, Header, OnBadLine, PolarityStyle, TimeUnit};
use evz::{Format, OpenOptions, Polarity, Roi, SensorSize};
use evz_synth::{DEFAULT_EVENTS, DEFAULT_RATE, DEFAULT_SEED, DEFAULT_SIZE};

use crate::modes;
use crate::side_table::is_side_stream;
use crate::values::{self, Ratio, Stride, Time};

const EXIT_CODES: &str = "\
Data goes to standard output, talk to standard error; `-` is a pipe.
Exit codes: 0 done, 1 failed, 2 bad arguments, 3 done, but something was lost and is counted.";

/// Recordings of event cameras in one small, indexed file, and any time range of it at once.
#[derive(Debug, Parser)]
#[command(name = "evz", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Work on so many threads, at most 1024 [default: one a core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(crate) threads: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Turn a recording of any format into any other
    #[command(after_help = "\
Examples:
  evz convert events.txt                          writes events.evz
  evz convert events.txt events.evz --time-unit us
  evz convert events.evz events.csv.gz --separator comma --header names
  evz convert events.evz part.evz --from 1.5s --to 2s --roi 100,100,64,64
  zcat events.txt.gz | evz convert - events.evz

--columns, --time-unit and --decimals say how to read a text input, also where the output is text.
Where the input is not text they say how to write a text output.

Text that came from text has the shape that it had. Other text has lines t x y p, t in seconds.

A window of a file with side streams takes whole batches of their rows: all batches that reach into
--from to --to. The other options of selection leave side streams as they are.")]
    Convert(ConvertArgs),
    /// Say what a recording is and holds
    #[command(after_help = "\
Examples:
  evz info events.evz
  evz info events.evz --json
  evz info events.evz --layout                    every record of the file, as JSON")]
    Info(InfoArgs),
    /// Print events as text: t x y p, t in microseconds
    #[command(after_help = "\
Examples:
  evz cat events.evz --from 12.3s --to 12.31s
  evz cat events.evz --events 1000..2000 --polarity on
  evz cat events.evz --from @1589163147.5 --separator comma --time-unit s

--columns, --time-unit and --decimals say how to read a text input; what is printed of it is always
t x y p in microseconds. Where the input is not text they say how to print.")]
    Cat(CatArgs),
    /// Check every checksum and bound of an .evz file
    #[command(after_help = "\
Examples:
  evz verify events.evz")]
    Verify(VerifyArgs),
    /// Save what is whole of a damaged or unfinished .evz file
    #[command(after_help = "\
Examples:
  evz recover damaged.evz saved.evz")]
    Recover(RecoverArgs),
    /// Print the SHA-256 of a recording's events, whatever its format
    #[command(after_help = "\
Examples:
  evz digest events.txt events.evz                the same line twice, but for the name

The digest is over four little-endian columns one after the other: t int64 in microseconds,
x uint16, y uint16, p uint8 (0 or 1).")]
    Digest(DigestArgs),
    /// Turn a recording into frames
    #[command(after_help = format!("\
Examples:
  evz render events.evz -o video.mp4 --fps 30
  evz render events.evz -o slow.gif --fps 30 --speed 0.1 --from 1s --to 2s --time
  evz render events.evz -o frames/ --count 100k --output-format png
  evz render events.evz -o one.png --at 1.5s --window 20ms
  evz render events.evz -o voxels.npy --window 50ms --mode voxel --bins 5
  evz render events.evz -o - --output-format y4m --fps 60 | ffplay -

Pictures are .png (numbered files, out_%05d.png says where), .gif, .apng, .y4m, .rgb (raw), .mp4 and
.webm (by ffmpeg). An .npy holds the values: one array of [frames, channels, height, width].

Each window makes a frame. The first starts at --from, or else at the first event; the next starts
--stride later, or else where the one before it ends; the last holds the last event. Where --stride
is shorter than a window they overlap; where it is longer, events between them are in no frame. A
window of time without events is an empty frame. Windows are [start, end): a decay is that at the
end of its window.
Values and channels of each mode:{}", modes::table()))]
    Render(RenderArgs),
    /// Make a synthetic recording: a moving scene with sensor noise
    #[command(after_help = "\
Examples:
  evz synth moving.evz --size 1280x720 --events 100M --seed 7
  evz synth moving.txt --size 240x180 --events 1M --rate 500k")]
    Synth(SynthArgs),
    /// Measure how fast this machine parses, encodes, decodes, queries and renders
    #[command(
        override_usage = "\
evz bench [OPTIONS] <OPERATION> <FILE>
       evz bench --matrix [--up-to <N>] [--csv <FILE>] [--profile <NAME>]",
        after_help = "\
Examples:
  evz bench parse events.txt
  evz bench decode events.evz --threads 1 --json
  evz bench query events.evz --window-us 10000 --starts-us 0,500000,1000000
  evz bench render events.evz --count 100k
  evz bench render events.evz --window 10ms --mode voxel --json
  evz bench --matrix --up-to 10M --csv matrix.csv

bytes_per_s counts bytes of text for parse, and 13 bytes an event, the size of the plain columns,
for the others. events_per_s is the median of the runs.

--matrix makes each recording as text in the folder that TMPDIR names, converts it, decodes it and
makes frames of it, each in a process of its own, and removes it. 1B events need 30 GB there."
    )]
    Bench(BenchArgs),
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  evz completion bash > ~/.local/share/bash-completion/completions/evz")]
    Completion(CompletionArgs),
    /// Print the manual page of evz, or of one of its verbs
    #[command(after_help = "\
Examples:
  evz man convert | man -l -")]
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The recording to read; - for standard input
    pub(crate) input: PathBuf,
    /// The file to write; - for standard output [default: the input's name with .evz]
    pub(crate) output: Option<PathBuf>,
    /// Write this format, rather than the one of the output's extension
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub(crate) output_format: Option<Format>,
    /// What to do with times that run backwards
    #[arg(long, value_name = "DO", value_enum, default_value_t = OnUnsorted::Keep)]
    pub(crate) on_unsorted: OnUnsorted,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) text: TextOutputArgs,
}

/// What becomes of events that are earlier than the one before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnUnsorted {
    /// Keep the order and report it
    Keep,
    /// Put all events in order of time
    Sort,
    /// Stop at the first
    Stop,
}

/// How a recording is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadingArgs {
    /// Read this format, rather than the one that the content tells
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub(crate) input_format: Option<Format>,
    /// Order of columns that have no names, in text and arrays: txyp
    #[arg(long, value_name = "ORDER")]
    pub(crate) columns: Option<ColumnOrder>,
    /// Unit of times that are plain numbers, in text, arrays and tables: s, ms, us or ns
    #[arg(long, value_name = "UNIT")]
    pub(crate) time_unit: Option<TimeUnit>,
    /// Decimals of the times of a text input
    #[arg(long, value_name = "N")]
    pub(crate) decimals: Option<u8>,
    /// Sensor size, whatever the recording says
    #[arg(long, value_name = "WxH", value_parser = values::size)]
    pub(crate) size: Option<SensorSize>,
    /// What to do with a line of text that is no event: stop, or skip and count it [default: stop]
    #[arg(long, value_name = "DO")]
    pub(crate) on_bad_line: Option<OnBadLine>,
    /// The event stream to read, by number or name, where there are several; or a side stream
    /// instead of the events: triggers, imu, frames
    #[arg(long, value_name = "NAME")]
    pub(crate) stream: Option<String>,
    /// How a RAW or DAT input puts events into words, whatever its header says: evt2, evt2.1, evt3,
    /// dat1 or dat2
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<Encoding>,
    /// Order of the halves of the words of EVT2.1: little or legacy
    #[arg(long, value_name = "ORDER")]
    pub(crate) word_order: Option<WordOrder>,
}

impl ReadingArgs {
    /// The side stream that is asked for instead of the events.
    pub(crate) fn side_stream(&self) -> Option<&str> {
        self.stream.as_deref().filter(|name| is_side_stream(name))
    }

    /// The same as options of the library.
    pub(crate) fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.format = self.input_format;
        options.size = self.size;
        options.columns = self.columns;
        options.time_unit = self.time_unit;
        options.decimals = self.decimals;
        options.on_bad_line = self.on_bad_line.unwrap_or_default();
        options.stream = self.stream.clone().filter(|name| !is_side_stream(name));
        options.encoding = self.encoding;
        options.word_order = self.word_order;
        options
    }
}

/// Which events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    /// Events at or after this time: 1.5s, 20ms, 3us, 7ns or 2m after the first event, or @EPOCH
    #[arg(long, value_name = "T", value_parser = values::time, allow_hyphen_values = true)]
    pub(crate) from: Option<Time>,
    /// Events before this time
    #[arg(long, value_name = "T", value_parser = values::time, allow_hyphen_values = true)]
    pub(crate) to: Option<Time>,
    /// Events numbered A to B-1, counting from 0: A..B, A.. or ..B
    #[arg(long, value_name = "A..B", value_parser = values::event_range, allow_hyphen_values = true)]
    pub(crate) events: Option<Range<u64>>,
    /// Pixels of a region: left, top, width, height
    #[arg(long, value_name = "X,Y,W,H", value_parser = values::roi, allow_hyphen_values = true)]
    pub(crate) roi: Option<Roi>,
    /// One polarity: on or off
    #[arg(long, value_name = "P", value_parser = values::polarity)]
    pub(crate) polarity: Option<Polarity>,
}

/// How an output is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(crate) struct WritingArgs {
    /// How .evz is encoded: small for storing, fast for working, small-gpu for decoding on a GPU
    /// [default: small]
    #[arg(long, value_name = "NAME", value_parser = profile_parser())]
    pub(crate) profile: Option<&'static dyn Codec>,
    /// How .raw is written: evt2 or evt3 [default: evt3]
    #[arg(long, value_name = "NAME")]
    pub(crate) raw_encoding: Option<Encoding>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

/// How text is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Text output")]
pub(crate) struct TextOutputArgs {
    /// What stands between columns
    #[arg(long, value_name = "S", value_enum)]
    pub(crate) separator: Option<Separator>,
    /// How polarity is written: 0/1, -1/1, True/False, true/false or TRUE/FALSE
    #[arg(long, value_name = "STYLE", value_parser = polarity_style, allow_hyphen_values = true)]
    pub(crate) polarity_style: Option<PolarityStyle>,
    /// What stands before the events: none, names, size or geometry
    #[arg(long, value_name = "WHAT")]
    pub(crate) header: Option<Header>,
}

/// What stands between columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Separator {
    Space,
    Tab,
    Comma,
    Semicolon,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The recording; - for standard input
    pub(crate) file: PathBuf,
    /// Print JSON
    #[arg(long, conflicts_with = "layout")]
    pub(crate) json: bool,
    /// Print every record of an .evz file, as JSON
    #[arg(long)]
    pub(crate) layout: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CatArgs {
    /// The recording; - for standard input
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) text: TextOutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The .evz file; - for standard input
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    /// The damaged .evz file; - for standard input
    pub(crate) input: PathBuf,
    /// The file to write
    pub(crate) output: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    /// The recordings; - for standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// The recording; - for standard input
    pub(crate) input: PathBuf,
    /// The file to write; - for standard output, which takes no npy and no png
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Write this format, rather than the one of the output's extension
    #[arg(long, value_name = "FORMAT", value_parser = frame_format_parser())]
    pub(crate) output_format: Option<FrameFormat>,
    /// Replace existing files
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) windows: WindowArgs,
    #[command(flatten)]
    pub(crate) mode: ModeArgs,
    /// What makes the frames: cpu, cuda for an NVIDIA GPU, or auto for a GPU where there is one
    #[arg(long, value_enum, default_value_t)]
    pub(crate) device: Device,
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

/// What frames are made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Device {
    #[default]
    Cpu,
    Cuda,
    Auto,
}

/// How pictures look.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct PictureArgs {
    /// Ground of the pictures: dark or light [default: dark]
    #[arg(long, value_name = "THEME")]
    pub(crate) theme: Option<Theme>,
    /// Colours: red-blue (ON red, OFF blue) or grey [default: red-blue]
    #[arg(long, value_name = "COLOURS")]
    pub(crate) colors: Option<Colors>,
    /// The value of full colour: a number, or a percentile of each frame's values [default: p95]
    #[arg(long, value_name = "V")]
    pub(crate) scale: Option<Scale>,
    /// Make every pixel larger, so that single events are seen
    #[arg(long)]
    pub(crate) dilate: bool,
    /// Draw the scale of colours and its two ends
    #[arg(long)]
    pub(crate) scale_bar: bool,
    /// Write the start of the window, in seconds after the first event
    #[arg(long)]
    pub(crate) time: bool,
}

/// Which events make a frame.
#[derive(Debug, Args)]
#[command(next_help_heading = "Windows")]
pub(crate) struct WindowArgs {
    /// A frame of so many events each
    #[arg(long, value_name = "N", value_parser = values::count, allow_negative_numbers = true, conflicts_with_all = ["window", "at"])]
    pub(crate) count: Option<u64>,
    /// A frame of so much time each: 20ms
    #[arg(long, value_name = "D", value_parser = values::duration, allow_negative_numbers = true)]
    pub(crate) window: Option<i128>,
    /// How far apart windows start, in events with --count, in time with --window [default: the
    /// length of a window]
    #[arg(long, value_name = "S", value_parser = values::stride, allow_negative_numbers = true)]
    pub(crate) stride: Option<Stride>,
    /// Frames a second of video: 30, 29.97 or 30000/1001 [default with --count or --window: 30];
    /// without these it says how long windows are, too
    #[arg(long, value_name = "F", value_parser = values::ratio, allow_negative_numbers = true)]
    pub(crate) fps: Option<Ratio>,
    /// Speed of --fps in real time: 0.1 shows a second in ten
    #[arg(long, value_name = "S", value_parser = values::ratio, allow_negative_numbers = true, requires = "fps", conflicts_with_all = ["count", "window"])]
    pub(crate) speed: Option<Ratio>,
    /// One frame of the time before T, --window long [default: 33ms]
    #[arg(long, value_name = "T", value_parser = values::time, allow_hyphen_values = true, conflicts_with_all = ["fps", "stride"])]
    pub(crate) at: Option<Time>,
}

/// What a frame shows.
#[derive(Debug, Args)]
#[command(next_help_heading = "Representation")]
pub(crate) struct ModeArgs {
    /// What is made of the events of a window
    #[arg(long, value_parser = modes::mode_parser(), default_value = Representation::Signed.facts().name)]
    pub(crate) mode: Representation,
    #[arg(long, help = modes::bins_help(), value_name = "B", value_parser = clap::value_parser!(u64).range(1..=65_535))]
    pub(crate) bins: Option<u64>,
    #[arg(long, help = modes::tau_help(), value_name = "D", value_parser = values::duration, allow_negative_numbers = true)]
    pub(crate) tau: Option<i128>,
}

#[derive(Debug, Args)]
pub(crate) struct SynthArgs {
    /// The file to write, .evz or text by its extension; - for standard output
    pub(crate) output: PathBuf,
    /// Sensor size
    #[arg(long, value_name = "WxH", value_parser = values::size, default_value_t = DEFAULT_SIZE)]
    pub(crate) size: SensorSize,
    /// Number of events: 5000, 10M, 1B
    #[arg(long, value_name = "N", value_parser = values::count, default_value_t = DEFAULT_EVENTS)]
    pub(crate) events: u64,
    /// Which one of all such recordings
    #[arg(long, value_name = "S", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// Events a second, on average: 500k, 5M
    #[arg(long, value_name = "R", value_parser = values::count, default_value_t = DEFAULT_RATE as u64)]
    pub(crate) rate: u64,
    /// Write this format, rather than the one of the output's extension
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub(crate) output_format: Option<Format>,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What to measure
    #[arg(value_enum, required_unless_present = "matrix")]
    pub(crate) operation: Option<Operation>,
    /// The recording; decode, query and render want .evz, parse any other format
    #[arg(required_unless_present = "matrix")]
    pub(crate) file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure synthetic recordings of four sensor sizes and 1M to 1B events, as a table
    #[arg(long, conflicts_with_all = [
        "operation", "file", "json", "window_us", "starts_us", "count", "window", "mode", "ReadingArgs",
    ])]
    pub(crate) matrix: bool,
    /// Events of the longest recordings of --matrix [default: 1B]
    #[arg(long, value_name = "N", value_parser = values::count, requires = "matrix")]
    pub(crate) up_to: Option<u64>,
    /// Write the table of --matrix as CSV, too
    #[arg(long, value_name = "FILE", requires = "matrix")]
    pub(crate) csv: Option<PathBuf>,
    /// Length of the windows of query, in microseconds
    #[arg(long, value_name = "W", required_if_eq("operation", "query"))]
    pub(crate) window_us: Option<u64>,
    /// Starts of the windows of query, in microseconds on the recording's own clock
    #[arg(
        long,
        value_name = "A,B,...",
        value_delimiter = ',',
        required_if_eq("operation", "query"),
        allow_hyphen_values = true
    )]
    pub(crate) starts_us: Vec<i64>,
    /// Events in a frame of render
    #[arg(long, value_name = "N", value_parser = values::count, conflicts_with = "window")]
    pub(crate) count: Option<u64>,
    /// Time in a frame of render
    #[arg(long, value_name = "D", value_parser = values::duration)]
    pub(crate) window: Option<i128>,
    /// What a frame of render shows [default: signed]
    #[arg(long, value_parser = modes::mode_parser())]
    pub(crate) mode: Option<Representation>,
    /// What makes the frames of render: cpu, cuda or auto [default: cpu]
    #[arg(long, value_enum)]
    pub(crate) device: Option<Device>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// How encode and --matrix encode [default: small]
    #[arg(long, value_name = "NAME", value_parser = profile_parser())]
    pub(crate) profile: Option<&'static dyn Codec>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Operation {
    /// A recording of another format to columns, thrown away
    Parse,
    /// Columns in memory to .evz, thrown away
    Encode,
    /// A whole .evz file to four columns
    Decode,
    /// Windows of an .evz file to four columns
    Query,
    /// A whole .evz file to frames, thrown away
    Render,
    /// A whole .evz file on a GPU: decoding, signed frames of --count events, and its ceilings
    Gpu,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// A verb
    pub(crate) verb: Option<String>,
}

/// What frames are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameFormat {
    /// The values, for NumPy.
    Npy,
    Picture(PictureFormat),
}

impl FrameFormat {
    /// All formats and their names, which are their extensions too.
    pub(crate) fn all() -> impl Iterator<Item = (&'static str, Self)> {
        let pictures = PictureFormat::ALL.into_iter();
        let pictures = pictures.map(|format| (format.name(), Self::Picture(format)));
        std::iter::once(("npy", Self::Npy)).chain(pictures)
    }
}

fn frame_format_parser() -> impl TypedValueParser<Value = FrameFormat> {
    PossibleValuesParser::new(FrameFormat::all().map(|(name, _)| name)).try_map(|name| {
        let mut all = FrameFormat::all();
        let found = all.find(|(n, _)| *n == name).map(|(_, format)| format);
        found.ok_or("it is no format of frames")
    })
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(|name| name.parse::<Format>())
}

/// The codecs by name. Their numbers are small, so all of them are found below 256.
fn profile_parser() -> impl TypedValueParser<Value = &'static dyn Codec> {
    let names = codec::all().map(Codec::name);
    PossibleValuesParser::new(names)
        .try_map(|name| codec::by_name(&name).ok_or("it is no codec of this version"))
}

/// The styles as the library names them, and with the words the other way round.
fn polarity_style(text: &str) -> evz::Result<PolarityStyle> {
    match text.split_once('/') {
        Some((on, off)) if on.eq_ignore_ascii_case("true") => format!("{off}/{on}").parse(),
        _ => text.parse(),
    }
}
