//! Writes the inputs that the corpus starts from: `cargo run --example seeds`.

use std::fs;
use std::path::PathBuf;

fn main() {
    let corpus: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", "nmnist_decode"]
        .iter()
        .collect();
    fs::create_dir_all(&corpus).unwrap();
    let nmnist = |i: u32| {
        let [_, high, mid, low] = ((i % 2) << 23 | i * 7).to_be_bytes();
        [(i * 31 % 34) as u8, (i * 17 % 34) as u8, high, mid, low]
    };
    let cvpr2016 = |i: u32| {
        let data = (i % 2) << 17 | (i * 17 % 128) << 9 | i * 31 % 128;
        [(i * 7).to_le_bytes(), data.to_le_bytes()].concat()
    };
    let plain: Vec<u8> = (0..40).flat_map(nmnist).collect();
    let mut marked = plain.clone();
    marked[51] = 240;
    let words: Vec<u8> = (0..40).flat_map(cvpr2016).collect();
    for (name, bytes) in [
        ("nmnist", &plain[..]),
        ("marked", &marked),
        ("cut", &plain[..48]),
        ("cvpr2016", &words),
        ("both", &[0; 40]),
    ] {
        fs::write(corpus.join(name), bytes).unwrap();
    }
}
