//! Columns beside t, x, y and p: named, told, listed by a remark, passed over.

mod common;

use common::{Recording, print, print_back, read_bytes};
use evz_core::{
    ColumnType, CreateOptions, Event, EventBatch, ExtraColumn, Header, LossKind, Metadata, Note,
    OpenOptions, Question, Report, StreamInfo, TimeBase, TimeUnit, Values, WayOut,
};
use proptest::prelude::{
    Just, Strategy, TestCaseError, any, prop, prop_assert, prop_assert_eq, proptest,
};

fn told(columns: &str) -> OpenOptions {
    OpenOptions::new()
        .with_columns(columns.parse().unwrap())
        .with_time_unit(TimeUnit::Microseconds)
}

fn columns(recording: &Recording) -> Vec<(&str, ColumnType)> {
    let columns = recording.info.columns.iter();
    columns.map(|c| (&*c.name, c.column_type)).collect()
}

fn values<T: evz_core::ColumnValue>(recording: &Recording, place: usize) -> Vec<T> {
    recording.events.extra[place].as_slice().to_vec().unwrap()
}

/// What settles a doubt about the columns.
fn ways_out(error: &evz_core::Error) -> Vec<String> {
    let ways = error.ways_out().iter().map(|way| match way {
        WayOut::Tell(Question::Columns, readings) => readings.clone(),
        _ => Vec::new(),
    });
    ways.flatten().collect()
}

#[test]
fn names_of_further_columns_are_taken_from_the_header() {
    let text = "x,y,Label,t_us,p,weight,seen\n3,7,2,10,1,0.5,True\n4,7,-1,20,0,1e-3,False\n";
    let recording = read_bytes(text, &OpenOptions::new()).unwrap();
    assert_eq!(recording.events.t, [10, 20]);
    assert_eq!(recording.events.x, [3, 4]);
    let expected = [
        ("Label", ColumnType::I64),
        ("weight", ColumnType::F64),
        ("seen", ColumnType::Bool),
    ];
    assert_eq!(columns(&recording), expected);
    assert_eq!(values::<i64>(&recording, 0), [2, -1]);
    assert_eq!(values::<f64>(&recording, 1), [0.5, 0.001]);
    assert_eq!(values::<bool>(&recording, 2), [true, false]);
    // 1e-3 comes back as 0.001.
    assert_eq!(recording.regular(), Some(Err(2)));
}

#[test]
fn a_regular_text_comes_back_byte_for_byte() {
    for (text, options) in [
        (
            "t_us x y p label\n10 3 7 1 2\n20 4 7 0 -1\n",
            OpenOptions::new(),
        ),
        (
            "# x;y;p;t_us;ratio\n3;7;1;10;0.5\n4;7;0;20;0.25\n",
            OpenOptions::new(),
        ),
        ("10 3 7 1 2 9\n20 4 7 0 -1 8\n", told("t,x,y,p,label,id")),
        ("2,10,3,7,1\n-1,20,4,7,0\n", told("label,t,x,y,p")),
    ] {
        let recording = read_bytes(text, &options).unwrap();
        assert_eq!(recording.regular(), Some(Ok(())), "{text}");
        let printed = String::from_utf8(print_back(&recording).unwrap()).unwrap();
        assert_eq!(printed, text);
    }
}

#[test]
fn columns_without_names_are_asked_for_and_what_is_answered_is_taken() {
    let text = "10 3 7 1 2 0.5\n20 4 7 0 1 0.5\n";
    let unit = OpenOptions::new().with_time_unit(TimeUnit::Microseconds);
    let error = read_bytes(text, &unit).unwrap_err();
    assert!(error.to_string().contains("6 columns"), "{error}");
    let ways = ways_out(&error);
    assert_eq!(ways, ["t,x,y,p,name1,name2", "t,x,y,p,-,-"]);
    let names = read_bytes(text, &told(&ways[0])).unwrap();
    let expected = [("name1", ColumnType::I64), ("name2", ColumnType::F64)];
    assert_eq!(columns(&names), expected);
    let passed = read_bytes(text, &told(&ways[1])).unwrap();
    assert_eq!((passed.events.t.len(), columns(&passed)), (2, vec![]));
    // Without the columns that were passed over, and so in other bytes.
    assert_eq!(passed.regular(), Some(Err(1)));
    assert_eq!(print_back(&passed).unwrap(), b"10 3 7 1\n20 4 7 0\n");
    // Four columns do not fit either, and this says so.
    let error = read_bytes(text, &told("txyp")).unwrap_err();
    assert!(error.to_string().contains("4 were told"), "{error}");
}

#[test]
fn a_type_may_be_told_and_what_it_does_not_hold_is_an_error() {
    let text = "10 3 7 1 2\n20 4 7 0 1\n30 4 7 0 300\n";
    let fits = read_bytes(text, &told("t,x,y,p,label:u16")).unwrap();
    assert_eq!(values::<u16>(&fits, 0), [2, 1, 300]);
    for (list, better) in [
        ("t,x,y,p,label:u8", "t,x,y,p,label:i64"),
        ("t,x,y,p,label:bool", "t,x,y,p,label:i64"),
    ] {
        let error = read_bytes(text, &told(list)).unwrap_err();
        assert_eq!(ways_out(&error), [better], "{error}");
        assert!(read_bytes(text, &told(better)).is_ok());
    }
    // Far behind the sample that the type was found from.
    let line = |i: usize| format!("{} 3 7 {} {}\n", i * 10, i % 2, i % 5);
    let mut long: String = (0..30_000).map(line).collect();
    long += "300000 3 7 1 2.5\n";
    long.extend((30_001..40_000).map(line));
    let error = read_bytes(long.as_str(), &told("t,x,y,p,label")).unwrap_err();
    assert!(error.to_string().contains("line 30001"), "{error}");
    assert_eq!(ways_out(&error), ["t,x,y,p,label:f64"]);
    let read = read_bytes(long.as_str(), &told("t,x,y,p,label:f64")).unwrap();
    assert_eq!(values::<f64>(&read, 0)[30_000], 2.5);
}

#[test]
fn words_are_no_values() {
    let text = "t_us,x,y,p,kind,label\n10,3,7,1,noise,2\n20,4,7,0,signal,3\n";
    let recording = read_bytes(text, &OpenOptions::new()).unwrap();
    assert_eq!(columns(&recording), [("label", ColumnType::I64)]);
    let not_read = Note::NotRead {
        what: "columns".to_owned(),
        names: vec!["kind".to_owned()],
    };
    assert!(recording.report.notes.contains(&not_read));
    let printed = String::from_utf8(print_back(&recording).unwrap()).unwrap();
    assert!(printed.contains("t_us,x,y,p,label\n"), "{printed}");
    assert!(printed.ends_with("10,3,7,1,2\n20,4,7,0,3\n"), "{printed}");
    let error = read_bytes(&text[27 - 4..], &told("t,x,y,p,kind,label")).unwrap_err();
    assert_eq!(ways_out(&error), ["t,x,y,p,-,label"], "{error}");
}

#[test]
fn digits_that_a_value_does_not_hold_are_a_loss() {
    let text = "t_us x y p w\n10 3 7 1 0.12345678901234567890\n20 3 7 0 0.5\n";
    let recording = read_bytes(text, &OpenOptions::new()).unwrap();
    let loss = &recording.report.losses[0];
    assert_eq!((loss.kind, loss.count), (LossKind::Rounded, 1));
    let mut source = recording;
    let nan = f64::from_bits(f64::NAN.to_bits() | 5);
    source.events.extra[0] = Values::from_slice(&[nan, f64::NAN]);
    let printed = common::print_with_report("a.txt", &source, &CreateOptions::new()).unwrap();
    assert_eq!(printed.1.losses[0].count, 1);
}

/// What evz says of a text is never passed over in silence: a type of a later version, a list of other
/// columns, an epoch without its tick.
#[test]
fn remarks_that_are_not_understood_are_said() {
    for remark in [
        "# evz.columns: [\"t\",\"x\",\"y\",\"p\",{\"name\":\"a\",\"type\":\"f16\"}]",
        "# evz.columns: [\"t\",\"x\",\"y\",\"p\"]",
        "# evz.epoch: 7",
        "# evz.later: 1",
    ] {
        let text = format!("{remark}\nt_us,x,y,p,a\n1,2,3,1,5\n2,2,3,0,6\n");
        let recording = read_bytes(text, &OpenOptions::new()).unwrap();
        let notes = recording.report.notes.iter().map(Note::to_string);
        let said = notes.filter(|note| note.starts_with("line 1 is a remark of evz"));
        assert_eq!(said.count(), 1, "{remark}: {:?}", recording.report);
    }
}

#[test]
fn names_of_four_columns_and_prose_are_what_they_were() {
    for text in [
        "# made by t x y p himself\nt_us x y p\n10 3 7 1\n20 3 7 0\n",
        "t_us x y p\n# one two t x y p three\n10 3 7 1\n20 3 7 0\n",
    ] {
        let recording = read_bytes(text, &OpenOptions::new()).unwrap();
        assert_eq!((recording.events.t.len(), columns(&recording)), (2, vec![]));
    }
}

fn name() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "label", "time", "ts_ns", "x_pos", "a b", "q,r", "i:u8", "\"", "é", "#", "-", "on", "\n",
    ]);
    plain.prop_map(str::to_owned)
}

fn column() -> impl Strategy<Value = ExtraColumn> {
    let unit = prop::sample::select(vec!["", "mV", "a;b\n"]);
    let types = prop::sample::select(&ColumnType::ALL[..]);
    (name(), types, unit).prop_map(|(name, column_type, unit)| {
        ExtraColumn::new(name, column_type)
            .with_unit(unit)
            .with_description(unit)
    })
}

fn any_values(column_type: ColumnType, seeds: &[u64]) -> Values {
    let bytes = seeds.iter().flat_map(|seed| {
        let value = match column_type {
            ColumnType::Bool => seed & 1,
            // Every NaN comes back as the usual one.
            ColumnType::F32 if f32::from_bits(*seed as u32).is_nan() => f32::NAN.to_bits().into(),
            ColumnType::F64 if f64::from_bits(*seed).is_nan() => f64::NAN.to_bits(),
            _ => *seed,
        };
        value.to_le_bytes()[..column_type.size()].to_vec()
    });
    Values::from_bytes(column_type, bytes.collect()).unwrap()
}

proptest! {
    #[test]
    fn any_columns_come_back_with_all_that_is_said_of_them(
        columns in prop::collection::vec(column(), 1..6),
        seeds in prop::collection::vec(any::<[u64; 5]>(), 2..40),
        order in Just(['t', 'x', 'y', 'p']).prop_shuffle(),
        separator in prop::sample::select(vec![
            evz_core::Separator::Space, evz_core::Separator::Comma, evz_core::Separator::Tab,
        ]),
        header in prop::sample::select(vec![None, Some(Header::Names), Some(Header::Size)]),
        tick in prop::sample::select(vec![
            TimeBase::MICROSECONDS, TimeBase::NANOSECONDS, TimeBase::per_second(24_000_000).unwrap(),
        ]),
    ) {
        let mut columns = columns;
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        columns.dedup_by(|a, b| a.name == b.name);
        let events = seeds.iter().zip(0..).map(|(seed, i)| Event {
            t: i * 1_000 + (seed[0] % 900) as i64,
            x: (seed[1] % 640) as u16,
            y: (seed[2] % 480) as u16,
            p: (i % 2) as u8,
        });
        let mut events: EventBatch = events.collect();
        events.extra = columns.iter().enumerate().map(|(i, column)| {
            let seeds: Vec<u64> = seeds.iter().map(|seed| seed[i % 5]).collect();
            any_values(column.column_type, &seeds)
        }).collect();
        let source = Recording {
            info: StreamInfo::new(tick)
                .with_size(evz_core::SensorSize { width: 640, height: 480 })
                .with_columns(columns),
            events,
            report: Report::default(),
            closing: Metadata::new(),
        };
        let order: String = order.iter().collect();
        let mut options = CreateOptions::new()
            .with_columns(order.parse().unwrap())
            .with_separator(separator);
        options.header = header;
        let text = print(&source, &options).unwrap();
        let read = read_bytes(text.clone(), &OpenOptions::new())
            .map_err(|e| TestCaseError::fail(format!("{e}\n{}", text.escape_ascii())))?;
        prop_assert_eq!(&read.info.columns, &source.info.columns, "{}", text.escape_ascii());
        let base = read.info.time_base;
        let times: Option<Vec<i64>> = read.events.t.iter().map(|t| base.convert(*t, tick)).collect();
        prop_assert_eq!(times.as_ref(), Some(&source.events.t), "{}", text.escape_ascii());
        prop_assert_eq!(&read.events.extra, &source.events.extra);
        prop_assert_eq!((&read.events.x, &read.events.p), (&source.events.x, &source.events.p));
        prop_assert!(read.report.losses.is_empty());
        prop_assert_eq!(print_back(&read).unwrap(), text);
    }
}
