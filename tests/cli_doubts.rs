//! What looks as if it were read in another way than it was written, in the words of the command.

mod cli_common;

use std::fmt::Write as _;

use cli_common::Folder;

const SEEMS: &str = "as if it were read in another way than it was written";

/// v2e's addresses for 640x480, which nothing in the file tells from a camera's.
#[test]
fn the_option_that_fits_is_named_and_accepted() {
    let folder = Folder::new();
    let mut file = b"#!AER-DAT2.0\r\n# This is a raw AE data file - do not edit\r\n".to_vec();
    for i in 0..1_000u32 {
        let (x, y) = (i * 7 % 640, i / 3 % 480);
        let address = y << 11 | x << 1 | (i % 2);
        file.extend([address.to_be_bytes(), (i * 9).to_be_bytes()].concat());
    }
    folder.write("a.aedat", &file);
    let told = ["info", "a.aedat", "--encoding"];
    for wrong in ["davis", "dvs128", "dvs128-stereo"] {
        let args = [&told[..], &[wrong, "--size", "640x480"]].concat();
        let run = folder.run(&args);
        let doubt = format!("{SEEMS}; pass --encoding dvs640\n");
        assert!(run.err.contains(&doubt), "{wrong}: {}", run.err);
    }
    let right = folder.run(&[&told[..], &["dvs640"]].concat()).ends(0);
    assert!(!right.err.contains(SEEMS), "{}", right.err);
}

#[test]
fn words_without_a_header_are_told_by_what_fits() {
    let folder = Folder::new();
    let mut text = String::new();
    for i in 0..3_000u32 {
        writeln!(text, "{} {} {} {}", i * 11, i * 7 % 640, i / 9 % 480, i % 2).unwrap();
    }
    folder.write("a.txt", text.as_bytes());
    for encoding in ["evt2", "evt3", "evt4"] {
        let size = [
            "--time-unit",
            "us",
            "--columns",
            "txyp",
            "--size",
            "640x480",
        ];
        let to = [
            "convert",
            "a.txt",
            "a.raw",
            "--force",
            "--raw-encoding",
            encoding,
        ];
        folder.run(&[&to[..], &size].concat()).ends(0);
        let file = folder.read("a.raw");
        let header = file.windows(6).position(|w| w == b"% end\n").unwrap() + 6;
        folder.write("bare.bin", &file[header..]);
        let told = ["digest", "bare.bin", "--input-format", "raw"];
        let ask = format!("; pass --encoding {encoding}\n");
        let refused = folder.run(&told).ends(1);
        assert!(refused.err.ends_with(&ask), "{}", refused.err);
        let read = folder.run(&[&told[..], &["--encoding", encoding]].concat());
        let expected = folder
            .run(&["digest", "a.txt", "--time-unit", "us", "--columns", "txyp"])
            .ends(0);
        let digest = |text: &str| text.split(' ').next().map(str::to_owned);
        assert_eq!(digest(read.ends(0).text()), digest(expected.text()));
    }
}

/// Once for every format, and not for a selection of what is stored.
#[test]
fn events_in_one_row_are_said_of_every_format() {
    let folder = Folder::new();
    let mut text = "640 480\n".to_owned();
    for i in 0..500 {
        writeln!(text, "{:.6} {} 7 {}", f64::from(i) / 1e3, i % 640, i % 2).unwrap();
    }
    folder.write("a.txt", text.as_bytes());
    let doubt = format!("note: all 500 events lie in row 7 of a sensor of 640x480, {SEEMS}\n");
    for file in ["a.txt", "a.raw", "a.aedat4", "a.parquet", "a.npz", "a.h5"] {
        if file != "a.txt" {
            let run = folder.run(&["convert", "a.txt", file]).ends(0);
            assert!(run.err.contains(&doubt), "{}", run.err);
        }
        let run = folder.run(&["info", file, "--size", "640x480"]).ends(0);
        assert!(
            run.err.contains(&doubt) || run.text().contains(SEEMS),
            "{file}: {}",
            run.err
        );
    }
    folder
        .run(&["convert", "a.txt", "a.evz"])
        .ends(0)
        .says(&doubt);
    let stored = folder.run(&["convert", "a.evz", "b.evz"]).ends(0);
    assert!(!stored.err.contains(SEEMS), "{}", stored.err);
}

/// Events of which neither the unit nor the polarity is known, in text, in an array and in text with one
/// more column: told at once they are those of a text that says all.
#[test]
fn answers_to_all_doubts_at_once_give_the_events() {
    let folder = Folder::new();
    let (mut clear, mut odd, mut five) = (String::new(), String::new(), String::new());
    let mut array = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    let header = "{'descr': '<i8', 'fortran_order': False, 'shape': (300, 4), }";
    array.extend(format!("{header:<117}\n").bytes());
    for i in 0..300i64 {
        let (t, x, y, p) = (i * 10, i * 37 % 64, i * 53 % 48, i * i % 5 % 2);
        writeln!(clear, "0.{t:09} {x} {y} {p}").unwrap();
        // 1 for ON and 2 for OFF.
        writeln!(odd, "{t} {x} {y} {}", 2 - p).unwrap();
        writeln!(five, "{t} {x} {y} {} {}", 2 - p, i % 7).unwrap();
        array.extend([t, x, y, 2 - p].into_iter().flat_map(i64::to_le_bytes));
    }
    folder.write("clear.txt", clear.as_bytes());
    folder.write("odd.txt", odd.as_bytes());
    folder.write("five.txt", five.as_bytes());
    folder.write("odd.npy", &array);
    let digest = |args: &[&str]| {
        let run = folder.run(&[&["digest"], args].concat()).ends(0);
        run.text().split(' ').next().map(str::to_owned)
    };
    let expected = digest(&["clear.txt"]);
    let (unit, map) = (["--time-unit", "ns"], ["--polarity-map", "1=on,2=off"]);
    for (file, order) in [
        ("odd.txt", None),
        ("five.txt", Some("t,x,y,p,-")),
        ("odd.npy", Some("txyp")),
    ] {
        let refused = folder.run(&["digest", file]).ends(1);
        let asked: Vec<&str> = refused.err.split("; and ").collect();
        assert_eq!(asked.len(), 2 + usize::from(order.is_some()), "{asked:?}");
        for option in [unit[0], map[0]] {
            assert!(
                refused.err.contains(&format!("; pass {option} ")),
                "{asked:?}"
            );
        }
        let columns = order.map(|order| ["--columns", order]);
        let columns = columns.as_ref().map_or(&[][..], |told| told);
        assert_eq!(
            digest(&[&[file], &unit[..], &map, columns].concat()),
            expected
        );
    }
    // The same of what can be read once.
    let piped = folder.run_with(&["digest", "-"], odd.as_bytes()).ends(1);
    piped
        .says("; pass --time-unit ")
        .says("; pass --polarity-map 2=on,1=off or ");
}

/// In one order of the columns the layout says the unit, in the other nothing does.
#[test]
fn a_doubt_that_hangs_on_an_answer_says_so() {
    let folder = Folder::new();
    let (mut either, mut both) = (String::new(), String::new());
    for i in 0..300 {
        writeln!(either, "{},{},{},1", i * 2, i * 37 % 64, i % 2).unwrap();
        writeln!(both, "{} {} {} {}", i * 2, i / 3, i * 2, i % 2).unwrap();
    }
    folder.write("either.csv", either.as_bytes());
    let run = folder.run(&["digest", "either.csv"]).ends(1);
    run.says("; pass --columns txyp or xypt; and with columns txyp, nothing says what unit");
    // Then it is true that nothing more is asked.
    let told = ["digest", "either.csv", "--columns", "xypt"];
    folder.run(&told).ends(0);
    // The first and the third column rise alike, so the unit is in doubt whichever is the time.
    folder.write("both.txt", both.as_bytes());
    let run = folder.run(&["digest", "both.txt"]).ends(1);
    run.says("; pass --columns txyp or xytp; and nothing says what unit");
    // One suggestion is not all that there may be.
    let names = "when,left,top,sign\n0,1,2,1\n10,2,3,0\n20,1,5,1\n30,7,2,0\n40,3,2,1\n";
    folder.write("names.csv", names.as_bytes());
    let run = folder.run(&["digest", "names.csv"]).ends(1);
    run.says("; pass --columns txyp; and with columns txyp, nothing says what unit");
}

#[test]
fn events_without_polarity_are_told_how_to_get_one() {
    let folder = Folder::new();
    for (mark, end) in [(" ", "\n"), (",", "\n"), ("\t", "\r\n")] {
        let line = |i: u32| format!("0.{:06}{mark}{}{mark}{}{end}", i * 10, i * 7 % 64, i % 48);
        let text: String = (0..50).map(line).collect();
        folder.write("three.txt", text.as_bytes());
        let run = folder.run(&["digest", "three.txt"]).ends(1);
        let run = run.says("found 3 columns").says("add polarity");
        // What is named is accepted.
        let command = run.err.split('`').nth(1).unwrap();
        let sed = std::process::Command::new("sh")
            .args(["-c", &format!("{command} <three.txt >four.txt")])
            .current_dir(folder.path("."))
            .status();
        if sed.is_ok_and(|status| status.success()) {
            let convert = ["convert", "four.txt", "four.evz", "--force"];
            folder.run(&convert).ends(0).says("50 events");
        }
    }
}
