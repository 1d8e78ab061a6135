//! The programs under `examples/`, run as their first lines say.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The output of an example, which `cargo test` has built beside the command.
fn run(name: &str, args: &[&str]) -> String {
    let beside = Path::new(env!("CARGO_BIN_EXE_evz")).parent();
    let program = beside
        .expect("the command lies in a folder")
        .join("examples")
        .join(name);
    let run = Command::new(&program)
        .args(args)
        .output()
        .expect("the example starts");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}: {said}", program.display());
    String::from_utf8(run.stdout).expect("the output is text")
}

fn fixture(name: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    fixtures.join(name).display().to_string()
}

fn out(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

#[test]
fn convert_writes_the_same_events() {
    let folder = tempfile::tempdir().unwrap();
    let (text, file) = (fixture("events.txt"), out(&folder, "events.evz"));
    let said = run("convert", &[&text, &file.display().to_string()]);
    assert!(said.contains("12000 events"), "{said}");
    let back = out(&folder, "back.txt");
    run(
        "convert",
        &[&file.display().to_string(), &back.display().to_string()],
    );
    assert!(std::fs::read(back).unwrap() == std::fs::read(text).unwrap());
}

#[test]
fn follow_says_how_many_events_there_are() {
    let said = run("follow", &[&fixture("moving.evz")]);
    assert!(said.ends_with(" 36000\n"), "{said}");
}

#[test]
fn region_rate_counts_what_lies_in_the_region() {
    let text = fixture("events.txt");
    let said = run("region_rate", &[&text, "100", "50", "64", "64"]);
    let mut expected = std::collections::BTreeMap::<u64, u64>::new();
    for line in std::fs::read_to_string(text).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(' ').collect();
        let micros = fields[0].replace('.', "").parse::<u64>().unwrap() / 1_000;
        let (x, y): (u64, u64) = (fields[1].parse().unwrap(), fields[2].parse().unwrap());
        if (100..164).contains(&x) && (50..114).contains(&y) {
            *expected.entry(micros / 10_000 * 10_000).or_default() += 100;
        }
    }
    let rows = expected
        .iter()
        .map(|(start, rate)| format!("{start},{rate}\n"));
    assert_eq!(
        said,
        format!("start_us,events_per_s\n{}", rows.collect::<String>())
    );
}

#[test]
fn frames_to_npy_writes_an_array_of_all_events() {
    let folder = tempfile::tempdir().unwrap();
    let array = out(&folder, "frames.npy");
    run(
        "frames_to_npy",
        &[&fixture("moving.evz"), &array.display().to_string()],
    );
    let bytes = std::fs::read(array).unwrap();
    // NPY 1.0: magic, version, length of the header, the header as a Python literal.
    let header_len = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + header_len]).unwrap();
    assert!(
        header.contains("'<i2'") && header.contains("(1, 1, 180, 240)"),
        "{header}"
    );
    let values = bytes[10 + header_len..].chunks_exact(2);
    let sum: i64 = values
        .map(|v| i64::from(i16::from_le_bytes([v[0], v[1]])))
        .sum();
    let recording = evz::ReadOptions::new().open(fixture("moving.evz")).unwrap();
    let sums = recording.summary();
    assert_eq!(sum, 2 * sums.n_on as i64 - sums.n_events() as i64);
}

#[test]
fn rate_and_frames_count_the_same_events() {
    let folder = tempfile::tempdir().unwrap();
    let (rate, frames) = (out(&folder, "rate.csv"), out(&folder, "frames.npy"));
    let (rate, frames) = (rate.display().to_string(), frames.display().to_string());
    run("rate_and_frames", &[&fixture("events.txt"), &rate, &frames]);
    let lines = std::fs::read_to_string(rate).unwrap();
    let counts = lines
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').skip(1));
    let events: u64 = counts.map(|n| n.parse::<u64>().unwrap()).sum();
    let array = std::fs::read(frames).unwrap();
    let head = usize::from(u16::from_le_bytes([array[8], array[9]])) + 10;
    let values = array[head..]
        .chunks(2)
        .map(|b| u64::from(u16::from_le_bytes([b[0], b[1]])));
    assert!(
        events > 1_000 && events < 12_000,
        "the filter leaves out noise alone"
    );
    assert_eq!(values.sum::<u64>(), events);
}
