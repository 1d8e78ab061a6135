//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use std::path::{Path, PathBuf};

use common::{Recording, read};
use evz_core::{ClockKind, Input, OpenOptions, SensorSize, TimeBase};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS");
    if folder.is_none() {
        eprintln!("skipped: EVZ_RECORDINGS is not set");
    }
    folder.map(PathBuf::from)
}

fn open(folder: &Path, name: &str) -> Recording {
    let input = Input::open(folder.join(name)).unwrap();
    let recording = read(evz_ros::open(input, &OpenOptions::new()).unwrap());
    assert!(recording.error.is_none());
    recording
}

fn size(width: u32, height: u32) -> Option<SensorSize> {
    Some(SensorSize { width, height })
}

#[test]
fn evt3_in_a_bag() {
    let Some(folder) = folder() else { return };
    let recording = open(&folder, "test_events_1.bag");
    let truth = std::fs::read(folder.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    let truth = &truth["test_events_1.bag"];
    assert_eq!(
        recording.events.len() as u64,
        truth["events"].as_u64().unwrap()
    );
    assert_eq!(recording.digest(1), truth["sha256"].as_str().unwrap());
    assert_eq!(recording.info.size, size(640, 480));
    assert_eq!(recording.info.time_base, TimeBase::MICROSECONDS);
    assert_eq!(recording.info.clock.kind, ClockKind::Sensor);
    assert_eq!(recording.losses(), []);
    println!("{:#?}", recording.report);
}

#[test]
fn libcaer_cmp_in_mcap() {
    let Some(folder) = folder() else { return };
    let recording = open(&folder, "test_events_2_0.mcap");
    assert_eq!(recording.events.len(), 571_266);
    assert_eq!(recording.info.size, size(346, 260));
    assert_eq!(recording.info.time_base, TimeBase::NANOSECONDS);
    assert_eq!(recording.info.clock.kind, ClockKind::Unix);
    assert_eq!(recording.losses(), []);
    println!("{:#?} {}", recording.report, recording.digest(1));
}
