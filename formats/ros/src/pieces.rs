//! Pieces of a file, unpacked on all cores ahead of who takes them.

use std::collections::VecDeque;

use evz_core::parallel::{InOrder, threads};
use evz_core::{Error, Progress, Result};

use crate::container::db3::Rows;
use crate::container::piece::{Packed, Piece};
use crate::container::unpack::MAX_CHUNK;
use crate::container::walk::Walk;
use crate::losses::Losses;

/// Bytes that pieces may take together while they are unpacked, but for one alone.
const MAX_IN_FLIGHT: u64 = MAX_CHUNK;

/// What gives the pieces of a file.
pub(crate) enum Steps {
    Records(Walk),
    Rows(Box<Rows>),
}

/// Pieces, in the order of the file.
pub(crate) struct Pieces {
    steps: Steps,
    in_flight: InOrder<Piece>,
    /// What those in flight take.
    costs: VecDeque<u64>,
    /// One that was read and must wait until there is room.
    waiting: Option<Packed>,
    /// How the walk ended, once it has.
    end: Option<Result<()>>,
}

impl Steps {
    /// The next piece; none at the end.
    pub(crate) fn next(&mut self, losses: &mut Losses) -> Result<Option<Packed>> {
        match self {
            Self::Records(walk) => walk.next(losses),
            Self::Rows(rows) => rows.next(losses),
        }
    }
}

impl Pieces {
    pub(crate) fn new(steps: Steps) -> Self {
        Self {
            steps,
            in_flight: InOrder::default(),
            costs: VecDeque::new(),
            waiting: None,
            end: None,
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        match &self.steps {
            Steps::Records(walk) => walk.progress(),
            Steps::Rows(rows) => rows.progress(),
        }
    }

    /// What there is besides messages, and how often.
    pub(crate) fn others(&self) -> &[(&'static str, u64)] {
        match &self.steps {
            Steps::Records(walk) => &walk.others,
            Steps::Rows(_) => &[],
        }
    }

    /// The next piece; none at the end.
    pub(crate) fn next(&mut self, losses: &mut Losses) -> Result<Option<Piece>> {
        let at_once = (4 * threads()).clamp(4, 32);
        while self.in_flight.len() < at_once {
            let Some(packed) = self.read(losses) else {
                break;
            };
            let cost = packed.bytes.len() as u64 + packed.size;
            let taken: u64 = self.costs.iter().sum();
            if !self.costs.is_empty() && taken + cost > MAX_IN_FLIGHT {
                self.waiting = Some(packed);
                break;
            }
            self.costs.push_back(cost);
            self.in_flight.push(move || packed.unpack());
        }
        self.costs.pop_front();
        match self.in_flight.pop() {
            Some(piece) => Ok(Some(piece)),
            None => self.end.replace(Ok(())).unwrap_or(Ok(())).map(|()| None),
        }
    }

    fn read(&mut self, losses: &mut Losses) -> Option<Packed> {
        if self.waiting.is_some() {
            return self.waiting.take();
        }
        if self.end.is_some() {
            return None;
        }
        match self.steps.next(losses) {
            Ok(Some(packed)) => Some(packed),
            Ok(None) => self.finish(Ok(())),
            Err(error) => self.finish(Err(error)),
        }
    }

    /// Has this error come at the end of the pieces that are there.
    pub(crate) fn fail(&mut self, error: Error) {
        self.end = Some(Err(error));
    }

    fn finish(&mut self, result: Result<(), Error>) -> Option<Packed> {
        self.end = Some(result);
        None
    }
}
