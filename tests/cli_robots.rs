//! Recordings of robots, by the command.

mod cli_common;

use cli_common::Folder;

/// A folder with one of the files that `formats/ros/tests/make.py` writes.
fn folder(name: &str) -> Folder {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("formats/ros/tests/data");
    let folder = Folder::new();
    folder.write(name, &std::fs::read(data.join(name)).unwrap());
    folder
}

fn digest(folder: &Folder, args: &[&str]) -> String {
    let run = folder.run(&[&["digest"], args].concat()).ends(0);
    run.text().split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn topics_become_event_streams() {
    let folder = folder("stereo.bag");
    folder
        .run(&["digest", "stereo.bag"])
        .ends(1)
        .says("--stream /rig/left/events or /rig/right/events");
    folder.run(&["convert", "stereo.bag", "rig.evz"]).ends(0);
    for topic in ["/rig/left/events", "/rig/right/events"] {
        let of = |file| digest(&folder, &[file, "--stream", topic]);
        assert_eq!(of("stereo.bag"), of("rig.evz"));
    }
}

#[test]
fn packings_and_containers_hold_the_same() {
    let first = digest(&folder("dvs.bag"), &["dvs.bag"]);
    for name in ["dvs_lz4.bag", "dvs_zstd.mcap", "dvs.db3", "dvs.db3.zstd"] {
        assert_eq!(digest(&folder(name), &[name]), first, "{name}");
    }
}

#[test]
fn exit_code_is_3_for_a_bag_that_is_cut() {
    let folder = folder("dvs.bag");
    let whole = folder.read("dvs.bag");
    folder.write("cut.bag", &whole[..12_000]);
    let said = "lost: 1 chunk that the file ends in";
    folder.run(&["digest", "cut.bag"]).ends(3).says(said);
    let imu = ["cat", "dvs.bag", "--stream", "imu"];
    let rows = folder.run(&imu).ends(0);
    assert!(
        rows.text().starts_with("t,orientation_x,"),
        "{}",
        rows.text()
    );
}
