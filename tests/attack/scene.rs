//! A verb over its inputs, in a folder: what it left there and what it said.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::cli_common::{Folder, Run};
use crate::effort::some;
use crate::layer::{Calls, Fault, How, Layer, Which};

/// Files of a folder, and of those below, by their paths in it.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Events of the recording.
pub(crate) const EVENTS: usize = 20_000;

/// Lines of text, from 5 s on, that compress as little as those of a sensor.
pub(crate) fn recording() -> String {
    let mut state = 1u64;
    let mut random = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    (0..EVENTS)
        .map(|i| format!("5.{i:06} {} {} {}\n", random(320), random(240), random(2)))
        .collect()
}

/// A folder with the inputs of all verbs, and one with the programs that they start.
pub(crate) struct Scene {
    folder: Folder,
    programs: Folder,
    inputs: Files,
}

/// What stands in the place of ffplay leaves this of the movie that it gets.
pub(crate) const MOVIE: &str = "movie.sum";

/// What a run gave and left.
pub(crate) struct Left {
    pub(crate) run: Run,
    /// What was not there before, or is another than before.
    pub(crate) new: Files,
    /// Which of these were there before.
    pub(crate) changed: Vec<PathBuf>,
    /// What it called; none if it was killed.
    pub(crate) calls: Option<Calls>,
    /// What was there before and is not now.
    pub(crate) gone: Vec<PathBuf>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        folder.write("events.txt", recording().as_bytes());
        folder.run(&["convert", "events.txt", "events.evz"]).ends(0);
        folder.make_raw("events.raw");
        let made: [&[&str]; 8] = [
            &["convert", "events.evz", "events.parquet"],
            &[
                "convert",
                "events.evz",
                "events.aedat4",
                "--round",
                "us",
                "--size",
                "320x240",
            ],
            &["convert", "events.evz", "events.h5"],
            &["convert", "events.evz", "events.npz"],
            &["convert", "events.evz", "more.evz", "--profile", "fast"],
            &["convert", "events.evz", "set/a.evz", "--events", "0..5000"],
            &[
                "convert",
                "events.evz",
                "set/b.raw",
                "--events",
                "5000..9000",
                "--size",
                "320x240",
            ],
            &["pack", "set", "pack.evz"],
        ];
        std::fs::create_dir(folder.path("set")).unwrap();
        for args in made {
            folder.run(args).ends(0);
        }
        let recording = recording();
        let backwards: String = recording
            .lines()
            .rev()
            .map(|line| format!("{line}\n"))
            .collect();
        folder.write("backwards.txt", backwards.as_bytes());
        let mut damaged = folder.read("events.evz");
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x10;
        folder.write("damaged.evz", &damaged);
        folder.write("old.evz", b"what was there before");
        let inputs = files(&folder.path("."));
        let programs = Folder::new();
        programs.write_program("ffplay", &format!("exec cksum > {MOVIE}"));
        Self {
            folder,
            programs,
            inputs,
        }
    }

    /// Runs a verb with a fault, and makes the folder what it was.
    pub(crate) fn run(&self, layer: &Layer, verb: &[&str], fault: Option<Fault>) -> Left {
        let left = self.run_in(layer, verb, fault);
        self.put_back(&left);
        left
    }

    /// The same of a verb that a fault kills; with it what the verb gives when it is run again there.
    pub(crate) fn killed(&self, layer: &Layer, verb: &[&str], fault: Fault) -> (Left, Left) {
        let killed = self.run_in(layer, verb, Some(fault));
        let again = self.run_in(layer, verb, None);
        self.put_back(&again);
        (killed, again)
    }

    /// What a verb prints of a file of these bytes, `left.evz`.
    pub(crate) fn of_file(&self, bytes: &[u8], verb: &[&str]) -> Run {
        self.folder.write("left.evz", bytes);
        let run = self.folder.run(verb);
        std::fs::remove_file(self.folder.path("left.evz")).unwrap();
        run
    }

    /// What `recover` saves of it, as `cat` prints it.
    pub(crate) fn recovered(&self, bytes: &[u8]) -> Run {
        let run = self.of_file(bytes, &["recover", "left.evz", "saved.evz"]);
        let saved = self.folder.path("saved.evz");
        match std::fs::read(&saved) {
            Ok(bytes) => {
                std::fs::remove_file(saved).unwrap();
                self.of_file(&bytes, &["cat", "left.evz"])
            }
            Err(_) => run,
        }
    }

    /// Whether there is such a file or folder before a verb is run.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.inputs.keys().any(|path| path.starts_with(name))
    }

    /// The folder of programs and those of the system, as PATH names them.
    fn programs_first(&self) -> OsString {
        let mut path = self.programs.path(".").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        path
    }

    fn run_in(&self, layer: &Layer, verb: &[&str], fault: Option<Fault>) -> Left {
        let mut command = self.folder.command(verb);
        command
            .env("TMPDIR", self.folder.path("."))
            .env("XDG_CACHE_HOME", self.folder.path("cache"))
            .env("PATH", self.programs_first())
            .args(["--threads", "2"]);
        let run = layer.run(command, &self.folder.path("events.txt"), fault);
        let mut now = files(&self.folder.path("."));
        let gone: Vec<PathBuf> = self
            .inputs
            .keys()
            .filter(|path| !now.contains_key(*path))
            .cloned()
            .collect();
        now.retain(|path, bytes| self.inputs.get(path) != Some(bytes));
        let changed = now.keys().filter(|path| self.inputs.contains_key(*path));
        Left {
            run,
            calls: layer.calls(),
            changed: changed.cloned().collect(),
            new: now,
            gone,
        }
    }

    /// Makes the folder what it was.
    fn put_back(&self, left: &Left) {
        for path in left.new.keys().chain(&left.gone) {
            let place = self.folder.path(".").join(path);
            match self.inputs.get(path) {
                Some(bytes) => std::fs::write(place, bytes).unwrap(),
                None => std::fs::remove_file(place).unwrap(),
            }
        }
        for entry in std::fs::read_dir(self.folder.path(".")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("set") {
                std::fs::remove_dir_all(path).unwrap();
            }
        }
    }
}

/// A run of a verb to which nothing was done.
pub(crate) struct Usual {
    pub(crate) left: Left,
    calls: Calls,
}

impl Usual {
    pub(crate) fn of(scene: &Scene, layer: &Layer, verb: &[&str]) -> Self {
        let mut left = scene.run(layer, verb, None);
        // Of a damaged file some is lost.
        let code = if verb[0] == "recover" { 3 } else { 0 };
        assert_eq!(left.run.code, Some(code), "{verb:?}: {}", left.run.err);
        let calls = left.calls.take().unwrap();
        let is_without_input = ["help", "man", "completion", "synth"].contains(&verb[0]);
        assert!(is_without_input || calls.count(Which::Read) > 0, "{verb:?}");
        // It says that all is well on standard error.
        let writes = verb[0] != "verify";
        assert_eq!(calls.count(Which::Write) > 0, writes, "{verb:?}");
        Self { left, calls }
    }

    /// Which calls are tried; among those that write, what finishes an output.
    pub(crate) fn tried(&self, how: How, which: Which, seed: usize) -> Vec<usize> {
        let mut tried = some(self.calls.count(which), seed);
        if which == Which::Write && matches!(how, How::InputOutput | How::Kill) {
            tried.extend(self.calls.last_that_finish());
            tried.sort_unstable();
            tried.dedup();
        }
        tried
    }
}

fn files(folder: &Path) -> Files {
    fn add(from: &Path, below: &Path, found: &mut Files) {
        for entry in std::fs::read_dir(from.join(below)).unwrap() {
            let entry = entry.unwrap();
            let path = below.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => add(from, &path, found),
                false => drop(found.insert(path, std::fs::read(entry.path()).unwrap())),
            }
        }
    }
    let mut found = Files::new();
    add(folder, Path::new(""), &mut found);
    found
}
