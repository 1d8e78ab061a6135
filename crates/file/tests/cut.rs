//! A file that another program cuts or writes to while it is open gives errors, and the process goes
//! on.

mod common;

use common::{Times, events, file_by, read};
use evz_codec::FAST;
use evz_core::{EventIndex, EventSource, Next, Selection};
use evz_file::ReadOptions;

#[test]
fn a_file_that_shrinks_is_an_error() {
    let all = events(300_000, Times::Rising, 3);
    let bytes = file_by(&FAST, &all, 65_536);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    for map in [true, false] {
        std::fs::write(&path, &bytes).unwrap();
        let reader = ReadOptions::new().with_map(map).open(&path).unwrap();
        let early = Selection::default().with_events(0..1_000);
        let late = Selection::default().with_events(200_000..201_000);
        // The leaf is known before the file is cut.
        let before = read(&reader, &early).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(100_000).unwrap();

        let error = read(&reader, &late).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("a.evz: chunk 3 at byte"), "{text}");
        assert!(
            text.contains("the file was cut after it was opened"),
            "{text}"
        );
        assert!(read(&reader, &Selection::default()).is_err());
        let mut batches = reader.source(&Selection::default());
        let mut batch = Default::default();
        let ended = std::iter::repeat_with(|| batches.read_batch(&mut batch))
            .find(|next| !matches!(next, Ok(Next::Events(_))));
        assert!(ended.unwrap().is_err());
        // What is left is still there.
        assert_eq!(read(&reader, &early).unwrap(), before);
        // And another file is read as ever.
        std::fs::write(folder.path().join("b.evz"), &bytes).unwrap();
        let other = ReadOptions::new()
            .open(folder.path().join("b.evz"))
            .unwrap();
        assert_eq!(read(&other, &Selection::default()).unwrap(), all);
    }
}

#[test]
fn a_file_that_is_written_over_is_an_error_or_what_it_was() {
    use std::io::{Seek, SeekFrom, Write};
    let all = events(100_000, Times::Rising, 4);
    let bytes = file_by(&FAST, &all, 65_536);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    std::fs::write(&path, &bytes).unwrap();
    let reader = ReadOptions::new().open(&path).unwrap();
    let (stop, runs) = (std::sync::atomic::AtomicBool::new(false), 300);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            let mut at = 0u64;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                at = (at * 7919 + 104_729) % (bytes.len() as u64 - 8);
                let i = at as usize;
                for part in [&[0xff; 8][..], &bytes[i..i + 8]] {
                    file.seek(SeekFrom::Start(at)).unwrap();
                    file.write_all(part).unwrap();
                }
            }
        });
        for i in 0..runs {
            let selection = Selection::default().with_events(i * 300..i * 300 + 5_000);
            if let Ok(batch) = read(&reader, &selection) {
                assert_eq!(batch, common::expected(&all, &selection));
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
