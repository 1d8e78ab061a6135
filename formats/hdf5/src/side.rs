//! What stands beside the events: triggers, frames, samples of an inertial unit.

use evz_core::{Report, SideRows};

/// The side streams of a file.
#[derive(Default)]
pub(crate) struct Side {}

impl Side {
    pub(crate) fn names(&self) -> Vec<String> {
        Vec::new()
    }

    pub(crate) fn look_ahead(&mut self) {}

    pub(crate) fn take(&mut self) -> Vec<SideRows> {
        Vec::new()
    }

    pub(crate) fn report(&self) -> Report {
        Report::default()
    }
}
