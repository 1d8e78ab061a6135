//! Files of other writers, which are within the format, go on to be so when events are added.

mod common;
mod forger;

use common::{Times, events, info, read};
use evz_codec::FAST;
use evz_core::{Input, Metadata, Selection, StreamInfo};
use evz_file::wire::{
    ChunkEntry, ChunkHead, FileHeader, Kind, RecordHeader, Root, StreamDeclaration, Tail,
};
use evz_file::{ReadOptions, WriteOptions, verify};
use forger::{finished, options};

/// Adds a record at the next place.
fn push(file: &mut Vec<u8>, kind: Kind, number: u64, body: &[u8]) {
    file.resize(file.len().next_multiple_of(64), 0);
    let crc = crc32fast::hash(body);
    file.extend(RecordHeader::new(kind, number, body.len() as u64, crc).write_to());
    file.extend_from_slice(body);
}

/// A file and its root.
fn root_of(file: &[u8]) -> (Root, usize) {
    let at = Tail::read_from(&file[file.len() - 16..])
        .unwrap()
        .root_offset;
    let body = &file[at as usize + 32..];
    (Root::read_from(body, at).unwrap(), at as usize)
}

/// The same without leaves: all chunks stand in the root.
fn without_leaves(file: &[u8]) -> Vec<u8> {
    let (mut root, _) = root_of(file);
    let mut out = file[..FileHeader::ENCODED_SIZE].to_vec();
    let (mut at, mut entries) = (out.len(), Vec::new());
    while let Some(header) = file.get(at..).and_then(RecordHeader::read_from) {
        let body = &file[at + 32..][..header.body_len as usize];
        at += header.record_len().unwrap() as usize;
        match Kind::from_number(header.kind).unwrap() {
            Kind::Chunk => {
                let (head, columns) = ChunkHead::read_from(body, header.body_len).unwrap();
                let lens = columns.iter().map(|c| c.len).collect();
                let offset = out.len().next_multiple_of(64) as u64;
                entries.push(ChunkEntry::new(&head, lens, offset, header.number));
                push(&mut out, Kind::Chunk, header.number, body);
            }
            // They stand in front of the chunks, so they stay where they are.
            kind @ (Kind::Metadata | Kind::Stream) => push(&mut out, kind, 0, body),
            _ => {}
        }
    }
    let tree = &mut root.streams[0].tree;
    tree.refs.clear();
    tree.latest.activity = None;
    tree.latest.entries = entries;
    let offset = out.len().next_multiple_of(64) as u64;
    push(&mut out, Kind::Root, 0, &root.write_to(offset).unwrap());
    out
}

#[test]
fn a_root_with_thousands_of_chunks_is_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = events(4_300, Times::Rising, 5);
    let part = |range| all.as_slice().slice(range);
    let mut writer = options(&FAST, 1).write_to(Vec::new(), &info()).unwrap();
    writer.write_batch(part(0..4_000)).unwrap();
    let file = without_leaves(&finished(writer));
    assert_eq!(root_of(&file).0.streams[0].tree.latest.entries.len(), 4_000);
    verify(Input::from_bytes(file.clone(), "a.evz")).unwrap();
    std::fs::write(&path, file).unwrap();
    for added in [4_000..4_200, 4_200..4_300] {
        let mut writer = options(&FAST, 1).append(&path, &info()).unwrap();
        writer.write_batch(part(added)).unwrap();
        writer.finish_append(&Metadata::new()).unwrap();
    }
    verify(Input::open(&path).unwrap()).unwrap();
    let reader = ReadOptions::new().open(&path).unwrap();
    assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
    let window = Selection::default().with_time(all.t[3_990]..all.t[4_210]);
    let found = read(&reader, &window).unwrap();
    assert_eq!(found, all.iter().skip(3_990).take(220).collect());
}

/// A root may take metadata away that stand in a record before it.
#[test]
fn metadata_of_every_stream_stay_where_a_root_took_some_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let metadata = [
        ("camera.1.lens", "8 mm"),
        ("camera.lens", "6 mm"),
        ("gone", "x"),
        ("place", "here"),
        ("start.1", "2021"),
    ];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value.into()));
    let info: StreamInfo = info().with_metadata(Metadata::from(metadata));
    let all = events(100, Times::Rising, 5);
    let options = || WriteOptions::new().with_chunk_events(30);
    let mut writer = options().write_to(Vec::new(), &info).unwrap();
    writer.add_stream(StreamDeclaration::default()).unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    let mut file = finished(writer);
    // A root behind the last one, with an entry of the type that takes away.
    let (mut root, at) = root_of(&file);
    root.previous = Some(at as u64);
    root.metadata = Metadata::from([("gone".to_owned(), Vec::new().into())]);
    let offset = file.len().next_multiple_of(64) as u64;
    let mut body = root.write_to(offset).unwrap();
    let entry = body.windows(4).rposition(|w| w == b"gone").unwrap() + 4;
    assert_eq!(body[entry..entry + 2], [1, 0]);
    body[entry] = 6;
    push(&mut file, Kind::Root, 0, &body);
    std::fs::write(&path, file).unwrap();

    let metadata = || ReadOptions::new().open(&path).unwrap().metadata().clone();
    let before = metadata();
    assert_eq!(before.len(), 4);
    assert!(!before.contains_key("gone"));
    let mut writer = options().append(&path, &info).unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    writer.finish_append(&Metadata::new()).unwrap();
    assert_eq!(metadata(), before);
    verify(Input::open(&path).unwrap()).unwrap();
}
