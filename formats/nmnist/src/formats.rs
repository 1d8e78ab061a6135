//! The `.bin` files as a format among others.

use evz_core::{Clues, Format, Holds, Opened, Question, SideStreams, TimeBase};

use crate::encoding::Encoding;
use crate::guess::Sample;

/// The format of this crate.
pub static FORMATS: &[Format] = &[Format {
    name: "nmnist",
    reads: "N-MNIST, N-Caltech101 and CVPR 2016 `.bin`, found by their events; overflow marks",
    writes: "",
    extensions: &["bin"],
    packed: false,
    probe,
    open: |input, options| crate::open(input, options).map(Opened::stream),
    open_streams: None,
    open_parts: None,
    create: None,
    open_options: &[Question::Encoding],
    create_options: &[],
    encodings: &[Encoding::Nmnist.name(), Encoding::Cvpr2016.name()],
    write_encodings: &[],
    word_orders: &[],
    holds: Holds {
        unsorted: true,
        streams: false,
        side_streams: SideStreams::None,
        columns: false,
        metadata: false,
        max_coordinate: 511,
        time_base: Some(TimeBase::MICROSECONDS),
        checksums: false,
    },
}];

/// A `.bin` may be anything, and what has a first line of its own is surer of itself. If only the
/// length is odd, opening says so.
fn probe(clues: &Clues<'_>) -> Option<u8> {
    if !is_bin(clues) {
        return None;
    }
    let samples = Encoding::ALL.map(|encoding| Sample::of(clues, encoding));
    if samples.iter().any(Sample::fits) {
        return Some(100);
    }
    samples.iter().any(Sample::events_fit).then_some(30)
}

/// Whether the name ends in `.bin`, or did before it was packed.
fn is_bin(clues: &Clues<'_>) -> bool {
    let packings = [".gz", ".zst", ".zip"];
    let small = clues.name.to_ascii_lowercase();
    let bare = packings
        .iter()
        .find_map(|packing| small.strip_suffix(packing));
    bare.unwrap_or(&small).ends_with(".bin")
}
