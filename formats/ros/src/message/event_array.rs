//! `dvs_msgs/EventArray` and `prophesee_event_msgs/EventArray`: a header, height and width, and a list
//! of events of x, y, time and polarity.
//!
//! <https://github.com/uzh-rpg/rpg_dvs_ros/tree/master/dvs_msgs/msg>,
//! <https://github.com/prophesee-ai/prophesee_ros_wrapper/tree/master/prophesee_event_msgs/msg>

use evz_core::{EventBatch, SensorSize};

use super::Layout;
use super::reader::{Header, Reader, Wrong, nanoseconds_of};

/// A message before its events are decoded.
pub(crate) struct EventArray<'a> {
    pub(crate) header: Header<'a>,
    pub(crate) size: SensorSize,
    pub(crate) events: Events,
}

/// Events that are left to be decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Events {
    pub(crate) layout: Layout,
    /// Where the next begins in the message.
    pub(crate) at: usize,
    pub(crate) left: usize,
    /// Whether the next is the first one.
    pub(crate) is_first: bool,
}

/// Bytes from x to polarity, without gaps.
const ROS1_LEN: usize = 2 + 2 + 8 + 1;
/// In CDR the number of events is aligned to 4 bytes: of the first event the time is so, too, and
/// ends 13 bytes behind; the next begins after a byte of padding, and has two before its time.
const CDR_FIRST: usize = 14;
const CDR_STEP: usize = 16;
const CDR_LEN: usize = 15;

impl<'a> EventArray<'a> {
    pub(crate) fn read(layout: Layout, bytes: &'a [u8]) -> Result<Self, Wrong> {
        let mut reader = Reader::new(layout, bytes)?;
        let header = reader.header()?;
        let (height, width) = (reader.u32()?, reader.u32()?);
        let left = reader.u32()? as usize;
        let at = reader.at();
        let len = match (layout, left) {
            (_, 0) => Some(0),
            (Layout::Ros1, n) => n.checked_mul(ROS1_LEN),
            (Layout::Cdr, n) => ((n - 1).checked_mul(CDR_STEP)).and_then(|n| n.checked_add(13)),
        };
        reader.elements(len.unwrap_or(usize::MAX))?;
        reader.end()?;
        Ok(Self {
            header,
            size: SensorSize { width, height },
            events: Events {
                layout,
                at,
                left,
                is_first: true,
            },
        })
    }
}

impl Events {
    /// Whether a message of so many bytes has all that are left.
    pub(crate) fn fit(&self, message: usize) -> bool {
        let len = match (self.layout, self.is_first) {
            (_, _) if self.left == 0 => Some(0),
            (Layout::Ros1, _) => self.left.checked_mul(ROS1_LEN),
            (Layout::Cdr, true) if self.left == 1 => Some(ROS1_LEN),
            (Layout::Cdr, true) => (self.left - 1)
                .checked_mul(CDR_STEP)
                .map(|n| n - (CDR_STEP - CDR_LEN) + CDR_FIRST),
            (Layout::Cdr, false) => self
                .left
                .checked_mul(CDR_STEP)
                .map(|n| n - (CDR_STEP - CDR_LEN)),
        };
        len.and_then(|len| len.checked_add(self.at))
            .is_some_and(|end| end <= message)
    }

    /// Decodes `most` events of the message, or all that are left.
    pub(crate) fn decode(&mut self, message: &[u8], most: usize, batch: &mut EventBatch) {
        let n = self.left.min(most);
        self.left -= n;
        let layout = self.layout;
        match layout {
            Layout::Ros1 => {
                let end = self.at + n * ROS1_LEN;
                let (events, _) = message[self.at..end].as_chunks::<ROS1_LEN>();
                self.at = end;
                push::<ROS1_LEN, 4>(events, layout, batch);
            }
            Layout::Cdr => {
                let mut rest = n;
                if self.is_first && rest > 0 {
                    self.is_first = false;
                    let event = message[self.at..].first_chunk::<ROS1_LEN>();
                    push::<ROS1_LEN, 4>(event.map_or(&[], std::slice::from_ref), layout, batch);
                    self.at += CDR_FIRST;
                    rest -= 1;
                }
                // The last one of a message may end without its padding.
                let end = message.len().min(self.at + rest * CDR_STEP);
                // So may one that has a single event.
                let (events, last) = message[self.at.min(end)..end].as_chunks::<CDR_STEP>();
                push::<CDR_STEP, 6>(events, layout, batch);
                if events.len() < rest {
                    let last = last.first_chunk::<CDR_LEN>();
                    push::<CDR_LEN, 6>(last.map_or(&[], std::slice::from_ref), layout, batch);
                }
                self.at += rest * CDR_STEP;
            }
        }
    }
}

/// Adds events of `N` bytes each, whose time begins at byte `T`: a column at a time, so that none asks
/// for every value whether there is room for it.
fn push<const N: usize, const T: usize>(
    events: &[[u8; N]],
    layout: Layout,
    batch: &mut EventBatch,
) {
    let u16_at = |e: &[u8; N], at| u16::from_le_bytes([e[at], e[at + 1]]);
    let u32_at = |e: &[u8; N], at| u32::from_le_bytes([e[at], e[at + 1], e[at + 2], e[at + 3]]);
    let time = |e: &[u8; N]| nanoseconds_of(layout, u32_at(e, T), u32_at(e, T + 4));
    batch.t.extend(events.iter().map(time));
    batch.x.extend(events.iter().map(|e| u16_at(e, 0)));
    batch.y.extend(events.iter().map(|e| u16_at(e, 2)));
    batch
        .p
        .extend(events.iter().map(|e| u8::from(e[T + 8] != 0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_at_a_time_are_all() {
        for (layout, len) in [
            (Layout::Ros1, 7 * ROS1_LEN),
            (Layout::Cdr, ROS1_LEN + 6 * CDR_STEP),
        ] {
            let message: Vec<u8> = (0..len).map(|i| (i * 37 % 251) as u8).collect();
            let events = Events {
                layout,
                at: 0,
                left: 7,
                is_first: true,
            };
            let mut whole = EventBatch::default();
            events.clone().decode(&message, 7, &mut whole);
            assert_eq!(whole.len(), 7);
            for most in 1..7 {
                let (mut rest, mut parts) = (events, EventBatch::default());
                while rest.left > 0 {
                    rest.decode(&message, most, &mut parts);
                }
                assert_eq!(parts, whole);
            }
        }
    }
}
