//! Bytes that are known not to be read, or that nothing says the format of.

use evz_core::{Clues, Error, Question};

use crate::registry::{format, formats};

/// What is known of a format that is not read, by its first bytes.
struct Unread {
    name: &'static str,
    magic: &'static [u8],
    /// How to get at its events.
    way_out: &'static str,
}

const UNREAD: [Unread; 2] = [
    // What PowerShell writes into a file.
    Unread {
        name: "text in UTF-16",
        magic: b"\xff\xfe",
        way_out: TO_UTF_8,
    },
    Unread {
        name: "text in UTF-16",
        magic: b"\xfe\xff",
        way_out: TO_UTF_8,
    },
];

const TO_UTF_8: &str = "convert it with `iconv -f UTF-16 -t UTF-8`, or save it as UTF-8";

/// Why what starts with these bytes and is of none of the formats is not read, unless it may be
/// text, whose reader says it.
pub(crate) fn why(clues: &Clues<'_>, name: &str) -> Option<Error> {
    if let Some(known) = (UNREAD.iter()).find(|known| clues.head.starts_with(known.magic)) {
        let what = format!("it is {}, which evz does not read", known.name);
        return Some(Error::unsupported(name, what).advise(known.way_out));
    }
    clues.head.contains(&0).then(|| unknown(clues, name))
}

/// Records of formats without a header: their bytes, what has such, and the format that reads them.
/// It looks at the events before it reads them, so that it may be named where only the length speaks
/// for it.
const RECORDS: [(u64, &str, Option<&str>); 3] = [
    (5, "N-MNIST", Some("nmnist")),
    (6, "AEDAT 1.0", None),
    (8, "DAT, CVPR 2016 or AER", Some("nmnist")),
];

/// Bytes that are there to look at, at most.
const HEAD: usize = 64 << 10;

/// The error for what is of no format.
pub(crate) fn unknown(clues: &Clues<'_>, name: &str) -> Error {
    let names: Vec<&str> = formats().map(|f| f.name).collect();
    let mut what = format!(
        "it is of none of the formats that evz reads: {}",
        names.join(", ")
    );
    let mut likely = Vec::new();
    let fits = |len: u64| {
        move |(record, ..): &&(u64, &str, Option<&str>)| len > 0 && len.is_multiple_of(*record)
    };
    // What comes out of an archive has no length before it is read, but the start may be all.
    let is_all = clues.head.len() < HEAD;
    let len = clues.len.or(is_all.then_some(clues.head.len() as u64));
    if let Some(len) = len {
        let fitting: Vec<_> = RECORDS.iter().filter(fits(len)).collect();
        let said = fitting.iter().map(|(record, whose, _)| {
            format!(
                "{} records of {record} bytes, as those of {whose}",
                len / record
            )
        });
        let said: Vec<String> = said.collect();
        what += &match said.is_empty() {
            true => format!("; its {len} bytes are no whole number of records of 5, 6 or 8 bytes"),
            false => format!("; its {len} bytes may be {}", evz_core::alternatives(&said)),
        };
        likely.extend(fitting.iter().filter_map(|(.., reader)| *reader));
    }
    // Times show whether it is AEDAT 1.0.
    if rises(clues.head) {
        likely.push("aedat");
    }
    // Words without a header may be anything: these are told by who named the file.
    if clues.is_named("raw") {
        likely.push("raw");
    }
    likely.retain(|name| format(name).is_ok());
    likely.sort_unstable();
    likely.dedup();
    let error = Error::unsupported(name, what);
    match likely.is_empty() {
        true => error,
        false => error.settled_by(Question::Format, likely),
    }
}

/// Whether these are records of AEDAT 1.0 by their times: 16 bits of address and 32 of time, the high
/// byte first ("AEDAT 1.0" in iniVation's documentation of its file formats).
fn rises(head: &[u8]) -> bool {
    /// Records that tell it, and how many of them may run backwards: one in so many.
    const ENOUGH: usize = 64;
    const FITS: usize = 16;
    let (records, _) = head.as_chunks::<6>();
    let times = records
        .iter()
        .map(|r| u32::from_be_bytes([r[2], r[3], r[4], r[5]]));
    let times: Vec<u32> = times.collect();
    let falls = times.windows(2).filter(|t| t[1] < t[0]).count();
    times.len() >= ENOUGH && falls * FITS <= times.len() && times.first() < times.last()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(head: &[u8], name: &str) -> String {
        let len = Some(head.len() as u64);
        unknown(&Clues { head, len, name }, name).to_string()
    }

    #[test]
    fn lengths_are_said_in_words() {
        let said_of = |len: usize| said(&vec![0; len], "a.bin");
        assert!(said_of(35).contains("7 records of 5 bytes, as those of N-MNIST"));
        assert!(said_of(42).ends_with("7 records of 6 bytes, as those of AEDAT 1.0"));
        assert!(said_of(56).contains("7 records of 8 bytes, as those of DAT"));
        assert!(
            said_of(49).ends_with("its 49 bytes are no whole number of records of 5, 6 or 8 bytes")
        );
        assert!(!said_of(49).contains("set format"));
    }

    #[cfg(feature = "prophesee")]
    #[test]
    fn names_show_what_it_is() {
        assert!(said(&[0; 49], "a.raw").ends_with("; set format to raw"));
    }

    #[cfg(feature = "aedat")]
    #[test]
    fn times_show_what_it_is() {
        let record = |i: u32| [&[i as u8, 7][..], &(i * 50).to_be_bytes()].concat();
        let bytes: Vec<u8> = (0..101).flat_map(record).collect();
        assert!(said(&bytes, "a").ends_with("; set format to aedat"));
    }
}
