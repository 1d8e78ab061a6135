//! Rows that are no event.

/// The first row of a run that is no event.
#[derive(Debug)]
pub struct Bad {
    /// Its position in the run.
    pub row: usize,
    /// What is wrong with it.
    pub what: String,
}

impl Bad {
    /// Of two, the one that comes first.
    pub fn first(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) if b.row < a.row => Some(b),
            (a, b) => a.or(b),
        }
    }
}
