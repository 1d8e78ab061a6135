//! Which tokens of a line are those of its event, and which are further columns.

use evz_core::{ColumnList, ExtraColumn};

/// Where columns stand in a line, from 0 at the left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineColumns {
    /// Where t, x, y and p stand, in whatever order, from left to right.
    pub(crate) four: [usize; 4],
    /// Where the further columns stand that are not passed over, from left to right.
    pub(crate) further: Vec<usize>,
    /// Number of columns, those that are passed over among them.
    pub(crate) len: usize,
}

impl LineColumns {
    /// Four columns and nothing else.
    pub(crate) const PLAIN: Self = Self {
        four: [0, 1, 2, 3],
        further: Vec::new(),
        len: 4,
    };

    /// A line of so many columns of which these are t, x, y and p, and all others further ones.
    pub(crate) fn around(mut four: [usize; 4], len: usize) -> Self {
        four.sort_unstable();
        let further = (0..len).filter(|place| !four.contains(place)).collect();
        Self { four, further, len }
    }

    /// Those of a list that somebody told.
    pub(crate) fn of_list(list: &ColumnList) -> Self {
        let mut four = list.places();
        four.sort_unstable();
        Self {
            four,
            further: list.further().iter().map(|c| c.place).collect(),
            len: list.len(),
        }
    }

    /// Whether there is nothing but t, x, y and p.
    pub(crate) fn is_plain(&self) -> bool {
        self.len == 4
    }

    /// The tokens of t, x, y and p, from left to right, of all tokens of a line.
    pub(crate) fn four<'a>(&self, tokens: &[&'a [u8]]) -> [&'a [u8]; 4] {
        self.four.map(|place| tokens[place])
    }
}

/// The further columns that a text has or is to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Further {
    /// What they are.
    pub(crate) columns: Vec<ExtraColumn>,
    /// Where each stands in a line, from left to right.
    pub(crate) places: Vec<usize>,
}

impl Further {
    /// These behind t, x, y and p.
    pub(crate) fn behind(columns: &[ExtraColumn]) -> Self {
        Self {
            columns: columns.to_vec(),
            places: (4..4 + columns.len()).collect(),
        }
    }

    /// Number of columns of a line.
    pub(crate) fn line_len(&self) -> usize {
        4 + self.columns.len()
    }

    /// What stands at each place of a line: the number of a further column, or none for the next of t,
    /// x, y and p.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Option<usize>> {
        (0..self.line_len()).map(|place| self.places.iter().position(|p| *p == place))
    }
}
