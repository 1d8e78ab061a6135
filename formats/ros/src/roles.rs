//! What is done with the messages of each topic.

use std::collections::HashMap;

use evz_core::{SideScope, listed};

use crate::side;
use crate::survey::Survey;
use crate::topics::{Content, Topic};

/// What is done with the messages of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// They have the events.
    Events,
    /// Rows of a side stream of this name.
    Side(String),
    /// The calibration of a camera, for the metadata.
    CameraInfo,
    /// Another source reads them.
    Elsewhere,
    /// They are counted.
    Unread,
}

/// The role of each topic of a file, and how many messages it had.
pub(crate) struct Roles {
    list: Vec<(Role, u64)>,
    scope: SideScope,
    /// Whether the events that are read are those of the first event stream.
    is_first: bool,
    /// Where there are several event streams, the number of that which a side stream belongs to.
    owners: HashMap<String, u16>,
}

impl Roles {
    pub(crate) fn new(survey: &Survey, chosen: Option<usize>, scope: SideScope) -> Self {
        let events = survey.event_topics();
        let mut roles = Self {
            list: Vec::new(),
            scope,
            is_first: events.first().copied() == chosen,
            owners: HashMap::new(),
        };
        // The triggers of EVT3 stand among the events, and have the plain name.
        let reserved =
            chosen.is_some_and(|at| survey.firsts[at].encoding.as_deref() == Some("evt3"));
        let topics = &survey.topics.list;
        roles.list = vec![(Role::Unread, 0); topics.len()];
        let owners: Vec<Option<usize>> = topics.iter().map(|t| owner(survey, &events, t)).collect();
        let owner = |at: &usize| owners[*at];
        // What is of the events that are read has the plain names.
        let is_own = |at: &usize| owner(at) == chosen;
        let (own, others): (Vec<usize>, Vec<usize>) = (0..topics.len()).partition(is_own);
        for at in own.into_iter().chain(others) {
            let topic = &topics[at];
            let is_trigger = topic.content.is_events() && !events.contains(&at);
            let role = if Some(at) == chosen {
                Role::Events
            } else if events.contains(&at) {
                roles.of_another()
            } else {
                let is_first = roles.is_first;
                match chosen.is_none_or(|chosen| scope.takes(owner(&at), chosen, is_first)) {
                    true => roles.of_topic(topic, is_trigger, reserved),
                    false => roles.of_another(),
                }
            };
            if let Role::Side(name) = &role {
                roles.belongs(name, owner(&at), &events);
            }
            roles.list[at].0 = role;
        }
        if reserved {
            roles.belongs(side::TRIGGERS, chosen, &events);
        }
        roles
    }

    /// The role of a topic that another source reads, if there is one.
    fn of_another(&self) -> Role {
        match self.scope {
            SideScope::Apart => Role::Elsewhere,
            SideScope::All | SideScope::Alone => Role::Unread,
        }
    }

    /// The role of a topic that is of no event stream.
    fn of_topic(&self, topic: &Topic, is_trigger: bool, reserved: bool) -> Role {
        let plain = match topic.content {
            _ if is_trigger => side::TRIGGERS,
            Content::Imu => side::IMU,
            Content::Images => side::FRAMES,
            Content::CompressedImages => side::COMPRESSED_FRAMES,
            Content::CameraInfo => return Role::CameraInfo,
            _ => return Role::Unread,
        };
        let taken = |name: &str| {
            let mut names = self.list.iter().map(|(role, _)| role);
            reserved && name == side::TRIGGERS
                || names.any(|role| matches!(role, Role::Side(taken) if taken == name))
        };
        Role::Side(side::free_name(plain, &topic.name, taken))
    }

    /// The role of a topic, one message of which was met; of one that only turned up on the way, that
    /// of what is not read.
    pub(crate) fn meet(&mut self, at: usize) -> &Role {
        if self.list.len() <= at {
            let new = match self.speaks_for_file() {
                true => Role::Unread,
                false => Role::Elsewhere,
            };
            self.list.resize(at + 1, (new, 0));
        }
        let (role, messages) = &mut self.list[at];
        *messages += 1;
        role
    }

    /// Messages that are read here: how many are fewer than there are by the index, and how many more.
    pub(crate) fn unlike(&self, counts: &HashMap<usize, u64>) -> (u64, u64) {
        let read = self.list.iter().enumerate();
        let read = read.filter(|(_, (role, _))| !matches!(role, Role::Elsewhere | Role::Unread));
        let said = read.filter_map(|(at, (_, met))| Some((*counts.get(&at)?, *met)));
        said.fold((0, 0), |(fewer, more): (u64, u64), (said, met)| {
            let fewer = fewer.saturating_add(said.saturating_sub(met));
            (fewer, more.saturating_add(met.saturating_sub(said)))
        })
    }

    /// Keeps which of several event streams a side stream belongs to.
    fn belongs(&mut self, side: &str, topic: Option<usize>, events: &[usize]) {
        let number = events.iter().position(|at| Some(*at) == topic);
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
        let roles = self.list.iter().map(|(role, _)| role);
        let names = roles.filter_map(|role| match role {
            Role::Side(name) => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }

    /// What is not read, if there is such a thing.
    pub(crate) fn unread(&self, topics: &[Topic]) -> Option<String> {
        let unread = self.list.iter().zip(topics);
        let unread = unread.filter(|((role, n), _)| *role == Role::Unread && *n > 0);
        let names: Vec<String> = unread
            .map(|((_, n), topic)| {
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

/// The event stream that a topic belongs to: the one that it shares most of its path with, and of
/// several the first; none if it shares as much with each of several.
fn owner(survey: &Survey, events: &[usize], topic: &Topic) -> Option<usize> {
    let shared = |at: &usize| {
        let parts = survey.topics.list[*at]
            .name
            .split('/')
            .zip(topic.name.split('/'));
        parts.take_while(|(a, b)| a == b).count()
    };
    let mut different = events.iter().map(shared);
    let first = different.next()?;
    if events.len() > 1 && different.all(|n| n == first) {
        return None;
    }
    // The last of equals is taken.
    events.iter().rev().copied().max_by_key(shared)
}
