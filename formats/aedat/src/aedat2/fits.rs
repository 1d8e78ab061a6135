//! Which layouts the addresses of a recording fit, where the one that they are read in looks wrong.

use evz_core::{Note, Question, SensorSize, WayOut};

use super::{RECORD_LEN, Version, chip::Layout, word::Word};

/// Records that are looked at, at most.
const RECORDS: usize = 8192;

/// The layouts that the first records fit, by name, but for the one in which they are read.
pub(super) fn others(
    read_as: Layout,
    version: Version,
    records: &[[u8; RECORD_LEN]],
    told: Option<SensorSize>,
) -> Vec<&'static str> {
    let records = &records[..records.len().min(RECORDS)];
    let layouts = Layout::of_version(version).iter();
    layouts
        .filter(|layout| **layout != read_as && fits(**layout, records, told))
        .map(|layout| layout.name())
        .collect()
}

/// Whether the records make sense: no more than one in 50 means nothing or lies beyond the sensor, few
/// are external events, the others are spread over the sensor and, of a pair, over both cameras.
fn fits(layout: Layout, records: &[[u8; RECORD_LEN]], told: Option<SensorSize>) -> bool {
    let size = layout.size().or(told);
    let [mut odd, mut external, mut events, mut right] = [0; 4];
    let (mut least, mut most) = ((u16::MAX, u16::MAX), (0, 0));
    for record in records {
        let address = (u64::from_be_bytes(*record) >> 32) as u32;
        odd += usize::from(Word::is_stray(address, layout));
        match Word::of(address, layout) {
            Word::Event { x, y, camera, .. } => {
                if size.is_some_and(|size| !size.contains(x, y)) {
                    odd += 1;
                }
                events += 1;
                right += usize::from(camera > 0);
                least = (x.min(least.0), y.min(least.1));
                most = (x.max(most.0), y.max(most.1));
            }
            Word::External => external += 1,
            Word::Imu { .. } | Word::Aps => {}
            Word::Unknown => odd += 1,
        }
    }
    let is_spread = events > 0 && least.0 < most.0 && least.1 < most.1;
    let is_pair = right * 50 > events && (events - right) * 50 > events;
    is_spread
        && odd * 50 <= records.len()
        && external * 4 <= records.len()
        && (layout != Layout::Dvs128Stereo || is_pair)
}

/// What has been met of a recording, besides events.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Met {
    pub(super) records: u64,
    /// Addresses that mean nothing, have bits that are not in use, or lie beyond the sensor.
    pub(super) odd: u64,
    /// External events.
    pub(super) external: u64,
}

/// Records from which on it is odd what most of them are.
const MANY: u64 = 100;

impl Met {
    /// Says it if a quarter of the records are odd, or half of them are external events.
    pub(super) fn note(self, layout: Layout) -> Option<Note> {
        let Self {
            records,
            odd,
            external,
        } = self;
        let name = layout.name();
        let what = match records >= MANY {
            true if odd >= records / 4 => {
                format!("{odd} of {records} addresses cannot be those of {name}")
            }
            true if external >= records / 2 => {
                format!("{external} of {records} addresses are external events as those of {name}")
            }
            _ => return None,
        };
        Some(Note::Doubtful {
            what,
            instead: None,
        })
    }
}

/// Says what fits better where something is in doubt.
pub(super) fn say_instead(notes: &mut [Note], layouts: &[&str]) {
    let layouts: Vec<String> = layouts.iter().map(|&name| name.to_owned()).collect();
    for note in notes {
        if let Note::Doubtful { instead, .. } = note
            && !layouts.is_empty()
        {
            *instead = Some(WayOut::Tell(Question::Encoding, layouts.clone()));
        }
    }
}
