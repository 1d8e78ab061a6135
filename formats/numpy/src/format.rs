//! What the two formats say of themselves, and how a recording of arrays is opened.

use std::sync::Arc;

use evz_core::npy::MAGIC;
use evz_core::{
    Clues, Error, Format, Holds, Input, OpenOptions, Opened, Parts, Question, ReadAt, Result,
    SideStreams,
};

use crate::contents::Contents;
use crate::parts::NumpyParts;
use crate::{NpySink, NpzSink, NumpySource};

/// NPY and NPZ.
pub static FORMATS: &[Format] = &[
    Format {
        name: "npy",
        reads: "NumPy NPY: records, N x 4 or more numbers",
        writes: "NumPy NPY: records",
        extensions: &["npy"],
        packed: false,
        probe: probe_npy,
        open: |input, options| npy(input, options).map(Opened::stream),
        open_streams: None,
        open_parts: Some(|input, options| parts(input, options, Contents::of_npy)),
        create: Some(|out, info, _| Ok(Box::new(NpySink::create(out, info)?))),
        open_options: OPTIONS,
        create_options: &[],
        encodings: &[],
        write_encodings: &[],
        word_orders: &[],
        holds: Holds {
            metadata: false,
            checksums: false,
            ..HOLDS
        },
    },
    Format {
        name: "npz",
        reads: "NumPy NPZ: a member a column, or one with all",
        writes: "NumPy NPZ: a member a column, deflated",
        extensions: &["npz"],
        packed: false,
        probe: probe_npz,
        open: |input, options| npz(input, options).map(Opened::stream),
        open_streams: None,
        open_parts: Some(|input, options| parts(input, options, Contents::of_npz)),
        create: Some(|out, info, _| Ok(Box::new(NpzSink::create(out, info)?))),
        open_options: &[
            Question::Columns,
            Question::Paths,
            Question::OnBadLine,
            Question::PolarityMap,
            Question::Stream,
            Question::TimeUnit,
        ],
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
    checksums: true,
};

fn probe_npy(clues: &Clues<'_>) -> Option<u8> {
    clues.head.starts_with(&MAGIC).then_some(250)
}

/// A zip whose first member has another name is none. Layout after PKWARE's APPNOTE.TXT, 4.3.7.
fn probe_npz(clues: &Clues<'_>) -> Option<u8> {
    const NAME_LEN: usize = 26;
    const NAME: usize = 30;
    let head = Some(clues.head).filter(|head| head.starts_with(b"PK\x03\x04"))?;
    let name_len = u16::from_le_bytes(*head.get(NAME_LEN..)?.first_chunk()?);
    let name = head.get(NAME..NAME + usize::from(name_len))?;
    name.ends_with(b".npy").then_some(250)
}

/// Opens a recording of arrays: NPY, or NPZ, which its first bytes tell.
///
/// # Errors
/// If it cannot be read, has no columns of events, or can be read in two ways.
pub fn open(input: Input, options: &OpenOptions) -> Result<NumpySource> {
    match input.head() {
        head if head.starts_with(b"PK") => npz(input, options),
        head if head.is_empty() || head.starts_with(&MAGIC) => npy(input, options),
        _ => Err(
            Error::unsupported(input.name(), "it is neither NPY nor NPZ by its first bytes")
                .settled_by(Question::Format, [""; 0]),
        ),
    }
}

/// Finds the events of a file of this name.
type Look = fn(&Arc<dyn ReadAt>, &str, &OpenOptions) -> Result<Contents>;

fn npy(input: Input, options: &OpenOptions) -> Result<NumpySource> {
    read(input, options, "npy", Contents::of_npy)
}

fn npz(input: Input, options: &OpenOptions) -> Result<NumpySource> {
    read(input, options, "npz", Contents::of_npz)
}

fn read(input: Input, options: &OpenOptions, format: &str, look: Look) -> Result<NumpySource> {
    let (name, file_name) = (input.name().to_owned(), input.file_name());
    if input.is_empty() {
        let what = "it is empty: there are no events";
        return Err(Error::insufficient(name, what));
    }
    let contents = look(&input.into_read_at()?, &name, options)?;
    NumpySource::new(contents, [format, &file_name], &name, options)
}

fn parts(input: Input, options: &OpenOptions, look: Look) -> Result<Arc<dyn Parts>> {
    let name = input.name().to_owned();
    let contents = look(&input.into_read_at()?, &name, options)?;
    Ok(Arc::new(NumpyParts::new(contents, &name, options)?))
}
