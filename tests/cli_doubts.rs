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
