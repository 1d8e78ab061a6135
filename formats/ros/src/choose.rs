//! Which topic the events are of.

use evz_core::{Error, ErrorKind, Question, Result, listed};

use crate::encoding::TRIGGER;
use crate::side;
use crate::survey::Survey;

impl Survey {
    /// Which topics have events, of which the first messages are known.
    pub(crate) fn event_topics(&self) -> Vec<usize> {
        let topics = self.topics.list.iter().zip(&self.firsts).enumerate();
        let events = topics.filter(|(_, (topic, first))| {
            topic.content.is_events() && first.encoding.as_deref() != Some(TRIGGER)
        });
        events.map(|(at, _)| at).collect()
    }

    /// The topic that was asked for, or the only one; none if a side stream was asked for, and there
    /// are several.
    pub(crate) fn choose(&self, wanted: Option<&str>) -> Result<Option<usize>> {
        let events = &self.events;
        let name = |at: &usize| &*self.topics.list[*at].name;
        let names = || events.iter().map(name);
        let Some(wanted) = wanted else {
            return match &**events {
                [] if self.has_triggers() => Ok(None),
                [] => Err(self.no_events()),
                [one] => Ok(Some(*one)),
                several => {
                    let what = format!("it has {} topics with events", several.len());
                    let error = Error::ambiguous(&self.name, what);
                    Err(error.settled_by(Question::Stream, names()))
                }
            };
        };
        if let Some(at) = events.iter().find(|at| name(at) == wanted) {
            return Ok(Some(*at));
        }
        let number: Option<usize> = wanted.parse().ok();
        if let Some(at) = number.and_then(|n| events.get(n)) {
            return Ok(Some(*at));
        }
        let is_side = |plain: &str| {
            let rest = wanted.strip_prefix(plain);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let plain = [
            side::FRAMES,
            side::COMPRESSED_FRAMES,
            side::IMU,
            side::TRIGGERS,
        ];
        if plain.into_iter().any(is_side) {
            return Ok(match &**events {
                [one] => Some(*one),
                _ => None,
            });
        }
        if events.is_empty() {
            return Err(self.no_events());
        }
        Err(self.no_such(wanted, names()))
    }

    /// An error if a side stream is asked for that is none of these.
    pub(crate) fn check_side(&self, wanted: &str, there: &[String]) -> Result<()> {
        let events = &self.events;
        let is_of_events = wanted.parse::<usize>().is_ok()
            || (events.iter()).any(|at| self.topics.list[*at].name == wanted);
        match is_of_events || there.iter().any(|name| name == wanted) {
            true => Ok(()),
            false => {
                let events = events.iter().map(|at| &*self.topics.list[*at].name);
                Err(self.no_such(wanted, events.chain(there.iter().map(|name| &**name))))
            }
        }
    }

    fn no_such<'a>(&self, wanted: &str, there: impl Iterator<Item = &'a str>) -> Error {
        let what = format!("it has no topic {wanted:?} with events");
        let error = Error::new(ErrorKind::InvalidArgument, &self.name, what);
        error.settled_by(Question::Stream, there)
    }

    fn has_triggers(&self) -> bool {
        let mut firsts = self.firsts.iter();
        firsts.any(|first| first.encoding.as_deref() == Some(TRIGGER))
    }

    fn no_events(&self) -> Error {
        let topics = self.topics.list.iter();
        let topics: Vec<String> = topics
            .map(|t| format!("{} ({})", t.name, t.type_name))
            .collect();
        let what = match &*topics {
            [] => "it has no topics that can be read".to_owned(),
            _ => format!("it has no topic with events; it has {}", listed(&topics)),
        };
        let cut = match self.is_finished {
            true => "",
            false => ", and ends without its index: it was cut, or is being written",
        };
        Error::unsupported(&self.name, what + cut)
    }
}
