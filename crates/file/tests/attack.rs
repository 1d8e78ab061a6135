//! Files with fields that lie and bytes that are damaged, by chance: an error or the right events, never a panic.
//!
//! Some hundred of them here; `EVZ_ATTACK=all` tries 30,000, and how many and what was found is printed with
//! `--nocapture`.

#[path = "../fuzz/check.rs"]
mod check;
mod common;
mod forger;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{expected, read};
use evz_core::{Event, EventBatch, EventIndex, Input, Metadata, Output, Selection};
use evz_file::{recover_into, verify};
use forger::made::of_all_kinds;
use forger::{Field, Forgery};
use rayon::prelude::*;

/// Numbers that follow from a seed.
struct Chance(u64);

impl Chance {
    /// Below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % n as u64) as usize
    }
}

/// Tries so many cases, each from a seed of its own, and says what was found.
fn campaign(name: &str, cases: u64, case: impl Fn(&mut Chance) -> Result<(), String> + Sync) {
    let cases = match env::var_os("EVZ_ATTACK") {
        Some(told) if told == "all" => cases,
        _ => cases / 50,
    };
    let found: Vec<String> = (0..cases)
        .into_par_iter()
        .filter_map(|seed| {
            let tried = catch_unwind(AssertUnwindSafe(|| case(&mut Chance(seed))));
            let found = tried.unwrap_or_else(|_| Err("panics".to_owned()));
            found.err().map(|what| format!("case {seed}: {what}"))
        })
        .collect();
    println!("campaign: {name}: {cases} cases, {} findings", found.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What is verified is whole in each of its parts; `check` panics where it is not. No lie here has the checksum of the
/// events that it makes, so that a file which `verify` finds whole has all the true events and no others. So has what
/// is read whole of any other file without an error or a loss, and with a loss some of them, unless a lie is of those
/// that SECURITY.md leaves to `verify`: the time at which a chunk is entered, or a number of events that its head and
/// the index tell alike.
#[test]
fn fields_that_lie() {
    let files = of_all_kinds(900);
    let (whole, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    campaign("forged files", 20_000, |chance| {
        let made = &files[chance.below(files.len())];
        let mut forgery = made.forgery.clone();
        let lies: Vec<String> = (0..1 + chance.below(3))
            .map(|_| lie(&mut forgery, made.fields, chance))
            .collect();
        let believed = chance.below(2) == 1;
        let forged = match believed {
            false => forgery,
            true => forgery.believed(),
        };
        let bytes = forged.write();
        check::check(&bytes);
        let is_verified = verify(Input::from_bytes(bytes.clone(), "forged.evz")).is_ok();
        let is_data = |name: &String| {
            name.contains(".chunk.")
                && (name.contains(".starts[") || believed && name.ends_with(".n_events"))
        };
        if !is_verified && lies.iter().any(is_data) {
            return Ok(());
        }
        let Ok(reader) = common::open(bytes) else {
            return Ok(());
        };
        for (number, all) in made.streams.iter().enumerate() {
            let found = reader
                .of_stream(number)
                .map(|s| read(&s, &Selection::default()));
            let is_lossy = reader.report().has_losses();
            match found {
                Some(Ok(found)) if found == *all => whole.fetch_add(1, Ordering::Relaxed),
                Some(Ok(found)) if is_verified || !is_lossy || !is_part(&found, all, 1) => {
                    let n = found.len();
                    return Err(format!("{lies:?}: stream {number}: {n} events, and others"));
                }
                _ if is_verified => return Err(format!("{lies:?}: stream {number} is not read")),
                _ => refused.fetch_add(1, Ordering::Relaxed),
            };
        }
        Ok(())
    });
    let (whole, refused) = (whole.into_inner(), refused.into_inner());
    assert!(
        whole > 100 && refused > 100,
        "{whole} streams whole, {refused} refused"
    );
}

/// Puts a number, text or bytes that were not there into a field, and gives its name.
fn lie(forgery: &mut Forgery, fields: usize, chance: &mut Chance) -> String {
    let (target, mut at) = (chance.below(fields), 0);
    let mut lied = String::new();
    forgery.each(&mut |name, field| {
        if at == target {
            lied = name.to_owned();
            match field {
                Field::Number(n) => {
                    let (was, (least, most)) = (n.get(), n.ends());
                    let near = was + chance.below(9) as i128 - 4;
                    let lies = [near, was ^ 1 << chance.below(64), least, most, 0, was * 2];
                    n.set(lies[chance.below(lies.len())]);
                }
                Field::Text(text) => *text = ["", "right", "imu", "é"][chance.below(4)].to_owned(),
                Field::Bytes(bytes) => damage(bytes, chance),
            }
        }
        at += 1;
    });
    lied
}

/// Bits flipped, a stretch zeroed, cut out, put in twice, or the end cut off.
fn damage(bytes: &mut Vec<u8>, chance: &mut Chance) {
    if bytes.is_empty() {
        return;
    }
    let start = chance.below(bytes.len());
    let end = bytes.len().min(start + 1 + chance.below(300));
    match chance.below(6) {
        0 => bytes[start] ^= 1 << chance.below(8),
        1 => bytes[start..end].fill(0),
        2 => drop(bytes.drain(start..end)),
        3 => {
            let again = bytes[start..end].to_vec();
            bytes.splice(end..end, again);
        }
        4 => bytes.truncate(start),
        _ => (start..end).for_each(|at| bytes[at] = chance.below(256) as u8),
    }
}

/// What is read of a damaged file is what was written, or an error, or part of it and a loss; what is recovered is
/// whole chunks of it, or all, and what is lacking is said.
#[test]
fn bytes_that_are_damaged() {
    let files = of_all_kinds(900);
    let written: Vec<Vec<u8>> = files.iter().map(|made| made.forgery.write()).collect();
    let parts = AtomicUsize::new(0);
    campaign("damaged files", 10_000, |chance| {
        let which = chance.below(files.len());
        let (made, mut bytes) = (&files[which], written[which].clone());
        for _ in 0..1 + chance.below(2) {
            damage(&mut bytes, chance);
        }
        check::check(&bytes);
        let input = || Input::from_bytes(bytes.clone(), "damaged.evz");
        if let Ok(reader) = common::open(bytes.clone()) {
            for (number, all) in made.streams.iter().enumerate() {
                let Some(stream) = reader.of_stream(number) else {
                    continue;
                };
                let lost = reader.report().has_losses();
                for selection in [Selection::default(), Selection::default().with_time(0..500)] {
                    let Ok(found) = read(&stream, &selection) else {
                        continue;
                    };
                    let expected = expected(all, &selection);
                    if found != expected && !(lost && is_part(&found, &expected, 1)) {
                        return Err(format!("stream {number}: other events in {selection:?}"));
                    }
                }
            }
        }
        let out = common::Shared::default();
        let output = Output::from_writer(out.clone(), "saved.evz");
        let Ok(report) = recover_into(input(), output, &Metadata::new()) else {
            return Ok(());
        };
        let saved = common::open(std::mem::take(&mut *out.0.lock().unwrap())).unwrap();
        let is_said =
            !report.lost.is_empty() || !report.moved.is_empty() || report.events_missing > 0;
        for (number, all) in made.streams.iter().enumerate() {
            let found = match saved.of_stream(number) {
                Some(stream) => read(&stream, &Selection::default()).unwrap(),
                None => EventBatch::default(),
            };
            if found == *all {
                continue;
            }
            if !is_said || !is_part(&found, all, made.chunk) {
                let n = found.len();
                return Err(format!(
                    "recovered {n} events of stream {number}, said: {is_said}"
                ));
            }
            parts.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    });
    let parts = parts.into_inner();
    assert!(parts > 20, "{parts} parts recovered");
}

/// Whether all of these events are some of `all`, in their order; so many of them stay together.
fn is_part(found: &EventBatch, all: &EventBatch, together: usize) -> bool {
    let (found, all) = (rows(found), rows(all));
    let mut left = &found[..];
    for group in all.chunks(together) {
        left = left.strip_prefix(group).unwrap_or(left);
    }
    left.is_empty()
}

/// The events with their further columns.
fn rows(events: &EventBatch) -> Vec<(Event, Vec<u8>)> {
    let row = |(n, event): (usize, Event)| {
        let further = events.extra.iter().flat_map(|values| {
            let size = values.column_type().size();
            values.as_slice().as_bytes()[n * size..][..size].to_vec()
        });
        (event, further.collect())
    };
    events.iter().enumerate().map(row).collect()
}
