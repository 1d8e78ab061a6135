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
use common::{Times, columns, events, info, side, side_messages, with_extra};
use evz_codec::{Codec, FAST, SMALL};
use evz_core::ColumnType;
use evz_file::wire::StreamDeclaration;
use forger::{Field, Forgery, finished, options};
use libfuzzer_sys::fuzz_target;

/// Bytes of an edit: the number of a field, what is done to it, and a number.
const EDIT: usize = 2 + 1 + 8;

fuzz_target!(|bytes: &[u8]| {
    let Some(([which, believed], edits)) = bytes.split_first_chunk() else {
        return;
    };
    let honest = honest();
    let (honest, fields) = &honest[usize::from(*which) % honest.len()];
    let mut forgery = honest.clone();
    for edit in edits.chunks_exact(EDIT).take(4) {
        change(&mut forgery, *fields, edit);
    }
    let forged = match believed % 2 {
        0 => forgery,
        _ => forgery.believed(),
    };
    check(&forged.write());
});

/// Files of either codec, in order and not, with side streams and an index of all levels; and how many fields each has.
fn honest() -> &'static [(Forgery, usize)] {
    static FILES: OnceLock<Vec<(Forgery, usize)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let codecs = [&FAST as &dyn Codec, &SMALL];
        let times = [Times::Rising, Times::Scrambled];
        codecs.into_iter().flat_map(|codec| times.map(|times| file(codec, times))).collect()
    })
}

fn file(codec: &'static dyn Codec, times: Times) -> (Forgery, usize) {
    let mut left = events(300, times, 5);
    with_extra(&mut left, &[ColumnType::U16], 1);
    let declared = info().with_columns(columns(&[ColumnType::U16]));
    let mut writer = options(codec, 64).write_to(Vec::new(), &declared).unwrap();
    let right = StreamDeclaration {
        name: "right".to_owned(),
        width: 640,
        height: 480,
        ..StreamDeclaration::default()
    };
    let number = writer.add_stream(right).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    for k in 0..5 {
        let rows = side_messages(&[10 * k, 10 * k + 3, 10 * k + 2]);
        writer.write_side_batch(imu, &rows, 3, (10 * k, 10 * k + 3)).unwrap();
    }
    writer.write_batch(left.as_slice()).unwrap();
    writer.write_events(number, events(70, Times::Tied, 6).as_slice()).unwrap();
    let mut forgery = Forgery::of(&finished(writer)).with_nodes();
    let mut fields = 0;
    forgery.each(&mut |_, _| fields += 1);
    (forgery, fields)
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
