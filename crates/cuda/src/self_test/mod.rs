//! Whether a GPU decodes right. Between the kernels and what runs are a compiler of the driver and
//! one of ours; both have made wrong code of right kernels, and nothing but results shows that.

mod events;

use std::error::Error as _;
use std::sync::Arc;

use evz_core::{Error, EventBatch, Result};

use crate::chunk::Chunk;
use crate::driver::{NoGpu, version};
use crate::lane::{ERROR_BYTES, Lane};
use crate::layout::ColumnAddresses;
use crate::plain::read_all;
use crate::room::{FAST, Room, SMALL};
use crate::shared::Shared;
use crate::wanted::Wanted;
use events::{N_EVENTS, events};

/// A chunk of the events, by a profile: the length of its table of contents in 4 bytes, then its
/// payload. `shim/tests/self_test.rs` writes it.
struct Known {
    profile: &'static str,
    codec: u16,
    file: &'static [u8],
}

const KNOWN: [Known; 3] = [
    Known {
        profile: "fast",
        codec: FAST,
        file: include_bytes!("fast.chunk"),
    },
    Known {
        profile: "small",
        codec: SMALL,
        file: include_bytes!("small.chunk"),
    },
    Known {
        profile: "small-gpu",
        codec: SMALL,
        file: include_bytes!("small-gpu.chunk"),
    },
];

/// All that is decoded of a chunk.
const WANTED: Wanted = Wanted {
    t: true,
    p: true,
    keep: false,
    mirrored: false,
};

/// Has the device decode a chunk of each profile, and compares.
///
/// # Errors
/// If it has no room for them, or decodes one wrongly.
pub(crate) fn check(shared: &Arc<Shared>) -> Result<(), NoGpu> {
    let events = events();
    let chunks = KNOWN.map(|known| known.chunk(&events));
    let room = |e: Error| NoGpu::Refused { what: words(&e) };
    let mut lane = Lane::new(shared.clone(), 0).map_err(room)?;
    make_room(&mut lane, &chunks).map_err(room)?;
    for (known, chunk) in KNOWN.iter().zip(&chunks) {
        let wrong = match decoded(&mut lane, chunk) {
            Ok(Ok(found)) => difference(&found, &events),
            Ok(Err(damage)) => Some(format!("it takes a whole chunk for damaged ({damage})")),
            Err(error) => Some(words(&error)),
        };
        if let Some(how) = wrong {
            return Err(NoGpu::WrongResults {
                profile: known.profile,
                gpu: format!("{}, {}, {}", shared.name, version(), shared.code),
                how,
            });
        }
    }
    Ok(())
}

impl Known {
    fn chunk(&self, events: &EventBatch) -> Chunk<'static> {
        let (toc_len, payload) = self
            .file
            .split_first_chunk()
            .expect("it starts with 4 bytes");
        Chunk {
            payload,
            codec: self.codec,
            n_events: N_EVENTS,
            toc_len: u32::from_le_bytes(*toc_len),
            t_first: events.t[0],
            t_divisor: 1,
            t_min: events.t[0],
            t_max: events.t[events.t.len() - 1],
        }
    }
}

/// Makes room for the largest, so that what fails later is not memory.
fn make_room(lane: &mut Lane, chunks: &[Chunk<'_>]) -> Result<()> {
    let most = |of: fn(Room) -> u64| chunks.iter().map(|c| of(Room::of(c))).max().unwrap_or(0);
    let columns = WANTED.columns_bytes(N_EVENTS.into()) as usize;
    let bytes = most(|room| room.bytes) as usize;
    let stream = lane.stream.clone();
    lane.staging.reserve(bytes, &stream)?;
    lane.bytes.reserve(bytes, &stream)?;
    lane.scratch
        .reserve(most(|room| room.scratch) as usize, &stream)?;
    lane.columns.reserve(columns, &stream)?;
    lane.error.reserve(ERROR_BYTES, &stream)?;
    lane.back.reserve(columns, &stream)?;
    lane.descs.reserve(ERROR_BYTES, &stream)
}

/// What the device makes of a chunk, or which damage it finds.
fn decoded(lane: &mut Lane, chunk: &Chunk<'_>) -> Result<Result<EventBatch, u32>> {
    let stream = lane.stream.clone();
    let len = WANTED.columns_bytes(N_EVENTS.into()) as usize;
    // Nothing is left there of the chunk before.
    lane.columns.clear(0..len, &stream)?;
    lane.error.clear(0..ERROR_BYTES, &stream)?;
    let to = WANTED.columns(lane.columns.at(), N_EVENTS.into());
    lane.decode(&[*chunk], to)?;
    lane.columns
        .read(0, &mut lane.back.bytes()[..len], &stream)?;
    lane.error
        .read(0, &mut lane.descs.bytes()[..ERROR_BYTES], &stream)?;
    lane.wait()?;
    let word = lane
        .descs
        .seen()
        .first_chunk()
        .map_or(0, |w| u32::from_ne_bytes(*w));
    if word != 0 {
        return Ok(Err(word & 0xff));
    }
    Ok(Ok(columns(&lane.back.seen()[..len], to)))
}

/// Columns, out of memory laid out like that at these addresses.
fn columns(bytes: &[u8], at: ColumnAddresses) -> EventBatch {
    let n = N_EVENTS as usize;
    let mut found = EventBatch {
        t: vec![0; n],
        x: vec![0; n],
        y: vec![0; n],
        p: vec![0; n],
        ..EventBatch::default()
    };
    let from = |address: u64| &bytes[(address - at.t) as usize..];
    read_all(from(at.t), &mut found.t);
    read_all(from(at.x), &mut found.x);
    read_all(from(at.y), &mut found.y);
    found.p.copy_from_slice(&from(at.p)[..n]);
    found
}

/// Which events are not those, if any.
fn difference(found: &EventBatch, expected: &EventBatch) -> Option<String> {
    let event = |of: &EventBatch, i: usize| (of.t[i], of.x[i], of.y[i], of.p[i]);
    let differs = |i: &usize| event(found, *i) != event(expected, *i);
    let all: Vec<usize> = (0..expected.t.len()).filter(differs).collect();
    let first = *all.first()?;
    let shown = |of: &EventBatch| {
        let (t, x, y, p) = event(of, first);
        format!("t {t}, x {x}, y {y}, p {p}")
    };
    Some(format!(
        "{} of {} events, the first is event {first}: {}, not {}",
        all.len(),
        expected.t.len(),
        shown(found),
        shown(expected),
    ))
}

/// An error and its causes.
pub(crate) fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
