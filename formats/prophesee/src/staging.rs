//! Events on their way from words to columns.
//!
//! The loops over words put an event into one integer: a word that is no event costs them the same
//! store, which the next event overwrites, and no branch. A second loop takes the integers apart,
//! many at once.

use evz_core::EventBatch;

/// Column and polarity stand in the lowest bits, as in EVT3's word ADDR_X; its kind may stand above
/// them.
pub(crate) const P_SHIFT: u32 = 11;
/// Where the row stands.
pub(crate) const Y_SHIFT: u32 = 16;
/// Where the 12 low bits of the time stand.
pub(crate) const LOW_SHIFT: u32 = 32;
/// Where the others stand, after `Staging::zero`.
const HIGH_SHIFT: u32 = 48;

/// Columns and rows from here on are beyond what 11 bits say.
pub(crate) const PIXELS: u16 = 1 << 11;
const PIXEL: u64 = (PIXELS - 1) as u64;
const LOW: u64 = 0xfff;

/// Times that a packed event can have: 268 s.
const T_SPAN: i64 = 1 << 28;
/// How far times may go from the middle of these before it is moved.
const T_REACH: u64 = 1 << 26;

/// Packed events at a time; as many bytes as fit into the nearest cache.
pub(crate) const SIZE: usize = 4096;
/// An index that is masked needs no check.
pub(crate) const MASK: usize = SIZE - 1;

/// Packed events, unpacked into columns as they become many.
pub(crate) struct Staging {
    /// The packed events, the first `n` of them.
    pub(crate) packed: Box<[u64; SIZE]>,
    /// How many there are.
    pub(crate) n: usize,
    /// The time that is packed as 0. Its low bits are 0.
    zero: i64,
    /// Added to every time.
    t0: i64,
}

impl Staging {
    pub(crate) fn new(t0: i64) -> Self {
        Self {
            packed: Box::new([0; SIZE]),
            n: 0,
            zero: 0,
            t0,
        }
    }

    /// Begins anew.
    pub(crate) fn begin(&mut self, t0: i64) {
        (self.n, self.zero, self.t0) = (0, 0, t0);
    }

    /// A time, packed; [`Self::keep_near`] has been called with one that differs in its low bits.
    pub(crate) fn pack_time(&self, t: i64) -> u64 {
        let t = t.wrapping_sub(self.zero) as u64;
        (t >> 12) << HIGH_SHIFT | (t & LOW) << LOW_SHIFT
    }

    /// The time of a packed event.
    pub(crate) fn time_of(&self, event: u64) -> i64 {
        self.zero.wrapping_add(unpack_time(event))
    }

    /// Makes the times that share all but the low bits with `t` fit into packed events.
    pub(crate) fn keep_near(&mut self, t: i64, batch: &mut EventBatch) {
        let middle = self.zero.wrapping_add(T_SPAN / 2);
        if t.wrapping_sub(middle).unsigned_abs() > T_REACH {
            self.unpack(batch);
            self.zero = (t & !(LOW as i64)).wrapping_sub(T_SPAN / 2);
        }
    }

    /// Makes room for `events` more.
    pub(crate) fn make_room(&mut self, events: usize, batch: &mut EventBatch) {
        if self.n + events > SIZE {
            self.unpack(batch);
        }
    }

    /// Moves all events to the end of `batch`.
    pub(crate) fn unpack(&mut self, batch: &mut EventBatch) {
        let events = || self.packed[..self.n].iter();
        let zero = self.ticks(self.zero);
        let times = events().map(|&e| zero.wrapping_add(unpack_time(e)));
        batch.t.extend(times);
        batch.x.extend(events().map(|e| (e & PIXEL) as u16));
        let rows = events().map(|e| ((e >> Y_SHIFT) & PIXEL) as u16);
        batch.y.extend(rows);
        batch.p.extend(events().map(|e| ((e >> P_SHIFT) & 1) as u8));
        self.n = 0;
    }

    /// A time in ticks of the recording.
    pub(crate) fn ticks(&self, t: i64) -> i64 {
        t.wrapping_add(self.t0)
    }
}

/// The time of a packed event after `zero`.
fn unpack_time(event: u64) -> i64 {
    ((event >> HIGH_SHIFT) << 12 | (event >> LOW_SHIFT) & LOW) as i64
}
