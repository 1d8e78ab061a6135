//! What tells whether an index is that of a file as it is now.

use std::time::UNIX_EPOCH;

use evz_core::{Error, Format, Input, Metadata, OpenOptions, ReadAt, Result, Value, read_error};

const LEN: &str = "index.bytes";
const MODIFIED: &str = "index.modified_ns";
const SAMPLES: &str = "index.samples_crc32";
const TOLD: &str = "index.told";
const BY: &str = "index.by";
/// The event stream that it is of, where one of several was told.
const STREAM: &str = "index.stream";

/// Pieces of the file whose checksum is taken, and the bytes of each.
const PIECES: u64 = 16;
const PIECE: u64 = 4 << 10;

/// What of a file, and of the way in which it is read, the index goes by.
#[derive(Debug)]
pub(super) struct Belongs {
    facts: Metadata,
    stream: Option<String>,
}

impl Belongs {
    pub(super) fn of(
        input: &Input,
        bytes: &dyn ReadAt,
        format: &Format,
        options: &OpenOptions,
    ) -> Result<Self> {
        let name = input.name();
        let mut facts = Metadata::new();
        let mut fact = |key: &str, value: Value| facts.insert(key.to_owned(), value);
        fact(LEN, int(bytes.len().into()));
        if let Some(file) = bytes.as_file() {
            let modified = file.metadata().and_then(|file| file.modified());
            let modified = modified.map_err(|e| Error::io(name, "cannot look at", e))?;
            let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
            fact(MODIFIED, int(since.as_nanos()));
            // Somewhere else each piece would be a request; there the checksums of the parts have to do.
            let samples = samples(bytes).map_err(|e| read_error(name, e))?;
            fact(SAMPLES, int(samples.into()));
        }
        fact(TOLD, Value::Text(told(format, options)));
        fact(BY, concat!("evz ", env!("CARGO_PKG_VERSION")).into());
        Ok(Self {
            facts,
            stream: options.stream.clone(),
        })
    }

    /// The same as metadata of the index.
    pub(super) fn into_metadata(self) -> Metadata {
        let stream = self.stream.map(|stream| (STREAM.to_owned(), stream.into()));
        self.facts.into_iter().chain(stream).collect()
    }

    /// What an index with these metadata was made of that is not so any more. One of every event stream
    /// is one of each.
    pub(super) fn differs(&self, metadata: &Metadata) -> Option<String> {
        let mut facts = self.facts.iter();
        let key = facts.find(|(key, now)| metadata.get(*key) != Some(*now));
        if key.is_none()
            && let Some(Value::Text(of)) = metadata.get(STREAM)
            && self.stream.as_ref() != Some(of)
        {
            return Some(format!("it is of the event stream {of} alone"));
        }
        let why = match key?.0.as_str() {
            LEN => "the file has another length now",
            MODIFIED => "the file was changed, or copied, since it was made",
            SAMPLES => "the file holds other bytes now",
            TOLD => "it was made with other options of reading",
            _ => "it was made by another version of evz",
        };
        Some(why.to_owned())
    }
}

/// A number, as far as it fits.
fn int(n: u128) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// What was told of how the file is read, but for what is done to its events behind the index.
fn told(format: &Format, options: &OpenOptions) -> String {
    let mut options = options.clone();
    options.filters.clear();
    (options.round, options.drop, options.stream) = (None, None, None);
    (options.small_parts, options.index_in_memory) = (false, false);
    format!("{format} {options:?}")
}

/// The checksum of pieces that lie evenly in the file, with its first and its last bytes.
fn samples(bytes: &dyn ReadAt) -> std::io::Result<u32> {
    let len = bytes.len();
    let piece = PIECE.min(len);
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; piece as usize];
    for i in 0..PIECES {
        let at = u128::from(len - piece) * u128::from(i) / u128::from(PIECES - 1);
        bytes.read_exact_at(at as u64, &mut buffer)?;
        hasher.update(&buffer);
    }
    Ok(hasher.finalize())
}
