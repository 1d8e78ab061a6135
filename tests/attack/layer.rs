//! The layer between the command and its files that fails one call of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli_common::Run;

/// What is done to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Half of the bytes.
    Short,
    /// A signal came, try again.
    Interrupted,
    InputOutput,
    NoSpace,
    /// The process is killed before the call.
    Kill,
    /// It is killed after half of the bytes.
    Torn,
    /// Half of the file is gone.
    Cut,
    /// This thread is not started, and none after it.
    NoThread,
}

/// Which calls: those that read, those that change something, those that map a file, or those that start a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Read,
    Write,
    Map,
    Thread,
}

/// One call of a run, and what is done to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) how: How,
    pub(crate) which: Which,
    pub(crate) number: usize,
}

/// `layer.c` as a library.
pub(crate) struct Layer {
    folder: tempfile::TempDir,
}

impl Layer {
    /// None, with a line, where there is no C compiler.
    pub(crate) fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attack/layer.c");
        let library = folder.path().join("layer.so");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .status();
        match built {
            Ok(status) => assert!(status.success(), "the layer is not compiled"),
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "no C compiler: {error}");
                eprintln!("skipped: no C compiler, {error}");
                return None;
            }
        }
        Some(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command as told, with `input` as its standard input, and with a fault.
    pub(crate) fn run(&self, mut command: Command, input: &Path, fault: Option<Fault>) -> Run {
        command
            .env("LD_PRELOAD", self.path("layer.so"))
            .env("EVZ_FAULT_CALLS", self.path("calls"))
            .stdin(std::fs::File::open(input).unwrap())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(fault) = fault {
            let how = match fault.how {
                How::Short => "short",
                How::Interrupted => "eintr",
                How::InputOutput => "eio",
                How::NoSpace => "enospc",
                How::Kill => "kill",
                How::Torn => "torn",
                How::Cut => "cut",
                How::NoThread => "eagain",
            };
            let which = match fault.which {
                Which::Read => "read",
                Which::Write => "write",
                Which::Map => "map",
                Which::Thread => "thread",
            };
            command.env("EVZ_FAULT", format!("{how} {which} {}", fault.number));
        }
        Run::of(command.output().unwrap())
    }

    /// How many calls of a kind the last run that came to its end made.
    pub(crate) fn calls(&self, which: Which) -> usize {
        let counted = std::fs::read_to_string(self.path("calls")).unwrap();
        let counts: Vec<usize> = counted
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        counts[which as usize]
    }
}
