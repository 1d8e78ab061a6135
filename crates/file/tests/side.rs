//! Side streams: written with a sink, read by time, and passed on beside the events of their time.

mod common;
mod forger;

use common::{Shared, Times, events, info};
use evz_core::{
    CreateOptions, EventBatch, EventIndex, EventSink, EventSource, Input, Metadata, Next, Note,
    OpenOptions, Opened, Output, Question, Report, Result, Selection, SensorSize, SideColumn,
    SideRows, SideValues, StreamInfo,
};
use evz_file::wire::{FileHeader, Kind, RecordHeader};
use evz_file::{FORMATS, ReadOptions, Reader, SortedSource};
use forger::made::of_all_kinds;

/// A frame of this time, of `len` bytes.
fn frames(t: impl IntoIterator<Item = i64>, len: usize) -> SideRows {
    let t: Vec<i64> = t.into_iter().collect();
    let pixels = t.iter().map(|t| vec![*t as u8; len]).collect();
    SideRows {
        stream: "frames".to_owned(),
        of: None,
        columns: vec![SideColumn::new("pixels", SideValues::Bytes(pixels))],
        t,
    }
}

fn triggers(t: &[i64]) -> SideRows {
    SideRows {
        stream: "triggers".to_owned(),
        of: None,
        t: t.to_vec(),
        columns: vec![SideColumn::new("id", SideValues::U8(vec![1; t.len()]))],
    }
}

/// A recording of `all` with rows beside, by the format's own sink.
fn written(all: &EventBatch, side: impl IntoIterator<Item = SideRows>) -> Vec<u8> {
    let out = Shared::default();
    let output = Output::from_writer(out.clone(), "out");
    let create = FORMATS[0].create.unwrap();
    let options = CreateOptions::new().with_profile("fast");
    let mut sink: Box<dyn EventSink> = create(output, &info(), &options).unwrap();
    sink.write_batch(all.as_slice()).unwrap();
    for rows in side {
        assert!(sink.write_side(rows).unwrap());
    }
    assert!(!sink.finish(&Metadata::new()).unwrap().has_losses());
    std::mem::take(&mut out.0.lock().unwrap())
}

fn open(bytes: Vec<u8>) -> Reader {
    ReadOptions::new()
        .open_input(Input::from_bytes(bytes, "a.evz"))
        .unwrap()
}

/// All that a source gives; rows with the latest time that was given up to then.
type Given = (EventBatch, Vec<(SideRows, Option<i64>)>);

fn all_of(source: &mut dyn EventSource) -> Result<Given> {
    let (mut all, mut batch, mut side) = (EventBatch::default(), EventBatch::default(), vec![]);
    loop {
        match source.read_batch(&mut batch)? {
            Next::Events(_) => all.extend(batch.as_slice()),
            Next::Rows(rows) => side.push((rows, all.t.last().copied())),
            Next::End(_) => return Ok((all, side)),
        }
    }
}

fn times(side: &[(SideRows, Option<i64>)], stream: &str) -> Vec<i64> {
    let of = side.iter().filter(|(rows, _)| rows.stream == stream);
    of.flat_map(|(rows, _)| rows.t.clone()).collect()
}

#[test]
fn rows_come_back_by_time() {
    let all = events(5_000, Times::Rising, 1);
    let many = (0..40).map(|i| frames([i * 100], 100_000));
    let side = many.chain([triggers(&[5, 50]), triggers(&[700])]);
    let reader = open(written(&all, side));
    let streams = EventIndex::side_streams(&reader).unwrap();
    assert_eq!(
        streams,
        [("frames".to_owned(), 40), ("triggers".to_owned(), 3)]
    );
    let rows = |stream, time| -> Vec<i64> {
        let parts = reader.side_rows(stream, time).unwrap();
        parts.flat_map(|rows| rows.unwrap().t).collect()
    };
    assert_eq!(rows("triggers", None), [5, 50, 700]);
    assert_eq!(rows("triggers", Some(6..700)), [50]);
    assert_eq!(rows("frames", Some(250..500)), [300, 400]);
    let first = reader
        .side_rows("frames", None)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    // A batch takes about a megabyte.
    assert!((5..=12).contains(&first.len()), "{} frames", first.len());
    assert_eq!(
        first.columns,
        frames((0..first.len() as i64).map(|i| i * 100), 100_000).columns
    );

    let error = reader.side_rows("imu", None).err().unwrap();
    assert_eq!(error.question(), Some(Question::Stream));
    assert_eq!(
        error.to_string(),
        "there is no side stream \"imu\"; set stream to frames or triggers"
    );
}

#[test]
fn rows_come_with_the_events_of_their_time() {
    let all = events(200_000, Times::Rising, 1);
    let last = *all.t.last().unwrap();
    let at: Vec<i64> = (0..60).map(|i| -400 + i * last / 50).collect();
    let reader = open(written(&all, at.iter().map(|t| frames([*t], 300_000))));
    let (events, side) = all_of(&mut *reader.source(&Selection::default())).unwrap();
    assert_eq!(events, all);
    assert_eq!(times(&side, "frames"), at);
    let ended = all.t.last().copied();
    for (rows, before) in &side {
        // No event that is later came before them.
        assert!(
            rows.t
                .iter()
                .all(|t| before.is_none_or(|before| before <= *t))
        );
    }
    // They did not all wait for the end.
    let early: usize = (side.iter().filter(|(_, before)| *before < ended))
        .map(|(rows, _)| rows.len())
        .sum();
    assert!(early > 20, "{early} of {}", at.len());

    let window = Selection::default().with_time(last / 4..last / 2);
    let (events, side) = all_of(&mut *reader.source(&window)).unwrap();
    assert_eq!(events, common::expected(&all, &window));
    let inside: Vec<i64> = at
        .into_iter()
        .filter(|t| (last / 4..last / 2).contains(t))
        .collect();
    assert_eq!(times(&side, "frames"), inside);
}

#[test]
fn rows_without_events_come_a_part_at_a_time() {
    let reader = open(written(
        &EventBatch::default(),
        (0..100).map(|i| frames([i], 1_000_000)),
    ));
    let mut source = reader.source(&Selection::default());
    let (mut batch, mut count) = (EventBatch::default(), 0);
    while let Next::Rows(rows) = source.read_batch(&mut batch).unwrap() {
        assert!(rows.bytes() < 20 << 20, "{} bytes at once", rows.bytes());
        count += rows.len();
    }
    assert_eq!(count, 100);
}

/// Gives a batch of events and some frames in turn, and frames alone at the end.
struct WithFrames {
    info: StreamInfo,
    left: Vec<EventBatch>,
    frames: std::ops::Range<i64>,
    /// Whether events came last, if there were any.
    turn: bool,
}

impl EventSource for WithFrames {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        self.turn = !self.turn;
        if self.turn
            && let Some(events) = self.left.pop()
        {
            *batch = events;
            return Ok(Next::Events(batch.len()));
        }
        let next: Vec<i64> = self.frames.by_ref().take(8).collect();
        Ok(match next.is_empty() {
            false => Next::Rows(frames(next, 10_000)),
            true => Next::End(Report::default()),
        })
    }

    fn side_streams(&self) -> Vec<String> {
        vec!["frames".to_owned()]
    }
}

#[test]
fn sorting_loses_no_rows() {
    let all = events(10_000, Times::Scrambled, 1);
    let parts: Vec<EventBatch> = (0..10)
        .map(|i| all.iter().skip(i * 1_000).take(1_000).collect())
        .collect();
    let source = WithFrames {
        info: info(),
        left: parts.into_iter().rev().collect(),
        frames: -700..800,
        turn: false,
    };
    let mut sorted = SortedSource::new(Box::new(source));
    assert_eq!(sorted.side_streams(), ["frames"]);
    let (events, side) = all_of(&mut sorted).unwrap();
    let mut expected: Vec<_> = all.iter().collect();
    expected.sort_by_key(|e| e.t);
    assert_eq!(events, expected.into_iter().collect());
    assert_eq!(times(&side, "frames"), (-700..800).collect::<Vec<i64>>());
    assert!(
        side.iter()
            .all(|(rows, _)| rows.columns == frames(rows.t.clone(), 10_000).columns)
    );
}

#[test]
fn what_is_noticed_is_said() {
    let all = events(3_000, Times::Backwards, 1);
    let bytes = written(&all, []);
    let size = SensorSize {
        width: 100,
        height: 50,
    };
    let open = FORMATS[0].open;
    let input = Input::from_bytes(bytes, "a.evz");
    let Opened::Indexed(index) = open(input, &OpenOptions::new().with_size(size)).unwrap() else {
        panic!("an index");
    };
    assert_eq!(index.info().size, Some(size));
    let reach = (*all.x.iter().max().unwrap(), *all.y.iter().max().unwrap());
    let (times, first) = (None, None);
    assert_eq!(
        index.report().notes,
        [
            Note::Backwards { times, first },
            Note::BeyondSensor {
                events: None,
                size,
                reach: Some(reach)
            }
        ]
    );
    let mut source = index.source(&Selection::default());
    all_of(&mut *source).unwrap();
    let backwards = all.t.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let at = all.t.windows(2).position(|pair| pair[1] < pair[0]).unwrap() + 1;
    let notes: Vec<String> = source.report().notes.iter().map(Note::to_string).collect();
    let beyond = all.iter().filter(|e| !size.contains(e.x, e.y)).count();
    assert_eq!(
        notes,
        [
            format!("times run backwards {backwards} times, first in event {at}"),
            format!(
                "{beyond} events lie beyond the sensor of 100x50: x reaches {}, y reaches {}",
                reach.0, reach.1
            )
        ]
    );
}

#[test]
fn the_format_knows_its_files_and_profiles() {
    let bytes = written(&events(10, Times::Rising, 1), []);
    let input = Input::from_bytes(bytes, "without a name");
    assert_eq!((FORMATS[0].probe)(&input.clues()), Some(255));
    let text = Input::from_bytes("0.1 2 3 1\n", "a.evz");
    assert_eq!((FORMATS[0].probe)(&text.clues()), None);
    let output = Output::from_writer(Vec::new(), "out");
    let options = CreateOptions::new().with_profile("tiny");
    let error = FORMATS[0].create.unwrap()(output, &info(), &options)
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "there is no profile \"tiny\"; set profile to small, fast or small-gpu"
    );
}

#[test]
fn a_damaged_leaf_names_the_file_and_the_way_out() {
    let whole = of_all_kinds(300)[0].forgery.write();
    let (mut at, mut errors) = (FileHeader::ENCODED_SIZE, Vec::new());
    while let Some(header) = whole.get(at..).and_then(RecordHeader::read_from) {
        if header.kind == Kind::Leaf as u16 {
            let mut bytes = whole.clone();
            bytes[at + RecordHeader::ENCODED_SIZE + 8] ^= 1;
            let parts = EventIndex::side_rows(&open(bytes), "imu", None).unwrap();
            errors.extend(parts.filter_map(Result::err));
        }
        at += header.record_len().unwrap() as usize;
    }
    // Other leaves are those of events.
    assert!(!errors.is_empty());
    for error in errors {
        let error = error.to_string();
        assert!(error.starts_with("a.evz: index leaf at byte "), "{error}");
        assert!(error.ends_with("; recovery saves what is whole"), "{error}");
    }
}
