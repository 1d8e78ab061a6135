//! Fields of a file that are changed under checksums, lengths and offsets that are right: an error or some events,
//! never a panic, and what is verified is the same in each part of it.
//!
//! The input says which file, whether the index repeats what its chunks say, and then field by field what is put there.
#![no_main]

#[path = "../check.rs"]
mod check;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../../tests/forger/mod.rs"]
mod forger;

use std::sync::OnceLock;

use check::check;
use forger::made::{Made, of_all_kinds};
use forger::{Field, Forgery};
use libfuzzer_sys::fuzz_target;

/// Bytes of an edit: the number of a field, what is done to it, and a number.
const EDIT: usize = 2 + 1 + 8;

fuzz_target!(|bytes: &[u8]| {
    let Some(([which, believed], edits)) = bytes.split_first_chunk() else {
        return;
    };
    let files = files();
    let made = &files[usize::from(*which) % files.len()];
    let mut forgery = made.forgery.clone();
    for edit in edits.chunks_exact(EDIT).take(4) {
        change(&mut forgery, made.fields, edit);
    }
    let forged = match believed % 2 {
        0 => forgery,
        _ => forgery.believed(),
    };
    check(&forged.write());
});

fn files() -> &'static [Made] {
    static FILES: OnceLock<Vec<Made>> = OnceLock::new();
    FILES.get_or_init(|| of_all_kinds(300))
}

/// Puts into a field what an edit says.
fn change(forgery: &mut Forgery, fields: usize, edit: &[u8]) {
    let target = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % fields;
    let number = i64::from_le_bytes(edit[3..].try_into().unwrap());
    let mut at = 0;
    forgery.each(&mut |_, field| {
        if at == target {
            put(field, edit[2], number);
        }
        at += 1;
    });
}

fn put(field: Field<'_>, how: u8, number: i64) {
    match field {
        Field::Number(n) => {
            let was = n.get();
            n.set(match how % 4 {
                0 => number.into(),
                1 => was + i128::from(number % 64),
                2 => was ^ (1 << (number.unsigned_abs() % 64)),
                _ => [n.ends().0, n.ends().1, 0][number.unsigned_abs() as usize % 3],
            });
        }
        Field::Text(text) => *text = ["", "right", "imu", "é"][usize::from(how) % 4].to_owned(),
        Field::Bytes(bytes) => {
            let at = number.unsigned_abs() as usize % (bytes.len() + 1);
            match how % 3 {
                0 => bytes.truncate(at),
                1 => bytes.resize(at, how),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = how),
            }
        }
    }
}
