//! What of a folder is done: a line a file, so that a run that was ended goes on where it was.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use evz_core::{Error, OutputFile, Result};
use serde_json::{Value, json};

use super::{Done, Job, remove_unfinished};

/// The name of the journal in the folder of the outputs.
const NAME: &str = "evz-convert.jsonl";

/// What is known to be done, by the names of the outputs.
#[derive(Default)]
pub(super) struct Lines(BTreeMap<String, Value>);

/// The journal of a run, which holds it until it ends.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    pub(super) lines: Lines,
}

impl Lines {
    /// What the journal of this folder says; nothing, if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        match File::open(&path) {
            Ok(file) => Self::read(&file, &path),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(Error::io(path.display().to_string(), "cannot open", e)),
        }
    }

    fn read(file: &File, path: &Path) -> Result<Self> {
        let mut lines = BTreeMap::new();
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|e| Error::io(path.display().to_string(), "cannot read", e))?;
            // A line that is cut is of a file that a run was ended behind: it is done again.
            let Ok(line) = serde_json::from_slice::<Value>(&line) else {
                continue;
            };
            if let Some(output) = line["output"].as_str() {
                lines.insert(output.to_owned(), line);
            }
        }
        Ok(Self(lines))
    }

    /// What was done with a job before, if its output is there as it was made, of a source that is as
    /// it was, by the same options.
    pub(super) fn as_before(&self, job: &Job, options: &str) -> Option<Done> {
        let line = self.0.get(&*key(job))?;
        let (bytes, modified) = of_file(&job.source)?;
        let (made, _) = of_file(&job.output)?;
        let same = line["source_bytes"] == bytes
            && line["source_modified"] == modified
            && line["options"] == options
            && line["bytes"] == made;
        let loss = |loss: &Value| {
            let what = loss[0].as_str()?.to_owned();
            Some((what, loss[1].as_u64()?, loss[2].as_bool()?))
        };
        same.then(|| Done {
            events: line["events"].as_u64().unwrap_or(0),
            bytes: made,
            lost: (line["losses"].as_array().into_iter().flatten())
                .filter_map(loss)
                .collect(),
            took: None,
        })
    }

    /// Whether the output of a job is of a run like this one, so that it may be replaced.
    pub(super) fn made(&self, job: &Job) -> bool {
        self.0.contains_key(&*key(job))
    }
}

impl Journal {
    /// The journal of this folder, which is made with it.
    ///
    /// # Errors
    /// If it cannot be read and written, or another run holds it.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let place = path.display().to_string();
        let failed = |e| Error::io(&place, "cannot write", e);
        remove_unfinished(&path);
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::io(folder.display().to_string(), "cannot make the folder", e))?;
        let file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(&path);
        let mut file = file.map_err(failed)?;
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            let what = format!("{place}: another run converts into this folder; let it end first");
            return Err(Error::invalid(what));
        }
        let lines = Lines::read(&file, &path)?;
        // Behind a line that was cut, which may have no end.
        file.write_all(b"\n").map_err(failed)?;
        Ok(Self { path, file, lines })
    }

    /// Notes that the output of a job is ours, before it is there: a run may be killed before the job is
    /// noted to be done.
    pub(super) fn begin(&mut self, job: &Job) -> Result<()> {
        self.write(&json!({ "output": key(job) }))
    }

    /// Notes what was done. The source is looked at before it is read: what changes meanwhile is done
    /// again.
    pub(super) fn add(
        &mut self,
        job: &Job,
        source: (u64, u64),
        options: &str,
        done: &Done,
    ) -> Result<()> {
        let (bytes, modified) = source;
        let line = json!({
            "output": key(job),
            "source": job.source.to_string_lossy(),
            "source_bytes": bytes,
            "source_modified": modified,
            "options": options,
            "bytes": done.bytes,
            "events": done.events,
            "losses": done.lost,
        });
        self.write(&line)?;
        self.lines.0.insert(key(job), line);
        Ok(())
    }

    fn write(&mut self, line: &Value) -> Result<()> {
        self.file
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|e| Error::io(self.path.display().to_string(), "cannot write", e))
    }

    /// Puts the lines in order, so that a run that was ended and went on leaves what one in one go does.
    pub(super) fn finish(self) -> Result<()> {
        let mut out = OutputFile::create(&self.path, true)?;
        let done = self.lines.0.values().filter(|line| line["bytes"].is_u64());
        for line in done {
            writeln!(out, "{line}")
                .map_err(|e| Error::io(self.path.display().to_string(), "cannot write", e))?;
        }
        out.commit()
    }
}

fn key(job: &Job) -> String {
    job.name.to_string_lossy().into_owned()
}

/// Bytes of a file, and when it was written, in nanoseconds since 1970.
pub(super) fn of_file(path: &Path) -> Option<(u64, u64)> {
    let file = path.metadata().ok()?;
    let modified = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((file.len(), modified.as_nanos() as u64))
}
