//! Arrays of other people, put together by hand from the description of the layout, with the events
//! known beforehand.

mod common;

use common::{error, events, le, list, notes, npy, open_bytes, probe, read, read_whole, us};
use evz_core::{
    ColumnOrder, ErrorKind, EventBatch, LossKind, OpenOptions, Place, Question, SensorSize,
    TimeBase, Value,
};

/// Two events of 13 bytes: t = 1, x = 2, y = 3, p = 1, then t = 256, x = 258, y = 4, p = 0.
const RECORDS: &[u8] = b"\x01\0\0\0\0\0\0\0\x02\0\x03\0\x01\0\x01\0\0\0\0\0\0\x02\x01\x04\0\0";
const DESCR: &str = "[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|b1')]";

fn two() -> EventBatch {
    events(&[(1, 2, 3, 1), (256, 258, 4, 0)])
}

#[test]
fn records() {
    let bytes = list(DESCR, 2, RECORDS);
    assert_eq!(probe(&bytes), [Some(250), None]);
    let found = read_whole(bytes, &us());
    assert_eq!(found.events, two());
    assert_eq!(found.info.time_base, TimeBase::MICROSECONDS);
    assert_eq!(found.info.metadata["source.file"], Value::from("events"));
    assert_eq!(found.info.metadata["source.format"], Value::from("npy"));
    assert_eq!(
        found.report.inferred,
        [
            "read as: t = \"t\" (<i8, microseconds as told), x = \"x\" (<u2), y = \"y\" (<u2), p = \"p\" (|b1)"
        ]
    );
}

#[test]
fn every_version_of_the_head() {
    let text = "{'descr': [('t','<i8'),('x','<u2'),('y','<u2'),('p','|b1')], 'fortran_order': False, 'shape': (2,)}\n";
    let with = |version: u8, len: &[u8], text: &str| {
        [
            b"\x93NUMPY",
            &[version, 0][..],
            len,
            text.as_bytes(),
            RECORDS,
        ]
        .concat()
    };
    let short = (text.len() as u16).to_le_bytes();
    let long = (text.len() as u32).to_le_bytes();
    assert_eq!(read_whole(with(1, &short, text), &us()).events, two());
    assert_eq!(read_whole(with(2, &long, text), &us()).events, two());
    assert_eq!(read_whole(with(3, &long, text), &us()).events, two());
    let accented = text.replace("('p'", "('\u{e9}', '<i8', (0,)), ('p'");
    let long = (accented.len() as u32).to_le_bytes();
    let found = read_whole(with(3, &long, &accented), &us());
    assert_eq!(found.events, two());
    assert_eq!(
        notes(&found.report),
        ["fields that are not read: \"\u{e9}\""]
    );
    assert_eq!(
        error(with(4, &long, text), &us()).to_string(),
        "events: it has version 4 of the format; 1, 2 and 3 are read"
    );
}

#[test]
fn padding_other_orders_names_and_ends() {
    // Aligned: x in 1 byte, a gap, y, p, a gap up to 16.
    let aligned = "[('timestamp', '<i8'), ('X', '|u1'), ('', '|V1'), ('y', '<u2'), ('on', '|b1'), ('', '|V3')]";
    let values = b"\x01\0\0\0\0\0\0\0\x02\xff\x03\0\x01\xff\xff\xff\
        \0\x01\0\0\0\0\0\0\xfe\xff\x04\0\0\xff\xff\xff";
    let found = read_whole(list(aligned, 2, values), &us());
    assert_eq!(found.events, events(&[(1, 2, 3, 1), (256, 254, 4, 0)]));
    // Big-endian, in another order, with a field that is not read.
    let big = "[('x', '>i4'), ('label', '<U1'), ('y', '>i2'), ('pol', '>i2'), ('ts', '>u4')]";
    let values = b"\0\0\x01\x02abcd\0\x03\xff\xff\0\x01\0\0";
    let found = read_whole(list(big, 1, values), &us());
    assert_eq!(found.events, events(&[(65_536, 258, 3, 0)]));
    assert_eq!(
        notes(&found.report),
        ["fields that are not read: \"label\""]
    );
    // Names, remarks and titles that say the unit and the size.
    let titled =
        "[(('t_ns', 't'), '<i8'), ('x@346', '<u2'), (('y@260', 'y'), '<u2'), ('p', '|b1')]";
    let found = read_whole(list(titled, 2, RECORDS), &OpenOptions::new());
    assert_eq!(found.events, two());
    assert_eq!(found.info.time_base, TimeBase::NANOSECONDS);
    let (width, height) = (346, 260);
    assert_eq!(found.info.size, Some(SensorSize { width, height }));
}

#[test]
fn times_with_a_unit_of_their_own() {
    for (unit, nanoseconds) in [("us", 1_000), ("ns", 1), ("25ns", 25), ("s", 1_000_000_000)] {
        for kind in ['m', 'M'] {
            let descr = DESCR.replace("<i8", &format!("<{kind}8[{unit}]"));
            let found = read_whole(list(&descr, 2, RECORDS), &OpenOptions::new());
            assert_eq!(found.events, two());
            assert_eq!(found.info.time_base.whole_nanoseconds(), Some(nanoseconds));
        }
    }
    let descr = DESCR.replace("<i8", "<m8[ns]");
    assert!(
        error(list(&descr, 2, RECORDS), &us())
            .to_string()
            .contains("leave out time_unit")
    );
    let mut values = RECORDS.to_vec();
    values[13..21].copy_from_slice(&i64::MIN.to_le_bytes());
    let found = read(open_bytes(list(&descr, 2, &values), &OpenOptions::new()).unwrap());
    assert_eq!(found.events, events(&[(1, 2, 3, 1)]));
    let found = found.error.unwrap();
    assert_eq!(*found.place(), Place::file("events").with_row(1));
    assert_eq!(
        (found.kind(), found.what()),
        (ErrorKind::Corrupt, "the time is NaT")
    );
}

#[test]
fn whole_times_without_a_unit() {
    assert_eq!(
        error(list(DESCR, 2, RECORDS), &OpenOptions::new()).to_string(),
        "events: column \"t\" holds whole numbers, and nothing says of which unit; set time_unit to s, ms, us or ns"
    );
}

/// t, x, y, p of each event, as most people write them.
const ROWS: [[f64; 4]; 3] = [
    [0.000_003, 10.0, 200.0, 1.0],
    [0.000_005, 9.0, 100.0, 0.0],
    [2.5, 300.0, 20.0, 1.0],
];

fn of_rows() -> EventBatch {
    events(&[(3, 10, 200, 1), (5, 9, 100, 0), (2_500_000, 300, 20, 1)])
}

#[test]
fn four_columns_of_floats() {
    let values = le(ROWS.as_flattened(), f64::to_le_bytes);
    let found = read_whole(
        npy("'<f8'", "False", "(3, 4)", &values),
        &OpenOptions::new(),
    );
    assert_eq!(found.events, of_rows());
    assert_eq!(found.info.time_base, TimeBase::MICROSECONDS);
    assert_eq!(
        found.report.inferred,
        ["read as: t x y p by their values (<f8, seconds for they are floats, to the microsecond)"]
    );
    let big: Vec<u8> = le(ROWS.as_flattened(), f64::to_be_bytes);
    let found = read_whole(npy("'>f8'", "False", "(3, 4)", &big), &OpenOptions::new());
    assert_eq!(found.events, of_rows());
}

#[test]
fn four_columns_one_after_the_other() {
    let by_column: Vec<f64> = (0..4).flat_map(|i| ROWS.map(|row| row[i])).collect();
    let by_column = le(&by_column, f64::to_le_bytes);
    let by_row = le(ROWS.as_flattened(), f64::to_le_bytes);
    for (fortran, shape, values) in [
        ("True", "(3, 4)", &by_column),
        ("False", "(4, 3)", &by_column),
        ("True", "(4, 3)", &by_row),
    ] {
        let found = read_whole(npy("'<f8'", fortran, shape, values), &OpenOptions::new());
        assert_eq!(found.events, of_rows(), "{fortran} {shape}");
    }
}

#[test]
fn orders_by_content_or_as_told() {
    let rows = |order: [usize; 4]| {
        let values: Vec<i32> = [[3, 10, 200, -1], [5, 9, 100, 1], [2_500_000, 300, 20, -1]]
            .iter()
            .flat_map(|row| order.map(|i| row[i]))
            .collect();
        npy("'<i4'", "False", "(3, 4)", &le(&values, i32::to_le_bytes))
    };
    let expected = events(&[(3, 10, 200, 0), (5, 9, 100, 1), (2_500_000, 300, 20, 0)]);
    for order in [[0, 1, 2, 3], [1, 2, 0, 3], [1, 2, 3, 0]] {
        assert_eq!(read_whole(rows(order), &us()).events, expected);
    }
    // Polarity first is nobody's order: it is to be told.
    let found = error(rows([3, 1, 2, 0]), &us());
    assert_eq!(found.kind(), ErrorKind::Ambiguous);
    assert_eq!(found.question(), Some(Question::Columns), "{found}");
    let told = us().with_columns("pxyt".parse().unwrap());
    assert_eq!(read_whole(rows([3, 1, 2, 0]), &told).events, expected);
    assert!("pxy".parse::<ColumnOrder>().is_err());
    // Nor is an order safe when two fit.
    let ones = npy("'<i4'", "False", "(2, 4)", &le(&[1; 8], i32::to_le_bytes));
    let found = error(ones, &us());
    assert!(
        found
            .to_string()
            .contains("set columns to txyp, xytp or xypt"),
        "{found}"
    );
}

#[test]
fn rows_that_are_no_event() {
    let with = |row: usize, column: usize, value: f64| {
        let mut rows = ROWS;
        rows[row][column] = value;
        let values = le(rows.as_flattened(), f64::to_le_bytes);
        let options = OpenOptions::new().with_columns("txyp".parse().unwrap());
        read(open_bytes(npy("'<f8'", "False", "(3, 4)", &values), &options).unwrap())
    };
    for (row, column, value, what) in [
        (
            2,
            0,
            f64::NAN,
            "the time is NaN, which no tick of microseconds is",
        ),
        (
            1,
            0,
            f64::INFINITY,
            "the time is inf, which no tick of microseconds is",
        ),
        (
            2,
            1,
            65_536.0,
            "x is 65536, where a whole number from 0 to 65535 is expected",
        ),
        (
            1,
            2,
            -1.0,
            "y is -1, where a whole number from 0 to 65535 is expected",
        ),
        (
            1,
            2,
            0.5,
            "y is 0.5, where a whole number from 0 to 65535 is expected",
        ),
        (2, 3, 2.0, "the polarity is 2, where 0 or 1 is expected"),
        (2, 3, -1.0, "the polarity is -1, where 0 or 1 is expected"),
    ] {
        let found = with(row, column, value);
        assert_eq!(found.events.len(), row);
        assert_eq!(found.events.x, of_rows().x[..row]);
        let found = found.error.unwrap();
        assert_eq!(*found.place(), Place::file("events").with_row(row as u64));
        assert_eq!(found.kind(), ErrorKind::Corrupt);
        // What the rows around it have follows.
        assert!(found.what().starts_with(what), "{}", found.what());
    }
    assert!(with(0, 3, 3.0).events.is_empty());
}

#[test]
fn what_holds_no_events() {
    let refused =
        |descr: &str, shape: &str| error(npy(descr, "False", shape, &[0; 64]), &us()).to_string();
    assert!(refused("'|O'", "(2, 4)").contains("pickled Python objects"));
    assert!(refused("[('t', '|O')]", "(2,)").contains("pickled Python objects"));
    assert!(refused("'<U4'", "(2, 4)").contains("are of type <U4"));
    assert!(refused("'<i8'", "(2, 5)").contains("its shape is [2, 5]"));
    assert!(refused("'<i8'", "()").contains("its shape is []"));
    assert!(refused(DESCR, "(2, 3)").contains("its shape is [2, 3]"));
    assert!(refused("[('t', '<i8'), ('x', '<u2'), ('y', '<u2')]", "(1,)").contains("no column p"));
    assert!(refused(&DESCR.replace("|b1", "|S1"), "(1,)").contains("field \"p\" is of type |S1"));
    assert!(refused(&DESCR.replace("'<u2'", "'|b1'"), "(1,)").contains("is of type |b1"));
    assert!(refused("'<q8'", "(1, 4)").contains("does not describe an array"));
    assert!(refused("__import__('os')", "(1, 4)").contains("does not describe an array"));
    assert!(error("", &us()).to_string().contains("it is empty"));
    assert!(
        error("text", &us())
            .to_string()
            .contains("neither NPY nor NPZ")
    );
    let none = read_whole(list(DESCR, 0, &[]), &us());
    assert!(none.events.is_empty());
}

#[test]
fn rows_that_are_only_claimed() {
    for claim in [1u64 << 40, 1 << 59] {
        let bytes = npy(DESCR, "False", &format!("({claim},)"), RECORDS);
        let found = read(open_bytes(bytes, &us()).unwrap());
        assert_eq!((found.events, found.error.is_none()), (two(), true));
        let loss = &found.report.losses[0];
        assert_eq!(
            (loss.what.as_str(), loss.count),
            ("rows that are cut off or damaged", claim - 2)
        );
        assert_eq!(
            loss.examples,
            ["events: row 2: it is cut off; copy it again from where it came from"]
        );
        assert_eq!(loss.kind, LossKind::CutOff);
    }
    for shape in [
        "(9223372036854775807,)",
        "(18446744073709551615,)",
        "(1, 18446744073709551615)",
    ] {
        assert!(
            error(npy(DESCR, "False", shape, RECORDS), &us())
                .to_string()
                .contains("rows are claimed")
        );
    }
    let huge = b"\x93NUMPY\x02\x00\xff\xff\xff\xff{";
    assert!(
        error(&huge[..], &us())
            .to_string()
            .contains("a head of 4294967295 bytes is claimed")
    );
    let wide = "[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|b1'), ('', '|V4294967295')]";
    assert!(
        error(list(wide, 1, RECORDS), &us())
            .to_string()
            .contains("more bytes than an event has")
    );
}

#[test]
fn a_cut_where_the_first_rows_were_looked_at() {
    let values = le(ROWS.as_flattened(), f64::to_le_bytes);
    let cut = npy("'<f8'", "False", "(5, 4)", &values[..values.len() - 1]);
    let found = read(open_bytes(cut, &OpenOptions::new()).unwrap());
    assert_eq!((found.events.len(), found.error.is_none()), (2, true));
    assert_eq!(found.report.losses[0].count, 3);
    let none = npy("'<f8'", "False", "(5, 4)", &[]);
    assert!(
        error(none, &OpenOptions::new())
            .to_string()
            .contains("row 0: it is cut off")
    );
    let empty = npy("'<f8'", "False", "(0, 4)", &[]);
    assert!(read_whole(empty, &OpenOptions::new()).events.is_empty());
}

#[test]
fn bytes_behind_the_array_are_told() {
    let bytes = [list(DESCR, 2, RECORDS), list(DESCR, 0, &[])].concat();
    let found = read(open_bytes(bytes, &us()).unwrap());
    assert_eq!((&found.events, found.error.is_none()), (&two(), true));
    let behind = list(DESCR, 0, &[]).len();
    let [loss] = &found.report.losses[..] else {
        panic!("{:?}", found.report);
    };
    let told = (loss.what.as_str(), loss.count, loss.agreed);
    assert_eq!(told, ("bytes behind the array", behind as u64, false));
}

#[test]
fn what_is_noticed_across_blocks() {
    // 150,000 events in three blocks; times run back once in the second.
    let n = 150_000usize;
    let t: Vec<i64> = (0..n as i64)
        .map(|i| if i == 70_000 { 5 } else { i })
        .collect();
    let records: Vec<u8> = (0..n)
        .flat_map(|i| {
            let x = ((i % 400) as u16).to_le_bytes();
            [&t[i].to_le_bytes()[..], &x, &[7, 0], &[(i % 2) as u8]].concat()
        })
        .collect();
    let (width, height) = (399, 300);
    let options = us().with_size(SensorSize { width, height });
    let found = read_whole(list(DESCR, n, &records), &options);
    assert_eq!(found.events.t, t);
    assert!(
        found
            .events
            .x
            .iter()
            .enumerate()
            .all(|(i, x)| usize::from(*x) == i % 400)
    );
    assert_eq!(
        notes(&found.report),
        [
            "times run backwards once, in row 70000",
            "375 events lie beyond the sensor of 399x300: x reaches 399, y reaches 7",
            "all 150000 events lie in row 7 of a sensor of 399x300, as if it were read in another way \
             than it was written"
        ]
    );
}
