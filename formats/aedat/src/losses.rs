//! What could not be read, by kind.

use evz_core::Loss;

use crate::side::SideStore;

/// Examples kept of each kind of loss.
const MAX_EXAMPLES: usize = 3;

/// Losses, in the order in which their kinds first occurred.
#[derive(Default)]
pub(crate) struct Losses(Vec<Loss>);

impl Losses {
    /// Counts `count` more of `what`, a plural, with an example, if there is one.
    pub(crate) fn add(&mut self, what: &str, count: u64, example: impl Into<String>) {
        if count == 0 {
            return;
        }
        let at = self.0.iter().position(|loss| loss.what == what);
        let loss = match at {
            Some(at) => &mut self.0[at],
            None => self.0.push_mut(Loss {
                what: what.to_owned(),
                count: 0,
                examples: Vec::new(),
            }),
        };
        loss.count += count;
        let example = example.into();
        if loss.examples.len() < MAX_EXAMPLES && !example.is_empty() {
            loss.examples.push(example);
        }
    }

    /// The first thing that was lost.
    pub(crate) fn first(&self) -> Option<&Loss> {
        self.0.first()
    }

    /// All of them, with the rows of side streams that nobody took.
    pub(crate) fn with(&self, side: &SideStore) -> Vec<Loss> {
        let mut all = Self(self.0.clone());
        side.report(&mut all);
        all.0
    }
}
