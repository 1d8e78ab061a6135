//! How the events of a packet are put into bytes.
//!
//! The bits are those of <https://github.com/ros-event-camera/event_camera_codecs>, a decoder each in
//! `include/event_camera_codecs`, and of the README of event_camera_msgs.

mod libcaer;
mod libcaer_cmp;
mod mono;

use evz_core::{ClockKind, EventBatch, PartReader, PartWriter, Result, SideRows, TimeBase};
use evz_prophesee::Evt3Words;

pub(crate) use mono::trigger_rows;

/// An encoding of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Words of Prophesee, as they come from the camera.
    Evt3,
    /// 64 bits an event, nanoseconds after the time base.
    Mono,
    /// 64 bits an event, microseconds after the time base.
    Libcaer,
    /// 16-bit words that change a state, as those of EVT3 do.
    LibcaerCmp,
}

impl Encoding {
    const ALL: [Self; 4] = [Self::Evt3, Self::Mono, Self::Libcaer, Self::LibcaerCmp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Evt3 => "evt3",
            Self::Mono => "mono",
            Self::Libcaer => "libcaer",
            Self::LibcaerCmp => "libcaer_cmp",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// What a tick of its times is: what the sensor counts in, or what the message does.
    pub(crate) fn time_base(self) -> TimeBase {
        match self {
            Self::Evt3 => TimeBase::MICROSECONDS,
            _ => TimeBase::NANOSECONDS,
        }
    }

    /// Whose clock its times are of: the time base of libcaer's packets is that of the computer when
    /// the driver began, and the sensor's time since.
    pub(crate) fn clock(self) -> ClockKind {
        match self {
            Self::Evt3 | Self::Mono => ClockKind::Sensor,
            Self::Libcaer | Self::LibcaerCmp => ClockKind::Unix,
        }
    }

    /// Bytes of a word, which is never read in part.
    pub(crate) fn word_len(self) -> usize {
        match self {
            Self::Evt3 | Self::LibcaerCmp => 2,
            Self::Mono | Self::Libcaer => 8,
        }
    }
}

/// The trigger packets of old drivers, which are a side stream.
pub(crate) const TRIGGER: &str = "trigger";

/// What has been decoded so far says of the next bytes.
pub(crate) enum Decoder {
    /// Its state runs on from packet to packet.
    Evt3(Box<Evt3Words>),
    Mono {
        time_base: i64,
    },
    Libcaer(libcaer::Libcaer),
    LibcaerCmp(libcaer_cmp::LibcaerCmp),
}

impl Decoder {
    pub(crate) fn new(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Evt3 => Self::Evt3(Box::default()),
            Encoding::Mono => Self::Mono { time_base: 0 },
            Encoding::Libcaer => Self::Libcaer(libcaer::Libcaer::new(0)),
            Encoding::LibcaerCmp => Self::LibcaerCmp(libcaer_cmp::LibcaerCmp::default()),
        }
    }

    /// A packet with this time base begins.
    pub(crate) fn begin(&mut self, base: i64) {
        match self {
            Self::Evt3(_) => {}
            Self::Mono { time_base } => *time_base = base,
            Self::Libcaer(decoder) => *decoder = libcaer::Libcaer::new(base),
            Self::LibcaerCmp(decoder) => decoder.begin(base),
        }
    }

    /// Adds the events of `bytes`, which are whole words that begin at byte `at` of the file; returns
    /// how many words are of no known kind.
    pub(crate) fn decode(&mut self, bytes: &[u8], at: u64, batch: &mut EventBatch) -> u64 {
        match self {
            Self::Evt3(words) => {
                words.decode(bytes, at, batch);
                0
            }
            Self::Mono { time_base } => {
                mono::decode(*time_base, bytes, batch);
                0
            }
            Self::Libcaer(decoder) => {
                decoder.decode(bytes, batch);
                0
            }
            Self::LibcaerCmp(decoder) => decoder.decode(bytes, batch),
        }
    }

    /// Adds what the next bytes are decoded by to what is said of a part.
    pub(crate) fn tell(&self, part: &mut PartWriter) {
        match self {
            Self::Evt3(words) => words.tell(part),
            Self::Mono { time_base } => part.sint(*time_base),
            Self::Libcaer(decoder) => decoder.tell(part),
            Self::LibcaerCmp(decoder) => decoder.tell(part),
        }
    }

    /// Goes on as where this was told.
    pub(crate) fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        match self {
            Self::Evt3(words) => words.told(part)?,
            Self::Mono { time_base } => *time_base = part.sint()?,
            Self::Libcaer(decoder) => *decoder = libcaer::Libcaer::told(part)?,
            Self::LibcaerCmp(decoder) => *decoder = libcaer_cmp::LibcaerCmp::told(part)?,
        }
        Ok(())
    }

    /// Triggers that stood among the events.
    pub(crate) fn take_triggers(&mut self) -> Option<SideRows> {
        match self {
            Self::Evt3(words) => words.take_triggers(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Packets are decoded a part at a time, so that none takes more memory than it must.
        #[test]
        fn parts_are_the_whole(
            encoding in prop::sample::select(Encoding::ALL.to_vec()),
            packets in prop::collection::vec((0..1i64 << 61, prop::collection::vec(any::<u64>(), 0..60)), 1..4),
            part in 1..20usize,
        ) {
            let bytes = |words: &Vec<u64>| -> Vec<u8> {
                words.iter().flat_map(|word| word.to_le_bytes()).collect()
            };
            let (mut whole, mut parts) = (EventBatch::default(), EventBatch::default());
            let (mut at_once, mut in_parts) = (Decoder::new(encoding), Decoder::new(encoding));
            let mut unknown = (0, 0);
            for (base, words) in &packets {
                let bytes = bytes(words);
                at_once.begin(*base);
                unknown.0 += at_once.decode(&bytes, 0, &mut whole);
                in_parts.begin(*base);
                for part in bytes.chunks(part * encoding.word_len()) {
                    unknown.1 += in_parts.decode(part, 0, &mut parts);
                }
            }
            prop_assert_eq!(whole, parts);
            prop_assert_eq!(unknown.0, unknown.1);
            prop_assert_eq!(at_once.take_triggers(), in_parts.take_triggers());
        }
    }
}
