//! Zstandard as a filter of its own: a frame.

use std::cell::RefCell;
use std::io;

use zstd::bulk::Decompressor;

pub(super) fn undo(_: &[u32], bytes: &[u8], out: &mut Vec<u8>, len: usize) -> Result<(), String> {
    out.resize(len, 0);
    let n = decompress(bytes, out);
    let n = n.map_err(|e| format!("its Zstandard bytes are damaged: {e}"))?;
    out.truncate(n);
    Ok(())
}

/// Puts what is in a frame at the beginning of `out`; how much that is.
pub(super) fn decompress(frame: &[u8], out: &mut [u8]) -> io::Result<usize> {
    thread_local! {
        // Its 160 kB take as long to set up as a small chunk takes to unpack.
        static STATE: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    }
    STATE.with_borrow_mut(|state| {
        let state = match state {
            Some(state) => state,
            none => none.insert(Decompressor::new()?),
        };
        state.decompress_to_buffer(frame, out)
    })
}
