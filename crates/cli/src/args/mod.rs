//! Every argument of the command, as it is typed. What it means is resolved by those who use it.

mod bench;
mod beside;
mod convert;
mod filters;
mod geometry;
mod inspect;
pub(crate) mod modes;
mod origin;
mod pack;
mod play;
mod prepare;
mod rate;
mod reading;
mod record;
mod render;
mod selection;
mod shell;
mod synth;
mod text_output;
mod values;
mod when;
mod writing;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::given::Given;

pub(crate) use bench::{BenchArgs, Operation};
pub(crate) use convert::ConvertArgs;
pub(crate) use inspect::{
    CatArgs, DigestArgs, IndexArgs, InfoArgs, JoinArgs, MetaArgs, RecoverArgs, VerifyArgs,
};
pub(crate) use pack::{PackArgs, UnpackArgs};
pub(crate) use play::{PlayArgs, ShownAs};
pub(crate) use rate::RateArgs;
pub(crate) use reading::ReadingArgs;
pub(crate) use record::RecordArgs;
pub(crate) use render::{
    Device, FrameFormat, Lies, ModeArgs, RenderArgs, SplitBy, StyleArgs, WindowArgs,
};
pub(crate) use selection::SelectionArgs;
pub(crate) use shell::{CompletionArgs, HelpArgs, ManArgs};
pub(crate) use synth::SynthArgs;
pub(crate) use values::{Ratio, Stride, time};
pub(crate) use when::{ListUnit, TimeList, When};
pub(crate) use writing::WritingArgs;

const JOBS_AND_EXIT_CODES: &str = "\
Common jobs:
  evz convert events.txt                     once; from then on any part of it at once
  evz rate recording.raw -o rate.png         how many events there are when
  evz play events.txt                        see it move, at any speed, in this terminal
  evz render events.txt -o video.mp4         a video; with -o one.png --around 1.2s a moment of it
  evz convert events.evz 10s.parquet --from 10s --to 20s      for DuckDB, Polars, pandas
  evz convert recordings/ converted/         a whole data set

evz help time, help formats and help exactness explain what the field gets wrong.

Data goes to standard output, talk to standard error; `-` is a pipe. Recordings are read from
https://, http://, s3://, gs://, az:// and file:// as from a path.
Exit codes: 0 done, 1 failed, 2 bad arguments, 3 done, but something was lost that no
option asked for, and is counted.";

/// Recordings of event cameras in one small, indexed file, and any time range of it at once.
#[derive(Debug, Parser)]
#[command(name = "evz", version, max_term_width = 100, after_help = JOBS_AND_EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Work on so many threads, at most 1024 [default: one a core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(crate) threads: Option<u64>,
    /// Take no more memory for pages of Parquet, side batches and frames, as large as they claim to be [default: 1GiB]
    #[arg(long, global = true, value_name = "BYTES", value_parser = values::bytes)]
    pub(crate) max_memory: Option<u64>,
    /// Do not wait until outputs are on the disk: faster, but a power cut within seconds may take them
    #[arg(long, global = true)]
    pub(crate) no_sync: bool,
}

impl Cli {
    /// What a command line says, and which options of its verb it gives.
    pub(crate) fn of(line: impl Iterator<Item = OsString>) -> Result<(Self, Given), clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(line)?;
        let cli = Self::from_arg_matches(&matches).map_err(|e| e.format(&mut command))?;
        Ok((cli, Given::of(&command, &matches)))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Turn a recording of any format into any other
    #[command(
        override_usage = "evz convert [OPTIONS] <INPUT>... [OUTPUT]",
        after_help = "\
Examples:
  evz convert events.txt                          writes events.evz
  evz convert events.txt events.evz --time-unit us
  evz convert events.evz events.csv.gz --separator comma --header names
  evz convert events.evz part.evz --from 1.5s --to 2s --roi 100,100,64,64
  evz convert left.raw right.raw stereo.evz       event streams left and right
  evz convert stereo.evz left.npz --stream left
  zcat events.txt.gz | evz convert - events.evz
  evz convert events.evz events.parquet --time relative   t from the first event, for SQL

--columns, --time-unit and --decimals say how to read a text input, also where the output is text.
Where the input is not text they say how to write a text output.

Text that came from text has the shape that it had. Other text has lines t x y p, t in seconds.

Side streams come along where the output has a place for them: their rows from --from to --to. The
other options of selection leave them as they are.

An .evz takes every event stream of a recording, and those of several recordings. Of several each
stream has the name of its file, and what is said of reading and selection is said of all: --from and
--to count from the first event of all, --events in each. Times are put into the longest tick that
all have in common; where clocks are of one kind they keep their moment, otherwise the file says no
clock, which counts as a loss. A side stream that is called like one of an earlier stream has the
name of its event stream behind its own: imu_right."
    )]
    Convert(ConvertArgs),
    /// Write a recording that is still being made into a file that is read while it grows
    #[command(after_help = "\
Examples:
  camera --raw - | evz record - live.evz
  evz record pipe live.evz                        a named pipe, of mkfifo
  evz cat live.evz --follow                       meanwhile, elsewhere

What comes is read as by convert: RAW, AEDAT, text and others that are read from front to back. A
reader sees events at most a second later, also where none follow them. The recording ends with its
input, or on Ctrl-C: what has come by then is written, and the file is finished. Where the writing
does not keep up, who sends has to wait, and for how long is said.")]
    Record(RecordArgs),
    /// Say what a recording is and holds
    #[command(after_help = "\
Examples:
  evz info events.evz
  evz info events.evz --json
  evz info events.raw --pixels counts.png         how many events each pixel has
  evz info live.evz --follow                      a line a second, as long as it grows
  evz info events.evz --layout                    every record of the file, as JSON

How the clock steps, gaps, bursts and hot pixels take a look at the events. Of an .evz and of files
with an index these are all where there are 32 million at most, a sample where there are more, and
none behind a URL, in a folder or of a pack; --full and --pixels look at all. What the lines mean
stands in docs/info.md.")]
    Info(InfoArgs),
    /// Print events as text: t x y p, t in microseconds
    #[command(after_help = "\
Examples:
  evz cat events.evz --from 12.3s --to 12.31s
  evz cat events.evz --events 1000..2000 --polarity on
  evz cat live.evz --follow                       go on with what is added, until it is finished
  evz cat events.evz --from @1589163147.5 --separator comma --time-unit s

--columns, --time-unit and --decimals say how to read a text input; what is printed of it is always
t x y p in microseconds. Where the input is not text they say how to print.")]
    Cat(CatArgs),
    /// Count the events over time, by polarity
    #[command(after_help = "\
Examples:
  evz rate events.evz                             a table, of about 100 lines
  evz rate events.evz --every 1ms --csv > rate.csv
  evz rate events.raw --every 10ms --roi 100,100,64,64 --from 1s --to 2s
  evz rate events.evz --every 1ms -o rate.png     a plot: ON, OFF and their sum

Events of [start, start + every), each selected one once. The first start is --from, or else the
first event, or later by a multiple of --every: the first line holds the earliest selected event,
the last the latest, and both may be of less time than they are long. The peak and the mean of the
lines are said on standard error.

In .csv, .json and .npy times are those of the recording, as in its events: t_us in microseconds, or
t_ns in nanoseconds where its ticks are finer. JSON has the start of the first line, the width of
each and their unit, and lists of on, off and events_per_s. An .npy holds records of the columns of
.csv.")]
    Rate(RateArgs),
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
    /// Put .evz files one behind the other, as fast as they can be copied
    #[command(after_help = "\
Examples:
  evz join monday.evz tuesday.evz both.evz
  evz convert small.evz same.evz --size 1280x720  of a file whose sensor has another size
  evz convert fine.evz same.evz --round us        of a file that counts in shorter ticks

Chunks are copied as they are: their checksums are compared, and their events are not looked at, as
evz verify does. The files need the same time base, clock and sensor sizes. A pack is not joined:
unpack it, and pack what comes of it with the other recordings. The new file has the metadata of
all; where two differ, those of the file that is named first, and a note names them.")]
    Join(JoinArgs),
    /// Put many short recordings into one .evz file, any of them back at once
    #[command(after_help = "\
Examples:
  evz pack N-MNIST/Train train.evz                labels are the names of the folders
  evz pack recordings/ all.evz --labels labels.csv
  evz info train.evz
  evz cat train.evz --sample 17
  evz render train.evz --sample 7/00042.bin -o seven.gif --fps 30

The recordings stand one behind the other in one event stream, and the side stream samples says of
each its name, label, number of events, sensor and times: evz convert train.evz samples.csv --stream samples.")]
    Pack(PackArgs),
    /// Make files of the samples of a pack
    #[command(after_help = "\
Examples:
  evz unpack train.evz folder/
  evz unpack train.evz folder/ --sample 17 --sample 7/00042.bin --output-format raw")]
    Unpack(UnpackArgs),
    /// Show or edit the metadata of an .evz file
    #[command(after_help = "\
Examples:
  evz meta events.evz
  evz meta events.evz --set place=Zurich --set licence=CC-BY-4.0
  evz meta events.evz --set-json camera.region=[0,0,640,480] --unset author

Nothing but the end of the file is written; its events stay as they are.")]
    Meta(MetaArgs),
    /// Print the SHA-256 of a recording's events, whatever its format
    #[command(after_help = "\
Examples:
  evz digest events.txt events.evz                the same line twice, but for the name

The digest is over four little-endian columns one after the other: t int64 in microseconds,
x uint16, y uint16, p uint8 (0 or 1).")]
    Digest(DigestArgs),
    /// Make an index beside a recording that stays as it is, for any time range of it at once
    #[command(after_help = "\
Examples:
  evz index recording.raw                         writes recording.raw.evzi
  evz cat recording.raw --from 12.3s --to 12.31s  goes by it
  evz index recordings/                           all below a folder

With FILE.evzi beside it, every verb takes FILE as if it were an .evz: info at once, windows and frames
at the cost of what they show. It is made in one pass, and is not used once the file is changed, or
read with other options, which is then said. Where the folder cannot be written it stands in the
user's cache; --index memory of the other verbs makes one for that run alone. There are indexes of
RAW, DAT, AEDAT, text, .es, bags, MCAP, HDF5, NPY and Parquet.")]
    Index(IndexArgs),
    /// Turn a recording into frames
    #[command(after_help = format!("\
Examples:
  evz render events.txt -o video.mp4
  evz render events.evz -o slow.gif --speed 0.1 --from 1s --to 2s --time
  evz render events.evz -o sums.mp4 --window 150ms
  evz render events.evz -o frames/ --count 100k
  evz render events.evz -o one.png --around 1.5s --window 20ms
  evz render events.evz -o all.png --from 1s --to 2s --mode counts --scale-bar
  evz render events.evz -o voxels.npy --window 50ms --mode voxel --bins 5
  evz render events.evz -o seen.npz --at image_timestamps.txt --window 50ms --mode voxel
  evz render davis.evz -o between.npz --between stream:frames --mode counts
  evz render sample.evz -o sixteen.npz --frames 16 --split-by number --mode counts
  evz render events.evz -o - --output-format y4m --fps 60 | ffplay -
  evz render live.evz --follow -o - --output-format y4m --fps 30 | ffplay -

Pictures are .png (numbered files, out_%05d.png says where), .gif, .apng, .y4m, .rgb (raw), .mp4 and
.webm (by ffmpeg). Those of small sensors are enlarged, see --upscale. An .npy holds the values: one
array of [frames, channels, height, width]. An .npz holds it as frames, and beside it
the columns that --frame-table writes.

Where no window is told, a movie has 30 frames a second, and a .png or .npy is one frame of all that is
selected. Otherwise each window makes a frame. The first starts at --from, or else at the first event; the next starts
--stride later, or else where the one before it ends; the last holds the last event. Where --stride
is shorter than a window they overlap; where it is longer, events between them are in no frame. A
window of time without events is an empty frame. Windows are [start, end): a decay is that at the
end of its window.

A movie goes on by its rate: its frames, and those of --fps, are --speed / --fps of the recording
apart, or --stride, which then says the speed. Frame k shows what was seen until (k + 1) times that
after the start: --window before it, or of a decay until it has faded, 5 times --tau (1 time where it
is linear), and otherwise what came since the frame before. --time writes that moment. Where neither
--mode nor --window says what a movie shows, it is exp-decay: what moves has a trail, which lasts as
long on the screen at any speed. Decays and times are linear in colour.

A list of times is text, with a time at the start of each line, or an .npy; or stream:NAME, the rows
of a side stream. In text 20ms counts from the first event and @1.5s is of the recording's clock;
--list-unit says what plain numbers are. Each time has a frame, in the order of the list, an empty
one where there are no events; a list that lies wholly outside of the recording is an error.

The frames of --frames divide the time from the first event to the last, or all events, by their
number and round down; the last has what is left over, as in SpikingJelly (tonic leaves it out).

A row of --frame-table is t_start, t_end (the window, in ticks of the recording), first (the number
of its first event, as --events counts: behind filters, of those that they leave) and n_events. Its events are first to
first + n_events - 1; first is -1 where they do not stand next to each other: with --roi or
--polarity, or where times run backwards.

Values and channels of each mode:{}

What --like makes, as the axes of the original, of which an array of evz has all before H as channels:{}

docs/frames.md says where each is from.", modes::table(), modes::presets()))]
    Render(Box<RenderArgs>),
    /// Play a recording in the terminal, at any speed
    #[command(after_help = "\
Examples:
  evz play events.evz
  evz play events.evz --speed 0.1 --from 1s --to 2s
  evz play recording.raw --mode exp-decay --window 100ms
  evz play events.evz --as ffplay                 in a window of its own

Keys: space pauses and goes on, q leaves. Left and right go back and on by a second of the screen,
, and . by a window, after which it is paused; Home and End to the start and the end, 0 to 9 to so
many tenths. + and - (up, down) double and halve the speed, ] and [ the window; m shows another mode.

What is seen at time t are the events of [t - window, t), and t goes by the clock: where the terminal
is too slow, pictures are left out. Times count from the recording's first event, as those of --from
and --to. A picture that is larger than the terminal shrinks; of pixels that become one, the
strongest is seen.

In a terminal it is drawn by the protocol of Kitty or as Sixel, where the terminal knows them, and
otherwise with half blocks, of two pixels a letter. Without a terminal ffplay shows it, a part of
ffmpeg. It ends on the last picture, and leaves there where no terminal sends keys.")]
    Play(PlayArgs),
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
    /// Explain a verb, or a topic: time, formats, exactness
    #[command(after_help = "\
Examples:
  evz help render                                 as evz render --help
  evz help time                                   units, clocks, ranges, and what goes wrong with them
  evz help formats                                what is read and written
  evz help exactness                              what is never lost, and how that is seen")]
    Help(HelpArgs),
}
