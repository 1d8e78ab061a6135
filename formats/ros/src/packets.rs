//! Packets that were lost before they were recorded: their numbers tell.

/// The numbers of the packets so far.
#[derive(Debug, Default)]
pub(crate) struct Packets {
    last: Option<u64>,
    missing: u64,
    gaps: u64,
    /// How often the numbers began again.
    restarts: u64,
}

impl Packets {
    /// The next packet has this number.
    pub(crate) fn pass(&mut self, number: u64) {
        if let Some(last) = self.last.replace(number) {
            let skipped = number.checked_sub(last).map(|n| n.saturating_sub(1));
            self.restarts += u64::from(skipped.is_none());
            let skipped = skipped.unwrap_or_default();
            self.gaps += u64::from(skipped > 0);
            self.missing = self.missing.saturating_add(skipped);
        }
    }

    /// What there is to say of it.
    pub(crate) fn note(&self) -> Option<String> {
        let Self {
            missing,
            gaps,
            restarts,
            ..
        } = self;
        let lost = (*missing > 0).then(|| {
            format!("packets that are missing by their numbers: {missing}, in {gaps} places")
        });
        let again = (*restarts > 0)
            .then(|| format!("the numbers of the packets run backwards {restarts} times"));
        match (lost, again) {
            (Some(lost), Some(again)) => Some(format!("{lost}; {again}")),
            (lost, again) => lost.or(again),
        }
    }
}
