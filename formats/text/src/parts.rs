//! Parts of a text: runs of whole lines.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{
    Error, EventBatch, Input, OpenOptions, PartReader, PartWriter, Parts, Place, PolarityStyle,
    ReadAt, Result, read_error,
};

use crate::blocks::BLOCK_LEN;
use crate::detect::Dialect;
use crate::parse::Parser;
use crate::parse::fast::{BACK, FRONT};
use crate::source::{TextSource, parser};

/// A run of whole lines.
pub(crate) struct Part {
    /// Where it begins in the file.
    pub(crate) at: u64,
    pub(crate) len: usize,
    /// How polarity is written there.
    pub(crate) polarity: PolarityStyle,
}

impl Part {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let styles = PolarityStyle::ALL.iter();
        let style = styles.take_while(|style| **style != self.polarity).count();
        let mut part = PartWriter::new();
        part.uint(self.at);
        part.uint(self.len as u64);
        part.uint(style as u64);
        part.into_bytes()
    }

    fn of(bytes: &[u8]) -> Result<Self> {
        let mut part = PartReader::new(bytes);
        let (at, len, style) = (part.uint()?, part.narrow()?, part.narrow::<usize>()?);
        part.end()?;
        match PolarityStyle::ALL.get(style) {
            Some(&polarity) if len <= BLOCK_LEN => Ok(Self { at, len, polarity }),
            _ => Err(Error::corrupt("", "no part of a text is like this")),
        }
    }
}

/// A text of which parts are parsed.
struct TextParts {
    bytes: Arc<dyn ReadAt>,
    dialect: Dialect,
    options: OpenOptions,
    /// By how polarity is written: what says so may stand far behind the first lines.
    parsers: Mutex<Vec<(PolarityStyle, Arc<Parser>)>>,
}

/// Opens a text to parse parts of it.
///
/// # Errors
/// As [`open`](crate::open).
pub(crate) fn open(input: Input, options: &OpenOptions) -> Result<Arc<dyn Parts>> {
    let name = input.name().to_owned();
    let bytes = input.into_read_at()?;
    let again = Input::from_read_at(bytes.clone(), name)?;
    Ok(Arc::new(TextParts {
        bytes,
        dialect: TextSource::into_dialect(crate::open(again, options)?),
        options: options.clone(),
        parsers: Mutex::default(),
    }))
}

thread_local! {
    /// Memory for lines.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl TextParts {
    fn parser(&self, polarity: PolarityStyle) -> Arc<Parser> {
        let mut parsers = self.parsers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = parsers.iter().find(|(style, _)| *style == polarity) {
            return known.clone();
        }
        let mut dialect = self.dialect.clone();
        dialect.format.polarity = polarity;
        let new = parser(&dialect, &self.options);
        parsers.push((polarity, new.clone()));
        new
    }
}

impl Parts for TextParts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let Part { at, len, polarity } = Part::of(part)?;
        let parser = self.parser(polarity);
        TEXT.with_borrow_mut(|text| {
            text.resize(FRONT + len + BACK, 0);
            let read = self.bytes.read_exact_at(at, &mut text[FRONT..FRONT + len]);
            read.map_err(|e| read_error(Place::byte(at), e))?;
            text[FRONT + len..].fill(0);
            // What was found in them was said when the index was made.
            parser.parse(text, len, batch);
            Ok(())
        })
    }
}
