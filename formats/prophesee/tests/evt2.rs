//! EVT2, by files built word by word: what each public reader gets wrong was seen with faery 0.7.1,
//! expelliarmus 1.1.12, evlib 0.13.2 and eventcv 1.0.8.

mod common;

use common::evt2::{bytes, event, time_high, trigger};
use common::{raw, read_all, read_with};
use evz_core::{OpenOptions, SensorSize};
use evz_prophesee::Encoding;

const NO_TIME: &str = "events before the words that say their time and pixel";

fn read(words: &[u32]) -> common::Recording {
    read_all(&raw("EVT2", &bytes(words)))
}

#[test]
fn what_is_told_against_the_header_is_said() {
    let file = b"% evt 3.0\n% geometry 640x480\n% end\n";
    let told = OpenOptions::new().with_encoding(Encoding::Evt2);
    assert_eq!(
        read_with(file, &told).unwrap().report.inferred,
        ["EVT2 as told, though its header says EVT3"]
    );
}

/// evlib counts the wrap twice, expelliarmus not at all.
#[test]
fn the_clock_is_carried_over_2_to_the_34() {
    let recording = read(&[
        time_high(0xfff_ffff),
        event(1, 63, 3, 4),
        time_high(0),
        event(0, 0, 5, 6),
        time_high(1),
        event(1, 2, 7, 8),
    ]);
    let t = 1 << 34;
    assert_eq!(
        recording.rows(),
        [(t - 1, 3, 4, 1), (t, 5, 6, 0), (t + 66, 7, 8, 1)]
    );
    assert_eq!(
        recording.notes(),
        ["the clock of 34 bits started again 1 time and was carried on"]
    );
}

/// faery takes it for a wrap and adds 4.8 hours to all that follows; evlib puts the events in
/// another order.
#[test]
fn a_small_step_back_of_time_high_is_no_wrap() {
    let recording = read(&[
        time_high(1000),
        event(1, 1, 3, 4),
        time_high(999),
        event(0, 2, 5, 6),
        time_high(1001),
        event(1, 3, 7, 8),
    ]);
    assert_eq!(
        recording.rows(),
        [(64001, 3, 4, 1), (63938, 5, 6, 0), (64067, 7, 8, 1)]
    );
    assert_eq!(recording.notes(), ["times run backwards once, in event 1"]);
}

/// And neither is one across the wrap itself.
#[test]
fn a_step_back_over_the_wrap_is_taken_back() {
    let recording = read(&[
        time_high(0xfff_ffff),
        event(1, 0, 1, 1),
        time_high(0),
        event(1, 0, 2, 1),
        time_high(0xfff_fffe),
        event(1, 0, 3, 1),
        time_high(1),
        event(1, 0, 4, 1),
    ]);
    let t = 1 << 34;
    assert_eq!(recording.events.t, [t - 64, t, t - 128, t + 64]);
}

/// faery gives them the time of the one before, evlib another order.
#[test]
fn low_bits_that_run_backwards_are_kept() {
    let recording = read(&[
        time_high(10),
        event(1, 9, 3, 4),
        event(0, 2, 5, 6),
        event(1, 11, 7, 8),
    ]);
    assert_eq!(recording.events.t, [649, 642, 651]);
}

/// faery and expelliarmus give such events times below 64 us.
#[test]
fn nothing_before_the_first_time_high_has_a_time() {
    let recording = read(&[
        event(1, 9, 3, 4),
        event(0, 2, 5, 6),
        trigger(3, 1, 1),
        time_high(50_000_000),
        event(1, 11, 7, 8),
    ]);
    assert_eq!(recording.rows(), [(3_200_000_011, 7, 8, 1)]);
    assert_eq!(recording.losses(), [(NO_TIME, 3)]);
    let header = raw("EVT2", &[]).len();
    let first = format!("a.raw: byte {header}");
    assert_eq!(recording.report.losses[0].examples, [first]);
}

/// faery, expelliarmus, evlib and eventcv drop them.
#[test]
fn triggers_are_a_side_stream_on_the_clock_of_the_events() {
    let recording = read(&[
        time_high(0xfff_ffff),
        event(1, 9, 3, 4),
        trigger(10, 5, 1),
        time_high(0),
        trigger(12, 31, 0),
        event(0, 12, 5, 6),
    ]);
    let t = 1 << 34;
    assert_eq!(
        recording.triggers(),
        [(t - 54, true, 5), (t + 12, false, 31)]
    );
    assert_eq!(recording.events.t, [t - 55, t + 12]);
}

/// expelliarmus stops with an error.
#[test]
fn words_of_other_kinds_are_counted_and_passed_over() {
    let words = [
        time_high(10),
        event(1, 9, 3, 4),
        0x7000_007b,
        0xe000_0014,
        0xf000_0063,
        0xd000_0000,
        event(0, 12, 5, 6),
    ];
    let recording = read(&words);
    assert_eq!(recording.rows(), [(649, 3, 4, 1), (652, 5, 6, 0)]);
    assert_eq!(
        recording.losses(),
        [("words of a kind that is not read", 2)]
    );
    let at = raw("EVT2", &[]).len() + 8;
    let place = format!("a.raw: byte {at}");
    assert_eq!(recording.report.losses[0].examples, [place]);
    assert_eq!(
        recording.notes(),
        ["left out: 2 words with counters of the sensor (OTHERS and CONTINUED)"]
    );
}

/// faery reads such a header as if there were none; the events after it become garbage.
#[test]
fn a_header_need_not_be_utf8() {
    let mut file = b"% owner Ren\xe9\n".to_vec();
    file.extend(raw("EVT2", &bytes(&[time_high(10), event(1, 9, 3, 4)])));
    let recording = read_all(&file);
    assert_eq!(recording.rows(), [(649, 3, 4, 1)]);
    let header = recording.info.metadata["source.header"].as_bytes().unwrap();
    assert_eq!(header, &file[..file.len() - 8]);
}

#[test]
fn old_headers_name_camera_and_version_only() {
    let mut file = b"% Date 2020-09-25 07:48:31\n% system_ID 21\n% evt 2.0\n".to_vec();
    file.extend(bytes(&[time_high(10), event(1, 9, 3, 4)]));
    let recording = read_all(&file);
    assert_eq!(recording.rows(), [(649, 3, 4, 1)]);
    let size = SensorSize {
        width: 640,
        height: 480,
    };
    assert_eq!(recording.info.size, Some(size));
    assert_eq!(
        recording.report.inferred,
        ["640x480 pixels: cameras of system_ID 21 have them"]
    );
}

/// Without `% end`, the first bytes of the events may be those of a line.
#[test]
fn events_that_look_like_a_header_are_events() {
    let mut file = b"% evt 2.0\n% geometry 640x480\n".to_vec();
    // The bytes of the first word are `% \0\0`: an event before any time.
    let words = [
        0x0000_2025,
        time_high(10),
        event(1, 9, 3, 4),
        time_high(0x0a),
    ];
    file.extend(bytes(&words));
    let recording = read_all(&file);
    assert_eq!(recording.rows(), [(649, 3, 4, 1)]);
    assert_eq!(recording.losses(), [(NO_TIME, 1)]);
    assert!(recording.report.inferred[0].starts_with("the header ends at byte 29"));
}

/// Other readers than faery, which writes it, lose the absolute time.
#[test]
fn the_time_that_faery_takes_off_is_added() {
    let mut file = b"% evt 2.0\n% geometry 640x480\n% t0 1589163147368868\n".to_vec();
    let words = [time_high(10), event(1, 9, 3, 4), trigger(10, 0, 1)];
    file.extend(bytes(&words));
    let recording = read_all(&file);
    assert_eq!(recording.events.t, [1_589_163_147_369_517]);
    assert_eq!(recording.triggers()[0].0, 1_589_163_147_369_518);
}

/// faery stops with an error, eventcv drops them without a word.
#[test]
fn events_beyond_the_sensor_are_kept_and_counted() {
    let recording = read(&[
        time_high(10),
        event(1, 9, 1280, 4),
        event(0, 9, 5, 720),
        event(0, 9, 1279, 719),
    ]);
    assert_eq!(recording.events.x, [1280, 5, 1279]);
    assert_eq!(
        recording.notes(),
        ["2 events lie beyond the sensor of 1280x720: x reaches 1280, y reaches 720"]
    );
    assert!(recording.losses().is_empty());
}
