//! Leaves and nodes of the index to which several lists refer: no record is read twice, and whoever meets one again
//! says so.

mod common;
mod forger;

use common::{info, open, read, recovered, side, side_messages};
use evz_codec::FAST;
use evz_core::{Event, EventBatch, EventIndex, Input, Selection};
use evz_file::verify;
use evz_file::wire::{NodeRef, Root, SideRoot, Tail};
use forger::{Body, Forgery, finished, options};

/// Events of a chunk.
const CHUNK: usize = 10;

/// So many chunks of event stream 0, of the times that are told.
fn events(chunks: usize, time: impl Fn(usize) -> i64) -> EventBatch {
    let event = |i: usize| Event {
        t: time(i / CHUNK),
        x: (i * 7 % 346) as u16,
        y: (i * 5 % 260) as u16,
        p: u8::from(i.is_multiple_of(3)),
    };
    (0..chunks * CHUNK).map(event).collect()
}

/// Nine chunks and nine batches before each of so many roots, all of one time: in the index one counts as much as
/// another.
fn made(roots: usize) -> (EventBatch, Forgery) {
    let all = events(9 * roots, |_| 7);
    let options = options(&FAST, CHUNK as u32);
    let mut writer = options.write_to(Vec::new(), &info()).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    for part in 0..roots {
        if part > 0 {
            writer.checkpoint().unwrap();
        }
        let n = 9 * CHUNK;
        let part = all.as_slice().slice(part * n..(part + 1) * n);
        writer.write_batch(part).unwrap();
        for _ in 0..9 {
            let rows = side_messages(&[7]);
            writer.write_side_batch(imu, &rows, 1, (7, 7)).unwrap();
        }
    }
    (all, Forgery::of(&finished(writer)).with_nodes())
}

/// Of the first root, the references in the first two nodes of the index of events, or of rows.
fn two_nodes(forgery: &mut Forgery, side: bool) -> [&mut [NodeRef]; 2] {
    let bodies = forgery.records.iter_mut().map(|record| &mut record.body);
    let mut nodes = bodies.filter_map(|body| match body {
        Body::Node(id, _, refs) if id.side == side => Some(&mut refs[..]),
        _ => None,
    });
    [nodes.next().unwrap(), nodes.next().unwrap()]
}

/// The second node refers to the leaves of the first.
fn share(forgery: &mut Forgery, side: bool) {
    let [first, second] = two_nodes(forgery, side);
    for (to, of) in second.iter_mut().zip(first) {
        to.record = of.record;
    }
}

/// Why all events, or all rows, cannot be read.
fn unread(bytes: Vec<u8>, side: bool) -> String {
    let reader = open(bytes).unwrap();
    let error = match side {
        true => (reader.side_rows("imu", None).unwrap())
            .find_map(Result::err)
            .expect("rows that stand there once"),
        false => read(&reader, &Selection::default()).unwrap_err(),
    };
    error.to_string()
}

fn unverified(bytes: Vec<u8>) -> String {
    let verified = verify(Input::from_bytes(bytes, "forged.evz"));
    verified.unwrap_err().to_string()
}

#[test]
fn a_leaf_of_two_nodes_is_read_once() {
    for is_side in [false, true] {
        let (all, mut forgery) = made(1);
        let whole = forgery.write();
        assert_eq!(recovered(whole).1.lost, [""; 0]);
        share(&mut forgery, is_side);
        let bytes = forgery.write();
        let again = "a leaf of the index lists what one before it lists";
        for error in [unread(bytes.clone(), is_side), unverified(bytes.clone())] {
            assert!(error.contains(again), "{error}");
        }
        // What the second node should lead to is not what stands there, also where nobody was at the first.
        if !is_side {
            let reader = open(bytes.clone()).unwrap();
            let events = (6 * CHUNK) as u64..(7 * CHUNK) as u64;
            let selection = Selection::default().with_events(events);
            let error = read(&reader, &selection).unwrap_err().to_string();
            assert!(
                error.contains("the index describes another chunk"),
                "{error}"
            );
        }
        // All chunks and batches are there, and are known by their numbers.
        let (saved, report) = recovered(bytes);
        let reader = open(saved).unwrap();
        assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
        assert_eq!((report.events_missing, report.rows_missing), (0, 0));
        let said = report
            .lost
            .iter()
            .filter(|line| line.contains("refers to it twice"));
        assert_eq!(said.count(), 2, "{:?}", report.lost);
    }
}

#[test]
fn a_leaf_twice_in_a_node_is_refused() {
    for is_side in [false, true] {
        let (all, mut forgery) = made(1);
        let [first, _] = two_nodes(&mut forgery, is_side);
        first[1].record = first[0].record;
        let bytes = forgery.write();
        let twice = "two references to the same bytes";
        for error in [unread(bytes.clone(), is_side), unverified(bytes.clone())] {
            assert!(error.contains(twice), "{error}");
        }
        let (saved, report) = recovered(bytes);
        let reader = open(saved).unwrap();
        assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
        assert_eq!((report.events_missing, report.rows_missing), (0, 0));
    }
}

#[test]
fn a_root_refers_to_each_record_once() {
    let twice: [fn(&mut Root); 4] = [
        |root| {
            let refs = &mut root.streams[0].tree.refs;
            refs[1].record = refs[0].record;
        },
        |root| {
            let refs = &mut root.side[0].tree.refs;
            refs[1].record = refs[0].record;
        },
        |root| {
            let declared = &root.side[0];
            root.side.push(SideRoot {
                id: 1,
                span: Default::default(),
                tree: Default::default(),
                ..declared.clone()
            });
        },
        |root| root.metadata_refs = vec![root.side[0].declared; 2],
    ];
    for change in twice {
        let (all, mut forgery) = made(1);
        change(forgery.root());
        let bytes = forgery.write();
        let error = open(bytes.clone()).err().unwrap().to_string();
        let says = ["index root", "two references to the same bytes"];
        assert!(says.iter().all(|what| error.contains(what)), "{error}");
        let (saved, _) = recovered(bytes);
        let reader = open(saved).unwrap();
        assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
    }
}

#[test]
fn an_earlier_root_whose_nodes_share_leaves_is_found() {
    for is_side in [false, true] {
        let (all, mut forgery) = made(2);
        verify(Input::from_bytes(forgery.write(), "whole.evz")).unwrap();
        share(&mut forgery, is_side);
        let bytes = forgery.write();
        let reader = open(bytes.clone()).unwrap();
        assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
        let error = unverified(bytes);
        let what = "two references say of it what cannot both be";
        assert!(error.contains(what), "{error}");
    }
}

/// Eight levels of two nodes each claim 256 times the chunks that there are; with more nodes a level, a window in
/// which there is nothing would take for ever.
#[test]
fn nodes_that_claim_more_chunks_than_fit_are_not_followed() {
    let all = events(5, |chunk| [0, 0, 100, 100, 100][chunk]);
    let options = options(&FAST, CHUNK as u32);
    let mut writer = options.write_to(Vec::new(), &info()).unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    let whole = Forgery::of(&finished(writer));
    let bytes = whole.with_shared_nodes(8).write();
    let tail = bytes
        .last_chunk::<16>()
        .and_then(|tail| Tail::read_from(tail));
    let most = tail.unwrap().root_offset / 128;
    let error = open(bytes.clone()).err().expect("they do not fit");
    let what = format!("more than the {most} chunks and batches that fit before it");
    assert!(error.to_string().contains(&what), "{error}");
    assert!(unverified(bytes.clone()).contains(&what));
    let (saved, _) = recovered(bytes);
    let reader = open(saved).unwrap();
    assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
}
