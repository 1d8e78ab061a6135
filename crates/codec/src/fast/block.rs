//! Where the parts of a block are.

use super::forever::{BLOCK_ALIGN, MINI_HEAD_SIZE, MINI_LEN, MINIS};
use super::head::{MiniHead, Pixel, Time};
use super::width::exception_size;
use crate::plane::BIT_SIZE;

/// A block whose head is read and fits its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    minis: [Mini<'a>; MINIS],
    n_minis: usize,
}

/// A mini-block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mini<'a> {
    /// Events in it: 256, or fewer in the last one.
    pub(super) len: usize,
    pub(super) x: Column<'a, Pixel>,
    pub(super) y: Column<'a, Pixel>,
    pub(super) t: Column<'a, Time>,
    pub(super) p: &'a [u8; BIT_SIZE],
}

/// The bytes of a mini-block's column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'a, H> {
    pub(super) head: H,
    pub(super) planes: &'a [u8],
    pub(super) highs: &'a [u8],
    pub(super) positions: &'a [u8],
}

impl<H> Column<'_, H> {
    fn new(head: H) -> Self {
        Self {
            head,
            planes: &[],
            highs: &[],
            positions: &[],
        }
    }
}

/// Bytes of a head with so many mini-blocks.
pub(super) fn head_size(minis: usize) -> usize {
    (minis * MINI_HEAD_SIZE).next_multiple_of(BLOCK_ALIGN)
}

impl<'a> Block<'a> {
    /// Finds the parts of a block of `len` events, 1 to 1,024; the error says what is wrong.
    pub(super) fn parse(bytes: &'a [u8], len: usize) -> Result<Self, String> {
        let n_minis = len.div_ceil(MINI_LEN);
        let (heads, _) = bytes
            .get(..head_size(n_minis))
            .ok_or_else(|| format!("{} bytes, too few for its head", bytes.len()))?
            .as_chunks();

        let mut rest = Rest(&bytes[head_size(n_minis)..]);
        let mut minis = [Mini {
            len: MINI_LEN,
            x: Column::new(MiniHead::EMPTY.x),
            y: Column::new(MiniHead::EMPTY.y),
            t: Column::new(MiniHead::EMPTY.t),
            p: &[0; BIT_SIZE],
        }; MINIS];
        let used = &mut minis[..n_minis];

        let mut size = head_size(n_minis);
        for (mini, head) in used.iter_mut().zip(heads) {
            let MiniHead { x, y, t } = MiniHead::read(head)?;
            (mini.x.head, mini.y.head, mini.t.head) = (x, y, t);
            size += usize::from(x.width) * BIT_SIZE
                + usize::from(x.exceptions) * exception_size(x.high.into());
            size += usize::from(y.width) * BIT_SIZE
                + usize::from(y.exceptions) * exception_size(y.high.into());
            size += usize::from(t.width) * BIT_SIZE
                + usize::from(t.exceptions) * exception_size(t.high.into());
            size += BIT_SIZE;
        }
        if size.next_multiple_of(BLOCK_ALIGN) != bytes.len() {
            return Err(format!(
                "{} bytes, but its head makes {}",
                bytes.len(),
                size.next_multiple_of(BLOCK_ALIGN)
            ));
        }
        used[n_minis - 1].len = len - (n_minis - 1) * MINI_LEN;

        // The order of the parts in the layout.
        for mini in used.iter_mut() {
            mini.x.planes = rest.take(usize::from(mini.x.head.width) * BIT_SIZE);
        }
        for mini in used.iter_mut() {
            mini.y.planes = rest.take(usize::from(mini.y.head.width) * BIT_SIZE);
        }
        for mini in used.iter_mut() {
            mini.p = rest.take_array();
        }
        for mini in used.iter_mut() {
            mini.t.planes = rest.take(usize::from(mini.t.head.width) * BIT_SIZE);
        }
        for mini in used.iter_mut() {
            mini.t.highs = rest.take(usize::from(mini.t.head.exceptions) << mini.t.head.high);
        }
        for mini in used.iter_mut() {
            mini.x.highs = rest.take(usize::from(mini.x.head.exceptions) << mini.x.head.high);
        }
        for mini in used.iter_mut() {
            mini.y.highs = rest.take(usize::from(mini.y.head.exceptions) << mini.y.head.high);
        }
        for mini in used.iter_mut() {
            mini.t.positions = rest.take(usize::from(mini.t.head.exceptions));
        }
        for mini in used.iter_mut() {
            mini.x.positions = rest.take(usize::from(mini.x.head.exceptions));
        }
        for mini in used.iter_mut() {
            mini.y.positions = rest.take(usize::from(mini.y.head.exceptions));
        }
        Ok(Self { minis, n_minis })
    }

    pub(super) fn minis(&self) -> &[Mini<'a>] {
        &self.minis[..self.n_minis]
    }
}

/// What is left of a block. Its length was compared with the head's before anything is taken.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(n);
        self.0 = rest;
        taken
    }

    fn take_array<const N: usize>(&mut self) -> &'a [u8; N] {
        self.take(N).try_into().expect("N bytes were taken")
    }
}
