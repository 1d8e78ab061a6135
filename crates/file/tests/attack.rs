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

use common::{expected, read};
use evz_core::{EventBatch, EventIndex, Input, Metadata, Output, Selection};
use evz_file::recover_into;
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

/// What is verified is whole in each of its parts; `check` panics where it is not.
#[test]
fn fields_that_lie() {
    let files = of_all_kinds(900);
    campaign("forged files", 20_000, |chance| {
        let made = &files[chance.below(files.len())];
        let mut forgery = made.forgery.clone();
        for _ in 0..1 + chance.below(3) {
            lie(&mut forgery, made.fields, chance);
        }
        let forged = match chance.below(2) {
            0 => forgery,
            _ => forgery.believed(),
        };
        check::check(&forged.write());
        Ok(())
    });
}

/// Puts a number, text or bytes that were not there into a field.
fn lie(forgery: &mut Forgery, fields: usize, chance: &mut Chance) {
    let (target, mut at) = (chance.below(fields), 0);
    forgery.each(&mut |_, field| {
        if at == target {
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

/// What is read of a damaged file is what was written, and what is recovered is some of it, or something is said.
#[test]
fn bytes_that_are_damaged() {
    let files = of_all_kinds(900);
    let written: Vec<Vec<u8>> = files.iter().map(|made| made.forgery.write()).collect();
    campaign("damaged files", 10_000, |chance| {
        let which = chance.below(files.len());
        let (streams, mut bytes) = (&files[which].streams, written[which].clone());
        for _ in 0..1 + chance.below(2) {
            damage(&mut bytes, chance);
        }
        check::check(&bytes);
        let input = || Input::from_bytes(bytes.clone(), "damaged.evz");
        if let Ok(reader) = common::open(bytes.clone()) {
            for (number, all) in streams.iter().enumerate() {
                let Some(stream) = reader.of_stream(number) else {
                    continue;
                };
                let lost = reader.report().has_losses();
                for selection in [Selection::default(), Selection::default().with_time(0..500)] {
                    let Ok(found) = read(&stream, &selection) else {
                        continue;
                    };
                    let expected = expected(all, &selection);
                    let is_part = found.len() < expected.len() && lost;
                    if found != expected && !is_part {
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
        let n: usize = streams.iter().map(EventBatch::len).sum();
        let is_said =
            !report.lost.is_empty() || !report.moved.is_empty() || report.events_missing > 0;
        match saved
            .streams()
            .iter()
            .map(|s| s.summary.n_events())
            .sum::<u64>()
        {
            saved if saved == n as u64 || is_said && saved < n as u64 => Ok(()),
            saved => Err(format!("recovered {saved} of {n} events, said: {is_said}")),
        }
    });
}
