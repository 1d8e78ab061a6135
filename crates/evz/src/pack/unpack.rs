//! Samples of a pack as files of their own.

use std::path::{Component, Path, PathBuf};

use evz_core::{CreateOptions, Error, Format, Loss, LossKind, Report, Result};

use super::{Sample, Samples};
use crate::copy::{Copied, copy};
use crate::create::create_in;
use crate::folder::{Done, Found, Job, jobs};
use crate::side_by_side::side_by_side;
use crate::target::create_output;

/// How samples are unpacked.
#[derive(Debug, Clone)]
pub struct Unpacking {
    /// What they become.
    pub format: &'static Format,
    /// How that is written.
    pub writing: CreateOptions,
    /// Whether files that are there are replaced; without it they are errors.
    pub replace: bool,
}

impl Unpacking {
    /// Writes samples, by their numbers, each into a file below the folder `out` that is called as it was,
    /// with the extension of the format; all without numbers. What becomes of each is told to `done` as it
    /// comes; one that fails does not stop the others. Returns what of the pack becomes no file: events that are
    /// in no sample, where all samples are wanted.
    ///
    /// # Errors
    /// If a number is that of no sample, two would become one file, or the table of samples is damaged.
    pub fn run(
        &self,
        samples: &Samples,
        numbers: Option<&[usize]>,
        out: &Path,
        done: &(dyn Fn(&Job, Result<Done>) + Sync),
    ) -> Result<Report> {
        // How many there are is what the index claims until all of them were read.
        let (mut found, mut taken, mut events) = (Found::default(), Vec::new(), 0_u64);
        let wanted: &mut dyn Iterator<Item = usize> = match numbers {
            Some(numbers) => &mut numbers.iter().copied(),
            None => &mut (0..samples.len()),
        };
        for number in wanted {
            let sample = samples.get(number)?;
            let name = PathBuf::from(sample.name());
            found.recordings.push((name.clone(), name));
            taken.push(number);
            events = events.saturating_add(sample.n_events());
        }
        let jobs = jobs(&found, out, self.format)?;
        let work: Vec<(usize, Job)> = taken.into_iter().zip(jobs).collect();
        side_by_side(
            &work,
            &|(number, job)| self.one(&samples.get(*number)?, job),
            &|(_, job), outcome| done(job, outcome),
        );
        let streams = samples.reader().streams().iter();
        let of_pack: u64 = streams.map(|stream| stream.summary.n_events()).sum();
        let mut report = Report::default();
        if numbers.is_none() && of_pack > events {
            let what = "events that are in no sample";
            report.add_loss(Loss::new(LossKind::Other, what, of_pack - events));
        }
        Ok(report)
    }

    fn one(&self, sample: &Sample, job: &Job) -> Result<Done> {
        let began = std::time::Instant::now();
        check_name(sample)?;
        let folder = job.output.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::io(folder.display().to_string(), "cannot make the folder", e))?;
        let mut source = sample.source()?;
        let mut info = source.info().clone();
        crate::copy::take_claims(&mut info.metadata);
        let output = create_output(&job.output, self.replace)?;
        let sink = create_in(output, self.format, &info, &self.writing)?;
        let Copied { events, report, .. } = copy(&mut *source, sink)?;
        let bytes = job.output.metadata().map_or(0, |file| file.len());
        Ok(Done::of(events, bytes, report, began.elapsed()))
    }
}

/// A pack comes from anywhere: what its samples are called is not to lead out of the folder.
fn check_name(sample: &Sample) -> Result<()> {
    let mut parts = Path::new(sample.name()).components();
    match parts.all(|part| matches!(part, Component::Normal(_))) && !sample.name().is_empty() {
        true => Ok(()),
        false => {
            let (number, name) = (sample.number(), sample.name());
            let what =
                format!("sample {number} is called {name:?}, which is no name below a folder");
            let way_out = format!("read it by its number, {number}, where it is");
            Err(Error::invalid(what).advise(way_out))
        }
    }
}
