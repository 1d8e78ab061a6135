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
    layout: Layout,
    /// Where the next begins in the message.
    pub(crate) at: usize,
    pub(crate) left: usize,
    /// Whether the next is the first one.
    is_first: bool,
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
    /// Decodes `most` events of the message, or all that are left.
    pub(crate) fn decode(&mut self, message: &[u8], most: usize, batch: &mut EventBatch) {
        let n = self.left.min(most);
        self.left -= n;
        match self.layout {
            Layout::Ros1 => {
                let end = self.at + n * ROS1_LEN;
                let (events, _) = message[self.at..end].as_chunks::<ROS1_LEN>();
                self.at = end;
                push(
                    batch,
                    events.iter().map(|event| fields::<4>(event, Layout::Ros1)),
                );
            }
            Layout::Cdr => {
                let mut rest = n;
                if self.is_first && rest > 0 {
                    self.is_first = false;
                    let event = &message[self.at..self.at + 13];
                    push(
                        batch,
                        event
                            .first_chunk()
                            .map(|e: &[u8; 13]| fields::<4>(e, Layout::Cdr)),
                    );
                    self.at += CDR_FIRST;
                    rest -= 1;
                }
                if rest > 0 {
                    // The last one may end without its padding.
                    let end = self.at + (rest - 1) * CDR_STEP + CDR_LEN;
                    let events = message[self.at..end].chunks(CDR_STEP);
                    self.at += rest * CDR_STEP;
                    let events = events.filter_map(|event| event.first_chunk::<CDR_LEN>());
                    push(batch, events.map(|event| fields::<6>(event, Layout::Cdr)));
                }
            }
        }
    }
}

/// Time, x, y and polarity of an event whose time begins at byte `T`.
#[inline]
fn fields<const T: usize>(event: &[u8], layout: Layout) -> (i64, u16, u16, u8) {
    let u16_at = |at| u16::from_le_bytes([event[at], event[at + 1]]);
    let u32_at = |at| u32::from_le_bytes([event[at], event[at + 1], event[at + 2], event[at + 3]]);
    let t = nanoseconds_of(layout, u32_at(T), u32_at(T + 4));
    (t, u16_at(0), u16_at(2), u8::from(event[T + 8] != 0))
}

fn push(batch: &mut EventBatch, events: impl IntoIterator<Item = (i64, u16, u16, u8)>) {
    for (t, x, y, p) in events {
        batch.t.push(t);
        batch.x.push(x);
        batch.y.push(y);
        batch.p.push(p);
    }
}
