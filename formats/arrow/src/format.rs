//! What the two formats say of themselves, and how a table is opened.

use evz_core::{Error, Format, Holds, Input, OpenOptions, Opened, Question, Result, SideStreams};

use crate::ipc::{StreamRows, open_file};
use crate::parquet_file::{ParquetTable, open_parts};
use crate::probe::{Kind, probe_ipc, probe_parquet};
use crate::{ArrowSource, IpcSink, ParquetSink};

/// Parquet and Arrow IPC.
pub static FORMATS: &[Format] = &[
    Format {
        name: "parquet",
        reads: "Parquet",
        writes: "Parquet, zstd",
        extensions: &["parquet"],
        packed: false,
        probe: probe_parquet,
        open: |input, options| parquet(input, options).map(Opened::stream),
        open_streams: None,
        open_parts: Some(|input, options| {
            let name = input.name().to_owned();
            open_parts(input.into_read_at()?, &name, options)
        }),
        create: Some(|out, info, _| Ok(Box::new(ParquetSink::create(out, info)))),
        open_options: OPTIONS,
        create_options: &[],
        encodings: &[],
        write_encodings: &[],
        word_orders: &[],
        holds: HOLDS,
    },
    Format {
        name: "arrow",
        reads: "Arrow IPC, files and streams",
        writes: "Arrow IPC; `.arrows` as a stream",
        extensions: &["arrow", "ipc", "feather", "arrows"],
        packed: false,
        probe: probe_ipc,
        open: |input, options| ipc(input, options).map(Opened::stream),
        open_streams: None,
        open_parts: None,
        create: Some(|out, info, _| Ok(Box::new(IpcSink::create(out, info)))),
        open_options: OPTIONS,
        create_options: &[],
        encodings: &[],
        write_encodings: &[],
        word_orders: &[],
        holds: HOLDS,
    },
];

const OPTIONS: &[Question] = &[
    Question::Columns,
    Question::Paths,
    Question::OnBadLine,
    Question::PolarityMap,
    Question::TimeUnit,
];

const HOLDS: Holds = Holds {
    unsorted: true,
    streams: false,
    side_streams: SideStreams::None,
    columns: true,
    metadata: true,
    max_coordinate: u16::MAX,
    time_base: None,
    checksums: false,
};

/// Opens a table of events: Parquet, or Arrow IPC as a file or a stream, which its first bytes tell.
///
/// # Errors
/// If it cannot be read, has no columns of events, or can be read in two ways.
pub fn open(input: Input, options: &OpenOptions) -> Result<ArrowSource> {
    match Kind::of(input.head()) {
        Some(Kind::Parquet) => parquet(input, options),
        Some(Kind::IpcFile | Kind::IpcStream) => ipc(input, options),
        None => {
            not_empty(&input)?;
            let what = "it is neither Parquet nor Arrow IPC by its first bytes";
            Err(Error::unsupported(input.name(), what).settled_by(Question::Format, [""; 0]))
        }
    }
}

fn parquet(input: Input, options: &OpenOptions) -> Result<ArrowSource> {
    not_empty(&input)?;
    let name = input.name().to_owned();
    let table = ParquetTable::open(input.into_read_at()?, &name)?;
    ArrowSource::new(Box::new(table), &name, options)
}

fn ipc(input: Input, options: &OpenOptions) -> Result<ArrowSource> {
    not_empty(&input)?;
    let name = input.name().to_owned();
    let table = match Kind::of(input.head()) {
        Some(Kind::IpcFile) => open_file(input)?,
        _ => Box::new(StreamRows::open(input)?),
    };
    ArrowSource::new(table, &name, options)
}

fn not_empty(input: &Input) -> Result<()> {
    match input.is_empty() {
        true => Err(Error::insufficient(
            input.name(),
            "it is empty: there are no events",
        )),
        false => Ok(()),
    }
}
