//! Files that h5py wrote, one a layout, and all filters and indexes of chunks: `files/make.py`.

mod common;

use common::{digest, input, read};
use evz_core::{OpenOptions, TimeUnit};

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
