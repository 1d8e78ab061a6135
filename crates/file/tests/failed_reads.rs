//! A read that fails is no damage, and no end of a file: `recover` and opening end with it, and give nothing that
//! lacks what stood there.

mod common;
mod forger;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Shared, Times, events, info, recovered};
use evz_core::{Input, Metadata, Output, ReadAt, Result};
use evz_file::{ReadOptions, Reader, WriteOptions, recover_into};
use forger::finished;
use forger::made::of_all_kinds;

/// Bytes of which one read fails.
struct Failing {
    bytes: Vec<u8>,
    reads: AtomicUsize,
    fails: usize,
}

impl ReadAt for Failing {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == self.fails {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.bytes.as_slice().read_exact_at(offset, buffer)
    }
}

/// What comes of each read of these bytes that fails, up to the last one.
fn each_failure<T>(bytes: &[u8], act: impl Fn(Arc<Failing>) -> Result<T>) -> Vec<Result<T>> {
    let mut all = Vec::new();
    loop {
        let failing = Arc::new(Failing {
            bytes: bytes.to_vec(),
            reads: AtomicUsize::new(0),
            fails: all.len(),
        });
        let result = act(failing.clone());
        if failing.reads.load(Ordering::Relaxed) <= all.len() {
            return all;
        }
        all.push(result);
    }
}

fn open(bytes: Arc<dyn ReadAt>) -> Result<Reader> {
    ReadOptions::new().open_read_at(bytes, "cut.evz")
}

/// Whole chunks, rows and roots behind the last root that is whole.
#[test]
fn a_read_that_fails_is_no_end_of_a_file_that_was_cut() {
    let all = events(300, Times::Tied, 2);
    let options = WriteOptions::new().with_chunk_events(30);
    let mut writer = options.write_to(Vec::new(), &info()).unwrap();
    writer.write_batch(all.as_slice().slice(0..60)).unwrap();
    writer.checkpoint().unwrap();
    writer.write_batch(all.as_slice().slice(60..300)).unwrap();
    let whole = finished(writer);
    let cut = &whole[..whole.len() - 20];
    assert_eq!(open(Arc::new(cut.to_vec())).unwrap().n_events(), 300);
    let results = each_failure(cut, |bytes| open(bytes));
    assert!(results.len() > 10, "{}", results.len());
    for (n, result) in results.into_iter().enumerate() {
        let error = result.map(|r| r.n_events()).expect_err("a read failed");
        assert!(error.is_of_the_machine(), "read {n}: {error}");
        assert!(error.to_string().contains("cut.evz"), "read {n}: {error}");
    }
}

/// A file without any root, of which the error says how many events hold: of all of them, or of none.
#[test]
fn what_recovery_would_save_is_not_counted_of_a_part() {
    for made in of_all_kinds(300) {
        let whole = made.forgery.write();
        let cut = &whole[..whole.len() * 2 / 3];
        let says = |result: Result<Reader>| result.map(drop).unwrap_err().to_string();
        let usual = says(open(Arc::new(cut.to_vec())));
        assert!(usual.contains("checksums that hold"), "{usual}");
        let mut without = 0;
        for result in each_failure(cut, |bytes| open(bytes)) {
            let error = says(result);
            without += u32::from(error != usual);
            assert!(
                !error.contains("checksums that hold") || error == usual,
                "{error}"
            );
        }
        assert!(without > 10, "{without}");
    }
}

#[test]
fn a_read_that_fails_is_an_error_of_recover() {
    for made in of_all_kinds(300) {
        let whole = made.forgery.write();
        let mut headless = whole.clone();
        headless[20] ^= 1;
        let mut damaged = whole.clone();
        damaged[whole.len() / 2] ^= 1;
        let cut = whole[..whole.len() * 2 / 3].to_vec();
        for bytes in [whole, headless, damaged, cut] {
            let (usual, _) = recovered(bytes.clone());
            let out = Shared::default();
            let results = each_failure(&bytes, |failing| {
                let input = Input::from_read_at(failing, "failing.evz")?;
                out.0.lock().unwrap().clear();
                let output = Output::from_writer(out.clone(), "saved.evz");
                recover_into(input, output, &Metadata::new())
            });
            // Of the last time, when none failed.
            assert_eq!(*out.0.lock().unwrap(), usual);
            assert!(results.len() > 10, "{}", results.len());
            for (n, result) in results.into_iter().enumerate() {
                let error = result.expect_err("a read failed");
                assert!(error.is_of_the_machine(), "read {n}: {error}");
            }
        }
    }
}
