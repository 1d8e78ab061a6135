//! Every variant of text that has a fixture: read right, or stopped with the question that settles
//! it. What is expected was written by hand.

mod common;

use std::collections::BTreeSet;

use common::{fixture, print_back, read_file, read_pipe};
use evz_core::{
    ErrorKind, Input, Note, OpenOptions, Place, Question, SensorSize, TimeUnit, WayOut,
};

/// t in microseconds, x, y, p: what most of the fixtures hold, each in its own way.
const EVENTS: [(i64, u16, u16, u8); 8] = [
    (3811, 96, 133, 0),
    (3820, 101, 20, 1),
    (3820, 3, 239, 1),
    (4105, 200, 7, 0),
    (5000, 0, 55, 1),
    (5021, 17, 180, 0),
    (5999, 96, 90, 1),
    (7200, 310, 0, 1),
];

/// Microseconds since 1970 at which some fixtures start.
const EPOCH: i64 = 1_589_163_147_368_868;

enum Goes {
    /// Back to the same bytes.
    Back,
    /// Not, from this line on.
    Changed(u64),
}
use Goes::{Back, Changed};

/// The fixture holds these events, times in nanoseconds, and is read as this.
fn is_read(
    name: &str,
    options: &OpenOptions,
    read_as: &str,
    events: &[(i64, u16, u16, u8)],
    goes: Goes,
) {
    let recording = read_file(fixture(name), options).unwrap_or_else(|e| panic!("{name}: {e}"));
    let expected: Vec<_> = events
        .iter()
        .map(|&(t, x, y, p)| (i128::from(t), x, y, p))
        .collect();
    assert_eq!(recording.in_nanoseconds(), expected, "{name}");
    assert_eq!(
        recording.report.inferred[0],
        format!("read as: {read_as}"),
        "{name}"
    );
    match goes {
        Back => {
            assert_eq!(recording.regular(), Some(Ok(())), "{name}");
            if !is_packed(name) {
                let bytes = std::fs::read(fixture(name)).unwrap();
                let printed = print_back(&recording).unwrap();
                assert_eq!(
                    printed.escape_ascii().to_string(),
                    bytes.escape_ascii().to_string(),
                    "{name}"
                );
            }
        }
        Changed(line) => assert_eq!(recording.regular(), Some(Err(line)), "{name}"),
    }
}

fn is_packed(name: &str) -> bool {
    [".gz", ".zst", ".zip"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// [`EVENTS`] in nanoseconds, later by so many microseconds.
fn events_after(offset_us: i64) -> Vec<(i64, u16, u16, u8)> {
    EVENTS
        .iter()
        .map(|&(t, x, y, p)| ((t + offset_us) * 1000, x, y, p))
        .collect()
}

fn plain(name: &str, read_as: &str, goes: Goes) {
    is_read(
        name,
        &OpenOptions::default(),
        read_as,
        &events_after(0),
        goes,
    );
}

/// The fixture can be read in several ways: these answers settle it before others do, and the error
/// says so much.
fn stops(name: &str, question: Question, answers: &[&str], said: &[&str]) {
    let error = read_file(fixture(name), &OpenOptions::default())
        .map(|_| ())
        .expect_err(name);
    assert_eq!(error.kind(), ErrorKind::Ambiguous, "{name}: {error}");
    assert_eq!(error.question(), Some(question), "{name}: {error}");
    let [WayOut::Tell(_, readings)] = error.ways_out() else {
        panic!("{name}: {error}");
    };
    let first: Vec<&str> = (readings.iter().map(String::as_str))
        .take(answers.len())
        .collect();
    assert_eq!(first, answers, "{name}: {error}");
    let text = error.to_string();
    for part in said {
        assert!(text.contains(part), "{name}: {text}");
    }
    assert!(!text.contains('\n'), "{name}: {text}");
}

#[test]
fn variants_of_the_peers() {
    plain(
        "ecd_seconds.txt",
        "t x y p, seconds (9 decimals), polarity 0/1",
        Back,
    );
    plain(
        "evimo_seconds.txt",
        "t x y p, seconds (6 decimals), polarity 0/1",
        Back,
    );
    plain(
        "e2vid_size_line.txt",
        "t x y p, seconds (12 decimals), polarity 0/1, 320x240 from the first line",
        Back,
    );
    plain(
        "hdr_size_line.txt",
        "t x y p, seconds (6 decimals), polarity 0/1, 320x240 from the first line",
        Back,
    );
    is_read(
        "v2e.txt",
        &OpenOptions::default(),
        "t x y p, seconds (decimals vary) (from the header), polarity 0/1",
        &[
            (0, 96, 133, 0),
            (1_000, 101, 20, 1),
            (25_000, 3, 239, 1),
            (130_000, 200, 7, 0),
            (2_000_000, 0, 55, 1),
            (2_000_500, 17, 180, 0),
        ],
        Changed(4),
    );
    let metavision = "x y p t, microseconds (layout of Metavision CSV), polarity 0/1";
    plain("metavision.csv", metavision, Back);
    plain(
        "metavision_geometry.csv",
        &format!("{metavision}, 320x240 from the header"),
        Back,
    );
    plain(
        "faery.csv",
        "t x y p (from the header), microseconds (header of faery CSV), polarity 0/1, 320x240 from the header",
        Back,
    );
    for (name, polarity, goes) in [
        ("dv.csv", "0/1", Back),
        ("dv_true_false.csv", "False/True", Back),
        ("dv_lowercase_words.csv", "false/true", Back),
    ] {
        is_read(
            name,
            &OpenOptions::default(),
            &format!("t x y p (from the header), microseconds since 1970, polarity {polarity}"),
            &events_after(EPOCH),
            goes,
        );
    }
    is_read(
        "tugraz_signed.txt",
        &OpenOptions::default(),
        "t x y p, seconds (4 decimals), polarity -1/1",
        &[
            (3_800_000, 96, 133, 0),
            (3_800_000, 101, 20, 1),
            (4_100_000, 200, 7, 0),
            (5_000_000, 0, 55, 1),
            (5_900_000, 96, 90, 0),
        ],
        Back,
    );
    let seconds = "t x y p, seconds (6 decimals), polarity 0/1";
    plain("ncars_decimals.txt", seconds, Back);
    plain("ncars_scientific.txt", seconds, Back);
    is_read(
        "evlib_noise.txt",
        &OpenOptions::default(),
        "t x y p, seconds (9 decimals), polarity 0/1",
        &[
            (779_999, 96, 133, 0),
            (790_000, 101, 20, 1),
            (801_999, 3, 239, 1),
            (805_000, 200, 7, 0),
        ],
        Back,
    );
    plain(
        "tracker.csv",
        "t x y p (from the header), microseconds (from the header), polarity 0/1",
        Back,
    );
}

#[test]
fn times_below_the_nanosecond_are_rounded_and_counted() {
    let name = "e2vid_epoch_noise.txt";
    is_read(
        name,
        &OpenOptions::default(),
        "t x y p, seconds (12 decimals), polarity 0/1, 346x260 from the first line",
        &[
            (1_468_939_993_067_416_190, 96, 133, 0),
            (1_468_939_993_067_419_052, 101, 20, 1),
            (1_468_939_993_067_419_052, 3, 239, 1),
            (1_468_939_993_067_425_000, 200, 7, 0),
            (1_468_939_993_067_431_927, 0, 55, 1),
        ],
        Changed(3),
    );
    let options = OpenOptions::default();
    let report = read_file(fixture(name), &options).unwrap().report;
    assert_eq!(report.losses.len(), 1);
    assert_eq!(
        report.losses[0].what,
        "times with digits below the nanosecond"
    );
    assert_eq!(report.losses[0].count, 4);
    assert!(
        report.losses[0].examples[0].contains("line 3 at byte 41"),
        "{:?}",
        report.losses
    );

    plain(
        "savetxt_default.txt",
        "t x y p, seconds (decimals vary), polarity 0/1",
        Changed(1),
    );
}

#[test]
fn what_is_cheap_to_accept() {
    let seconds = "t x y p, seconds (6 decimals), polarity 0/1";
    plain("semicolons.txt", seconds, Back);
    plain("comma_space.txt", seconds, Back);
    plain("crlf.txt", seconds, Back);
    plain("bom_no_header.txt", seconds, Back);
    plain("no_final_newline.txt", seconds, Back);
    plain("blank_lines.txt", seconds, Changed(3));
    plain("aligned.txt", seconds, Changed(1));
    plain(
        "bom.csv",
        "t x y p (from the header), seconds (6 decimals), polarity 0/1",
        Back,
    );
    plain(
        "commented_names.txt",
        "x y t p (from the header), seconds (6 decimals), polarity 0/1",
        Back,
    );
    plain(
        "yx_named.txt",
        "t y x p (from the header), seconds (6 decimals), polarity 0/1",
        Back,
    );
    plain(
        "ns_named.txt",
        "t x y p (from the header), nanoseconds (from the header), polarity 0/1",
        Back,
    );
    plain(
        "unit_in_brackets.csv",
        "t x y p (from the header), microseconds (from the header), polarity 0/1",
        Back,
    );
    plain(
        "ms_named.csv",
        "t x y p (from the header), milliseconds (3 decimals) (from the header), polarity 0/1",
        Back,
    );
    // Had the clock counted nanoseconds, this would be 250 M events/s.
    let start = 1_589_163_147_000_000_000;
    let fast: Vec<_> = (0..12u16)
        .map(|i| (start + i64::from(i) * 4_000, 10 + i, 20 + i, (i % 2) as u8))
        .collect();
    is_read(
        "us_epoch_fast.txt",
        &OpenOptions::default(),
        "t x y p, microseconds since 1970, polarity 0/1",
        &fast,
        Back,
    );
    let nanoseconds: Vec<_> = events_after(EPOCH)
        .into_iter()
        .map(|(t, x, y, p)| (t + 7, x, y, p))
        .collect();
    is_read(
        "ns_epoch.txt",
        &OpenOptions::default(),
        "t x y p, nanoseconds since 1970, polarity 0/1",
        &nanoseconds,
        Back,
    );
    is_read(
        "negative_times.txt",
        &OpenOptions::default(),
        seconds,
        &[
            (-100_000, 96, 133, 0),
            (-1_000, 101, 20, 1),
            (0, 3, 239, 1),
            (400_000, 200, 7, 0),
        ],
        Back,
    );
    is_read(
        "decimals_vary.txt",
        &OpenOptions::default(),
        "t x y p, seconds (decimals vary), polarity 0/1",
        &[
            (100_000_000, 96, 133, 0),
            (250_000_000, 101, 20, 1),
            (250_001_000, 3, 239, 1),
            (300_000_000, 200, 7, 0),
        ],
        Changed(1),
    );
}

#[test]
fn packed_text() {
    let seconds = "t x y p, seconds (9 decimals), polarity 0/1";
    for name in [
        "ecd_seconds.txt.gz",
        "ecd_seconds_two_members.txt.gz",
        "ecd_seconds.txt.zst",
        "stored.zip",
        "streamed.zip",
    ] {
        plain(name, seconds, Back);
    }
    plain(
        "e2vid.zip",
        "t x y p, seconds (12 decimals), polarity 0/1, 320x240 from the first line",
        Back,
    );
    let options = OpenOptions::default();
    let several = "more than one file; unpack it";
    let error = read_file(fixture("two_members.zip"), &options);
    let error = error.err().unwrap();
    assert!(error.to_string().contains(several), "{error}");
    // The same where the end of the file cannot be looked at first.
    let file = std::fs::File::open(fixture("two_members.zip")).unwrap();
    let error = read_pipe(file, &options).err().unwrap();
    assert!(error.to_string().contains(several), "{error}");
}

#[test]
fn two_readings_stop_and_name_the_option() {
    let us_or_ns = |name| stops(name, Question::TimeUnit, &["us", "ns"], &["events/s"]);
    for name in [
        "generic_txyp.csv",
        "generic_xytp.csv",
        "generic_xytp_names.csv",
        "dsec_tabs.txt",
        "edvs.dvs",
        "us_half_second.txt",
        "us_10_s.txt",
        "ns_10_s.txt",
    ] {
        us_or_ns(name);
    }
    us_or_ns("us_2000_s.txt");
    us_or_ns("us_epoch_spaces.txt");
    us_or_ns("metavision_slow.csv");
    stops(
        "two_readings_columns.txt",
        Question::Columns,
        &["txyp", "xytp"],
        &["; set columns to txyp or xytp"],
    );
    stops(
        "size_contradicts.txt",
        Question::Columns,
        &["txyp", "tyxp"],
        &["320x240"],
    );
}

#[test]
fn the_named_option_settles_it() {
    let us = OpenOptions::default().with_time_unit(TimeUnit::Microseconds);
    let by_option = |order: &str| format!("{order}, microseconds (as told), polarity 0/1");
    let now = events_after(0);
    is_read("generic_txyp.csv", &us, &by_option("t x y p"), &now, Back);
    is_read("generic_xytp.csv", &us, &by_option("x y t p"), &now, Back);
    is_read(
        "generic_xytp_names.csv",
        &us,
        &by_option("x y t p (from the header)"),
        &now,
        Back,
    );
    is_read(
        "dsec_tabs.txt",
        &us,
        &by_option("x y p t"),
        &events_after(48_219_000_000),
        Back,
    );
    is_read("edvs.dvs", &us, &by_option("x y p t"), &now, Back);
    for (name, unit, total_ns) in [
        ("us_half_second.txt", TimeUnit::Microseconds, 500_000_000),
        ("us_10_s.txt", TimeUnit::Microseconds, 10_000_000_000),
        ("us_2000_s.txt", TimeUnit::Microseconds, 2_000_000_000_000),
        ("ns_10_s.txt", TimeUnit::Nanoseconds, 10_000_000_000),
    ] {
        let options = OpenOptions::default().with_time_unit(unit);
        let recording = read_file(fixture(name), &options).unwrap();
        let last = *recording.in_nanoseconds().last().unwrap();
        assert_eq!(last, (total_ns, 310, 0, 1), "{name}");
    }
    let swapped = OpenOptions::default().with_columns("tyxp".parse().unwrap());
    is_read(
        "size_contradicts.txt",
        &swapped,
        "t y x p (as told), seconds (6 decimals), polarity 0/1, 320x240 from the first line",
        &now,
        Back,
    );
}

#[test]
fn oddities_are_kept_and_counted() {
    plain(
        "beyond_sensor.txt",
        "t x y p, seconds (6 decimals), polarity 0/1, 200x200 from the first line",
        Back,
    );
    let options = OpenOptions::default();
    let notes = |name| read_file(fixture(name), &options).unwrap().report.notes;
    let size = SensorSize {
        width: 200,
        height: 200,
    };
    let beyond = Note::BeyondSensor {
        events: Some(3),
        size,
        reach: Some((310, 239)),
    };
    assert_eq!(notes("beyond_sensor.txt"), [beyond]);
    let backwards = Note::Backwards {
        times: Some(2),
        first: Some(Place::default().with_line(3)),
    };
    assert_eq!(notes("backward.txt"), [backwards]);
}

#[test]
fn times_with_few_decimals_or_few_events_a_second_stop() {
    stops(
        "three_decimals.txt",
        Question::TimeUnit,
        &["s", "ms", "us"],
        &["; set time_unit to s, ms or us"],
    );
    // As `cat` prints nanoseconds; 0.01 events a second cannot be meant.
    stops(
        "us_three_decimals.txt",
        Question::TimeUnit,
        &["ms", "us"],
        &["10.9 k events/s"],
    );
    let name = "us_epoch_s_three_decimals.txt";
    stops(name, Question::TimeUnit, &["ms", "us"], &[]);
    stops(
        "slow_six_decimals.txt",
        Question::TimeUnit,
        &["s"],
        &["seconds (11.000 s at 1.1 events/s)"],
    );
    let us = OpenOptions::default().with_time_unit(TimeUnit::Microseconds);
    let events: Vec<_> = (0..12u16)
        .map(|i| {
            let t = 1_000_500 + i64::from(i) * 100_000;
            (t, 10 + i, 20 + i, (i % 2) as u8)
        })
        .collect();
    is_read(
        "us_three_decimals.txt",
        &us,
        "t x y p, microseconds (3 decimals) (as told), polarity 0/1",
        &events,
        Back,
    );
}

/// Of [`EVENTS`], those in the fixtures about names.
fn four_events() -> Vec<(i64, u16, u16, u8)> {
    let all = events_after(0);
    [0, 1, 2, 7].map(|i| all[i]).to_vec()
}

#[test]
fn names_decide_or_stop() {
    let default = OpenOptions::default();
    is_read(
        "names_row_column.csv",
        &default,
        "y x t p (from the header), seconds (6 decimals) (from the header), polarity 0/1",
        &four_events(),
        Back,
    );
    is_read(
        "names_positions.csv",
        &default,
        "y x t p (from the header), seconds (6 decimals), polarity 0/1",
        &four_events(),
        Back,
    );
    let told = OpenOptions::default().with_columns("txyp".parse().unwrap());
    for (name, line) in [
        ("names_unknown.txt", "\"when across down sign\""),
        ("names_unknown_commented.txt", "\"# when across down sign\""),
        ("names_nan.txt", "\"nan nan nan nan\""),
    ] {
        stops(
            name,
            Question::Columns,
            &[],
            &["line 1: it looks like the names of the columns", line],
        );
        is_read(
            name,
            &told,
            "t x y p (as told), seconds (6 decimals), polarity 0/1",
            &four_events(),
            Back,
        );
    }
}

#[test]
fn unusual_orders_must_be_told() {
    let said = ["read as p t x y", "; set columns to ptxy"];
    stops("ptxy.txt", Question::Columns, &["ptxy"], &said);
    is_read(
        "ptxy.txt",
        &OpenOptions::default().with_columns("ptxy".parse().unwrap()),
        "p t x y (as told), seconds (6 decimals), polarity 0/1",
        &events_after(0),
        Back,
    );
}

#[test]
fn other_polarities_are_named() {
    for (name, found) in [
        (
            "polarity_1_2.txt",
            "where polarity would stand, which is 0/1, -1/1 or True/False; set polarity_map to ",
        ),
        (
            "polarity_0_255.txt",
            "where polarity would stand, which is 0/1, -1/1 or True/False; set polarity_map to ",
        ),
    ] {
        let error = read_file(fixture(name), &OpenOptions::default());
        let error = error.expect_err(name);
        assert_eq!(error.question(), Some(Question::PolarityMap));
        assert!(error.to_string().contains(found), "{error}");
        let two: Vec<&str> = (name.trim_end_matches(".txt").split('_').skip(1)).collect();
        let values = two.iter().map(|value| format!("{value} ("));
        for value in values {
            assert!(error.to_string().contains(&value), "{error}");
        }
        let maps = match error.ways_out() {
            [WayOut::Tell(Question::PolarityMap, maps), ..] => maps.clone(),
            other => panic!("{other:?}"),
        };
        // Either is taken, and the one is the other turned round.
        let read = |map: &String| {
            let options = OpenOptions::default().with_polarity_map(map.parse().unwrap());
            read_file(fixture(name), &options).expect(map).events
        };
        let [on, off] = [read(&maps[0]), read(&maps[1])];
        assert_eq!((on.is_empty(), &on.x), (false, &off.x));
        assert!(on.p.iter().zip(&off.p).all(|(a, b)| a + b == 1));
    }
}

#[test]
fn every_fixture_is_tested() {
    let source = include_str!("fixtures.rs");
    let names: BTreeSet<String> = std::fs::read_dir(fixture(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    for name in names {
        assert!(
            source.contains(&format!("\"{name}\"")),
            "{name} is in no test"
        );
    }
}

/// What the format makes of a recording, once it is unpacked.
fn probed(input: Input) -> Option<u8> {
    let [text] = evz_text::FORMATS else {
        panic!("text is one format");
    };
    (text.probe)(&input.unpacked().ok()?.clues())
}

#[test]
fn probes_by_content() {
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with('.') && name != "two_members.zip" {
            assert_eq!(probed(Input::open(path).unwrap()), Some(1), "{name}");
        }
    }
    for head in [
        &b""[..],
        b"hello world\n",
        b"% evt 3.0\n\x00\x01\x02",
        b"#!AER-DAT2.0\r\n\x00\x10\x00\x33",
        b"{\"a\": 1}\n",
        b"1 2 3\n4 5 6\n",
        b"PK\x03\x04 and no more",
        b"\x1f\x8b\x08 and no more",
    ] {
        let input = Input::from_bytes(head, "a");
        assert_eq!(probed(input), None, "{}", head.escape_ascii());
    }
}
