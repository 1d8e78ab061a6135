//! A command with little memory does its work, or says in a line that there is none.

#![cfg(target_os = "linux")]

mod cli_common;

use std::io::Write;
use std::process::Command;

use cli_common::{Folder, Run};
use evz_core::{
    Event, EventBatch, Metadata, SideColumn, SideRows, SideValues, StreamInfo, TimeBase,
};
use evz_file::WriteOptions;
use evz_file::wire::SideDeclaration;

/// Runs the command with so many KiB of address space.
fn within(folder: &Folder, kib: u32, args: &str) -> Run {
    let evz = env!("CARGO_BIN_EXE_evz");
    let script = format!("ulimit -v {kib} && exec '{evz}' {args}");
    let mut command = Command::new("sh");
    let output = command
        .args(["-c", &script])
        .current_dir(folder.path("."))
        .output();
    Run::of(output.unwrap())
}

#[test]
fn without_memory_there_is_an_error_and_no_abort() {
    let folder = Folder::with_events(300_000);
    let expected = folder.run(&["digest", "events.evz"]).ends(0);
    let (mut done, mut refused) = (0, 0);
    for kib in [
        10_000, 20_000, 30_000, 45_000, 60_000, 90_000, 150_000, 300_000, 900_000,
    ] {
        // In less the program itself cannot be loaded.
        if within(&folder, kib, "--version").code != Some(0) {
            continue;
        }
        for args in [
            "convert events.txt out.evz --force",
            "convert events.evz out.parquet --force",
            "convert events.txt out.evz --force --on-unsorted sort",
            "render events.txt -o out.npy --mode voxel --fps 100 --size 1280x720 --force --large",
            "digest events.evz",
            "verify events.evz",
        ] {
            let run = within(&folder, kib, args);
            match run.code {
                Some(0) if args.starts_with("digest") => {
                    assert_eq!(run.out, expected.out);
                    done += 1;
                }
                Some(0) => done += 1,
                code => {
                    assert_eq!(code, Some(1), "{args} in {kib} KiB: {}", run.err);
                    let last = run.err.lines().last().unwrap_or_default();
                    let said = last.starts_with("evz: ") || last.contains("shared libraries");
                    assert!(said, "{args} in {kib} KiB: {}", run.err);
                    refused += 1;
                }
            }
            let left = folder.names().iter().any(|name| name.ends_with(".partial"));
            assert!(!left, "{args} in {kib} KiB: {:?}", folder.names());
        }
    }
    assert!(done > 10 && refused > 5, "{done} done, {refused} refused");
}

#[test]
fn frames_draw_on_what_may_be_taken() {
    let folder = Folder::with_events(1_000);
    let render = [
        "render",
        "events.txt",
        "-o",
        "out.npy",
        "--large",
        "--force",
    ];
    let large = ["--size", "20000x20000", "--mode", "voxel"];
    let run = folder.run(&[&render[..], &large].concat()).ends(1);
    let (what, enough) = run
        .err
        .trim_end()
        .rsplit_once("pass --max-memory ")
        .unwrap();
    assert!(what.contains("20000x20000"), "{what}");
    assert!(enough.ends_with("GiB"), "{enough}");
    let small = ["--size", "320x240", "--max-memory", "1KiB"];
    let run = folder.run(&[&render[..], &small].concat()).ends(1);
    let (_, enough) = run
        .err
        .trim_end()
        .rsplit_once("pass --max-memory ")
        .unwrap();
    let told = ["--size", "320x240", "--max-memory", enough];
    folder.run(&[&render[..], &told].concat()).ends(0);
}

/// Text as `zstd --long=31` packs what it is piped is whole, and asks for 2 GiB to be unpacked.
#[test]
fn a_window_of_zstd_draws_on_it_too() {
    let folder = Folder::with_events(1_000);
    let mut packed = zstd::Encoder::new(Vec::new(), 1).unwrap();
    packed.write_all(&folder.read("events.txt")).unwrap();
    let mut packed = packed.finish().unwrap();
    assert!(packed[4] & 0x20 == 0, "its header says a window");
    packed[5] = (31 - 10) << 3;
    folder.write("events.txt.zst", &packed);
    let digest = ["digest", "events.txt.zst"];
    let run = folder.run(&digest).ends(1);
    let says = "evz: events.txt.zst: the window of its zstd frame takes 2GiB, and 1GiB may be taken in all";
    let run = run.says(says);
    let (_, enough) = run
        .err
        .trim_end()
        .rsplit_once("pass --max-memory ")
        .unwrap();
    let unpacked = folder.run(&["digest", "events.txt"]).ends(0);
    let told = folder
        .run(&[&digest[..], &["--max-memory", enough]].concat())
        .ends(0);
    assert_eq!(
        told.text().split_once(' ').unwrap().0,
        unpacked.text().split_once(' ').unwrap().0
    );
    // What the system does not give is no damage either.
    let run = within(
        &folder,
        1_500_000,
        "digest events.txt.zst --max-memory 4GiB",
    );
    let run = run.ends(1).says("evz: events.txt.zst: cannot read: ");
    assert!(!run.err.contains("damaged"), "{}", run.err);
}

/// What is made of frames draws on the same: under a limit of the system that it would not fit in, it is refused in
/// the words of our own.
#[test]
fn what_frames_become_draws_on_it_too() {
    let folder = Folder::with_events(1_000);
    for args in [
        "render events.evz -o out.npy --at 1ms --resize 30000x30000",
        "render events.evz -o out.npz --at 1ms --resize 30000x30000",
        "render events.evz -o out.npy --at 1ms --mode voxel --bins 50 --resize 8000x8000 --resize-by bilinear",
        "render events.evz -o out.npy --at 1ms --resize 65536x16384",
        "render events.evz -o out.npy --at 1ms --pad-to 30000x30000",
        "render events.evz -o out.npy --window 10us --resize 20000x20000 --resize-by area",
        "render events.txt -o out.npy --window 10us --resize 20000x20000 --size 320x240",
        "render events.evz -o out.png --size 12000x12000 --upscale 1",
        "render events.evz -o out.gif --size 12000x12000 --upscale 1 --window 10us",
    ] {
        let large = if args.contains(".np") { " --large" } else { "" };
        let run = within(&folder, 2_500_000, &format!("{args}{large}"));
        run.ends(1).says("may be taken in all; pass --max-memory");
        assert_eq!(folder.names(), ["events.evz", "events.txt"], "{args}");
    }
    // What fits is made: of many frames as many at a time.
    let fits = "render events.evz -o out.npy --window 100us --resize 2000x2000";
    within(&folder, 2_500_000, fits).ends(0).says("10 frames");
}

/// A file of some kilobytes with rows that take 64 MiB, in four batches, and events beside them.
fn with_rows(folder: &Folder) {
    let n = 1 << 20;
    let columns = ["a", "b"].map(|name| SideColumn::new(name, SideValues::F32(vec![0.0; n])));
    let rows = SideRows {
        t: vec![0; n],
        ..SideRows::new("imu", columns.into())
    };
    let base = TimeBase::MICROSECONDS;
    let options = WriteOptions::new();
    let mut writer = options
        .write_to(Vec::new(), &StreamInfo::new(base))
        .unwrap();
    let imu = SideDeclaration {
        name: "imu".to_owned(),
        schema: evz_table::schema_to_ipc(&rows, base).unwrap(),
        ..SideDeclaration::default()
    };
    let imu = writer.add_side_stream(imu).unwrap();
    let messages = evz_table::rows_to_ipc(&rows, base).unwrap();
    for _ in 0..4 {
        writer
            .write_side_batch(imu, &messages, n as u64, (0, 0))
            .unwrap();
    }
    let event = |t| Event {
        t,
        x: 1,
        y: 2,
        p: 1,
    };
    let events: EventBatch = (0..1_000).map(event).collect();
    writer.write_batch(events.as_slice()).unwrap();
    let file = writer.finish_into(&Metadata::new()).unwrap().0;
    assert!(file.len() < 50_000, "{}", file.len());
    folder.write("rows.evz", &file);
}

/// Rows of side streams are refused in one line where they take more than they may, and are never lost for that.
#[test]
fn rows_of_side_streams_draw_on_it_too() {
    let folder = Folder::new();
    with_rows(&folder);
    let run = |args: &str| {
        let args: Vec<&str> = args.split(' ').collect();
        folder.run(&args)
    };
    // A batch is 16 MiB, and 48 while it is read: one of them does not fit, or all of them together.
    for (args, most) in [
        ("convert rows.evz out.evz", "30MiB"),
        ("convert rows.evz out.csv --stream imu", "30MiB"),
        ("verify rows.evz", "30MiB"),
        ("recover rows.evz out.evz", "30MiB"),
        ("render rows.evz -o out.npy --at stream:imu", "90MiB"),
    ] {
        let said = run(&format!("{args} --max-memory {most}")).ends(1);
        said.says("imu")
            .says("may be taken in all; pass --max-memory");
        assert_eq!(folder.names(), ["rows.evz"], "{args}");
    }
    let said = run("pack rows.evz out.evz --max-memory 90MiB").ends(2);
    said.says("imu")
        .says("may be taken in all; pass --max-memory");
    assert_eq!(folder.names(), ["rows.evz"]);
    // What passes them on has one batch at a time, and what takes the events alone has none.
    for args in [
        "convert rows.evz out.evz --max-memory 90MiB",
        "convert rows.evz out.csv --stream imu --force --max-memory 90MiB",
        "verify rows.evz --max-memory 90MiB",
        "recover rows.evz out.evz --force --max-memory 90MiB",
        "pack rows.evz out.evz --force --max-memory 256MiB",
        "digest rows.evz --max-memory 1MiB",
        "digest rows.evz --background 2ms --max-memory 1MiB",
        "digest rows.evz --flip x --size 10x10 --max-memory 1MiB",
        "rate rows.evz --background 2ms --max-memory 1MiB",
        "rate out.evz --sample 0 --max-memory 1MiB",
        "digest out.evz --sample 0 --max-memory 1MiB",
    ] {
        run(args).ends(0);
    }
    for more in [
        "",
        " --flip x --size 10x10",
        " --from 10us",
        " --on-unsorted sort",
    ] {
        let args = "convert rows.evz out.npy --events-only --force --max-memory 1MiB";
        let said = run(&format!("{args}{more}")).ends(0);
        said.says("as told: 1 side stream")
            .says("imu: 4194304 rows");
    }
}

/// What may be taken is shared by files that are read side by side: of those that fit alone comes what comes of
/// them where there is room for all.
#[test]
fn files_that_fit_alone_fit_beside_others() {
    let folder = Folder::new();
    with_rows(&folder);
    let names: Vec<String> = (0..3).map(|number| format!("{number}.evz")).collect();
    for made in ["all", "room", "room/converted", "room/unpacked"] {
        std::fs::create_dir(folder.path(made)).unwrap();
    }
    for name in &names {
        folder.write(&format!("all/{name}"), &folder.read("rows.evz"));
    }
    let run = |args: &str, more: &[&str]| {
        let args: Vec<&str> = args.split(' ').collect();
        folder.run(&[&args, more].concat()).ends(0);
    };
    for number in ["0", "1", "2"] {
        run(
            &format!("convert all/{number}.evz room/converted/{number}.evz"),
            &[],
        );
    }
    run("pack all room/pack.evz", &[]);
    run("unpack room/pack.evz room/unpacked/", &[]);
    for threads in ["1", "2", "4"] {
        // A batch takes 48 MiB while it is read, and all rows of a file 64 where they are kept.
        let told = |most| ["--force", "--threads", threads, "--max-memory", most];
        run("convert all converted/", &told("90MiB"));
        run("pack all pack.evz", &told("128MiB"));
        run("unpack pack.evz unpacked/", &told("90MiB"));
        let same = |made: &str| {
            let expected = folder.read(&format!("room/{made}"));
            assert!(folder.read(made) == expected, "{made} on {threads} threads");
        };
        same("pack.evz");
        for name in &names {
            same(&format!("converted/{name}"));
            same(&format!("unpacked/{name}"));
        }
    }
}

/// Times of a clock that counts from long before: frames of nothing are not begun.
#[test]
fn windows_do_not_begin_long_before_the_events() {
    let folder = Folder::new();
    folder.write(
        "epoch.csv",
        b"t,x,y,p\n1589163147000000,1,2,1\n1589163147000100,2,3,0\n",
    );
    let told = ["--time-unit", "us", "--size", "10x10"];
    let convert = ["convert", "epoch.csv", "epoch.evz"];
    folder.run(&[&convert[..], &told].concat()).ends(0);
    let render = [
        "render",
        "epoch.evz",
        "-o",
        "out.npy",
        "--window",
        "1s",
        "--force",
        "--from",
    ];
    folder
        .run(&[&render[..], &["@0s"]].concat())
        .ends(1)
        .says("1,589,163,147 windows begin before the first event")
        .says("pass --from 0s");
    folder.run(&[&render[..], &["0s"]].concat()).ends(0);
    // An end alone says nothing of a start.
    let to = [
        "render",
        "epoch.evz",
        "-o",
        "out.npy",
        "--window",
        "1ms",
        "--force",
        "--to",
        "1s",
    ];
    folder.run(&to).ends(0);
}
