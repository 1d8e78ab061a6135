//! What is there without any feature: `.evz` in memory, written and read.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use evz::{
    CreateOptions, Event, EventBatch, Input, Metadata, Next, OpenOptions, Output, Selection,
    SensorSize, SideColumn, SideRows, SideValues, StreamInfo, TimeBase, Wanted,
};

/// Bytes that are written here and read there.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn events(n: i64) -> EventBatch {
    let event = |i| Event {
        t: 1_000 + i / 3,
        x: (i * 7 % 320) as u16,
        y: (i * 13 % 240) as u16,
        p: (i % 2) as u8,
    };
    (0..n).map(event).collect()
}

fn triggers(t: &[i64]) -> SideRows {
    SideRows {
        stream: "triggers".to_owned(),
        of: None,
        t: t.to_vec(),
        columns: vec![SideColumn::new("id", SideValues::U8(vec![3; t.len()]))],
    }
}

/// A file of these events with a side stream, in memory.
fn file(events: &EventBatch) -> Vec<u8> {
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize {
        width: 320,
        height: 240,
    });
    let memory = Memory::default();
    let output = Output::from_writer(memory.clone(), "memory");
    let format = evz::format("evz").unwrap();
    let mut sink = evz::create_in(output, format, &info, &CreateOptions::new()).unwrap();
    sink.write_batch(events.as_slice()).unwrap();
    assert!(sink.write_side(triggers(&[1_005, 1_500, 2_000])).unwrap());
    assert!(!sink.finish(&Metadata::new()).unwrap().has_losses());
    let bytes = memory.0.lock().unwrap();
    bytes.clone()
}

#[test]
fn a_file_in_memory_is_written_and_read() {
    let all = events(200_000);
    let input = Input::from_bytes(file(&all), "memory");
    let recording = evz::open_input(input, None, &OpenOptions::new()).unwrap();
    assert_eq!(recording.format().name, "evz");
    let index = recording.index().expect("it has an index");
    let mut window = EventBatch::default();
    index
        .read(&Selection::default().with_time(5_000..5_010), &mut window)
        .unwrap();
    let expected: EventBatch = all
        .iter()
        .filter(|e| (5_000..5_010).contains(&e.t))
        .collect();
    assert_eq!(window, expected);
    let side: Vec<_> = index
        .side_rows("triggers", Some(1_100..1_900))
        .unwrap()
        .collect();
    assert_eq!(
        side.into_iter()
            .map(Result::unwrap)
            .flat_map(|rows| rows.t)
            .collect::<Vec<_>>(),
        [1_500]
    );
}

#[test]
fn a_copy_has_all_that_the_file_has() {
    let all = events(70_000);
    let bytes = file(&all);
    let open = |bytes: Vec<u8>| {
        let input = Input::from_bytes(bytes, "memory");
        evz::open_input(input, None, &OpenOptions::new()).unwrap()
    };
    let recording = open(bytes);
    let memory = Memory::default();
    let output = Output::from_writer(memory.clone(), "copy");
    let options = CreateOptions::new().with_profile("fast");
    let sink = evz::create_in(
        output,
        recording.format(),
        &recording.info_for_copy(),
        &options,
    );
    let copied = evz::copy(&mut *recording.into_source(), sink.unwrap()).unwrap();
    assert_eq!((copied.events, copied.report.has_losses()), (70_000, false));
    let copy = open(memory.0.lock().unwrap().clone());
    assert_eq!(copy.side_streams().unwrap(), ["triggers"]);
    let mut source = copy.select(&Wanted::all().with_events(10..20)).unwrap();
    let mut batch = EventBatch::default();
    assert_eq!(source.read_events(&mut batch).unwrap(), Next::Events(10));
    assert_eq!(batch.as_slice(), all.as_slice().slice(10..20));
}

#[test]
#[cfg(not(feature = "remote"))]
fn urls_say_which_feature_reads_them() {
    let url = "https://host/a.evz";
    let said = "https://host/a.evz: evz was built without the feature remote, which reads URLs; \
                build it with that, or copy the file first";
    let error = evz::open_url(url, &OpenOptions::new()).map(drop);
    assert_eq!(error.unwrap_err().to_string(), said);
    assert_eq!(evz::input_of(url).map(drop).unwrap_err().to_string(), said);
}
