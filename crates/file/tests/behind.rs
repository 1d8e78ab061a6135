//! What stands behind the last index of a file is held to what it says, and to what stands before.

mod common;
mod forger;

use common::{Times, events, info, open, read, side};
use evz_codec::FAST;
use evz_core::{EventBatch, Input, Selection};
use evz_file::verify;
use evz_file::wire::{NodeRef, Span, StreamDeclaration, Tree};
use forger::{Body, Forgery, finished, made::of_all_kinds, options};

/// Whole chunks and roots behind a checkpoint, in several streams.
fn growing() -> (EventBatch, Forgery) {
    let all = events(240, Times::Rising, 5);
    let part = |range| all.as_slice().slice(range);
    let mut writer = options(&FAST, 40).write_to(Vec::new(), &info()).unwrap();
    writer.write_batch(part(0..80)).unwrap();
    writer.add_stream(StreamDeclaration::default()).unwrap();
    writer.add_side_stream(side("imu")).unwrap();
    writer.checkpoint().unwrap();
    writer.write_batch(part(80..240)).unwrap();
    writer.write_events(1, part(0..80)).unwrap();
    (all.clone(), Forgery::of(&finished(writer)))
}

/// Where in the file the checkpoint stands, among its records.
fn checkpoint(forgery: &Forgery) -> usize {
    let is_root = |record: &forger::Record| matches!(record.body, Body::Root(_));
    forgery.records.iter().position(is_root).unwrap()
}

/// Counts near the largest number, and a chunk that follows on them.
#[test]
fn counts_that_a_root_claims_may_be_as_large_as_numbers_are() {
    for below in [1, 39, 40, 1 << 40] {
        let (_, mut forgery) = growing();
        let at = checkpoint(&forgery);
        let n_rows = u64::MAX - below;
        let Body::Root(root) = &mut forgery.records[at].body else {
            panic!("a root stands there");
        };
        let record = root.metadata_refs[0];
        let span = Span {
            n_items: 1,
            n_rows,
            ..root.streams[0].summary.span
        };
        root.streams[0].summary.span = span;
        root.streams[0].summary.n_on = n_rows;
        root.streams[0].tree = Tree {
            refs: vec![NodeRef {
                record,
                span,
                ..NodeRef::default()
            }],
            ..Tree::default()
        };
        // Up to the first chunk behind it.
        forgery.records.truncate(at + 2);
        let chunk = forgery.records.last_mut().unwrap();
        assert!(matches!(chunk.body, Body::Chunk(_)));
        chunk.header.number = n_rows;
        let reader = open(forgery.write()).unwrap();
        let n = match below < 40 {
            true => n_rows,
            false => n_rows + 40,
        };
        assert_eq!(reader.n_events(), n);
        assert!(read(&reader, &Selection::default()).is_err());
    }
}

/// A record whose head is of no record of its kind ends what is taken, as it does where the index lists it.
#[test]
fn records_with_odd_heads_are_not_taken() {
    let (_, mut forgery) = growing();
    // Without the last root.
    forgery.records.pop();
    assert_eq!(open(forgery.write()).unwrap().n_events(), 240);
    let behind = checkpoint(&forgery) + 1;
    for at in behind..forgery.records.len() {
        let mut odd = forgery.clone();
        odd.records[at].header.flags ^= 2;
        let reader = open(odd.write()).unwrap();
        assert!(reader.unfinished().unwrap() > 0);
        let found = read(&reader, &Selection::default()).unwrap();
        assert!(found.len() < 240 || at > behind + 3, "record {at}");
    }
}

#[test]
fn an_earlier_root_lists_every_stream_that_was_declared_by_then() {
    let (_, forgery) = growing();
    verify(Input::from_bytes(forgery.write(), "whole.evz")).unwrap();
    for is_side in [false, true] {
        let mut forged = forgery.clone();
        let at = checkpoint(&forged);
        if let Body::Root(root) = &mut forged.records[at].body {
            match is_side {
                true => drop(root.side.pop()),
                false => drop(root.streams.pop()),
            }
        }
        let error = verify(Input::from_bytes(forged.write(), "forged.evz"));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("lacks a stream"), "{error}");
    }
}

/// Who goes on behind an error is not given what follows, as if nothing were missing.
#[test]
fn nothing_is_given_behind_a_leaf_that_cannot_be_read() {
    for made in of_all_kinds(300) {
        let mut forgery = made.forgery;
        let leaves = forgery
            .records
            .iter_mut()
            .filter_map(|r| match &mut r.body {
                Body::Leaf(id, leaf) if id.stream == 0 => Some(leaf),
                _ => None,
            });
        let mut leaves: Vec<_> = leaves.collect();
        assert!(leaves.len() > 2);
        leaves[1].entries[0].n_events += 1;
        let reader = open(forgery.write()).unwrap();
        let mut batches = reader.batches(&Selection::default());
        let mut given = 0;
        loop {
            match batches.next() {
                Some(Ok(batch)) => given += batch.len(),
                Some(Err(_)) => break,
                None => panic!("a leaf is wrong"),
            }
        }
        assert_eq!(given, 2 * made.chunk);
        assert!(batches.next().is_none());
    }
}
