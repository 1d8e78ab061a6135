//! The pieces of a selection, found by reading.

use evz_core::{Result, Selection};

use super::Reader;
use crate::steps::{Piece, SelectSteps, run};

/// The pieces of a selection, in the order of the recording; errors name the file.
pub(crate) struct Pieces {
    reader: Reader,
    steps: SelectSteps,
}

impl Pieces {
    /// Ends them: after damage nothing more is read.
    pub(super) fn stop(&mut self) {
        self.steps.stop();
    }
}

impl Reader {
    pub(crate) fn pieces(&self, selection: &Selection) -> Pieces {
        let steps = SelectSteps::of(self.stem().clone(), selection.clone());
        Pieces {
            reader: self.clone(),
            steps: match self.bytes().is_near() {
                true => steps.at_cuts(),
                false => steps,
            },
        }
    }
}

impl Iterator for Pieces {
    type Item = Result<Piece>;

    fn next(&mut self) -> Option<Result<Piece>> {
        let piece = run(&mut self.steps, self.reader.bytes()).transpose()?;
        Some(piece.map_err(|e| self.reader.blame(e)))
    }
}
