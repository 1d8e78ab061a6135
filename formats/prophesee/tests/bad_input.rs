//! What bad input gets: the events before the damage and what is lost, or one line that names the
//! place and the way out; never a panic.

mod common;

use std::io::{self, Read};

use common::{
    batch, dat, dat2, evt2, evt3, evt4, evt21, info, raw, read, read_all, read_with, refused, write,
};
use evz_core::{ErrorKind, EventSource, Input, Next, OpenOptions, Question};
use evz_prophesee::{Encoding, WordOrder};

/// A small file of each encoding, with all kinds of words, and where each of its events and groups of
/// events ends.
fn samples() -> Vec<(Vec<u8>, Vec<usize>)> {
    let words_2 = [
        evt2::event(1, 3, 4, 5),
        evt2::time_high(0xfff_ffff),
        evt2::event(1, 63, 3, 4),
        evt2::trigger(3, 1, 1),
        0xe000_0014,
        evt2::time_high(0),
        evt2::event(0, 0, 5, 6),
    ];
    let words_21 = [
        evt21::time_high(10),
        evt21::events(1, 9, 32, 4, 0x8000_0001),
        evt21::trigger(3, 1, 1),
        evt21::time_high(11),
        evt21::events(0, 9, 64, 4, 0xffff),
    ];
    let words_3 = [
        evt3::event(1, 7),
        evt3::time_high(4095),
        evt3::time_low(5),
        evt3::row(9),
        evt3::event(1, 3),
        evt3::vector_base(1, 64),
        evt3::vector_12(0xfff),
        evt3::vector_8(0x81),
        evt3::trigger(3, 1),
        evt3::time_high(0),
        evt3::event(0, 3),
        0xb000,
    ];
    let words_4 = [
        evt4::event(1, 3, 4, 5),
        evt4::vector(1, 3, 4, 5),
        0xe000_0003,
        evt4::time_high(0xfff_ffff),
        evt4::event(1, 63, 3, 4),
        evt4::trigger(3, 1, 5, 1),
        0x6000_0014,
        0x7000_0001,
        evt4::time_high(0),
        evt4::vector(0, 0, 64, 6),
        0xffff_ffff,
        evt4::vector(1, 0, 2040, 6),
        0xc000_0fff,
        evt4::PADDING,
        0x0000_0000,
        evt4::event(0, 1, 5, 6),
    ];
    let ends = |file: &[u8], word| (header_len(file)..=file.len()).step_by(word).collect();
    let every = |file: Vec<u8>, word| (file.clone(), ends(&file, word));
    let evt4 = raw("EVT4", &evt4::bytes(&words_4));
    // Nothing can be said of a vector without its second word.
    let mut ends_4: Vec<usize> = ends(&evt4, 4);
    let first = ends_4[0];
    ends_4.retain(|end| ![2, 10, 12].contains(&((end - first) / 4)));
    let mut files = vec![
        every(raw("EVT2", &evt2::bytes(&words_2)), 4),
        every(raw("EVT3", &evt3::bytes(&words_3)), 2),
        (evt4, ends_4),
    ];
    for order in [WordOrder::Little, WordOrder::Legacy] {
        let format = format!("EVT21;endianness={order}");
        files.push(every(raw(&format, &evt21::bytes(&words_21, order)), 8));
    }
    let events = [dat2(u32::MAX, 3, 4, 1), dat2(0, 5, 6, 0), dat2(1, 7, 8, 1)];
    for version in [1, 2] {
        files.push(every(dat(version, &events.concat()), 8));
    }
    files
}

/// Bytes of a sample before its events.
fn header_len(file: &[u8]) -> usize {
    let end = |mark: &[u8]| {
        file.windows(mark.len())
            .position(|w| w == mark)
            .map(|i| i + mark.len())
    };
    end(b"% end\n").or(end(&[0x0c, 8])).unwrap()
}

#[test]
fn a_file_cut_anywhere_gives_what_is_whole() {
    for (file, ends) in samples() {
        let whole = read_all(&file).rows();
        let header = header_len(&file);
        for len in 0..file.len() {
            match read_with(&file[..len], &OpenOptions::new()) {
                // An old header may end at any line, and events may be missing.
                Ok(recording) => {
                    let rows = recording.rows();
                    assert_eq!(rows, whole[..rows.len()], "{len}");
                    if len < header {
                        continue;
                    }
                    let whole = ends.iter().rfind(|end| **end <= len);
                    let cut = (len - whole.unwrap()) as u64;
                    let lost = recording.report.losses.iter();
                    let lost = lost.filter(|loss| loss.what.starts_with("bytes of a last word"));
                    assert_eq!(lost.map(|loss| loss.count).sum::<u64>(), cut, "{len}");
                }
                Err(e) => assert!(len < header && !e.to_string().contains('\n'), "{len}: {e}"),
            }
        }
    }
}

#[test]
fn every_changed_byte_gives_events_or_an_error() {
    for (file, _) in samples() {
        for at in 0..file.len() {
            let bits = (0..8).map(|bit| file[at] ^ 1 << bit);
            for byte in bits.chain([0x00, 0xff]) {
                let mut changed = file.clone();
                changed[at] = byte;
                if let Err(e) = read_with(&changed, &OpenOptions::new()) {
                    assert!(!e.to_string().contains('\n'), "{e}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_recording_is_said() {
    let default = OpenOptions::new();
    let error = |bytes: &[u8]| refused(bytes, &default).to_string();
    assert_eq!(error(b""), "a.raw: it is empty: there are no events");
    assert_eq!(
        error(b"0.1 2 3 1\n"),
        "a.raw: it has no header that says whether it is RAW or DAT, and its bytes are no events of \
         either"
    );
    assert_eq!(
        error(b"% evt 3.0\n% geom"),
        "a.raw: it ends within its header: there are no events"
    );
    assert_eq!(
        refused(b"% date x\n", &default).kind(),
        ErrorKind::Ambiguous
    );
    let long = b"% key value\n".repeat(10_000);
    assert_eq!(error(&long), "a.raw: its header is longer than 65536 bytes");
}

#[test]
fn what_is_told_and_makes_no_sense_is_said() {
    let (file, _) = samples().remove(1);
    let refusal = |options: &OpenOptions| {
        let error = refused(&file, options);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        (error.question(), error.to_string())
    };
    assert_eq!(
        refusal(&OpenOptions::new().with_encoding("evt5")),
        (
            Some(Question::Encoding),
            "no encoding \"evt5\"; set encoding to evt2, evt2.1, evt3, evt4, dat1 or dat2"
                .to_owned()
        )
    );
    assert_eq!(
        refusal(&OpenOptions::new().with_word_order("big")),
        (
            Some(Question::WordOrder),
            "no word order \"big\"; set word_order to little or legacy".to_owned()
        )
    );
    // It would be of no effect.
    assert_eq!(
        refusal(&OpenOptions::new().with_word_order(WordOrder::Little)).1,
        "only words of EVT2.1 come in two orders, and these are of EVT3; leave out word_order"
    );
}

#[test]
fn a_header_without_events_is_an_empty_recording() {
    for (file, _) in samples() {
        let recording = read_all(&file[..header_len(&file)]);
        assert!(recording.events.is_empty());
        assert!(recording.report.losses.is_empty());
    }
}

/// Words of EVT3 as EVT2 have no time, and there is nothing to read.
#[test]
fn the_wrong_encoding_is_an_error_if_nothing_fits() {
    let words = [evt3::row(4), evt3::event(1, 3)].repeat(1000);
    let file = raw("EVT3", &evt3::bytes(&words));
    let recording = read_with(&file, &OpenOptions::new().with_encoding(Encoding::Evt2)).unwrap();
    assert_eq!(
        recording.error.unwrap(),
        "a.raw: none of its words can be read as events of EVT2; is it a recording of one of \
         Prophesee's cameras?"
    );
}

/// Gives so many bytes at a time, then fails.
struct Failing<R>(R, usize);

impl<R: Read> Read for Failing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(self.1);
        match self.0.read(&mut buffer[..len])? {
            0 => Err(io::Error::other("the disk is gone")),
            n => Ok(n),
        }
    }
}

#[test]
fn a_read_that_fails_comes_after_the_events_before_it() {
    let rows: Vec<_> = (0..100_000).map(|i| (i * 3, 5, 6, 1)).collect();
    let file = write(&batch(&rows), Encoding::Dat2, &info(640, 480)).unwrap();
    let reader = Failing(io::Cursor::new(file), 1000);
    let input = Input::from_reader(reader, "a.dat").unwrap();
    let recording = read(evz_prophesee::open(input, &OpenOptions::new()).unwrap());
    assert_eq!(recording.rows(), rows);
    assert_eq!(recording.error.unwrap(), "a.dat: cannot read");
}

/// Gives one byte at a time.
struct Slow<R>(R);

impl<R: Read> Read for Slow<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(1);
        self.0.read(&mut buffer[..len])
    }
}

#[test]
fn a_byte_at_a_time_is_the_same_file() {
    for encoding in [
        Encoding::Evt2,
        Encoding::Evt3,
        Encoding::Evt4,
        Encoding::Dat2,
    ] {
        let row = |i: i64| {
            (
                i * i / 40,
                (i % 640) as u16,
                (i / 50 % 480) as u16,
                (i % 2) as u8,
            )
        };
        let rows: Vec<_> = (0..60_000).map(row).collect();
        let mut file = write(&batch(&rows), encoding, &info(640, 480)).unwrap();
        file.push(1);
        let whole = read_all(&file);
        let reader = Slow(io::Cursor::new(file.clone()));
        let input = Input::from_reader(reader, "a.raw").unwrap();
        let slow = read(evz_prophesee::open(input, &OpenOptions::new()).unwrap());
        assert_eq!(slow.rows(), rows);
        assert_eq!((slow.rows(), slow.report), (whole.rows(), whole.report));
    }
}

/// Progress counts the bytes of the file.
#[test]
fn progress_ends_at_the_end_of_the_file() {
    let (file, _) = samples().remove(0);
    let mut source = common::open(&file, &OpenOptions::new()).unwrap();
    let mut batch = Default::default();
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {}
    assert_eq!(source.progress().unwrap().done, file.len() as u64);
    let total = source.progress().unwrap().total;
    assert_eq!(total, Some(file.len() as u64));
}
