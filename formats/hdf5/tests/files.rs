//! Files that h5py wrote, one a layout, and all filters and indexes of chunks: `files/make.py`.

mod common;

use common::{digest, hex, input, read};
use evz_core::{EventSource, OpenOptions, Question, SensorSize, SideValues, TimeBase, TimeUnit};

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
        assert_eq!(frames.t.len(), 40);
        assert_eq!(frames.t[39], recording.events.t[585]);
        let SideValues::Bytes(pixels) = &frames.columns[3].values else {
            panic!("{frames:?}");
        };
        assert_eq!(pixels[39], [39; 20]);
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

#[test]
fn what_is_unusual() {
    for stream in ["big_endian", "signs", "compact"] {
        let options = OpenOptions::new().with_stream(stream);
        let recording = read(evz_hdf5::open(input("odd.h5"), &options).unwrap());
        let truth = truth_of("odd.h5", stream);
        assert_eq!(digest(&recording.events), truth["sha256"], "{stream}");
        assert!(recording.report.inferred[0].contains("microseconds by an attribute"));
    }
}

/// What a file itself says of the unit of its times goes before what others of its layout have.
#[test]
fn a_unit_that_the_file_says() {
    check("units.h5", &OpenOptions::new());
    let (us, ms, ns) = (
        TimeBase::MICROSECONDS,
        TimeBase::MILLISECONDS,
        TimeBase::NANOSECONDS,
    );
    for (stream, base, how) in [
        ("by_ns", ns, "nanoseconds by its name"),
        ("by_ms", ms, "milliseconds by its name"),
        ("record_ns", ns, "nanoseconds by its name"),
        ("record_ms", ms, "milliseconds by its name"),
        ("left", ns, "nanoseconds by its name"),
        ("attribute", ms, "milliseconds by an attribute"),
        (
            "table",
            us,
            "milliseconds by an attribute, to the microsecond",
        ),
        ("CD", us, "seconds for they are floats, to the microsecond"),
    ] {
        let options = OpenOptions::new().with_stream(stream);
        let source = evz_hdf5::open(input("units.h5"), &options).unwrap();
        assert_eq!(source.info().time_base, base, "{stream}");
        let said = &source.report().inferred[0];
        assert!(said.contains(how), "{stream}: {said}");
        // What is told goes before all.
        let options = options.with_time_unit(TimeUnit::Nanoseconds);
        let source = evz_hdf5::open(input("units.h5"), &options).unwrap();
        assert_eq!(source.info().time_base, ns, "{stream}");
    }
}

#[test]
fn a_unit_that_is_not_known_is_asked_for() {
    for (stream, why) in [
        ("ticks", "unit says \"100ns\""),
        ("epoch", "unit says \"microseconds since epoch\""),
        ("number", "unit says \"[1000]\""),
        ("monash", "none has more than three decimals"),
        ("right", "none has more than three decimals"),
    ] {
        let options = OpenOptions::new().with_stream(stream);
        let Err(error) = evz_hdf5::open(input("units_unknown.h5"), &options) else {
            panic!("{stream} opened");
        };
        assert_eq!(error.question(), Some(Question::TimeUnit), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    check("units_unknown.h5", &in_us());
}

#[test]
fn all_groups_however_many_there_are() {
    let sources = evz_hdf5::open_streams(input("many.h5"), &OpenOptions::new()).unwrap();
    let truth = truth("many.h5");
    assert_eq!((sources.len(), truth.len()), (102, 102));
    for source in sources {
        let name = source.info().name.clone();
        let recording = read(source);
        let (_, _, sha256) = truth.iter().find(|(stream, ..)| *stream == name).unwrap();
        assert_eq!(digest(&recording.events), *sha256, "{name}");
        assert_eq!(recording.losses(), [], "{name}");
        let links = match &*name {
            "wide" => "\"elsewhere\", \"wide/events/far\"",
            _ => "\"elsewhere\"",
        };
        let links = format!("links into other files that are not read: {links}");
        assert!(recording.notes().contains(&links), "{name}: {recording:?}");
    }
}

#[test]
fn columns_by_their_paths() {
    for paths in [
        "t=raw/when,x=raw/where/0,y=raw/where/1,p=raw/sign/on",
        "t=/link/when,x=link/where/0,y=raw/where/1,p=link/sign/on",
    ] {
        let options = in_us().with_paths(paths.parse().unwrap());
        let recording = read(evz_hdf5::open(input("odd.h5"), &options).unwrap());
        assert_eq!(
            digest(&recording.events),
            truth_of("odd.h5", "paths")["sha256"]
        );
    }
    let refused = |paths: &str| {
        let options = in_us().with_paths(paths.parse().unwrap());
        let Err(error) = evz_hdf5::open(input("odd.h5"), &options) else {
            panic!("{paths} opened");
        };
        error.to_string()
    };
    let missing = refused("t=raw/when,x=raw/where/2,y=raw/where/1,p=raw/sign/on");
    assert!(
        missing.contains("there is no column \"2\" in raw/where"),
        "{missing}"
    );
    assert!(missing.contains("raw/where int32 [200, 2]"), "{missing}");
    let table = refused("t=raw/when,x=raw/where,y=raw/where/1,p=raw/sign/on");
    assert!(
        table.contains("name a column of it by its number, raw/where/0"),
        "{table}"
    );
    let none = refused("t=when,x=raw/where/0,y=raw/where/1,p=raw/sign/on");
    assert!(none.contains("there is no dataset \"when\""), "{none}");
}

#[test]
fn an_order_that_is_told() {
    let with = |columns: &str| in_us().with_columns(columns.parse().unwrap());
    let source = evz_hdf5::open(input("v2e.h5"), &with("t,y,x,p")).unwrap();
    let swapped = read(source).events;
    let events = read(evz_hdf5::open(input("v2e.h5"), &in_us()).unwrap()).events;
    assert_eq!((swapped.x, swapped.y), (events.y, events.x));
    let refused = |name: &str, columns: &str| {
        let Err(error) = evz_hdf5::open(input(name), &with(columns)) else {
            panic!("{columns} opened");
        };
        error.to_string()
    };
    let five = refused("v2e.h5", "t,x,y,p,-");
    assert!(
        five.contains("its shape is [700, 4], and 5 columns are told"),
        "{five}"
    );
    let named = refused("dsec.h5", "txyp");
    assert!(named.contains("its columns have names"), "{named}");
}

#[test]
fn what_was_never_written_is_counted() {
    let recording = read(evz_hdf5::open(input("holes.h5"), &OpenOptions::new()).unwrap());
    assert_eq!(recording.losses(), [("rows that were never written", 300)]);
    assert_eq!(
        digest(&recording.events),
        truth_of("holes.h5", "events")["sha256"]
    );
}

#[test]
fn chunks_of_ecf_packed_and_plain() {
    let recording = read(evz_hdf5::open(input("ecf.h5"), &OpenOptions::new()).unwrap());
    assert_eq!(recording.losses(), [("rows that were never written", 100)]);
    assert_eq!(
        digest(&recording.events),
        truth_of("ecf.h5", "CD")["sha256"]
    );
}

#[test]
fn what_is_refused_says_why_and_what_helps() {
    let refused = |name: &str| {
        let Err(error) = evz_hdf5::open(input(name), &OpenOptions::new()) else {
            panic!("{name} opened");
        };
        let text = error.to_string();
        let (_, text) = text.split_once("h5.gz: ").unwrap();
        text.to_owned()
    };
    assert_eq!(
        refused("filters_not_read.h5"),
        "dataset events/t: its chunks went through filter 32026 (Blosc 2), which is not read; copy it \
         with `h5repack -f GZIP=1` where that filter is installed"
    );
    assert!(refused("virtual.h5").contains("a virtual dataset, whose values stand in other files"));
    assert_eq!(
        refused("elsewhere.h5"),
        "it has no events in a layout that is known; it has events (a link into another file, which is \
         not opened), numbers int64 [10], table float32 [3, 4]; set paths to t=GROUP/t,x=GROUP/x,y=GROUP/y,p=GROUP/p"
    );
    assert_eq!(
        refused("whole_no_unit.h5"),
        "column \"t\" holds whole numbers, and nothing says of which unit; set time_unit to s, ms, us \
         or ns"
    );
    assert!(refused("nanoseconds.h5").ends_with("set time_unit to s, ms, us or ns"));
    assert_eq!(
        refused("m3ed.h5"),
        "it has 2 event streams; set stream to left or right"
    );
    let options = OpenOptions::new().with_stream("middle");
    let Err(error) = evz_hdf5::open(input("m3ed.h5"), &options) else {
        panic!("opened");
    };
    assert!(
        error
            .to_string()
            .contains("it has no stream \"middle\"; it has left, right")
    );
}

#[test]
fn several_cameras_at_once() {
    for name in ["m3ed.h5", "mvsec.h5"] {
        let sources = evz_hdf5::open_streams(input(name), &OpenOptions::new()).unwrap();
        let names: Vec<String> = sources.iter().map(|s| s.info().name.clone()).collect();
        assert_eq!(names, ["left", "right"]);
        for source in sources {
            let stream = source.info().name.clone();
            let recording = read(source);
            assert_eq!(digest(&recording.events), truth_of(name, &stream)["sha256"]);
            // What is beside a camera says so.
            let number = names.iter().position(|n| *n == stream).unwrap() as u16;
            assert_eq!(recording.side.is_empty(), name == "m3ed.h5");
            assert!(recording.side.iter().all(|rows| rows.of == Some(number)));
        }
    }
}
