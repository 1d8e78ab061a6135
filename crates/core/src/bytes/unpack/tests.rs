use std::io::{Cursor, Read, Write};

use flate2::{Compression, write::GzEncoder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{Error, ErrorKind, Input, Question, Result, read_error};

/// More than is read or unpacked at once anywhere, and hardly smaller when it is packed.
fn contents() -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        // Knuth's generator; the high bits are the random ones.
        state =
            (state.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(1_442_695_040_888_963_407);
        b'0' + (state >> 60) as u8
    };
    (0..1_000_000).map(|_| next()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = zstd::Encoder::new(Vec::new(), 1).unwrap();
    out.include_checksum(true).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        match name.ends_with('/') {
            true => out.add_directory(*name, options).unwrap(),
            false => {
                out.start_file(*name, options).unwrap();
                out.write_all(bytes).unwrap();
            }
        }
    }
    out.finish().unwrap().into_inner()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    zip(&[("events.txt", bytes)], CompressionMethod::Deflated)
}

fn stored(bytes: &[u8]) -> Vec<u8> {
    zip(&[("events.txt", bytes)], CompressionMethod::Stored)
}

/// What is inside, and how the reading of it ended.
fn unpacked(packed: Input) -> Result<(Vec<u8>, Result<()>)> {
    let name = packed.name().to_owned();
    let inside = packed.unpacked()?;
    let (mut bytes, mut reader) = (Vec::new(), inside.into_reader());
    let end = reader.read_to_end(&mut bytes);
    Ok((bytes, end.map(drop).map_err(|e| read_error(name, e))))
}

fn of_file(packed: &[u8]) -> Result<(Vec<u8>, Result<()>)> {
    unpacked(Input::from_bytes(packed, "a"))
}

fn refused(packed: &[u8]) -> Error {
    let of_pipe = Input::from_reader(Cursor::new(packed.to_vec()), "a").and_then(unpacked);
    let of_pipe = of_pipe.expect_err("of a pipe");
    let of_file = of_file(packed).expect_err("of a file");
    assert_eq!(of_file.to_string(), of_pipe.to_string());
    of_file
}

#[test]
fn what_is_inside_comes_out() {
    let contents = contents();
    for packed in [
        gzip(&contents),
        zstd(&contents),
        deflated(&contents),
        stored(&contents),
    ] {
        let (bytes, end) = of_file(&packed).unwrap();
        assert!(bytes == contents && end.is_ok());
        let pipe = Input::from_reader(Cursor::new(packed.clone()), "a").unwrap();
        let (bytes, end) = unpacked(pipe).unwrap();
        assert!(bytes == contents && end.is_ok());
        assert!(Input::from_bytes(packed, "a").is_packed());
    }
    let plain = Input::from_bytes(contents.clone(), "a").unpacked().unwrap();
    assert!(plain.read_at().is_some() && plain.head() == &contents[..64 << 10]);
}

#[test]
fn bytes_of_the_packed_file_are_counted() {
    for packed in [gzip(&contents()), zstd(&contents())] {
        let input = Input::from_bytes(packed.clone(), "a").unpacked().unwrap();
        let read = input.read_so_far();
        let len = packed.len() as u64;
        assert!((1..len).contains(&read.progress().done));
        std::io::copy(&mut input.into_reader(), &mut std::io::sink()).unwrap();
        assert_eq!(
            (read.progress().done, read.progress().total),
            (len, Some(len))
        );
    }
}

#[test]
fn members_follow_each_other_and_nothing_else_does() {
    for packed in [gzip(b"one"), zstd(b"one")] {
        let two = [&packed[..], &packed[..]].concat();
        assert_eq!(of_file(&two).unwrap().0, b"oneone");
        let (bytes, end) = of_file(&[&packed[..], b"junk"].concat()).unwrap();
        assert_eq!(bytes, b"one");
        let end = end.unwrap_err();
        assert_eq!(end.kind(), ErrorKind::Unsupported);
        assert_eq!(
            end.to_string(),
            "a: something follows the compressed data; unpack the file first, or cut off what follows"
        );
    }
}

#[test]
fn archives_of_another_number_of_files_are_refused() {
    let none = refused(&zip(&[], CompressionMethod::Stored));
    assert_eq!(none.kind(), ErrorKind::Unsupported);
    assert_eq!(none.to_string(), "a: the zip file is empty");
    let several = "a: the zip file holds more than one file; unpack it and pass the one that holds the events";
    for members in [
        [("a.txt", &b"1"[..]), ("b.txt", b"2")].as_slice(),
        &[("folder/", b"")],
    ] {
        let archive = zip(members, CompressionMethod::Deflated);
        assert_eq!(refused(&archive).to_string(), several);
    }
}

/// A frame of zstd that asks for a window of so many bytes: 2 to the power of the logarithm.
fn zstd_with_window(log: u8, bytes: &[u8]) -> Vec<u8> {
    let mut packed = zstd(bytes);
    // Written as a stream: no single segment, but a window (RFC 8878, 3.1.1.1).
    assert!(packed[4] & 0x20 == 0);
    packed[5] = (log - 10) << 3;
    packed
}

#[test]
fn a_large_window_is_no_damage() {
    let contents = contents();
    for log in [10, 27, 28, 29] {
        // What is packed here is of a window of half a megabyte.
        let log = log.max(zstd(&contents)[5] / 8 + 10);
        let frame = zstd_with_window(log, &contents);
        let (bytes, end) = of_file(&[&frame[..], &zstd(b"more")].concat()).unwrap();
        assert!(
            bytes == [&contents[..], b"more"].concat() && end.is_ok(),
            "2^{log}"
        );
    }
    // Seven eighths more.
    let mut frame = zstd_with_window(28, &contents);
    frame[5] |= 7;
    let (bytes, end) = of_file(&frame).unwrap();
    assert!(bytes == contents && end.is_ok());
    let error = refused(&zstd_with_window(31, &contents));
    assert_eq!(error.question(), Some(Question::MaxMemory));
    let text = error.to_string();
    assert!(
        text.starts_with("a: the window of its zstd frame takes 2GiB"),
        "{text}"
    );
    assert!(text.ends_with("; set max_memory to 4GiB"), "{text}");
    let error = refused(&zstd_with_window(32, &contents));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "a: the window of its zstd frame is 4294967296 bytes, and zstd takes 2147483648"
    );
}

/// Written at once, a frame says how long it is, which is its window too.
#[test]
fn a_frame_that_is_kept_whole_takes_its_length() {
    let contents = contents();
    for len in [1, 255, 256, 65_791, 65_792, 500_000] {
        let packed = zstd::bulk::compress(&contents[..len], 1).unwrap();
        assert!(packed[4] & 0x20 != 0);
        assert!(
            of_file(&packed).unwrap().0 == contents[..len],
            "{len} bytes"
        );
    }
    // The number 0 of a dictionary, which is none, stands before the length.
    for (flag, len) in [(1, 1), (2, 2), (3, 4)] {
        let mut packed = zstd::bulk::compress(&contents[..500_000], 1).unwrap();
        packed[4] |= flag;
        packed.splice(5..5, vec![0; len]);
        assert!(of_file(&packed).unwrap().0 == contents[..500_000]);
    }
    let mut packed = zstd::bulk::compress(&contents[..500_000], 1).unwrap();
    assert_eq!(packed[4] >> 6, 2, "a length of four bytes");
    packed[5..9].copy_from_slice(&0x6000_0000_u32.to_le_bytes());
    let text = refused(&packed).to_string();
    assert!(
        text.starts_with("a: the window of its zstd frame takes 2GiB"),
        "{text}"
    );
}

#[test]
fn an_encrypted_file_is_refused() {
    let mut archive = stored(b"secret");
    // The flag stands in the header of the file and in the directory.
    let directory = (archive.windows(4)).position(|w| w == b"PK\x01\x02");
    for flags in [6, directory.unwrap() + 8] {
        archive[flags] |= 1;
    }
    let error = refused(&archive);
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = "a: the zip file is encrypted; unpack it first";
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_file_packed_in_another_way_is_refused() {
    let mut archive = deflated(b"events");
    // The method stands behind the flags, in the header of the file and in the directory.
    let directory = (archive.windows(4)).position(|w| w == b"PK\x01\x02");
    for method in [8, directory.unwrap() + 10] {
        archive[method] = 12;
    }
    let error = refused(&archive);
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = "a: the zip file is packed in another way than by deflate; unpack it first";
    assert_eq!(error.to_string(), text);
}

/// What is unpacked is bounded by what the directory says.
#[test]
fn a_file_longer_than_its_directory_says_is_an_error() {
    let contents = contents();
    for mut archive in [deflated(&contents), stored(&contents)] {
        let directory = (archive.windows(4)).rposition(|w| w == b"PK\x01\x02");
        let len = directory.unwrap() + 24;
        archive[len..len + 4].copy_from_slice(&1_000_u32.to_le_bytes());
        let end = of_file(&archive).map(|(_, end)| end);
        let error = end.and_then(|end| end).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(
            error.to_string(),
            "a: the compressed file is damaged (it is longer than the directory of the zip file says)"
        );
    }
}

#[test]
fn a_flipped_bit_is_an_error_behind_the_data() {
    let all = contents();
    let is_damaged = |mut packed: Vec<u8>, at: usize, len: usize| {
        packed[at] ^= 1;
        let (bytes, end) = of_file(&packed).unwrap();
        assert_eq!(bytes.len(), len);
        let end = end.unwrap_err();
        assert_eq!(end.kind(), ErrorKind::Corrupt);
        let text = end.to_string();
        assert!(
            text.starts_with("a: the compressed file is damaged ("),
            "{text}"
        );
    };
    // Small enough to be read with the first look, and too large for it.
    for len in [30_000, all.len()] {
        let gz = gzip(&all[..len]);
        is_damaged(gz.clone(), gz.len() - 8, len);
        // The name stands before the contents.
        is_damaged(stored(&all[..len]), 100, len);
    }
    let zst = zstd(&all);
    is_damaged(zst.clone(), zst.len() - 1, all.len());
}

#[test]
fn what_is_cut_gives_all_before_the_cut() {
    let all = contents();
    for (contents, packed) in [
        (&all[..30_000], gzip(&all[..30_000])),
        (&all, gzip(&all)),
        (&all, zstd(&all)),
    ] {
        for cut in [packed.len() / 2, packed.len() - 3] {
            let (bytes, end) = of_file(&packed[..cut]).unwrap();
            assert!(bytes.len() > 10_000 && contents.starts_with(&bytes));
            let end = end.unwrap_err();
            assert_eq!(end.kind(), ErrorKind::InsufficientData);
            let text = end.to_string();
            assert!(
                text.starts_with("a: the compressed file ends too early ("),
                "{text}"
            );
        }
    }
    // The directory of an archive stands at its end.
    let archive = deflated(&all);
    let error = refused(&archive[..archive.len() / 2]);
    assert_eq!(error.kind(), ErrorKind::InsufficientData);
}

#[test]
fn cut_or_flipped_bytes_never_panic() {
    let contents = b"0.1 2 3 1\n0.2 3 4 0\n";
    for packed in [
        gzip(contents),
        zstd(contents),
        deflated(contents),
        stored(contents),
    ] {
        for len in 0..packed.len() {
            let _ = of_file(&packed[..len]);
        }
        for bit in 0..packed.len() * 8 {
            let mut flipped = packed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = of_file(&flipped);
        }
    }
}
