//! What could not be read, by kind.

use evz_core::{Loss, LossKind, Place, Report};

/// Losses, in the order in which their kinds first occurred.
#[derive(Default)]
pub(crate) struct Losses(Report);

impl Losses {
    /// Counts `count` more of `what`, a plural, at a place that is an example of it, with what is wrong
    /// there if there is something to say.
    pub(crate) fn add(&mut self, kind: LossKind, what: &str, count: u64, place: Place, why: &str) {
        if count == 0 {
            return;
        }
        let mut example = place.to_string();
        if !why.is_empty() {
            example += &format!(": {why}");
        }
        (self.0).add_loss(Loss::new(kind, what, count).with_examples([example]));
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.losses.is_empty()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Loss> {
        self.0.losses.clone()
    }
}
