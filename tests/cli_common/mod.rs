//! Runs the command in a folder of its own.

#![allow(dead_code, reason = "each file of tests uses a part of this")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A folder that is removed at the end, and the command run inside it.
pub(crate) struct Folder(tempfile::TempDir);

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("the output is text")
    }

    /// The run ended with this code and, where that is an error, with one line that starts `evz: `.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.err);
        if code == 1 || code == 2 {
            let errors: Vec<&str> = self
                .err
                .lines()
                .filter(|l| l.starts_with("evz: "))
                .collect();
            assert_eq!(errors.len(), 1, "{}", self.err);
            assert!(
                self.err.ends_with(&format!("{}\n", errors[0])),
                "{}",
                self.err
            );
        }
        self
    }

    /// Something was said.
    #[track_caller]
    pub(crate) fn says(self, what: &str) -> Self {
        assert!(self.err.contains(what), "{what:?} is not in: {}", self.err);
        self
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder with `events.txt`: `n` events, one a microsecond, and `events.evz` made of it.
    pub(crate) fn with_events(n: usize) -> Self {
        let folder = Self::new();
        folder.write("events.txt", text(n).as_bytes());
        folder.run(&["convert", "events.txt", "events.evz"]).ends(0);
        folder
    }

    /// Makes a RAW file of `events.evz`.
    pub(crate) fn make_raw(&self, name: &str) {
        let to_raw = [
            "convert",
            "events.evz",
            name,
            "--size",
            "320x240",
            "--round",
            "us",
        ];
        self.run(&to_raw).ends(0);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("a file in a temporary folder");
    }

    /// Writes a script of the shell that can be run.
    #[cfg(unix)]
    pub(crate) fn write_program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write(name, format!("#!/bin/sh\n{script}\n").as_bytes());
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path(name), executable).expect("a file of our own");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a file in a temporary folder")
    }

    /// Names in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a temporary folder");
        let mut names: Vec<String> = entries
            .map(|e| {
                e.expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_evz"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env("COLUMNS", "100");
        command
    }

    /// A command that hears signals, also where this test was started with some of them ignored, as by nohup or in the
    /// background of a script.
    #[cfg(unix)]
    pub(crate) fn command_for_signals(&self, args: &[&str]) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = self.command(args);
        // SAFETY: between fork and exec system calls are made, and no memory is allocated.
        unsafe {
            command.pre_exec(|| {
                for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
                    libc::signal(signal, libc::SIG_DFL);
                }
                Ok(())
            });
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, b"")
    }

    /// Runs with these bytes on standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Run {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = input.to_vec();
        // From another thread, for the command may fill its output before it reads all input.
        let feeding = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("the command ends");
        feeding.join().expect("feeding does not panic");
        Run::of(output)
    }
}

/// `n` lines of events, one a microsecond, from 5 s on.
pub(crate) fn text(n: usize) -> String {
    (0..n)
        .map(|i| format!("5.{i:06} {} {} {}\n", i * 7 % 320, i * 13 % 240, i % 3 % 2))
        .collect()
}
