//! Windows of an indexed recording as record batches.

mod common;

use std::ops::Range;
use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, TimestampMicrosecondType, UInt16Type};
use arrow_array::{RecordBatch, RecordBatchReader};
use common::info;
use evz_arrow::record_batches;
use evz_core::*;

/// Events in memory, and what was asked of them.
struct Memory {
    info: StreamInfo,
    events: EventBatch,
    asked: Mutex<Vec<Selection>>,
    damaged: Option<Range<u64>>,
}

impl Memory {
    fn new(events: EventBatch) -> Self {
        Self {
            info: info(TimeBase::MICROSECONDS),
            events,
            asked: Mutex::default(),
            damaged: None,
        }
    }

    /// The wanted columns of the selected events, one by one.
    fn select(&self, selection: &Selection) -> EventBatch {
        let all = self.events.as_slice();
        let numbers = (0..all.len()).filter(|i| selection.keeps(all, *i, *i as u64));
        let mut found: EventBatch = numbers
            .map(|i| Event {
                t: all.t[i],
                x: all.x[i],
                y: all.y[i],
                p: all.p[i],
            })
            .collect();
        if found.is_empty() {
            return found;
        }
        let numbers = (0..all.len()).filter(|i| selection.keeps(all, *i, *i as u64));
        let numbers: Vec<u32> = numbers.map(|i| i as u32).collect();
        found.shape(&self.info.columns);
        for (values, all) in found.extra.iter_mut().zip(all.extra.iter()) {
            values.gather(all, &numbers);
        }
        found.resize(found.len(), selection.columns);
        found
    }
}

impl EventIndex for Memory {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn extent(&self) -> Extent {
        let t = &self.events.t;
        Extent {
            n_events: t.len() as u64,
            t_first: t.first().copied().unwrap_or(0),
            t_min: t.iter().copied().min().unwrap_or(0),
            t_max: t.iter().copied().max().unwrap_or(0),
            x_max: 0,
            y_max: 0,
            sorted: t.is_sorted(),
        }
    }

    fn events_before(&self, t: i64) -> Result<u64> {
        Ok(self.events.t.partition_point(|u| *u < t) as u64)
    }

    fn visit(
        &self,
        _: &Selection,
        _: &mut EventBatch,
        _: &mut dyn FnMut(EventSlice<'_>) -> Result<()>,
    ) -> Result<()> {
        unreachable!()
    }

    fn read_here<'a>(
        &self,
        selection: &Selection,
        memory: &'a mut EventBatch,
    ) -> Result<EventSlice<'a>> {
        self.asked.lock().unwrap().push(selection.clone());
        let numbers = selection.events.clone().unwrap();
        if self
            .damaged
            .as_ref()
            .is_some_and(|d| d.start < numbers.end && numbers.start < d.end)
        {
            return Err(Error::corrupt("chunk 1", "damaged"));
        }
        *memory = self.select(selection);
        Ok(memory.as_slice())
    }

    fn read(&self, _: &Selection, _: &mut EventBatch) -> Result<()> {
        unreachable!()
    }

    fn activity(&self, _: usize) -> Result<Vec<f64>> {
        unreachable!()
    }

    fn side_rows(&self, _: &str, _: Option<Range<i64>>) -> Result<SideParts> {
        unreachable!()
    }

    fn source(&self, _: &Selection) -> Box<dyn EventSource> {
        unreachable!()
    }
}

fn events(n: i64, step: impl Fn(i64) -> i64) -> EventBatch {
    (0..n)
        .map(|i| Event {
            t: step(i),
            x: (i * 31 % 640) as u16,
            y: (i * 17 % 480) as u16,
            p: (i % 3 == 0).into(),
        })
        .collect()
}

/// The columns of batches, those that they have.
fn columns(batches: &[RecordBatch]) -> EventBatch {
    let mut all = EventBatch::default();
    for batch in batches {
        if let Some(t) = batch.column_by_name("t") {
            all.t
                .extend(t.as_primitive::<TimestampMicrosecondType>().values());
        }
        for (name, column) in [("x", &mut all.x), ("y", &mut all.y)] {
            if let Some(array) = batch.column_by_name(name) {
                column.extend(array.as_primitive::<UInt16Type>().values());
            }
        }
        if let Some(p) = batch.column_by_name("p") {
            all.p.extend(p.as_boolean().values().iter().map(u8::from));
        }
    }
    all
}

#[test]
fn any_window_and_any_columns() {
    let in_order = events(300_000, |i| i / 3);
    let out_of_order = events(200_000, |i| i / 3 + if i % 1_000 == 999 { -50 } else { 0 });
    let some = Columns {
        t: true,
        y: true,
        ..Columns::NONE
    };
    let roi = Roi {
        x: 30,
        y: 0,
        width: 40,
        height: 300,
    };
    for recording in [in_order, out_of_order, EventBatch::default()] {
        let memory = Arc::new(Memory::new(recording));
        for selection in [
            Selection::default(),
            Selection::default().with_columns(Columns::XYP),
            Selection::default().with_columns(Columns::T),
            Selection::default()
                .with_time(20_000..50_001)
                .with_columns(some),
            Selection::default().with_time(33_333..33_333),
            Selection::default().with_events(65_000..131_073),
            Selection::default()
                .with_events(5..10)
                .with_columns(Columns::XYP),
            Selection::default().with_events(299_999..u64::MAX),
            Selection::default()
                .with_roi(roi)
                .with_polarity(Polarity::On),
            Selection::default()
                .with_time(1..60_000)
                .with_events(7..170_000)
                .with_polarity(Polarity::Off),
        ] {
            let reader = record_batches(memory.clone(), &selection).unwrap();
            let schema = reader.schema();
            let batches: Vec<RecordBatch> = reader.map(|b| b.unwrap()).collect();
            assert!(
                batches
                    .iter()
                    .all(|b| b.schema() == schema && b.num_rows() > 0)
            );
            let expected = memory.select(&selection);
            assert!(columns(&batches) == expected, "{selection:?}");
            let names: Vec<&String> = schema.fields().iter().map(|f| f.name()).collect();
            let Columns { t, x, y, p, .. } = selection.columns;
            assert_eq!(names.len(), [t, x, y, p].into_iter().filter(|c| *c).count());
            // Nothing but the wanted columns was decoded, and nothing far from the window.
            let asked = std::mem::take(&mut *memory.asked.lock().unwrap());
            assert!(asked.iter().all(|s| s.columns == selection.columns));
        }
    }
}

#[test]
fn further_columns_are_there_where_they_are_wanted() {
    let mut recording = events(200_000, |i| i);
    let labels: Vec<i16> = (0..200_000).map(|i| (i % 1_000) as i16).collect();
    let seen: Vec<bool> = labels.iter().map(|label| *label == 7).collect();
    recording.extra = vec![Values::from_slice(&labels), Values::from_slice(&seen)];
    let mut memory = Memory::new(recording);
    memory.info.columns = vec![
        ExtraColumn::new("label", ColumnType::I16).with_unit("class"),
        ExtraColumn::new("seen", ColumnType::Bool),
    ];
    let memory = Arc::new(memory);
    let all = ["t", "x", "y", "p", "label", "seen"];
    let seen_alone = Columns {
        extra: ColumnSet::NONE.with(1),
        ..Columns::NONE
    };
    for (columns, names) in [
        (Columns::ALL, &all[..]),
        (Columns::TXYP, &all[..4]),
        (seen_alone, &all[5..]),
        (
            Columns {
                extra: ColumnSet::NONE.with(0),
                ..Columns::T
            },
            &["t", "label"],
        ),
    ] {
        let window = Selection::default().with_time(65_000..140_001);
        let window = window.with_columns(columns);
        let reader = record_batches(memory.clone(), &window).unwrap();
        let schema = reader.schema();
        let found: Vec<&String> = schema.fields().iter().map(|f| f.name()).collect();
        assert_eq!(found, names);
        let (mut found_labels, mut found_seen) = (Vec::<i16>::new(), Vec::<bool>::new());
        let mut rows = 0;
        for batch in reader {
            let batch = batch.unwrap();
            rows += batch.num_rows();
            if let Some(array) = batch.column_by_name("label") {
                found_labels.extend(array.as_primitive::<Int16Type>().values());
            }
            if let Some(array) = batch.column_by_name("seen") {
                found_seen.extend(array.as_boolean().values().iter());
            }
        }
        assert_eq!(rows, 75_001);
        if names.contains(&"label") {
            assert_eq!(found_labels, labels[65_000..140_001]);
        }
        if names.contains(&"seen") {
            assert_eq!(found_seen, seen[65_000..140_001]);
        }
    }
    // A column that the recording does not have is none.
    let other = Columns {
        extra: ColumnSet::NONE.with(2),
        ..Columns::NONE
    };
    let other = Selection::default().with_columns(other);
    let error = record_batches(memory, &other).err().unwrap().to_string();
    let expected = "a table without columns; ask for t, x, y, p, label or seen, or several of them";
    assert_eq!(error, expected);
}

#[test]
fn a_short_window_asks_for_little() {
    let memory = Arc::new(Memory::new(events(300_000, |i| i)));
    let selection = Selection::default().with_time(100_000..100_010);
    let rows: usize = record_batches(memory.clone(), &selection)
        .unwrap()
        .map(|b| b.unwrap().num_rows())
        .sum();
    assert_eq!(rows, 10);
    let asked = memory.asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].events, Some(100_000..100_010));
}

#[test]
fn damage_ends_the_batches() {
    let mut memory = Memory::new(events(200_000, |i| i));
    memory.damaged = Some(70_000..70_001);
    let found: Vec<_> = record_batches(Arc::new(memory), &Selection::default())
        .unwrap()
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].as_ref().unwrap().num_rows(), 65_536);
    assert!(
        found[1]
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("chunk 1: damaged")
    );
}

#[test]
fn no_column_is_refused() {
    let none = Columns::NONE;
    let memory = Arc::new(Memory::new(events(3, |i| i)));
    let selection = Selection::default().with_columns(none);
    assert!(record_batches(memory, &selection).is_err());
}
