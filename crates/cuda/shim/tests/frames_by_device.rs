//! Frames of the device against those of the CPU, bit for bit.

mod frames;

use evz_codec::{FAST, SMALL_GPU};
use evz_core::{Event, Polarity, Roi, Selection};
use evz_cuda::{DeviceEvents, DeviceJob};
use evz_cuda_shim::{Device, SEEDS, sanitized, under_sanitizers};
use evz_render::{Decay, FrameSpec, JobWindows, Representation, Windows};
use frames::{
    Asked, Recording, by_count, by_time, chunk, events, every, job, lane, lane_of, same, size,
    with_options,
};
use proptest::prelude::*;

#[test]
fn this_with_sanitizers() {
    under_sanitizers();
}

#[test]
fn every_representation() {
    let n = if sanitized() { 3_000 } else { 12_000 };
    for sorted in [true, false] {
        let recording = Recording::new(
            events(n, size(20, 10), sorted, 1),
            size(20, 10),
            &FAST,
            1_000,
        );
        for seed in SEEDS {
            let mut lane = lane(seed);
            for of in every() {
                for as_columns in [false, true] {
                    let counted = Asked {
                        as_columns,
                        ..by_count(of, 900, 900)
                    };
                    recording.compare(&mut lane, &counted);
                    let timed = Asked {
                        as_columns,
                        ..by_time(of, 700, 700)
                    };
                    recording.compare(&mut lane, &timed);
                }
            }
        }
    }
}

#[test]
fn bands_of_any_height() {
    let n = if sanitized() { 1_000 } else { 4_000 };
    // Widths and heights that start bands and planes at every place of a vector.
    let sizes = [size(13, 9), size(20, 10), size(9, 17)];
    for size in &sizes[..if sanitized() { 1 } else { 3 }] {
        let size = *size;
        let recording = Recording::new(events(n, size, true, 6), size, &FAST, 1_000);
        let part = Some(Selection {
            roi: Some(Roi {
                x: 2,
                y: 1,
                width: 9,
                height: 7,
            }),
            polarity: Some(Polarity::Off),
            ..Selection::default()
        });
        // No bands, of a row or two, and of a few; with bins, two blocks share what there is.
        for shared in [0, 1_200, 1_400, 2_400, 2_600] {
            let mut lane = lane_of(Device {
                shared,
                seed: 3,
                ..Device::default()
            });
            for of in every() {
                for selection in [None, part.clone()] {
                    let selection = selection.unwrap_or_default();
                    for what in [by_count(of, 700, 600), by_time(of, 300, 250)] {
                        let selection = selection.clone();
                        recording.compare(&mut lane, &Asked { selection, ..what });
                    }
                }
            }
        }
    }
}

#[test]
fn frames_that_are_mostly_empty() {
    // More than one block packs a frame, and the last stretch is short.
    let size = size(131, 67);
    let n = if sanitized() { 300 } else { 1_500 };
    let recording = Recording::new(events(n, size, true, 11), size, &FAST, 500);
    let mut lane = lane(3);
    for of in every() {
        for length in [1, 40, 150] {
            recording.compare(&mut lane, &by_count(of, length, 130));
        }
    }
}

#[test]
fn sums_that_pass_the_ends_of_16_bits() {
    let size = size(6, 5);
    let n = if sanitized() { 36_000 } else { 70_000 };
    let mut random = frames::random(9);
    let events: Vec<Event> = (0..n)
        .map(|t| {
            // Nearly all in one pixel, and of one polarity up to the last ones.
            let p = u8::from(t > n / 25 * 24);
            let (x, y) = match random(100) {
                0 => (random(6) as u16, random(5) as u16),
                _ => (3, 2),
            };
            Event { t, x, y, p }
        })
        .collect();
    let recording = Recording::new(events, size, &FAST, 10_000);
    // Bands of a row or two, as many as fill the device: otherwise these long windows are painted by
    // pixels. With bins, two blocks share what there is.
    for shared in [1_112, 2_224] {
        let mut lane = lane_of(Device {
            shared,
            seed: 2,
            ..Device::default()
        });
        for of in [
            Representation::Signed,
            Representation::Counts,
            Representation::histogram(2),
        ] {
            for length in [n as u64, n as u64 / 2 + 1] {
                recording.compare(&mut lane, &by_count(of, length, length));
            }
        }
    }
}

#[test]
fn windows_of_all_lengths() {
    let recording = Recording::new(events(2_000, size(9, 7), true, 2), size(9, 7), &FAST, 300);
    let unordered = Recording::new(events(2_000, size(9, 7), false, 3), size(9, 7), &FAST, 300);
    let mut lane = lane(2);
    for recording in [&recording, &unordered] {
        for of in [
            Representation::Signed,
            Representation::TimeSurface,
            Representation::histogram(7),
        ]
        .into_iter()
        .chain(
            with_options()
                .into_iter()
                .step_by(if sanitized() { 11 } else { 5 }),
        ) {
            for (length, stride) in [
                (1, 50),
                (7, 7),
                (255, 256),
                (300, 299),
                (2_000, 64),
                (5_000, 9_000),
            ] {
                recording.compare(&mut lane, &by_count(of, length, stride));
                recording.compare(&mut lane, &by_time(of, length.into(), stride.into()));
            }
        }
    }
}

#[test]
fn selections() {
    let on = size(40, 30);
    let roi = |x, y, width, height| {
        Some(Roi {
            x,
            y,
            width,
            height,
        })
    };
    let selections = [
        Selection {
            roi: roi(3, 4, 20, 9),
            ..Selection::default()
        },
        Selection {
            polarity: Some(Polarity::On),
            ..Selection::default()
        },
        Selection {
            time: Some(100..900),
            ..Selection::default()
        },
        Selection {
            events: Some(321..2_345),
            ..Selection::default()
        },
        Selection {
            roi: roi(0, 0, 65_536, 12),
            polarity: Some(Polarity::Off),
            time: Some(-5..1_200),
            events: Some(17..2_900),
            ..Selection::default()
        },
        Selection {
            roi: roi(39, 29, 1, 1),
            ..Selection::default()
        },
    ];
    let ways = [(true, false), (false, false), (true, true), (false, true)];
    // Under sanitizers time runs backwards in a test of its own.
    for &(sorted, reversed) in &ways[..if sanitized() { 2 } else { 4 }] {
        let recording = Recording::new(events(3_000, on, sorted, 4), on, &FAST, 512);
        let mut lane = lane(1);
        for selection in &selections {
            for of in [
                Representation::Signed,
                Representation::ExpDecay(Decay::new(std::time::Duration::from_micros(40))),
                Representation::MergedTimeSurface,
                Representation::voxel(5),
                Representation::histogram(3),
            ] {
                for what in [by_count(of, 200, 150), by_time(of, 200, 130)] {
                    let selection = selection.clone();
                    let what = Asked {
                        selection,
                        reversed,
                        ..what
                    };
                    recording.compare(&mut lane, &what);
                }
            }
        }
    }
}

#[test]
fn time_that_runs_backwards() {
    let n = if sanitized() { 1_000 } else { 5_000 };
    let size = size(13, 9);
    for sorted in [true, false] {
        let recording = Recording::new(events(n, size, sorted, 12), size, &FAST, 300);
        // By pixels and by bands.
        for shared in [0, 2_600] {
            let mut lane = lane_of(Device {
                shared,
                seed: 4,
                ..Device::default()
            });
            for of in every() {
                for as_columns in [false, true] {
                    for what in [by_count(of, 333, 300), by_time(of, 200, 150)] {
                        let what = Asked {
                            as_columns,
                            reversed: true,
                            ..what
                        };
                        recording.compare(&mut lane, &what);
                    }
                }
            }
        }
    }
}

#[test]
fn a_window_backwards_up_to_the_ends_of_all_times_is_refused() {
    let size = size(3, 2);
    let backwards = |times: [i64; 2], windows: &JobWindows| {
        let events = times.map(|t| Event {
            t,
            x: 1,
            y: 1,
            p: 1,
        });
        let recording = Recording::new(events.to_vec(), size, &FAST, 300);
        let held = recording.compressed();
        let chunks: Vec<_> = held.iter().map(chunk).collect();
        let job = job(DeviceEvents::Chunks(&chunks), Representation::Signed, size);
        let job = DeviceJob {
            windows,
            spec: FrameSpec {
                reversed: true,
                ..job.spec
            },
            ..job
        };
        lane(0).run(&job, &mut || None).map(|frames| frames.len())
    };
    let both = 0..2;
    let all = JobWindows::Positions(vec![both]);
    assert_eq!(backwards([i64::MIN + 2, i64::MAX - 2], &all).unwrap(), 1);
    let ticks = |start, end| {
        let window = start..end;
        JobWindows::Ticks(vec![window])
    };
    for (times, windows) in [
        ([i64::MIN, 0], all.clone()),
        ([i64::MIN + 1, 0], all.clone()),
        ([0, i64::MAX], all),
        ([0, 1], ticks(0, i64::MIN)),
        ([0, 1], ticks(0, i64::MAX)),
        ([0, 1], ticks(i64::MIN, 9)),
    ] {
        let error = backwards(times, &windows).unwrap_err().to_string();
        assert!(
            error.contains("painted backwards by the CPU alone"),
            "{error}"
        );
    }
}

#[test]
fn events_beyond_the_sensor_are_counted_and_left_out() {
    let recording = Recording::new(
        events(2_000, size(40, 30), true, 5),
        size(40, 30),
        &FAST,
        512,
    );
    let mut lane = lane(3);
    for of in every() {
        for frame in [size(33, 30), size(40, 7), size(1, 1)] {
            let what = Asked {
                size: Some(frame),
                ..by_count(of, 300, 200)
            };
            recording.compare(&mut lane, &what);
        }
    }
}

#[test]
fn integers_are_held_at_16_bits_after_the_exact_sum() {
    let n = 70_000;
    let event = |k: usize, p: u8| Event {
        t: k as i64,
        x: 1,
        y: 0,
        p,
    };
    let on: Vec<_> = (0..n).map(|k| event(k, 1)).collect();
    let off: Vec<_> = (0..n).map(|k| event(k, 0)).collect();
    // Up to 40,000 and back to 20,000.
    let and_back: Vec<_> = (0..60_000)
        .map(|k| event(k, u8::from(k < 40_000)))
        .collect();
    let mut lane = lane(0);
    for events in [on, off, and_back] {
        let recording = Recording::new(events, size(3, 1), &FAST, 65_536);
        for of in [
            Representation::Signed,
            Representation::Counts,
            Representation::histogram(2),
        ] {
            recording.compare(&mut lane, &by_count(of, 100_000, 100_000));
        }
    }
}

#[test]
fn times_at_both_ends_of_the_clock() {
    let times = [
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        i64::MAX / 3,
        i64::MAX - 1,
        i64::MAX,
    ];
    let pixels = events(times.len() * 40, size(6, 5), true, 6);
    let stretched: Vec<_> = pixels
        .iter()
        .enumerate()
        .map(|(k, e)| Event {
            t: times[k / 40],
            ..*e
        })
        .collect();
    let turned = stretched.iter().rev().copied().collect();
    let turned = Recording::new(turned, size(6, 5), &FAST, 100);
    let recording = Recording::new(stretched, size(6, 5), &FAST, 100);
    let mut lane = lane(2);
    for of in every() {
        recording.compare(&mut lane, &by_count(of, 320, 40));
        recording.compare(&mut lane, &by_count(of, 10, 10));
    }
    // The last window has no end, so the last event is in it.
    let all = Windows::List(vec![i64::MIN..0, -1..i64::MAX, i64::MAX - 1..i64::MAX]);
    for recording in [&recording, &turned] {
        for of in every() {
            for polarity in [None, Some(Polarity::On)] {
                let what = Asked {
                    windows: all.clone(),
                    selection: Selection {
                        polarity,
                        ..Selection::default()
                    },
                    ..by_time(of, 1, 1)
                };
                recording.compare(&mut lane, &what);
            }
        }
    }
}

#[test]
fn chunks_of_small() {
    let n = if sanitized() { 9_000 } else { 20_000 };
    let recording = Recording::new(
        events(n, size(40, 30), true, 9),
        size(40, 30),
        &SMALL_GPU,
        n as u32,
    );
    let mut lane = lane(0);
    for of in [
        Representation::Signed,
        Representation::ExpDecay(Decay::new(std::time::Duration::from_micros(40))),
        Representation::voxel(5),
    ] {
        recording.compare(&mut lane, &by_count(of, 3_000, 3_000));
    }
}

#[test]
fn windows_whose_ticks_are_known() {
    let recording = Recording::new(events(2_000, size(9, 7), true, 10), size(9, 7), &FAST, 300);
    let mut lane = lane(0);
    for of in every() {
        let (cpu, _) = recording.by_cpu(&by_count(of, 500, 400));
        let located = cpu
            .iter()
            .zip((0..).step_by(400))
            .map(|(frame, start)| (start..start + 500, frame.window.clone()))
            .collect();
        let windows = JobWindows::Located(located);
        let held = recording.compressed();
        let chunks: Vec<_> = held.iter().map(chunk).collect();
        let found = lane
            .run(
                &DeviceJob {
                    windows: &windows,
                    ..job(DeviceEvents::Chunks(&chunks), of, size(9, 7))
                },
                &mut || None,
            )
            .unwrap();
        let what = by_count(of, 500, 400);
        same(&found, &cpu, &recording.totals(&what), &what);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if sanitized() { 24 } else { 120 }))]

    #[test]
    fn any_frames_of_any_recording(
        (n, seed, sorted) in (0usize..1_500, 0u64..1 << 32, any::<bool>()),
        (width, height) in (1u32..24, 1u32..24),
        (by, length, stride) in (any::<bool>(), 1u64..900, 20u64..900),
        of in proptest::sample::select(every()),
        chunk_events in 1u32..700,
        (roi, on, time, numbers) in (any::<bool>(), 0u8..3, any::<bool>(), any::<bool>()),
        (as_columns, order, reversed) in (any::<bool>(), 0u32..20, any::<bool>()),
    ) {
        prop_assume!(n > 0);
        let size = size(width, height);
        let recording = Recording::new(events(n, size, sorted, seed), size, &FAST, chunk_events);
        let what = match by {
            true => by_count(of, length, stride),
            false => by_time(of, length.into(), stride.into()),
        };
        let selection = Selection {
            roi: roi.then_some(Roi { x: 1, y: 2, width: width / 2 + 1, height: height / 2 + 1 }),
            polarity: [None, Some(Polarity::Off), Some(Polarity::On)][usize::from(on)],
            time: time.then_some(n as i64 / 8..n as i64 / 3),
            events: numbers.then_some(n as u64 / 5..n as u64 - n as u64 / 7),
            ..Selection::default()
        };
        recording.compare(&mut lane(order), &Asked { selection, as_columns, reversed, ..what });
    }
}
