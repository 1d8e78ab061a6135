//! The head of an array that is written.

use super::MAGIC;

/// Values start at a multiple of this, as numpy has it, so that they can be mapped.
const ALIGN: usize = 64;

/// The head of an array: `descr` and `shape` as Python writes them.
pub(crate) fn head(descr: &str, shape: &str) -> Vec<u8> {
    let mut text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
    // Magic, version, length of the text, and the line end behind it.
    let bare = MAGIC.len() + 2 + 2 + text.len() + 1;
    text.push_str(&" ".repeat(bare.next_multiple_of(ALIGN) - bare));
    text.push('\n');
    let len = u16::try_from(text.len()).expect("types and shapes of ours are short");
    [&MAGIC[..], &[1, 0], &len.to_le_bytes(), text.as_bytes()].concat()
}

/// The shape of a list of so many values.
pub(crate) fn shape_of_vector(len: u64) -> String {
    format!("({len},)")
}

/// The shape of a single value.
pub(crate) fn shape_of_scalar() -> &'static str {
    "()"
}
