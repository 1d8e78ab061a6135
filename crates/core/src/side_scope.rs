//! Which side streams come with an event stream.

/// Which side streams of a recording are read beside one of its event streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideScope {
    /// Those of every event stream.
    All,
    /// Its own; those of none are with the first event stream. So who reads every event stream gets every side stream once.
    Apart,
    /// Its own, and those of none. So who reads this event stream alone gets what belongs to it.
    Alone,
}

impl SideScope {
    /// Whether a side stream of this event stream, or of none, is read beside `stream`.
    pub fn takes(self, owner: Option<usize>, stream: usize, is_first: bool) -> bool {
        match (self, owner) {
            (Self::All, _) | (Self::Alone, None) => true,
            (Self::Apart, None) => is_first,
            (_, Some(owner)) => owner == stream,
        }
    }
}
