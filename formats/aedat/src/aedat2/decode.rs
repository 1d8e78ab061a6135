//! Records to events and to rows of the side streams.

use evz_core::{Event, EventBatch, LossKind, Place, SensorSize, SideStore};

use super::{
    RECORD_LEN, cameras::Cameras, chip::Layout, clock::Clock, fits::Met, imu::Assembler, word::Word,
};
use crate::{
    losses::Losses,
    side::{IMU, TRIGGERS, imu_rows, trigger_rows},
};

/// The external events do not say which edge they were, so they are what AEDAT 4 calls a pulse.
const PULSE: u8 = 3;

/// What is carried from record to record.
pub(super) struct Decoder {
    pub(super) layout: Layout,
    size: SensorSize,
    pub(super) cameras: Cameras,
    /// Events of other cameras.
    pub(super) others: u64,
    pub(super) clock: Clock,
    pub(super) imu: Assembler,
    pub(super) met: Met,
}

impl Decoder {
    pub(super) fn new(layout: Layout, size: SensorSize, cameras: Cameras) -> Self {
        Self {
            layout,
            size,
            cameras,
            others: 0,
            clock: Clock::default(),
            imu: Assembler::default(),
            met: Met::default(),
        }
    }

    /// One for the same recording, at another place.
    pub(super) fn at(&self, clock: Clock) -> Self {
        let new = Self::new(self.layout, self.size, self.cameras.clone());
        Self { clock, ..new }
    }

    /// Adds the events of whole records to `batch`; `place` names the byte of a record.
    pub(super) fn decode(
        &mut self,
        records: &[[u8; RECORD_LEN]],
        batch: &mut EventBatch,
        side: &mut SideStore,
        losses: &mut Losses,
        place: impl Fn(usize) -> Place,
    ) {
        let (mut triggers, mut samples) = (Vec::new(), Vec::new());
        let [mut aps, mut unknown, mut outside, mut unseen] = [(); 4].map(|()| Count::default());
        let takes_others = self.cameras.takes_others();
        for (i, &record) in records.iter().enumerate() {
            let record = u64::from_be_bytes(record);
            let (address, t) = ((record >> 32) as u32, self.clock.unwrap(record as u32));
            self.met.odd += u64::from(Word::is_stray(address, self.layout));
            match Word::of(address, self.layout) {
                Word::Event { camera, .. } if camera != self.cameras.chosen => {
                    match self.cameras.has(camera) {
                        true => self.others += 1,
                        false if takes_others => unseen.add(i),
                        false => {}
                    }
                }
                Word::Event { x, y, p, .. } => {
                    match (flip(x, self.size.width), flip(y, self.size.height)) {
                        (Some(x), Some(y)) => batch.push(Event { t, x, y, p }),
                        _ => outside.add(i),
                    }
                }
                // Whose they are is not known: they come with the events of the first camera.
                _ if !takes_others => {}
                Word::External => triggers.push(t),
                Word::Imu { code, value } => samples.extend(self.imu.add(t, code, value)),
                Word::Aps => aps.add(i),
                Word::Unknown => unknown.add(i),
            }
        }
        self.met.records += records.len() as u64;
        self.met.odd += unknown.n + outside.n;
        self.met.external += triggers.len() as u64;
        let kinds = [
            (
                LossKind::SideStreams,
                "samples of frames (APS), which are not read from AEDAT 2.0",
                aps,
            ),
            (
                LossKind::Unknown,
                "addresses with bits that mean nothing",
                unknown,
            ),
            (
                LossKind::BeyondSensor,
                "events with an address beyond the sensor",
                outside,
            ),
            (
                LossKind::Unknown,
                "events of cameras that have none in the first part of the recording",
                unseen,
            ),
        ];
        for (kind, what, count) in kinds {
            losses.add(kind, what, count.n, place(count.first));
        }
        let source = vec![PULSE; triggers.len()];
        side.add(trigger_rows(TRIGGERS, triggers, source));
        side.add(imu_rows(IMU, &samples));
    }

    /// Counts what was begun and not ended.
    pub(super) fn end(&mut self, losses: &mut Losses) {
        let what = "words of IMU samples that are not whole";
        losses.add(
            LossKind::SideStreams,
            what,
            self.imu.end(),
            Place::default(),
        );
    }
}

/// An address that counts from the other end.
fn flip(address: u16, len: u32) -> Option<u16> {
    (len - 1).checked_sub(address.into()).map(|v| v as u16)
}

/// How many, and which was the first.
#[derive(Default)]
struct Count {
    n: u64,
    first: usize,
}

impl Count {
    fn add(&mut self, i: usize) {
        if self.n == 0 {
            self.first = i;
        }
        self.n += 1;
    }
}
