//! What is written can be read: what the format does not hold is refused before a byte of it is written.

mod common;
mod forger;

use common::{Times, events, info, open, side};
use evz_core::{ColumnType, ExtraColumn, Metadata, Result, SensorSize};
use evz_file::wire::{ColumnDeclaration, SideDeclaration, StreamDeclaration};
use evz_file::{WriteOptions, edit_metadata, verify};
use forger::finished;

/// The longest text.
const LONGEST: usize = 65_535;

fn text(len: usize) -> String {
    "n".repeat(len)
}

fn column(name: String) -> ColumnDeclaration {
    ColumnDeclaration {
        name,
        ..ColumnDeclaration::default()
    }
}

fn with_columns(columns: Vec<ColumnDeclaration>) -> StreamDeclaration {
    StreamDeclaration {
        columns,
        ..StreamDeclaration::default()
    }
}

/// Declares it as stream 0, as another one, or as what a recording is said to be: each file that is written is read.
fn declare(declaration: &StreamDeclaration) -> [Result<()>; 3] {
    let writer = || WriteOptions::new().write_to(Vec::new(), &info()).unwrap();
    let mut first = writer();
    let first = first.declare(declaration.clone()).map(|()| first);
    let mut second = writer();
    let second = second.add_stream(declaration.clone()).map(|_| second);
    let columns = declaration.columns.iter().map(ExtraColumn::from).collect();
    let info = info()
        .with_name(&declaration.name)
        .with_serial(&declaration.serial)
        .with_columns(columns);
    let third = WriteOptions::new().write_to(Vec::new(), &info);
    [first, second, third].map(|writer| {
        let whole = finished(writer?);
        verify(evz_core::Input::from_bytes(whole.clone(), "a.evz")).unwrap();
        open(whole).map(drop)
    })
}

#[test]
fn a_declaration_that_would_not_be_read_is_refused() {
    type Build = fn(String) -> StreamDeclaration;
    let texts: [(&str, Build); 5] = [
        ("name of an event stream", |name| StreamDeclaration {
            name,
            ..StreamDeclaration::default()
        }),
        ("serial number", |serial| StreamDeclaration {
            serial,
            ..StreamDeclaration::default()
        }),
        ("name of a further column", |name| {
            with_columns(vec![column(name)])
        }),
        ("unit of a further column", |unit| {
            let column = column("c".to_owned());
            with_columns(vec![ColumnDeclaration { unit, ..column }])
        }),
        ("description of a further column", |description| {
            let column = column("c".to_owned());
            with_columns(vec![ColumnDeclaration {
                description,
                ..column
            }])
        }),
    ];
    for (what, build) in texts {
        for declared in declare(&build(text(LONGEST))) {
            declared.unwrap();
        }
        for declared in declare(&build(text(LONGEST + 1))) {
            let error = declared.unwrap_err().to_string();
            let says = format!("{what}: a text of 65536 bytes; at most 65535");
            assert!(error.contains(&says), "{error}");
        }
    }
    let many = |n: usize| with_columns((0..n).map(|i| column(format!("c{i}"))).collect());
    for declared in declare(&many(64)) {
        declared.unwrap();
    }
    let twice = with_columns(vec![column("c".to_owned()), column("c".to_owned())]);
    for refused in [many(65), twice, with_columns(vec![column("t".to_owned())])] {
        for declared in declare(&refused) {
            declared.unwrap_err();
        }
    }
}

#[test]
fn a_side_stream_that_would_not_be_read_is_refused() {
    for (len, is_read) in [(LONGEST, true), (LONGEST + 1, false)] {
        let mut writer = WriteOptions::new().write_to(Vec::new(), &info()).unwrap();
        let declaration = SideDeclaration {
            name: text(len),
            ..side("imu")
        };
        assert_eq!(writer.add_side_stream(declaration).is_ok(), is_read);
        assert!(open(finished(writer)).is_ok());
    }
}

/// They are in memory for each event stream, so who opens a file takes only so many.
#[test]
fn metadata_of_many_streams_that_would_not_be_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let many = |n: usize| -> Metadata { (0..n).map(|i| (i.to_string(), true.into())).collect() };
    let write = |metadata: Metadata| {
        let size = SensorSize {
            width: 4,
            height: 4,
        };
        let info = evz_core::StreamInfo::new(evz_core::TimeBase::MICROSECONDS)
            .with_size(Some(size))
            .with_metadata(metadata);
        let mut writer = WriteOptions::new()
            .with_chunk_events(10)
            .write_to(Vec::new(), &info)
            .unwrap();
        for _ in 1..20 {
            writer.add_stream(StreamDeclaration::default()).unwrap();
        }
        let all = events(30, Times::Tied, 2);
        writer.write_batch(all.as_slice()).unwrap();
        writer.finish_into(&Metadata::new()).map(|(file, _)| file)
    };
    let error = write(many(60_000)).unwrap_err().to_string();
    let says = "60000 entries of metadata of 20 event streams";
    assert!(error.contains(says), "{error}");
    let whole = write(many(50_000)).unwrap();
    assert_eq!(open(whole.clone()).unwrap().metadata().len(), 50_000);
    std::fs::write(&path, &whole).unwrap();
    let edited = edit_metadata(&path, |all| all.extend(many(60_000)));
    let error = edited.unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    // Those of one camera are its own.
    let own = |i: usize| (format!("camera.lens_{i}"), true.into());
    edit_metadata(&path, |all| *all = (0..60_000).map(own).collect()).unwrap();
    verify(evz_core::Input::open(&path).unwrap()).unwrap();
}

#[test]
fn types_of_columns_are_read_back() {
    let all = ColumnType::ALL.iter().enumerate();
    let columns = all.map(|(i, t)| ExtraColumn::new(format!("c{i}"), *t));
    let info = info().with_columns(columns.collect());
    let writer = WriteOptions::new().write_to(Vec::new(), &info).unwrap();
    assert_eq!(open(finished(writer)).unwrap().info().columns, info.columns);
}
