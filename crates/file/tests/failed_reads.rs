//! A read that fails is no damage: `recover` ends with it, and saves nothing that lacks what stood there.

mod common;
mod forger;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Shared, recovered};
use evz_core::{Input, Metadata, Output, ReadAt};
use evz_file::recover_into;
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
            let mut fails = 0;
            loop {
                let failing = Arc::new(Failing {
                    bytes: bytes.clone(),
                    reads: AtomicUsize::new(0),
                    fails,
                });
                let input = Input::from_read_at(failing.clone(), "failing.evz");
                let out = Shared::default();
                let output = Output::from_writer(out.clone(), "saved.evz");
                let result = input.and_then(|input| recover_into(input, output, &Metadata::new()));
                if failing.reads.load(Ordering::Relaxed) <= fails {
                    assert_eq!(*out.0.lock().unwrap(), usual);
                    break;
                }
                let error = result.expect_err(&format!("read {fails} failed"));
                assert!(error.is_of_the_machine(), "read {fails}: {error}");
                fails += 1;
            }
            assert!(fails > 10, "{fails}");
        }
    }
}
