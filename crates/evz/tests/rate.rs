//! Events over time, by the index and without: each is the count of one event after the other.

use std::time::Duration;

use evz::{
    Event, EventBatch, OpenOptions, Origin, Polarity, RateBin, Roi, Selection, StreamInfo, Time,
    TimeBase, Wanted, WriteOptions,
};
use proptest::prelude::*;

/// Times that run on, or anywhere, in chunks that are partly within a bin.
fn times() -> impl Strategy<Value = Vec<i64>> {
    let steps = prop::collection::vec(prop_oneof![0..3i64, 0..2_000i64], 1..400);
    (steps, any::<bool>(), -5_000..5_000i64).prop_map(|(steps, in_order, start)| {
        let mut t = start;
        let on = steps.iter().map(|step| {
            t += step;
            if in_order { t } else { start + step * 7 }
        });
        on.collect()
    })
}

fn selections() -> impl Strategy<Value = Selection> {
    let time = prop::option::of((-6_000..100_000i64, 0..200_000i64));
    let events = prop::option::of((0..300u64, 0..300u64));
    let roi = prop::option::weighted(0.3, (0..40u16, 1..60u32));
    let polarity = prop::option::weighted(0.3, any::<bool>());
    (time, events, roi, polarity).prop_map(|(time, events, roi, polarity)| Selection {
        time: time.map(|(start, len)| start..start + len),
        events: events.map(|(start, len)| start..start + len),
        roi: roi.map(|(x, width)| Roi {
            x,
            y: 0,
            width,
            height: 65_536,
        }),
        polarity: polarity.map(|on| if on { Polarity::On } else { Polarity::Off }),
        ..Selection::default()
    })
}

proptest! {
    #[test]
    fn it_is_the_count_of_all_events(
        t in times(),
        selection in selections(),
        width in prop::option::of(1..5_000u64),
    ) {
        let mut batch = EventBatch::default();
        for (i, &t) in t.iter().enumerate() {
            let (x, p) = ((i * 7 % 64) as u16, (i % 3 % 2) as u8);
            batch.push(Event { t, x, y: 1, p });
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events.evz");
        let info = StreamInfo::new(TimeBase::MICROSECONDS);
        let options = WriteOptions::new().with_chunk_events(16);
        let mut writer = options.create(&file, &info).unwrap();
        writer.write_batch(batch.as_slice()).unwrap();
        writer.finish(&evz::Metadata::new()).unwrap();

        let opened = || evz::open(&file, &OpenOptions::new()).unwrap();
        let rate = evz::rate_with(opened(), &selection, width, |_, _| {}).unwrap();
        let mut expected = vec![RateBin::default(); rate.bins.len()];
        let events = batch.as_slice();
        for i in (0..t.len()).filter(|i| selection.keeps(events, *i, *i as u64)) {
            let bin = (i128::from(t[i]) - rate.start).div_euclid(rate.width.into());
            let bin = &mut expected[bin as usize];
            *(if events.p[i] == 1 { &mut bin.on } else { &mut bin.off }) += 1;
        }
        prop_assert_eq!(&rate.bins, &expected);
        let full = |bin: Option<&RateBin>| bin.is_none_or(|bin| bin.sum() > 0);
        prop_assert!(full(rate.bins.first()) && full(rate.bins.last()));
        if !rate.bins.is_empty() {
            let origin = selection.time.as_ref().map_or(t[0], |time| time.start);
            let offset = rate.start - i128::from(origin);
            prop_assert_eq!(offset.rem_euclid(rate.width.into()), 0);
            prop_assert!(width.is_none_or(|width| width == rate.width));
        }

        // The same without an index.
        let text = folder.path().join("events.txt");
        let lines: String = (0..t.len())
            .map(|i| format!("{} {} 1 {}\n", t[i], events.x[i], events.p[i]))
            .collect();
        std::fs::write(&text, lines).unwrap();
        let options = OpenOptions::new()
            .with_columns("txyp".parse().unwrap())
            .with_time_unit(evz::TimeUnit::Microseconds)
            .with_size(evz::SensorSize { width: 64, height: 64 });
        let read = evz::open(&text, &options).unwrap();
        prop_assert!(read.index().is_none());
        let read = evz::rate_with(read, &selection, width, |_, _| {}).unwrap();
        prop_assert_eq!((read.start, read.width, &read.bins), (rate.start, rate.width, &rate.bins));

        // The same with times that have units, counted from elsewhere.
        let ns = |us: i64| Time::Absolute(i128::from(us) * 1_000);
        let mut wanted = Wanted::all();
        if let Some(time) = &selection.time {
            wanted = wanted.with_from(ns(time.start)).with_to(ns(time.end));
        }
        (wanted.events, wanted.roi) = (selection.events.clone(), selection.roi);
        wanted.polarity = selection.polarity;
        let every = width.map(Duration::from_micros);
        for (origin, zero) in [
            (Origin::Recorded, 0),
            (Origin::FirstEvent, i128::from(t[0])),
            (Origin::FirstWanted, rate.start),
        ] {
            let moved = evz::rate(opened(), &wanted.clone().with_origin(origin), every).unwrap();
            prop_assert_eq!(moved.start, rate.start - zero);
            prop_assert_eq!((moved.width, &moved.bins), (rate.width, &rate.bins));
        }
    }
}
