//! Words of EVT3 without a file around them, as the messages of robots carry them.

use evz_core::{EventBatch, PartReader, PartWriter, Report, Result, SideRows};

use crate::Encoding;
use crate::decode::{Decoded, Decoder};
use crate::triggers::STREAM;

/// What the words of EVT3 so far say of the next ones. Words may be given in pieces of any number of
/// bytes that is even; times are microseconds of the sensor's clock, as in
/// [`PropheseeSource`](crate::PropheseeSource).
pub struct Evt3Words {
    decoder: Decoder,
    decoded: Decoded,
}

impl Default for Evt3Words {
    fn default() -> Self {
        Self {
            decoder: Decoder::new(Encoding::Evt3, None),
            decoded: Decoded::new(0),
        }
    }
}

impl Evt3Words {
    /// The name of the side stream that triggers are in.
    pub const TRIGGERS: &str = STREAM;

    /// Adds the events of `bytes`, which begin at byte `at` of the input. A last byte that is no whole
    /// word is counted as lost.
    pub fn decode(&mut self, bytes: &[u8], at: u64, batch: &mut EventBatch) {
        let whole = bytes.len() & !1;
        std::mem::swap(batch, &mut self.decoded.batch);
        self.decoder.decode(&bytes[..whole], at, &mut self.decoded);
        std::mem::swap(batch, &mut self.decoded.batch);
        let cut = (bytes.len() - whole) as u64;
        self.decoded.found.cut.add(cut, at + whole as u64);
    }

    /// Triggers since they were last taken, as rows of the side stream [`Evt3Words::TRIGGERS`].
    pub fn take_triggers(&mut self) -> Option<SideRows> {
        self.decoded.triggers.take()
    }

    /// Adds what the next words are decoded by to what is said of a part.
    pub fn tell(&self, part: &mut PartWriter) {
        self.decoder.tell(part);
    }

    /// Goes on as where this was told.
    ///
    /// # Errors
    /// If it makes no sense.
    pub fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        self.decoder.told(part)
    }

    /// What was noticed and lost; `name` is what the input is called.
    pub fn report(&self, name: &str) -> Report {
        Report {
            notes: self.decoded.found.notes(Encoding::Evt3.clock_bits()),
            losses: self.decoded.found.losses(name),
            ..Report::default()
        }
    }
}
