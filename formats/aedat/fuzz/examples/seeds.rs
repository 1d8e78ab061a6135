//! Makes the seeds of the three targets: a small recording of each kind, without its first line.

#[path = "../../tests/common/mod.rs"]
mod common;

use std::path::Path;

use common::{event, v2, v3, v4};

/// Bytes of the first line that the targets put in front: `#!AER-DAT4.0`.
const FIRST_LINE: usize = 12;

fn main() -> std::io::Result<()> {
    let seeds = [
        ("aedat4_decode", aedat4()),
        ("aedat3_decode", aedat3()),
        ("aedat2_decode", aedat2()),
    ];
    for (target, files) in seeds {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(target);
        std::fs::create_dir_all(&folder)?;
        for (name, bytes) in files {
            std::fs::write(folder.join(name), &bytes[FIRST_LINE..])?;
        }
    }
    Ok(())
}

fn aedat4() -> Vec<(&'static str, Vec<u8>)> {
    let streams = [
        v4::stream(0, "EVTS", "events"),
        v4::stream(1, "FRME", "frames"),
        v4::stream(2, "IMUS", "imu"),
        v4::stream(3, "TRIG", "triggers"),
    ];
    let events = [
        event(10, 1, 2, 1),
        event(15, 345, 259, 0),
        event(16, 3, 3, 0),
    ];
    let mixed = |compression| {
        v4::File::new(compression, &streams)
            .events(0, &events)
            .packet(
                1,
                &v4::old_frame([6, 1, 9, 4, 8], 0, [2, 3], &[1, 2, 3, 4, 5, 6]),
            )
            .packet(1, &v4::new_frame(6, 500, 1, [1, 1], &[7]))
            .packet(2, &v4::imu_packet(&[(7, [1.0; 10]), (8, [2.0; 10])]))
            .packet(3, &v4::trigger_packet(&[(7, 1), (8, 2)]))
            .events(0, &events)
    };
    let stereo = [streams[0], v4::stream(4, "EVTS", "events")];
    let bare = v4::File::with_xml(v4::NONE, "")
        .events(0, &events)
        .events(1, &events);
    vec![
        ("none", mixed(v4::NONE).finish()),
        ("lz4", mixed(v4::LZ4).finish()),
        ("zstd", mixed(v4::ZSTD).finish()),
        ("no-table", mixed(v4::NONE).bytes),
        (
            "stereo",
            v4::File::new(v4::NONE, &stereo)
                .events(0, &events)
                .events(4, &events)
                .finish(),
        ),
        ("no-description", bare.bytes),
    ]
}

fn aedat3() -> Vec<(&'static str, Vec<u8>)> {
    let events = [
        v3::polarity(10, 1, 2, 1, true),
        v3::polarity(11, 3, 4, 0, false),
    ];
    let mut mixed = v3::header(&["#Source 1: DAVIS240C"]);
    mixed.extend(v3::packet(v3::CONFIG, 1, 0, 1, &[vec![1; 10]]));
    mixed.extend(v3::packet(v3::POLARITY, 1, 0, 3, &events));
    mixed.extend(v3::packet(
        v3::SPECIAL,
        1,
        0,
        2,
        &[v3::special(12, 2), v3::special(13, 1)],
    ));
    mixed.extend(v3::packet(
        v3::FRAME,
        1,
        0,
        1,
        &[v3::frame([1, 2, 3, 4], 3, [1, 1], &[1, 2, 3])],
    ));
    mixed.extend(v3::packet(v3::IMU6, 1, 0, 1, &[v3::imu(16, &[1.0; 7])]));
    mixed.extend(v3::packet(v3::IMU9, 1, 0, 1, &[v3::imu(16, &[1.0; 10])]));
    mixed.extend(v3::packet(v3::POLARITY, 2, 1, 2, &events));
    let mut two = v3::header(&["#Source 0: DVS128", "#Source 1: DVS128"]);
    two.extend(v3::packet(v3::POLARITY, 1, 0, 2, &events));
    let mut zero = v3::header_of_3_0(&["#Source 1: DAVIS240C"]);
    zero.extend(v3::packet(v3::POLARITY, 1, 0, 3, &events));
    zero.extend(v3::packet(
        v3::FRAME,
        1,
        0,
        1,
        &[v3::frame([1, 2, 3, 4], 1, [1, 2], &[1, 2])],
    ));
    vec![("mixed", mixed), ("two-devices", two), ("of-3.0", zero)]
}

fn aedat2() -> Vec<(&'static str, Vec<u8>)> {
    let mut addresses = vec![
        v2::davis(5, 140, 0),
        v2::davis(1, 2, 1),
        v2::aps(1, 1, 0, 7),
    ];
    addresses.extend((0..7).map(|code| v2::imu(code, 9)));
    addresses.extend([v2::DAVIS_EXTERNAL, v2::davis(7, 7, 1)]);
    let mut davis = v2::header(Some("eu.seebetter.ini.chips.davis.DAVIS240C"));
    (10..)
        .zip(&addresses)
        .for_each(|(t, &a)| davis.extend(v2::record(a, t)));
    let mut nameless = v2::header(None);
    (u32::MAX - 5..=u32::MAX)
        .zip(&addresses)
        .for_each(|(t, &a)| nameless.extend(v2::record(a, t)));
    let mut dvs128 = v2::header(Some("ch.unizh.ini.jaer.chip.retina.DVS128"));
    for address in [
        v2::dvs128(1, 2, 0),
        v2::DVS128_EXTERNAL,
        v2::dvs128(127, 127, 1),
    ] {
        dvs128.extend(v2::record(address, 10));
    }
    vec![("davis", davis), ("nameless", nameless), ("dvs128", dvs128)]
}
