//! The formats, a row each: all that is to be written for a new one that is read.

use evz_aedat::AedatOptions;
use evz_core::{EventSource, Result, TimeBase};
use evz_file::ReadOptions;
use evz_file::forever::FILE_MAGIC;
use evz_text::TextOptions;

use crate::format::Format;
use crate::open::{Bytes, OpenOptions, Recording, spooled};

/// What is known of a format.
pub(crate) struct Row {
    /// What options call it.
    pub(crate) name: &'static str,
    /// How its files end, in small letters.
    pub(crate) extensions: &'static [&'static str],
    /// Whether its files are also packed as `.gz` and `.zst`.
    pub(crate) packed: bool,
    /// How sure the first bytes of a file make it, up to 255; none if it is another format.
    pub(crate) probe: fn(&[u8]) -> Option<u8>,
    pub(crate) open: fn(Bytes, &OpenOptions) -> Result<Recording>,
}

pub(crate) const EVZ: Row = Row {
    name: "evz",
    extensions: &["evz"],
    packed: false,
    probe: |head| head.starts_with(&FILE_MAGIC).then_some(255),
    open: |bytes, _| {
        let reader = match bytes {
            Bytes::File(path) => ReadOptions::new().open(path),
            // Windows need to seek.
            Bytes::Stream(reader, name) => ReadOptions::new().open_stream(spooled(reader, &name)?),
        };
        reader.map(Recording::Indexed)
    },
};

pub(crate) const TEXT: Row = Row {
    name: "text",
    extensions: &["txt", "csv", "tsv", "text"],
    packed: true,
    probe: evz_text::probe,
    open: |bytes, options| {
        let options = text_options(options);
        let source = match bytes {
            Bytes::File(path) => evz_text::open(path, &options),
            Bytes::Stream(reader, name) => evz_text::from_reader(reader, &name, &options),
        };
        stream(Format::Text, source)
    },
};

pub(crate) const RAW: Row = Row {
    name: "raw",
    extensions: &["raw"],
    packed: false,
    probe: evz_prophesee::probe_raw,
    open: |bytes, options| prophesee(Format::Raw, bytes, options),
};

pub(crate) const DAT: Row = Row {
    name: "dat",
    extensions: &["dat"],
    packed: false,
    probe: evz_prophesee::probe_dat,
    open: |bytes, options| prophesee(Format::Dat, bytes, options),
};

pub(crate) const AEDAT: Row = Row {
    name: "aedat",
    extensions: &["aedat4", "aedat"],
    packed: false,
    probe: evz_aedat::probe,
    open: |bytes, options| {
        let mut told = AedatOptions::default();
        told.stream = options.stream.clone();
        told.size = options.size;
        let source = match bytes {
            Bytes::File(path) => evz_aedat::open(path, &told),
            Bytes::Stream(reader, name) => evz_aedat::from_reader(reader, &name, &told),
        };
        Ok(Recording::Stream(Format::Aedat, source?))
    },
};

pub(crate) const NPY: Row = Row {
    name: "npy",
    extensions: &["npy"],
    packed: false,
    probe: evz_numpy::probe_npy,
    open: |bytes, options| numpy(Format::Npy, bytes, options),
};

pub(crate) const NPZ: Row = Row {
    name: "npz",
    extensions: &["npz"],
    packed: false,
    probe: evz_numpy::probe_npz,
    open: |bytes, options| numpy(Format::Npz, bytes, options),
};

pub(crate) const PARQUET: Row = Row {
    name: "parquet",
    extensions: &["parquet"],
    packed: false,
    probe: |head| evz_arrow::probe(head).filter(|_| head.starts_with(PARQUET_MAGIC)),
    open: |bytes, options| arrow(Format::Parquet, bytes, options),
};

pub(crate) const ARROW: Row = Row {
    name: "arrow",
    extensions: &["arrow", "ipc", "feather", "arrows"],
    packed: false,
    probe: |head| evz_arrow::probe(head).filter(|_| !head.starts_with(PARQUET_MAGIC)),
    open: |bytes, options| arrow(Format::Arrow, bytes, options),
};

const PARQUET_MAGIC: &[u8] = b"PAR1";

fn stream<S: EventSource + 'static>(format: Format, source: Result<S>) -> Result<Recording> {
    source.map(|source| Recording::Stream(format, Box::new(source)))
}

fn text_options(options: &OpenOptions) -> TextOptions {
    let mut text = TextOptions::default();
    text.columns = options.columns;
    text.time_unit = options.time_unit;
    text.decimals = options.decimals;
    text.size = options.size;
    text.on_bad_line = options.on_bad_line;
    text
}

fn prophesee(format: Format, bytes: Bytes, options: &OpenOptions) -> Result<Recording> {
    let mut told = evz_prophesee::Options::default();
    told.encoding = options.encoding;
    told.word_order = options.word_order;
    told.size = options.size;
    let source = match bytes {
        Bytes::File(path) => evz_prophesee::open(path, &told),
        Bytes::Stream(reader, name) => evz_prophesee::from_reader(reader, &name, &told),
    };
    stream(format, source)
}

fn numpy(format: Format, bytes: Bytes, options: &OpenOptions) -> Result<Recording> {
    let mut told = evz_numpy::Options::default();
    told.columns = options.columns.map(|c| c.to_string());
    told.time_unit = time_base(options);
    told.size = options.size;
    let source = match bytes {
        Bytes::File(path) => evz_numpy::open(path, &told),
        Bytes::Stream(reader, name) => evz_numpy::from_reader(reader, &name, &told),
    };
    stream(format, source)
}

fn arrow(format: Format, bytes: Bytes, options: &OpenOptions) -> Result<Recording> {
    let mut told = evz_arrow::Options::default();
    told.time_unit = time_base(options);
    told.size = options.size;
    let source = match bytes {
        Bytes::File(path) => evz_arrow::open(path, &told),
        Bytes::Stream(reader, name) => evz_arrow::from_reader(reader, &name, &told),
    };
    stream(format, source)
}

/// The unit of time that was told.
fn time_base(options: &OpenOptions) -> Option<TimeBase> {
    TimeBase::from_nanoseconds(options.time_unit?.nanoseconds())
}
