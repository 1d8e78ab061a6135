//! What a refusal names is taken: every option that it names leads somewhere else.

mod cli_common;

use std::collections::BTreeMap;

use cli_common::Folder;

/// NPY of rows of numbers: little-endian 64-bit integers.
fn npy(rows: &[Vec<i64>]) -> Vec<u8> {
    let shape = format!("({}, {})", rows.len(), rows[0].len());
    let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}");
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{header:<117}\n").bytes());
    file.extend(rows.iter().flatten().flat_map(|n| n.to_le_bytes()));
    file
}

/// NPY of records with fields of 64-bit integers.
fn records(names: &[&str], rows: &[Vec<i64>]) -> Vec<u8> {
    let fields: Vec<String> = names.iter().map(|n| format!("('{n}', '<i8')")).collect();
    let header = format!(
        "{{'descr': [{}], 'fortran_order': False, 'shape': ({},), }}",
        fields.join(", "),
        rows.len()
    );
    let mut file = b"\x93NUMPY\x01\x00\xf6\x00".to_vec();
    file.extend(format!("{header:<245}\n").bytes());
    file.extend(rows.iter().flatten().flat_map(|n| n.to_le_bytes()));
    file
}

fn rows(f: impl Fn(i64) -> Vec<i64>) -> Vec<Vec<i64>> {
    (0..200).map(f).collect()
}

fn text(f: impl Fn(i64) -> String) -> Vec<u8> {
    (0..200).map(f).collect::<String>().into_bytes()
}

/// Files of one kind each that are not read as they are.
fn files() -> BTreeMap<&'static str, Vec<u8>> {
    let seconds = |i: i64| format!("{}.{:06}", i / 50, i * 20_000 % 1_000_000);
    let xyp = |i: i64| vec![i * 37 % 64, i * 53 % 48, i % 2];
    let with = |i: i64, p: i64| [vec![i * 10], xyp(i)[..2].to_vec(), vec![p]].concat();
    let fixture = |name: &str| {
        let path = format!("{}/fixtures/rows/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    };
    let mut files = BTreeMap::from([
        (
            "unit.txt",
            text(|i| format!("{} {} {} {}\n", i * 10, i * 37 % 64, i * 53 % 48, i % 2)),
        ),
        (
            "slow.txt",
            text(|i| format!("{} {} {} {}\n", seconds(i), i * 37 % 64, i * 53 % 48, i % 2)),
        ),
        (
            "five.txt",
            text(|i| {
                format!(
                    "{} {} {} {} {}\n",
                    i * 10,
                    i * 37 % 64,
                    i * 53 % 48,
                    i % 2,
                    i % 3
                )
            }),
        ),
        (
            "words.txt",
            text(|i| format!("{} {} {} 1 cat\n", i * 10, i * 37 % 64, i * 53 % 48)),
        ),
        (
            "ptxy.txt",
            text(|i| format!("{} {} {} {}\n", i % 2, i * 10, i * 37 % 64, i * 53 % 48)),
        ),
        (
            "named.csv",
            [
                b"when,left,top,sign\n".to_vec(),
                text(|i| format!("{},{},{},{}\n", i * 10, i * 37 % 64, i * 53 % 48, i % 2)),
            ]
            .concat(),
        ),
        (
            "on.csv",
            text(|i| {
                format!(
                    "0.{:06},{},{},{}\n",
                    i * 10,
                    i * 37 % 64,
                    i * 53 % 48,
                    ["UP", "DOWN"][i as usize % 2]
                )
            }),
        ),
        (
            "signs.txt",
            text(|i| {
                format!(
                    "0.{:06} {} {} {}\n",
                    i * 10,
                    i * 37 % 64,
                    i * 53 % 48,
                    i % 3 - 1
                )
            }),
        ),
        ("four.npy", npy(&rows(|i| with(i, i % 2)))),
        (
            "five.npy",
            npy(&rows(|i| [with(i, i % 2), vec![i % 3]].concat())),
        ),
        ("signs.npy", npy(&rows(|i| with(i, i % 3)))),
        ("flat.npy", npy(&rows(|_| vec![1; 4]))),
        (
            "names.npy",
            records(&["when", "x", "y", "sign"], &rows(|i| with(i, i % 2))),
        ),
        (
            "two.npy",
            records(
                &["ts", "timestamp", "x", "y", "p"],
                &rows(|i| [vec![i], with(i, i % 2)].concat()),
            ),
        ),
        ("rows.bin", vec![7; 3_000]),
        (
            "aer.dat",
            (0..200u32)
                .flat_map(|i| [&[i as u8 % 128, 7][..], &(i * 40).to_be_bytes()].concat())
                .collect(),
        ),
        (
            "noise.raw",
            (0..4_000u32)
                .map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8)
                .collect(),
        ),
    ]);
    for name in [
        "bad.csv",
        "bad.npy",
        "bad.npz",
        "bad.h5",
        "bad.parquet",
        "bad.arrow",
        "signs.csv",
        "signs.h5",
        "signs.parquet",
        "signs.arrow",
        "signs.npz",
    ] {
        files.insert(name, fixture(name));
    }
    files
}

/// The options that a message names, each with each of its values: `pass --time-unit s, ms or us`.
fn named(message: &str) -> Vec<[String; 2]> {
    let mut found = Vec::new();
    for part in message.split("pass --").skip(1) {
        let part = part.split([';', '\n']).next().unwrap_or_default();
        let part = part.split(", or ").next().unwrap_or_default();
        let (option, values) = part.split_once(' ').unwrap_or((part, ""));
        for value in values.replace(" or ", ", ").split(", ") {
            let value = value.trim();
            // A placeholder is for the user to fill in.
            let is_free = value.is_empty()
                || ["such as", "NAME", "GROUP", "ORDER", "MAP", "WxH", "FORMAT"]
                    .iter()
                    .any(|free| value.contains(free));
            if !is_free {
                found.push([format!("--{option}"), value.to_owned()]);
            }
        }
    }
    found
}

/// The message of a refusal without the way out.
fn cause(message: &str) -> &str {
    message.split("; pass --").next().unwrap_or_default()
}

#[test]
fn every_option_that_a_refusal_names_leads_on() {
    let (mut tried, mut asked) = (0, 0);
    for (name, bytes) in files() {
        let folder = Folder::new();
        folder.write(name, &bytes);
        // Answers that were given so far, and what was said to them.
        let mut open: Vec<Vec<String>> = vec![Vec::new()];
        for _ in 0..4 {
            let mut next = Vec::new();
            for told in open {
                let args = |told: &[String]| {
                    let mut args = vec!["digest".to_owned(), name.to_owned()];
                    args.extend_from_slice(told);
                    args
                };
                let run = |told: &[String]| {
                    let args = args(told);
                    folder.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
                };
                let refused = run(&told);
                if refused.code == Some(0) || refused.code == Some(3) {
                    continue;
                }
                asked += 1;
                for [option, value] in named(&refused.err) {
                    tried += 1;
                    let more = [&told[..], &[option.clone(), value.clone()]].concat();
                    // An answer that was given already is another one now.
                    let more = match told.iter().position(|t| *t == option) {
                        Some(at) => {
                            let mut told = told.clone();
                            told[at + 1] = value.clone();
                            told
                        }
                        None => more,
                    };
                    let run = run(&more);
                    let what = format!("{name} {more:?}: {}\nafter: {}", run.err, refused.err);
                    assert!(matches!(run.code, Some(0 | 1 | 3)), "{what}");
                    // Bytes without a header are not taken for what leaves nothing empty.
                    assert_ne!(value, "dat1", "{what}");
                    if run.code == Some(1) {
                        assert_ne!(cause(&run.err), cause(&refused.err), "{what}");
                        next.push(more);
                    }
                }
            }
            next.truncate(6);
            open = next;
        }
    }
    assert!(tried > 60 && asked > 30, "{tried} {asked}");
}
