//! Frames on a machine without a GPU, or with one that is not to be trusted.

mod cli_common;

use std::path::Path;
use std::process::Command;

use cli_common::{Folder, Run};

/// The folder of the driver that `crates/cuda/shim` builds, for tests of what it does.
const FAKE_DRIVER: &str = "EVZ_FAKE_DRIVER";

/// Frames of `events.evz`, enough of them that some are left once a thread has begun the first.
fn render(folder: &Folder, name: &str, device: &str) -> Command {
    let size = ["--count", "50", "--size", "320x240"];
    let args = ["render", "events.evz", "-o", name, "--device", device];
    let mut command = folder.command(&[&args[..], &size].concat());
    command.env("RAYON_NUM_THREADS", "1");
    command
}

fn ended(command: &mut Command) -> Run {
    Run::of(command.output().expect("the command ends"))
}

/// A GPU that starts at once is tried for whatever is left.
const AT_ONCE: (&str, &str) = ("EVZ_GPU_START", "0");

/// Without a driver, `auto` says so once and takes the CPU, and `cuda` is an error.
#[test]
fn without_a_driver_the_cpu_makes_the_frames() {
    let folder = Folder::with_events(3_000);
    let render =
        |name: &str, device: &str| ended(render(&folder, name, device).env(AT_ONCE.0, AT_ONCE.1));
    render("cpu.npy", "cpu").ends(0);
    let cuda = render("cuda.npy", "cuda");
    if cuda.code == Some(0) {
        println!("skipped: there is a GPU");
        return;
    }
    cuda.ends(1).says("no GPU: ");
    let auto = render("auto.npy", "auto").ends(0);
    let auto = auto.says("auto: the CPU; no GPU: ");
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
        .says("auto: the CPU; only an .evz file");
}

/// What the CPU has made before a GPU would have started starts none, and says nothing of one.
#[test]
fn a_short_recording_starts_no_gpu() {
    let folder = Folder::with_events(300);
    let said = ended(&mut render(&folder, "short.npy", "auto")).ends(0);
    let said = said.says("auto: the CPU; waiting for its frames took ");
    assert_eq!(said.err.matches("GPU").count(), 1, "{}", said.err);
    let command = &mut render(&folder, "bad.npy", "auto");
    ended(command.env(AT_ONCE.0, "soon"))
        .ends(2)
        .says("EVZ_GPU_START=soon: it is no number of seconds");
}

/// The commands of the page on GPUs run as they stand there; those that need a GPU, where there is a
/// fake one.
#[test]
fn the_commands_of_the_page_run() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gpu.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    let commands = page.lines().filter_map(|line| line.strip_prefix("evz "));
    let driver = std::env::var_os(FAKE_DRIVER);
    let (folder, mut ran) = (Folder::new(), Vec::new());
    for args in commands.map(|line| line.split(' ').collect::<Vec<_>>()) {
        let needs_gpu = args.ends_with(&["--device", "cuda"]);
        if needs_gpu && driver.is_none() {
            println!("skipped: {args:?}, as {FAKE_DRIVER} names no driver");
            continue;
        }
        let mut command = folder.command(&args);
        if let Some(driver) = &driver {
            command.env("LD_LIBRARY_PATH", driver);
        }
        let run = ended(&mut command).ends(0);
        let auto = args.ends_with(&["--device", "auto"]);
        assert_eq!(run.err.contains("auto: the "), auto, "{}", run.err);
        ran.push(args[0]);
    }
    assert!(ran.starts_with(&["synth", "render"]), "{ran:?}");
}

/// Kernels that decode wrongly on a GPU make no frames: `auto` says so and takes the CPU, and `cuda`
/// is an error.
#[test]
fn a_gpu_that_decodes_wrongly_makes_no_frames() {
    let Some(driver) = std::env::var_os(FAKE_DRIVER) else {
        println!("skipped: {FAKE_DRIVER} names no driver");
        return;
    };
    let folder = Folder::with_events(3_000);
    let render = |name: &str, device: &str, kernel: &str| -> Run {
        let mut command = render(&folder, name, device);
        command.env("LD_LIBRARY_PATH", &driver);
        command.env("EVZ_SHIM_WRONG", kernel);
        ended(command.env(AT_ONCE.0, AT_ONCE.1))
    };
    render("cpu.npy", "cpu", "").ends(0);
    render("right.npy", "cuda", "").ends(0);
    assert!(folder.read("right.npy") == folder.read("cpu.npy"));
    // Which one is faster here does not matter.
    let auto = render("auto.npy", "auto", "")
        .ends(0)
        .says(" frames/s where the ");
    assert!(auto.err.contains("auto: the "), "{}", auto.err);
    assert!(folder.read("auto.npy") == folder.read("cpu.npy"));
    for (kernel, profile) in [("evz_decode_fast", "fast"), ("evz_small_cells", "small")] {
        let wrong = format!("decodes the profile {profile} wrongly: 1 of 3000 events");
        let (auto, cuda) = (format!("{profile}-auto.npy"), format!("{profile}-cuda.npy"));
        render(&cuda, "cuda", kernel)
            .ends(1)
            .says("evz: no GPU: this GPU (host shim, CUDA ")
            .says(&wrong)
            .says("--device cpu");
        assert!(!folder.names().contains(&cuda));
        render(&auto, "auto", kernel)
            .ends(0)
            .says("auto: the CPU; no GPU: this GPU (host shim, CUDA ")
            .says(&wrong);
        assert!(folder.read(&auto) == folder.read("cpu.npy"));
    }
}
