//! Frames on a machine without a GPU.

mod cli_common;

use cli_common::Folder;

/// Without a driver, `auto` says so once and takes the CPU, and `cuda` is an error.
#[test]
fn without_a_driver_the_cpu_makes_the_frames() {
    let folder = Folder::with_events(3_000);
    let render = |name: &str, device: &str| {
        let size = ["--count", "1000", "--size", "320x240"];
        let args = ["render", "events.evz", "-o", name, "--device", device];
        folder.run(&[&args[..], &size].concat())
    };
    render("cpu.npy", "cpu").ends(0);
    let cuda = render("cuda.npy", "cuda");
    if cuda.code == Some(0) {
        println!("skipped: there is a GPU");
        return;
    }
    cuda.ends(1).says("no GPU: ");
    let auto = render("auto.npy", "auto").ends(0).says("; using the CPU");
    assert_eq!(auto.err.matches("no GPU").count(), 1, "{}", auto.err);
    assert!(folder.read("auto.npy") == folder.read("cpu.npy"));
    assert!(!folder.names().contains(&"cuda.npy".to_owned()));
    let text = [
        "render",
        "events.txt",
        "-o",
        "t.npy",
        "--count",
        "9",
        "--size",
        "320x240",
    ];
    folder
        .run(&[&text[..], &["--device", "cuda"]].concat())
        .ends(2)
        .says("only an .evz file");
    folder
        .run(&[&text[..], &["--device", "auto"]].concat())
        .ends(0)
        .says("using the CPU");
}
