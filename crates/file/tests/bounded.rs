//! What a file costs is bounded by its own length: no piece of it is read again and again, and no memory is
//! taken for what is not there.

mod common;
mod forger;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Times, events, info, side, side_messages, side_rows};
use evz_codec::FAST;
use evz_core::{
    CreateOptions, EventIndex, EventSource, Input, Metadata, Next, Output, Selection, SideRows,
};
use evz_file::wire::{Kind, RecordHeader, Root, SideRoot, StreamDeclaration, StreamRoot, Tail};
use evz_file::wire::{SideBatchHead, StreamSummary};
use evz_file::{FORMATS, layout, recover_into, verify};
use forger::{Forgery, finished, options};

/// Memory of the system, with the most that was held at a time.
struct Counted;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is done by the allocator of the system; the counts have no say in it.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as of the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as of the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static MEMORY: Counted = Counted;

/// Asks everything of a file; what comes of it is not looked at.
fn ask(bytes: &[u8]) {
    let input = || Input::from_bytes(bytes.to_vec(), "forged.evz");
    let _ = verify(input());
    let _ = layout(input());
    let output = Output::from_writer(io::sink(), "saved.evz");
    let _ = recover_into(input(), output, &Metadata::new());
    let Ok(reader) = common::open(bytes.to_vec()) else {
        return;
    };
    let _ = reader.activity(16);
    let _ = reader.profiles();
    let names = EventIndex::side_streams(&reader).unwrap_or_default();
    for (name, _) in names.iter().take(3) {
        if let Ok(rows) = reader.side_rows(name, None) {
            rows.for_each(drop);
        }
    }
    let mut source = reader.batches(&Selection::default());
    let mut batch = Default::default();
    while source
        .read_batch(&mut batch)
        .is_ok_and(|next| !matches!(next, Next::End(_)))
    {}
}

/// What all that takes, but for what a file of this length may: these tests run one after the other.
fn check(name: &str, bytes: &[u8]) {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let started = Instant::now();
    ask(bytes);
    let took = started.elapsed();
    let most = MOST.load(Ordering::Relaxed) - before;
    // A debug build on a busy machine; copies of the file among what is held.
    let may_take = Duration::from_secs(2) + Duration::from_micros(bytes.len() as u64);
    let may_hold = (64 << 20) + 40 * bytes.len();
    println!("{name}: {} bytes, {took:?}, {most} held", bytes.len());
    assert!(
        took < may_take,
        "{name}: {} bytes take {took:?}",
        bytes.len()
    );
    assert!(
        most < may_hold,
        "{name}: {} bytes take {most} of memory",
        bytes.len()
    );
}

/// A file with a large record of metadata and of rows, taken apart.
fn large() -> Forgery {
    let text = "x".repeat(2 << 20);
    let info = info().with_metadata(Metadata::from([(
        "x.large".to_owned(),
        text.as_str().into(),
    )]));
    let mut writer = options(&FAST, 100).write_to(Vec::new(), &info).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    let t: Vec<i64> = (0..200_000).map(|i| i * i % 1_000_003).collect();
    let (first, last) = (*t.iter().min().unwrap(), *t.iter().max().unwrap());
    let n = t.len() as u64;
    writer
        .write_side_batch(imu, &side_messages(&t), n, (first, last))
        .unwrap();
    writer
        .write_batch(events(500, Times::Rising, 3).as_slice())
        .unwrap();
    Forgery::of(&finished(writer))
}

/// The root of a file, and where it stands.
fn last_root(bytes: &[u8]) -> (Root, usize) {
    let at = Tail::read_from(&bytes[bytes.len() - 16..])
        .unwrap()
        .root_offset;
    let root = Root::read_from(&bytes[at as usize + 32..], at).unwrap();
    (root, at as usize)
}

/// Adds a root behind a file, of a record with this number.
fn add_root(bytes: &mut Vec<u8>, root: &Root, number: u64) {
    bytes.resize(bytes.len().next_multiple_of(64), 0);
    let body = root.write_to(bytes.len() as u64).unwrap();
    let crc = crc32fast::hash(&body);
    bytes.extend(RecordHeader::new(Kind::Root, number, body.len() as u64, crc).write_to());
    bytes.extend(body);
}

/// A file that ends with a root of this, behind its other records; roots stand at each place of many.
fn with_roots(forgery: &Forgery, roots: usize, change: impl Fn(&mut Root)) -> Vec<u8> {
    let mut bytes = forgery.write();
    let (mut root, at) = last_root(&bytes);
    change(&mut root);
    bytes.truncate(at);
    for _ in 0..roots {
        let offset = bytes.len().next_multiple_of(64) as u64;
        add_root(&mut bytes, &root, 0);
        root.previous = Some(offset);
    }
    bytes
}

/// An event stream of which nothing is known.
fn plain(id: u16) -> StreamRoot {
    StreamRoot {
        declaration: StreamDeclaration::plain(id, None),
        summary: StreamSummary::empty(0),
        ..StreamRoot::default()
    }
}

/// In one test: what is held is counted for all threads together.
#[test]
fn what_a_file_costs_is_bounded_by_its_length() {
    let forgery = large();
    check("as it is", &forgery.write());
    check(
        "one record of metadata many times",
        &with_roots(&forgery, 1, |root| {
            root.metadata_refs = vec![root.metadata_refs[0]; 60_000];
        }),
    );
    check(
        "many roots with one record of metadata",
        &with_roots(&forgery, 30_000, |_| {}),
    );
    let mut unfinished = with_roots(&forgery, 30_000, |root| root.checkpoint = true);
    unfinished.extend([0; 64]);
    check("many checkpoints with one record of metadata", &unfinished);
    check(
        "one batch many times",
        &with_roots(&forgery, 1, |root| {
            let side = &mut root.side[0];
            let entry = side.tree.latest.entries[0];
            side.tree.latest.entries = vec![entry; 4096];
            side.span.n_items *= 4096;
            side.span.n_rows *= 4096;
        }),
    );
    check(
        "one declaration many times",
        &with_roots(&forgery, 1, |root| {
            let side = SideRoot {
                tree: Default::default(),
                span: Default::default(),
                ..root.side[0].clone()
            };
            root.side = vec![side; 60_000];
        }),
    );
    check(
        "one chunk many times",
        &with_roots(&forgery, 1, |root| {
            let stream = &mut root.streams[0];
            let entry = stream.tree.latest.entries[0].clone();
            let mut next = entry.clone();
            next.t_min = entry.t_max;
            stream.summary.sorted = false;
            stream.tree.latest.entries = vec![entry; 4096];
            stream.summary.span.n_items = 4096;
            stream.summary.span.n_rows = 4096 * u64::from(next.n_events);
        }),
    );
    check(
        "many streams",
        &with_roots(&forgery, 1, |root| {
            root.streams.extend((1..=u16::MAX).map(plain));
        }),
    );
    check(
        "many streams with many metadata",
        &with_roots(&forgery, 1, |root| {
            root.streams.extend((1..=u16::MAX).map(plain));
            root.metadata = (0..60_000).map(|i| (i.to_string(), true.into())).collect();
        }),
    );
    // A root behind the last one that opening takes, with metadata of all its streams.
    for number in [0, 1] {
        let mut bytes = with_roots(&forgery, 1, |root| {
            root.streams.extend((1..=u16::MAX).map(plain));
        });
        let (root, _) = last_root(&bytes);
        let metadata = (0..60_000).map(|i| (i.to_string(), true.into())).collect();
        add_root(&mut bytes, &Root { metadata, ..root }, number);
        bytes.resize(bytes.len() + 64, 0);
        check("metadata of many streams behind the index", &bytes);
    }
    // Many streams behind the last root, and many metadata in it.
    let mut bytes = with_roots(&forgery, 1, |root| {
        let key = |i: u32| (format!("camera.{i}"), true.into());
        root.metadata = (0..60_000).map(key).collect();
    });
    for id in 1..30_000 {
        bytes.resize(bytes.len().next_multiple_of(64), 0);
        let body = StreamDeclaration::plain(id, None).write_to();
        let crc = crc32fast::hash(&body);
        bytes.extend(RecordHeader::new(Kind::Stream, 0, body.len() as u64, crc).write_to());
        bytes.extend(body);
    }
    check("many streams behind many metadata", &bytes);
    // Many declarations in records of their own, with a short root at each of many places.
    let mut writer = options(&FAST, 100).write_to(Vec::new(), &info()).unwrap();
    for k in 1..20_000 {
        writer.add_stream(StreamDeclaration::default()).unwrap();
        if k % 2 == 0 {
            let imu = writer.add_side_stream(side("imu")).unwrap();
            writer
                .write_side_batch(imu, &side_messages(&[k]), 1, (k, k))
                .unwrap();
        }
    }
    check("many declarations", &finished(writer));
    // A batch that says it has more rows, and more bytes, than it can have.
    let mut forgery = forgery;
    for record in &mut forgery.records {
        if let forger::Body::SideBatch(head, packed) = &mut record.body {
            *head = SideBatchHead {
                raw_len: 1 << 28,
                rows: 1 << 28,
                ..*head
            };
            packed.truncate(6);
        }
    }
    check("a short batch of much", &forgery.write());
    rows_of_many_streams_do_not_wait();
}

/// Rows that make no batch wait for more of them: not a megabyte of each of thousands of streams.
fn rows_of_many_streams_do_not_wait() {
    let output = Output::from_writer(io::sink(), "out.evz");
    let create = FORMATS[0].create.unwrap();
    let mut sink = create(output, &info(), &CreateOptions::new()).unwrap();
    let t: Vec<i64> = (0..50_000).collect();
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    for k in 0..500 {
        let rows = SideRows {
            stream: format!("imu_{k}"),
            ..side_rows(&t)
        };
        assert!(sink.write_side(rows).unwrap());
    }
    let most = MOST.load(Ordering::Relaxed) - before;
    // All of them are 225 MB.
    assert!(most < 100 << 20, "{most}");
    assert!(!sink.finish(&Metadata::new()).unwrap().has_losses());
}
