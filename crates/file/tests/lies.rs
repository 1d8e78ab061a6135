//! Files whose checksums are right and whose fields lie: nobody panics, reading gives an error or the right
//! events, and `verify` finds every lie.

mod common;
mod forger;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Times, events, expected, info, read, side, side_messages, with_extra};
use evz_codec::{Codec, FAST, SMALL};
use evz_core::{
    ColumnType, EventBatch, EventIndex, Input, Metadata, Output, Polarity, Result, Selection,
};
use evz_file::wire::StreamDeclaration;
use evz_file::{Reader, layout, recover_into, verify};
use forger::{Field, Forgery, finished, options};
use rayon::prelude::*;

/// A file and what it holds.
struct Honest {
    streams: [EventBatch; 2],
    forgery: Forgery,
}

const LABELS: [ColumnType; 2] = [ColumnType::U16, ColumnType::Bool];

/// Two event streams, one with further columns, three side streams, and an index of all levels.
fn honest(codec: &'static dyn Codec, chunk_events: u32, n: usize, times: Times) -> Honest {
    let mut left = events(n, times, 5);
    with_extra(&mut left, &LABELS, 1);
    let right = events(n / 3, Times::Tied, 6);
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
        writer.write_side_batch(imu, &side_messages(&t), 3, times).unwrap();
    }
    writer.write_side_batch(triggers, &side_messages(&[7]), 1, (7, 7)).unwrap();
    writer.write_batch(left.as_slice()).unwrap();
    writer.write_events(number, right.as_slice()).unwrap();
    let forgery = Forgery::of(&finished(writer)).with_nodes();
    Honest {
        streams: [left, right],
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
    /// Whether anybody said that something is wrong: when it was opened, read, or checked.
    opened: bool,
    read: bool,
    verified: bool,
    /// Other events than the file had, and nobody said so.
    wrong: Vec<String>,
}

fn judge(bytes: &[u8], streams: &[EventBatch; 2]) -> Verdict {
    let input = || Input::from_bytes(bytes.to_vec(), "forged.evz");
    let mut verdict = Verdict {
        verified: verify(input()).is_ok(),
        ..Verdict::default()
    };
    let _ = layout(input());
    let mut saved = Vec::new();
    if let Ok(report) = recovered(bytes, &mut saved) {
        let found = verify(Input::from_bytes(saved.clone(), "saved.evz"));
        if found.as_ref().map(|f| f.events).ok() != Some(report.saved.events) {
            verdict.wrong.push(format!("recover: {found:?}"));
        }
        for (number, all) in streams.iter().enumerate() {
            let part = common::open(saved.clone()).unwrap();
            let Some(part) = part.of_stream(number) else { continue };
            let told = report.lost.len() + report.moved.len() > 0 || report.events_missing > 0;
            let found = read(&part, &Selection::default());
            if !told && found.is_ok_and(|found| found != *all) {
                verdict.wrong.push("recover saves other events without a word".to_owned());
            }
        }
    }
    let Ok(reader) = common::open(bytes.to_vec()) else {
        return verdict;
    };
    verdict.opened = true;
    verdict.read = true;
    for (number, all) in streams.iter().enumerate() {
        let Some(reader) = reader.of_stream(number) else { continue };
        for s in selections(all) {
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
    verdict
}

/// Everything else that a file is asked; what comes of it is not looked at.
fn ask(reader: &Reader) {
    let _ = reader.activity(16);
    let _ = reader.profiles();
    for t in [i64::MIN, -1, 0, 700, i64::MAX] {
        let _ = reader.events_before(t);
    }
    for name in ["imu", "triggers"] {
        for time in [None, Some(11..25)] {
            if let Ok(rows) = reader.side_rows(name, time) {
                rows.for_each(drop);
            }
        }
    }
    let _ = reader.report();
    reader.batches(&Selection::default()).for_each(drop);
}

/// An output in memory.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
            lies.retain(|lie| !seen.contains(lie) && { seen.push(*lie); true });
            n.set(*lies.get(k)?);
            Some(format!("{was} as {}", n.get()))
        }
        Field::Text(text) => {
            let lies = [String::new(), format!("{text}x"), "right".to_owned(), "imu".to_owned()];
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

/// Fields that no reader and no checker can hold against anything.
const FREE: &[(&str, &str)] = &[];

/// Forges every field that `wanted` names; lines of what nobody found.
fn forge(honest: &Honest, believed: bool, wanted: impl Fn(&str) -> bool + Sync) -> Vec<String> {
    let original = honest.forgery.write();
    let whole = judge(&original, &honest.streams);
    let fine = Verdict { opened: true, read: true, verified: true, wrong: Vec::new() };
    assert_eq!(whole, fine);
    let (names, values) = names(&honest.forgery);
    let targets: Vec<usize> = (0..names.len()).filter(|i| wanted(&names[*i])).collect();
    let found = targets.par_iter().flat_map_iter(|target| {
        let mut found = Vec::new();
        let others = values.get(&last(&names[*target]));
        let others = others.map(Vec::as_slice).unwrap_or_default();
        for k in 0.. {
            let mut forgery = honest.forgery.clone();
            let Some(what) = lie(&mut forgery, *target, k, others) else { break };
            let bytes = if believed { forgery.believed().write() } else { forgery.write() };
            // Offsets stand in units of 64 bytes, and of what is empty no times.
            if bytes == original {
                continue;
            }
            let started = Instant::now();
            let Ok(verdict) = catch_unwind(AssertUnwindSafe(|| judge(&bytes, &honest.streams))) else {
                found.push(format!("{what}: panics"));
                continue;
            };
            if started.elapsed() > Duration::from_secs(5) {
                found.push(format!("{what}: takes {:?}", started.elapsed()));
            }
            if verdict.verified && !FREE.iter().any(|(name, _)| what.contains(name)) {
                found.push(format!("{what}: verify says whole"));
            }
            found.extend(verdict.wrong.iter().map(|wrong| format!("{what}: {wrong}")));
        }
        found
    });
    found.collect()
}

#[test]
fn every_field_of_a_file_in_order() {
    let honest = honest(&FAST, 1100, 7500, Times::Rising);
    let found = forge(&honest, false, |_| true);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_field_of_a_file_out_of_order() {
    let honest = honest(&FAST, 1100, 7500, Times::Scrambled);
    let found = forge(&honest, false, |_| true);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn believed_lies_in_order() {
    let honest = honest(&FAST, 1100, 7500, Times::Rising);
    let found = forge(&honest, true, |name| name.contains("chunk.") || name.contains("batch."));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn believed_lies_out_of_order() {
    let honest = honest(&FAST, 1100, 7500, Times::Scrambled);
    let found = forge(&honest, true, |name| name.contains("chunk.") || name.contains("batch."));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn chunks_of_small() {
    for times in [Times::Rising, Times::Scrambled] {
        let honest = honest(&SMALL, 8300, 24_000, times);
        for believed in [false, true] {
            let found = forge(&honest, believed, |name| name.contains("3.chunk."));
            assert!(found.is_empty(), "{}", found.join("\n"));
        }
    }
}
