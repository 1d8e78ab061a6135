//! Which stream of events is read, and what the others are called.

use std::collections::BTreeMap;

use evz_core::{Error, Result, SensorSize};

use super::streams::Stream;
use crate::AedatOptions;

/// The four characters of each kind that is read.
pub(super) const EVENTS: &[u8; 4] = b"EVTS";
pub(super) const FRAMES: &[u8; 4] = b"FRME";
pub(super) const IMU: &[u8; 4] = b"IMUS";
pub(super) const TRIGGERS: &[u8; 4] = b"TRIG";

/// What is done with the packets of each stream.
#[derive(Clone)]
pub(super) struct Roles {
    /// The number of the stream whose events are read, if there is one.
    pub(super) chosen: Option<i32>,
    /// Whether it is that of the first events, for the header lists no streams.
    pub(super) is_open: bool,
    /// Its description, if it has one.
    pub(super) stream: Option<Stream>,
    /// Other streams of events, which are skipped.
    pub(super) skipped: BTreeMap<i32, Stream>,
    /// Names of side streams. Those of the camera whose events are read have plain ones.
    names: BTreeMap<i32, String>,
}

impl Roles {
    pub(super) fn new(place: &str, streams: &[Stream], options: &AedatOptions) -> Result<Self> {
        let events: Vec<&Stream> = streams.iter().filter(|s| s.kind == "EVTS").collect();
        let stream = choose(place, &events, options)?;
        let chosen = match stream {
            Some(stream) => Some(stream.number),
            // A number is believed where the header tells nothing.
            None => options.stream.as_ref().and_then(|s| s.parse().ok()),
        };
        let others = events.iter().filter(|s| Some(s.number) != chosen);
        Ok(Self {
            chosen,
            is_open: chosen.is_none() && streams.is_empty(),
            skipped: others.map(|&s| (s.number, s.clone())).collect(),
            names: names(streams, stream),
            stream: stream.cloned(),
        })
    }

    pub(super) fn size(&self) -> Option<SensorSize> {
        self.stream.as_ref()?.size()
    }

    /// What a side stream is called, whose packets have this identifier.
    pub(super) fn name(&self, number: i32, identifier: &[u8; 4]) -> String {
        let plain = plain_name(identifier).unwrap_or("packets");
        match self.names.get(&number) {
            // The header may be wrong about what a stream has.
            Some(name) if name.starts_with(plain) => name.clone(),
            _ => format!("{plain}_{number}"),
        }
    }
}

fn plain_name(kind: &[u8]) -> Option<&'static str> {
    match kind.try_into().ok()? {
        FRAMES => Some("frames"),
        IMU => Some("imu"),
        TRIGGERS => Some("triggers"),
        _ => None,
    }
}

/// Plain names for the first side stream of each kind from the camera of the events, and names with
/// a number for the others.
fn names(streams: &[Stream], events: Option<&Stream>) -> BTreeMap<i32, String> {
    let mut names = BTreeMap::new();
    let mut plain_ones = Vec::new();
    for stream in streams {
        let Some(plain) = plain_name(stream.kind.as_bytes()) else {
            continue;
        };
        let is_of_camera = events.is_none_or(|events| events.source == stream.source);
        let name = if is_of_camera && !plain_ones.contains(&plain) {
            plain_ones.push(plain);
            plain.to_owned()
        } else {
            format!("{plain}_{}", stream.number)
        };
        names.insert(stream.number, name);
    }
    names
}

/// The stream that was asked for, or the only one; none if the header lists none.
fn choose<'a>(
    place: &str,
    events: &[&'a Stream],
    options: &AedatOptions,
) -> Result<Option<&'a Stream>> {
    let list = || {
        events
            .iter()
            .map(|s| describe(s))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let matching: Vec<&Stream> = match &options.stream {
        None => events.to_vec(),
        Some(wanted) => {
            let number = wanted.parse().ok();
            let by_number = events.iter().find(|s| Some(s.number) == number);
            match by_number {
                Some(stream) => vec![stream],
                None => events
                    .iter()
                    .filter(|s| s.name == *wanted)
                    .copied()
                    .collect(),
            }
        }
    };
    match (&matching[..], events, &options.stream) {
        ([], [], _) => Ok(None),
        ([one], ..) => Ok(Some(one)),
        ([], _, wanted) => Err(Error::invalid(format!(
            "{place}: it has no event stream {:?}; there are {}",
            wanted.as_deref().unwrap_or_default(),
            list()
        ))),
        (several, ..) => Err(Error::ambiguous(
            place,
            format!(
                "it has {} event streams: {}; pass --stream with the number of one",
                several.len(),
                list()
            ),
        )),
    }
}

/// A stream, for people: `2 ("events" of DVXplorer_DXA00093, 640x480)`.
pub(super) fn describe(stream: &Stream) -> String {
    let mut text = format!("{} ({:?}", stream.number, stream.name);
    if let Some(source) = &stream.source {
        text += &format!(" of {source}");
    }
    if let Some(size) = stream.size() {
        text += &format!(", {size}");
    }
    text + ")"
}
