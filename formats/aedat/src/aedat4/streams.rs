//! What the header tells of the streams, as XML: nested `node`s with `attr`s. Under the node
//! `outInfo` there is a node for each stream, named by its number.

use evz_core::{Error, Place, Result, SensorSize};
use quick_xml::{
    Reader, XmlVersion,
    escape::unescape,
    events::{BytesStart, Event},
};

/// A stream of packets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) number: i32,
    /// What its packets are, four characters: `EVTS`.
    pub(super) kind: String,
    /// What it is called: `events`.
    pub(super) name: String,
    /// The camera that it comes from.
    pub(super) source: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
}

impl Stream {
    pub(super) fn size(&self) -> Option<SensorSize> {
        let (width, height) = (self.width?, self.height?);
        (width > 0 && height > 0).then_some(SensorSize { width, height })
    }

    fn set(&mut self, key: &str, value: String) {
        match key {
            "typeIdentifier" => self.kind = value,
            "originalOutputName" => self.name = value,
            "source" => self.source = Some(value),
            "sizeX" => self.width = value.parse().ok(),
            "sizeY" => self.height = value.parse().ok(),
            _ => {}
        }
    }
}

/// Recordings have a handful of streams.
const MAX_STREAMS: usize = 1024;

/// The streams that the header of a file describes, by their numbers; of one that is damaged those before
/// the damage.
///
/// # Errors
/// If they are more than any recording has.
pub(super) fn parse(file: &str, xml: &[u8]) -> Result<Vec<Stream>> {
    let mut streams = Vec::new();
    // An error ends the reading, as the end does.
    let _ = read(&String::from_utf8_lossy(xml), &mut streams);
    if streams.len() > MAX_STREAMS {
        let what = format!("it lists more than {MAX_STREAMS} streams, and no more are read");
        let error = Error::limit(Place::file(file).with_part("header"), what);
        return Err(error.advise("is the file damaged?"));
    }
    streams.retain(|stream| stream.number >= 0);
    streams.sort_by_key(|stream| stream.number);
    streams.dedup_by_key(|stream| stream.number);
    Ok(streams)
}

fn read(xml: &str, streams: &mut Vec<Stream>) -> quick_xml::Result<()> {
    let mut reader = Reader::from_str(xml);
    // How deep we are, and how deep `outInfo` lies.
    let (mut depth, mut out_info) = (0, None);
    // Key and value of the attribute that we are in.
    let mut attribute: Option<(String, String)> = None;
    while streams.len() <= MAX_STREAMS {
        match reader.read_event()? {
            Event::Start(tag) => {
                depth += 1;
                match (tag.name().as_ref(), out_info) {
                    ("node", None) if text_of(&tag, "name")? == "outInfo" => out_info = Some(depth),
                    ("node", Some(above)) if depth == above + 1 => streams.push(Stream {
                        number: text_of(&tag, "name")?.parse().unwrap_or(-1),
                        ..Stream::default()
                    }),
                    ("attr", Some(_)) => attribute = Some((text_of(&tag, "key")?, String::new())),
                    _ => {}
                }
            }
            Event::Text(text) => add(&mut attribute, &text),
            Event::GeneralRef(entity) => add(&mut attribute, &format!("&{};", &*entity)),
            Event::End(_) => {
                if let (Some((key, value)), Some(stream)) = (attribute.take(), streams.last_mut()) {
                    stream.set(&key, unescape(&value)?.into_owned());
                }
                if out_info == Some(depth) {
                    return Ok(());
                }
                depth -= 1;
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
    Ok(())
}

fn add(attribute: &mut Option<(String, String)>, text: &str) {
    if let Some((_, value)) = attribute {
        value.push_str(text);
    }
}

/// What is said in a tag.
fn text_of(tag: &BytesStart<'_>, key: &str) -> quick_xml::Result<String> {
    Ok(match tag.try_get_attribute(key)? {
        Some(attribute) => attribute
            .normalized_value(XmlVersion::Implicit1_0)?
            .into_owned(),
        None => String::new(),
    })
}
