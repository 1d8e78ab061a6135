//! Parts of a recording: a run of words, and what those before it say of them.

use std::cell::RefCell;
use std::sync::Arc;

use evz_core::{
    EventBatch, Input, OpenOptions, PartReader, PartWriter, Parts, ReadAt, Result, read_range,
};

use crate::decode::{Decoded, Decoder};
use crate::found::Found;
use crate::plan::Plan;
use crate::{Encoding, WordOrder};

/// Bytes of a part: some 8,000 events, which are decoded in some 20 us.
pub(crate) fn block_len(encoding: Encoding) -> usize {
    match encoding {
        Encoding::Evt2 | Encoding::Evt3 | Encoding::Evt4 => 32 << 10,
        Encoding::Evt21 | Encoding::Dat1 | Encoding::Dat2 => 64 << 10,
    }
}

/// A run of whole words.
pub(crate) struct Part {
    /// Where it begins in the file.
    pub(crate) at: u64,
    pub(crate) len: usize,
    /// What the words before it say.
    pub(crate) decoder: Decoder,
}

impl Part {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut part = PartWriter::new();
        part.uint(self.at);
        part.uint(self.len as u64);
        self.decoder.tell(&mut part);
        part.into_bytes()
    }

    fn of(bytes: &[u8], mut decoder: Decoder) -> Result<Self> {
        let mut part = PartReader::new(bytes);
        let (at, len) = (part.uint()?, part.narrow()?);
        decoder.told(&mut part)?;
        part.end()?;
        Ok(Self { at, len, decoder })
    }
}

/// A RAW or DAT recording of which parts are decoded.
struct PropheseeParts {
    bytes: Arc<dyn ReadAt>,
    encoding: Encoding,
    word_order: Option<WordOrder>,
    t0: i64,
}

/// Opens a recording to decode parts of it.
///
/// # Errors
/// As [`open`](crate::open).
pub(crate) fn open(input: Input, options: &OpenOptions) -> Result<Arc<dyn Parts>> {
    let plan = Plan::of(&input, options)?;
    Ok(Arc::new(PropheseeParts {
        bytes: input.into_read_at()?,
        encoding: plan.encoding,
        word_order: plan.word_order,
        t0: plan.t0,
    }))
}

thread_local! {
    /// Memory for events on their way.
    static DECODED: RefCell<Decoded> = RefCell::new(Decoded::new(0));
}

impl Parts for PropheseeParts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let decoder = Decoder::new(self.encoding, self.word_order);
        let Part {
            at,
            len,
            mut decoder,
        } = Part::of(part, decoder)?;
        let bytes = read_range(&*self.bytes, at, len as u64)?;
        DECODED.with_borrow_mut(|decoded| {
            decoded.begin(self.t0);
            std::mem::swap(&mut decoded.batch, batch);
            decoded.batch.clear();
            decoder.decode(&bytes, at, decoded);
            std::mem::swap(&mut decoded.batch, batch);
            decoded.found = Found::default();
        });
        Ok(())
    }
}
