//! Files whose checksums are right and whose fields lie: nobody panics, reading gives an error or the right
//! events, and `verify` finds every lie.

mod common;
mod forger;

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Shared, Times, events, expected, info, read, side, side_messages, with_extra};
use evz_codec::{Codec, FAST, SMALL};
use evz_core::{
    ColumnType, EventBatch, EventIndex, Input, Metadata, Output, Polarity, Result, Selection,
    SensorSize,
};
use evz_file::wire::StreamDeclaration;
use evz_file::{Reader, WriteOptions, join_into, layout, recover_into, verify};
use evz_render::{RenderOptions, Representation, TimeWindows, Windows};
use forger::{Body, Field, Forgery, Record, finished, options};
use rayon::prelude::*;

/// A file and what it holds.
struct Honest {
    streams: [EventBatch; 2],
    /// The rows of side streams, by time.
    rows: Vec<(Option<Range<i64>>, String)>,
    forgery: Forgery,
}

const LABELS: [ColumnType; 2] = [ColumnType::U16, ColumnType::Bool];

/// Two event streams, one with further columns, three side streams, and an index of all levels.
fn honest(codec: &'static dyn Codec, chunk_events: u32, n: usize, times: Times) -> Honest {
    honest_of(codec, chunk_events, events(n, times, 5), 0)
}

/// With a root in the middle of the events, each with leaves of its own, for each of so many checkpoints.
fn honest_of(
    codec: &'static dyn Codec,
    chunk_events: u32,
    mut left: EventBatch,
    checkpoints: usize,
) -> Honest {
    let right = events(left.len() / 3, Times::Tied, 6);
    with_extra(&mut left, &LABELS, 1);
    let declared = info().with_columns(common::columns(&LABELS));
    let mut writer = options(codec, chunk_events)
        .write_to(Vec::new(), &declared)
        .unwrap();
    let number = writer
        .add_stream(StreamDeclaration {
            name: "right".to_owned(),
            width: 640,
            height: 480,
            ..StreamDeclaration::default()
        })
        .unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    let triggers = writer.add_side_stream(side("triggers")).unwrap();
    writer.add_side_stream(side("nothing")).unwrap();
    for k in 0..5 {
        let t = [10 * k, 10 * k + 3, 10 * k + 2];
        let times = (10 * k, 10 * k + 3);
        writer
            .write_side_batch(imu, &side_messages(&t), 3, times)
            .unwrap();
    }
    writer
        .write_side_batch(triggers, &side_messages(&[7]), 1, (7, 7))
        .unwrap();
    for part in 0..=checkpoints {
        let of = |all: &EventBatch| {
            let at = |part| all.len() * part / (checkpoints + 1);
            at(part)..at(part + 1)
        };
        writer
            .write_batch(left.as_slice().slice(of(&left)))
            .unwrap();
        let of_right = right.as_slice().slice(of(&right));
        writer.write_events(number, of_right).unwrap();
        if part < checkpoints {
            writer.checkpoint().unwrap();
        }
    }
    let forgery = Forgery::of(&finished(writer)).with_nodes();
    let reader = common::open(forgery.write()).unwrap();
    let times = [
        None,
        Some(0..1),
        Some(4..10),
        Some(11..25),
        Some(7..8),
        Some(44..900),
    ];
    let rows = times.map(|time| (time.clone(), rows_of(&reader, time).unwrap()));
    Honest {
        streams: [left, right],
        rows: rows.into(),
        forgery,
    }
}

/// The windows in which a lie could hide events.
fn selections(all: &EventBatch) -> Vec<Selection> {
    let (min, max) = (*all.t.iter().min().unwrap(), *all.t.iter().max().unwrap());
    let at = |i: i64| min + (max - min) * i / 7;
    let n = all.t.len() as u64;
    let all = Selection::default;
    let mut selections = vec![
        all(),
        all().with_events(n / 3..n / 3 + 9),
        all().with_events(n - 5..n),
        all().with_polarity(Polarity::On),
        all().with_time(i64::MIN..min + 1),
        all().with_time(max..i64::MAX),
    ];
    selections.extend((0..7).map(|i| all().with_time(at(i)..at(i + 1))));
    selections
}

/// What came of a forged file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    verified: bool,
    /// Whether all was read.
    read: bool,
    /// Other events or rows than the file had, and nobody said so.
    wrong: Vec<String>,
    /// What `verify` says of a file that `join` made of it without an error.
    joined: Option<String>,
}

/// What a lie about a field may do while `verify` alone finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    /// Nothing: who reads gets an error, or the right events.
    Nothing,
    /// Windows of time may lack events.
    Windows,
    /// It is data: there are other events, in windows the same ones.
    Data,
}

fn judge(bytes: &[u8], honest: &Honest, allowed: Allowed) -> Verdict {
    let input = || Input::from_bytes(bytes.to_vec(), "forged.evz");
    let mut verdict = Verdict {
        verified: verify(input()).is_ok(),
        read: true,
        ..Verdict::default()
    };
    let _ = layout(input());
    judge_saved(bytes, honest, &mut verdict);
    let Ok(reader) = common::open(bytes.to_vec()) else {
        verdict.read = false;
        return verdict;
    };
    verdict.joined = joined(&reader);
    for (number, all) in honest.streams.iter().enumerate() {
        let Some(reader) = reader.of_stream(number) else {
            continue;
        };
        let forged = match allowed {
            Allowed::Data => read(&reader, &Selection::default()).ok(),
            _ => None,
        };
        // Where that is refused, windows may be that do not meet what is wrong.
        if allowed == Allowed::Data && forged.is_none() {
            verdict.read = false;
            continue;
        }
        let all = forged.as_ref().unwrap_or(all);
        for s in selections(all) {
            if allowed == Allowed::Windows && s != Selection::default() {
                continue;
            }
            match read(&reader, &s) {
                Ok(found) if found == expected(all, &s) => {}
                Ok(found) => {
                    let what = format!("stream {number}: {} events of {s:?}", found.len());
                    verdict.wrong.push(what);
                }
                Err(_) => verdict.read = false,
            }
        }
        ask(&reader);
    }
    for (time, rows) in &honest.rows {
        match (rows_of(&reader, time.clone()), rows) {
            (Ok(found), rows) if found != *rows && allowed == Allowed::Nothing => {
                verdict.wrong.push(format!("other rows of {time:?}"));
            }
            (Ok(_), _) => {}
            (Err(_), _) => verdict.read = false,
        }
    }
    verdict
}

/// What `recover` saves is a whole file; and it is all of it, or something is said.
fn judge_saved(bytes: &[u8], honest: &Honest, verdict: &mut Verdict) {
    let mut saved = Vec::new();
    let Ok(report) = recovered(bytes, &mut saved) else {
        return;
    };
    let found = verify(Input::from_bytes(saved.clone(), "saved.evz"));
    if found.as_ref().map(|f| f.events).ok() != Some(report.saved.events) {
        verdict.wrong.push(format!("recover: {found:?}"));
        return;
    }
    if report.lost.len() + report.moved.len() > 0 || report.events_missing > 0 {
        return;
    }
    let reader = common::open(saved).unwrap();
    for (number, all) in honest.streams.iter().enumerate() {
        let stream = reader.of_stream(number);
        if stream
            .map(|r| read(&r, &Selection::default()).unwrap())
            .as_ref()
            != Some(all)
        {
            let what = "recover saves other events without a word";
            verdict.wrong.push(what.to_owned());
        }
    }
}

/// What is wrong with what `join` makes of a file.
fn joined(reader: &Reader) -> Option<String> {
    let writer = WriteOptions::new().write_to(Vec::new(), reader.info());
    let mut writer = writer.unwrap();
    let _report = join_into(&[reader.clone(), reader.clone()], &mut writer).ok()?;
    let (bytes, _) = writer.finish_into(&Metadata::new()).unwrap();
    let error = verify(Input::from_bytes(bytes, "joined.evz")).err()?;
    Some(error.to_string())
}

/// The rows of the side streams, of a time.
fn rows_of(reader: &Reader, time: Option<Range<i64>>) -> Result<String> {
    let mut found = String::new();
    for name in ["imu", "triggers"] {
        for rows in reader.side_rows(name, time.clone())? {
            let rows = rows?;
            found += &format!("{name}: {:?} {:?}\n", rows.t, rows.columns);
        }
    }
    Ok(found)
}

/// Paints windows of a recording in every way that there is; whether all of them could be.
fn paints(reader: &Reader) -> bool {
    let extent = EventIndex::extent(reader);
    let length = extent.t_max.abs_diff(extent.t_min) / 3 + 1;
    let Ok(windows) = TimeWindows::new(length.into(), length.into(), 1) else {
        return true;
    };
    let size = SensorSize {
        width: 64,
        height: 48,
    };
    Representation::ALL.into_iter().all(|of| {
        let options = RenderOptions::new(Windows::Time(windows), of).with_size(size);
        let Ok(mut frames) = options.render_index(Arc::new(reader.clone())) else {
            return false;
        };
        for _ in 0..4 {
            match frames.next_frame() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return false,
            }
        }
        true
    })
}

/// Everything else that a file is asked; what comes of it is not looked at.
fn ask(reader: &Reader) {
    let _ = reader.activity(16);
    let _ = reader.profiles();
    for t in [i64::MIN, -1, 0, 700, i64::MAX] {
        let _ = reader.events_before(t);
    }
    let _ = reader.report();
    reader.batches(&Selection::default()).for_each(drop);
}

fn recovered(bytes: &[u8], saved: &mut Vec<u8>) -> Result<evz_file::RecoverReport> {
    let out = Shared::default();
    let input = Input::from_bytes(bytes.to_vec(), "forged.evz");
    let output = Output::from_writer(out.clone(), "saved.evz");
    let report = recover_into(input, output, &Metadata::new())?;
    *saved = std::mem::take(&mut *out.0.lock().unwrap());
    Ok(report)
}

/// The names of all fields, and what each holds in all records.
fn names(forgery: &Forgery) -> (Vec<String>, BTreeMap<String, Vec<i128>>) {
    let mut names = Vec::new();
    let mut values: BTreeMap<String, Vec<i128>> = BTreeMap::new();
    forgery.clone().each(&mut |name, field| {
        names.push(name.to_owned());
        if let Field::Number(n) = field {
            values.entry(last(name)).or_default().push(n.get());
        }
    });
    (names, values)
}

fn last(name: &str) -> String {
    name.rsplit('.').next().unwrap().to_owned()
}

/// Changes a field to the `k`th lie about it; none if there are no more.
fn lie(forgery: &mut Forgery, target: usize, k: usize, others: &[i128]) -> Option<String> {
    let mut at = 0;
    let mut told = None;
    forgery.each(&mut |name, field| {
        if at == target {
            told = one(field, k, others).map(|what| format!("{name}: {what}"));
        }
        at += 1;
    });
    told
}

fn one(field: Field<'_>, k: usize, others: &[i128]) -> Option<String> {
    match field {
        Field::Number(n) => {
            let was = n.get();
            let (least, most) = n.ends();
            let mut lies = vec![0, 1, -1, least, most, was - 1, was + 1, was * 2, was / 2];
            let mut others: Vec<i128> = others.to_vec();
            others.dedup();
            lies.extend(others.into_iter().take(3));
            for lie in &mut lies {
                n.set(*lie);
                *lie = n.get();
            }
            let mut seen = vec![was];
            lies.retain(|lie| {
                !seen.contains(lie) && {
                    seen.push(*lie);
                    true
                }
            });
            n.set(*lies.get(k)?);
            Some(format!("{was} as {}", n.get()))
        }
        Field::Text(text) => {
            let lies = [
                String::new(),
                format!("{text}x"),
                "right".to_owned(),
                "imu".to_owned(),
            ];
            let lies: Vec<String> = lies.into_iter().filter(|lie| lie != text).collect();
            *text = lies.get(k)?.clone();
            Some(format!("{text:?}"))
        }
        Field::Bytes(bytes) => {
            let cut = bytes.len().saturating_sub(1);
            let mut flipped = bytes.clone();
            flipped[cut / 2] ^= 0x10;
            let lies = [
                Vec::new(),
                bytes[..cut].to_vec(),
                [&bytes[..], &[0]].concat(),
                [&bytes[..], &bytes[..]].concat(),
                flipped,
                vec![0xa5; bytes.len()],
            ];
            *bytes = lies.get(k)?.clone();
            Some(format!("lie {k} of {} bytes", bytes.len()))
        }
    }
}

/// What nothing can be held against: `verify` says whole.
const CONTENT: [&str; 2] = [
    // A text, and a value in a row: of neither anything else is told.
    "metadata.body: lie 4",
    "side_batch.packed: lie 4",
];

/// Times that say in which chunk of a stream out of order a window may be: it is asked of no other.
fn is_time_of_index(name: &str) -> bool {
    (name.contains("entries[") || name.contains("refs["))
        && (name.ends_with(".t_min") || name.ends_with(".t_max"))
}

/// What a chunk says, and the index after it, of events in windows that do not touch it.
const BELIEVED: [&str; 5] = [".n_events", ".t_first", ".t_min", ".t_max", ".t_divisor"];

/// Forges every field that `wanted` names, which come to so many cases; lines of what nobody found.
fn forge(
    honest: &Honest,
    lies: Lies,
    at_least: usize,
    wanted: impl Fn(&str) -> bool + Sync,
) -> Vec<String> {
    let original = honest.forgery.write();
    let whole = judge(&original, honest, Allowed::Nothing);
    let fine = Verdict {
        verified: true,
        read: true,
        ..Verdict::default()
    };
    let verified = verify(Input::from_bytes(original.clone(), "honest.evz"));
    assert_eq!(whole, fine, "{verified:?}");
    let (names, values) = names(&honest.forgery);
    let targets: Vec<usize> = (0..names.len()).filter(|i| wanted(&names[*i])).collect();
    let cases = AtomicUsize::new(0);
    let found = targets.par_iter().flat_map_iter(|target| {
        let mut found = Vec::new();
        let others = values.get(&last(&names[*target]));
        let others = others.map(Vec::as_slice).unwrap_or_default();
        for k in 0.. {
            let mut forgery = honest.forgery.clone();
            let Some(what) = lie(&mut forgery, *target, k, others) else {
                break;
            };
            let bytes = match lies.believed {
                true => forgery.believed().write(),
                false => forgery.write(),
            };
            // Offsets stand in units of 64 bytes, and of what is empty no times.
            if bytes == original {
                continue;
            }
            cases.fetch_add(1, Ordering::Relaxed);
            let allowed = lies.allowed(&names[*target]);
            let look = || {
                let started = Instant::now();
                let judged = catch_unwind(AssertUnwindSafe(|| {
                    let is_painted = PAINTED.iter().any(|field| what.contains(field));
                    if let (true, Ok(reader)) = (is_painted, common::open(bytes.clone())) {
                        paints(&reader);
                    }
                    judge(&bytes, honest, allowed)
                }));
                (judged, started.elapsed())
            };
            // What takes long takes as long again; a machine that has other things to do does not.
            let (mut judged, mut took) = look();
            if took > Duration::from_secs(5) {
                (judged, took) = look();
            }
            let Ok(verdict) = judged else {
                found.push(format!("{what}: panics"));
                continue;
            };
            if took > Duration::from_secs(5) {
                found.push(format!("{what}: takes {took:?}"));
            }
            if verdict.verified && !CONTENT.iter().any(|name| what.contains(name)) {
                found.push(format!("{what}: verify says whole"));
            }
            if let Some(wrong) = &verdict.joined
                && !COPIED.iter().any(|name| what.contains(name))
            {
                found.push(format!("{what}: join: {wrong}"));
            }
            found.extend(verdict.wrong.iter().map(|wrong| format!("{what}: {wrong}")));
        }
        found
    });
    let found: Vec<String> = found.collect();
    let cases = cases.into_inner();
    println!(
        "campaign: every field: {cases} cases, {} findings",
        found.len()
    );
    assert!(cases >= at_least, "{cases} cases of {at_least}");
    found
}

/// What `join` copies as it is, for only who decodes chunks sees that it is wrong: what they say of themselves,
/// when their events are, and of which type their further columns.
const COPIED: [&str; 3] = [".chunk.", ".activity.offset", "].kind:"];

/// What painters go by.
const PAINTED: [&str; 4] = [".flags", ".sorted", "12.chunk.starts[", "12.chunk.t_"];

/// How lies are told.
#[derive(Clone, Copy)]
struct Lies {
    times: Times,
    /// Whether the index says of chunks and batches what their heads do.
    believed: bool,
}

impl Lies {
    fn allowed(self, name: &str) -> Allowed {
        let of_chunk = name.contains(".chunk.");
        // Times of entry points are those from which others are counted on.
        if of_chunk && name.contains(".starts[") || name.contains(".packed") {
            return Allowed::Data;
        }
        // Of a payload that goes on with zeros there may be more events.
        if self.believed && of_chunk && name.ends_with(".n_events") {
            return Allowed::Data;
        }
        let believed = self.believed && BELIEVED.iter().any(|field| name.ends_with(field));
        let out_of_order = self.times != Times::Rising && is_time_of_index(name);
        match believed || out_of_order {
            true => Allowed::Windows,
            false => Allowed::Nothing,
        }
    }
}

fn test(
    codec: &'static dyn Codec,
    lies: Lies,
    (chunk, n): (u32, usize),
    at_least: usize,
    wanted: impl Fn(&str) -> bool + Sync,
) {
    let honest = honest(codec, chunk, n, lies.times);
    let found = forge(&honest, lies, at_least, wanted);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Blocks of `fast`: two in a chunk.
const OF_FAST: (u32, usize) = (1100, 7500);

/// Chunks that are like others are left out.
fn unlike(name: &str) -> bool {
    let of = |n: &str| name.starts_with(&format!("{n}.chunk."));
    !name.contains(".chunk.") || ["12", "18", "19"].into_iter().any(of)
}

#[test]
fn every_field_of_a_file_in_order() {
    let lies = Lies {
        times: Times::Rising,
        believed: false,
    };
    test(&FAST, lies, OF_FAST, 4_800, unlike);
}

#[test]
fn every_field_of_a_file_out_of_order() {
    let lies = Lies {
        times: Times::Scrambled,
        believed: false,
    };
    test(&FAST, lies, OF_FAST, 4_800, unlike);
}

/// Roots before the last one, and the leaves and nodes that they alone lead to.
#[test]
fn every_field_of_earlier_indexes() {
    let lies = Lies {
        times: Times::Rising,
        believed: false,
    };
    let honest = honest_of(&FAST, 100, events(1200, lies.times, 5), 1);
    let records = &honest.forgery.records;
    let is_root = |record: &Record| matches!(record.body, Body::Root(_));
    let first = records.iter().position(is_root).unwrap();
    assert!(first < records.len() - 1);
    let kinds = ["leaf", "side_leaf", "node", "activity", "root"];
    let found = forge(&honest, lies, 2_700, |name| {
        let mut parts = name.split('.');
        let number = parts.next().and_then(|n| n.parse().ok());
        let is_of_index = parts.next().is_some_and(|kind| kinds.contains(&kind));
        // An earlier root may be that of a whole file to which events were added, or a checkpoint.
        let is_free = name.ends_with(".checkpoint");
        is_of_index && number.is_some_and(|n: usize| n <= first) && !is_free
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn lies_that_the_index_repeats() {
    for times in [Times::Rising, Times::Scrambled] {
        let lies = Lies {
            times,
            believed: true,
        };
        let of_items =
            |name: &str| unlike(name) && (name.contains(".chunk.") || name.contains("side_batch."));
        test(&FAST, lies, OF_FAST, 1_100, of_items);
    }
}

#[test]
fn every_field_of_chunks_of_small() {
    for times in [Times::Rising, Times::Scrambled] {
        for believed in [false, true] {
            let lies = Lies { times, believed };
            test(&SMALL, lies, (8200, 8300), 280, |name| {
                name.starts_with("12.chunk.")
            });
        }
    }
}

/// Chunks in order of each other, in which times are not.
#[test]
fn chunks_that_say_they_are_in_order() {
    for (codec, chunk, n) in [(&FAST as &dyn Codec, 1100, 7700), (&SMALL, 8300, 16_600)] {
        let mut left = events(n, Times::Rising, 5);
        for t in left.t.chunks_mut(chunk as usize) {
            t[200..800].rotate_left(300);
        }
        let mut honest = honest_of(codec, chunk, left, 0);
        assert!(judge(&honest.forgery.write(), &honest, Allowed::Nothing).read);
        for record in &mut honest.forgery.records {
            if let Body::Chunk(chunk) = &mut record.body {
                chunk.head.flags = 1;
            }
        }
        let bytes = honest.forgery.clone().believed().write();
        assert!(verify(Input::from_bytes(bytes.clone(), "forged.evz")).is_err());
        let reader = common::open(bytes).unwrap();
        assert!(reader.sorted() && !paints(&reader));
        let error = read(&reader, &Selection::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("run backwards in a chunk that is in order"),
            "{error}"
        );
    }
}
