//! Every truncation and every flipped bit of small files: an error or events, never a panic, and
//! nothing that was whole is lost without a word.

mod common;

use common::{
    OneByte, Recording, event, read_from, try_read, v2, v3,
    v4::{self, File, LZ4, NONE, ZSTD, stream},
};
use evz_core::{Error, Event, OpenOptions};

/// Packets of every kind, and where each of those with events ends, with the events up to there.
fn aedat4(compression: i32) -> (Vec<u8>, Vec<(usize, Vec<Event>)>) {
    let streams = [
        stream(0, "EVTS", "events"),
        stream(1, "FRME", "frames"),
        stream(2, "IMUS", "imu"),
        stream(3, "TRIG", "triggers"),
    ];
    let some = |t: i64| {
        [
            event(t, 1, 2, 1),
            event(t + 5, 345, 259, 0),
            event(t + 6, 3, 3, 0),
        ]
    };
    let mut ends = Vec::new();
    let mut file = File::new(compression, &streams).events(0, &some(10));
    ends.push((file.bytes.len(), some(10).to_vec()));
    file = file
        .packet(
            1,
            &v4::old_frame([6, 1, 9, 4, 8], 0, [2, 3], &[1, 2, 3, 4, 5, 6]),
        )
        .packet(2, &v4::imu_packet(&[(7, [1.0; 10]), (8, [2.0; 10])]))
        .packet(3, &v4::trigger_packet(&[(7, 1), (8, 2)]))
        .events(0, &some(20));
    ends.push((file.bytes.len(), [some(10), some(20)].concat()));
    (file.finish(), ends)
}

fn aedat3() -> Vec<u8> {
    aedat3_of(v3::header(&["#Source 1: DAVIS240C"]))
}

fn aedat3_of(mut file: Vec<u8>) -> Vec<u8> {
    let events = [
        v3::polarity(10, 1, 2, 1, true),
        v3::polarity(11, 3, 4, 0, true),
    ];
    file.extend(v3::packet(v3::POLARITY, 1, 0, 3, &events));
    file.extend(v3::packet(v3::SPECIAL, 1, 0, 1, &[v3::special(12, 2)]));
    file.extend(v3::packet(
        v3::FRAME,
        1,
        0,
        1,
        &[v3::frame([1, 2, 3, 4], 1, [2, 1], &[1, 2])],
    ));
    file.extend(v3::packet(v3::IMU6, 1, 0, 1, &[v3::imu(16, &[1.0; 7])]));
    file.extend(v3::packet(v3::POLARITY, 1, 1, 2, &events));
    file
}

fn aedat2() -> Vec<u8> {
    let mut file = v2::header(Some("eu.seebetter.ini.chips.davis.DAVIS240C"));
    let mut addresses = vec![
        v2::davis(5, 140, 0),
        v2::davis(1, 2, 1),
        v2::aps(1, 1, 0, 7),
    ];
    addresses.extend((0..7).map(|code| v2::imu(code, 9)));
    addresses.extend([v2::DAVIS_EXTERNAL, v2::davis(7, 7, 1)]);
    let records = (10..).zip(addresses).map(|(t, a)| v2::record(a, t));
    records.for_each(|r| file.extend(r));
    file
}

fn files() -> Vec<Vec<u8>> {
    let of_version_4 = [NONE, LZ4, ZSTD].map(|c| aedat4(c).0);
    let of_version_3_0 = aedat3_of(v3::header_of_3_0(&["#Source 1: DAVIS240C"]));
    [&of_version_4[..], &[aedat3(), of_version_3_0, aedat2()]].concat()
}

fn options() -> OpenOptions {
    OpenOptions::default()
}

fn read(bytes: &[u8]) -> Result<Recording, Error> {
    try_read(bytes, &options())
}

#[test]
fn every_truncation_gives_what_is_whole_or_an_error() {
    for file in files() {
        for len in 0..file.len() {
            let _ = read(&file[..len]);
        }
    }
}

#[test]
fn events_before_a_cut_are_delivered_and_the_cut_is_told() {
    for compression in [NONE, LZ4, ZSTD] {
        let (file, ends) = aedat4(compression);
        for len in ends[0].0..file.len() {
            let read = read(&file[..len]).unwrap();
            let whole = ends.iter().rev().find(|(end, _)| *end <= len).unwrap();
            assert!(read.events.starts_with(&whole.1), "{len} of {}", file.len());
            // Without the data table nothing is lost, but its place tells where the file ended.
            let told = !read.losses().is_empty();
            assert_eq!(told, len < ends[1].0, "{len} of {}", file.len());
        }
    }
    for file in [
        aedat3(),
        aedat3_of(v3::header_of_3_0(&["#Source 1: DAVIS240C"])),
    ] {
        let whole = read(&file).unwrap().events;
        for len in file.len() - 28 - 2 * 8..file.len() {
            let read = read(&file[..len]).unwrap();
            assert!(whole.starts_with(&read.events) && read.events.len() >= 2);
            let lost = read.losses().iter().map(|(_, n)| n).sum::<u64>() as usize;
            assert!(lost > 0 || len == file.len() - 44, "{len}");
        }
    }
}

#[test]
fn every_flipped_bit_gives_events_or_an_error() {
    for (i, file) in files().into_iter().enumerate() {
        // The second and third differ from the first in their packets alone.
        let packets = aedat4(NONE).1[0].0 - 100;
        for at in if matches!(i, 1 | 2) { packets } else { 0 }..file.len() {
            for mask in [1, 2, 4, 8, 16, 32, 64, 128, 0xff] {
                let mut damaged = file.clone();
                damaged[at] ^= mask;
                let _ = read(&damaged);
            }
            for value in [0, 0xff] {
                let mut damaged = file.clone();
                damaged[at] = value;
                let _ = read(&damaged);
            }
        }
    }
}

#[test]
fn bytes_that_come_one_by_one_are_read_the_same() {
    for file in files() {
        for len in [file.len(), file.len() - 5, file.len() / 2] {
            let bytes = &file[..len];
            let one = OneByte(std::io::Cursor::new(bytes.to_vec()));
            match (read_from(one, &options()), read(bytes)) {
                (Ok(one), Ok(whole)) => {
                    assert_eq!(one.events, whole.events);
                    // As text, for NaN is not itself.
                    assert_eq!(format!("{:?}", one.side), format!("{:?}", whole.side));
                    assert_eq!(one.report, whole.report);
                }
                (Err(one), Err(whole)) => assert_eq!(one.to_string(), whole.to_string()),
                _ => panic!("one of them fails at {len}"),
            }
        }
    }
}

/// Packets of events, one for each list, and where each begins; the last place is that of the data table.
fn packets_of(compression: i32, lists: &[Vec<Event>]) -> (File, Vec<usize>) {
    let mut file = File::new(compression, &[stream(0, "EVTS", "events")]);
    let mut starts = Vec::new();
    for list in lists {
        starts.push(file.bytes.len());
        file = file.events(0, list);
    }
    starts.push(file.bytes.len());
    (file, starts)
}

/// Six lists of different length.
fn lists() -> Vec<Vec<Event>> {
    let list = |i: i64| {
        (0..20 + i).map(move |j| event(1_000 * i + j, (7 * j % 300) as u16, (j % 100) as u16, 1))
    };
    (0..6).map(|i| list(i).collect()).collect()
}

const COMPRESSIONS: [i32; 3] = [NONE, LZ4, ZSTD];

#[test]
fn a_wrong_place_of_the_data_table_ends_nothing() {
    for compression in COMPRESSIONS {
        let (file, starts) = packets_of(compression, &lists());
        let whole = file.clone().finish();
        let table = starts[6] as i64;
        let said = file.bytes.len() as i64;
        for place in [-1, 0, starts[3] as i64, starts[3] as i64 + 5, said + 1_000] {
            let mut wrong = file.clone();
            wrong.set_table(place);
            wrong.bytes.extend(&whole[starts[6]..]);
            let read = read(&wrong.bytes).unwrap();
            assert_eq!(read.events, lists().concat(), "{place}");
            assert_eq!(read.losses(), [], "{place}");
            let note = format!("at byte {table}");
            assert!(read.notes()[0].contains(&note), "{}", read.said());
        }
    }
}

#[test]
fn bytes_behind_the_data_table_are_told() {
    for compression in COMPRESSIONS {
        let whole = packets_of(compression, &lists()).0.finish();
        for behind in [&b"j"[..], &[0; 300], &whole] {
            let read = read(&[&whole, behind].concat()).unwrap();
            assert_eq!(read.events, lists().concat());
            let lost = ("bytes behind the data table", behind.len() as u64);
            assert_eq!(read.losses(), [lost]);
        }
    }
}

#[test]
fn a_packet_that_the_data_table_lists_and_that_is_gone_is_told() {
    for compression in COMPRESSIONS {
        let (file, starts) = packets_of(compression, &lists());
        let table = file.clone().finish()[starts[6]..].to_vec();
        for gone in 0..6 {
            for is_right in [true, false] {
                let mut file = file.clone();
                file.bytes.drain(starts[gone]..starts[gone + 1]);
                let place = if is_right {
                    file.bytes.len()
                } else {
                    starts[6]
                };
                file.set_table(place as i64);
                file.bytes.extend(&table);
                let read = read(&file.bytes).unwrap();
                let mut left = lists();
                left.remove(gone);
                assert_eq!(read.events, left.concat());
                let what = "packets that the data table lists and that are not there";
                assert_eq!(read.losses(), [(what, 1)], "{}", read.said());
            }
        }
    }
}

#[test]
fn where_a_length_is_wrong_the_next_packet_is_found_by_the_data_table() {
    for compression in COMPRESSIONS {
        let (file, starts) = packets_of(compression, &lists());
        let whole = file.finish();
        for (damaged, at) in starts[..6].iter().enumerate() {
            let len = (starts[damaged + 1] - at - 8) as u32;
            for claimed in [
                0,
                1,
                len / 2,
                len - 1,
                len + 1,
                len + 300,
                1 << 20,
                1 << 28,
                u32::MAX,
            ] {
                let mut bytes = whole.clone();
                bytes[at + 4..at + 8].copy_from_slice(&claimed.to_le_bytes());
                let read = read(&bytes).unwrap();
                let (before, behind) = (&lists()[..damaged], &lists()[damaged + 1..]);
                assert!(read.events.starts_with(&before.concat()), "{claimed}");
                assert!(
                    read.events.ends_with(&behind.concat()),
                    "{claimed}: {}",
                    read.said()
                );
                assert!(read.events.len() <= lists().concat().len(), "{claimed}");
                assert!(!read.losses().is_empty(), "{claimed}");
            }
        }
    }
}

#[test]
fn what_a_count_leaves_out_is_told_and_what_it_has_too_many_costs_no_other() {
    let events = lists().remove(5);
    let flat = v4::event_packet(&events);
    let count = (events.len() as u32).to_le_bytes();
    let head = [&count[..], &events[0].t.to_le_bytes()].concat();
    let at = flat.windows(12).position(|bytes| bytes == head).unwrap();
    let with = |count: usize, behind: &[u8]| {
        let mut flat = flat.clone();
        flat[at..at + 4].copy_from_slice(&(count as u32).to_le_bytes());
        let mut body = v4::pack(LZ4, &flat);
        body.extend(behind);
        let mut file = File::new(LZ4, &[stream(0, "EVTS", "events")]);
        file.raw(0, body.len() as u32, &body);
        read(&file.bytes).unwrap()
    };
    let n = events.len();
    for count in [0, 1, n - 1] {
        let read = with(count, &[]);
        assert_eq!(read.events, events[..count]);
        let what = "events that their packet has and does not count";
        assert_eq!(read.losses(), [(what, (n - count) as u64)]);
    }
    for count in [n + 1, n + 1_000] {
        let read = with(count, &[]);
        assert_eq!(read.events, events);
        let what = "packets with a count of more events than they have";
        assert_eq!(read.losses(), [(what, 1)]);
    }
    let second = v4::pack(LZ4, &flat);
    let read = with(n, &second);
    assert_eq!(read.events, events);
    let what = "bytes behind what their packet has";
    assert_eq!(read.losses(), [(what, second.len() as u64)]);
    assert_eq!(with(n, &[]).losses(), []);
}
