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

/// Files that are in doubt in more than one way.
fn files_with_several_doubts() -> BTreeMap<&'static str, Vec<u8>> {
    let with = |i: i64, p: i64| vec![i * 10, i * 37 % 64, i * 53 % 48, p];
    let line = |numbers: Vec<i64>, mark: &str| {
        let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
        numbers.join(mark) + "\n"
    };
    BTreeMap::from([
        ("unit-p.txt", text(|i| line(with(i, 1 + i % 2), " "))),
        ("unit-p.csv", text(|i| line(with(i, 2 * (i % 2)), ","))),
        (
            "order-unit.txt",
            text(|i| line(vec![i * 2, i / 3, i * 2, i % 2], " ")),
        ),
        (
            "order-unit.csv",
            text(|i| line(vec![i * 2, i * 37 % 64, i % 2, 1], ",")),
        ),
        (
            "order-unit-p.txt",
            text(|i| line([with(i, 1 + i % 2), vec![7]].concat(), "\t")),
        ),
        (
            "names-unit-p.csv",
            [
                b"when,left,top,sign\n".to_vec(),
                text(|i| line(with(i, 1 + i % 2), ",")),
            ]
            .concat(),
        ),
        ("order-unit-p.npy", npy(&rows(|i| with(i, 1 + i % 2)))),
        (
            "paths-unit-p.npy",
            records(
                &["ts", "timestamp", "x", "y", "p"],
                &rows(|i| [vec![i], with(i, i % 3)].concat()),
            ),
        ),
    ])
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

/// What settles each of the doubts of a message, by the first of its readings; none if one of them has
/// none, so that the user is to think of an answer.
fn first_of_each(message: &str) -> Option<Vec<[String; 2]>> {
    let doubts = message.trim_end().split("; and ");
    let first = doubts.map(|doubt| {
        let told = doubt.split_once("; pass --")?.1;
        let told = &told[..told.find(['\n', ';']).unwrap_or(told.len())];
        let told = told.split(", or ").next()?;
        let value = told.split_once(' ')?.1.split([' ', '\n']).next()?;
        let option = named(&format!("pass --{told}")).first()?[0].clone();
        Some([option, value.trim_end_matches(',').to_owned()])
    });
    first.collect()
}

/// Of every file of these: what is to be told is said at once, and then nothing more is asked.
#[test]
fn the_first_refusal_names_all_that_is_to_be_told() {
    let mut settled = BTreeMap::new();
    for (name, bytes) in files().into_iter().chain(files_with_several_doubts()) {
        let folder = Folder::new();
        folder.write(name, &bytes);
        let run = |told: &[[String; 2]]| {
            let mut args = vec!["digest", name];
            args.extend(told.iter().flatten().map(String::as_str));
            folder.run(&args)
        };
        let refused = run(&[]);
        // What is to be mended, or is of a format that is to be found out, is another matter.
        let is_doubt = !refused.err.contains("pass --on-bad-line skip")
            && !refused.err.contains("pass --input-format")
            || refused.err.contains("pass --time-unit");
        let Some(told) = first_of_each(&refused.err).filter(|_| is_doubt) else {
            continue;
        };
        if refused.code == Some(1) {
            let second = run(&told);
            let what = format!("{name} {told:?}: {}\nafter: {}", second.err, refused.err);
            assert!(!second.err.contains("evz: "), "{what}");
            settled.insert(name, told.len());
        }
    }
    let most = settled.values().max();
    assert!(settled.len() > 15 && most == Some(&3), "{settled:?}");
    for (name, _) in files_with_several_doubts() {
        assert!(settled.get(name) > Some(&1), "{name}: {settled:?}");
    }
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
                        assert_ne!(run.err, refused.err, "{what}");
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

/// Pixels too far apart to keep something for each: a region is kept, and nothing else would help.
#[test]
fn what_reaches_too_far_is_cropped() {
    let folder = Folder::new();
    folder.write("far.txt", b"0 0 0 1\n10 65000 65000 0\n20 5 5 1\n");
    let told = ["--time-unit", "us", "--columns", "txyp"];
    let run = |args: &[&str]| folder.run(&[args, &told[..]].concat());
    let crop = ["--crop", "0,0,100,100"];
    for line in [
        &["cat", "far.txt", "--hot-pixels"][..],
        &["cat", "far.txt", "--hot-pixels=5sd/1s"],
        &["cat", "far.txt", "--background", "1ms"],
        &["info", "far.txt", "--pixels", "out.png"],
    ] {
        let refused = run(line).ends(1).says("evz: far.txt: ");
        assert!(
            refused.err.contains("crop it to a region"),
            "{}",
            refused.err
        );
        let (verb, rest) = line.split_at(2);
        run(&[verb, &crop, rest].concat()).ends(0);
    }
}

#[test]
fn a_file_that_is_not_joined_is_named() {
    let folder = Folder::new();
    folder.write("a.txt", b"0 0 0 1\n10 1 1 0\n");
    for (out, unit) in [("us.evz", "us"), ("ns.evz", "ns")] {
        let told = ["--time-unit", unit, "--columns", "txyp"];
        folder
            .run(&[&["convert", "a.txt", out][..], &told].concat())
            .ends(0);
    }
    let in_ns = "ns.evz counts nanoseconds, and us.evz microseconds";
    let in_us = "us.evz counts microseconds, and ns.evz nanoseconds";
    for (names, said) in [(["us.evz", "ns.evz"], in_ns), (["ns.evz", "us.evz"], in_us)] {
        let join = folder.run(&[&["join"][..], &names, &["out.evz"]].concat());
        join.ends(2)
            .says(&format!("{said}; convert ns.evz rounded to us first"));
    }
    folder
        .run(&["convert", "ns.evz", "same.evz", "--round", "us"])
        .ends(0);
    folder
        .run(&["join", "same.evz", "us.evz", "out.evz"])
        .ends(0);
    folder.run(&["verify", "out.evz"]).ends(0);
}

#[test]
fn further_columns_that_are_not_joined_are_named() {
    let folder = Folder::new();
    folder.write("a.csv", b"0,0,0,1,5\n10,1,1,0,6\n");
    for (out, columns) in [("heat.evz", "t,x,y,p,heat:u8"), ("plain.evz", "t,x,y,p,-")] {
        let told = ["--columns", columns, "--time-unit", "us", "--size", "9x9"];
        folder
            .run(&[&["convert", "a.csv", out][..], &told].concat())
            .ends(0);
    }
    folder.run(&["join", "heat.evz", "plain.evz", "out.evz"]).ends(2).says(
        "event stream 0 has no further columns in plain.evz, and the further columns heat (u8) in what is \
         before it",
    );
    folder.run(&["join", "plain.evz", "heat.evz", "out.evz"]).ends(2).says(
        "event stream 0 has the further columns heat (u8) in heat.evz, and no further columns in what is \
         before it",
    );
}

#[test]
fn files_of_other_sensors_are_joined_once_they_have_one_size() {
    let folder = Folder::new();
    for (name, size) in [("small.evz", "640x480"), ("large.evz", "1280x720")] {
        let size = ["--size", size, "--events", "1000"];
        folder.run(&[&["synth", name][..], &size].concat()).ends(0);
    }
    for names in [["small.evz", "large.evz"], ["large.evz", "small.evz"]] {
        let join = folder.run(&[&["join"][..], &names, &["out.evz"]].concat());
        join.ends(2)
            .says("a sensor of 640x480")
            .says("a sensor of 1280x720")
            .says("convert small.evz to a size of 1280x720 first");
    }
    folder
        .run(&["convert", "small.evz", "same.evz", "--size", "1280x720"])
        .ends(0);
    folder
        .run(&["join", "same.evz", "large.evz", "out.evz"])
        .ends(0);
    folder.run(&["verify", "out.evz"]).ends(0);
}

#[test]
fn files_whose_sensors_hold_not_each_other_are_joined_once_they_have_a_size_that_does() {
    let folder = Folder::new();
    for (name, size) in [("wide.evz", "640x480"), ("high.evz", "320x1000")] {
        let size = ["--size", size, "--events", "1000"];
        folder.run(&[&["synth", name][..], &size].concat()).ends(0);
    }
    folder
        .run(&["join", "wide.evz", "high.evz", "out.evz"])
        .ends(2)
        .says("convert wide.evz to a size of 640x1000 first")
        .says("convert high.evz to a size of 640x1000 first");
    for (name, same) in [("wide.evz", "a.evz"), ("high.evz", "b.evz")] {
        folder
            .run(&["convert", name, same, "--size", "640x1000"])
            .ends(0);
    }
    let join = folder.run(&["join", "a.evz", "b.evz", "out.evz"]).ends(0);
    assert!(!join.err.contains("beyond"), "{}", join.err);
    folder.run(&["verify", "out.evz"]).ends(0);
}
