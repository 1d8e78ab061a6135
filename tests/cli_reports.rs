//! What a recording's reading met is said by every verb that reads it, and ends it with 3.

mod cli_common;
mod common;

use cli_common::Folder;

/// The frames of a real recording.
const FRAMES: usize = 59;
const DAMAGED: usize = 3;

/// A real recording with three packets of camera frames that are no LZ4 frames any more, as `a.aedat4`.
fn damaged() -> Option<Folder> {
    let mut bytes = std::fs::read(common::recordings()?.join("davis346.aedat4")).unwrap();
    let magic = [0x04, 0x22, 0x4d, 0x18];
    let mut starts: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..*at + 4] == magic)
        .collect();
    starts.push(bytes.len());
    // A frame of 346x260 pixels is larger by far than a packet of anything else.
    let frames: Vec<usize> = (starts.windows(2))
        .filter(|two| two[1] - two[0] > 50_000)
        .map(|two| two[0])
        .collect();
    assert_eq!(frames.len(), FRAMES);
    for at in &frames[10..10 + DAMAGED] {
        bytes[*at..*at + 4].fill(0xff);
    }
    let folder = Folder::new();
    folder.write("a.aedat4", &bytes);
    Some(folder)
}

#[test]
fn no_verb_drops_what_its_source_reports() {
    let Some(folder) = damaged() else {
        return;
    };
    let by_index = [false, true];
    for indexed in by_index {
        if indexed {
            let run = folder.run(&["index", "a.aedat4"]).ends(3);
            let _ = run.says("3 damaged packets");
        }
        for verb in [
            "convert a.aedat4 out.evz",
            "convert a.aedat4 out.csv",
            "convert a.aedat4 out.parquet",
            "convert a.aedat4 out.raw",
            "convert a.aedat4 out.evz --on-unsorted sort",
            "convert a.aedat4 out.evz --background 1ms",
            "convert a.aedat4 out.evz --from 0s --to 9s",
            "convert a.aedat4 out.parquet --stream frames",
            "convert a.aedat4 out.arrow --stream frames --from 0s",
            "cat a.aedat4",
            "cat a.aedat4 --stream frames",
            "render a.aedat4 -o out.npy --fps 10",
            "render a.aedat4 -o out.npy --count 1000",
            "render a.aedat4 -o out.npy --mode voxel --frames 4",
            "render a.aedat4 -o out.npy --at stream:frames --window 1ms",
            "render a.aedat4 -o out.npy --at stream:frames --window 1ms --from 0s --to 100ms",
            "render a.aedat4 -o out.png",
            "render a.aedat4 -o out.gif --over frames",
            "render a.aedat4 -o out.gif --mark triggers",
            "render a.aedat4 -o out.gif --mark triggers --mark imu",
            "render a.aedat4 -o pictures_%03d.png --stream frames",
            "rate a.aedat4",
            "digest a.aedat4",
            "info a.aedat4",
            "info a.aedat4 --full",
            "info a.aedat4 --json",
        ] {
            let mut args: Vec<&str> = verb.split(' ').collect();
            let writes = ["convert", "render"].contains(&args[0]);
            args.extend(writes.then_some("--force"));
            let run = folder.run(&args);
            assert_eq!(run.code, Some(3), "{verb}, by index {indexed}: {}", run.err);
            let told = run.err.matches("lost: 3 damaged packets").count();
            assert_eq!(told, 1, "{verb}, by index {indexed}: {}", run.err);
        }
        let frames = format!("{} pictures of frames", FRAMES - DAMAGED);
        let render = [
            "render",
            "a.aedat4",
            "-o",
            "p_%03d.png",
            "--stream",
            "frames",
            "--force",
        ];
        let _ = folder.run(&render).ends(3).says(&frames);
    }
}
