//! What the tests share: words and files built by hand, and all that a source gives.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use evz_core::{
    Event, EventBatch, EventSink, EventSource, Input, Next, Note, OpenOptions, Output, Report,
    Result, SensorSize, SideColumn, SideRows, SideValues, StreamInfo,
};
use evz_prophesee::{Encoding, PropheseeSink, PropheseeSource};

/// `(t, x, y, p)`.
pub(crate) type Row = (i64, u16, u16, u8);

/// All that a source gives.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    pub(crate) side: Vec<SideRows>,
    pub(crate) report: Report,
    /// An error after some of the events.
    pub(crate) error: Option<String>,
}

impl Recording {
    pub(crate) fn rows(&self) -> Vec<Row> {
        let row = |Event { t, x, y, p }| (t, x, y, p);
        self.events.iter().map(row).collect()
    }

    /// `(t, rising, id)`.
    pub(crate) fn triggers(&self) -> Vec<(i64, bool, u8)> {
        let mut triggers = Vec::new();
        for rows in &self.side {
            assert_eq!(rows.stream, "triggers");
            let [polarity, id] = &rows.columns[..] else {
                panic!("{:?}", rows.columns);
            };
            assert_eq!((&*polarity.name, &*id.name), ("polarity", "id"));
            let (SideValues::Bool(rising), SideValues::U8(id)) = (&polarity.values, &id.values)
            else {
                panic!("{:?}", rows.columns);
            };
            triggers.extend((0..rows.len()).map(|i| (rows.t[i], rising[i], id[i])));
        }
        triggers
    }

    /// What was lost, and how much of it.
    pub(crate) fn losses(&self) -> Vec<(&str, u64)> {
        losses(&self.report)
    }

    /// What is said though nothing is lost.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.report.notes.iter().map(Note::to_string).collect()
    }

    /// How often the clock was carried on, and its bits.
    pub(crate) fn wraps(&self) -> Option<(u64, u32)> {
        self.report.notes.iter().find_map(|note| match note {
            Note::ClockWrapped { times, bits } => Some((*times, *bits)),
            _ => None,
        })
    }
}

/// What was lost, and how much of it.
pub(crate) fn losses(report: &Report) -> Vec<(&str, u64)> {
    let losses = report.losses.iter();
    losses
        .map(|loss| (loss.what.as_str(), loss.count))
        .collect()
}

pub(crate) fn read(mut source: PropheseeSource) -> Recording {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    let (mut side, mut error) = (Vec::new(), None);
    loop {
        match source.read_batch(&mut batch) {
            Ok(Next::Events(_)) => events.extend(batch.as_slice()),
            Ok(Next::Rows(rows)) => side.push(rows),
            Ok(Next::End(_)) => break,
            Err(e) => {
                error = Some(e.to_string());
                assert!(
                    matches!(source.read_batch(&mut batch).unwrap(), Next::End(_)),
                    "an error is the end"
                );
                break;
            }
        }
    }
    Recording {
        info: source.info().clone(),
        events,
        side,
        report: source.report(),
        error,
    }
}

/// How sure a format is of the start of a file.
pub(crate) fn probe(format: &str, head: &[u8]) -> Option<u8> {
    let format = evz_prophesee::FORMATS.iter().find(|f| f.name == format);
    (format.unwrap().probe)(&Input::from_bytes(head, "a").clues())
}

pub(crate) fn open(bytes: &[u8], options: &OpenOptions) -> Result<PropheseeSource> {
    evz_prophesee::open(Input::from_bytes(bytes, "a.raw"), options)
}

pub(crate) fn read_with(bytes: &[u8], options: &OpenOptions) -> Result<Recording> {
    open(bytes, options).map(read)
}

/// A file that can be read to its end.
pub(crate) fn read_all(bytes: &[u8]) -> Recording {
    let recording = read_with(bytes, &OpenOptions::new()).unwrap();
    assert_eq!(recording.error, None);
    recording
}

/// The one line that opening gives.
pub(crate) fn refused(bytes: &[u8], options: &OpenOptions) -> evz_core::Error {
    let error = open(bytes, options).err().expect("an error");
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A sink of the bytes of `out`.
pub(crate) fn sink(out: &Shared, encoding: Encoding, info: &StreamInfo) -> Result<PropheseeSink> {
    PropheseeSink::create(Output::from_writer(out.clone(), "out"), encoding, info)
}

/// The events as a file, written in batches of `step`; an error leaves what was written before it.
pub(crate) fn write_in_steps(
    events: &EventBatch,
    encoding: Encoding,
    info: &StreamInfo,
    step: usize,
) -> (Vec<u8>, Result<()>) {
    let out = Shared::default();
    let write = || {
        let mut sink = Box::new(sink(&out, encoding, info)?);
        for start in (0..events.len()).step_by(step.max(1)) {
            let end = events.len().min(start + step);
            sink.write_batch(events.as_slice().slice(start..end))?;
        }
        assert_eq!(sink.finish(&Default::default())?, Report::default());
        Ok(())
    };
    let result = write();
    (std::mem::take(&mut *out.0.lock().unwrap()), result)
}

pub(crate) fn write(events: &EventBatch, encoding: Encoding, info: &StreamInfo) -> Result<Vec<u8>> {
    let (bytes, result) = write_in_steps(events, encoding, info, usize::MAX);
    result.map(|()| bytes)
}

/// `(t, rising, id)` as the rows that the reader gives.
pub(crate) fn trigger_rows(triggers: &[(i64, bool, u8)]) -> SideRows {
    let rising = triggers.iter().map(|(_, rising, _)| *rising).collect();
    let ids = triggers.iter().map(|(_, _, id)| *id).collect();
    let columns = vec![
        SideColumn::new("polarity", SideValues::Bool(rising)),
        SideColumn::new("id", SideValues::U8(ids)),
    ];
    let mut rows = SideRows::new("triggers", columns);
    rows.t = triggers.iter().map(|(t, _, _)| *t).collect();
    rows
}

pub(crate) fn batch(rows: &[Row]) -> EventBatch {
    let event = |&(t, x, y, p): &Row| Event { t, x, y, p };
    rows.iter().map(event).collect()
}

pub(crate) fn info(width: u32, height: u32) -> StreamInfo {
    StreamInfo::new(evz_core::TimeBase::MICROSECONDS).with_size(SensorSize { width, height })
}

/// A header of RAW as new cameras write it, of 1280x720 pixels, and these bytes.
pub(crate) fn raw(format: &str, words: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "% camera_integrator_name Prophesee\n% date 2024-02-03 04:05:06\n% format {format};\
         height=720;width=1280\n% generation 4.2\n% end\n"
    )
    .into_bytes();
    bytes.extend(words);
    bytes
}

/// A header of DAT with a size, and these bytes.
pub(crate) fn dat(version: u8, events: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "% Data file containing CD events.\n% Version {version}\n% Date 2017-10-31 11:27:54\n\
         % Height 240\n% Width 304\n"
    )
    .into_bytes();
    bytes.extend([0x0c, 8]);
    bytes.extend(events);
    bytes
}

/// Words of EVT2 (docs.prophesee.ai, EVT 2.0 Format): the kind in bits 31..28.
pub(crate) mod evt2 {
    pub(crate) fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Bits 27..0 are the time without its 6 low bits.
    pub(crate) fn time_high(high: u32) -> u32 {
        0x8 << 28 | high
    }

    /// The 6 low bits of the time in 27..22, the column in 21..11, the row in 10..0.
    pub(crate) fn event(p: u32, low: u32, x: u32, y: u32) -> u32 {
        p << 28 | low << 22 | x << 11 | y
    }

    /// The channel in bits 12..8, the edge in bit 0.
    pub(crate) fn trigger(low: u32, id: u32, rising: u32) -> u32 {
        0xa << 28 | low << 22 | id << 8 | rising
    }
}

/// Words of EVT2.1 (docs.prophesee.ai, EVT 2.1 Format): the kind in bits 63..60.
pub(crate) mod evt21 {
    use evz_prophesee::WordOrder;

    pub(crate) fn bytes(words: &[u64], order: WordOrder) -> Vec<u8> {
        let halves = |word: &u64| match order {
            WordOrder::Little => word.to_le_bytes(),
            // The high half first, each half with its low byte first.
            WordOrder::Legacy => word.rotate_left(32).to_le_bytes(),
        };
        words.iter().flat_map(halves).collect()
    }

    /// Bits 59..32 are the time without its 6 low bits.
    pub(crate) fn time_high(high: u64) -> u64 {
        0x8 << 60 | high << 32
    }

    /// The 6 low bits of the time in 59..54, the first column in 53..43, the row in 42..32, and in
    /// 31..0 the columns that have an event.
    pub(crate) fn events(p: u64, low: u64, x: u64, y: u64, mask: u64) -> u64 {
        p << 60 | low << 54 | x << 43 | y << 32 | mask
    }

    /// The channel in bits 44..40, the edge in bit 32.
    pub(crate) fn trigger(low: u64, id: u64, rising: u64) -> u64 {
        0xa << 60 | low << 54 | id << 40 | rising << 32
    }
}

/// Words of EVT3 (docs.prophesee.ai, EVT 3.0 Format): the kind in bits 15..12.
pub(crate) mod evt3 {
    pub(crate) fn bytes(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(crate) fn row(y: u16) -> u16 {
        y
    }

    /// An event: the polarity in bit 11, the column in 10..0.
    pub(crate) fn event(p: u16, x: u16) -> u16 {
        0x2000 | p << 11 | x
    }

    pub(crate) fn vector_base(p: u16, x: u16) -> u16 {
        0x3000 | p << 11 | x
    }

    pub(crate) fn vector_12(mask: u16) -> u16 {
        0x4000 | mask
    }

    pub(crate) fn vector_8(mask: u16) -> u16 {
        0x5000 | mask
    }

    pub(crate) fn time_low(low: u16) -> u16 {
        0x6000 | low
    }

    pub(crate) fn time_high(high: u16) -> u16 {
        0x8000 | high
    }

    /// The channel in bits 11..8, the edge in bit 0.
    pub(crate) fn trigger(id: u16, rising: u16) -> u16 {
        0xa000 | id << 8 | rising
    }
}

/// Words of EVT4 (OpenEB, `hal/cpp/include/metavision/hal/decoders/evt4/evt4_event_types.h`): the kind
/// in bits 31..28.
pub(crate) mod evt4 {
    use super::Row;

    pub(crate) fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Bits 27..0 are the time without its 6 low bits.
    pub(crate) fn time_high(high: u32) -> u32 {
        0xe << 28 | high
    }

    /// The 6 low bits of the time in 27..22, the column in 21..11, the row in 10..0.
    pub(crate) fn event(p: u32, low: u32, x: u32, y: u32) -> u32 {
        (0xa | p) << 28 | low << 22 | x << 11 | y
    }

    /// The same of the first of 32 columns; the next word has a bit for each, the lowest for the
    /// first.
    pub(crate) fn vector(p: u32, low: u32, x: u32, y: u32) -> u32 {
        (0xc | p) << 28 | low << 22 | x << 11 | y
    }

    /// The channel in bits 12..8, a count in 7..1, the edge in bit 0.
    pub(crate) fn trigger(low: u32, id: u32, count: u32, rising: u32) -> u32 {
        0x9 << 28 | low << 22 | id << 8 | count << 1 | rising
    }

    pub(crate) const PADDING: u32 = 0xffff_ffff;

    /// Events and triggers, a word at a time, with no clock that starts again.
    pub(crate) fn decode(words: &[u8]) -> (Vec<Row>, Vec<(i64, bool, u8)>) {
        let (mut rows, mut triggers) = (Vec::new(), Vec::new());
        let mut high = None;
        let mut words = words.chunks_exact(4).map(|word| {
            let bytes = <[u8; 4]>::try_from(word).unwrap();
            u32::from_le_bytes(bytes)
        });
        while let Some(word) = words.next() {
            let bits = |first: u32, n: u32| word >> first & ((1 << n) - 1);
            let (kind, x, y) = (bits(28, 4), bits(11, 11) as u16, bits(0, 11) as u16);
            let time = |high: Option<i64>| high.map(|high| high * 64 + i64::from(bits(22, 6)));
            match kind {
                0xa | 0xb => rows.extend(time(high).map(|t| (t, x, y, (kind & 1) as u8))),
                0xc | 0xd => {
                    let Some(mask) = words.next() else { break };
                    let lanes = (0..32).filter(|lane| mask >> lane & 1 == 1);
                    let row = |lane: u16| Some((time(high)?, x + lane, y, (kind & 1) as u8));
                    rows.extend(lanes.filter_map(row));
                }
                0xe => high = Some(i64::from(bits(0, 28))),
                0x9 => triggers.extend(time(high).map(|t| (t, bits(0, 1) == 1, bits(8, 5) as u8))),
                _ => {}
            }
        }
        (rows, triggers)
    }
}

/// An event of DAT 2 (docs.prophesee.ai, DAT File Format): the time, then the column in bits 13..0,
/// the row in 27..14 and the polarity from 28 on.
pub(crate) fn dat2(t: u32, x: u32, y: u32, p: u32) -> [u8; 8] {
    dat_event(t, p << 28 | y << 14 | x)
}

/// An event of DAT 1: the column in bits 8..0, the row in 16..9 and the polarity from 17 on.
pub(crate) fn dat1(t: u32, x: u32, y: u32, p: u32) -> [u8; 8] {
    dat_event(t, p << 17 | y << 9 | x)
}

fn dat_event(t: u32, pixel: u32) -> [u8; 8] {
    let [t, pixel] = [t, pixel].map(u32::to_le_bytes);
    [t, pixel].concat().try_into().unwrap()
}
