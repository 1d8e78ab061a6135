//! The formats of others: each written, read back and found out by the command.

mod cli_common;
mod common;

use cli_common::Folder;

/// Every format that is written beside `.evz` and text, by the end of its files.
const WRITTEN: [&str; 9] = [
    "raw", "dat", "aedat4", "npy", "npz", "parquet", "arrow", "arrows", "h5",
];

fn digest(folder: &Folder, args: &[&str]) -> String {
    let run = folder.run(&[&["digest"], args].concat()).ends(0);
    run.text().split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn every_format_gives_the_events_back() {
    let folder = Folder::with_events(20_000);
    let expected = digest(&folder, &["events.evz"]);
    let convert = |args: &[&str]| folder.run(&[&["convert", "events.evz"], args].concat());
    let sized = ["--size", "320x240", "--force"];
    for ending in WRITTEN {
        let name = format!("out.{ending}");
        convert(&[&[name.as_str()], &sized[..]].concat()).ends(0);
        assert_eq!(digest(&folder, &[&name]), expected, "{name}");
        // A pipe cannot be sought in, and has no name.
        let run = folder
            .run_with(&["digest", "-"], &folder.read(&name))
            .ends(0);
        assert!(run.text().starts_with(&expected), "{name} through a pipe");
        let info = folder.run(&["info", &name]).ends(0);
        assert!(
            info.text().contains("20,000 (") && info.text().contains("320x240"),
            "{}",
            info.text()
        );
        // And from there to a file of our own.
        folder
            .run(&["convert", &name, "back.evz", "--force"])
            .ends(0);
        assert_eq!(digest(&folder, &["back.evz"]), expected, "{name} to .evz");
    }
    convert(&[&["out.raw", "--raw-encoding", "evt2"], &sized[..]].concat()).ends(0);
    assert_eq!(digest(&folder, &["out.raw"]), expected, "EVT2");
}

#[test]
fn frames_come_from_any_format() {
    let folder = Folder::with_events(5_000);
    let render = |input: &str| {
        let args = [
            "render", input, "-o", "out.npy", "--count", "1000", "--size", "320x240", "--force",
        ];
        folder.run(&args).ends(0);
        folder.read("out.npy")
    };
    let expected = render("events.evz");
    for ending in ["raw", "aedat4", "parquet"] {
        let name = format!("out.{ending}");
        folder
            .run(&["convert", "events.evz", &name, "--size", "320x240"])
            .ends(0);
        assert!(render(&name) == expected, "{name}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let folder = Folder::new();
    folder.write("far.txt", b"0.000001 5000 7 1\n0.000002 3 7 0\n");
    folder.write("back.txt", b"0.000009 5 7 1\n0.000002 3 7 0\n");
    folder
        .run(&["convert", "far.txt", "out.raw", "--size", "6000x8"])
        .ends(1);
    folder
        .run(&["convert", "back.txt", "out.dat", "--size", "8x8"])
        .ends(1)
        .says("--on-unsorted sort");
    assert_eq!(
        folder.names(),
        ["back.txt", "far.txt"],
        "nothing is left behind"
    );
    let args = [
        "convert",
        "back.txt",
        "out.dat",
        "--size",
        "8x8",
        "--on-unsorted",
        "sort",
    ];
    folder.run(&args).ends(0);
}

#[test]
fn options_of_other_formats_are_refused() {
    let folder = Folder::with_events(10);
    let refused = |args: &[&str], option: &str| {
        folder.run(args).ends(2).says(option);
    };
    refused(&["info", "events.txt", "--encoding", "evt3"], "--encoding");
    refused(
        &["info", "events.evz", "--word-order", "little"],
        "--word-order",
    );
    refused(&["cat", "events.txt", "--stream", "1"], "--stream");
    refused(
        &["cat", "events.txt", "--columns", "t=a/t,x=a/x,y=a/y,p=a/p"],
        "--columns: the input is text, and it is of use for npy, npz, parquet, arrow and hdf5 alone",
    );
    refused(
        &["cat", "events.txt", "--columns", "t=a/t,x=a/x"],
        "y is missing",
    );
    refused(
        &["convert", "events.evz", "out.dat", "--raw-encoding", "evt2"],
        "--raw-encoding",
    );
    refused(
        &["convert", "events.evz", "out.raw", "--raw-encoding", "atis"],
        "--raw-encoding: raw is not written as atis; pass evt3, evt2 or evt4",
    );
    refused(
        &["cat", "events.evz", "--stream", "imu"],
        "events.evz: there is no event stream \"imu\"",
    );
}

/// Any layout of HDF5 is read once it is told where its columns stand, and what it holds is said before.
#[test]
fn columns_of_hdf5_are_told_by_their_paths() {
    let folder = Folder::new();
    let files = concat!(env!("CARGO_MANIFEST_DIR"), "/formats/hdf5/tests/files/");
    let odd = format!("{files}odd.h5.gz");
    let truth = std::fs::read_to_string(format!("{files}truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let paths = "t=raw/when,x=raw/where/0,y=raw/where/1,p=raw/sign/on";
    let told = ["--columns", paths, "--time-unit", "us"];
    let found = digest(&folder, &[&[odd.as_str()], &told[..]].concat());
    assert_eq!(found, truth["odd.h5"]["paths"]["sha256"]);
    let run = folder.run(&["info", &odd, "--columns", paths]).ends(1);
    run.says("pass --time-unit s, ms, us or ns");
    let elsewhere = format!("{files}elsewhere.h5.gz");
    folder
        .run(&["info", &elsewhere])
        .ends(1)
        .says("numbers int64 [10], table float32 [3, 4]; pass --columns t=GROUP/t,x=GROUP/x");
}

#[test]
fn a_cut_file_gives_what_stands_before_the_cut() {
    let folder = Folder::with_events(100_000);
    for ending in ["raw", "dat", "aedat4", "npy", "arrows"] {
        let name = format!("out.{ending}");
        folder
            .run(&["convert", "events.evz", &name, "--size", "320x240"])
            .ends(0);
        let whole = folder.read(&name);
        folder.write("cut", &whole[..(whole.len() * 3 / 4) | 1]);
        let run = folder.run(&["cat", "cut", "--time-unit", "us"]);
        let lines = run.text().lines().count();
        assert_eq!(run.code, Some(3), "{name}: {}", run.err);
        assert!((1_000..100_000).contains(&lines), "{name}: {lines} events");
        let expected = folder.run(&["cat", "events.evz", "--events", &format!("..{lines}")]);
        assert!(
            run.text() == expected.text(),
            "{name}: the events are the first"
        );
    }
}

#[test]
fn side_streams_of_a_recording_come_along() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let davis = recordings.join("davis346.aedat4");
    let davis = davis.to_str().unwrap();
    let folder = Folder::new();
    folder.run(&["convert", davis, "davis.evz"]).ends(0);
    // The numbers that dv-processing 2.0.4 reads out of this recording.
    for file in [davis, "davis.evz"] {
        let info = folder.run(&["info", file]).ends(0);
        for rows in ["triggers: 236 rows", "frames: 59 rows", "imu: 2,363 rows"] {
            assert!(info.text().contains(rows), "{file}: {}", info.text());
        }
        let imu = folder.run(&["cat", file, "--stream", "imu"]).ends(0);
        assert_eq!(
            imu.text().lines().count(),
            1 + 2363,
            "a line of names, and one a row"
        );
        let some = ["--from", "@1589163148s", "--to", "@1589163149s"];
        let part = folder
            .run(&[&["cat", file, "--stream", "imu"], &some[..]].concat())
            .ends(0);
        let times = part
            .text()
            .lines()
            .skip(1)
            .map(|l| l.split(',').next().unwrap());
        assert!(times.clone().all(|t| {
            (1_589_163_148_000_000..1_589_163_149_000_000).contains(&t.parse::<i64>().unwrap())
        }));
        assert_eq!(times.count(), 1001, "{file}: of 2363, those of one second");
        let out = ["-o", "frame.png", "--force"];
        folder
            .run(&[&["render", file, "--stream", "frames"], &out[..]].concat())
            .ends(0);
        assert!(folder.read("frame_00058.png").starts_with(b"\x89PNG"));
    }
    let run = folder
        .run(&["convert", "davis.evz", "davis.parquet"])
        .ends(3);
    run.says("--stream NAME of convert writes one");
    folder
        .run(&["convert", "davis.evz", "imu.parquet", "--stream", "imu"])
        .ends(0)
        .says("2,363 rows of imu");
}

#[test]
fn a_side_stream_has_no_digest_and_no_facts_of_its_own() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let folder = Folder::new();
    let file = recordings.join("davis346.aedat4").display().to_string();
    for verb in ["digest", "info"] {
        folder
            .run(&[verb, &file, "--stream", "imu"])
            .ends(2)
            .says("takes events, and imu is a side stream; leave out --stream");
    }
}

#[test]
fn a_format_that_is_told_is_not_another() {
    let folder = Folder::with_events(1_000);
    for name in ["a.dat", "a.raw", "a.npy"] {
        folder
            .run(&["convert", "events.evz", name, "--size", "640x480"])
            .ends(0);
    }
    for (name, told, found) in [
        ("a.dat", "raw", "dat"),
        ("a.raw", "dat", "raw"),
        ("a.npy", "aedat", "npy"),
        ("events.evz", "text", "evz"),
    ] {
        folder
            .run(&["digest", name, "--input-format", told])
            .ends(2)
            .says(&format!(
                "{name}: is {found}, and not {told}; pass --input-format {found}"
            ));
        folder
            .run(&["digest", name, "--input-format", found])
            .ends(0);
    }
}

#[test]
fn a_flipped_bit_in_packed_text_shows() {
    let folder = Folder::with_events(5_000);
    for name in ["packed.txt.gz", "packed.txt.zst"] {
        folder.run(&["convert", "events.evz", name]).ends(0);
        let whole = folder.read(name);
        for at in (40..whole.len() - 8).step_by(whole.len() / 40) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            folder.write(name, &bytes);
            folder.run(&["digest", name]).ends(1);
        }
    }
}

/// A zip of one member as it is, after PKWARE's APPNOTE.TXT, 4.3.
fn stored(name: &str, bytes: &[u8]) -> Vec<u8> {
    let (crc, len) = (crc32fast::hash(bytes), bytes.len() as u32);
    let mut about = Vec::new();
    about.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
    for n in [crc, len, len] {
        about.extend(n.to_le_bytes());
    }
    about.extend((name.len() as u16).to_le_bytes());
    about.extend([0, 0]);
    let mut zip = [b"PK\x03\x04", &about[..], name.as_bytes(), bytes].concat();
    let directory = zip.len() as u32;
    zip.extend([b"PK\x01\x02\x14\0", &about[..], &[0; 14], name.as_bytes()].concat());
    let n = zip.len() as u32 - directory;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(n.to_le_bytes());
    zip.extend(directory.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

/// Lines that stand in a zip as they are might be taken for lines among others.
#[test]
fn text_that_is_stored_in_a_zip() {
    let folder = Folder::with_events(300);
    let text = folder.read("events.txt");
    folder.write("events.txt.zip", &stored("events.txt", &text));
    let cat = |name: &str| folder.run(&["cat", name]).ends(0).out;
    assert_eq!(cat("events.txt.zip"), cat("events.txt"));
    let told = ["cat", "events.txt.zip", "--input-format", "text"];
    assert_eq!(folder.run(&told).ends(0).out, cat("events.txt"));
}
