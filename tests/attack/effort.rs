//! How much is tried: a sample by default, all of it with `EVZ_ATTACK=all`; and what came of it.

use std::env;

/// Calls of a run that are tried unless all are.
const SAMPLE: usize = 3;

pub(crate) fn all() -> bool {
    env::var_os("EVZ_ATTACK").is_some_and(|told| told == "all")
}

/// Some of `n` calls, the first and the last among them, others for each `seed`; or all.
pub(crate) fn some(n: usize, seed: usize) -> Vec<usize> {
    if all() || n <= SAMPLE {
        return (0..n).collect();
    }
    let between = 1 + seed.wrapping_mul(7) % (n - 2);
    vec![0, between, n - 1]
}

/// The cases of a campaign and what was found.
pub(crate) struct Tally {
    campaign: &'static str,
    cases: usize,
    findings: Vec<String>,
}

impl Tally {
    pub(crate) fn new(campaign: &'static str) -> Self {
        Self {
            campaign,
            cases: 0,
            findings: Vec::new(),
        }
    }

    /// One more case, and what was wrong with it.
    pub(crate) fn add(&mut self, found: Option<String>) {
        self.cases += 1;
        self.findings.extend(found);
    }

    /// Says how many there were. Where they are fewer than these, something is tried no more.
    #[track_caller]
    pub(crate) fn end(self, at_least: usize) {
        let Self {
            campaign,
            cases,
            findings,
        } = self;
        println!(
            "campaign: {campaign}: {cases} cases, {} findings",
            findings.len()
        );
        assert!(findings.is_empty(), "{}", findings.join("\n"));
        assert!(cases >= at_least, "{cases} cases of {at_least}");
    }
}
