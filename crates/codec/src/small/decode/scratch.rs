//! The buffers of the decoder.

use std::cell::RefCell;

use crate::small::forever::{GROUP_LEN, SEGMENT_LEN};
use crate::small::history::History;
use crate::small::model::{EpochSlots, TABLED};

/// Buffers that a thread keeps. To allocate them for each call would take longer than to decode a
/// window.
pub(super) struct Scratch {
    pub(super) slots: [EpochSlots; TABLED],
    /// Times of a segment in which a lower bound is searched.
    pub(super) times: Vec<i64>,
    /// Symbols of a segment's times.
    pub(super) t: Box<[u8; SEGMENT_LEN]>,
    /// Raw bits of times, of the first axis, of the second.
    pub(super) raw: [Vec<u8>; 3],
    pub(super) group: Group,
    pub(super) history: History,
}

/// Columns of a group.
pub(super) struct Group {
    pub(super) symbols: [u8; GROUP_LEN],
    pub(super) contexts: [u8; GROUP_LEN],
    pub(super) x: [u16; GROUP_LEN],
    pub(super) y: [u16; GROUP_LEN],
    pub(super) p: [u8; GROUP_LEN],
}

thread_local! {
    pub(super) static SCRATCH: RefCell<Box<Scratch>> = RefCell::new(Box::new(Scratch {
        slots: std::array::from_fn(|_| EpochSlots::new()),
        times: Vec::new(),
        t: Box::new([0; SEGMENT_LEN]),
        raw: Default::default(),
        group: Group {
            symbols: [0; GROUP_LEN],
            contexts: [0; GROUP_LEN],
            x: [0; GROUP_LEN],
            y: [0; GROUP_LEN],
            p: [0; GROUP_LEN],
        },
        history: History::new(),
    }));
}
