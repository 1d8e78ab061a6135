//! Columns beside t, x, y and p: named, told, listed by a remark, passed over.

mod common;

use common::{Recording, print, print_back, read_bytes, read_input};
use evz_core::{
    ColumnType, CreateOptions, Event, EventBatch, EventSource, ExtraColumn, Header, Input,
    LossKind, Metadata, Next, Note, OpenOptions, Question, Report, StreamInfo, TimeBase, TimeUnit,
    Values, WayOut,
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

/// Lines like `line`, with the number of the row for N, and for T, X, Y and P those of events.
fn lines(line: &str, rows: std::ops::Range<usize>) -> String {
    let line = |i: usize| {
        let (t, x, y) = (format!("0.{:06}", i + 1), i % 640, i % 480);
        let values = [
            ('N', i.to_string()),
            ('T', t),
            ('X', x.to_string()),
            ('Y', y.to_string()),
        ];
        let values = values.into_iter().chain([('P', (i % 2).to_string())]);
        values.fold(line.to_owned(), |line, (mark, value)| {
            line.replace(mark, &value)
        }) + "\n"
    };
    rows.map(line).collect()
}

fn events_of_lines(rows: std::ops::Range<usize>) -> Vec<(i128, u16, u16, u8)> {
    let event = |i: usize| {
        let t = (i as i128 + 1) * 1_000;
        (t, (i % 640) as u16, (i % 480) as u16, (i % 2) as u8)
    };
    rows.map(event).collect()
}

fn notes_of_nameless(recording: &Recording) -> Vec<&[String]> {
    let notes = recording.report.notes.iter();
    let nameless = notes.filter_map(|note| match note {
        Note::NotRead { what, names } if what == "columns without a name" => Some(&**names),
        _ => None,
    });
    nameless.collect()
}

/// pandas (`to_csv`) and R (`write.csv`) write the numbers of rows under no name, and some a separator at
/// the end of every line.
#[test]
fn columns_without_a_name_are_passed_over_with_a_note() {
    for (names, line, nameless) in [
        (",t,x,y,p", "N,T,X,Y,P", &["column 1"][..]),
        (";t;x;y;p", "N;T;X;Y;P", &["column 1"]),
        ("\tt\tx\ty\tp", "N\tT\tX\tY\tP", &["column 1"]),
        (
            "\"\",\"t\",\"x\",\"y\",\"p\"",
            "\"N\",T,X,Y,P",
            &["column 1"],
        ),
        ("x,y,,t,p", "X,Y,N,T,P", &["column 3"]),
        ("x\ty\t\tt\tp", "X\tY\tN\tT\tP", &["column 3"]),
        ("t,x,y,p,", "T,X,Y,P,", &["column 5"]),
        ("t,x,y,p, ", "T,X,Y,P,noise", &["column 5"]),
        (",t,x,y,p,", "N,T,X,Y,P,", &["column 1", "column 6"]),
        (",,t,x,y,p", "day 1,N,T,X,Y,P", &["column 1", "column 2"]),
    ] {
        let text = format!("{names}\n{}", lines(line, 0..9));
        let recording = read_bytes(text, &OpenOptions::new()).unwrap();
        assert_eq!(recording.in_nanoseconds(), events_of_lines(0..9), "{names}");
        assert_eq!(columns(&recording), [], "{names}");
        assert_eq!(notes_of_nameless(&recording), [nameless], "{names}");
        // They are not in what is written, which has nothing to say of them.
        assert_eq!(recording.regular(), Some(Err(1)), "{names}");
        let again = read_bytes(print_back(&recording).unwrap(), &OpenOptions::new()).unwrap();
        assert_eq!(again.in_nanoseconds(), events_of_lines(0..9), "{names}");
        assert!(notes_of_nameless(&again).is_empty(), "{names}");
    }
    // Others are further columns as ever.
    let text = format!(",t,x,y,p,label\n{}", lines("N,T,X,Y,P,N", 0..9));
    let recording = read_bytes(text.clone(), &OpenOptions::new()).unwrap();
    assert_eq!(columns(&recording), [("label", ColumnType::I64)]);
    assert_eq!(values::<i64>(&recording, 0), (0..9).collect::<Vec<_>>());
    // Who passes a column over is not told so.
    let told = OpenOptions::new().with_columns("-,t,x,y,p,-".parse().unwrap());
    assert!(notes_of_nameless(&read_bytes(text, &told).unwrap()).is_empty());
    // Tabs at the ends of lines have never been columns.
    let text = format!("t\tx\ty\tp\t\n{}", lines("T\tX\tY\tP\t", 0..9));
    let recording = read_bytes(text, &OpenOptions::new()).unwrap();
    assert_eq!(recording.in_nanoseconds(), events_of_lines(0..9));
    assert!(notes_of_nameless(&recording).is_empty());
}

#[test]
fn columns_without_a_name_are_passed_over_in_every_block_and_part() {
    const ROWS: usize = 40_000;
    let text = format!(",t,x,y,p\n{}", lines("N,T,X,Y,P", 0..ROWS));
    let input = || Input::from_bytes(text.clone(), "events.csv");
    let whole = read_input(input(), &OpenOptions::new()).unwrap();
    assert_eq!(whole.in_nanoseconds(), events_of_lines(0..ROWS));
    assert_eq!(whole.report.losses, []);
    let open_parts = evz_text::FORMATS[0].open_parts.unwrap();
    let parts = open_parts(input(), &OpenOptions::new()).unwrap();
    let options = OpenOptions::new().with_small_parts();
    let mut source = evz_text::open(input(), &options).unwrap();
    let (mut batch, mut again, mut all) = Default::default();
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
        let part = source.part().unwrap();
        parts.read_part(&part, &mut again).unwrap();
        assert_eq!(again, batch);
        EventBatch::extend(&mut all, again.as_slice());
    }
    assert_eq!(all, whole.events);
}

/// Lists by place alone made the number of the row the time, and the time x.
#[test]
fn what_is_proposed_goes_by_the_names_above_and_makes_an_event() {
    let seconds = OpenOptions::new().with_time_unit(TimeUnit::Seconds);
    for (text, proposed) in [
        // R (`write.table`) and pandas with blanks between columns leave out the name of the first.
        ("t x y p\n1 0.5 10 20 1\n", &["-,t,x,y,p"][..]),
        (
            "t x y p\n1 5 10 20 1\n",
            &["-,t,x,y,p", "t,x,y,p,name1", "t,x,y,p,-"],
        ),
        ("t,x,y,p\n0.5,10,20,1,\n", &["t,x,y,p,-"]),
        (
            "# x,y,t,p\n10,20,0.5,1,3\n",
            &["x,y,t,p,name1", "x,y,t,p,-"],
        ),
        (
            "id,t,x,y,p,id\n7,0.5,10,20,1,8\n",
            &["name1,t,x,y,p,name2", "-,t,x,y,p,-"],
        ),
        ("0,0.5,10,20,1\n", &["-,t,x,y,p"]),
        ("0.5,10,20,1,noise\n", &["t,x,y,p,-"]),
    ] {
        let error = read_bytes(text, &seconds).unwrap_err();
        let ways = ways_out(&error);
        assert_eq!(ways, proposed, "{error}");
        let told = seconds.clone().with_columns(ways[0].parse().unwrap());
        let read = read_bytes(text, &told).unwrap();
        assert_eq!(
            (&*read.events.x, &*read.events.y, &*read.events.p),
            (&[10][..], &[20][..], &[1][..]),
            "{text}"
        );
    }
    let pandas = ",t,x,y,p\n0,0.5,10,20,1\n";
    let error = read_bytes(pandas, &told("txyp")).unwrap_err();
    assert_eq!(ways_out(&error), ["name1,t,x,y,p", "-,t,x,y,p"], "{error}");
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
