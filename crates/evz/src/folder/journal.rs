//! What of a folder is done: a line a file, so that a run that was ended goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use evz_core::{Error, OutputFile, Question, Result};
use serde_json::{Value, json};

use super::answers::ANSWERS;
use super::{Done, Job, remove_unfinished};

/// The name of the journal in the folder of the outputs.
const NAME: &str = "evz-convert.jsonl";

/// What is known to be done, by the names of the outputs.
#[derive(Default)]
pub(super) struct Lines {
    by_output: BTreeMap<String, Value>,
    /// When the last of them was written: what changed an output later was not a run.
    until: u64,
}

/// The journal of a run, which holds it until it ends.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    pub(super) lines: Lines,
    /// The outputs of this run, and what they are made of.
    now: BTreeSet<String>,
    sources: BTreeSet<String>,
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
        let mut by_output = BTreeMap::new();
        let until = of_file(path).map_or(0, |(_, modified)| modified);
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|e| Error::io(path.display().to_string(), "cannot read", e))?;
            // A line that is cut is of a file that a run was ended behind: it is done again.
            let Ok(line) = serde_json::from_slice::<Value>(&line) else {
                continue;
            };
            if let Some(output) = line["output"].as_str() {
                by_output.insert(output.to_owned(), line);
            }
        }
        Ok(Self { by_output, until })
    }

    /// What was done with a job before, if its output is there as it was made, of a source that is as
    /// it was, by the same options, which depend on what it asked for.
    pub(super) fn as_before(
        &self,
        job: &Job,
        options: &dyn Fn(&[Question]) -> String,
    ) -> Option<Done> {
        let line = self.by_output.get(&*key(job))?;
        let (bytes, modified) = of_file(&job.source)?;
        let (made, at) = of_file(&job.output)?;
        let same = at <= self.until
            && line["source"] == source(job)
            && line["source_bytes"] == bytes
            && line["source_modified"] == modified
            && line["options"] == options(&asked(line))
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
            said: (line["said"].as_array().into_iter().flatten())
                .filter_map(|said| Some(said.as_str()?.to_owned()))
                .collect(),
            asked: asked(line),
            took: None,
        })
    }

    /// Whether the output of a job was made of its source, so that it may be replaced.
    pub(super) fn made(&self, job: &Job) -> bool {
        let line = self.by_output.get(&*key(job));
        line.is_some_and(|line| line["source"] == source(job))
    }

    /// The outputs that were not made by this run, but by other options than these, or of what this run made
    /// something of under another name.
    fn stale(
        &self,
        options: &dyn Fn(&[Question]) -> String,
        now: &BTreeSet<String>,
        sources: &BTreeSet<String>,
    ) -> Vec<PathBuf> {
        let lines = self.by_output.iter();
        let others = lines.filter(|(name, line)| {
            let moved = line["source"].as_str().is_some_and(|s| sources.contains(s));
            let is_other = moved || line["options"] != options(&asked(line));
            line["bytes"].is_u64() && is_other && !now.contains(*name)
        });
        others.map(|(name, _)| PathBuf::from(name)).collect()
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
        remove_unfinished([&*path]);
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
        let (now, sources) = Default::default();
        Ok(Self {
            path,
            file,
            lines,
            now,
            sources,
        })
    }

    /// Notes that the output of a job is ours, before it is there: a run may be killed before the job is
    /// noted to be done.
    pub(super) fn begin(&mut self, job: &Job) -> Result<()> {
        self.write(&json!({ "output": key(job), "source": source(job) }))
    }

    /// Notes what was done. The source is looked at before it is read: what changes meanwhile is done
    /// again.
    pub(super) fn add(
        &mut self,
        job: &Job,
        (bytes, modified): (u64, u64),
        options: &str,
        done: &Done,
    ) -> Result<()> {
        let line = json!({
            "output": key(job),
            "source": source(job),
            "source_bytes": bytes,
            "source_modified": modified,
            "options": options,
            "bytes": done.bytes,
            "events": done.events,
            "losses": done.lost,
            "said": done.said,
            "asked": done.asked.iter().map(|question| question.name()).collect::<Vec<_>>(),
        });
        self.write(&line)?;
        self.keep(job);
        self.lines.by_output.insert(key(job), line);
        Ok(())
    }

    /// Notes that the output of a job is one of this run.
    pub(super) fn keep(&mut self, job: &Job) {
        self.now.insert(key(job));
        self.sources.insert(source(job));
    }

    fn write(&mut self, line: &Value) -> Result<()> {
        self.file
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|e| Error::io(self.path.display().to_string(), "cannot write", e))
    }

    /// Puts the lines in order, so that a run that was ended and went on leaves what one in one go does.
    /// Returns the outputs that are there of earlier runs by other options.
    pub(super) fn finish(self, options: &dyn Fn(&[Question]) -> String) -> Result<Vec<PathBuf>> {
        let mut out = OutputFile::create(&self.path, true)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let lines = self.lines.by_output.iter();
        // What was begun and failed has no length, and what somebody took away is gone.
        let there =
            |(name, line): &(&String, &Value)| line["bytes"].is_u64() && folder.join(name).exists();
        for (_, line) in lines.filter(there) {
            writeln!(out, "{line}")
                .map_err(|e| Error::io(self.path.display().to_string(), "cannot write", e))?;
        }
        out.commit()?;
        let mut stale = self.lines.stale(options, &self.now, &self.sources);
        stale.retain(|name| folder.join(name).exists());
        Ok(stale)
    }
}

/// What the recording of a line asked for.
fn asked(line: &Value) -> Vec<Question> {
    let names = line["asked"].as_array().into_iter().flatten();
    let names = names.filter_map(|name| name.as_str());
    let questions = names.filter_map(|name| ANSWERS.into_iter().find(|q| q.name() == name));
    questions.collect()
}

/// Where a recording is, however it was named.
fn source(job: &Job) -> String {
    let path = job.source.canonicalize();
    let path = path.unwrap_or_else(|_| job.source.clone());
    path.to_string_lossy().into_owned()
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
