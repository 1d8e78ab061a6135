//! What stands under an output's name after power cuts, signals and replacements.

#![cfg(unix)]

mod cli_common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cli_common::{Folder, Run, text};

/// Runs a program of the system; whether it is there and did its work.
fn system(program: &str, args: &[&Path]) -> bool {
    let output = Command::new(program).args(args).output();
    output.is_ok_and(|output| output.status.success())
}

/// Whether this process has the right to mount (CAP_SYS_ADMIN), and the system has what a file is mounted by.
fn may_mount() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let rights = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let rights = rights.and_then(|rights| u64::from_str_radix(rights.trim(), 16).ok());
    rights.is_some_and(|rights| (rights >> 21) & 1 == 1) && Path::new("/dev/loop-control").exists()
}

/// A file system in a file, mounted; unmounted at the end.
struct Disk {
    folder: Folder,
}

impl Disk {
    /// None, with a line, where this process may not mount one.
    fn new() -> Option<Self> {
        let folder = Folder::new();
        let image = folder.path("image");
        std::fs::File::create(&image)
            .unwrap()
            .set_len(32 << 20)
            .unwrap();
        std::fs::create_dir(folder.path("mounted")).unwrap();
        let disk = Self { folder };
        let made = system("mkfs.ext4", &[Path::new("-q"), &image]);
        if made && disk.mount("image") {
            return Some(disk);
        }
        let what = "a file system in a file cannot be mounted here";
        assert!(!(may_mount() && std::env::var_os("CI").is_some()), "{what}");
        eprintln!("skipped: {what}");
        None
    }

    fn mount(&self, image: &str) -> bool {
        let image = self.folder.path(image);
        let options = ["-o", "loop"].map(Path::new);
        system(
            "mount",
            &[options[0], options[1], &image, &self.folder.path("mounted")],
        )
    }

    /// The files on it.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path("mounted")).unwrap();
        let files = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file());
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        files
            .map(|path| (name(&path), fs::read(&path).unwrap()))
            .collect()
    }

    /// What is on it outlives a cut of the power.
    fn is_durable(&self) {
        let written = self.files();
        let unsynced = ["convert", "events.txt", "mounted/unsynced.evz", "--no-sync"];
        self.folder.run(&unsynced).ends(0);
        self.cut_power();
        let found = self.files();
        for (name, bytes) in &written {
            assert!(
                found.get(name) == Some(bytes),
                "{name} is not what was written"
            );
        }
        // What this would not notice otherwise: a disk that takes all at once.
        let unsynced = found.get("unsynced.evz").map_or(0, Vec::len);
        assert_eq!(unsynced, 0, "the disk does not wait");
    }

    /// The same folder after a cut of the power: what the disk holds now, and nothing that waits in memory.
    fn cut_power(&self) {
        std::fs::copy(self.folder.path("image"), self.folder.path("after")).unwrap();
        assert!(system("umount", &[&self.folder.path("mounted")]));
        assert!(self.mount("after"));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        system("umount", &[&self.folder.path("mounted")]);
    }
}

#[test]
fn outputs_outlive_a_power_cut() {
    let Some(disk) = Disk::new() else {
        return;
    };
    let folder = &disk.folder;
    folder.write("events.txt", text(20_000).as_bytes());
    let outputs = ["a.evz", "a.parquet", "a.txt", "a.npz", "a.h5", "a.csv.gz"];
    for output in outputs {
        let output = format!("mounted/{output}");
        folder.run(&["convert", "events.txt", &output]).ends(0);
    }
    let render = [
        "render",
        "events.txt",
        "-o",
        "mounted/frames.npy",
        "--fps",
        "100",
    ];
    folder.run(&render).ends(0);
    folder.run(&["index", "mounted/a.txt"]).ends(0);
    let rate = ["rate", "events.txt", "-o", "mounted/rate.png"];
    folder.run(&rate).ends(0);
    assert_eq!(disk.files().len(), outputs.len() + 3);
    disk.is_durable();
}

/// What grows or is edited has its name before; each is the last to be written, for what comes later may take it along.
#[test]
fn files_that_grow_outlive_a_power_cut() {
    let record = ["record", "events.txt", "mounted/live.evz"];
    let meta = ["meta", "mounted/events.evz", "--set", "place=street"];
    for (verb, file) in [(&record[..], record[2]), (&meta, meta[1])] {
        let Some(disk) = Disk::new() else {
            return;
        };
        let folder = &disk.folder;
        folder.write("events.txt", text(20_000).as_bytes());
        let convert = ["convert", "events.txt", "mounted/events.evz"];
        folder.run(&convert).ends(0);
        folder.run(verb).ends(0);
        disk.is_durable();
        folder.run(&["verify", file]).ends(0);
    }
}

/// A replaced file's own permissions and owner.
#[test]
fn a_replaced_file_keeps_its_mode_and_owner() {
    let folder = Folder::with_events(100);
    let file = folder.path("out.evz");
    std::fs::write(&file, "old").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    // Who may, gives it to somebody else first.
    let given = std::os::unix::fs::chown(&file, Some(1234), Some(4321)).is_ok();
    folder
        .run(&["convert", "events.txt", "out.evz", "--force"])
        .ends(0);
    let found = file.metadata().unwrap();
    assert_eq!(found.mode() & 0o7777, 0o640);
    if given {
        assert_eq!((found.uid(), found.gid()), (1234, 4321));
    }
    assert!(found.len() > 100);
}

#[test]
fn names_are_as_long_as_the_file_system_takes() {
    let folder = Folder::with_events(100);
    for (stem, n) in [("é", 125), ("x", 251)] {
        let name = format!("{}.evz", stem.repeat(n));
        folder.run(&["convert", "events.txt", &name]).ends(0);
        folder.run(&["verify", &name]).ends(0);
    }
    let name = format!("{}.evz", "x".repeat(252));
    let run = folder.run(&["convert", "events.txt", &name]).ends(1);
    assert!(run.err.contains("too long"), "{}", run.err);
}

/// Sends a signal to a run that has begun to write, and waits for its end.
fn stopped_by(signal: &str, folder: &Folder) -> Run {
    let synth = ["synth", "out.evz", "--events", "2G"];
    let mut command = folder.command_for_signals(&synth);
    let child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !folder.names().iter().any(|name| name.ends_with(".partial")) {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "nothing was begun"
        );
        sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(system("kill", &[signal, &id].map(Path::new)));
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn a_run_that_is_stopped_leaves_nothing() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let folder = Folder::new();
        let run = stopped_by(signal, &folder);
        assert_eq!(run.code, None, "{signal} ends it: {}", run.err);
        assert_eq!(folder.names(), [""; 0], "{signal}");
    }
    // A killed one leaves its file under another name, from which it is recovered.
    let folder = Folder::new();
    let run = stopped_by("-KILL", &folder);
    assert_eq!(run.code, None);
    assert!(matches!(folder.names().as_slice(), [one] if one.ends_with(".partial")));
}

/// A command that nohup started outlives a hangup.
#[test]
fn ignored_signals_stay_ignored() {
    let folder = Folder::new();
    folder.write(
        "run.sh",
        b"trap '' HUP; \"$1\" synth out.evz --events 20M & kill -HUP $!; wait $!",
    );
    let script = folder.path("run.sh");
    let evz = Path::new(env!("CARGO_BIN_EXE_evz"));
    let mut command = Command::new("sh");
    let status = command
        .arg(script)
        .arg(evz)
        .current_dir(folder.path("."))
        .status();
    assert!(status.unwrap().success());
    folder.run(&["verify", "out.evz"]).ends(0);
}

/// Where there is no standard output, what is for it is not done.
#[test]
fn a_closed_standard_output_is_an_error() {
    let folder = Folder::with_events(100);
    let evz = env!("CARGO_BIN_EXE_evz");
    let run = |verb: &str, to: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec '{evz}' {verb} {to}")]);
        Run::of(command.current_dir(folder.path(".")).output().unwrap())
    };
    for verb in [
        "cat events.txt",
        "info events.evz",
        "digest events.evz",
        "convert events.evz - --output-format parquet",
        "rate events.evz --csv",
        "help time",
        "--help",
        "man",
        "completion bash",
        "meta events.evz",
    ] {
        for to in [">&-", "1</dev/null"] {
            let run = run(verb, to).ends(1);
            assert!(
                run.err.contains("standard output") && run.err.contains("it is closed"),
                "{verb}: {}",
                run.err
            );
        }
    }
    // Who writes nothing there needs none.
    run("convert events.evz out.txt", ">&-").ends(0);
    run("verify events.evz", ">&-").ends(0);
    assert_eq!(folder.read("out.txt"), folder.read("events.txt"));
}

/// Runs a line within limits of the shell.
fn within(folder: &Folder, limit: &str, line: &str) -> Run {
    let script = format!(
        "ulimit {limit} && exec '{}' {line}",
        env!("CARGO_BIN_EXE_evz")
    );
    let mut command = Command::new("sh");
    let command = command.args(["-c", &script]).current_dir(folder.path("."));
    Run::of(command.output().unwrap())
}

#[test]
fn a_file_longer_than_the_shell_allows_is_an_error() {
    let folder = Folder::with_events(20_000);
    folder.run(&["convert", "events.evz", "events.npy"]).ends(0);
    fs::create_dir(folder.path("in")).unwrap();
    folder.write("in/a.txt", &folder.read("events.txt"));
    folder.run(&["pack", "in", "pack.evz"]).ends(0);
    let before = folder.names();
    for line in [
        "convert events.txt out.evz",
        "convert events.evz out.txt",
        "convert events.evz out.npy",
        "convert events.evz out.npz",
        "convert events.evz out.h5",
        "convert events.evz out.parquet",
        "convert events.evz out.csv.gz",
        "convert in made/",
        "recover events.evz out.evz",
        "join events.evz events.evz out.evz",
        "record events.txt out.evz",
        "pack in out.evz",
        "unpack pack.evz made",
        "render events.evz -o out.npy --frames 3",
        "render events.evz -o out.npz --frames 3",
        "render events.evz -o out.gif",
        "render events.evz -o out.png",
        "render events.evz -o out.y4m",
        "info events.evz --pixels out.npy",
        "rate events.evz -o out.csv --every 10us",
        "synth out.evz --events 100k",
        "cat events.evz > out.txt",
    ] {
        // In blocks of 512 bytes.
        let run = within(&folder, "-f 4", line);
        assert!(
            matches!(run.code, Some(1 | 3)),
            "{line}: {:?} {}",
            run.code,
            run.err
        );
        let run = run.says("File too large");
        let places = ["out.", "made", "TMPDIR", "standard output"];
        assert!(
            places.iter().any(|place| run.err.contains(place)),
            "{line}: {}",
            run.err
        );
        // A recording that grows has its name from the start.
        let grows = line.starts_with("record").then_some("out.evz");
        let left = ["out.txt", "made/evz-convert.jsonl", "made"];
        for name in left.into_iter().chain(grows) {
            let path = folder.path(name);
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
        assert_eq!(folder.names(), before, "{line}");
    }
}

/// What is wrong with a temporary file is said of it, and what names another folder for such files.
#[test]
fn errors_of_temporary_files_say_what_settles_them() {
    let folder = Folder::with_events(20_000);
    let mut lines: Vec<String> = text(20_000)
        .lines()
        .map(|line| format!("{line}\n"))
        .collect();
    lines.swap(7, 9_000);
    folder.write("backwards.txt", lines.concat().as_bytes());
    let before = folder.names();
    let run = |limit: &str, line: &str| {
        let mut command = Command::new("sh");
        let command = command.args([
            "-c",
            &format!("evz() {{ \"$EVZ\" \"$@\"; }}; {limit}; {line}"),
        ]);
        let command = command.env("EVZ", env!("CARGO_BIN_EXE_evz"));
        Run::of(command.current_dir(folder.path(".")).output().unwrap())
    };
    // Little of these is written by this process, or in such a file.
    let others = [
        "evz convert events.evz out.h5",
        "evz render events.evz -o out.mp4",
        "evz bench --matrix",
    ];
    let lines = [
        "evz convert events.evz out.npy",
        "evz convert events.evz out.npz",
        "evz convert backwards.txt out.evz --on-unsorted sort",
        "evz render events.evz -o out.apng",
        "cat events.evz | evz verify -",
    ];
    let nowhere = lines.into_iter().chain(others).map(|line| {
        let said = [
            "temporary file for ",
            " in nowhere (TMPDIR names another folder)",
        ];
        ("TMPDIR=nowhere; export TMPDIR", line, said)
    });
    // In blocks of 512 bytes.
    let limited = lines.map(|line| {
        let said = ["(TMPDIR names another folder)", "File too large"];
        ("ulimit -f 4", line, said)
    });
    for (before_it, line, said) in nowhere.chain(limited) {
        let run = run(before_it, line).ends(1).says(said[0]).says(said[1]);
        assert_eq!(run.err.matches("TMPDIR").count(), 1, "{line}: {}", run.err);
        assert_eq!(folder.names(), before, "{line}");
    }
}

#[test]
fn an_error_for_want_of_open_files_leaves_no_output() {
    let folder = Folder::with_events(5_000);
    let (mut done, mut failed) = (0, 0);
    for line in [
        "convert events.evz out.npy",
        "convert events.evz out.h5",
        "convert events.evz out.evz",
        "convert events.txt out.evz",
        "join events.evz events.evz out.evz",
        "rate events.evz -o out.npy",
        "render events.evz -o out.npz",
    ] {
        for n in 4..16 {
            let run = within(&folder, &format!("-n {n}"), line);
            let out: Vec<String> = folder
                .names()
                .into_iter()
                .filter(|n| n.contains("out"))
                .collect();
            match run.code {
                Some(0) => {
                    assert_eq!(out.len(), 1, "{line}, {n}: {out:?}");
                    fs::remove_file(folder.path(&out[0])).unwrap();
                    done += 1;
                }
                _ => {
                    assert!(out.is_empty(), "{line}, {n}: {out:?}: {}", run.err);
                    failed += 1;
                }
            }
        }
    }
    assert!(done > 0 && failed > 0, "{done} done, {failed} failed");
}

/// A signal takes temporary folders away too, the processes that write there, and what is begun.
#[test]
fn a_signal_takes_away_what_is_measured() {
    for signal in ["TERM", "INT", "HUP"] {
        let folder = Folder::new();
        fs::create_dir(folder.path("tmp")).unwrap();
        let mut child = folder
            .command_for_signals(&["bench", "--matrix", "--csv", "out.csv"])
            .env("TMPDIR", folder.path("tmp"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let inside = || -> Vec<_> {
            let folders = fs::read_dir(folder.path("tmp")).unwrap();
            folders
                .flat_map(|one| fs::read_dir(one.unwrap().path()).into_iter().flatten())
                .collect()
        };
        let started = Instant::now();
        while inside().is_empty() {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "nothing is begun"
            );
            sleep(Duration::from_millis(2));
        }
        let process = child.id().to_string();
        let kill = ["-c", &format!("kill -{signal} {process}")];
        assert!(Command::new("sh").args(kill).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), None, "a signal ends it");
        let left = fs::read_dir(folder.path("tmp")).unwrap().count();
        assert_eq!(left, 0, "{signal}");
        assert_eq!(folder.names(), ["tmp"], "{signal}");
    }
}
