//! Further columns, odd ticks and epochs, from `.evz` through every format that holds them and back.

use std::path::Path;

use evz::{
    Clock, ClockKind, ColumnType, CreateOptions, Event, EventBatch, ExtraColumn, LossKind, Next,
    OpenOptions, SensorSize, StreamInfo, TimeBase, Values, WriteOptions,
};
use proptest::prelude::*;

/// All that a recording has, by its index where it has one.
fn read(path: &Path) -> (StreamInfo, EventBatch) {
    let recording = evz::open(path, &OpenOptions::new()).unwrap();
    let info = recording.info();
    let mut source = recording.into_source();
    let (mut all, mut batch) = (EventBatch::default(), EventBatch::default());
    all.clear_for(&info.columns);
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
        all.extend(batch.as_slice());
    }
    assert!(source.report().losses.is_empty(), "{:?}", source.report());
    (info, all)
}

/// Values of a type, of these bits; NaNs are the usual one, of which text keeps no other.
fn values(column_type: ColumnType, seeds: &[u64]) -> Values {
    let bytes = seeds.iter().flat_map(|seed| {
        let bits = match column_type {
            ColumnType::Bool => seed & 1,
            ColumnType::F32 if f32::from_bits(*seed as u32).is_nan() => f32::NAN.to_bits().into(),
            ColumnType::F64 if f64::from_bits(*seed).is_nan() => f64::NAN.to_bits(),
            _ => *seed,
        };
        bits.to_le_bytes()[..column_type.size()].to_vec()
    });
    Values::from_bytes(column_type, bytes.collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn columns_ticks_and_epochs_come_back_through_every_format(
        seeds in prop::collection::vec(any::<u64>(), 2..400),
        types in prop::collection::vec(prop::sample::select(&ColumnType::ALL[..]), 0..6),
        tick in prop::sample::select(vec![(1, 1_000_000), (1, 24_000_000), (1, 3), (25, 1_000_000_000)]),
        epoch in prop::sample::select(vec![0, 1_589_163_147, -5]),
        sorted in any::<bool>(),
    ) {
        let info = StreamInfo::new(TimeBase::new(tick.0, tick.1).unwrap())
            .with_clock(Clock::of(ClockKind::Unix).with_epoch(epoch))
            .with_size(SensorSize { width: 640, height: 480 })
            .with_columns(types.iter().enumerate().map(|(i, t)| {
                ExtraColumn::new(format!("column {i}"), *t)
                    .with_unit(["", "mV", "°"][i % 3])
                    .with_description(["what it is", ""][i % 2])
            }).collect());
        let mut events: EventBatch = seeds.iter().zip(0..).map(|(seed, i)| Event {
            t: i * 40 + if sorted { 0 } else { (seed % 99) as i64 },
            x: (seed >> 8) as u16 % 640,
            y: (seed >> 20) as u16 % 480,
            p: (i % 2) as u8,
        }).collect();
        events.extra = types.iter().enumerate().map(|(i, t)| {
            let seeds: Vec<u64> = seeds.iter().map(|s| s.rotate_left(7 * i as u32)).collect();
            values(*t, &seeds)
        }).collect();

        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("first.evz");
        let mut writer = WriteOptions::new().with_chunk_events(64).create(&first, &info).unwrap();
        writer.write_batch(events.as_slice()).unwrap();
        writer.finish(&Default::default()).unwrap();
        let open = OpenOptions::new();
        // Without names, text whose times run backwards asks which column is which.
        let create = CreateOptions::new().with_header(evz::Header::Names);
        for name in ["a.txt", "a.csv", "a.npz", "a.npy", "a.parquet", "a.arrow", "a.arrows"] {
            let (there, back) = (folder.path().join(name), folder.path().join("back.evz"));
            let copied = evz::convert(&first, &there, &open, &create, true);
            // A timestamp of a table counts whole nanoseconds.
            let is_table = name.ends_with("parquet") || name.contains("arrow");
            if is_table && info.time_base.whole_nanoseconds().is_none() {
                let error = copied.unwrap_err();
                prop_assert_eq!(error.question(), Some(evz::Question::Round), "{}", error);
                continue;
            }
            let copied = copied.unwrap();
            // NPY alone has no place for what is said of a recording.
            let npy = name == "a.npy";
            let losses = copied.report.losses.iter();
            prop_assert!(losses.clone().all(|l| npy && l.kind != LossKind::Columns), "{name}: {:?}", copied.report);
            let told = match npy {
                true => continue,
                false => &open,
            };
            let copied = evz::convert(&there, &back, told, &create, true).unwrap();
            prop_assert!(copied.report.losses.is_empty(), "{name}: {:?}", copied.report);
            let (found, again) = read(&back);
            // In ticks of its own, which text may have finer.
            let epoch = found.time_base.convert(found.clock.epoch, info.time_base);
            prop_assert_eq!((found.clock.kind, epoch), (info.clock.kind, Some(info.clock.epoch)), "{}", name);
            prop_assert_eq!(&found.columns, &info.columns, "{}", name);
            let times: Option<Vec<i64>> = again.t.iter().map(|t| found.time_base.convert(*t, info.time_base)).collect();
            prop_assert_eq!(times.as_ref(), Some(&events.t), "{}", name);
            prop_assert_eq!((&again.x, &again.y, &again.p), (&events.x, &events.y, &events.p), "{}", name);
            prop_assert_eq!(&again.extra, &events.extra, "{}", name);
        }
    }
}

#[test]
fn an_output_without_a_place_for_columns_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("a.txt");
    std::fs::write(&text, "t_us x y p label\n10 3 7 1 2\n20 4 7 0 1\n").unwrap();
    for name in ["a.raw", "a.dat", "a.aedat4"] {
        let options = OpenOptions::new().with_size(SensorSize {
            width: 640,
            height: 480,
        });
        let to = folder.path().join(name);
        let copied = evz::convert(&text, to, &options, &CreateOptions::new(), false).unwrap();
        let loss = copied
            .report
            .losses
            .iter()
            .find(|l| l.kind == LossKind::Columns);
        let loss = loss.unwrap_or_else(|| panic!("{name}: {:?}", copied.report));
        assert_eq!(loss.count, 1);
        assert_eq!(loss.examples, ["label"], "{name}");
    }
}

#[test]
fn a_window_of_a_text_has_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("a.txt");
    std::fs::write(
        &text,
        "t_us x y p label\n10 3 7 1 2\n20 4 7 0 1\n30 4 7 0 9\n",
    )
    .unwrap();
    let recording = evz::open(&text, &OpenOptions::new()).unwrap();
    let wanted = evz::Wanted::all().with_events(1..3);
    let mut source = recording.select(&wanted).unwrap();
    let mut batch = EventBatch::default();
    assert_eq!(source.read_events(&mut batch).unwrap(), Next::Events(2));
    assert_eq!(batch.t, [20, 30]);
    assert_eq!(batch.extra[0].as_slice().to_vec::<i64>(), Some(vec![1, 9]));
}
