//! Times of events and triggers that the words cannot say.

use evz_core::{Clock, Error, Place, Question, TimeBase};

use crate::Encoding;
use crate::header::MAX_T0;

/// An event that does not fit: its place in the batch, and what is the matter.
pub(super) struct Misfit {
    pub(super) at: usize,
    pub(super) why: Why,
}

impl Misfit {
    /// The same where the batch has so many events before those that were looked at.
    pub(super) fn behind(self, n: usize) -> Self {
        let at = self.at + n;
        Self { at, ..self }
    }
}

/// What is the matter with its time.
pub(super) enum Why {
    /// It is no whole number of microseconds.
    Finer,
    /// It is later than a recording begins that is read back.
    Beyond,
    /// It is before 0.
    BeforeZero,
    /// It is too far before what is ahead of it.
    Backward,
    /// It is too far after what is ahead of it.
    Gap,
}

impl Why {
    /// The error for an event at this tick.
    pub(super) fn error(
        self,
        place: Place,
        t: i64,
        (base, clock): (TimeBase, Clock),
        encoding: Encoding,
    ) -> Error {
        let time = format!("its time, {} us, is", base.to_microseconds(t));
        let exact = base.time_in_words(t);
        let error = |what: String| Error::unsupported(place, what);
        match self {
            Self::Finer => error(format!(
                "its time, {exact}, is no whole number of microseconds, and RAW and DAT keep no finer \
                 times"
            ))
            .settled_by(Question::Round, ["us"])
            .advise("write .evz or .parquet, which do"),
            Self::Beyond => error(format!(
                "its time, {exact}, is later than a recording in RAW or DAT begins: {MAX_T0} us at most"
            ))
            .advise("write .evz or .parquet, which keep it"),
            Self::BeforeZero => error(format!("{time} before 0"))
                .settled_by(Question::From, [clock.tick_0(base)]),
            Self::Backward => error(format!(
                "{time} further before the event ahead of it than {encoding} can say"
            ))
            .settled_by(Question::OnUnsorted, ["sort"]),
            Self::Gap => error(format!(
                "{time} further after the event ahead of it than {encoding} can say"
            ))
            .advise("write .evz"),
        }
    }

    /// Which triggers are lost for it.
    pub(super) fn lost_triggers(&self) -> &'static str {
        match self {
            Self::Finer => "triggers whose time is no whole number of microseconds",
            Self::Beyond => "triggers of times that RAW does not have",
            Self::BeforeZero => "triggers before time 0",
            Self::Backward => "triggers that came after events of later times",
            Self::Gap => "triggers too long after the events",
        }
    }
}

/// A time in whole microseconds from 0 on.
pub(super) fn microseconds(t: i64, base: TimeBase) -> Result<i64, Why> {
    match base.convert(t, TimeBase::MICROSECONDS) {
        Some(us) if us >= 0 => Ok(us),
        Some(_) => Err(Why::BeforeZero),
        None if i64::try_from(base.to_microseconds(t)).is_ok() => Err(Why::Finer),
        None => Err(Why::Beyond),
    }
}
