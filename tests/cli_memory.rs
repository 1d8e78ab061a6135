//! A command with little memory does its work, or says in a line that there is none.

#![cfg(target_os = "linux")]

mod cli_common;

use std::process::Command;

use cli_common::{Folder, Run};

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
