//! What the reader is told rather than left to find.

use evz_core::{Error, OpenOptions, Question, Result, SensorSize};

use crate::{Encoding, WordOrder};

/// What the reader is told, whatever the header says. The default is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) encoding: Option<Encoding>,
    /// The order of the halves of EVT2.1's words.
    pub(crate) word_order: Option<WordOrder>,
    pub(crate) size: Option<SensorSize>,
}

impl Told {
    pub(crate) fn by(options: &OpenOptions) -> Result<Self> {
        let encoding = options.encoding.as_deref().map(str::parse).transpose()?;
        let word_order = options.word_order.as_deref().map(str::parse).transpose()?;
        Ok(Self {
            encoding,
            word_order,
            size: options.size,
        })
    }

    /// Refuses an order of halves of words that have none: without an effect it would mislead.
    pub(crate) fn check_word_order(&self, encoding: Encoding) -> Result<()> {
        if self.word_order.is_none() || encoding == Encoding::Evt21 {
            return Ok(());
        }
        let what = format!("only words of EVT2.1 come in two orders, and these are of {encoding}");
        Err(Error::invalid(what).without(Question::WordOrder))
    }
}
