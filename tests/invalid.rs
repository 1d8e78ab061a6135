//! Files that must be refused, each with the exact text of its error.

#[path = "cli_common/mod.rs"]
mod cli_common;

use std::path::Path;

use cli_common::Folder;

/// Name, and what `verify` says behind the file's name.
const INVALID: [(&str, &str); 18] = [
    (
        "block-bit-flipped.evz",
        "chunk 1 at byte 2048: CRC 3de60b7f, expected e1f7c841; `evz recover` saves what is whole",
    ),
    (
        "chunk-cut.evz",
        "byte 2548: the file ends without its index: it was cut or never finished; 700 events in 1 chunk are whole; `evz recover` saves what is whole",
    ),
    (
        "chunk-head-bit-flipped.evz",
        "chunk 0 at byte 256: CRC 2735557b, expected f4cf1408; `evz recover` saves what is whole",
    ),
    (
        "codec-77.evz",
        "chunk 1 at byte 2048: codec 77 is unknown to evz 0.1.0; get a newer evz",
    ),
    ("empty.evz", "not an evz file; convert the recording to one"),
    (
        "feature-unknown.evz",
        "file header at byte 0: features 0x0002 are unknown; get a newer evz",
    ),
    (
        "file-header-bit-flipped.evz",
        "file header at byte 0: CRC 040e9168, expected ab4a032f; `evz recover` saves what is whole",
    ),
    (
        "header-cut.evz",
        "file header at byte 0: the file ends after 40 of 64 bytes; nothing can be saved",
    ),
    (
        "kind-99.evz",
        "record of kind 99 at byte 256: a kind of record that must be understood and is not; get a newer evz",
    ),
    (
        "leaf-huge.evz",
        "byte 4160: 1152921504606846976 bytes are claimed; at most 268435456",
    ),
    (
        "leaf-outside.evz",
        "byte 1125899906842624: 214 bytes are claimed here and the file has 4736 in all; `evz recover` saves what is whole",
    ),
    (
        "padding-not-zero.evz",
        "byte 4374: padding that is not zero; `evz recover` saves what is whole",
    ),
    (
        "root-claims-events.evz",
        "index root at byte 4416: it claims 1152921504606846976 events, its leaves hold 1400; 1400 events in 2 chunks are whole; `evz recover` saves what is whole",
    ),
    (
        "root-outside.evz",
        "index root at byte 1125899906842624: 256 bytes are claimed here and the file has 4736 in all; 1400 events in 2 chunks are whole; `evz recover` saves what is whole",
    ),
    (
        "tail-missing.evz",
        "byte 4672: the file ends without its index: it was cut or never finished; 1400 events in 2 chunks are whole; `evz recover` saves what is whole",
    ),
    (
        "tail-of-another-length.evz",
        "tail at byte 4672: it ends a file of 77 bytes, this one has 4736; 1400 events in 2 chunks are whole; `evz recover` saves what is whole",
    ),
    ("text.evz", "not an evz file; convert the recording to one"),
    (
        "version-9.evz",
        "file header at byte 0: format version 9.1; this evz reads 0.x, get a newer one",
    ),
];

#[test]
fn invalid_files_are_refused_in_these_words() {
    let folder = Folder::new();
    let fixtures = Path::new("fixtures/invalid").canonicalize().unwrap();
    for (name, error) in INVALID {
        folder.write(name, &std::fs::read(fixtures.join(name)).unwrap());
        let run = folder.run(&["verify", name]).ends(1);
        assert_eq!(run.err, format!("evz: {name}: {error}\n"));
    }
}

#[test]
fn every_invalid_file_is_listed() {
    for entry in std::fs::read_dir("fixtures/invalid").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            INVALID.iter().any(|(listed, _)| *listed == name),
            "{name} is in no test"
        );
    }
}
