//! Real recordings against what other decoders made of them.

mod common;

use common::{Recording, drain, recordings};
use evz_aedat::{Aedat4Sink, Compression};
use evz_core::{EventBatch, EventSink, Input, Metadata, OpenOptions, Output, SideValues};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};

fn hex(sha: Sha256) -> String {
    sha.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// Columns of `t`, `x`, `y`, `p`, as truth.json has them.
fn digest(recording: &Recording) -> String {
    let mut sha = Sha256::new();
    recording
        .events
        .iter()
        .for_each(|e| sha.update(e.t.to_le_bytes()));
    recording
        .events
        .iter()
        .for_each(|e| sha.update(e.x.to_le_bytes()));
    recording
        .events
        .iter()
        .for_each(|e| sha.update(e.y.to_le_bytes()));
    recording.events.iter().for_each(|e| sha.update([e.p]));
    hex(sha)
}

fn digest_of_times(t: &[i64]) -> String {
    let mut sha = Sha256::new();
    t.iter().for_each(|t| sha.update(t.to_le_bytes()));
    hex(sha)
}

fn read_file(name: &str) -> Option<(Recording, Value)> {
    let folder = recordings()?;
    let input = Input::open(folder.join(name)).unwrap();
    let source = evz_aedat::open(input, &OpenOptions::default()).unwrap();
    let truth = std::fs::read_to_string(folder.join("truth.json")).unwrap();
    let mut truth: Value = serde_json::from_str(&truth).unwrap();
    Some((drain(source).unwrap(), truth[name].take()))
}

#[test]
fn recordings_have_their_digest() {
    for name in ["davis346.aedat4", "tonic_sample.aedat4"] {
        let Some((read, truth)) = read_file(name) else {
            return;
        };
        assert_eq!(digest(&read), truth["sha256"].as_str().unwrap(), "{name}");
        let size = read.info.size.unwrap();
        assert_eq!(
            [size.width, size.height].map(u64::from).map(Some),
            [truth["width"].as_u64(), truth["height"].as_u64()]
        );
        assert_eq!(read.losses(), []);
        assert_eq!(read.notes(), [""; 0]);
    }
}

/// Numbers, first and last times, and the SHA-256 of all times, as dv-processing 2.0.4 has them.
#[test]
fn side_streams_are_those_of_dv_processing() {
    let Some((davis, _)) = read_file("davis346.aedat4") else {
        return;
    };
    let expected = [
        (
            "frames",
            59,
            1_589_163_147_364_965,
            1_589_163_149_684_966,
            "ba9a454d33f70fb3e986099339323f9978e48a5d24167750e7ffe1b6c1d4ffa2",
        ),
        (
            "imu",
            2_363,
            1_589_163_147_369_190,
            1_589_163_149_728_420,
            "2798eb50c39e3ce76fa4327181104a963e532554f70bec543a7dd08fcf04328b",
        ),
        (
            "triggers",
            236,
            1_589_163_147_374_647,
            1_589_163_149_725_466,
            "c0f90e37c924b9a2576554738d0cbf87abcf7552abc5d943b91dcdebbfb2ae91",
        ),
    ];
    assert_eq!(davis.side.len(), expected.len());
    for (name, n, first, last, sha) in expected {
        let t = &davis.side(name).t;
        assert_eq!((t.len(), t[0], t[n - 1]), (n, first, last), "{name}");
        assert_eq!(digest_of_times(t), sha, "{name}");
    }
    let Some((dvxplorer, _)) = read_file("tonic_sample.aedat4") else {
        return;
    };
    assert_eq!(dvxplorer.side_names(), ["imu"]);
    assert_eq!(dvxplorer.side("imu").len(), 475);
    assert_eq!(
        digest_of_times(&dvxplorer.side("imu").t),
        "90f990e00feb0ef8be05df01d9733db9e9ef8fb86a590f12de344a30de035a4a"
    );
}

/// SHA-256 of all values, row by row, as dv-processing 2.0.4 has them.
#[test]
fn values_of_side_streams_are_those_of_dv_processing() {
    let Some((davis, _)) = read_file("davis346.aedat4") else {
        return;
    };
    let imu = davis.side("imu");
    let mut sha = Sha256::new();
    for row in 0..imu.len() {
        for column in &imu.columns {
            let SideValues::F32(values) = &column.values else {
                panic!("{}", column.name);
            };
            sha.update(values[row].to_le_bytes());
        }
    }
    assert_eq!(
        hex(sha),
        "fc54f3fb72896991111e38a65a11c5972afa749ca88831b3046780e53ea6ea7f"
    );

    let SideValues::Bytes(frames) = davis.column("frames", "pixels") else {
        panic!("no pixels");
    };
    let mut sha = Sha256::new();
    frames.iter().for_each(|pixels| sha.update(pixels));
    assert_eq!(
        hex(sha),
        "426322131f3866cb3e39f2002e9971353a02a985e21816f12a77c65e17c46438"
    );
    assert_eq!(
        davis.column("frames", "width"),
        &SideValues::U16(vec![346; 59])
    );
    assert_eq!(
        davis.column("frames", "format"),
        &SideValues::U8(vec![0; 59])
    );

    // Begin and end of each frame and of its exposure.
    let SideValues::U8(sources) = davis.column("triggers", "source") else {
        panic!("no sources");
    };
    let mut sha = Sha256::new();
    sha.update(sources);
    assert_eq!(
        hex(sha),
        "33e52f2d6e0cc7d6f719e71b4336cc52020501f28da09000aa9a86f0b2b4acd3"
    );
}

#[test]
fn recordings_come_back_from_what_is_written() {
    let Some((davis, _)) = read_file("davis346.aedat4") else {
        return;
    };
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let out = Arc::new(Mutex::new(Vec::new()));
        let output = Output::from_writer(Shared(out.clone()), "b.aedat4");
        let sink = Aedat4Sink::create(output, &davis.info);
        let mut sink = Box::new(sink.unwrap().with_compression(compression));
        // Rows come before the events of their time, and after them.
        let [frames, rest @ ..] = &davis.side[..] else {
            panic!("{:?}", davis.side_names());
        };
        assert!(sink.write_side(frames.clone()).unwrap());
        let events: EventBatch = davis.events.iter().copied().collect();
        for start in (0..events.len()).step_by(7_777) {
            let end = events.len().min(start + 7_777);
            sink.write_batch(events.as_slice().slice(start..end))
                .unwrap();
        }
        for rows in rest {
            assert!(sink.write_side(rows.clone()).unwrap());
        }
        let report = sink.finish(&Metadata::new()).unwrap();
        assert_eq!(report, evz_core::Report::default());
        let back = common::read(&out.lock().unwrap());
        assert!(back.events == davis.events);
        assert_eq!(back.side_names().len(), 3);
        for rows in &davis.side {
            assert!(back.side(&rows.stream) == rows, "{}", rows.stream);
        }
        assert_eq!(back.info.size, davis.info.size);
        let camera = "aedat.camera";
        assert_eq!(back.info.metadata[camera], davis.info.metadata[camera]);
        assert_eq!(back.losses(), []);
        assert_eq!(back.notes(), [""; 0]);
    }
}

struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
