//! Triggers on their way between the words of the events.

use std::collections::VecDeque;

use evz_core::{Loss, LossKind, Report, SideRows, SideValues, TimeBase};

use super::misfit::microseconds;
use crate::triggers::{ID, POLARITY, STREAM};

/// An edge at `t`, in microseconds, on the channel `id`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trigger {
    pub(super) t: i64,
    pub(super) rising: bool,
    pub(super) id: u8,
}

/// Triggers that wait until the events pass their time, and those that were lost.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    /// In order of time; those of the same time as they came.
    waiting: VecDeque<Trigger>,
    lost: Report,
}

impl Triggers {
    /// Takes the rows that words can say, with channels up to `max_id`; false if they are not of the
    /// stream or of its columns.
    pub(super) fn take(&mut self, rows: &SideRows, base: TimeBase, max_id: u8) -> bool {
        let column = |name| rows.columns.iter().find(|column| column.name == name);
        let (Some(polarity), Some(id)) = (column(POLARITY), column(ID)) else {
            return false;
        };
        let (SideValues::Bool(rising), SideValues::U8(ids)) = (&polarity.values, &id.values) else {
            return false;
        };
        let n = rows.len();
        if rows.stream != STREAM || rows.columns.len() != 2 || [rising.len(), ids.len()] != [n, n] {
            return false;
        }
        for ((&t, &rising), &id) in rows.t.iter().zip(rising).zip(ids) {
            match microseconds(t, base) {
                _ if id > max_id => {
                    let what = format!("triggers of channels beyond {max_id}");
                    self.lose(&what, base.to_microseconds(t), id);
                }
                Ok(t) => self.waiting.push_back(Trigger { t, rising, id }),
                Err(why) => self.lose(why.lost_triggers(), base.to_microseconds(t), id),
            }
        }
        let waiting = self.waiting.make_contiguous();
        waiting.sort_by_key(|trigger| trigger.t);
        true
    }

    /// The first that waits.
    pub(super) fn first(&self) -> Option<Trigger> {
        self.waiting.front().copied()
    }

    /// The time of the first one from `t` on.
    pub(super) fn first_since(&self, t: i64) -> Option<i64> {
        let times = self.waiting.iter().map(|trigger| trigger.t);
        times.into_iter().find(|time| *time >= t)
    }

    /// The first no longer waits: it has been written.
    pub(super) fn pop(&mut self) {
        self.waiting.pop_front();
    }

    /// The first no longer waits: it cannot be written.
    pub(super) fn lose_first(&mut self, what: &str) {
        if let Some(trigger) = self.waiting.pop_front() {
            self.lose(what, trigger.t.into(), trigger.id);
        }
    }

    fn lose(&mut self, what: &str, time_us: i128, id: u8) {
        let example = format!("at {time_us} us on channel {id}");
        let loss = Loss::new(LossKind::SideStreams, what, 1);
        self.lost.add_loss(loss.with_examples([example]));
    }

    /// What was lost.
    pub(super) fn into_report(self) -> Report {
        self.lost
    }
}
