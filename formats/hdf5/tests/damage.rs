//! Damaged and hostile files: what is whole comes, nothing panics, and memory stays small.

mod common;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use common::{Recording, bytes, folder, read};
use evz_core::{ErrorKind, EventBatch, EventSource, Input, OpenOptions, ReadAt, TimeUnit};
use proptest::prelude::*;

/// Everything that opens, read to its end.
fn read_all(bytes: Vec<u8>) -> Vec<Recording> {
    let options = OpenOptions::new().with_time_unit(TimeUnit::Microseconds);
    let input = Input::from_bytes(bytes, "a.h5");
    let sources = evz_hdf5::open_streams(input, &options);
    match sources {
        Ok(sources) => sources.into_iter().map(read).collect(),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("a.h5") && !text.contains('\n'), "{text}");
            Vec::new()
        }
    }
}

/// Bytes of which one read fails.
struct FailsOnce {
    bytes: Arc<Vec<u8>>,
    /// Reads before it.
    left: AtomicIsize,
}

impl ReadAt for FailsOnce {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self.left.fetch_sub(1, Ordering::Relaxed) {
            0 => Err(io::Error::other("the disk is gone")),
            _ => self.bytes.read_exact_at(offset, buffer),
        }
    }
}

/// A read that fails is no damage: whoever reads gets the error, or all that there is.
#[test]
fn a_read_that_fails_is_an_error_and_no_loss() {
    let options = OpenOptions::new().with_time_unit(TimeUnit::Microseconds);
    for name in FILES {
        let bytes = Arc::new(bytes(name));
        let whole = read_all(bytes.to_vec());
        let mut failed = 0;
        // The first ones are those that open it.
        for number in (0..200).chain((200..).step_by(97)) {
            let fails = Arc::new(FailsOnce {
                bytes: bytes.clone(),
                left: AtomicIsize::new(number),
            });
            let input = Input::from_read_at(fails.clone(), "a.h5");
            let sources = input.and_then(|input| evz_hdf5::open_streams(input, &options));
            match sources {
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Io, "{name}, {number}: {error}");
                    assert!(error.to_string().contains("a.h5"), "{error}");
                    failed += 1;
                }
                Ok(sources) => {
                    for (source, whole) in sources.into_iter().zip(&whole) {
                        let found = read(source);
                        match &found.error {
                            Some(error) => assert_eq!(error.kind(), ErrorKind::Io, "{error}"),
                            None => {
                                assert_eq!(found.events, whole.events, "{name}, {number}");
                                assert_eq!(found.info, whole.info, "{name}, {number}");
                                assert_eq!(found.losses(), whole.losses(), "{name}, {number}");
                            }
                        }
                    }
                }
            }
            if fails.left.load(Ordering::Relaxed) >= 0 {
                break;
            }
        }
        assert!(failed > 5, "{name}: {failed} reads failed");
    }
}

/// A side stream whose events are looked for while a read fails is not one that is not there.
#[test]
fn a_read_that_fails_leaves_no_side_stream_out() {
    let options = OpenOptions::new().with_time_unit(TimeUnit::Microseconds);
    let mut tried = 0;
    for name in FILES {
        let bytes = Arc::new(bytes(name));
        let input = Input::from_bytes(bytes.to_vec(), "a.h5");
        let sources = evz_hdf5::open_streams(input, &options).unwrap();
        let side: Vec<String> = sources.iter().flat_map(|s| s.side_streams()).collect();
        for side in side
            .iter()
            .filter(|one| side.iter().filter(|s| s == one).count() == 1)
        {
            let mut options = options.clone();
            options.stream = Some(side.clone());
            for number in 0.. {
                let fails = Arc::new(FailsOnce {
                    bytes: bytes.clone(),
                    left: AtomicIsize::new(number),
                });
                let input = Input::from_read_at(fails.clone(), "a.h5");
                if let Err(error) = input.and_then(|input| evz_hdf5::open(input, &options)) {
                    assert_eq!(
                        error.kind(),
                        ErrorKind::Io,
                        "{name}, {side}, {number}: {error}"
                    );
                    tried += 1;
                }
                if fails.left.load(Ordering::Relaxed) >= 0 {
                    break;
                }
            }
        }
    }
    assert!(tried > 50, "{tried} reads failed");
}

/// Events of one stream that also stand in another, which has the same ones and more: how many.
fn kept(part: &EventBatch, whole: &EventBatch) -> usize {
    let mut rest = whole.iter();
    part.iter()
        .filter(|event| rest.any(|e| e == *event))
        .count()
}

const FILES: [&str; 9] = [
    "dsec.h5",
    "m3ed.h5",
    "mvsec.h5",
    "v2e.h5",
    "monash_earliest.h5",
    "monash_latest.h5",
    "prophesee.h5",
    "odd.h5",
    "indexes_latest.h5",
];

/// The next number of a sequence that is the same on every run.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    (*seed >> 33) as usize
}

#[test]
fn cut_files_give_what_is_whole() {
    for name in FILES {
        let whole_bytes = bytes(name);
        let whole = read_all(whole_bytes.clone());
        let step = (whole_bytes.len() / 60).max(1);
        for len in (0..whole_bytes.len()).step_by(step) {
            let parts = read_all(whole_bytes[..len].to_vec());
            let counted = parts.iter().any(|part| !part.losses().is_empty());
            assert!(
                counted || parts.is_empty() || parts.len() == whole.len(),
                "{name}, {len}: {} of {} streams, without a word",
                parts.len(),
                whole.len()
            );
            for part in parts {
                // What comes is what was there, and what does not is counted.
                let of = whole
                    .iter()
                    .find(|r| r.info.name == part.info.name)
                    .unwrap();
                assert!(
                    part.info.size == of.info.size || !part.losses().is_empty(),
                    "{name}, {len}: the size of {} is gone, without a word",
                    part.info.name
                );
                let n = part.events.len();
                let shifted = part
                    .losses()
                    .iter()
                    .any(|(what, _)| what.contains("offsets of times"));
                assert!(
                    shifted || kept(&part.events, &of.events) == n,
                    "{name}, {len}"
                );
                let lost: u64 = part.losses().iter().map(|(_, n)| n).sum();
                assert!(part.error.is_none(), "{name}, {len}: {:?}", part.error);
                assert!(
                    n + lost as usize >= of.events.len(),
                    "{name}, {len}: {n}, {lost}"
                );
            }
        }
    }
}

/// Chunks before a cut come, where the index of chunks stands before it.
#[test]
fn a_cut_in_the_values_loses_the_chunks_behind_it() {
    let whole = bytes("dsec.h5");
    let n = |bytes: &[u8]| {
        read_all(bytes.to_vec())
            .first()
            .map_or(0, |r| r.events.len())
    };
    let all = n(&whole);
    let counts: Vec<usize> = (0..whole.len())
        .step_by(64)
        .map(|len| n(&whole[..len]))
        .collect();
    assert!(counts.iter().any(|n| *n > 0 && *n < all), "{counts:?}");
}

/// How often each file is changed.
const CHANGES: usize = 100;

/// Reads each file so often, changed each time, with numbers that follow from the seed.
fn read_changed(mut seed: u64, change: impl Fn(&mut Vec<u8>, &mut u64)) {
    for name in FILES {
        let whole = bytes(name);
        for _ in 0..CHANGES {
            let mut bytes = whole.clone();
            change(&mut bytes, &mut seed);
            read_all(bytes);
        }
    }
}

#[test]
fn bits_that_flip_do_no_harm() {
    read_changed(7, |bytes, seed| {
        // Most in the first bytes, where they say what the others are.
        for _ in 0..1 + next(seed) % 3 {
            let most = if next(seed).is_multiple_of(2) {
                bytes.len()
            } else {
                bytes.len().min(4096)
            };
            let at = next(seed) % most;
            bytes[at] ^= 1 << (next(seed) % 8);
        }
    });
}

/// Words that are sizes, counts or addresses, made as large as they can be, or made to point at others.
#[test]
fn hostile_numbers_do_no_harm() {
    read_changed(11, |bytes, seed| {
        for _ in 0..1 + next(seed) % 4 {
            let most = if next(seed).is_multiple_of(3) {
                bytes.len()
            } else {
                bytes.len().min(8192)
            };
            let at = next(seed) % most / 8 * 8;
            let word = match next(seed) % 5 {
                0 => u64::MAX,
                1 => u64::MAX >> 1,
                2 => 1 << (next(seed) % 64),
                // Some other place in the file: loops.
                3 => (next(seed) % bytes.len()) as u64 / 8 * 8,
                _ => {
                    let from = next(seed) % (bytes.len() - 8);
                    u64::from_le_bytes(*bytes[from..].first_chunk().unwrap())
                }
            };
            let len = bytes.len().min(at + 8);
            bytes[at..len].copy_from_slice(&word.to_le_bytes()[..len - at]);
        }
    });
}

#[test]
fn a_real_recording_of_ecf_cut_and_changed() {
    let Some(folder) = folder() else { return };
    let whole = std::fs::read(folder.join("evt2_ecf.h5")).unwrap();
    let all = read_all(whole.clone()).remove(0).events;
    for part in 1..8 {
        let len = whole.len() * part / 8;
        for cut in read_all(whole[..len].to_vec()) {
            let lost: u64 = cut.losses().iter().map(|(_, n)| n).sum();
            assert_eq!(cut.events.len() as u64 + lost, all.len() as u64);
            assert!(part < 3 || !cut.events.is_empty());
        }
    }
    let mut seed = 3;
    for _ in 0..20 {
        let mut bytes = whole.clone();
        let at = next(&mut seed) % bytes.len();
        bytes[at] ^= 1 << (next(&mut seed) % 8);
        read_all(bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_behind_the_signature(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all([&b"\x89HDF\r\n\x1a\n"[..], &bytes].concat());
    }
}
