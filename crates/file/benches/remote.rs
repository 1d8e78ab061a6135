//! Requests and bytes of a window in a file of a terabyte that lies somewhere else: how often someone
//! waits for an answer, and for how much. No such file is made: the chunks are one chunk with other
//! times, made again when they are read.
//!
//! `cargo bench -p evz-file --bench remote`

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use evz_codec::{Codec, FAST, SMALL};
use evz_core::{
    EventBatch, EventSource, Metadata, Next, Selection, SensorSize, StreamInfo, TimeBase,
};
use evz_file::steps::{OpenSteps, SelectSteps, Step};
use evz_file::wire::{ChunkHead, Kind, RecordHeader};
use evz_file::{Index, WriteOptions};
use evz_synth::SynthOptions;

const CHUNK_EVENTS: u64 = 65_536;
const TERABYTE: u64 = 1_000_000_000_000;
/// Bytes that are read rather than asked for apart: over a network an answer takes as long as some
/// hundred kilobytes.
const GAP: u64 = 256 << 10;
/// Chunks, and records of the index, that are asked for at once.
const AHEAD: usize = 8;

/// A chunk that stands at many places, each time later.
struct Template {
    body: Vec<u8>,
    head: ChunkHead,
    step: i64,
}

impl Template {
    fn new(codec: &'static dyn Codec, events: &EventBatch) -> Self {
        let info = StreamInfo::new(TimeBase::MICROSECONDS);
        let options = WriteOptions::new().with_codec(codec);
        let mut writer = options.write_to(Vec::new(), &info).unwrap();
        writer.write_batch(events.as_slice()).unwrap();
        let file = writer.finish_into(&Metadata::new()).unwrap().0;
        let header = RecordHeader::read_from(&file[64..]).unwrap();
        let body = file[96..96 + header.body_len as usize].to_vec();
        let (head, _) = ChunkHead::read_from(&body, header.body_len).unwrap();
        Self {
            body,
            step: head.t_max - head.t_min + 1,
            head,
        }
    }

    /// The chunk of this number.
    fn chunk(&self, number: u64) -> Vec<u8> {
        let mut body = self.body.clone();
        let later = number as i64 * self.step;
        let mut head = ChunkHead {
            t_first: self.head.t_first + later,
            t_min: self.head.t_min + later,
            t_max: self.head.t_max + later,
            ..self.head
        };
        head.write_to(&mut body);
        body
    }
}

/// What a writer writes, but for the bodies of chunks.
#[derive(Default)]
struct Sparse {
    len: u64,
    /// The records that are no chunks, and the headers of those that are.
    parts: BTreeMap<u64, Vec<u8>>,
    /// Where the bodies of chunks start.
    chunks: Vec<u64>,
    is_chunk: bool,
}

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::mem::take(&mut self.is_chunk) {
            true => self.chunks.push(self.len),
            false => drop(self.parts.insert(self.len, bytes.to_vec())),
        }
        let header = RecordHeader::read_from(bytes).filter(|_| bytes.len() == 32);
        self.is_chunk = header.is_some_and(|h| h.kind == Kind::Chunk as u16);
        self.len += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sparse {
    fn read(&self, range: &Range<u64>, template: &Template) -> Vec<u8> {
        let mut out = vec![0; (range.end - range.start) as usize];
        let mut put = |at: u64, bytes: &[u8]| {
            let (from, to) = (
                at.max(range.start),
                (at + bytes.len() as u64).min(range.end),
            );
            if from < to {
                out[(from - range.start) as usize..(to - range.start) as usize]
                    .copy_from_slice(&bytes[(from - at) as usize..(to - at) as usize]);
            }
        };
        let before = self.parts.range(..range.start).next_back();
        for (at, bytes) in before.into_iter().chain(self.parts.range(range.clone())) {
            put(*at, bytes);
        }
        let first = self
            .chunks
            .partition_point(|at| *at <= range.start)
            .saturating_sub(1);
        for (number, at) in self.chunks.iter().enumerate().skip(first) {
            if *at >= range.end {
                break;
            }
            put(*at, &template.chunk(number as u64));
        }
        out
    }
}

/// Round trips, bytes, and the largest answer that is no payload.
#[derive(Default)]
struct Counted {
    trips: usize,
    bytes: u64,
    largest: u64,
}

impl Counted {
    fn get(
        &mut self,
        (file, template): (&Sparse, &Template),
        ranges: Vec<Range<u64>>,
        mut give: impl FnMut(u64, &[u8]),
    ) {
        self.trips += 1;
        for range in ranges {
            self.bytes += range.end - range.start;
            self.largest = self.largest.max(range.end - range.start);
            give(range.start, &file.read(&range, template));
        }
    }
}

fn open(file: &Sparse, template: &Template) -> (Arc<Index>, Counted) {
    let (mut steps, mut counted) = (OpenSteps::new(file.len), Counted::default());
    loop {
        match steps.step().unwrap() {
            Step::Done(index) => return (Arc::new(index), counted),
            Step::Need(ranges) => {
                counted.get((file, template), ranges, |at, bytes| steps.give(at, bytes));
            }
        }
    }
}

/// The events of a window, what finding it took, and what its events took.
fn window(
    file: &Sparse,
    template: &Template,
    index: &Arc<Index>,
    window: Range<i64>,
) -> (usize, Counted, Counted) {
    let selection = Selection::default().with_time(window);
    let mut steps = SelectSteps::new(index.clone(), selection.clone());
    steps = steps.with_gap(GAP).with_ahead(AHEAD);
    let (mut index, mut events) = (Counted::default(), Counted::default());
    let mut batch = EventBatch::default();
    loop {
        match steps.step().unwrap() {
            Step::Done(None) => return (batch.len(), index, events),
            Step::Need(ranges) => {
                let of_chunks = ranges.iter().any(|r| r.end - r.start > 64 << 10);
                let counted = if of_chunks { &mut events } else { &mut index };
                counted.get((file, template), ranges, |at, bytes| steps.give(at, bytes));
            }
            Step::Done(Some(piece)) => {
                let mut steps = piece.steps().with_gap(GAP);
                let chunk = loop {
                    match steps.step().unwrap() {
                        Step::Done(chunk) => break chunk,
                        Step::Need(ranges) => events.get((file, template), ranges, |at, bytes| {
                            steps.give(at, bytes);
                        }),
                    }
                };
                piece.read(&chunk, &selection, &mut batch).unwrap();
            }
        }
    }
}

fn main() {
    println!(
        "| codec | window | events | trips to open | trips in all | bytes to open | of the index | of events | largest answer but events |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for codec in [&FAST as &'static dyn Codec, &SMALL] {
        let size = SensorSize {
            width: 1_280,
            height: 720,
        };
        let mut source = SynthOptions::default()
            .with_size(size)
            .with_events(CHUNK_EVENTS)
            .with_seed(7)
            .open()
            .unwrap();
        let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
        while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
            events.extend(batch.as_slice());
        }
        let template = Template::new(codec, &events);
        let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(size);
        let mut writer = WriteOptions::new()
            .write_to(Sparse::default(), &info)
            .unwrap();
        let n = TERABYTE / (template.body.len() as u64 + 64);
        for number in 0..n {
            writer.copy_chunk(template.chunk(number)).unwrap();
        }
        let file = writer.finish_into(&Metadata::new()).unwrap().0;
        assert!(file.len > TERABYTE * 99 / 100);
        let end = n as i64 * template.step;
        for (name, len) in [("100 µs", 100), ("1 ms", 1_000), ("10 ms", 10_000)] {
            let (index, opening) = open(&file, &template);
            let start = end / 5 * 3 + 777;
            let (events, finding, taking) = window(&file, &template, &index, start..start + len);
            let largest = opening.largest.max(finding.largest);
            println!(
                "| `{}` | {name} | {events} | {} | {} | {} | {} | {} | {largest} |",
                codec.name(),
                opening.trips,
                opening.trips + finding.trips + taking.trips,
                opening.bytes,
                finding.bytes,
                taking.bytes,
            );
        }
    }
}
