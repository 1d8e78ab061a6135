//! What bad input gets: one line that says where it is and the way out, and never a panic.

mod common;

use std::io::{self, Read, Write};

use common::{fixture, read_bytes, read_file, read_pipe};
use evz_core::{
    ErrorKind, EventBatch, EventSource, Input, Next, Note, OnBadLine, OpenOptions, Place, Question,
    TimeUnit, WayOut,
};

/// Twenty good lines, times in microseconds from 0.000100 on.
fn good() -> String {
    (0..20)
        .map(|i| format!("0.000{} {} {} {}\n", 100 + i, i * 7 % 11, i * 5 % 13, i % 2))
        .collect()
}

fn error(text: impl Into<Vec<u8>>) -> String {
    let error = read_bytes(text, &OpenOptions::default())
        .expect_err("an error")
        .to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

fn skipping() -> OpenOptions {
    OpenOptions::default().with_on_bad_line(OnBadLine::Skip)
}

#[test]
fn nothing_to_read() {
    assert_eq!(error(""), "events.txt: it is empty: there are no events");
    let none = "events.txt: it holds no events: there is no line of data";
    assert_eq!(error("\n\n"), none);
    assert_eq!(error("# only a remark\n240 180\n"), none);
    let no_file = read_file("no/such/file.txt", &OpenOptions::default());
    let no_file = no_file.err().unwrap().to_string();
    assert_eq!(no_file, "no/such/file.txt: cannot open");
    let folder = read_file(fixture(""), &OpenOptions::default());
    let folder = folder.err().unwrap().to_string();
    assert!(folder.ends_with("is a folder; name a file"));
}

#[test]
fn files_of_another_kind() {
    assert!(error(b"\x7fELF\0\0\0\0".as_slice()).contains("it is no text"));
    assert_eq!(
        error("hello\nworld\n"),
        "events.txt: line 1: expected the four columns t, x, y and p, found 1 column: \"hello\"; set format"
    );
    assert!(error("0.1 2 3\n0.2 3 4\n").contains("line 1: expected the four columns"));
    assert!(error([0xff; 100]).contains("expected the four columns"));
}

/// Nobody is asked what thousands of columns are: the question took 40 kB of a line.
#[test]
fn lines_of_very_many_columns_are_no_events() {
    let line = |n: usize| {
        (0..n)
            .map(|i| (i % 2).to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let text = |n| format!("{0}\n{0}\n{0}\n", line(n));
    let few = error(text(64));
    assert!(
        few.contains("64 columns, and nothing says what they are"),
        "{few}"
    );
    assert!(few.contains("set columns to t,x,y,p,name1"), "{few}");
    let many = error(text(6_000));
    assert!(
        many.contains("6000 columns, and nothing says what they are"),
        "{many}"
    );
    assert!(
        many.ends_with("set columns, or set format") && many.len() < 300,
        "{many}"
    );
    // Who says what they are is believed.
    let told = format!("t,x,y,p{}", ",-".repeat(5_996));
    let told = OpenOptions::default()
        .with_columns(told.parse().unwrap())
        .with_time_unit(TimeUnit::Microseconds);
    assert_eq!(read_bytes(text(6_000), &told).unwrap().events.len(), 3);
}

#[test]
fn a_bad_line_is_named() {
    let fix = "set on_bad_line to skip, or mend the line";
    for (line, what) in [
        ("0.1 2 3", "expected 4 columns, found 3: \"0.1 2 3\""),
        (
            "0.1 2 3 1 5",
            "expected 4 columns, found 5: \"0.1 2 3 1 5\"",
        ),
        (
            "0.000200 2 3 2",
            "polarity is \"2\", where this text has 0/1: \"0.000200 2 3 2\"",
        ),
        (
            "0.000200 2 3 -1",
            "polarity is \"-1\", where this text has 0/1: \"0.000200 2 3 -1\"",
        ),
        (
            "0.000200 -2 3 1",
            "x is \"-2\", not a whole number from 0 to 65535: \"0.000200 -2 3 1\"",
        ),
        (
            "0.000200 2 65536 1",
            "y is \"65536\", not a whole number from 0 to 65535: \"0.000200 2 65536 1\"",
        ),
        (
            "0.000200 2.5 3 1",
            "x is \"2.5\", not a whole number from 0 to 65535: \"0.000200 2.5 3 1\"",
        ),
        (
            "now 2 3 1",
            "the time is \"now\", not a number: \"now 2 3 1\"",
        ),
        (
            "\0\x01\x7f",
            "expected 4 columns, found 1: \"\\x00\\x01\\x7f\"",
        ),
    ] {
        let found = error(good() + line + "\n");
        assert!(
            found.starts_with("events.txt: line 21 at byte ")
                && found.contains(what)
                && found.ends_with(fix)
                // A polarity may be told to stand for something.
                && (what.starts_with("polarity") == found.contains("set polarity_map to")),
            "{line}: {found}"
        );
        let recording = read_bytes(good() + line + "\n" + "0.000300 1 2 1\n", &skipping()).unwrap();
        assert_eq!(recording.events.len(), 21, "{line}");
        assert_eq!(recording.report.losses[0].what, "lines that are no event");
        assert_eq!(recording.report.losses[0].count, 1);
        assert!(recording.report.losses[0].agreed);
        let example = &recording.report.losses[0].examples[0];
        assert!(
            example.starts_with("events.txt: line 21 at byte ") && example.ends_with(what),
            "{example}"
        );
        assert_eq!(recording.regular(), Some(Err(21)), "{line}");
    }
    // A time so far off does not make the unit doubtful.
    assert_eq!(
        error(good() + "9999999999999.0 2 3 1\n"),
        format!(
            "events.txt: line 21 at byte {}: the time does not fit into 64 bits in seconds with 9 decimals: \"9999999999999.0 2 3 1\"; {fix}",
            good().len()
        )
    );
    assert_eq!(
        error("0.100000 1 2 0\n0.1 2 3\n0.200000 3 2 1\n"),
        format!("events.txt: line 2 at byte 15: expected 4 columns, found 3: \"0.1 2 3\"; {fix}")
    );
    let text = "0.100000 1 2 0\n0.1 2 3\n0.200000 3 2 1\n";
    let error = read_bytes(text, &OpenOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(error.question(), Some(Question::OnBadLine));
    let place = Place::file("events.txt").with_line(2).with_byte(15);
    assert_eq!(error.place(), &place);
}

#[test]
fn a_line_with_more_decimals_says_how_many_are_enough() {
    // Beyond what is looked at to find the dialect, for what is read once has no end to look at.
    let read = |text: &str, options: &OpenOptions| {
        read_pipe(io::Cursor::new(text.to_owned().into_bytes()), options)
    };
    let mut text: String = (0..30_000)
        .map(|i| {
            format!(
                "{}.{:06} {} {} {}\n",
                i / 1000,
                i % 1000 * 1000,
                i * 7 % 240,
                i * 5 % 180,
                i % 2
            )
        })
        .collect();
    text += "30.0000005 1 2 1\n";
    let found = read(&text, &OpenOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert!(found.contains("line 30001 at byte "), "{found}");
    assert!(
        found.contains("the time has 7 decimals, where the lines before it have 6: \"30.0000005 1 2 1\"; set decimals to 7"),
        "{found}"
    );
    let six = OpenOptions::default().with_decimals(6);
    let found = read(&text, &six).err().unwrap();
    let enough = WayOut::Tell(Question::Decimals, vec!["7".to_owned()]);
    assert_eq!(found.ways_out(), [enough]);
    let found = found.to_string();
    assert!(
        found.contains("the time has 7 decimals, more than the 6 that were told: \"30.0000005 1 2 1\"; set decimals to 7"),
        "{found}"
    );
    let recording = read(&text, &OpenOptions::default().with_decimals(7)).unwrap();
    assert_eq!(
        recording.in_nanoseconds()[30_000],
        (30_000_000_500, 1, 2, 1)
    );
}

#[test]
fn the_first_few_bad_lines_are_shown() {
    let text = good() + &"bad\n".repeat(12) + &good();
    let recording = read_bytes(text, &skipping()).unwrap();
    assert_eq!(recording.events.len(), 40);
    let loss = &recording.report.losses[0];
    assert_eq!((loss.count, loss.examples.len()), (12, 5));
    assert!(
        loss.examples[4].starts_with("events.txt: line 25 at byte "),
        "{:?}",
        loss.examples
    );
}

#[test]
fn lines_are_counted_through_all_blocks() {
    let mut text = String::from("240 180\n");
    for i in 0..200_000 {
        if i % 1000 == 0 {
            text += "# a remark\n\n";
        }
        text += &format!(
            "{}.{:06} {} {} {}\n",
            i / 1000,
            i % 1000,
            i * 7 % 240,
            i * 5 % 180,
            i % 2
        );
    }
    let byte = text.len();
    text += "oops\n";
    let found = error(text.clone());
    assert!(
        found.starts_with(&format!("events.txt: line 200402 at byte {byte}: ")),
        "{found}"
    );
    text += "0.5 1 2 1\n";
    let recording = read_bytes(text, &skipping()).unwrap();
    assert_eq!(recording.events.len(), 200_001);
    let backwards = Note::Backwards {
        times: Some(1),
        first: Some(Place::default().with_line(200_403)),
    };
    assert_eq!(recording.report.notes, [backwards]);
}

#[test]
fn the_events_do_not_depend_on_threads_or_reads() {
    /// Gives a few bytes at a time.
    struct Dribble(io::Cursor<Vec<u8>>, usize);
    impl Read for Dribble {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = self.1 * 31 % 4099;
            let n = buffer.len().min(self.1 + 1);
            self.0.read(&mut buffer[..n])
        }
    }
    let text: String = (0..100_000)
        .map(|i| {
            format!(
                "{}.{:06} {} {} {}\n",
                i / 10_000,
                i % 10_000,
                i * 7 % 240,
                i * 5 % 180,
                i % 2
            )
        })
        .collect();
    let whole = read_bytes(text.clone(), &OpenOptions::default()).unwrap();
    assert_eq!(whole.events.len(), 100_000);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let reader = Dribble(io::Cursor::new(text.clone().into_bytes()), 17);
        let recording = pool.install(|| read_pipe(reader, &OpenOptions::default()).unwrap());
        assert_eq!(recording.events, whole.events);
        assert_eq!(recording.closing, whole.closing);
    }
}

/// So much text without the end of a line, and how much of it has been read.
fn zeros(count: u64) -> impl Read + Send + 'static {
    io::repeat(b'0').take(count)
}

#[test]
fn a_line_without_end_is_not_held() {
    let endless = |options: &OpenOptions| {
        let reader = io::Cursor::new(good())
            .chain(zeros(50_000_000))
            .chain(&b"\n0.000400 5 6 1\n"[..]);
        read_pipe(reader, options)
    };
    let found = endless(&OpenOptions::default()).err().unwrap().to_string();
    assert!(
        found.contains("line 21 at byte ") && found.contains("longer than 65536 bytes"),
        "{found}"
    );
    let recording = endless(&skipping()).unwrap();
    assert_eq!(recording.events.len(), 21);
    assert_eq!(recording.report.losses[0].count, 1);
    // From the very start, so that there is not even a dialect.
    let found = read_pipe(zeros(50_000_000), &OpenOptions::default());
    let found = found.err().unwrap();
    assert!(found.to_string().contains("no events"), "{found}");
}

#[test]
fn a_header_without_end_is_named() {
    let text = "# a remark\n".repeat(30_000) + &good();
    assert_eq!(
        error(text),
        "events.txt: its first 256 KiB are header and hold no events; shorten what stands before the events"
    );
}

#[test]
fn a_polarity_of_2_is_a_bad_line_and_no_other_order() {
    // With y of 0 and 1 alone, t x p y would fit every line.
    let text = |odd: usize| -> String {
        (0..1000)
            .map(|i| {
                let p = if i == odd { 2 } else { i * 7 / 3 % 2 };
                format!("0.{:06} {} {} {p}\n", 100 + i, i * 7 % 240, i % 2)
            })
            .collect()
    };
    let found = error(text(700));
    assert!(
        found.starts_with("events.txt: line 701 at byte ")
            && found.contains("polarity is \"2\", where this text has 0/1"),
        "{found}"
    );
}

#[test]
fn damaged_packing() {
    let events = good().repeat(2000);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(events.as_bytes()).unwrap();
    let gz = encoder.finish().unwrap();
    let found = error(&gz[..gz.len() / 2]);
    assert!(found.contains("ends too early"), "{found}");
    let mut flipped = gz.clone();
    let end = flipped.len() - 8;
    flipped[end] ^= 1;
    assert!(error(flipped).contains("is damaged"));
    let zst = zstd::encode_all(events.as_bytes(), 1).unwrap();
    for packed in [&gz, &zst] {
        let found = error([packed, &b"junk"[..]].concat());
        assert_eq!(
            found,
            "events.txt: something follows the compressed data; unpack the file first, or cut off what follows"
        );
        let two = [packed.as_slice(), packed].concat();
        let recording = read_bytes(two, &OpenOptions::default()).unwrap();
        assert_eq!(recording.events.len(), 80_000);
    }
    let mut zip = std::fs::read(fixture("stored.zip")).unwrap();
    zip[60] ^= 1;
    assert!(read_bytes(zip, &OpenOptions::default()).is_err());
}

#[test]
fn whole_lines_before_the_damage_are_read() {
    let events = good().repeat(2000);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(events.as_bytes()).unwrap();
    let gz = encoder.finish().unwrap();
    let plain = read_bytes(events.clone(), &OpenOptions::default()).unwrap();
    // In what is looked at first, further inside, and in the last bytes.
    for cut in [gz.len() / 20, gz.len() / 2, gz.len() - 1] {
        let input = Input::from_bytes(&gz[..cut], "a.gz").unpacked().unwrap();
        let mut source = evz_text::open(input, &OpenOptions::default()).unwrap();
        let (mut batch, mut read) = (EventBatch::default(), EventBatch::default());
        let end = loop {
            match source.read_batch(&mut batch) {
                Ok(Next::Events(_)) => read.extend(batch.as_slice()),
                Ok(_) => panic!("the cut at {cut} was not noticed"),
                Err(error) => break error,
            }
        };
        let mut whole = Vec::new();
        let mut inside = flate2::read::GzDecoder::new(&gz[..cut]);
        let _ = inside.read_to_end(&mut whole);
        let lines = whole.iter().filter(|b| **b == b'\n').count();
        assert!(lines > 100 && read.len() == lines, "{cut}: {lines}");
        assert_eq!(read.as_slice().t, &plain.events.t[..lines]);
        assert_eq!(end.kind(), ErrorKind::InsufficientData);
        assert!(
            end.to_string()
                .starts_with("a.gz: the compressed file ends too early (")
        );
    }
}

#[test]
fn cut_or_flipped_text_never_panics() {
    let options = [
        OpenOptions::default().with_time_unit(TimeUnit::Microseconds),
        skipping(),
    ];
    for name in [
        "ecd_seconds.txt",
        "faery.csv",
        "metavision_geometry.csv",
        "tugraz_signed.txt",
        "unit_in_brackets.csv",
        "dv_true_false.csv",
        "ncars_scientific.txt",
        "e2vid.zip",
        "streamed.zip",
        "ecd_seconds.txt.gz",
        "ecd_seconds.txt.zst",
    ] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        for options in &options {
            for len in 0..bytes.len() {
                let _ = read_bytes(&bytes[..len], options);
                let input = Input::from_bytes(&bytes[..len], name);
                let _ = (evz_text::FORMATS[0].probe)(&input.clues());
            }
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let _ = read_bytes(flipped, options);
            }
        }
    }
}
