//! Which layout a file has, by its length and its first events: nothing else tells it.

use evz_core::{Clues, Error, EventBatch, Question, Result, SensorSize};

use crate::decode::Decoder;
use crate::encoding::Encoding;

/// Bytes at the start of a file that are there to look at, at most.
const HEAD: usize = 64 << 10;
/// A layout fits if no more than one record in so many is odd: damaged files have a few. Of bytes
/// that are something else half of the times run backwards.
const FITS: usize = 16;
/// Events from which on some time must have passed: a run of one byte is no recording.
const TIMES_ADVANCE: usize = 16;
/// Events that are enough to know the sensor by its pixels. Files of N-MNIST have thousands.
const SHOWN: usize = 256;
/// The pictures of N-MNIST, 28x28, and three pixels more on each side for their motion: Orchard et
/// al., Frontiers in Neuroscience 9:437, 2015.
const NMNIST: SensorSize = SensorSize {
    width: 34,
    height: 34,
};

/// The start of a file, decoded in one of the layouts.
pub(crate) struct Sample {
    encoding: Encoding,
    events: EventBatch,
    /// Length of the file, where it is known.
    len: Option<u64>,
    /// Whether the sample is all of it.
    is_whole: bool,
    /// Events with a pixel that the layout cannot have.
    outside: usize,
    /// Events that are earlier than the one before.
    backwards: usize,
}

impl Sample {
    pub(crate) fn of(clues: &Clues<'_>, encoding: Encoding) -> Self {
        let (mut decoder, mut events) = (Decoder::new(encoding), EventBatch::default());
        decoder.decode(clues.head, &mut events);
        let below = |y: &&u16| u32::from(**y) >= encoding.camera().height;
        let outside = match encoding {
            Encoding::Nmnist => events.y.iter().filter(below).count(),
            // Another camera than the data set's may have more pixels, but no further bits.
            Encoding::Cvpr2016 => decoder.stray as usize,
        };
        // The length of a stream is known once it ends within the head.
        let ended = (clues.head.len() < HEAD).then_some(clues.head.len() as u64);
        let len = clues.len.or(ended);
        Self {
            encoding,
            len,
            is_whole: len == Some(clues.head.len() as u64),
            outside,
            backwards: events.t.windows(2).filter(|t| t[1] < t[0]).count(),
            events,
        }
    }

    /// Whether the events are those of the layout, whatever the length.
    pub(crate) fn events_fit(&self) -> bool {
        self.odd_events().is_none()
    }

    /// Whether the layout fits.
    pub(crate) fn fits(&self) -> bool {
        self.odd_length().is_none() && self.events_fit()
    }

    fn odd_length(&self) -> Option<String> {
        let record = self.encoding.record_len();
        let len = self.len.filter(|len| len % record as u64 != 0)?;
        Some(format!("its length, {len}, is no multiple of {record}"))
    }

    fn odd_events(&self) -> Option<String> {
        let n = self.events.len();
        let of_first = |odd: usize, what: &str| {
            (odd * FITS > n).then(|| format!("{odd} of the first {n} events {what}"))
        };
        let pixels = match self.encoding {
            Encoding::Nmnist => "lie below the sensor",
            Encoding::Cvpr2016 => "have bits that it leaves empty",
        };
        let t = &self.events.t;
        let stands = n >= TIMES_ADVANCE && t.last() <= t.first();
        let nothing = (n == 0).then(|| "there is no event".to_owned());
        nothing
            .or_else(|| of_first(self.outside, pixels))
            .or_else(|| of_first(self.backwards, "are earlier than the one before"))
            .or_else(|| stands.then(|| format!("no time passes in the first {n} events")))
    }

    /// The sensor, if the events show it.
    pub(crate) fn size(&self) -> Option<SensorSize> {
        let shows = |size: SensorSize| {
            let mut pixels = self.events.x.iter().zip(&self.events.y);
            pixels.all(|(x, y)| size.contains(*x, *y)).then_some(size)
        };
        match self.encoding {
            Encoding::Nmnist if self.is_whole && self.events.len() >= SHOWN => shows(NMNIST),
            Encoding::Nmnist => None,
            Encoding::Cvpr2016 => shows(self.encoding.camera()),
        }
    }
}

/// The layout of a file of which nothing is told.
///
/// # Errors
/// If both fit, or none.
pub(crate) fn encoding(clues: &Clues<'_>) -> Result<Encoding> {
    let samples = Encoding::ALL.map(|encoding| Sample::of(clues, encoding));
    let mut fit = samples.iter().filter(|sample| sample.fits());
    let error = match (fit.next(), fit.next()) {
        (Some(only), None) => return Ok(only.encoding),
        (Some(_), Some(_)) => {
            let what = "its bytes are events of N-MNIST and of CVPR 2016 alike";
            Error::ambiguous(clues.name, what)
        }
        (None, _) => {
            // Only the length may be odd; what are no events in either is not read as some.
            let near: Vec<Encoding> = (samples.iter())
                .filter(|sample| sample.events_fit())
                .map(|sample| sample.encoding)
                .collect();
            let why = samples.map(|sample| {
                let odd = sample.odd_length().or_else(|| sample.odd_events());
                format!("as {} {}", sample.encoding, odd.unwrap_or_default())
            });
            let what = format!(
                "it has no header, and does not look like events of N-MNIST or of CVPR 2016: {}",
                why.join("; ")
            );
            let error = Error::unsupported(clues.name, what);
            return Err(match near.is_empty() {
                true => error,
                false => error.settled_by(Question::Encoding, near),
            });
        }
    };
    Err(error.settled_by(Question::Encoding, Encoding::ALL))
}
