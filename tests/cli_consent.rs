//! Losses that a user agrees to: an option asks for them, they are counted, and the run has ended well.

mod cli_common;
mod common;

use cli_common::Folder;

/// Times as a 32-bit float of seconds prints them, and the microsecond that each is of.
const FLOATS: [(&str, &str); 5] = [
    ("0.0", "0.000000"),
    ("0.004999999888241291", "0.005000"),
    ("0.008999999612569809", "0.009000"),
    ("0.0100005", "0.010001"),
    ("0.0120004", "0.012000"),
];

fn text(times: impl Iterator<Item = &'static str>) -> Vec<u8> {
    let lines = times
        .enumerate()
        .map(|(i, t)| format!("{t} {i} 7 {}\n", i % 2));
    lines.collect::<String>().into_bytes()
}

fn digest(folder: &Folder, name: &str) -> String {
    folder.run(&["digest", name]).ends(0).text()[..64].to_owned()
}

#[test]
fn times_are_rounded_for_formats_of_microseconds() {
    let folder = Folder::new();
    folder.write("float.txt", &text(FLOATS.iter().map(|f| f.0)));
    folder.write("whole.txt", &text(FLOATS.iter().map(|f| f.1)));
    let expected = digest(&folder, "whole.txt");
    for name in ["a.raw", "a.dat", "a.aedat4", "a.es"] {
        let convert = ["convert", "float.txt", name, "--size", "64x48"];
        let refused = folder.run(&convert).ends(1);
        assert!(
            refused.err.contains("pass --round us"),
            "{name}: {}",
            refused.err
        );
        let agreed = [&convert[..], &["--round", "us"]].concat();
        folder
            .run(&agreed)
            .ends(0)
            .says("as told: 2 times rounded to whole microseconds");
        assert_eq!(digest(&folder, name), expected, "{name}");
    }
    // Of any format, and for any verb.
    folder.run(&["convert", "float.txt", "ns.evz"]).ends(3);
    for input in ["float.txt", "ns.evz"] {
        let run = folder.run(&["digest", input, "--round", "us"]).ends(0);
        assert_eq!(run.text()[..64], expected, "{input}");
    }
    // Printed in microseconds all the same.
    let run = folder.run(&["cat", "float.txt", "--round", "ms"]).ends(0);
    let lines = "0 0 7 0\n5000 1 7 1\n9000 2 7 0\n10000 3 7 1\n12000 4 7 0\n";
    assert_eq!(run.text(), lines);
    // What is as coarse already stays as it is, and keeps its claims.
    folder
        .run(&["convert", "whole.txt", "us.evz", "--round", "us"])
        .ends(0)
        .says("the same bytes");
}

#[test]
fn events_outside_the_sensor_are_left_out_where_that_is_told() {
    let folder = Folder::new();
    let line = |x: u32| format!("0.{x:06} {x} 7 1\n");
    let all: String = (0..100).chain([700]).chain(100..200).map(line).collect();
    let inside: String = (0..200).map(line).collect();
    folder.write("all.txt", all.as_bytes());
    folder.write("inside.txt", inside.as_bytes());
    // The one that is too far right comes later than those behind it.
    let expected = digest(&folder, "inside.txt");
    folder.run(&["convert", "all.txt", "all.evz"]).ends(0);
    folder.run(&["convert", "all.txt", "all.npy"]).ends(0);
    for input in ["all.txt", "all.evz", "all.npy"] {
        let wanted = ["digest", input, "--drop", "outside"];
        folder.run(&wanted).ends(1).says("pass --size WxH");
        let run = folder
            .run(&[&wanted[..], &["--size", "200x48"]].concat())
            .ends(0);
        assert_eq!(run.text()[..64], expected, "{input}");
        run.says("as told: 1 event beyond the sensor of 200x48")
            .says("event 100: 700,7");
    }
    let to_es = ["convert", "all.txt", "out.es", "--size", "200x48"];
    let refused = folder.run(&to_es).ends(1);
    assert!(refused.err.contains("--drop outside"), "{}", refused.err);
    folder
        .run(&[&to_es[..], &["--drop", "outside"]].concat())
        .ends(0);
    assert_eq!(digest(&folder, "out.es"), expected);
}
