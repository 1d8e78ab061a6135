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

/// The calls that a run made.
pub(crate) struct Calls {
    counts: [usize; 4],
    /// What each that writes did, by the letters of `layer.c`.
    did: Vec<u8>,
}

/// The letters of what makes an output last: it is on the disk, and has its name.
const FINISHES: [u8; 2] = [b's', b'n'];

impl Calls {
    pub(crate) fn count(&self, which: Which) -> usize {
        self.counts[which as usize]
    }

    /// Whether a call brought an output to the disk or gave it its name.
    pub(crate) fn finishes(&self, fault: Fault) -> bool {
        let does = self.did.get(fault.number);
        fault.which == Which::Write && does.is_some_and(|does| FINISHES.contains(does))
    }

    /// The last call of each of these kinds.
    pub(crate) fn last_that_finish(&self) -> impl Iterator<Item = usize> {
        let last = |does| self.did.iter().rposition(|did| *did == does);
        FINISHES.into_iter().filter_map(last)
    }
}

/// `layer.c` as a library.
pub(crate) struct Layer {
    folder: tempfile::TempDir,
}

impl Layer {
    /// None, with a line, where there is no C compiler, or the kernel hands no calls over.
    pub(crate) fn new() -> Option<Self> {
        let lacking = |what: String| {
            assert!(std::env::var_os("CI").is_none(), "{what}");
            eprintln!("skipped: {what}");
        };
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
                lacking(format!("no C compiler: {error}"));
                return None;
            }
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_evz"));
        let begun = command
            .arg("--version")
            .env("LD_PRELOAD", &library)
            .output();
        let begun = begun.unwrap();
        if !begun.status.success() {
            lacking(String::from_utf8_lossy(&begun.stderr).into_owned());
            return None;
        }
        Some(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command as told, with `input` as its standard input, and with a fault.
    pub(crate) fn run(&self, mut command: Command, input: &Path, fault: Option<Fault>) -> Run {
        // A run that is killed tells nothing.
        let _ = std::fs::remove_file(self.path("calls"));
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

    /// The calls of the last run; none if it did not come to its end.
    pub(crate) fn calls(&self) -> Option<Calls> {
        let told = std::fs::read_to_string(self.path("calls")).ok()?;
        let (counts, did) = told.split_once('\n').unwrap();
        let counts: Vec<usize> = counts.split(' ').map(|n| n.parse().unwrap()).collect();
        Some(Calls {
            counts: counts.try_into().unwrap(),
            did: did.as_bytes().to_vec(),
        })
    }
}
