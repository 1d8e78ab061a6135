//! What is printed in any dialect is read back as the same events, and printed again as the same
//! bytes.

mod common;

use std::io::Cursor;

use common::{Recording, print, print_as, print_back, read_bytes, read_file, read_pipe};
use evz_core::{
    Clock, ClockKind, ColumnOrder, CreateOptions, Error, Event, EventBatch, Header, Metadata, Note,
    OpenOptions, PolarityStyle, Question, Report, SensorSize, Separator, StreamInfo, TimeBase,
    TimeUnit, Value, WayOut,
};
use proptest::prelude::{
    Just, Strategy, TestCaseError, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

fn recording(events: EventBatch, time_base: TimeBase) -> Recording {
    Recording {
        info: StreamInfo::new(time_base).with_size(SensorSize {
            width: 1280,
            height: 720,
        }),
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

/// The metadata of a text with this between its columns: more than options can ask for.
fn of_text_with(separator: &str) -> Metadata {
    let line = ["0.100000", "1", "2", "1"].join(separator) + "\n";
    let text = line.clone() + &line.replace("0.1", "0.2");
    let recording = read_bytes(text, &OpenOptions::default()).unwrap();
    recording.info.metadata
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
        let mut source = recording(events, TimeBase::NANOSECONDS);
        source.info.metadata = of_text_with(separator);
        let format = CreateOptions::new()
            .with_columns(columns)
            .with_time_unit(unit)
            .with_polarity_style(polarity.parse::<PolarityStyle>().unwrap())
            .with_header(header.clone());
        if header == Header::Geometry && unit != TimeUnit::Microseconds {
            prop_assert!(print(&source, &format).is_err());
            return Ok(());
        }
        let text = print(&source, &format).unwrap();
        let options = OpenOptions::default().with_columns(columns.into()).with_time_unit(unit);
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

/// `t x y p` in microseconds, whatever the recording came from.
fn fresh() -> CreateOptions {
    CreateOptions::new()
        .with_fresh(true)
        .with_time_unit(TimeUnit::Microseconds)
}

fn printed(options: &CreateOptions) -> String {
    String::from_utf8(print(&three(), options).unwrap()).unwrap()
}

#[test]
fn text_can_be_had_in_microseconds_whatever_it_came_from() {
    let plain = "-1500 3 4 0\n0 5 6 1\n1234567 1279 0 1\n";
    assert_eq!(printed(&fresh()), plain);
    let mut of_text = three();
    of_text.info.metadata = of_text_with(", ");
    assert_eq!(print(&of_text, &fresh()).unwrap(), plain.as_bytes());
    let mut finer = three();
    finer.info.time_base = TimeBase::from_nanoseconds(100).unwrap();
    assert_eq!(
        print(&finer, &fresh()).unwrap(),
        b"-150.0 3 4 0\n0.0 5 6 1\n123456.7 1279 0 1\n"
    );
}

#[test]
fn every_part_of_the_shape_can_be_asked_for() {
    let metavision = CreateOptions::new()
        .with_columns("xypt".parse().unwrap())
        .with_separator(Separator::Comma)
        .with_time_unit(TimeUnit::Seconds)
        .with_polarity_style("-1/1".parse().unwrap())
        .with_header(Header::Names);
    assert_eq!(
        printed(&metavision),
        "x,y,p,t_s\n3,4,-1,-0.001500\n5,6,1,0.000000\n1279,0,1,1.234567\n"
    );
    let nine = CreateOptions::new()
        .with_decimals(9)
        .with_header(Header::Size);
    assert_eq!(
        printed(&nine),
        "1280 720\n-0.001500000 3 4 0\n0.000000000 5 6 1\n1.234567000 1279 0 1\n"
    );
    let geometry = printed(&fresh().with_header(Header::Geometry));
    assert!(geometry.starts_with("%geometry:1280,720\n-1500"));
}

#[test]
fn the_name_of_the_output_says_the_separator() {
    for (name, separator) in [
        ("a.CSV.gz", ","),
        ("a.tsv", "\t"),
        ("a.txt", " "),
        ("-", " "),
    ] {
        let text = print_as(name, &three(), &CreateOptions::new()).unwrap();
        let first = ["-0.001500", "3", "4", "0"].join(separator) + "\n";
        assert!(text.starts_with(first.as_bytes()), "{name}");
    }
    // What came from text stays as it was, unless it is told.
    let mut of_text = three();
    of_text.info.metadata = of_text_with(";");
    let text = print_as("a.csv", &of_text, &CreateOptions::new()).unwrap();
    assert!(text.starts_with(b"-0.001500;3;4;0\n"));
    let tabs = CreateOptions::new().with_separator(Separator::Tab);
    let text = print_as("a.csv", &of_text, &tabs).unwrap();
    assert!(text.starts_with(b"-0.001500\t3\t4\t0\n"));
}

/// The questions that settle an error, each with its answers.
fn settled_by(error: &Error) -> Vec<(Question, Vec<&str>)> {
    let told = error.ways_out().iter().map(|way| match way {
        WayOut::Tell(question, answers) => {
            (*question, answers.iter().map(String::as_str).collect())
        }
        other => panic!("{other}"),
    });
    told.collect()
}

#[test]
fn a_time_that_cannot_be_printed_says_what_could() {
    let milliseconds = CreateOptions::new()
        .with_time_unit(TimeUnit::Milliseconds)
        .with_decimals(0);
    let error = print(&three(), &milliseconds).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a time of -1500000 ns is no whole number of milliseconds with 0 decimals; set decimals to 1, or set time_unit to us or ns"
    );
    let ways = [
        (Question::Decimals, vec!["1"]),
        (Question::TimeUnit, vec!["us", "ns"]),
    ];
    assert_eq!(settled_by(&error), ways);
}

#[test]
fn a_header_with_the_size_needs_one() {
    let mut unsized_ = three();
    unsized_.info.size = None;
    let options = CreateOptions::new().with_header(Header::Size);
    let error = print(&unsized_, &options).unwrap_err();
    let ways = [
        (Question::Size, vec![]),
        (Question::Header, vec!["none", "names"]),
    ];
    assert_eq!(settled_by(&error), ways, "{error}");
}

#[test]
fn a_header_that_names_other_columns_gives_way() {
    let text = "t_us,x,y,p\n1,2,3,0\n5,1,2,1\n";
    let recording = read_bytes(text, &OpenOptions::default()).unwrap();
    assert_eq!(print_back(&recording).unwrap(), text.as_bytes());
    let other = CreateOptions::new().with_columns(ColumnOrder::XYPT);
    assert_eq!(
        print(&recording, &other).unwrap(),
        b"x,y,p,t_us\n2,3,0,1\n1,2,1,5\n"
    );
}

#[test]
fn metadata_that_makes_no_sense_is_refused() {
    let text = "240 180\n0.1000 2 3 1\n0.2000 1 1 0\n";
    let recording = read_bytes(text, &OpenOptions::default()).unwrap();
    for key in recording
        .info
        .metadata
        .keys()
        .filter(|k| k.starts_with("text."))
    {
        for nonsense in [Value::Float(1.0), Value::from("         ")] {
            let mut strange = read_bytes(text, &OpenOptions::default()).unwrap();
            strange.info.metadata.insert(key.clone(), nonsense);
            let error = print_back(&strange).unwrap_err().to_string();
            let said =
                format!("metadata {key}: it does not describe a text; write the text afresh");
            assert_eq!(error, said);
            assert!(print(&strange, &fresh()).is_ok());
        }
    }
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
    let text = print(&recording, &CreateOptions::new()).unwrap();
    assert!(text.starts_with(b"0.001000 100 7 0\n0.001250 101 7 1\n"));
    let read = read_bytes(text, &OpenOptions::default()).unwrap();
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
        String::from_utf8(print(&other, &CreateOptions::new()).unwrap()).unwrap()
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
        let recording = read_bytes(text, &OpenOptions::default().with_size(size)).unwrap();
        assert_eq!(recording.regular(), Some(Err(1)));
        let back = String::from_utf8(print_back(&recording).unwrap()).unwrap();
        assert_eq!(back, told);
        let recording = read_bytes(text, &OpenOptions::default()).unwrap();
        assert_eq!(recording.regular(), Some(Ok(())));
        assert_eq!(print_back(&recording).unwrap(), text.as_bytes());
    }
}

#[test]
fn geometry_means_microseconds() {
    let options = CreateOptions::new().with_header(Header::Geometry);
    let error = print(&three(), &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "%geometry means microseconds; set time_unit to us, or set header to none, names or size"
    );
    assert_eq!(error.question(), Some(Question::TimeUnit));
    // One that a source had gives way to names that say the unit.
    let text = "%geometry:320,240\n96,133,0,3811\n1,2,1,3820\n";
    let recording = read_bytes(text, &OpenOptions::default()).unwrap();
    let seconds = CreateOptions::new().with_time_unit(TimeUnit::Seconds);
    assert_eq!(
        print(&recording, &seconds).unwrap(),
        b"x,y,p,t_s\n96,133,0,0.003811\n1,2,1,0.003820\n"
    );
}

#[test]
fn the_first_off_settles_how_polarity_is_written() {
    // So many ON events that OFF is far beyond what is looked at first, in what is read once.
    let read = |text: String| read_pipe(Cursor::new(text.into_bytes()), &OpenOptions::default());
    let text = |first: &str, then: &str| {
        let mut text: String = (0..60_000)
            .map(|i| format!("0.{:06} {} {} 1\n", i * 3, i * 7 % 240, i * 5 % 180))
            .collect();
        text += &format!("0.500000 1 2 {first}\n0.600000 1 2 1\n0.700000 1 2 {first}\n");
        text + then
    };
    for (off, style) in [("0", None), ("-1", Some("-1/1"))] {
        let text = text(off, "");
        let recording = read(text.clone()).unwrap();
        assert!(
            recording.report.inferred[0].ends_with("polarity 0/1 (no OFF among the first lines)")
        );
        assert_eq!(recording.events.len(), 60_003);
        assert_eq!(recording.events.p[59_999..], [1, 0, 1, 0]);
        assert_eq!(recording.regular(), Some(Ok(())), "{off}");
        let said = |s| format!("polarity is {s}, as line 60001 shows");
        let note = style.map(|s| Note::Other(said(s)));
        assert_eq!(recording.report.notes, Vec::from_iter(note));
        // Metadata known at the end overrides what was said before the events.
        let mut recording = recording;
        (recording.info.metadata).extend(recording.closing.clone());
        let back = print_back(&recording).unwrap();
        assert!(back == text.into_bytes(), "{off}");
    }
    for (first, then) in [("0", "-1"), ("-1", "0")] {
        let text = text(first, &format!("0.800000 1 2 {then}\n"));
        let error = read(text).err().unwrap();
        let error = error.to_string();
        assert!(
            error.contains("line 60004 at byte ")
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
    let recording = read_file(&path, &OpenOptions::default()).unwrap();
    assert_eq!(recording.events.p[59_999..], [1, 0, 1, 0]);
    assert_eq!(recording.regular(), Some(Ok(())));
}

#[test]
fn what_is_no_batch_is_refused() {
    let mut ragged = three();
    ragged.events.y.pop();
    let format = CreateOptions::new();
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
    let error = print(&three(), &format.with_decimals(19)).unwrap_err();
    let said = "19 decimals are too many; at most 18 are kept";
    assert_eq!(error.to_string(), said);
}

fn ticks_of(base: TimeBase, clock: Clock) -> Recording {
    let mut recording = three();
    recording.info = StreamInfo::new(base).with_clock(clock);
    recording
}

#[test]
fn ticks_of_any_fraction_and_clocks_with_an_epoch_come_back() {
    let unix = Clock::of(ClockKind::Unix);
    for (numerator, denominator) in [(1, 24_000_000), (1, 3), (5, 3), (1, 1_000_000)] {
        let base = TimeBase::new(numerator, denominator).unwrap();
        for clock in [
            Clock::default(),
            unix,
            unix.with_epoch(38_139_915_536_852_832),
            Clock::of(ClockKind::Gps).with_epoch(i64::MIN),
            Clock::of(ClockKind::Monotonic),
            Clock::of(ClockKind::Sensor).with_epoch(-1),
        ] {
            let source = ticks_of(base, clock);
            for header in [None, Some(Header::Names)] {
                let mut options = CreateOptions::new();
                options.header = header;
                let text = print(&source, &options).unwrap();
                let read = read_bytes(text.clone(), &OpenOptions::default()).unwrap();
                assert_eq!(read.info.time_base, base, "{}", text.escape_ascii());
                assert_eq!(read.info.clock, clock, "{}", text.escape_ascii());
                assert_eq!(read.events, source.events);
                assert_eq!(read.regular(), Some(Ok(())), "{}", text.escape_ascii());
                assert_eq!(print_back(&read).unwrap(), text);
            }
        }
    }
}

#[test]
fn what_is_said_of_ticks_and_clocks() {
    let base = TimeBase::per_second(24_000_000).unwrap();
    let unix = Clock::of(ClockKind::Unix).with_epoch(12);
    let text = |recording: &Recording, options: &CreateOptions| {
        String::from_utf8(print(recording, options).unwrap()).unwrap()
    };
    let plain = CreateOptions::new();
    assert_eq!(
        text(&ticks_of(base, unix), &plain),
        "# evz.tick: 1/24000000 s\n# evz.clock: unix\n# evz.epoch: 12 x 1/24000000 s\n\
         -1500 3 4 0\n0 5 6 1\n1234567 1279 0 1\n"
    );
    assert_eq!(
        text(
            &ticks_of(base, unix),
            &plain.clone().with_header(Header::Names)
        ),
        "t_1/24000000s x y p\n# evz.clock: unix\n# evz.epoch: 12 x 1/24000000 s\n\
         -1500 3 4 0\n0 5 6 1\n1234567 1279 0 1\n"
    );
    // No header is nothing said of the clock, but a number without its unit is none.
    assert!(
        text(
            &ticks_of(base, unix),
            &plain.clone().with_header(Header::None)
        )
        .starts_with("# evz.tick: 1/24000000 s\n-1500 3 4 0\n")
    );
    let us = TimeBase::MICROSECONDS;
    let sensor = Clock::of(ClockKind::Sensor);
    assert!(text(&ticks_of(us, sensor), &plain).starts_with("-0.001500 3 4 0\n"));
    // A clock that is another one by now is said anew, in the text that the recording came from.
    let source = text(&ticks_of(base, unix), &plain);
    let mut read = read_bytes(source.clone(), &OpenOptions::default()).unwrap();
    read.info.clock = unix.with_epoch(13);
    let back = String::from_utf8(print_back(&read).unwrap()).unwrap();
    assert_eq!(back, source.replace("epoch: 12", "epoch: 13"));
}

#[test]
fn odd_ticks_in_a_unit_are_exact_or_refused() {
    let base = TimeBase::per_second(24_000_000).unwrap();
    let mut recording = ticks_of(base, Clock::default());
    recording.events.t = vec![0, 24, 36];
    let text = print(&recording, &fresh()).unwrap();
    assert!(text.starts_with(b"0.000 3 4 0\n1.000 5 6 1\n1.500 "));
    recording.events.t[1] = 25;
    let error = print(&recording, &fresh()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a time of 25 ticks of 1/24000000 s is no whole number of microseconds with 3 decimals; \
         leave out time_unit"
    );
}
