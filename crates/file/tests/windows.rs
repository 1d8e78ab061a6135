//! Any window equals the same filter over the full decode.

mod common;

use common::{Times, events, expected, file, file_by, open, read, with_extra};
use evz_codec::{Codec, FAST, SMALL, SMALL_GPU};
use evz_core::{ColumnSet, ColumnType, Columns, ColumnsMut, EventBatch, Polarity, Roi, Selection};
use proptest::prelude::*;

fn times() -> impl Strategy<Value = Times> {
    prop_oneof![
        Just(Times::Rising),
        Just(Times::Tied),
        Just(Times::Backwards),
        Just(Times::Scrambled)
    ]
}

fn codec() -> impl Strategy<Value = &'static dyn Codec> {
    prop_oneof![
        Just(&FAST as &dyn Codec),
        Just(&SMALL as &dyn Codec),
        Just(&SMALL_GPU as &dyn Codec)
    ]
}

/// Numbers of events at which a chunk or a segment of one starts, or `n`.
fn borders(n: usize, chunk_events: u32, entry_len: usize) -> Vec<usize> {
    let chunk_len = chunk_events as usize;
    (0..n)
        .step_by(chunk_len)
        .flat_map(|chunk| (chunk..n.min(chunk + chunk_len)).step_by(entry_len))
        .chain([n])
        .collect()
}

fn roi() -> impl Strategy<Value = Roi> {
    (0u16..400, 0u16..300, 0u32..300, 0u32..300).prop_map(|(x, y, width, height)| Roi {
        x,
        y,
        width,
        height,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_selection_is_the_filter_of_the_full_decode(
        n in prop_oneof![4 => 1usize..9_000, 1 => 9_000usize..25_000],
        times in times(),
        seed in any::<u64>(),
        codec in codec(),
        chunk_events in prop_oneof![1u32..4_000, 8_000u32..20_000],
        windows in prop::collection::vec((-0.2f64..1.2, 0.0f64..1.0), 4),
        numbers in prop::collection::vec((0u64..10_000, 0u64..10_000), 2),
        at_borders in prop::collection::vec(
            (any::<[prop::sample::Index; 2]>(), [-1..=1i64, -1..=1i64]),
            3,
        ),
        roi in roi(),
        types in prop::collection::vec(prop::sample::select(&ColumnType::ALL[..]), 0..5),
    ) {
        // Tiny chunks make long files; three leaves of the index are enough.
        let chunk_events = chunk_events.max(n as u32 / 1_500);
        let mut all = events(n, times, seed);
        with_extra(&mut all, &types, seed);
        let reader = open(file_by(codec, &all, chunk_events)).unwrap();
        prop_assert_eq!(&read(&reader, &Selection::default()).unwrap(), &all);

        let (min, max) = (*all.t.iter().min().unwrap(), *all.t.iter().max().unwrap());
        let at = |f: f64| min + ((max - min) as f64 * f) as i64;
        let mut selections: Vec<Selection> = windows
            .iter()
            .map(|(start, len)| Selection::default().with_time(at(*start)..at(start + len)))
            .collect();
        // Borders right on an event, an empty window, one that is the wrong way round.
        let some = all.t[n / 2];
        selections.push(Selection::default().with_time(some..some + 1));
        selections.push(Selection::default().with_time(some..some));
        #[allow(clippy::reversed_empty_ranges)]
        selections.push(Selection::default().with_time(some..min - 1));
        selections.push(Selection::default().with_time(i64::MIN..i64::MAX));
        selections.extend(numbers.iter().map(|(a, b)| Selection::default().with_events(*a..*b)));
        // From and to where a decoder can start, an event before or behind.
        let borders = borders(n, chunk_events, codec.entry_len());
        for (indexes, offsets) in at_borders {
            let [a, b] = std::array::from_fn(|i| {
                (*indexes[i].get(&borders) as i64 + offsets[i]).clamp(0, n as i64) as usize
            });
            selections.push(Selection::default().with_events(a as u64..b as u64));
            let [from, to] = [a, b].map(|number| all.t[number.min(n - 1)]);
            selections.push(Selection::default().with_time(from..to));
        }
        selections.push(Selection::default().with_roi(roi));
        selections.push(Selection::default().with_polarity(Polarity::On));
        selections.push(
            selections[0].clone().with_events(10..n as u64).with_roi(roi).with_polarity(Polarity::Off),
        );
        for s in selections {
            let wanted = expected(&all, &s);
            let got = read(&reader, &s).unwrap();
            prop_assert_eq!(&got, &wanted, "{:?}", s);

            let mut streamed = EventBatch::default();
            streamed.clear_for(&reader.info().columns);
            for batch in reader.batches(&s) {
                streamed.extend(batch.unwrap().as_slice());
            }
            prop_assert_eq!(&streamed, &wanted, "streamed {:?}", s);

            // Every other further column, into memory that holds others.
            let extra = (0..types.len()).step_by(2);
            let extra = extra.fold(ColumnSet::NONE, ColumnSet::with);
            let columns = Columns { x: true, p: true, extra, ..Columns::NONE };
            let mut got = wanted.clone();
            reader.read(&s.clone().with_columns(columns), &mut got).unwrap();
            prop_assert_eq!((&got.t, &got.y), (&vec![], &vec![]));
            prop_assert_eq!((&got.x, &got.p), (&wanted.x, &wanted.p), "columns of {:?}", s);
            for (i, (got, wanted)) in got.extra.iter().zip(&wanted.extra).enumerate() {
                match i % 2 {
                    0 => prop_assert_eq!(got, wanted, "column {} of {:?}", i, s),
                    _ => prop_assert!(got.is_empty()),
                }
            }
        }
    }
}

#[test]
fn extremes_of_every_column_come_back() {
    let mut all = EventBatch::default();
    for (i, t) in [
        i64::MIN,
        i64::MAX,
        0,
        -1,
        i64::MIN + 1,
        i64::MAX,
        i64::MAX - 1,
    ]
    .iter()
    .enumerate()
    {
        let x = [0, u16::MAX, 1][i % 3];
        all.push(evz_core::Event {
            t: *t,
            x,
            y: u16::MAX - x,
            p: (i % 2) as u8,
        });
    }
    for chunk_events in [1, 2, 7] {
        let reader = open(file(&all, chunk_events)).unwrap();
        assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
        assert!(!reader.sorted());
        let s = Selection::default().with_time(-1..i64::MAX);
        assert_eq!(read(&reader, &s).unwrap(), expected(&all, &s));
        assert_eq!(
            reader.activity(10).unwrap().iter().sum::<f64>().round(),
            7.0
        );
    }
}

#[test]
fn a_recording_without_events_is_a_file() {
    let reader = open(file(&EventBatch::default(), 100)).unwrap();
    assert_eq!(reader.n_events(), 0);
    assert!(
        read(&reader, &Selection::default().with_time(0..100))
            .unwrap()
            .is_empty()
    );
    assert_eq!(reader.batches(&Selection::default()).count(), 0);
}

#[test]
fn the_index_sums_are_those_of_the_events() {
    let all = events(5_000, Times::Scrambled, 3);
    let reader = open(file(&all, 700)).unwrap();
    let sums = reader.summary();
    assert_eq!(sums.span.n_rows, 5_000);
    assert_eq!(sums.span.n_items, 8);
    assert_eq!(sums.n_on, all.p.iter().map(|p| u64::from(*p)).sum::<u64>());
    assert_eq!((sums.t_first, sums.t_last), (all.t[0], all.t[4_999]));
    assert_eq!(sums.span.t_min, *all.t.iter().min().unwrap());
    assert_eq!(sums.span.t_max, *all.t.iter().max().unwrap());
    assert_eq!(sums.x_max, *all.x.iter().max().unwrap());
    assert_eq!(sums.y_min, *all.y.iter().min().unwrap());
    let t: Vec<u8> = all.t.iter().flat_map(|t| t.to_le_bytes()).collect();
    let x: Vec<u8> = all.x.iter().flat_map(|x| x.to_le_bytes()).collect();
    let y: Vec<u8> = all.y.iter().flat_map(|y| y.to_le_bytes()).collect();
    assert_eq!(
        sums.column_crc,
        [&t, &x, &y, &all.p].map(|bytes| crc32fast::hash(bytes))
    );
    // They are of the events, whatever the chunks and the codec.
    let other = open(file_by(&FAST, &all, 64)).unwrap();
    assert_eq!(other.summary().column_crc, sums.column_crc);
    let bins = reader.activity(40).unwrap();
    assert!((bins.iter().sum::<f64>() - 5_000.0).abs() < 1e-6);
}

#[test]
fn the_same_events_give_the_same_bytes_on_any_number_of_threads() {
    let all = events(20_000, Times::Tied, 9);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| file(&all, 500))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
    assert_eq!(one, file(&all, 500));
}

#[test]
fn batches_of_any_size_give_the_same_bytes() {
    let all = events(5_000, Times::Rising, 4);
    let options = evz_file::WriteOptions::new().with_chunk_events(1_024);
    let mut writer = options.write_to(Vec::new(), &common::info()).unwrap();
    let mut at = 0;
    for n in (0..).map(|i| 1 + i * 17 % 1_900) {
        let end = (at + n).min(5_000);
        writer.write_batch(all.as_slice().slice(at..end)).unwrap();
        at = end;
        if at == 5_000 {
            break;
        }
    }
    let bytes = writer.finish_into(&Default::default()).unwrap().0;
    assert_eq!(bytes, file(&all, 1_024));
}

#[test]
fn events_that_were_found_are_read_into_memory_of_their_number() {
    let all = events(5_000, Times::Tied, 8);
    let reader = open(file(&all, 512)).unwrap();
    let s = Selection::default().with_time(all.t[700]..all.t[2_900]);
    let found = reader.find(&s).unwrap();
    let expected = expected(&all, &s);
    assert_eq!(found.n_events(), Some(expected.len()));
    let (mut t, mut p) = (vec![0; expected.len()], vec![0; expected.len()]);
    let columns = ColumnsMut {
        t: Some(&mut t),
        p: Some(&mut p),
        ..ColumnsMut::default()
    };
    found.read_into(columns, Vec::new()).unwrap();
    assert_eq!((t, p), (expected.t, expected.p));

    let columns = ColumnsMut {
        t: Some(&mut []),
        ..ColumnsMut::default()
    };
    assert!(found.read_into(columns, Vec::new()).is_err());
    let on = s.with_polarity(Polarity::On);
    assert_eq!(reader.find(&on).unwrap().n_events(), None);
}

#[test]
fn many_threads_take_windows_of_one_reader() {
    let all = events(30_000, Times::Tied, 5);
    let reader = open(file(&all, 1_000)).unwrap();
    std::thread::scope(|scope| {
        for k in 0..4u64 {
            let (reader, all) = (reader.clone(), &all);
            scope.spawn(move || {
                for i in 0..30 {
                    let start = k * 1_000 + i * 531;
                    let s = Selection::default().with_events(start..start + 900);
                    assert_eq!(read(&reader, &s).unwrap(), expected(all, &s));
                }
            });
        }
    });
}

#[test]
fn a_file_is_in_order_when_no_event_is_earlier_than_the_one_before() {
    for (times, n, sorted) in [
        (Times::Rising, 1_000, true),
        (Times::Tied, 1_000, true),
        (Times::Backwards, 1_000, false),
        (Times::Scrambled, 1_000, false),
        (Times::Rising, 1, true),
        (Times::Rising, 0, true),
    ] {
        let reader = open(file(&events(n, times, 3), 70)).unwrap();
        assert_eq!(reader.sorted(), sorted, "{times:?}");
    }
    // In order within each chunk, but not from one to the next.
    let ramps: EventBatch = (0..200)
        .map(|i| evz_core::Event {
            t: i % 100,
            x: 0,
            y: 0,
            p: 0,
        })
        .collect();
    assert!(!open(file(&ramps, 100)).unwrap().sorted());
}

#[test]
fn windows_cross_the_nodes_of_the_index() {
    for times in [Times::Tied, Times::Scrambled] {
        let all = events(70_000, times, 11);
        let reader = open(file(&all, 1)).unwrap();
        let levels: Vec<u8> = reader.streams()[0]
            .tree
            .refs
            .iter()
            .map(|r| r.level)
            .collect();
        assert!(levels.starts_with(&[1, 0]), "{levels:?}");
        let (min, max) = (*all.t.iter().min().unwrap(), *all.t.iter().max().unwrap());
        for k in 0..20 {
            let start = min + (max - min) * k / 20;
            let s = Selection::default().with_time(start..start + 40);
            assert_eq!(read(&reader, &s).unwrap(), expected(&all, &s), "{times:?}");
            let s = Selection::default().with_events(k as u64 * 3_497..k as u64 * 3_497 + 600);
            assert_eq!(read(&reader, &s).unwrap(), expected(&all, &s), "{times:?}");
        }
    }
}

#[test]
fn windows_cross_the_leaves_of_the_index() {
    for times in [Times::Tied, Times::Backwards, Times::Scrambled] {
        let all = events(2_000, times, 11);
        let reader = open(file(&all, 1)).unwrap();
        assert!(reader.streams()[0].tree.refs.len() > 3);
        let (min, max) = (*all.t.iter().min().unwrap(), *all.t.iter().max().unwrap());
        for k in 0..20 {
            let start = min + (max - min) * k / 20;
            let s = Selection::default().with_time(start..start + (max - min) / 3);
            assert_eq!(read(&reader, &s).unwrap(), expected(&all, &s), "{times:?}");
            let s = Selection::default().with_events(k as u64 * 97..k as u64 * 97 + 600);
            assert_eq!(read(&reader, &s).unwrap(), expected(&all, &s), "{times:?}");
        }
    }
}
