//! What the kernels say of a damaged chunk.

use evz_core::{Error, Place};

/// The error for an error word of `kernels/layout.cuh`; the batch starts at chunk `first` of a job.
pub(crate) fn damage(word: u32, first: usize) -> Error {
    let chunk = first + (word >> 8) as usize - 1;
    let what = match word & 0xff {
        1 => "its table of contents does not fit its payload",
        2 => "a block is not where one can be",
        3 => "a block has a mode, width or size that is unknown",
        4 => "a block is not as long as its head makes it",
        5 => "positions of exceptions do not rise",
        6 => "its tables of frequencies are damaged",
        7 => "a stream of words ends too early",
        8 => "its streams end where no encoder starts",
        9 => "it has more or fewer raw bits than its symbols need",
        11 => "times run backwards in a recording that is in order",
        12 => "its times are not what its head says of them",
        _ => "it cannot be decoded",
    };
    Error::corrupt(
        Place::part(format!("chunk {chunk} of the job")),
        format!("{what}, though its checksums hold"),
    )
    .advise("verify the file, which tells more")
}
