//! What a synthetic recording promises, through the public API.

use evz_core::{ErrorKind, EventBatch, EventSource, Next, SensorSize};
use evz_synth::SynthOptions;

fn read(options: SynthOptions) -> EventBatch {
    let mut source = options.open().unwrap();
    let (mut all, mut batch) = (EventBatch::default(), EventBatch::default());
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
        all.extend(batch.as_slice());
        let progress = source.progress().unwrap();
        assert_eq!(progress.done, all.len() as u64);
    }
    assert!(matches!(
        source.read_batch(&mut batch).unwrap(),
        Next::End(_)
    ));
    assert!(batch.is_empty());
    all
}

fn size(width: u32, height: u32) -> SensorSize {
    SensorSize { width, height }
}

fn message(options: SynthOptions) -> String {
    match options.open() {
        Err(error) if error.kind() == ErrorKind::InvalidArgument => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// FNV-1a over the four columns: to pin events without a file of them.
fn fingerprint(events: &EventBatch) -> u64 {
    events
        .iter()
        .flat_map(|e| [e.t as u64, u64::from(e.x), u64::from(e.y), u64::from(e.p)])
        .fold(0xcbf2_9ce4_8422_2325, |hash, value| {
            (hash ^ value).wrapping_mul(0x0100_0000_01b3)
        })
}

#[test]
fn the_seed_chooses_the_recording() {
    let options = SynthOptions::default().with_events(100_000).with_seed(5);
    let events = read(options.clone());
    assert_eq!(events, read(options.clone()));
    let other = read(options.with_seed(6));
    let same = (0..events.len())
        .filter(|&i| (events.x[i], events.y[i]) == (other.x[i], other.y[i]))
        .count();
    assert!(same < 1_000, "{same}");
}

#[test]
fn the_events_of_a_version_never_change() {
    // On any platform. Where this has to change, `VERSION` rises.
    let events = read(SynthOptions::default().with_events(200_000).with_seed(1));
    assert_eq!(fingerprint(&events), 9_561_567_490_556_250_655);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let with_threads = |n| {
        let pool = evz_core::parallel::Pool::new(move || n);
        pool.enter(|| read(SynthOptions::default().with_events(400_000)))
    };
    assert_eq!(with_threads(1), with_threads(4));
}

#[test]
fn every_number_of_events_comes_out_exactly_in_order_and_on_the_sensor() {
    for events in [0, 1, 2, 1_023, 1_025, 65_535, 65_536, 65_537, 200_001] {
        for size in [
            size(1, 1),
            size(2, 3),
            size(1, 500),
            size(128, 128),
            size(1280, 720),
            size(65_536, 4),
            size(65_536, 65_536),
        ] {
            for rate in [1.0, 5e6, 1e12] {
                let batch = read(
                    SynthOptions::default()
                        .with_size(size)
                        .with_events(events)
                        .with_rate(rate),
                );
                assert_eq!(batch.t.len() as u64, events);
                assert!(batch.t.is_sorted());
                assert!(batch.t.first().is_none_or(|&t| t >= 0));
                assert!(batch.iter().all(|e| size.contains(e.x, e.y) && e.p <= 1));
            }
        }
    }
}

#[test]
fn a_trillion_events_start_at_once_and_in_little_memory() {
    let mut source = SynthOptions::default()
        .with_events(1_000_000_000_000)
        .open()
        .unwrap();
    let mut batch = EventBatch::default();
    for _ in 0..3 {
        assert_eq!(source.read_batch(&mut batch).unwrap(), Next::Events(65_536));
    }
}

#[test]
fn the_rate_is_honoured() {
    for (events, rate) in [(100_000, 1e4), (1_000_000, 5e6), (5_000_000, 1e6)] {
        let batch = read(
            SynthOptions::default()
                .with_events(events)
                .with_rate(rate)
                .with_seed(9),
        );
        let seconds = batch.t[batch.len() - 1] as f64 / 1e6;
        let measured = events as f64 / seconds;
        assert!((measured / rate - 1.0).abs() < 0.01, "{measured} {rate}");
    }
}

#[test]
fn on_and_off_balance() {
    for seed in 0..10 {
        let batch = read(SynthOptions::default().with_events(500_000).with_seed(seed));
        let on = batch.p.iter().map(|&p| f64::from(p)).sum::<f64>() / batch.len() as f64;
        assert!((0.3..0.7).contains(&on), "seed {seed}: {on}");
    }
}

#[test]
fn ten_milliseconds_show_edges() {
    for seed in 0..10 {
        let batch = read(SynthOptions::default().with_events(500_000).with_seed(seed));
        let mut counts = vec![0_u32; 640 * 480];
        let mut total = 0;
        for event in batch.iter().skip_while(|e| e.t < 50_000) {
            if event.t >= 60_000 {
                break;
            }
            counts[usize::from(event.y) * 640 + usize::from(event.x)] += 1;
            total += 1;
        }
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let top: u32 = counts[..counts.len() / 10].iter().sum();
        assert!(
            f64::from(top) > 0.6 * f64::from(total),
            "seed {seed}: {top} of {total}"
        );
    }
}

#[test]
fn a_tenth_of_the_sensor_without_objects_holds_only_noise_and_hot_pixels() {
    let batch = read(SynthOptions::default().with_events(3_000_000));
    let mut counts = vec![0_u32; 640 * 480];
    for event in batch.iter() {
        counts[usize::from(event.y) * 640 + usize::from(event.x)] += 1;
    }
    counts.sort_unstable();
    // 5 % of the events, spread over all pixels: half an event each.
    let quiet: u32 = counts[..counts.len() / 10].iter().sum();
    assert!(quiet < 3_000_000 / 10 / 20, "{quiet}");
    assert!(counts[counts.len() - 8] > 100, "no hot pixel");
}

#[test]
fn options_out_of_range_say_what_can_be() {
    let options = SynthOptions::default;
    assert_eq!(
        message(options().with_size(size(0, 480))),
        "sensor size 0x480: width and height can be 1 to 65536"
    );
    assert_eq!(
        message(options().with_size(size(640, 65_537))),
        "sensor size 640x65537: width and height can be 1 to 65536"
    );
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            message(options().with_rate(rate)),
            format!("rate {rate} events/s: it can be 1e0 to 1e12")
        );
    }
    assert_eq!(
        message(options().with_events(u64::MAX)),
        "18446744073709551615 events: there can be 9007199254740992"
    );
    assert_eq!(
        message(options().with_events(1_000_000_000_000).with_rate(1.0)),
        "1000000000000 events at 1 events/s last longer than 9007199254740992 us: at this rate \
         there can be 9007199254 events"
    );
}

#[test]
fn it_says_what_it_is() {
    let source = SynthOptions::default().with_seed(u64::MAX).open().unwrap();
    let info = source.info();
    assert_eq!(info.size, Some(size(640, 480)));
    assert_eq!(info.metadata["source.format"].as_text(), Some("synth"));
    assert_eq!(
        info.metadata["synth.seed"].as_text(),
        Some("18446744073709551615")
    );
}
