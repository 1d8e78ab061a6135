//! What is done with the messages of each topic.

use std::collections::{BTreeMap, HashMap, HashSet};

use evz_core::{SideScope, listed};

use crate::side::{self, Names};
use crate::survey::Survey;
use crate::topics::{Content, Topic};

/// What is done with the messages of a topic that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// They have the events.
    Events,
    /// Rows of a side stream of this name.
    Side(String),
    /// The calibration of a camera, for the metadata.
    CameraInfo,
}

/// The roles of the topics of a file, and how many messages they had.
pub(crate) struct Roles {
    read: BTreeMap<usize, (Role, u64)>,
    /// How many messages topics had that are not read, if this source says so.
    unread: BTreeMap<usize, u64>,
    /// Those that are not among them, for another source reads them.
    elsewhere: HashSet<usize>,
    scope: SideScope,
    /// Whether the events that are read are those of the first event stream.
    is_first: bool,
    /// Where there are several event streams, the number of that which a side stream belongs to.
    owners: HashMap<String, u16>,
}

impl Roles {
    pub(crate) fn new(survey: &Survey, chosen: Option<usize>, scope: SideScope) -> Self {
        let (topics, events) = (&survey.topics.list, &*survey.events);
        let is_first = events.first().copied() == chosen;
        let mut roles = Self {
            read: BTreeMap::new(),
            unread: BTreeMap::new(),
            elsewhere: HashSet::new(),
            scope,
            is_first,
            owners: HashMap::new(),
        };
        let mut names = Names::default();
        // The triggers of EVT3 stand among the events, and have the plain name.
        if chosen.is_some_and(|at| survey.firsts[at].encoding.as_deref() == Some("evt3")) {
            names.reserve(side::TRIGGERS);
            roles.belongs(side::TRIGGERS, chosen, events);
        }
        let owner = |at: usize| survey.owners[at];
        // What is of the events that are read has the plain names.
        let is_own = |at: &usize| owner(*at) == chosen;
        let (own, others): (Vec<usize>, Vec<usize>) = (0..topics.len()).partition(is_own);
        for at in own.into_iter().chain(others) {
            let is_events = events.binary_search(&at).is_ok();
            let is_taken = chosen.is_none_or(|chosen| scope.takes(owner(at), chosen, is_first));
            let role = if Some(at) == chosen {
                Some(Role::Events)
            } else if is_events || !is_taken {
                if scope == SideScope::Apart && is_first {
                    roles.elsewhere.insert(at);
                }
                None
            } else {
                beside(&topics[at], &mut names)
            };
            if let Some(Role::Side(name)) = &role {
                roles.belongs(name, owner(at), events);
            }
            roles.read.extend(role.map(|role| (at, (role, 0))));
        }
        roles
    }

    /// The role of a topic, one message of which was met; none of what is not read, as of a topic that only
    /// turned up on the way.
    pub(crate) fn meet(&mut self, at: usize) -> Option<Role> {
        if let Some((role, messages)) = self.read.get_mut(&at) {
            *messages += 1;
            return Some(role.clone());
        }
        if self.speaks_for_file() && !self.elsewhere.contains(&at) {
            *self.unread.entry(at).or_default() += 1;
        }
        None
    }

    /// Messages that are read here: how many are fewer than there are by the index, and how many more.
    pub(crate) fn unlike(&self, counts: &HashMap<usize, u64>) -> (u64, u64) {
        let read = self.read.iter();
        let said = read.filter_map(|(at, (_, met))| Some((*counts.get(at)?, *met)));
        said.fold((0, 0), |(fewer, more): (u64, u64), (said, met)| {
            let fewer = fewer.saturating_add(said.saturating_sub(met));
            (fewer, more.saturating_add(met.saturating_sub(said)))
        })
    }

    /// Keeps which of several event streams a side stream belongs to.
    fn belongs(&mut self, side: &str, topic: Option<usize>, events: &[usize]) {
        let number = topic.and_then(|at| events.binary_search(&at).ok());
        if let Some(number) = number.filter(|_| events.len() > 1) {
            self.owners.insert(side.to_owned(), number as u16);
        }
    }

    /// The number of the event stream that a side stream belongs to, if there are several.
    pub(crate) fn owner_of(&self, side: &str) -> Option<u16> {
        self.owners.get(side).copied()
    }

    /// The names of the side streams.
    pub(crate) fn side_streams(&self) -> Vec<String> {
        let roles = self.read.values().map(|(role, _)| role);
        let names = roles.filter_map(|role| match role {
            Role::Side(name) => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }

    /// What is not read, if there is such a thing.
    pub(crate) fn unread(&self, topics: &[Topic]) -> Option<String> {
        let unread = self.unread.iter().map(|(at, n)| (&topics[*at], n));
        let names: Vec<String> = unread
            .map(|(topic, n)| {
                let s = if *n == 1 { "" } else { "s" };
                format!("{} ({}, {n} message{s})", topic.name, topic.type_name)
            })
            .collect();
        (!names.is_empty()).then(|| format!("topics that are not read: {}", listed(&names)))
    }

    /// Whether this source says what there is to say of the file as a whole.
    pub(crate) fn speaks_for_file(&self) -> bool {
        self.scope != SideScope::Apart || self.is_first
    }
}

/// The role of a topic beside the events; none if its messages are not read.
fn beside(topic: &Topic, names: &mut Names) -> Option<Role> {
    let plain = match topic.content {
        // Events that are none are triggers.
        Content::EventArrays | Content::EventPackets => side::TRIGGERS,
        Content::Imu => side::IMU,
        Content::Images => side::FRAMES,
        Content::CompressedImages => side::COMPRESSED_FRAMES,
        Content::CameraInfo => return Some(Role::CameraInfo),
        Content::Other => return None,
    };
    Some(Role::Side(names.free(plain, &topic.name)))
}

/// The event stream that each topic belongs to: the one that it shares most of its path with, and of
/// several the first; none if it shares as much with each of several.
pub(crate) fn owners(topics: &[Topic], events: &[usize]) -> Vec<Option<usize>> {
    if let [one] = events {
        return vec![Some(*one); topics.len()];
    }
    // The first event stream below each path, and how many there are.
    let mut below: HashMap<&str, (usize, usize)> = HashMap::new();
    for &at in events {
        for path in paths(&topics[at].name) {
            below.entry(path).or_insert((at, 0)).1 += 1;
        }
    }
    let owner = |topic: &Topic| {
        let (first, n) = paths(&topic.name).map_while(|p| below.get(p)).last()?;
        (*n < events.len()).then_some(*first)
    };
    topics.iter().map(owner).collect()
}

/// A topic and the paths above it, from the root on.
fn paths(topic: &str) -> impl Iterator<Item = &str> {
    /// Topics are not this deep; where they are, no more of them is compared.
    const MAX_DEPTH: usize = 32;
    let ends = topic.match_indices('/').map(|(at, _)| at);
    let ends = ends.chain([topic.len()]).take(MAX_DEPTH);
    ends.map(|end| &topic[..end])
}
