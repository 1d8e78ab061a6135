//! What could not be read, by kind.

use evz_core::{Error, Loss, LossKind, Place, Report};

/// Losses, in the order in which their kinds first occurred.
#[derive(Default)]
pub(crate) struct Losses {
    report: Report,
    /// Where and why something was lost first.
    first: Option<(Place, String)>,
}

impl Losses {
    /// Counts `count` more of `what`, a plural, at a place that is an example of it.
    pub(crate) fn add(&mut self, kind: LossKind, what: &str, count: u64, place: Place) {
        self.add_for(kind, what, count, place, "");
    }

    /// The same with what is wrong there.
    pub(crate) fn add_for(
        &mut self,
        kind: LossKind,
        what: &str,
        count: u64,
        place: Place,
        why: &str,
    ) {
        if count == 0 {
            return;
        }
        let mut example = place.to_string();
        if !why.is_empty() {
            example += &format!(": {why}");
        }
        let examples = (!example.is_empty()).then_some(example);
        (self.report).add_loss(Loss::new(kind, what, count).with_examples(examples));
        self.first.get_or_insert((place, why.to_owned()));
    }

    /// An error, if something was lost, for where nothing else was found.
    pub(crate) fn nothing_else(&self) -> Option<Error> {
        let (place, why) = self.first.as_ref()?;
        let nothing = "nothing in it can be read";
        let what = match &**why {
            "" => nothing.to_owned(),
            why => format!("{why}; {nothing}"),
        };
        Some(Error::corrupt(place, what))
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Loss> {
        self.report.losses.clone()
    }
}
