//! Folders of recordings, each of which becomes a file of its own.

mod answers;
mod journal;
mod sources;

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use evz_core::{Error, Format, Input, Question, Report, Result};

use crate::conversion::Conversion;
use crate::side_by_side::side_by_side;
use crate::target::create_output;
use answers::answered;
pub use answers::{answering, unasked};
use journal::{Journal, Lines, of_file};
pub use sources::{Found, Job, is_pattern, jobs, recordings};

/// How the recordings of a folder are converted.
#[derive(Debug, Clone)]
pub struct FolderConversion {
    /// The same for all of them. What it tells of how events are read, such as the unit of times, counts for
    /// the recordings that ask for it: what the others say of themselves stands.
    pub conversion: Conversion,
    /// What they become.
    pub format: &'static Format,
    /// Whether what is there is made again: without it, what this made before of the same source by the
    /// same options is left alone, and what it did not make is an error.
    pub replace: bool,
}

/// What became of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Events that were written.
    pub events: u64,
    /// Bytes of the output.
    pub bytes: u64,
    /// What was lost: in words, how many, and whether that was agreed to.
    pub lost: Vec<(String, u64, bool)>,
    /// What was inferred and noticed, a line each: how it was read, what a filter left out.
    pub said: Vec<String>,
    /// What the recording asked for, and was told.
    pub asked: Vec<Question>,
    /// How long that took; none if it was left as it was.
    pub took: Option<Duration>,
}

impl Done {
    /// What a report says of a recording that was written.
    pub(crate) fn of(events: u64, bytes: u64, report: Report, took: Duration) -> Self {
        let notes = report.notes.iter().map(ToString::to_string);
        let losses = report.losses.into_iter();
        Self {
            events,
            bytes,
            said: report.inferred.iter().cloned().chain(notes).collect(),
            lost: (losses.map(|loss| (loss.what, loss.count, loss.agreed))).collect(),
            asked: Vec::new(),
            took: Some(took),
        }
    }

    /// Whether something was lost that nobody agreed to lose.
    pub fn has_unasked_losses(&self) -> bool {
        self.lost.iter().any(|(_, _, agreed)| !agreed)
    }
}

impl FolderConversion {
    /// Converts the recordings of `jobs` into files below the folder `out`, several side by side. What
    /// becomes of each is told to `done` as it comes; one that fails does not stop the others. Memory is
    /// that of a conversion for each thread. Returns the outputs of earlier runs that are still there, by other
    /// options, or of recordings that now have an output of another name.
    ///
    /// # Errors
    /// If the folder cannot be written, or another run converts into it; not if recordings fail.
    pub fn run(
        &self,
        jobs: &[Job],
        out: &Path,
        done: &(dyn Fn(&Job, Result<Done>) + Sync),
    ) -> Result<Vec<PathBuf>> {
        let journal = Mutex::new(Journal::open(out)?);
        remove_unfinished(jobs.iter().map(|job| &*job.output));
        let options = |asked: &[Question]| self.options(asked);
        // The largest first, so that none of them is begun when the others end.
        let mut order: Vec<&Job> = jobs.iter().collect();
        order.sort_by_cached_key(|job| {
            std::cmp::Reverse(of_file(&job.source).map(|(bytes, _)| bytes))
        });
        side_by_side(
            &order,
            &|job| self.convert(job, &options, &journal),
            &|job, outcome| done(job, outcome),
        );
        let journal = journal.into_inner().unwrap_or_else(PoisonError::into_inner);
        journal.finish(&options)
    }

    /// What would become of each job: whether it is done and would be left as it is, or why its output
    /// could not be written.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn foreseen(&self, jobs: &[Job], out: &Path) -> Result<Vec<Result<bool>>> {
        let lines = Lines::of(out)?;
        let options = |asked: &[Question]| self.options(asked);
        let of = |job: &Job| match lines.as_before(job, &options) {
            Some(_) if !self.replace => Ok(true),
            _ => self.may_write(job, &lines).map(|_| false),
        };
        Ok(jobs.iter().map(of).collect())
    }

    /// Whether the output of a job is replaced.
    ///
    /// # Errors
    /// If it is there, and is none of this source's.
    fn may_write(&self, job: &Job, lines: &Lines) -> Result<bool> {
        let replace = self.replace || lines.made(job);
        match job.output.symlink_metadata() {
            Ok(there) if there.is_dir() || !replace => {
                let what = format!("{}: exists, and is not made of this", job.output.display());
                let error = Error::invalid(what);
                Err(match there.is_dir() {
                    true => error,
                    false => error.settled_by(Question::Replace, [""; 0]),
                })
            }
            _ => Ok(replace),
        }
    }

    /// All that decides what the output of a recording is that asked for so much, as a number in words.
    fn options(&self, asked: &[Question]) -> String {
        let mut hasher = DefaultHasher::new();
        let (version, mut conversion) = (env!("CARGO_PKG_VERSION"), self.conversion.clone());
        // What is told shapes text that is written, too.
        if self.format.name != "text" {
            conversion.reading = answered(&conversion.reading, asked);
        }
        format!("{version} {} {conversion:?}", self.format).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    fn convert(
        &self,
        job: &Job,
        options: &dyn Fn(&[Question]) -> String,
        journal: &Mutex<Journal>,
    ) -> Result<Done> {
        let lock = || journal.lock().unwrap_or_else(PoisonError::into_inner);
        let mut journal = lock();
        if let (false, Some(done)) = (self.replace, journal.lines.as_before(job, options)) {
            journal.keep(job);
            return Ok(done);
        }
        let replace = self.may_write(job, &journal.lines)?;
        if !job.output.exists() {
            journal.begin(job)?;
        }
        drop(journal);
        let (began, source) = (Instant::now(), of_file(&job.source).unwrap_or_default());
        let folder = job.output.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::io(folder.display().to_string(), "cannot make the folder", e))?;
        let (converted, asked) = answering(&self.conversion.reading, |reading| {
            let input = Input::open(&job.source)?;
            let output = || create_output(&job.output, replace);
            let conversion = &self.conversion;
            conversion.run_reading(reading, vec![input], self.format, output, &mut ())
        })?;
        let events = converted.events;
        let bytes = of_file(&job.output).map_or(0, |(bytes, _)| bytes);
        let mut done = Done::of(events, bytes, converted.whole_report(), began.elapsed());
        done.asked = asked;
        lock().add(job, source, &options(&done.asked), &done)?;
        Ok(done)
    }
}

/// Removes what a run that was killed left of these outputs. Each folder is looked through once.
fn remove_unfinished<'a>(outputs: impl IntoIterator<Item = &'a Path>) {
    let mut by_folder: HashMap<&Path, HashSet<&OsStr>> = HashMap::new();
    for output in outputs {
        if let (Some(folder), Some(name)) = (output.parent(), output.file_name()) {
            by_folder.entry(folder).or_default().insert(name);
        }
    }
    for (folder, names) in by_folder {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let of = (name.strip_prefix('.')).and_then(|name| name.strip_suffix(".partial"));
            let of = of.and_then(|name| name.rsplit_once('.'));
            if of.is_some_and(|(output, _)| names.contains(OsStr::new(output))) {
                // What cannot be removed stays, as a file of no name.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}
