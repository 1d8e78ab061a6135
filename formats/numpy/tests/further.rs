//! Further columns: from arrays of other people, put together by hand, and into ours.

mod common;

use common::{
    KINDS, Kind, Member, columns_of, error, events, info, le, list, notes, npy, open_bytes, read,
    read_whole, three, us, write, zip,
};
use evz_core::{
    ColumnType, EventBatch, ExtraColumn, LossKind, Metadata, OpenOptions, Question, Report,
    TimeBase, Values,
};

fn told(columns: &str) -> OpenOptions {
    us().with_columns(columns.parse().unwrap())
}

fn names(columns: &[ExtraColumn]) -> Vec<(&str, ColumnType)> {
    let named = columns.iter().map(|c| (c.name.as_str(), c.column_type));
    named.collect()
}

/// Three events with other members behind their columns.
fn with_members(others: Vec<(&str, Vec<u8>)>) -> Vec<u8> {
    let columns = columns_of(&three(), ["t", "x", "y", "p"]);
    let columns = columns.map(|(name, bytes)| Member::stored(&name, bytes));
    let others = others
        .into_iter()
        .map(|(name, bytes)| Member::deflated(&format!("{name}.npy"), bytes));
    zip(&columns.into_iter().chain(others).collect::<Vec<_>>())
}

#[test]
fn members_of_every_type() {
    let nan = f64::from_bits(0xfff4_0000_0000_0123);
    let bytes = with_members(vec![
        ("flag", list("'|b1'", 3, &[1, 0, 1])),
        ("a", list("'|i1'", 3, &[255, 0, 128])),
        ("b", list("'>i2'", 3, &[0xff, 0xfe, 0, 1, 1, 0])),
        (
            "c",
            list("'<i4'", 3, &le(&[i32::MIN, 0, 7], i32::to_le_bytes)),
        ),
        (
            "d",
            list("'>i8'", 3, &le(&[i64::MIN, -1, 1], i64::to_be_bytes)),
        ),
        ("label", list("'|u1'", 3, &[0, 9, 255])),
        (
            "e",
            list("'<u2'", 3, &le(&[1, 2, u16::MAX], u16::to_le_bytes)),
        ),
        (
            "f",
            list("'>u4'", 3, &le(&[1, 2, u32::MAX], u32::to_be_bytes)),
        ),
        (
            "g",
            list("'<u8'", 3, &le(&[1, 2, u64::MAX], u64::to_le_bytes)),
        ),
        (
            "h",
            list("'>f4'", 3, &le(&[-0.0, 0.5, f32::MAX], f32::to_be_bytes)),
        ),
        (
            "i",
            list("'<f8'", 3, &le(&[-0.0, nan, 1e300], f64::to_le_bytes)),
        ),
    ]);
    let found = read_whole(bytes, &us());
    use ColumnType as C;
    assert_eq!(
        names(&found.info.columns),
        [
            ("flag", C::Bool),
            ("a", C::I8),
            ("b", C::I16),
            ("c", C::I32),
            ("d", C::I64),
            ("label", C::U8),
            ("e", C::U16),
            ("f", C::U32),
            ("g", C::U64),
            ("h", C::F32),
            ("i", C::F64),
        ]
    );
    let expected = EventBatch {
        extra: vec![
            Values::from_slice(&[true, false, true]),
            Values::from_slice(&[-1i8, 0, -128]),
            Values::from_slice(&[-2i16, 1, 256]),
            Values::from_slice(&[i32::MIN, 0, 7]),
            Values::from_slice(&[i64::MIN, -1, 1]),
            Values::from_slice(&[0u8, 9, 255]),
            Values::from_slice(&[1, 2, u16::MAX]),
            Values::from_slice(&[1, 2, u32::MAX]),
            Values::from_slice(&[1, 2, u64::MAX]),
            Values::from_slice(&[-0.0, 0.5, f32::MAX]),
            Values::from_slice(&[-0.0, nan, 1e300]),
        ],
        ..three()
    };
    assert_eq!(found.events, expected);
    assert!(found.report.notes.is_empty());
    assert!(found.report.inferred[0].contains("; also \"flag\" (bool), \"a\" (i8), \"b\" (i16)"));
}

#[test]
fn members_that_are_no_columns() {
    let bytes = with_members(vec![
        ("short", list("'|u1'", 2, &[0; 2])),
        ("long", list("'<f8'", 4, &[0; 32])),
        ("pairs", npy("'<i2'", "False", "(3, 2)", &[0; 12])),
        ("one", npy("'<i8'", "False", "()", &[0; 8])),
        ("text", list("'<U2'", 3, &[0; 24])),
        ("objects", list("'|O'", 3, b"pickle")),
        ("half", list("'<f2'", 3, &[0; 6])),
        ("when", list("'<M8[us]'", 3, &[0; 24])),
        ("complex", list("'<c8'", 3, &[0; 24])),
        ("record", list("[('a', '|u1')]", 3, &[0; 3])),
        ("", list("'|u1'", 3, &[0; 3])),
        ("label", list("'|u1'", 3, &[1, 2, 3])),
        ("unit.nothing", npy("'<U1'", "False", "()", &[65, 0, 0, 0])),
    ]);
    let found = read_whole(bytes, &us());
    assert_eq!(names(&found.info.columns), [("label", ColumnType::U8)]);
    assert_eq!(found.events.extra, [Values::from_slice(&[1u8, 2, 3])]);
    assert_eq!(
        notes(&found.report),
        [
            "members that are not read: \"short\", \"long\", \"pairs\", \"one\", \"text\", \
             \"objects\", \"half\", \"when\", \"complex\", \"record\", \"\", \"unit.nothing\""
        ]
    );
}

#[test]
fn as_many_members_as_there_may_be() {
    let names: Vec<String> = (0..70).map(|i| format!("c{i:02}")).collect();
    let member = |i: usize| list("'|u1'", 3, &[i as u8; 3]);
    let members = names
        .iter()
        .enumerate()
        .map(|(i, name)| (&**name, member(i)));
    let found = read_whole(with_members(members.collect()), &us());
    let read: Vec<&str> = found.info.columns.iter().map(|c| &*c.name).collect();
    assert_eq!(read, names[..64]);
    for (i, values) in found.events.extra.iter().enumerate() {
        assert_eq!(*values, Values::from_slice(&[i as u8; 3]));
    }
    assert_eq!(
        notes(&found.report),
        ["members that are not read: \"c64\", \"c65\", \"c66\", \"c67\", \"c68\", \"c69\""]
    );
}

#[test]
fn what_the_archive_says_of_a_column() {
    let text = |text: &str| {
        let chars: Vec<u32> = text.chars().map(u32::from).collect();
        let descr = format!("'<U{}'", chars.len());
        npy(&descr, "False", "()", &le(&chars, u32::to_le_bytes))
    };
    // A list of the length of the events is a column, whatever its name; a single number is not.
    let bytes = with_members(vec![
        ("unit.depth", text("mm")),
        ("depth", list("'<f4'", 3, &[0; 12])),
        ("description.depth", text("é: how far")),
        ("width", list("'|u1'", 3, &[0; 3])),
        ("column.width", list("'|u1'", 3, &[0; 3])),
        ("column.depth", list("'|u1'", 3, &[0; 3])),
    ]);
    let found = read_whole(bytes, &us());
    let depth = ExtraColumn::new("depth", ColumnType::F32).with_unit("mm");
    let [width, other] = ["width", "column.depth"].map(|n| ExtraColumn::new(n, ColumnType::U8));
    assert_eq!(
        found.info.columns,
        [depth.with_description("é: how far"), width, other]
    );
    assert_eq!(found.info.size, None);
    assert_eq!(
        notes(&found.report),
        ["members that are not read: \"column.width\""]
    );
}

#[test]
fn members_beside_one_with_all_columns() {
    let rows = le(&[3, 10, 20, 1, 9_000_000, 9, 30, 0], i64::to_le_bytes);
    let label = list("'<i2'", 2, &[7, 0, 8, 0]);
    let bytes = zip(&[
        Member::stored("label.npy", label.clone()),
        Member::deflated("events.npy", npy("'<i8'", "False", "(2, 4)", &rows)),
        Member::stored("t.npy", label),
    ]);
    let found = read_whole(bytes, &us());
    assert_eq!(names(&found.info.columns), [("label", ColumnType::I16)]);
    assert_eq!(found.events.extra, [Values::from_slice(&[7i16, 8])]);
    assert_eq!(found.events.x, [10, 9]);
    // A column of events is not also a further one.
    assert_eq!(notes(&found.report), ["members that are not read: \"t\""]);
}

#[test]
fn fields_in_any_order() {
    let descr = "[('label', '|i1'), ('x', '<u2'), ('box', '<f4', (2,)), ('y', '<u2'), \
        (('how sure', 'weight'), '>f4'), ('in', [('a', '|u1')]), ('p', '|b1'), ('half', '<f2'), \
        ('t', '<i8'), ('ok', '|b1')]";
    let row = |label: u8, x: u8, weight: f32, t: u8, ok: u8| {
        let mut row = vec![label, x, 0];
        row.extend([9; 8]);
        row.extend([3, 0]);
        row.extend(weight.to_be_bytes());
        row.extend([9, 1, 9, 9, t, 0, 0, 0, 0, 0, 0, 0, ok]);
        row
    };
    let values = [row(255, 2, 0.25, 1, 1), row(7, 4, -0.0, 2, 0)].concat();
    let found = read_whole(list(descr, 2, &values), &us());
    let expected = EventBatch {
        extra: vec![
            Values::from_slice(&[-1i8, 7]),
            Values::from_slice(&[0.25f32, -0.0]),
            Values::from_slice(&[true, false]),
        ],
        ..events(&[(1, 2, 3, 1), (2, 4, 3, 1)])
    };
    assert_eq!(found.events, expected);
    let weight = ExtraColumn::new("weight", ColumnType::F32).with_description("how sure");
    assert_eq!(
        found.info.columns,
        [
            ExtraColumn::new("label", ColumnType::I8),
            weight,
            ExtraColumn::new("ok", ColumnType::Bool)
        ]
    );
    assert_eq!(
        notes(&found.report),
        ["fields that are not read: \"box\", \"in\", \"half\""]
    );
    // A byte that numpy would not write for a truth.
    let mut wrong = values;
    *wrong.last_mut().unwrap() = 2;
    let found = read(open_bytes(list(descr, 2, &wrong), &us()).unwrap());
    assert_eq!(found.events.as_slice(), expected.as_slice().slice(0..1));
    assert_eq!(
        found.error.unwrap().to_string(),
        "events: row 1: ok is 2, where a bool, 0 or 1, is expected; set on_bad_line to skip, or mend the row; rows count from 0"
    );
}

/// x, y, something, t, p, a label.
const ROWS: [[f64; 6]; 3] = [
    [10.0, 20.0, 0.5, 3.0, 1.0, 7.0],
    [9.0, 30.0, f64::NAN, 5.0, 0.0, 300.0],
    [8.0, 40.0, 1.5, 6.0, 1.0, 0.25],
];

fn of_rows(extra: Vec<Values>) -> EventBatch {
    EventBatch {
        extra,
        ..events(&[(3, 10, 20, 1), (5, 9, 30, 0), (6, 8, 40, 1)])
    }
}

#[test]
fn plain_numbers_with_more_columns_as_told() {
    let by_row = le(ROWS.as_flattened(), f64::to_le_bytes);
    let by_column: Vec<f64> = (0..6).flat_map(|i| ROWS.map(|row| row[i])).collect();
    let by_column = le(&by_column, f64::to_le_bytes);
    let label = Values::from_slice(&[7.0, 300.0, 0.25]);
    for (fortran, shape, values) in [
        ("False", "(3, 6)", &by_row),
        ("True", "(6, 3)", &by_row),
        ("True", "(3, 6)", &by_column),
        ("False", "(6, 3)", &by_column),
    ] {
        let bytes = npy("'<f8'", fortran, shape, values);
        let found = read_whole(bytes.clone(), &told("x,y,-,t,p,label"));
        assert_eq!(
            found.events,
            of_rows(vec![label.clone()]),
            "{fortran} {shape}"
        );
        assert_eq!(names(&found.info.columns), [("label", ColumnType::F64)]);
        assert_eq!(
            found.report.inferred,
            ["read as: x y - t p label as told (<f8, microseconds as told, to the microsecond)"]
        );
        assert!(found.report.notes.is_empty());
        let found = read_whole(bytes, &told("x,y,a:f32,t,p,label:f32"));
        let [Some(a), Some(label)] =
            [0, 1].map(|i| found.events.extra[i].as_slice().to_vec::<f32>())
        else {
            panic!("two columns of f32");
        };
        assert!(a[0] == 0.5 && a[1].is_nan() && a[2] == 1.5);
        assert_eq!(label, [7.0, 300.0, 0.25]);
    }
}

#[test]
fn values_that_are_none_of_the_type_told() {
    let bytes = npy(
        "'<f8'",
        "False",
        "(3, 6)",
        &le(ROWS.as_flattened(), f64::to_le_bytes),
    );
    for (column_type, row, value) in [("u8", 1, "300"), ("i16", 2, "0.25"), ("bool", 0, "7")] {
        let list = format!("x,y,-,t,p,label:{column_type}");
        let found = read(open_bytes(bytes.clone(), &told(&list)).unwrap());
        assert_eq!(found.events.len(), row);
        let error = found.error.unwrap();
        assert_eq!(
            error.to_string(),
            format!(
                "events: row {row}: label is {value}, which no {column_type} is; set columns to \
                 x,y,-,t,p,label, or set on_bad_line to skip, or mend the row; rows count from 0"
            )
        );
        assert_eq!(error.question(), Some(Question::Columns));
    }
    let found = read_whole(bytes, &told("x,y,-,t,p,label"));
    assert_eq!(found.events.len(), 3);
}

#[test]
fn plain_numbers_with_more_columns_untold() {
    let rows = [[3, 10, 20, 1, 7], [5, 9, 30, 0, -8]];
    let bytes = npy(
        "'<i4'",
        "False",
        "(2, 5)",
        &le(rows.as_flattened(), i32::to_le_bytes),
    );
    let expected = EventBatch {
        extra: vec![Values::from_slice(&[7, -8])],
        ..events(&[(3, 10, 20, 1), (5, 9, 30, 0)])
    };
    let archive = zip(&[
        Member::stored("events.npy", bytes.clone()),
        Member::stored("notes.npy", list("'|u1'", 3, &[0; 3])),
    ]);
    for (bytes, place) in [(bytes, ""), (archive, "member events.npy: ")] {
        let asked = error(bytes.clone(), &us());
        assert_eq!(
            asked.to_string(),
            format!(
                "events: {place}its shape is [2, 5], and what its 5 columns hold is to be told, \
                 or - for one to skip; set columns to t,x,y,p,column5"
            )
        );
        assert_eq!(asked.question(), Some(Question::Columns));
        let found = read_whole(bytes.clone(), &told("t,x,y,p,column5"));
        assert_eq!(found.events, expected);
        // Other columns than there are.
        for (list, wanted) in [
            ("txyp", "t,x,y,p,column5"),
            ("p,x,y,t,-,-", "p,x,y,t,column5"),
        ] {
            let asked = error(bytes.clone(), &told(list)).to_string();
            assert!(asked.contains("columns are told"), "{asked}");
            assert!(
                asked.ends_with(&format!("set columns to {wanted}")),
                "{asked}"
            );
        }
    }
    let four = npy("'<i4'", "False", "(1, 4)", &[0; 16]);
    let asked = error(four, &told("t,x,y,p,label")).to_string();
    assert!(asked.ends_with("set columns to t,x,y,p"), "{asked}");
}

fn with_column(column: ExtraColumn, values: Values) -> (evz_core::StreamInfo, EventBatch) {
    let info = info(TimeBase::MICROSECONDS).with_columns(vec![column]);
    let extra = vec![values];
    (info, EventBatch { extra, ..three() })
}

#[test]
fn names_that_mean_something_else() {
    for name in [
        "time",
        "on",
        "t_us",
        "x@346",
        "clock",
        "meta.a",
        "unit.p",
        "column.time",
    ] {
        let values = Values::from_slice(&[1u8, 2, 3]);
        let (info, batch) = with_column(ExtraColumn::new(name, ColumnType::U8), values);
        for kind in KINDS {
            let bytes = write(kind, &info, &batch, &Metadata::new(), 2).unwrap();
            let found = read_whole(bytes, &OpenOptions::new());
            assert_eq!(found.info.columns, info.columns, "{name} {kind:?}");
            assert_eq!(found.events, batch);
            assert!(found.info.clock.is_unknown() && found.report.notes.is_empty());
        }
    }
}

#[test]
fn names_that_cannot_be_written() {
    let create = |kind, name: &str| {
        let values = Values::from_slice(&[1u8, 2, 3]);
        let (info, batch) = with_column(ExtraColumn::new(name, ColumnType::U8), values);
        write(kind, &info, &batch, &Metadata::new(), 2)
    };
    let long = "a".repeat(10_000);
    let error = create(Kind::Npy, &long).unwrap_err().to_string();
    assert!(error.ends_with("write it as .npz"), "{error}");
    let found = read_whole(create(Kind::Npz, &long).unwrap(), &OpenOptions::new());
    assert_eq!(found.info.columns[0].name, long);
    for name in ["a\0b", &"a".repeat(65_530)] {
        let error = create(Kind::Npz, name).unwrap_err().to_string();
        assert!(error.contains("no member of an archive"), "{error}");
    }
    let found = read_whole(create(Kind::Npy, "a\0b").unwrap(), &OpenOptions::new());
    assert_eq!(found.info.columns[0].name, "a\0b");
}

#[test]
fn a_unit_is_lost_where_there_is_no_place_for_it() {
    let report = |kind: Kind, column| -> Report {
        let info = info(TimeBase::MICROSECONDS).with_columns(vec![column]);
        let out = evz_core::Output::from_writer(std::io::sink(), "out");
        let create = evz_numpy::FORMATS[kind as usize].create.unwrap();
        let sink = create(out, &info, &evz_core::CreateOptions::new()).unwrap();
        assert!(sink.keeps_columns());
        sink.finish(&Metadata::new()).unwrap()
    };
    let bare = || ExtraColumn::new("depth", ColumnType::F32);
    assert!(!report(Kind::Npy, bare()).has_losses());
    assert!(!report(Kind::Npz, bare().with_unit("mm")).has_losses());
    for column in [bare().with_unit("mm"), bare().with_description("how far")] {
        let losses = report(Kind::Npy, column).losses;
        assert_eq!((losses.len(), losses[0].count), (1, 1));
        assert_eq!(losses[0].examples, ["depth"]);
    }
}

#[test]
fn events_with_other_columns_than_declared() {
    for kind in KINDS {
        let (info, mut batch) = with_column(
            ExtraColumn::new("label", ColumnType::U8),
            Values::from_slice(&[1u16, 2, 3]),
        );
        for found in ["u16", ""] {
            let error = write(kind, &info, &batch, &Metadata::new(), 3).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("events with further columns [{found}]; their stream has [label (u8)]")
            );
            batch.extra.clear();
        }
    }
}

#[test]
fn as_many_columns_as_there_may_be_in_many_blocks() {
    let n = 200_000;
    let mut batch: EventBatch = (0..n)
        .map(|i| evz_core::Event {
            t: i,
            x: i as u16,
            y: 7,
            p: 0,
        })
        .collect();
    let types = ColumnType::ALL.into_iter().cycle().take(ExtraColumn::MAX);
    let columns = types
        .enumerate()
        .map(|(i, t)| ExtraColumn::new(format!("c{i}"), t));
    let columns: Vec<ExtraColumn> = columns.collect();
    for (i, column) in columns.iter().enumerate() {
        let bytes = (0..n as usize * column.column_type.size()).map(|k| k * (k + i) / 7);
        let bytes = match column.column_type {
            ColumnType::Bool => bytes.map(|b| b as u8 & 1).collect(),
            _ => bytes.map(|b| b as u8).collect(),
        };
        let values = Values::from_bytes(column.column_type, bytes);
        batch.extra.push(values.unwrap());
    }
    let info = info(TimeBase::MICROSECONDS).with_columns(columns.clone());
    for kind in KINDS {
        let bytes = write(kind, &info, &batch, &Metadata::new(), 70_001).unwrap();
        let found = read_whole(bytes, &OpenOptions::new());
        assert_eq!(found.info.columns, columns);
        assert!(found.events == batch, "{kind:?}");
    }
}

#[test]
fn a_cut_in_a_further_column() {
    let whole = with_members(vec![("label", list("'<u8'", 3, &[7; 24]))]);
    let directory = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    // The member is deflated: stored, its bytes are as long as they are said to be.
    let member = Member::stored("label.npy", list("'<u8'", 3, &[7; 24]));
    let columns = columns_of(&three(), ["t", "x", "y", "p"]);
    let columns = columns.map(|(name, bytes)| Member::stored(&name, bytes));
    let stored = zip(&columns.into_iter().chain([member]).collect::<Vec<_>>());
    let end = stored.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let found = read(open_bytes(&stored[..end - 9], &us()).unwrap());
    assert_eq!(found.events.t, three().t[..1]);
    assert_eq!(found.events.extra[0].len(), 1);
    let loss = &found.report.losses[0];
    assert_eq!((loss.kind, loss.count), (LossKind::CutOff, 2));
    // Of a directory that has begun nothing more is lost.
    let found = read_whole(&whole[..directory + 4], &us());
    assert_eq!(found.events.extra[0].len(), 3);
}
