//! Opening a file of any kind.

use std::sync::Arc;

use evz_core::{Clues, Error, EventSource, Input, OpenOptions, Parts, Question, Result, SideScope};

use crate::container::{Container, bag, db3, mcap};
use crate::parts::RosParts;
use crate::source::Source;
use crate::survey::Survey;

pub(crate) fn probe_bag(clues: &Clues<'_>) -> Option<u8> {
    clues.head.starts_with(bag::MAGIC).then_some(255)
}

pub(crate) fn probe_mcap(clues: &Clues<'_>) -> Option<u8> {
    clues.head.starts_with(mcap::MAGIC).then_some(255)
}

/// Any database of SQLite: opening says whether it is one of rosbag2.
pub(crate) fn probe_db3(clues: &Clues<'_>) -> Option<u8> {
    clues.head.starts_with(db3::MAGIC).then_some(255)
}

/// Opens a ROS 1 bag, an MCAP file or a database of rosbag2, which its first bytes tell; of `options` the stream and the size
/// are used. A topic of events that is told comes with the side streams whose topics are most like it, and with those that
/// are as much like each. What can be read only once is copied first.
///
/// # Errors
/// If the bytes cannot be read or are neither, there are no events, or there are several topics of them
/// of which none was chosen; [`evz_core::Error::question`] then says what settles it.
pub fn open(input: Input, options: &OpenOptions) -> Result<Box<dyn EventSource>> {
    let file_name = input.file_name();
    let survey = survey(input)?;
    let chosen = survey.choose(options.stream.as_deref())?;
    let source = Source::new(&survey, chosen, SideScope::Alone, options, &file_name)?;
    if let Some(told) = &options.stream {
        survey.check_side(told, &source.side_streams())?;
    }
    Ok(Box::new(source))
}

/// Opens every topic with events, each as a source that reads through the file. Side streams come with
/// the events whose topic theirs is most like, those that are as much like each with the first.
///
/// # Errors
/// As [`open`], but for several topics; of more than 64 one has to be chosen.
pub fn open_streams(input: Input, options: &OpenOptions) -> Result<Vec<Box<dyn EventSource>>> {
    /// Rigs have some cameras. Each source reads through the file, and takes memory for that.
    const MAX_STREAMS: usize = 64;
    let file_name = input.file_name();
    let survey = survey(input)?;
    let topics = &survey.events;
    let source = |chosen, scope| -> Result<Box<dyn EventSource>> {
        Ok(Box::new(Source::new(
            &survey, chosen, scope, options, &file_name,
        )?))
    };
    if topics.len() < 2 {
        return Ok(vec![source(survey.choose(None)?, SideScope::Alone)?]);
    }
    if topics.len() > MAX_STREAMS {
        let what = format!(
            "it has {} topics with events, and at most {MAX_STREAMS} are read at once",
            topics.len()
        );
        let names = topics.iter().map(|at| &survey.topics.list[*at].name);
        return Err(Error::limit(&survey.name, what).settled_by(Question::Stream, names));
    }
    let topics = topics.iter();
    topics
        .map(|topic| source(Some(*topic), SideScope::Apart))
        .collect()
}

/// Opens a file to decode parts of the events that [`open`] gives.
pub(crate) fn open_parts(input: Input, options: &OpenOptions) -> Result<Arc<dyn Parts>> {
    let survey = survey(input)?;
    let chosen = survey.choose(options.stream.as_deref())?;
    Ok(Arc::new(RosParts::new(&survey, chosen)))
}

fn survey(input: Input) -> Result<Survey> {
    let clues = input.clues();
    let container = match (probe_mcap(&clues), probe_db3(&clues)) {
        (Some(_), _) => Container::Mcap,
        (None, Some(_)) => Container::Db3,
        (None, None) => Container::Bag,
    };
    let name = input.name().to_owned();
    Survey::of(container, input.into_read_at()?, &name)
}
