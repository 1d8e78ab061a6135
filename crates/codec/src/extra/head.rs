//! What is checked of a chunk of pco before pco sees it: how many values it has, and what it may have
//! memory allocated for.

use evz_core::{Error, Result};

use super::forever::{MAX_WINDOW_LOG, MIN_CHUNK_LEN};

/// Bits of a pco chunk before those of its mode: the type and the number of values.
const MODE_AT: usize = 32;

/// The number of values of the pco chunk at the start of `bytes`, of which `left` are due. A value
/// has `value_bits` bits and `type_byte` for its type.
pub(super) fn chunk_len(
    bytes: &[u8],
    type_byte: u8,
    value_bits: usize,
    left: usize,
) -> Result<usize> {
    let bits = |at, len| bits(bytes, at, len).ok_or_else(ends);
    let of_type = bits(0, 8)?;
    if of_type == 0 {
        return Err(Error::insufficient(
            "",
            format!("pco ends, and {left} values are due"),
        ));
    }
    if of_type != u32::from(type_byte) {
        return Err(bad(format!(
            "pco has values of type {of_type}, the column {type_byte}"
        )));
    }
    let n = bits(8, 24)? as usize + 1;
    if n > left {
        return Err(bad(format!(
            "a pco chunk of {n} values, where {left} are due"
        )));
    }
    if n < left && n < MIN_CHUNK_LEN {
        return Err(bad(format!(
            "a pco chunk of {n} values before the last; at least {MIN_CHUNK_LEN} are allowed"
        )));
    }

    let extra = MODE_AT + 4;
    let delta_at = match bits(MODE_AT, 4)? {
        0 => extra,
        1 | 2 => extra + value_bits,
        3 => extra + 8,
        4 => {
            let entries = bits(extra, 25)? as usize;
            let dictionary_at = (extra + 25).next_multiple_of(8);
            if entries > n {
                return Err(bad(format!("a pco dictionary of {entries} values for {n}")));
            }
            if (dictionary_at + entries * value_bits).div_ceil(8) > bytes.len() {
                return Err(ends());
            }
            dictionary_at + entries * value_bits
        }
        mode => return Err(bad(format!("pco mode {mode}; 0 to 4 are known"))),
    };
    match bits(delta_at, 4)? {
        0 | 1 => {}
        2 => {
            let window_log = bits(delta_at + 4, 5)? + 1;
            if window_log > MAX_WINDOW_LOG {
                return Err(bad(format!(
                    "a pco lookback window of 2^{window_log} values; at most 2^{MAX_WINDOW_LOG}"
                )));
            }
        }
        delta => {
            return Err(bad(format!(
                "pco delta encoding {delta}; 0, 1 and 2 are known"
            )));
        }
    }
    Ok(n)
}

/// `len` bits, at most 25, from bit `at` on, the lowest first.
fn bits(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    let whole = bytes.get(at / 8..(at + len).div_ceil(8))?;
    let mut word = [0; 4];
    word.get_mut(..whole.len())?.copy_from_slice(whole);
    Some(u32::from_le_bytes(word) >> (at % 8) & ((1 << len) - 1))
}

fn bad(what: String) -> Error {
    Error::corrupt("", what)
}

fn ends() -> Error {
    Error::insufficient("", "the section ends within a pco chunk")
}
