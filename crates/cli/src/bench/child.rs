//! This command in a process of its own, so that its memory is its own too.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::memory::anonymous_bytes;
use crate::ending;

/// How far apart looks at the memory are: shorter than any run that matters, and rare enough that
/// they cost the run nothing.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What a run printed and took.
pub(super) struct Run {
    pub(super) out: Vec<u8>,
    /// The most that was seen resident, without maps of files.
    pub(super) memory: Option<u64>,
}

/// This command in a folder.
#[derive(Clone, Copy)]
pub(super) struct Itself<'a> {
    /// A program, and the arguments before those of the command.
    pub(super) started_by: &'a [OsString],
    pub(super) folder: &'a Path,
}

impl Itself<'_> {
    /// Runs it on as many threads as this process has.
    pub(super) fn run(self, args: &[&str]) -> Result<Run> {
        let Self { started_by, folder } = self;
        let (program, before) = started_by
            .split_first()
            .context("the command does not know itself")?;
        let threads = evz::parallel::threads().to_string();
        let child = Command::new(program)
            .args(before)
            .args(args)
            .args(["--threads", &threads])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{}: cannot start", Path::new(program).display()))?;
        let process = child.id();
        let (running, ended) = mpsc::channel::<()>();
        // Without a thread nobody looks, as where the system does not tell.
        let looking = thread::Builder::new().spawn(move || {
            let mut most = anonymous_bytes(process);
            while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                most = most.max(anonymous_bytes(process));
            }
            most
        });
        let waited_for = ending::with_us(process);
        let output = child.wait_with_output();
        drop(waited_for);
        drop(running);
        let memory = looking
            .ok()
            .and_then(|looking| looking.join().ok().flatten());
        let output = output
            .with_context(|| format!("{}: cannot be waited for", Path::new(program).display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().last().unwrap_or("it said nothing");
            bail!(
                "evz {} in {}: {}; if there is no room, name another folder in TMPDIR",
                args.join(" "),
                folder.display(),
                last.trim_start_matches("evz: "),
            );
        }
        Ok(Run {
            out: output.stdout,
            memory,
        })
    }
}
