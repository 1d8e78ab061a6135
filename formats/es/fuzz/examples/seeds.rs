//! Writes the inputs that the corpus starts from: `cargo run --example seeds`.

use std::fs;
use std::path::PathBuf;

fn main() {
    let corpus: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", "es_decode"]
        .iter()
        .collect();
    fs::create_dir_all(&corpus).unwrap();
    let event = |i: u8| [i.wrapping_mul(37) & 0x7f, i % 10, 0, i % 8, 0];
    let events: Vec<u8> = (0..20).flat_map(event).collect();
    let gaps: Vec<u8> = (0..20)
        .flat_map(|i| [&[0xfc, 0xfd, 0xfe, 0xff][..i as usize % 5], &event(i)].concat())
        .collect();
    for (name, kind, bytes) in [
        ("dvs", 1, &events),
        ("dvs-gaps", 1, &gaps),
        ("atis", 2, &events),
        ("atis-gaps", 2, &gaps),
        ("color", 4, &events),
    ] {
        let header = [2, 0, 0, kind, 10, 0, 8, 0];
        let stream = [b"Event Stream", &header[..], bytes].concat();
        fs::write(corpus.join(name), stream).unwrap();
    }
}
