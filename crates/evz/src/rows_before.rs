//! Rows of side streams that stand before the first event: of a camera's frames there may be minutes.

use std::collections::VecDeque;

use evz_core::{Result, SideRows, StreamInfo};
#[cfg(feature = "files")]
use evz_file::{SideSpill, SpilledRows};

/// Bytes of rows that are held; more of them go into a temporary file.
#[cfg(feature = "files")]
const MAX_HELD: usize = 16 << 20;

/// The rows, in memory up to some bytes and behind these in a temporary file.
#[derive(Default)]
pub(crate) struct RowsBefore {
    held: VecDeque<SideRows>,
    #[cfg(feature = "files")]
    bytes: usize,
    #[cfg(feature = "files")]
    spill: Option<SideSpill>,
    #[cfg(feature = "files")]
    spilled: Option<SpilledRows>,
}

impl RowsBefore {
    /// Adds rows, which stand beside events of this stream.
    pub(crate) fn push(&mut self, rows: SideRows, info: &StreamInfo) -> Result<()> {
        #[cfg(feature = "files")]
        {
            self.bytes = self.bytes.saturating_add(rows.bytes());
            if self.bytes > MAX_HELD {
                let spill = match &mut self.spill {
                    Some(spill) => spill,
                    none => none.insert(SideSpill::new(info, "rows before the first event")?),
                };
                return spill.write(rows);
            }
        }
        let _ = info;
        self.held.push_back(rows);
        Ok(())
    }

    /// There are no more; those that wait can be asked for.
    pub(crate) fn end(&mut self) -> Result<()> {
        #[cfg(feature = "files")]
        {
            self.spilled = self.spill.take().map(SideSpill::finish).transpose()?;
        }
        Ok(())
    }

    /// The next ones, those of each stream in their order.
    pub(crate) fn next_rows(&mut self) -> Result<Option<SideRows>> {
        if let Some(rows) = self.held.pop_front() {
            return Ok(Some(rows));
        }
        #[cfg(feature = "files")]
        if let Some(spilled) = &mut self.spilled {
            return spilled.next_rows();
        }
        Ok(None)
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use evz_core::{SideColumn, SideValues, TimeBase};

    use super::*;

    #[test]
    fn more_rows_than_are_held_come_back_in_their_order() {
        let rows = |stream: &str, t: i64| {
            let bytes = SideValues::Bytes(vec![vec![t as u8; 1 << 20]]);
            SideRows {
                t: vec![t],
                ..SideRows::new(stream, vec![SideColumn::new("pixels", bytes)])
            }
        };
        let info = StreamInfo::new(TimeBase::MICROSECONDS);
        for n in [0, 3, 15, 16, 40] {
            let mut before = RowsBefore::default();
            for t in 0..n {
                before.push(rows("left", t), &info).unwrap();
                before.push(rows("right", -t), &info).unwrap();
            }
            assert!(before.held.iter().map(SideRows::bytes).sum::<usize>() <= MAX_HELD);
            before.end().unwrap();
            let (mut left, mut right) = (Vec::new(), Vec::new());
            while let Some(found) = before.next_rows().unwrap() {
                let all = match &*found.stream {
                    "left" => &mut left,
                    _ => &mut right,
                };
                all.extend(found.t.iter().map(|t| (*t, found.clone())));
            }
            assert!(left.iter().map(|(t, _)| *t).eq(0..n));
            assert!(right.iter().map(|(t, _)| *t).eq((0..n).map(|t| -t)));
        }
    }
}
