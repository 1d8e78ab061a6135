//! Words to events: state machines over bytes, which know nothing of files.

mod dat;
mod evt2;
pub(crate) mod evt21;
mod evt3;
mod evt4;
mod high;

use evz_core::{EventBatch, PartReader, PartWriter, Result};

use crate::found::Found;
use crate::staging::Staging;
use crate::triggers::Triggers;
use crate::{Encoding, WordOrder};

/// What words have been decoded to.
pub(crate) struct Decoded {
    pub(crate) staging: Staging,
    pub(crate) batch: EventBatch,
    pub(crate) triggers: Triggers,
    pub(crate) found: Found,
}

impl Decoded {
    /// Nothing yet; `t0` is added to all times.
    pub(crate) fn new(t0: i64) -> Self {
        Self {
            staging: Staging::new(t0),
            batch: EventBatch::default(),
            triggers: Triggers::default(),
            found: Found::default(),
        }
    }

    /// Begins anew with this added to all times.
    pub(crate) fn begin(&mut self, t0: i64) {
        self.staging.begin(t0);
        self.triggers = Triggers::default();
    }

    fn trigger(&mut self, t: i64, rising: bool, id: u8) {
        let t = self.staging.ticks(t);
        self.triggers.push(t, rising, id);
    }
}

/// What the words so far say of the next ones.
#[derive(Debug, Clone)]
pub(crate) enum Decoder {
    Evt2(evt2::Evt2),
    Evt21(evt21::Evt21),
    Evt3(evt3::Evt3),
    Evt4(evt4::Evt4),
    Dat(dat::Dat),
}

impl Decoder {
    /// Before the first word; `order` is that of EVT2.1's words.
    pub(crate) fn new(encoding: Encoding, order: Option<WordOrder>) -> Self {
        match encoding {
            Encoding::Evt2 => Self::Evt2(evt2::Evt2::default()),
            Encoding::Evt21 => Self::Evt21(evt21::Evt21::new(order.unwrap_or(WordOrder::Little))),
            Encoding::Evt3 => Self::Evt3(evt3::Evt3::default()),
            Encoding::Evt4 => Self::Evt4(evt4::Evt4::default()),
            Encoding::Dat1 => Self::Dat(dat::Dat::new(dat::Layout::V1)),
            Encoding::Dat2 => Self::Dat(dat::Dat::new(dat::Layout::V2)),
        }
    }

    /// Adds the events of `bytes`, which are whole words that begin at byte `at` of the file.
    pub(crate) fn decode(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) {
        match self {
            Self::Evt2(decoder) => decoder.decode(bytes, at, out),
            Self::Evt21(decoder) => decoder.decode(bytes, at, out),
            Self::Evt3(decoder) => decoder.decode(bytes, at, out),
            Self::Evt4(decoder) => decoder.decode(bytes, at, out),
            Self::Dat(decoder) => decoder.decode(bytes, at, out),
        }
        out.staging.unpack(&mut out.batch);
    }

    /// Goes on as if `bytes` had been decoded, which takes a fraction of the time: so blocks can be
    /// decoded side by side.
    pub(crate) fn skip(&mut self, bytes: &[u8]) {
        match self {
            Self::Evt2(decoder) => decoder.skip(bytes),
            Self::Evt21(decoder) => decoder.skip(bytes),
            Self::Evt3(decoder) => decoder.skip(bytes),
            Self::Evt4(decoder) => decoder.skip(bytes),
            Self::Dat(decoder) => decoder.skip(bytes),
        }
    }

    /// Says what it knows, to be told to one that is new.
    pub(crate) fn tell(&self, part: &mut PartWriter) {
        match self {
            Self::Evt2(decoder) => decoder.tell(part),
            Self::Evt21(decoder) => decoder.tell(part),
            Self::Evt3(decoder) => decoder.tell(part),
            Self::Evt4(decoder) => decoder.tell(part),
            Self::Dat(decoder) => decoder.tell(part),
        }
    }

    /// Goes on where another one was.
    pub(crate) fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        match self {
            Self::Evt2(decoder) => decoder.told(part),
            Self::Evt21(decoder) => decoder.told(part),
            Self::Evt3(decoder) => decoder.told(part),
            Self::Evt4(decoder) => decoder.told(part),
            Self::Dat(decoder) => decoder.told(part),
        }
    }

    /// Bytes at the end of those so far that mean nothing without those that follow.
    pub(crate) fn waiting(&self) -> usize {
        match self {
            Self::Evt4(decoder) => decoder.waiting(),
            Self::Evt2(_) | Self::Evt21(_) | Self::Evt3(_) | Self::Dat(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use evz_core::SideRows;
    use proptest::prelude::*;

    use super::*;

    const ORDER: Option<WordOrder> = Some(WordOrder::Legacy);

    /// Words of an encoding, most of them of the kinds that there are, with times that leap.
    fn words(encoding: Encoding) -> BoxedStrategy<Vec<u8>> {
        let leaping = prop_oneof![
            Just(0u64),
            Just(1),
            Just(2),
            0..1u64 << 28,
            Just((1 << 28) - 1)
        ];
        let kind = prop_oneof![0..16u64, Just(0), Just(2), Just(6), Just(8)];
        let word =
            (kind, leaping, any::<u64>()).prop_map(move |(kind, high, any)| match encoding {
                Encoding::Evt2 => {
                    let content = if kind == 8 { high } else { any & 0xfff_ffff };
                    ((kind << 28 | content) as u32).to_le_bytes().to_vec()
                }
                Encoding::Evt21 => {
                    let content = if kind == 8 { high } else { any & 0xfff_ffff };
                    let half = (kind << 28 | content) as u32;
                    [half, (any >> 32) as u32].map(u32::to_le_bytes).concat()
                }
                Encoding::Evt3 => {
                    let content = if kind == 8 { high >> 16 } else { any & 0xfff };
                    ((kind << 12 | content) as u16).to_le_bytes().to_vec()
                }
                Encoding::Evt4 => {
                    // Kinds from 6 on, and masks of any content.
                    let kind = 6 + kind % 10;
                    let content = if kind == 0xe { high } else { any & 0xfff_ffff };
                    ((kind << 28 | content) as u32).to_le_bytes().to_vec()
                }
                Encoding::Dat1 | Encoding::Dat2 => (high << 4 | any << 32).to_le_bytes().to_vec(),
            });
        let words = prop::collection::vec(word, 0..600);
        words.prop_map(|words| words.concat()).boxed()
    }

    fn of_any_encoding() -> impl Strategy<Value = (Encoding, Vec<u8>)> {
        let encoding = prop::sample::select(Encoding::ALL.to_vec());
        encoding.prop_flat_map(|encoding| (Just(encoding), words(encoding)))
    }

    fn decode(decoder: &mut Decoder, bytes: &[u8], at: u64) -> Decoded {
        let mut decoded = Decoded::new(17);
        decoder.decode(bytes, at, &mut decoded);
        decoded
    }

    proptest! {
        #[test]
        fn blocks_decoded_side_by_side_are_the_whole(
            (encoding, bytes) in of_any_encoding(),
            block in 1..300usize,
        ) {
            let mut whole = decode(&mut Decoder::new(encoding, ORDER), &bytes, 0);
            let mut decoder = Decoder::new(encoding, ORDER);
            let (mut batch, mut found) = (EventBatch::default(), Found::default());
            let (mut triggers, mut at) = (None::<SideRows>, 0);
            for bytes in bytes.chunks(block * encoding.word_len()) {
                // By one that was told where that one is.
                let (mut told, mut of) = (PartWriter::new(), Decoder::new(encoding, ORDER));
                decoder.tell(&mut told);
                let told = told.into_bytes();
                let mut told = PartReader::new(&told);
                of.told(&mut told).unwrap();
                told.end().unwrap();
                let mut part = decode(&mut of, bytes, at);
                decoder.skip(bytes);
                batch.extend(part.batch.as_slice());
                found.merge(part.found);
                match (part.triggers.take(), &mut triggers) {
                    (Some(rows), Some(before)) => prop_assert!(before.append(rows)),
                    (rows, _) => triggers = triggers.or(rows),
                }
                at += bytes.len() as u64;
            }
            prop_assert_eq!(batch, whole.batch);
            prop_assert_eq!(found, whole.found);
            prop_assert_eq!(triggers, whole.triggers.take());
        }
    }
}
