//! What is printed in any dialect is read back as the same events, and printed again as the same
//! bytes.

mod common;

use common::{Recording, print, print_back, read_bytes};
use evz_core::{Event, EventBatch, Metadata, Report, SensorSize, StreamInfo, TimeBase};
use evz_text::{ColumnOrder, Header, PolarityStyle, TextFormat, TextOptions, TimeUnit};
use proptest::prelude::*;

fn recording(events: EventBatch, time_base: TimeBase) -> Recording {
    Recording {
        info: StreamInfo {
            time_base,
            size: Some(SensorSize {
                width: 1280,
                height: 720,
            }),
            metadata: Metadata::new(),
        },
        events,
        report: Report::default(),
        closing: Metadata::new(),
    }
}

fn order() -> impl Strategy<Value = ColumnOrder> {
    Just(['t', 'x', 'y', 'p'])
        .prop_shuffle()
        .prop_map(|letters| letters.iter().collect::<String>().parse().unwrap())
}

fn unit() -> impl Strategy<Value = TimeUnit> {
    prop::sample::select(vec![
        TimeUnit::Seconds,
        TimeUnit::Milliseconds,
        TimeUnit::Microseconds,
        TimeUnit::Nanoseconds,
    ])
}

fn event() -> impl Strategy<Value = Event> {
    let t = prop_oneof![
        4 => 0..10_000_000_000i64,
        1 => -1000..1000i64,
        1 => 1_500_000_000_000_000_000..1_600_000_000_000_000_000i64,
        1 => any::<i64>(),
    ];
    let side = || prop_oneof![8 => 0..1280u16, 1 => any::<u16>()];
    (t, side(), side(), 0..=1u8).prop_map(|(t, x, y, p)| Event { t, x, y, p })
}

proptest! {
    #[test]
    fn any_events_in_any_dialect(
        // Both polarities, so that the style shows.
        events in prop::collection::vec(event(), 2..60),
        columns in order(),
        unit in unit(),
        separator in prop::sample::select(vec![" ", "\t", ",", ";", ", ", "  "]),
        polarity in prop::sample::select(vec!["0/1", "-1/1", "False/True", "false/true", "FALSE/TRUE"]),
        header in prop::sample::select(vec![Header::None, Header::Names, Header::Size, Header::Geometry]),
    ) {
        let mut events: EventBatch = events.into_iter().collect();
        events.p[0] = 0;
        events.p[1] = 1;
        let source = recording(events, TimeBase::NANOSECONDS);
        let format = TextFormat::plain(source.info.time_base)
            .with_columns(columns)
            .with_separator(separator).unwrap()
            .with_time_unit(unit, source.info.time_base)
            .with_polarity(polarity.parse::<PolarityStyle>().unwrap())
            .with_header(header.clone());
        if header == Header::Geometry && unit != TimeUnit::Microseconds {
            prop_assert!(print(&source, &format).is_err());
            return Ok(());
        }
        let text = print(&source, &format).unwrap();
        let options = TextOptions::default().with_columns(columns).with_time_unit(unit);
        let read = read_bytes(text.clone(), &options)
            .map_err(|e| TestCaseError::fail(format!("{e}\n{}", text.escape_ascii())))?;
        prop_assert_eq!(&read.events, &source.events);
        prop_assert_eq!(read.regular(), Some(Ok(())));
        prop_assert_eq!(print_back(&read).unwrap(), text);
    }
}

fn three() -> Recording {
    let events = [(-1_500, 3, 4, 0), (0, 5, 6, 1), (1_234_567, 1279, 0, 1)]
        .into_iter()
        .map(|(t, x, y, p)| Event { t, x, y, p })
        .collect();
    recording(events, TimeBase::MICROSECONDS)
}

fn printed(change: impl FnOnce(TextFormat) -> TextFormat) -> String {
    let recording = three();
    let format = change(TextFormat::plain(recording.info.time_base));
    String::from_utf8(print(&recording, &format).unwrap()).unwrap()
}

#[test]
fn plain_text_is_in_microseconds() {
    assert_eq!(printed(|f| f), "-1500 3 4 0\n0 5 6 1\n1234567 1279 0 1\n");
    let mut finer = three();
    finer.info.time_base = TimeBase::from_nanoseconds(100).unwrap();
    let format = TextFormat::plain(finer.info.time_base);
    assert_eq!(
        print(&finer, &format).unwrap(),
        b"-150.0 3 4 0\n0.0 5 6 1\n123456.7 1279 0 1\n"
    );
}

#[test]
fn every_part_of_the_shape_can_be_asked_for() {
    assert_eq!(
        printed(|f| f
            .with_columns("xypt".parse().unwrap())
            .with_separator(",")
            .unwrap()
            .with_time_unit(TimeUnit::Seconds, TimeBase::MICROSECONDS)
            .with_polarity("-1/1".parse().unwrap())
            .with_header(Header::Names)),
        "x,y,p,t_s\n3,4,-1,-0.001500\n5,6,1,0.000000\n1279,0,1,1.234567\n"
    );
    assert_eq!(
        printed(|f| f
            .with_time_unit(TimeUnit::Seconds, TimeBase::MICROSECONDS)
            .with_decimals(9)
            .unwrap()
            .with_header(Header::Size)),
        "1280 720\n-0.001500000 3 4 0\n0.000000000 5 6 1\n1.234567000 1279 0 1\n"
    );
    assert!(printed(|f| f.with_header(Header::Geometry)).starts_with("%geometry:1280,720\n-1500"));
}

#[test]
fn a_time_that_cannot_be_printed_names_the_option() {
    let recording = three();
    let milliseconds = TextFormat::plain(recording.info.time_base)
        .with_time_unit(TimeUnit::Milliseconds, recording.info.time_base)
        .with_decimals(0)
        .unwrap();
    let error = print(&recording, &milliseconds).unwrap_err().to_string();
    assert_eq!(
        error,
        "a time of -1500000 ns is no whole number of milliseconds with 0 decimals; pass --decimals 1 or another --time-unit"
    );
}

#[test]
fn a_header_that_names_other_columns_gives_way() {
    let text = "t_us,x,y,p\n1,2,3,0\n5,1,2,1\n";
    let recording = read_bytes(text, &TextOptions::default()).unwrap();
    let format = TextFormat::for_stream(&recording.info).unwrap();
    assert_eq!(print(&recording, &format).unwrap(), text.as_bytes());
    let other = format.with_columns(ColumnOrder::XYPT);
    assert_eq!(
        print(&recording, &other).unwrap(),
        b"x,y,p,t_us\n2,3,0,1\n1,2,1,5\n"
    );
}

#[test]
fn metadata_that_makes_no_sense_is_refused() {
    let recording = read_bytes("0.1000 2 3 1\n0.2000 1 1 0\n", &TextOptions::default()).unwrap();
    for key in recording
        .info
        .metadata
        .keys()
        .filter(|k| k.starts_with("text."))
    {
        let mut metadata = recording.info.metadata.clone();
        metadata.insert(key.clone(), evz_core::Value::Float(1.0));
        let read = TextFormat::from_metadata(&metadata);
        assert!(read.is_err() || key == "text.columns", "{key}");
    }
    assert_eq!(TextFormat::from_metadata(&Metadata::new()).unwrap(), None);
}

#[test]
fn the_usual_form_is_read_without_options() {
    let events = (0..20)
        .map(|i| Event {
            t: 1_000 + i64::from(i) * 250,
            x: 100 + i,
            y: 7,
            p: (i % 2) as u8,
        })
        .collect();
    let recording = recording(events, TimeBase::MICROSECONDS);
    let format = TextFormat::seconds(recording.info.time_base);
    let text = print(&recording, &format).unwrap();
    assert!(text.starts_with(b"0.001000 100 7 0\n0.001250 101 7 1\n"));
    let read = read_bytes(text, &TextOptions::default()).unwrap();
    assert_eq!(read.events, recording.events);
    assert_eq!(read.info.time_base, TimeBase::MICROSECONDS);
    // As many decimals as the time base needs, and never fewer than six.
    let first = |ns, t| {
        let mut other = self::three();
        other.info.time_base = TimeBase::from_nanoseconds(ns).unwrap();
        other.events = [Event {
            t,
            x: 1,
            y: 2,
            p: 1,
        }]
        .into_iter()
        .collect();
        let format = TextFormat::seconds(other.info.time_base);
        String::from_utf8(print(&other, &format).unwrap()).unwrap()
    };
    assert_eq!(first(1, 5), "0.000000005 1 2 1\n");
    assert_eq!(first(100, 5), "0.0000005 1 2 1\n");
    assert_eq!(first(1_000_000, 5), "0.005000 1 2 1\n");
}

#[test]
fn a_size_that_is_told_wins_over_the_header() {
    for (text, told) in [
        (
            "320 240\n0.0038 96 133 0\n0.0039 1 2 1\n",
            "640 480\n0.0038 96 133 0\n0.0039 1 2 1\n",
        ),
        (
            "%geometry:320,240\n96,133,0,3811\n1,2,1,3820\n",
            "%geometry:640,480\n96,133,0,3811\n1,2,1,3820\n",
        ),
        (
            "t,x@320,y@240,on\n3811,96,133,0\n3820,1,2,1\n",
            "t,x@640,y@480,on\n3811,96,133,0\n3820,1,2,1\n",
        ),
    ] {
        let size = SensorSize {
            width: 640,
            height: 480,
        };
        let recording = read_bytes(text, &TextOptions::default().with_size(size)).unwrap();
        assert_eq!(recording.regular(), Some(Err(1)));
        let back = String::from_utf8(print_back(&recording).unwrap()).unwrap();
        assert_eq!(back, told);
        let recording = read_bytes(text, &TextOptions::default()).unwrap();
        assert_eq!(recording.regular(), Some(Ok(())));
        assert_eq!(print_back(&recording).unwrap(), text.as_bytes());
    }
}

#[test]
fn geometry_means_microseconds() {
    let recording = three();
    let format = TextFormat::seconds(recording.info.time_base).with_header(Header::Geometry);
    assert_eq!(
        print(&recording, &format).unwrap_err().to_string(),
        "%geometry means microseconds; pass --time-unit us or another --header"
    );
    // One that a source had gives way to names that say the unit.
    let text = "%geometry:320,240\n96,133,0,3811\n1,2,1,3820\n";
    let recording = read_bytes(text, &TextOptions::default()).unwrap();
    let format = TextFormat::for_stream(&recording.info)
        .unwrap()
        .with_time_unit(TimeUnit::Seconds, recording.info.time_base);
    assert_eq!(
        print(&recording, &format).unwrap(),
        b"x,y,p,t_s\n96,133,0,0.003811\n1,2,1,0.003820\n"
    );
}

#[test]
fn the_first_off_settles_how_polarity_is_written() {
    // So many ON events that OFF is far beyond what is looked at first.
    let text = |first: &str, then: &str| {
        let mut text: String = (0..60_000)
            .map(|i| format!("0.{:06} {} {} 1\n", i * 3, i * 7 % 240, i * 5 % 180))
            .collect();
        text += &format!("0.500000 1 2 {first}\n0.600000 1 2 1\n0.700000 1 2 {first}\n");
        text + then
    };
    for (off, style) in [("0", None), ("-1", Some("-1/1"))] {
        let text = text(off, "");
        let recording = read_bytes(text.clone(), &TextOptions::default()).unwrap();
        assert!(recording.report.inferred[0].ends_with("polarity 1 (no OFF so far)"));
        assert_eq!(recording.events.len(), 60_003);
        assert_eq!(recording.events.p[59_999..], [1, 0, 1, 0]);
        assert_eq!(recording.regular(), Some(Ok(())), "{off}");
        let note = style.map(|s| format!("polarity is {s}, as line 60001 shows"));
        assert_eq!(recording.report.notes, Vec::from_iter(note));
        // Metadata known at the end overrides what was said before the events.
        let mut metadata = recording.info.metadata.clone();
        metadata.extend(recording.closing.clone());
        let format = TextFormat::from_metadata(&metadata).unwrap().unwrap();
        assert!(
            print(&recording, &format).unwrap() == text.into_bytes(),
            "{off}"
        );
    }
    for (first, then) in [("0", "-1"), ("-1", "0")] {
        let text = text(first, &format!("0.800000 1 2 {then}\n"));
        let error = read_bytes(text, &TextOptions::default()).err().unwrap();
        let error = error.to_string();
        assert!(
            error.contains("line 60004 (byte ")
                && error.contains(&format!(
                    "polarity is \"{then}\", where this text has {first}/1"
                )),
            "{error}"
        );
    }
    // The same where the file's end can be looked at.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.txt");
    let bytes = text("-1", "");
    std::fs::write(&path, &bytes).unwrap();
    let recording = evz_text::open(&path, &TextOptions::default())
        .and_then(common::read)
        .unwrap();
    assert_eq!(recording.events.p[59_999..], [1, 0, 1, 0]);
    assert_eq!(recording.regular(), Some(Ok(())));
}

#[test]
fn what_is_no_batch_is_refused() {
    let mut ragged = three();
    ragged.events.y.pop();
    let format = TextFormat::plain(ragged.info.time_base);
    assert_eq!(
        print(&ragged, &format).unwrap_err().to_string(),
        "columns of 3, 3, 2 and 3 events; a batch to be written has t, x, y and p of one length"
    );
    let mut strange = three();
    strange.events.p[1] = 2;
    assert_eq!(
        print(&strange, &format).unwrap_err().to_string(),
        "a polarity of 2; it is 0 for OFF or 1 for ON"
    );
    assert!(format.clone().with_decimals(19).is_err());
    assert!(format.with_separator("         ").is_err());
}
