//! Damaged streams: what was whole comes, and nothing panics.

mod common;

use std::io::{self, Read};

use common::{batch, info, open, read, read_all, stream, write, write_as};
use evz_core::{ColumnType, EventBatch, ExtraColumn, Input, OpenOptions, TimeBase, Values};
use evz_es::Encoding;

/// Small streams of each type with gaps between the events, and where in them each event ends.
fn files() -> [(Vec<u8>, EventBatch, Vec<usize>); 3] {
    let rows: Vec<_> = (0..20)
        .map(|i: i64| (i * i * 3, (i % 10) as u16, (i % 8) as u16, (i % 2) as u8))
        .collect();
    let events = batch(&rows);
    let (mut atis, mut last) = (Vec::new(), 0);
    for (t, x, y, p) in rows {
        let step = t - last;
        atis.extend((step >= 63).then_some(0xfc + (step / 63) as u8));
        let y = 7 - y as u8;
        atis.extend([(step % 63) as u8 * 4 + p * 2, x as u8, 0, y, 0]);
        last = t;
    }
    let us = info(TimeBase::MICROSECONDS, 10, 8);
    let dvs = write(&us, &events, 7).unwrap();
    let mut colours = events.clone();
    colours.p.fill(1);
    let colour = |c: &str| ExtraColumn::new(c, ColumnType::U8);
    let us = us.with_columns(["r", "g", "b"].map(colour).to_vec());
    colours.extra = vec![Values::from_slice(&[0xffu8; 20]); 3];
    let (color, _) = write_as(Encoding::Color, &us, &colours, 7).unwrap();
    let files = [
        (dvs, 0xfe, 5, events.clone()),
        (stream(2, &atis), 0xfc, 5, events.clone()),
        (color, 0xfe, 8, colours),
    ];
    files.map(|(bytes, no_event, len, events)| {
        let (mut at, mut ends) = (20, Vec::new());
        while at < bytes.len() {
            let is_event = bytes[at] < no_event;
            at += if is_event { len } else { 1 };
            ends.extend(is_event.then_some(at));
        }
        assert_eq!(read_all(bytes.clone()).events, events);
        (bytes, events, ends)
    })
}

#[test]
fn cut_anywhere() {
    for (whole, expected, ends) in files() {
        for len in 20..whole.len() {
            let cut = read_all(&whole[..len]);
            let n = ends.iter().filter(|end| **end <= len).count();
            assert_eq!(cut.events.as_slice(), expected.as_slice().slice(0..n));
            let is_between = len == 20 || ends.contains(&len);
            let lost = [("events that are cut off", 1)];
            assert_eq!(cut.losses(), lost[usize::from(is_between)..], "{len}");
        }
    }
}

#[test]
fn every_byte_changed() {
    for (whole, _, _) in files() {
        for at in 0..whole.len() {
            for byte in 0..=255 {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                if let Ok(source) = open(bytes) {
                    let recording = read(source);
                    // Of generic events some are too long.
                    let generic = recording.info.size.is_none();
                    assert!(recording.error.is_none() || generic);
                    let t = &recording.events.t;
                    assert!(t.is_sorted());
                }
            }
        }
    }
}

/// Generic events: those before a cut come, and no byte makes one panic.
#[test]
fn generic_events_cut_and_changed() {
    let data: Vec<Vec<u8>> = (0..12).map(|i| vec![0xff; i]).collect();
    let (mut bytes, mut ends) = (b"Event Stream\x02\x00\x00\x00".to_vec(), Vec::new());
    for data in &data {
        bytes.extend([0xff, 3, (data.len() << 1) as u8]);
        bytes.extend(data);
        ends.push(bytes.len());
    }
    for len in 16..bytes.len() {
        let cut = read_all(&bytes[..len]);
        let n = ends.iter().filter(|end| **end <= len).count();
        assert!(cut.side.iter().map(|(_, data)| data).eq(&data[..n]));
        let is_between = len == 16 || ends.contains(&len);
        let lost = [("events that are cut off", 1)];
        assert_eq!(cut.losses(), lost[usize::from(is_between)..], "{len}");
    }
    for at in 0..bytes.len() {
        for byte in 0..=255 {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            if let Ok(source) = open(bytes) {
                assert!(read(source).side.is_sorted_by_key(|(t, _)| *t));
            }
        }
    }
}

/// Gives one byte at a time, and then an error.
struct Trickle(std::vec::IntoIter<u8>);

impl Read for Trickle {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let byte = self.0.next();
        out[0] = byte.ok_or_else(|| io::Error::other("the disk is gone"))?;
        Ok(1)
    }
}

#[test]
fn what_was_read_before_an_error_comes_first() {
    let rows: Vec<_> = (0..100_000).map(|i| (i * 100, 3, 4, 1)).collect();
    let events = batch(&rows);
    let bytes = write(&info(TimeBase::MICROSECONDS, 10, 8), &events, 1_000).unwrap();
    let input = Input::from_reader(Trickle(bytes.into_iter()), "a.es").unwrap();
    let recording = read(evz_es::open(input, &OpenOptions::new()).unwrap());
    assert_eq!(recording.events, events);
    assert_eq!(recording.error.unwrap().to_string(), "a.es: cannot read");
}
