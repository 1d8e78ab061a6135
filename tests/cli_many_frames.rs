//! A recording with a time that is far from all others does not make frames without end.

mod cli_common;

use cli_common::Folder;

const MOST: &str = "and more than 1,048,576 are not made unless told";

/// Three events, of which the last is 200,000 years behind the others.
const FAR: &str = "0 0 0 1\n10 1 1 0\n6311520000000000000 2 2 1\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("far.txt", FAR.as_bytes());
    let told = "convert far.txt far.evz --size 4x4 --time-unit us";
    folder.run(&told.split(' ').collect::<Vec<_>>()).ends(0);
    folder
}

#[test]
fn no_output_has_frames_without_end() {
    let folder = folder();
    std::fs::create_dir(folder.path("pictures")).unwrap();
    let before = folder.names();
    for output in [
        "out.gif --fps 30",
        "out.apng --fps 30",
        "out.y4m",
        "out.rgb --window 1us",
        "pictures/ --window 1us",
        "out.png --window 1us",
        "out.npy --window 1us",
        "out.npz --window 1us",
        "- --output-format y4m",
    ] {
        for input in [
            "far.evz",
            "far.txt --size 4x4 --time-unit us",
            "- --size 4x4 --time-unit us",
        ] {
            let (file, told) = input.split_once(' ').unwrap_or((input, "--force"));
            let line = format!("render {file} {told} -o {output}");
            let args: Vec<&str> = line.split(' ').collect();
            let run = folder.run_with(&args, FAR.as_bytes());
            assert_eq!(run.code, Some(2), "{line}: {}", run.err);
            let run = run
                .says(MOST)
                .says("pass --large, or make fewer or smaller frames");
            assert!(
                run.err.contains("far.") || run.err.contains("standard input"),
                "{line}"
            );
        }
    }
    let left = std::fs::read_dir(folder.path("pictures")).unwrap().count();
    // Of what is read once, pictures are written until it is known that there are too many.
    assert!(left < 10_000, "{left}");
    assert_eq!(folder.names().len(), before.len(), "{:?}", folder.names());
    let bench = ["bench", "render", "far.evz", "--window", "1us"];
    folder
        .run(&bench)
        .ends(2)
        .says(MOST)
        .says("make fewer frames");
}

#[test]
fn so_many_are_made_and_one_more_if_told() {
    let folder = Folder::new();
    let text = |last: u64| format!("0 0 0 1\n{last} 0 0 0\n");
    let render = |last: u64, more: &[&str]| {
        let args = "render - -o out.npy --size 1x1 --time-unit us --window 1us --force";
        let args: Vec<&str> = args.split(' ').chain(more.iter().copied()).collect();
        folder.run_with(&args, text(last).as_bytes())
    };
    render((1 << 20) - 1, &[]).ends(0).says("1,048,576 frames");
    render(1 << 20, &[])
        .ends(2)
        .says("1,048,577 frames")
        .says(MOST);
    render(1 << 20, &["--large"])
        .ends(0)
        .says("1,048,577 frames");
}
