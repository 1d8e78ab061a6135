//! Which stream of events is read, and what the others are called.

use std::collections::{BTreeMap, BTreeSet};

use evz_core::{Error, OpenOptions, Question, Result, SensorSize, listed};

use super::streams::Stream;
use crate::{
    no_such_stream::no_such_stream,
    side::{self, is_side_name},
};

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
    /// What it is called, if there are several.
    pub(super) stream_name: String,
    /// Other streams of events, which are skipped, and what is skipped with them.
    pub(super) skipped: BTreeMap<i32, Stream>,
    /// Names of side streams. Those of the camera whose events are read have plain ones.
    names: BTreeMap<i32, String>,
    /// All that the header lists, by their numbers.
    listed: Vec<Stream>,
    /// Where there are several event streams, the number of that which each stream belongs to.
    owners: BTreeMap<i32, u16>,
    /// Where each event stream is read by a source of its own, those whose packets this one reads.
    share: Option<Share>,
}

/// What one of several sources of a file reads.
#[derive(Clone)]
enum Share {
    /// Everything but these.
    AllBut(BTreeSet<i32>),
    /// Nothing but these.
    Only(BTreeSet<i32>),
}

impl Roles {
    pub(super) fn new(place: &str, streams: &[Stream], options: &OpenOptions) -> Result<Self> {
        let events: Vec<&Stream> = streams.iter().filter(|s| s.kind == "EVTS").collect();
        let choice = choose(place, streams, &events, options.stream.as_deref())?;
        let stream = match choice {
            Choice::Listed(stream) => Some(stream),
            _ => None,
        };
        let chosen = match choice {
            Choice::Listed(stream) => Some(stream.number),
            Choice::Number(number) => Some(number),
            Choice::First | Choice::Nothing => None,
        };
        let others = events.iter().filter(|s| Some(s.number) != chosen);
        Ok(Self {
            chosen,
            is_open: matches!(choice, Choice::First),
            skipped: others.map(|&s| (s.number, s.clone())).collect(),
            names: names(streams, stream),
            stream_name: (event_names(streams).into_iter().zip(&events))
                .find(|(_, listed)| Some(listed.number) == chosen)
                .map_or(String::new(), |(name, _)| name),
            stream: stream.cloned(),
            listed: streams.to_vec(),
            owners: owners(streams),
            share: None,
        })
    }

    /// Leaves the side streams of the cameras of other event streams to these. What is of no event
    /// stream is read with the first.
    pub(super) fn set_apart(&mut self) {
        let events = || self.listed.iter().filter(|s| s.kind == "EVTS");
        let first = events().next().map(|s| s.number);
        let owner = |stream: &Stream| match stream.kind.as_str() {
            "EVTS" => Some(stream.number),
            _ => {
                let same = |events: &&Stream| events.source == stream.source;
                events().find(same).map(|s| s.number).or(first)
            }
        };
        let (own, others): (Vec<&Stream>, Vec<&Stream>) =
            self.listed.iter().partition(|s| owner(s) == self.chosen);
        let numbers = |streams: Vec<&Stream>| streams.iter().map(|s| s.number).collect();
        self.names
            .retain(|number, _| own.iter().any(|s| s.number == *number));
        self.share = Some(match self.chosen == first {
            true => Share::AllBut(numbers(others)),
            false => Share::Only(numbers(own)),
        });
    }

    /// Skips the side streams of the cameras of other event streams.
    pub(super) fn set_alone(&mut self) {
        let Some(own) = &self.stream else { return };
        let is_of_another = |side: &&Stream| {
            let mut others = self.skipped.values();
            side.source != own.source && others.any(|events| events.source == side.source)
        };
        let side = self.listed.iter().filter(|stream| stream.kind != "EVTS");
        let others: Vec<Stream> = side.filter(is_of_another).cloned().collect();
        for side in others {
            self.names.remove(&side.number);
            self.skipped.insert(side.number, side);
        }
    }

    pub(super) fn is_apart(&self) -> bool {
        self.share.is_some()
    }

    /// Whether the packets of a stream are read over.
    pub(super) fn skips(&self, number: i32) -> bool {
        match &self.share {
            None => self.skipped.contains_key(&number),
            Some(Share::AllBut(others)) => others.contains(&number),
            Some(Share::Only(own)) => !own.contains(&number),
        }
    }

    /// Whether there is a stream of this number, as far as the header tells.
    pub(super) fn lists(&self, number: i32) -> bool {
        let found = self.listed.binary_search_by_key(&number, |s| s.number);
        self.listed.is_empty() || found.is_ok()
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

    /// The number of the only event stream whose camera a side stream is of, if there are several event streams.
    pub(super) fn owner_of(&self, number: i32) -> Option<u16> {
        self.owners.get(&number).copied()
    }

    /// The side streams that the header lists.
    pub(super) fn side_streams(&self) -> Vec<String> {
        self.names.values().cloned().collect()
    }
}

/// Of each stream the number of the only event stream of its camera, if there are several event streams.
fn owners(streams: &[Stream]) -> BTreeMap<i32, u16> {
    let events: Vec<&Stream> = streams.iter().filter(|s| s.kind == "EVTS").collect();
    if events.len() < 2 {
        return BTreeMap::new();
    }
    let mut of_camera: BTreeMap<Option<&str>, Option<u16>> = BTreeMap::new();
    for (number, stream) in (0..).zip(events) {
        // What is beside several event streams of one camera, as raw and filtered ones, is of each.
        let one = of_camera.entry(stream.source.as_deref());
        one.and_modify(|one| *one = None).or_insert(Some(number));
    }
    let owner = |stream: &Stream| *of_camera.get(&stream.source.as_deref())?;
    let owned = streams.iter().filter_map(|s| Some((s.number, owner(s)?)));
    owned.collect()
}

fn plain_name(kind: &[u8]) -> Option<&'static str> {
    match kind.try_into().ok()? {
        FRAMES => Some(side::FRAMES),
        IMU => Some(side::IMU),
        TRIGGERS => Some(side::TRIGGERS),
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

/// What the event streams are called, if there are several: by their names if these differ, else by
/// their cameras if these do, else by their numbers.
pub(super) fn event_names(streams: &[Stream]) -> Vec<String> {
    let events: Vec<&Stream> = streams.iter().filter(|s| s.kind == "EVTS").collect();
    // A name that means something else to the option `stream` would be taken for that.
    let is_free =
        |name: &String| !name.is_empty() && name.parse::<i32>().is_err() && !is_side_name(name);
    let differ = |names: &Vec<String>| {
        let different: BTreeSet<&String> = names.iter().collect();
        different.len() == names.len() && names.iter().all(is_free)
    };
    let by_name = events.iter().map(|s| s.name.clone()).collect();
    let by_camera = events
        .iter()
        .map(|s| s.source.clone().unwrap_or_default())
        .collect();
    let by_number = events
        .iter()
        .map(|s| format!("events_{}", s.number))
        .collect();
    match events.len() {
        0 | 1 => Vec::new(),
        _ if differ(&by_name) => by_name,
        _ if differ(&by_camera) => by_camera,
        _ => by_number,
    }
}

/// Which stream of events is read.
enum Choice<'a> {
    /// One that the header lists.
    Listed(&'a Stream),
    /// The one with this number, of which the header tells nothing.
    Number(i32),
    /// That of the first events, for the header lists nothing.
    First,
    /// None.
    Nothing,
}

/// The stream that was asked for, or the only one.
fn choose<'a>(
    place: &str,
    streams: &[Stream],
    events: &[&'a Stream],
    wanted: Option<&str>,
) -> Result<Choice<'a>> {
    let Some(wanted) = wanted else {
        return match events {
            [] if streams.is_empty() => Ok(Choice::First),
            [] => Ok(Choice::Nothing),
            [one] => Ok(Choice::Listed(one)),
            several => Err(several_streams(place, several)),
        };
    };
    let number: Option<i32> = wanted.parse().ok();
    if let Some(stream) = events.iter().find(|s| Some(s.number) == number) {
        return Ok(Choice::Listed(stream));
    }
    let called = event_names(streams).iter().position(|name| name == wanted);
    if let Some(stream) = called.and_then(|at| events.get(at)) {
        return Ok(Choice::Listed(stream));
    }
    let named = events.iter().filter(|s| s.name == wanted);
    match &named.copied().collect::<Vec<_>>()[..] {
        [] => {}
        [one] => return Ok(Choice::Listed(one)),
        several => return Err(several_streams(place, several)),
    }
    if streams.is_empty() {
        return match number {
            // A number is believed where the header tells nothing.
            Some(number) => Ok(Choice::Number(number)),
            None if is_side_name(wanted) => Ok(Choice::First),
            None => {
                let has = "its header lists no streams, and only packets tell their number";
                Err(no_such_stream(place, wanted, has, &[]))
            }
        };
    }
    let side_streams: Vec<String> = names(streams, None).into_values().collect();
    let has_number = |name: &str| {
        let number = name.rsplit_once('_').and_then(|(_, n)| n.parse().ok());
        streams.iter().any(|s| Some(s.number) == number)
    };
    // A packet may be of another kind than the header says of its stream.
    let is_side = side_streams.iter().any(|name| name == wanted)
        || is_side_name(wanted) && has_number(wanted);
    if is_side {
        // Of several streams of events none needs to be read for it.
        return Ok(match events {
            [one] => Choice::Listed(one),
            _ => Choice::Nothing,
        });
    }
    let has = match events {
        [] => "of events it has none".to_owned(),
        _ => format!("of events it has {}", list(events)),
    };
    let numbers = events.iter().map(|s| s.number.to_string());
    let accepted: Vec<String> = numbers.chain(side_streams).collect();
    Err(no_such_stream(place, wanted, &has, &accepted))
}

fn several_streams(place: &str, events: &[&Stream]) -> Error {
    let what = format!("it has {} event streams: {}", events.len(), list(events));
    let numbers = events.iter().map(|s| s.number);
    Error::ambiguous(place, what).settled_by(Question::Stream, numbers)
}

fn list(events: &[&Stream]) -> String {
    let all: Vec<String> = events.iter().map(|s| describe(s)).collect();
    listed(&all)
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
