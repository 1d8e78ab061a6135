//! What is done with times that run backwards.

use std::str::FromStr;

use evz_core::{Error, EventBatch, EventSource, Next, Place, Question, Result, StreamInfo};

/// What becomes of events that are earlier than the one before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnsorted {
    /// They stay where they are, and a note says so.
    #[default]
    Keep,
    /// All events are put in order of time; those of the same time keep their order.
    Sort,
    /// The first of them is an error.
    Stop,
}

impl OnUnsorted {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Sort, Self::Stop];

    /// What options call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Sort => "sort",
            Self::Stop => "stop",
        }
    }

    /// The source with this done to it; `name` is what the recording is called in an error.
    ///
    /// # Errors
    /// If it is to be sorted, which needs temporary files, and evz was built without them.
    pub fn apply(self, source: Box<dyn EventSource>, name: &str) -> Result<Box<dyn EventSource>> {
        match self {
            Self::Keep => Ok(source),
            #[cfg(feature = "files")]
            Self::Sort => Ok(Box::new(evz_file::SortedSource::new(source))),
            #[cfg(not(feature = "files"))]
            Self::Sort => Err(Error::unsupported(name, "evz was built without sorting")),
            Self::Stop => Ok(Box::new(StopBackwards {
                source,
                name: name.to_owned(),
                last: i64::MIN,
                events: 0,
            })),
        }
    }
}

impl FromStr for OnUnsorted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|choice| choice.name() == text);
        found.ok_or_else(|| {
            Error::invalid(format!(
                "no such choice {text:?} for times that run backwards; it is keep, sort or stop"
            ))
        })
    }
}

/// The events of a source as long as no time is earlier than the one before it.
struct StopBackwards {
    source: Box<dyn EventSource>,
    name: String,
    last: i64,
    events: u64,
}

impl EventSource for StopBackwards {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let next = self.source.read_batch(batch)?;
        if !matches!(next, Next::Events(_)) {
            return Ok(next);
        }
        for (i, &t) in batch.t.iter().enumerate() {
            if t < self.last {
                let ns = |t| self.info().time_base.to_nanoseconds(t);
                let back = ns(self.last) - ns(t);
                let place = Place::file(&self.name).with_event(self.events + i as u64);
                let what = format!("its time lies {back} ns before the event ahead of it");
                return Err(
                    Error::corrupt(place, what).settled_by(Question::OnUnsorted, ["sort", "keep"])
                );
            }
            self.last = t;
        }
        self.events += batch.len() as u64;
        Ok(next)
    }

    wraps!(source);
}
