//! Files that h5py wrote, one a layout, and all filters and indexes of chunks: `files/make.py`.

mod common;

use common::{digest, hex, input, read};
use evz_core::{EventSource, OpenOptions, SensorSize, SideValues, TimeUnit};

/// What numpy says of a stream of a file.
fn truth_of(name: &str, stream: &str) -> serde_json::Value {
    let truth = std::fs::read(common::file("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    truth[name][stream].clone()
}

/// What numpy says of the event streams of a file.
fn truth(name: &str) -> Vec<(String, u64, String)> {
    let truth = std::fs::read(common::file("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    let streams = truth[name].as_object().unwrap().iter();
    let stream = |(stream, of): (&String, &serde_json::Value)| {
        let sha256 = of["sha256"].as_str().unwrap().to_owned();
        (stream.clone(), of["events"].as_u64().unwrap(), sha256)
    };
    streams.map(stream).collect()
}

/// Every stream of a file, each opened by its name, is what numpy says.
fn check(name: &str, options: &OpenOptions) {
    for (stream, events, sha256) in truth(name) {
        let options = options.clone().with_stream(&*stream);
        let source = evz_hdf5::open(input(name), &options);
        let recording = read(source.unwrap_or_else(|e| panic!("{stream}: {e}")));
        assert!(
            recording.error.is_none(),
            "{name}, {stream}: {:?}",
            recording.error
        );
        assert_eq!(recording.losses(), [], "{name}, {stream}");
        assert_eq!(recording.events.len() as u64, events, "{name}, {stream}");
        assert_eq!(digest(&recording.events), sha256, "{name}, {stream}");
    }
}

fn in_us() -> OpenOptions {
    OpenOptions::new().with_time_unit(TimeUnit::Microseconds)
}

#[test]
fn filters() {
    check("filters_earliest.h5", &in_us());
    check("filters_latest.h5", &in_us());
}

#[test]
fn indexes_of_chunks() {
    check("indexes_earliest.h5", &in_us());
    check("indexes_latest.h5", &in_us());
}

#[test]
fn layouts() {
    for name in [
        "tumvie.h5",
        "m3ed.h5",
        "mvsec.h5",
        "v2e.h5",
        "v2e_seconds.h5",
        "monash_earliest.h5",
        "monash_latest.h5",
        "prophesee.h5",
        "dsec.h5",
    ] {
        check(name, &OpenOptions::new());
    }
}

#[test]
fn frames_and_samples_beside_the_events() {
    let options = OpenOptions::new().with_stream("right");
    let source = evz_hdf5::open(input("mvsec.h5"), &options).unwrap();
    assert_eq!(source.side_streams(), ["frames", "imu"]);
    let recording = read(source);
    let frames = recording.side("frames");
    let names: Vec<&str> = frames.columns.iter().map(|c| &*c.name).collect();
    assert_eq!(names, ["format", "width", "height", "pixels"]);
    assert_eq!(frames.columns[1].values, SideValues::U16(vec![8; 5]));
    assert_eq!(frames.columns[2].values, SideValues::U16(vec![6; 5]));
    assert_eq!(frames.t[0], recording.events.t[0]);
    assert_eq!(frames.t[4], recording.events.t[240]);
    let SideValues::Bytes(pixels) = &frames.columns[3].values else {
        panic!("{frames:?}");
    };
    let beside = truth_of("mvsec.h5", "right");
    assert_eq!(hex(&pixels.concat()), beside["frames"]);
    let imu = recording.side("imu");
    assert_eq!((imu.t.len(), imu.columns.len()), (7, 6));
    assert_eq!(imu.columns[5].name, "imu5");
    let SideValues::F32(last) = &imu.columns[5].values else {
        panic!("{imu:?}");
    };
    assert_eq!(f64::from(last[6]), beside["imu_last"]);

    for name in ["monash_earliest.h5", "monash_latest.h5"] {
        let recording = read(evz_hdf5::open(input(name), &OpenOptions::new()).unwrap());
        let frames = recording.side("frames");
        assert_eq!(frames.t.len(), 12);
        assert_eq!(frames.t[11], recording.events.t[550]);
        let SideValues::Bytes(pixels) = &frames.columns[3].values else {
            panic!("{frames:?}");
        };
        assert_eq!(pixels[11], [11; 20]);
        let size = SensorSize {
            width: 346,
            height: 260,
        };
        assert_eq!(recording.info.size, Some(size));
    }
}

#[test]
fn triggers_and_attributes_of_prophesee() {
    let recording = read(evz_hdf5::open(input("prophesee.h5"), &OpenOptions::new()).unwrap());
    let triggers = recording.side("triggers");
    assert_eq!(triggers.t, [10, 2000, 9000]);
    let polarity = SideValues::Bool(vec![true, false, true]);
    assert_eq!(triggers.columns[0].values, polarity);
    assert_eq!(triggers.columns[1].values, SideValues::U8(vec![0, 0, 6]));
    let said = |key: &str| recording.info.metadata[key].as_text().unwrap();
    assert_eq!(said("hdf5.geometry"), "1280x720");
    assert_eq!(said("hdf5.serial_number"), "00001621");
    assert_eq!(said("source.format"), "hdf5 prophesee");
}
