//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod common;

use common::{digest, folder, read_file};
use evz_core::{ClockKind, SensorSize, TimeBase};

#[test]
fn real_recordings_read_as_others_read_them() {
    let Some(folder) = folder() else { return };
    let truth = std::fs::read(folder.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    for name in ["evt2_dsec.h5", "evt2_ecf.h5", "davis346_mvsec.h5"] {
        let recording = read_file(&folder.join(name));
        assert!(recording.error.is_none(), "{:?}", recording.error);
        assert_eq!(recording.losses(), [], "{name}");
        let truth = &truth[name];
        assert_eq!(recording.events.len() as u64, truth["events"], "{name}");
        assert_eq!(recording.info.time_base, TimeBase::MICROSECONDS);
        assert_eq!(digest(&recording.events), truth["sha256"], "{name}");
    }
}

#[test]
fn what_is_said_of_them() {
    let Some(folder) = folder() else { return };
    let dsec = read_file(&folder.join("evt2_dsec.h5"));
    assert_eq!(
        dsec.report.inferred,
        [
            "read as: t = \"events/t\" (uint32, microseconds as in DSEC), x = \"events/x\" (uint16), \
          y = \"events/y\" (uint16), p = \"events/p\" (uint8)"
        ]
    );
    assert_eq!(dsec.notes(), ["t_offset, 913716224, is added to all times"]);
    assert_eq!(dsec.info.clock_offset, 913_716_224);
    assert_eq!(dsec.info.size, None);
    let ecf = read_file(&folder.join("evt2_ecf.h5"));
    let size = SensorSize {
        width: 1280,
        height: 720,
    };
    assert_eq!(ecf.info.size, Some(size));
    assert_eq!(
        ecf.report.inferred[1],
        "the sensor is 1280x720 by attribute geometry"
    );
    let mvsec = read_file(&folder.join("davis346_mvsec.h5"));
    assert_eq!(
        mvsec.report.inferred,
        [
            "read as: x y t p as in MVSEC of \"davis/left/events\" (float64, seconds as in MVSEC, to the \
          microsecond)"
        ]
    );
    assert_eq!(mvsec.info.clock.kind, ClockKind::Unix);
    assert_eq!(mvsec.notes().len(), 1);
    assert!(mvsec.notes()[0].contains("238 ns"));
}
