//! Where a group is decoded to.

use std::ops::Range;

use crate::small::forever::GROUP_LEN;

/// Where a column of a group is decoded to.
pub(super) struct Target<'a, T> {
    /// The group's values.
    pub(super) values: &'a mut [T],
    /// The range of them that is to be copied, and where to. `None` where they are decoded into the
    /// column itself, or the column is not wanted.
    copy: Option<(Range<usize>, &'a mut [T])>,
}

impl<'a, T: Copy> Target<'a, T> {
    /// For the events `all`, a group, where the events `range` of column `out` are wanted.
    pub(super) fn new(
        out: &'a mut Option<&mut [T]>,
        range: &Range<usize>,
        all: Range<usize>,
        scratch: &'a mut [T; GROUP_LEN],
    ) -> Self {
        let values = &mut scratch[..all.len()];
        let wanted = all.start.max(range.start)..all.end.min(range.end);
        let Some(out) = out.as_deref_mut().filter(|_| !wanted.is_empty()) else {
            return Self { values, copy: None };
        };
        let out = &mut out[wanted.start - range.start..wanted.end - range.start];
        if wanted == all {
            return Self {
                values: out,
                copy: None,
            };
        }
        let wanted = wanted.start - all.start..wanted.end - all.start;
        Self {
            values,
            copy: Some((wanted, out)),
        }
    }

    pub(super) fn finish(self) {
        if let Some((wanted, out)) = self.copy {
            out.copy_from_slice(&self.values[wanted]);
        }
    }
}
