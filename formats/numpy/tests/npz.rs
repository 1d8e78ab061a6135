//! Archives of other people, put together by hand from the description of the layout.

mod common;

use common::{
    Member, archive, columns_of, error, events, le, list, notes, npy, open_bytes, probe, read,
    read_whole, three, us, zip,
};
use evz_core::columns::{RowPart, Signs};
use evz_core::{
    ErrorKind, EventBatch, EventSource, Input, LossKind, Next, OpenOptions, Place, Question,
    SensorSize, TimeBase, TimeUnit,
};
use evz_numpy::FORMATS;

const NAMES: [&str; 4] = ["t", "x", "y", "p"];

#[test]
fn stored_and_deflated_and_with_long_sizes() {
    let zip64 = |name: &str, bytes| Member::deflated(name, bytes).with_zip64();
    for names in [
        NAMES,
        ["ts", "X", "y", "pol"],
        ["timestamp", "x", "Y", "polarity"],
        ["time", "x", "y", "on"],
    ] {
        for member in [Member::stored, Member::deflated, zip64] {
            let bytes = archive(columns_of(&three(), names), member);
            assert_eq!(probe(&bytes), [None, Some(250)]);
            let found = read_whole(bytes, &us());
            assert_eq!(found.events, three());
            assert!(found.report.notes.is_empty());
        }
    }
}

#[test]
fn rows_of_stored_members_are_read_by_themselves() {
    let n = 40_000i64;
    let rows: Vec<_> = (0..n)
        .map(|i| (i, i as u16, (i / 3) as u16, (i % 2) as u8))
        .collect();
    let open = |member: fn(&str, Vec<u8>) -> Member| {
        let bytes = archive(columns_of(&events(&rows), NAMES), member);
        let source = open_bytes(bytes.clone(), &us().with_small_parts()).unwrap();
        let input = Input::from_bytes(bytes, "events.npz");
        (
            source,
            (FORMATS[1].open_parts.unwrap())(input, &us()).unwrap(),
        )
    };
    let (mut source, parts) = open(Member::stored);
    let (mut batch, mut again) = (EventBatch::default(), EventBatch::default());
    let mut found = 0;
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
        let part = source.part().unwrap();
        parts.read_part(&part, &mut again).unwrap();
        assert_eq!(again, batch);
        found += batch.len();
        for cut in 0..part.len() {
            assert!(parts.read_part(&part[..cut], &mut again).is_err());
        }
    }
    assert_eq!(found, n as usize);
    let behind = RowPart {
        first: n as u64 - 1,
        rows: 2,
        signs: Signs::default(),
    };
    assert!(parts.read_part(&behind.to_bytes(), &mut again).is_err());
    let (mut packed, _) = open(Member::deflated);
    let _ = packed.read_batch(&mut batch).unwrap();
    assert!(packed.part().is_none());
}

#[test]
fn a_deflate_stream_by_hand() {
    // Each column in one stored block of deflate: 1, length, its complement, the bytes.
    let packed = |name: &str, bytes: Vec<u8>| {
        let len = bytes.len() as u16;
        let head = [&[1][..], &len.to_le_bytes(), &(!len).to_le_bytes()].concat();
        Member {
            method: 8,
            packed: [head, bytes.clone()].concat(),
            ..Member::stored(name, bytes)
        }
    };
    let found = read_whole(archive(columns_of(&three(), NAMES), packed), &us());
    assert_eq!(found.events, three());
}

#[test]
fn sizes_behind_the_bytes() {
    let behind = |name: &str, bytes| Member {
        flags: 8,
        ..Member::deflated(name, bytes)
    };
    let found = read_whole(archive(columns_of(&three(), NAMES), behind), &us());
    assert_eq!(found.events, three());
}

#[test]
fn a_zip_of_text_is_none() {
    let text = zip(&[Member::stored("events.txt", b"0.1 1 2 1\n".to_vec())]);
    assert_eq!(probe(&text)[1], None);
    assert_eq!(probe(b"PK\x05\x06")[1], None);
    for len in 0..40 {
        assert_eq!(probe(&text[..len])[1], None);
    }
}

fn with_others(others: Vec<Member>) -> Vec<u8> {
    let columns = columns_of(&three(), NAMES);
    let columns = columns.map(|(name, bytes)| Member::stored(&name, bytes));
    zip(&others.into_iter().chain(columns).collect::<Vec<_>>())
}

fn number(name: &str, descr: &str, bytes: &[u8]) -> Member {
    Member::stored(&format!("{name}.npy"), npy(descr, "False", "()", bytes))
}

#[test]
fn what_the_archive_says_of_itself() {
    let bytes = with_others(vec![
        number("time_base_ns", "'<i8'", &1_000i64.to_le_bytes()),
        number("width", "'<u2'", &346u16.to_le_bytes()),
        number("height", "'>i4'", &260i32.to_be_bytes()),
        number("label", "'<i8'", &[0; 8]),
    ]);
    let found = read_whole(bytes.clone(), &OpenOptions::new());
    assert_eq!(found.events, three());
    assert_eq!(found.info.time_base, TimeBase::MICROSECONDS);
    let (width, height) = (346, 260);
    assert_eq!(found.info.size, Some(SensorSize { width, height }));
    assert_eq!(
        notes(&found.report),
        [
            "members that are not read: \"label\"",
            "2 events lie beyond the sensor of 346x260: x reaches 65535, y reaches 300"
        ]
    );
    // What is told goes first.
    let (width, height) = (70_000, 70_000);
    let told = OpenOptions::new()
        .with_time_unit(TimeUnit::Nanoseconds)
        .with_size(SensorSize { width, height });
    let found = read_whole(bytes, &told);
    assert_eq!(found.info.time_base, TimeBase::NANOSECONDS);
    assert_eq!(found.info.size.unwrap().width, 70_000);
}

#[test]
fn numbers_that_say_nothing() {
    let bytes = with_others(vec![
        number("time_base_ns", "'<i8'", &(-1i64).to_le_bytes()),
        number("width", "'<f8'", &346.0f64.to_le_bytes()),
        number("height", "'<i8'", &[1]),
    ]);
    let found = error(bytes, &OpenOptions::new());
    assert_eq!(found.question(), Some(Question::TimeUnit), "{found}");
}

#[test]
fn one_member_with_all_columns() {
    let descr = "[('x', '<u2'), ('y', '<u2'), ('p', '<i2'), ('t', '<i8')]";
    let record = b"\x0a\0\x14\0\xff\xff\x03\0\0\0\0\0\0\0";
    let records = Member::deflated("events.npy", list(descr, 1, record));
    let found = read_whole(zip(&[records]), &us());
    assert_eq!(found.events, events(&[(3, 10, 20, 0)]));
    assert!(found.report.inferred[0].contains("x = \"x\" (<u2)"));

    let rows = le(&[3, 10, 20, 1, 9_000_000, 9, 30, 0], i64::to_le_bytes);
    let numbers = npy("'<i8'", "False", "(2, 4)", &rows);
    let label = || Member::stored("label.npy", list("'<i8'", 1, &[0; 8]));
    let found = read_whole(
        zip(&[label(), Member::deflated("a.npy", numbers.clone())]),
        &us(),
    );
    assert_eq!(
        found.events,
        events(&[(3, 10, 20, 1), (9_000_000, 9, 30, 0)])
    );
    assert_eq!(
        notes(&found.report),
        ["members that are not read: \"label\""]
    );

    let two = [
        Member::stored("a.npy", numbers.clone()),
        Member::stored("b.npy", numbers),
    ];
    assert_eq!(
        error(zip(&two), &us()).to_string(),
        "events: both \"a\" and \"b\" may be its events; set stream to a or b"
    );
    for member in ["a", "b"] {
        let found = read_whole(zip(&two), &us().with_stream(member));
        assert_eq!(found.events.len(), 2, "{member}");
    }
    let none = error(zip(&two), &us().with_stream("c")).to_string();
    assert_eq!(none, "events: it has no member \"c\"; set stream to a or b");
}

#[test]
fn columns_one_after_the_other_in_many_blocks() {
    // 100,000 events as a deflated array whose first index runs fastest.
    let n = 100_000i64;
    let t: Vec<i64> = (0..n).map(|i| i * 3 + 100_000).collect();
    let x: Vec<i64> = (0..n).map(|i| i * 7 % 640).collect();
    let y: Vec<i64> = (0..n).map(|i| i * 11 % 480).collect();
    let p: Vec<i64> = (0..n).map(|i| i % 2).collect();
    let values = le(&[t.clone(), x.clone(), y, p].concat(), i64::to_le_bytes);
    let bytes = npy("'<i8'", "True", "(100000, 4)", &values);
    let found = read_whole(zip(&[Member::deflated("events.npy", bytes)]), &us());
    assert_eq!(found.events.t, t);
    assert!(
        found
            .events
            .x
            .iter()
            .zip(&x)
            .all(|(a, b)| i64::from(*a) == *b)
    );
    assert_eq!(found.events.len(), 100_000);
}

#[test]
fn members_that_do_not_fit() {
    let mut columns = columns_of(&three(), NAMES);
    columns[1].1 = list("'<u2'", 2, &[0; 4]);
    assert_eq!(
        error(archive(columns.clone(), Member::deflated), &us()).to_string(),
        "events: member x.npy: it has 2 values, and \"t\" has 3: they are not of one length"
    );
    columns[1].1 = npy("'<u2'", "False", "(3, 2)", &[0; 12]);
    assert!(
        error(archive(columns.clone(), Member::stored), &us())
            .to_string()
            .contains("its shape is [3, 2]")
    );
    columns[1].1 = list("'|O'", 3, b"pickle");
    assert!(
        error(archive(columns.clone(), Member::stored), &us())
            .to_string()
            .contains("member x.npy: it holds pickled")
    );
    columns[1].0 = "z.npy".to_owned();
    let found = error(archive(columns.clone(), Member::stored), &us());
    assert!(
        found
            .to_string()
            .contains("it has no column x; it has \"t\", \"z\", \"y\", \"p\""),
        "{found}"
    );
    columns[0].0 = "time.npy".to_owned();
    columns[1].0 = "ts.npy".to_owned();
    assert!(
        error(archive(columns, Member::stored), &us())
            .to_string()
            .contains("both \"time\" and \"ts\"")
    );
    let encrypted = |name: &str, bytes| Member {
        flags: 1,
        ..Member::stored(name, bytes)
    };
    let found = error(archive(columns_of(&three(), NAMES), encrypted), &us());
    assert_eq!(
        found.to_string(),
        "events: member t.npy: it is encrypted; unpack it first"
    );
    assert_eq!(found.kind(), ErrorKind::Unsupported);
    let lzma = |name: &str, bytes| Member {
        method: 14,
        ..Member::stored(name, bytes)
    };
    let found = error(archive(columns_of(&three(), NAMES), lzma), &us());
    assert!(
        found.to_string().contains("a method other than deflate"),
        "{found}"
    );
}

fn many(n: i64) -> EventBatch {
    (0..n)
        .map(|i| evz_core::Event {
            t: i * 7,
            x: (i * 31 % 640) as u16,
            y: (i * 17 % 480) as u16,
            p: (i * i % 3 == 0).into(),
        })
        .collect()
}

#[test]
fn a_cut_in_the_last_column() {
    let whole = many(100_000);
    for member in [Member::stored, Member::deflated] {
        let columns = columns_of(&whole, NAMES);
        let last = member("p.npy", columns[3].1.clone()).packed.len();
        let bytes = archive(columns, member);
        let directory = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        let found = read(open_bytes(&bytes[..directory - last / 2], &us()).unwrap());
        assert!(found.error.is_none(), "{:?}", found.error);
        let n = found.events.len();
        assert!(n > 10_000 && n < 90_000, "{n}");
        assert_eq!(found.events.as_slice(), whole.as_slice().slice(0..n));
        let loss = &found.report.losses[0];
        assert_eq!(loss.count, 100_000 - n as u64);
        assert_eq!(
            loss.examples,
            [format!(
                "events: member p.npy: row {n}: it is cut off; copy it again from where it came from"
            )]
        );
        assert_eq!(loss.kind, LossKind::CutOff);
        assert_eq!(
            notes(&found.report)[0],
            "the directory at the end of the zip is missing or damaged: the file may be cut off"
        );
        // Of a directory that has begun nothing more is lost.
        let found = read_whole(&bytes[..directory + 4], &us());
        assert_eq!(found.events, whole);
        assert_eq!(found.report.notes.len(), 1);
        // Where it has not, other members may have stood before it.
        let found = read(open_bytes(&bytes[..directory], &us()).unwrap());
        assert_eq!(found.events, whole);
        let [loss] = &found.report.losses[..] else {
            panic!("{:?}", found.report);
        };
        assert_eq!((loss.kind, loss.agreed), (LossKind::CutOff, false));
        let place = format!("events: byte {directory}: it is cut off or damaged");
        assert!(loss.examples[0].starts_with(&place), "{loss:?}");
        // Before the last column has begun there are no events.
        let found = error(&bytes[..directory - last - 100], &us());
        assert!(
            found
                .to_string()
                .contains("cut off before all of its columns have begun"),
            "{found}"
        );
    }
}

#[test]
fn a_wrong_checksum() {
    let mut columns = columns_of(&three(), NAMES).map(|(name, bytes)| Member::stored(&name, bytes));
    columns[1].crc ^= 1;
    let found = read(open_bytes(zip(&columns), &us()).unwrap());
    assert_eq!(found.events, three());
    let error = found.error.unwrap();
    let place = Place::file("events").with_part("member x.npy");
    assert_eq!((error.kind(), error.place()), (ErrorKind::Corrupt, &place));
    assert!(
        (error.what()).starts_with("some of its values are wrong: checksum"),
        "{error}"
    );
}

/// Nobody is asked what a value means that was not written so.
#[test]
fn a_value_that_is_damaged_is_no_question() {
    let whole = many(200_000);
    for row in [7, 199_000] {
        let mut columns = stored(&whole);
        let p = &mut columns[3].packed;
        let at = p.len() - whole.len() + row;
        p[at] ^= 4;
        let found = read(open_bytes(zip(&columns), &us()).unwrap());
        assert_eq!(found.events.as_slice(), whole.as_slice().slice(0..row));
        let error = found.error.unwrap();
        let place = Place::file("events").with_part("member p.npy");
        assert_eq!((error.kind(), error.place()), (ErrorKind::Corrupt, &place));
        // With the checksum of what is there it is what was written.
        columns[3].crc = common::crc32(&columns[3].packed);
        let found = read(open_bytes(zip(&columns), &us()).unwrap());
        let asked = found.error.unwrap().question();
        assert_eq!(asked, Some(Question::PolarityMap));
    }
}

/// What is said beside the events and damaged is lost, and said to be.
#[test]
fn metadata_with_a_wrong_checksum() {
    let archive = |change: fn(&mut Member)| {
        let columns = columns_of(&three(), NAMES);
        let mut members = Vec::from(columns.map(|(name, bytes)| Member::stored(&name, bytes)));
        let width = Member::stored(
            "width.npy",
            npy("'<i8'", "False", "()", &640i64.to_le_bytes()),
        );
        members.extend([
            width,
            Member::stored(
                "height.npy",
                npy("'<i8'", "False", "()", &480i64.to_le_bytes()),
            ),
        ]);
        change(&mut members[4]);
        read(open_bytes(zip(&members), &us()).unwrap())
    };
    let whole = archive(|_| {});
    assert!(whole.report.losses.is_empty());
    for change in [(|m| m.crc ^= 1) as fn(&mut Member), |m| {
        *m.packed.last_mut().unwrap() ^= 1
    }] {
        let found = archive(change);
        assert_eq!(found.events, three());
        assert!(found.error.is_none(), "{:?}", found.error);
        let [loss] = &found.report.losses[..] else {
            panic!("{:?}", found.report);
        };
        assert_eq!((loss.kind, loss.count), (LossKind::Damaged, 1));
        assert!(loss.examples[0].contains("member width.npy"), "{loss:?}");
    }
}

#[test]
fn claims_of_an_archive() {
    let bytes = archive(columns_of(&three(), NAMES), Member::stored);
    let end = bytes.len() - 22;
    // Of a directory that is not where it is claimed to be nothing is believed: its length, which
    // is not needed, then its place.
    let note = "the directory at the end of the zip is missing or damaged: the file may be cut off";
    for (at, claim, said) in [
        (12, u32::MAX, None),
        (12, 1 << 18, None),
        (16, u32::MAX - 5, Some(note)),
    ] {
        let mut wild = bytes.clone();
        wild[end + at..end + at + 4].copy_from_slice(&u32::to_le_bytes(claim));
        let found = read_whole(wild, &us());
        assert_eq!(found.events, three());
        assert!(notes(&found.report).iter().eq(&said), "{at} {claim}");
    }
    // Members of 2^60 rows, of which the streams have three.
    let mut columns = columns_of(&three(), NAMES);
    let types = ["'<i8'", "'<u2'", "'<u2'", "'|u1'"];
    for ((_, bytes), descr) in columns.iter_mut().zip(types) {
        let at = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
        *bytes = npy(descr, "False", "(1152921504606846976,)", &bytes[at..]);
    }
    let found = read(open_bytes(archive(columns, Member::deflated), &us()).unwrap());
    assert_eq!(found.events, three());
    assert_eq!(found.report.losses[0].count, (1 << 60) - 3);
}

#[test]
fn a_directory_with_long_numbers() {
    // The end of an archive of zip64: record, locator, and an end that says nothing.
    let mut bytes = archive(columns_of(&three(), NAMES), Member::deflated);
    let end = bytes.split_off(bytes.len() - 22);
    let number = |at: usize| u64::from(u32::from_le_bytes(end[at..at + 4].try_into().unwrap()));
    let at = bytes.len() as u64;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for n in [4, 4, number(12), number(16)] {
        bytes.extend(n.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(at.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([0xff; 12]);
    bytes.extend([0; 2]);
    assert_eq!(read_whole(bytes, &us()).events, three());
}

fn stored(events: &EventBatch) -> Vec<Member> {
    let columns = columns_of(events, NAMES);
    columns
        .map(|(name, bytes)| Member::stored(&name, bytes))
        .into()
}

/// Which of two members of one name holds is not known, nor which of two names of a member.
#[test]
fn an_archive_that_says_two_things_is_an_error() {
    let mut members = stored(&three());
    members.push(Member::stored("t.npy", list("'<i8'", 3, &[9; 24])));
    let found = error(zip(&members), &us());
    assert_eq!(
        found.to_string(),
        "events: several of its members have the same name, \"t.npy\"; write it again with one of them"
    );
    // The directory calls x what is y in its own head.
    let whole = zip(&stored(&three()));
    let names: Vec<usize> = (0..whole.len() - 5)
        .filter(|at| {
            [b"x.npy", b"y.npy"]
                .iter()
                .any(|name| whole[*at..].starts_with(&name[..]))
        })
        .collect();
    let mut swapped = whole.clone();
    (swapped[names[2]], swapped[names[3]]) = (b'y', b'x');
    let found = error(swapped, &us());
    let place = Place::file("events").with_byte(names[0] as u64 - 30);
    assert_eq!((found.kind(), found.place()), (ErrorKind::Corrupt, &place));
    assert!(
        found
            .what()
            .contains("says that \"y.npy\" starts here, and its own head \"x.npy\""),
        "{found}"
    );
    // The directory has the place of t for that of x, by the name that stands there too.
    let directory = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let second = directory + 46 + 5;
    let mut same = whole;
    same[second + 42..second + 46].fill(0);
    same[names[2]] = b'T';
    assert_eq!(error(same, &us()).kind(), ErrorKind::Corrupt);
}

/// What the directory does not list is not read, and said to be there.
#[test]
fn members_that_no_directory_lists_are_lost() {
    let lost = |bytes: Vec<u8>| {
        let found = read(open_bytes(bytes, &us()).unwrap());
        assert!(found.error.is_none(), "{:?}", found.error);
        assert_eq!(found.events, three());
        let losses = found.report.losses.into_iter();
        losses
            .map(|loss| (loss.kind, loss.examples[0].clone()))
            .collect::<Vec<_>>()
    };
    let whole = zip(&stored(&three()));
    assert_eq!(lost(whole.clone()), []);
    let directory = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    // An archive behind another: the last one is read.
    let [(kind, example)] = &lost([&whole[..], &whole].concat())[..] else {
        panic!("one loss")
    };
    assert_eq!(*kind, LossKind::Damaged);
    assert!(
        example.starts_with("events: byte 0: a member starts here that"),
        "{example}"
    );
    // Half an archive behind another: the first one is read.
    let half = &whole[..directory - 10];
    let [(_, example)] = &lost([&whole[..], half].concat())[..] else {
        panic!("one loss")
    };
    assert!(
        example.starts_with(&format!("events: byte {}: ", whole.len())),
        "{example}"
    );
    // One more member, of which the directory has nothing.
    let label = Member::stored("label.npy", list("'<u8'", 3, &[7; 24]));
    let mut members = stored(&three());
    members.push(label);
    let more = zip(&members);
    let at = more.windows(9).position(|w| w == b"label.npy").unwrap() - 30;
    let end = more.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let mut unlisted = [&more[..end], &whole[directory..]].concat();
    let place = unlisted.len() - 22 + 16;
    unlisted[place..place + 4].copy_from_slice(&(end as u32).to_le_bytes());
    let [(_, example)] = &lost(unlisted)[..] else {
        panic!("one loss")
    };
    assert!(
        example.starts_with(&format!("events: byte {at}: ")),
        "{example}"
    );
    // Cut before that member, or in its head: nothing tells that there was none.
    for cut in [at, at + 3, at + 20] {
        let [(kind, example)] = &lost(more[..cut].to_vec())[..] else {
            panic!("one loss")
        };
        assert_eq!(*kind, LossKind::CutOff);
        assert!(
            example.starts_with(&format!("events: byte {at}: it is cut off")),
            "{example}"
        );
    }
}

/// Of an archive that is cut in its first column that is said, and not what that column is not.
#[test]
fn a_cut_archive_is_said_to_be_cut() {
    let behind = |name: &str, bytes| Member {
        flags: 8,
        ..Member::deflated(name, bytes)
    };
    let columns = columns_of(&many(1_000), NAMES);
    for member in [Member::stored, Member::deflated, behind] {
        let bytes = archive(columns.clone(), member);
        let second = bytes.windows(5).position(|w| w == b"x.npy").unwrap();
        for cut in [second - 100, second + 2] {
            let found = error(&bytes[..cut], &us());
            assert_eq!(found.kind(), ErrorKind::InsufficientData, "{found}");
            let what = "it is cut off before all of its columns have begun";
            assert_eq!(found.what(), what);
        }
    }
}
