//! How the events of a file are to be read: what its header says, what the options say, and what
//! only the events can tell.

use evz_core::{Error, Input, Metadata, OpenOptions, Question, Result, SensorSize, Value};

use crate::fits::First;
use crate::guess;
use crate::header::dat::DatHeader;
use crate::header::family::{has_dat_key, is_dat, is_raw, names_encoding};
use crate::header::raw::RawHeader;
use crate::header::{Header, MAX_LEN};
use crate::told::Told;
use crate::{Encoding, WordOrder};

/// How the events of a file are to be read.
pub(crate) struct Plan {
    pub(crate) encoding: Encoding,
    /// The order of EVT2.1's words.
    pub(crate) word_order: Option<WordOrder>,
    pub(crate) size: Option<SensorSize>,
    /// Microseconds to add to every time.
    pub(crate) t0: i64,
    /// Bytes before the events.
    pub(crate) header_len: usize,
    /// The serial number of the camera, where the header says it.
    pub(crate) serial: String,
    /// The lines of the header as they are.
    lines: Vec<u8>,
    /// The first words.
    pub(crate) first: First,
    /// What is not said but found.
    pub(crate) inferred: Vec<String>,
}

impl Plan {
    pub(crate) fn of(input: &Input, options: &OpenOptions) -> Result<Self> {
        let told = Told::by(options)?;
        let (name, head) = (input.name(), input.head());
        if head.is_empty() {
            let what = "it is empty: there are no events";
            return Err(Error::insufficient(name, what));
        }
        let header = Header::parse(head);
        if header.is_cut(head) {
            return Err(if head.len() < MAX_LEN {
                Error::insufficient(name, "it ends within its header: there are no events")
            } else {
                Error::limit(name, format!("its header is longer than {MAX_LEN} bytes"))
            });
        }
        let all = || Encoding::ALL.map(Encoding::name);
        let reads_dat = match told.encoding {
            Some(encoding) => encoding.is_dat(),
            None if has_dat_key(&header) && names_encoding(&header) => {
                let what = "its header has lines of RAW (format, evt) and of DAT (Version, Height, \
                            Width)";
                return Err(Error::ambiguous(name, what).settled_by(Question::Encoding, all()));
            }
            None if is_dat(&header) || (header.is_empty() && input.clues().is_named("dat")) => true,
            None if is_raw(&header) => false,
            None if header.is_empty() => return Err(no_header(input, told.size)),
            None => {
                let what = "it has no header that says whether it is RAW or DAT";
                let fitting = First::of(head, told.size).others(None);
                let names = match fitting.is_empty() {
                    // Any bytes are events of DAT 1.
                    true => Encoding::ALL
                        .into_iter()
                        .filter(|e| *e != Encoding::Dat1)
                        .collect(),
                    false => fitting,
                };
                let names = names.into_iter().map(Encoding::name);
                return Err(Error::ambiguous(name, what).settled_by(Question::Encoding, names));
            }
        };
        let mut plan = if reads_dat {
            Self::of_dat(&header, input, &told)
        } else {
            Self::of_raw(&header, input, &told)
        }?;
        told.check_word_order(plan.encoding)?;
        plan.t0 = header.t0(name)?;
        plan.serial = header
            .get(&["serial_number"])
            .unwrap_or_default()
            .to_owned();
        plan.lines = head[..header.len].to_vec();
        if header.events_look_alike {
            plan.inferred.push(format!(
                "the header ends at byte {}: what follows looks like a line of it but holds control \
                 characters",
                header.len
            ));
        }
        Ok(plan)
    }

    fn of_raw(header: &Header, input: &Input, told: &Told) -> Result<Self> {
        let mut raw = RawHeader::of(header, input.name(), told)?;
        let mut inferred = std::mem::take(&mut raw.inferred);
        let mut word_order = None;
        if raw.encoding == Encoding::Evt21 {
            let events = &input.head()[header.len..];
            let (order, why) = guess::word_order(&raw, events, input.name(), told)?;
            word_order = Some(order);
            inferred.extend(why);
        }
        let (after, size) = (&input.head()[header.len..], raw.size);
        Ok(Self {
            encoding: raw.encoding,
            word_order,
            size,
            t0: 0,
            header_len: header.len,
            serial: String::new(),
            lines: Vec::new(),
            first: First::of(after, size),
            inferred,
        })
    }

    fn of_dat(header: &Header, input: &Input, told: &Told) -> Result<Self> {
        let after = &input.head()[header.len..];
        let dat = DatHeader::of(header, after, input.name(), told)?;
        let mut inferred = Vec::new();
        if header.is_empty() {
            guess::check_bare_dat(input.head(), input.name())?;
            inferred.push("no header: the events begin at byte 0".to_owned());
        }
        if let (Some(encoding), Some(version)) = (told.encoding, header.get(&["Version"]))
            && encoding.to_string() != format!("DAT {version}")
        {
            let what = format!("{encoding} as told, though its header says Version {version}");
            inferred.push(what);
        }
        let encoding = match dat.encoding {
            Some(encoding) => encoding,
            None => {
                let (encoding, why) = guess::dat_version(&input.head()[dat.len..], input.name())?;
                inferred.push(why);
                encoding
            }
        };
        let (after, size) = (&input.head()[dat.len..], dat.size);
        Ok(Self {
            encoding,
            word_order: None,
            size,
            t0: 0,
            header_len: dat.len,
            serial: String::new(),
            lines: Vec::new(),
            first: First::of(after, size),
            inferred,
        })
    }

    /// Where the recording comes from.
    pub(crate) fn metadata(&self, input: &Input) -> Metadata {
        let format = if self.encoding.is_dat() { "dat" } else { "raw" };
        let mut metadata = Metadata::new();
        let mut insert = |key: &str, value| metadata.insert(key.to_owned(), value);
        insert("source.format", Value::from(format));
        insert("source.file", Value::Text(input.file_name()));
        insert("source.encoding", Value::from(self.encoding.name()));
        if let Some(order) = self.word_order {
            insert("source.word_order", Value::from(order.name()));
        }
        if !self.lines.is_empty() {
            insert("source.header", Value::Bytes(self.lines.clone()));
        }
        metadata
    }
}

/// The error for bytes without a header: only what makes events of them is named.
fn no_header(input: &Input, size: Option<SensorSize>) -> Error {
    let name = input.name();
    let fitting = First::of(input.head(), size).others(None);
    if fitting.is_empty() {
        let what = "it has no header that says whether it is RAW or DAT, and its bytes are no events of \
                    either";
        return Error::unsupported(name, what);
    }
    let what = "it has no header that says whether it is RAW or DAT";
    let names = fitting.into_iter().map(Encoding::name);
    Error::ambiguous(name, what).settled_by(Question::Encoding, names)
}
