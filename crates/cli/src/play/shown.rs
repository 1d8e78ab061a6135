//! What shows the recording.

use std::io::{IsTerminal, stdout};

use anyhow::Result;

use crate::args::ShownAs;

/// How pictures get into a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    HalfBlocks,
}

/// What shows the recording.
pub(crate) enum Shown {
    InTerminal(Way),
}

impl Shown {
    /// What is asked for, or else what is there.
    pub(crate) fn new(_asked: Option<ShownAs>) -> Result<Self> {
        let _ = stdout().is_terminal();
        Ok(Self::InTerminal(Way::HalfBlocks))
    }
}
