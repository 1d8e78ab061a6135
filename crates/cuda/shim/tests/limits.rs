//! What bounds a lane: memory, launches, damage, and other lanes.

mod frames;

use evz_codec::{Codec, FAST, SMALL, SMALL_GPU};
use evz_core::{Columns, Polarity, Selection};
use evz_cuda::{Chunk, DeviceArray, DeviceEvents, DeviceJob};
use evz_cuda_shim::{Device, Used, sanitized, under_sanitizers};
use evz_render::{Decay, JobWindows, Painted, Representation, Values};
use frames::{
    Asked, Recording, by_count, by_time, chunk, events, every, gpu, job, lane, lane_of, size,
};

#[test]
fn this_with_sanitizers() {
    under_sanitizers();
}

#[test]
fn windows_larger_than_the_memory_are_painted_in_pieces() {
    let n = if sanitized() { 4_000 } else { 20_000 };
    for sorted in [true, false] {
        let size = size(21, 10);
        let recording = Recording::new(events(n, size, sorted, 7), size, &FAST, 1_024);
        let device = Device {
            seed: 2,
            ..Device::default()
        };
        let budget = 160 << 10;
        let gpu = gpu(device, budget);
        let before = Used::so_far().now;
        let mut lane = gpu.lanes(1).unwrap().remove(0);
        for of in every() {
            for (as_columns, reversed) in [(false, false), (true, false), (false, true)] {
                for what in [by_count(of, 100_000, 3_000), by_time(of, 7_000, 2_000)] {
                    for polarity in [None, Some(Polarity::On)] {
                        let selection = Selection {
                            polarity,
                            ..Selection::default()
                        };
                        let what = what.clone();
                        let what = Asked {
                            selection,
                            as_columns,
                            reversed,
                            ..what
                        };
                        recording.compare(&mut lane, &what);
                    }
                }
            }
        }
        let most = Used::so_far().most - before;
        assert!(most as u64 <= budget, "{most} bytes, of {budget}");
    }
}

#[test]
fn many_frames_take_few_launches() {
    let size = size(64, 64);
    let recording = Recording::new(events(30_000, size, true, 8), size, &FAST, 10_000);
    let what = by_count(Representation::Signed, 100, 100);
    let (cpu, _) = recording.by_cpu(&what);
    // One decodes, and one looks at their times. By bands, a clock and a launch make all
    // frames. Without shared memory half of the cache holds 32 frames of 16 KiB: ten groups of three
    // launches.
    for (shared, expected) in [(99 << 10, 4), (0, 32)] {
        let device = Device {
            shared,
            ..Device::default()
        };
        let mut lane = lane_of(device);
        let before = Used::so_far().launches;
        let frames = recording.by_lane(&mut lane, &what, &cpu).unwrap();
        assert_eq!(frames.len(), 300);
        // The frames are packed, as they are mostly empty; and made twice.
        let runs = if sanitized() { 1 } else { 2 };
        assert_eq!(Used::so_far().launches - before, runs * (expected + 1));
    }
}

#[test]
fn too_little_memory_is_an_error_that_says_so() {
    let size = size(64, 64);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 3_000);
    let what = by_count(Representation::Signed, 1_000, 1_000);
    let fails = |budget: u64, memory: usize| {
        let device = Device {
            memory,
            ..Device::default()
        };
        // Held until the lane is done: other tests install other devices.
        let gpu = gpu(device, budget);
        let mut lane = gpu.lanes(1).unwrap().remove(0);
        let (cpu, _) = recording.by_cpu(&what);
        let error = recording.by_lane(&mut lane, &what, &cpu).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        fails(10_000, 1 << 30),
        "the GPU: a frame of this representation takes 24664 bytes there, more than it may use; \
         allow it more memory, or use fewer lanes"
    );
    let text = fails(50_000, 1 << 30);
    assert!(text.contains("chunk 0 of the job takes"), "{text}");
    let text = fails(1 << 20, 30_000);
    assert!(
        text.contains("bytes left; close what else uses it"),
        "{text}"
    );
}

#[test]
fn memory_goes_with_the_lane() {
    let gpu = gpu(Device::default(), 1 << 24);
    let before = Used::so_far().now;
    let size = size(20, 10);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 1_000);
    let mut lane = gpu.lanes(1).unwrap().remove(0);
    recording.compare(&mut lane, &by_count(Representation::Counts, 500, 500));
    assert!(Used::so_far().now > before);
    drop(lane);
    assert_eq!(Used::so_far().now, before);
}

#[test]
fn a_damaged_chunk_is_named_and_the_next_job_is_whole() {
    let size = size(20, 10);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 1_000);
    let mut lane = lane(0);
    let what = by_count(Representation::Signed, 500, 500);
    let held = recording.compressed();
    let mut chunks: Vec<_> = held.iter().map(chunk).collect();
    let mut damaged = chunks[2].payload.to_vec();
    let toc_len = chunks[2].toc_len as usize;
    damaged[..toc_len].fill(0xff);
    chunks[2].payload = &damaged;
    let window = 0..3_000;
    let windows = JobWindows::Positions(vec![window]);
    let job = DeviceJob {
        windows: &windows,
        ..job(DeviceEvents::Chunks(&chunks), Representation::Signed, size)
    };
    let error = lane.run(&job, &mut || None).unwrap_err().to_string();
    assert!(error.starts_with("chunk 2 of the job: "), "{error}");
    recording.compare(&mut lane, &what);
}

#[test]
fn times_that_run_backwards_in_a_recording_in_order_are_damage() {
    let size = size(20, 10);
    // In a chunk, and from the end of one to the next.
    for (number, chunk_number) in [(2_100, 2), (1_999, 2), (2_998, 2), (0, 0)] {
        let mut events = events(3_000, size, true, 1);
        events[number].t += 10_000;
        let recording = Recording::new(events, size, &FAST, 1_000);
        let held = recording.compressed();
        let chunks: Vec<_> = held.iter().map(chunk).collect();
        let windows = JobWindows::Ticks(vec![0..500, 500..3_000]);
        let lies = DeviceJob {
            windows: &windows,
            ..job(DeviceEvents::Chunks(&chunks), Representation::Signed, size)
        };
        let mut lane = lane(0);
        let error = lane.run(&lies, &mut || None).unwrap_err().to_string();
        // Of a chunk that is not in order, the last time is not the latest either: one of them is told.
        let told = [
            "times run backwards",
            "its times are not what its head says",
        ];
        let told = told.map(|what| format!("chunk {chunk_number} of the job: {what}"));
        assert!(told.iter().any(|told| error.starts_with(told)), "{error}");
        // Who says that they are not in order has each event looked at.
        let honest = DeviceJob {
            sorted: false,
            ..lies
        };
        assert_eq!(lane.run(&honest, &mut || None).unwrap().len(), 2);
    }
}

#[test]
fn times_that_are_not_what_the_head_says_are_damage() {
    let size = size(20, 10);
    for codec in [&FAST as &dyn Codec, &SMALL, &SMALL_GPU] {
        let recording = Recording::new(events(3_000, size, true, 1), size, codec, 1_000);
        let held = recording.compressed();
        let windows = JobWindows::Ticks(vec![0..500, 500..3_000]);
        // The last one makes a window look into a chunk in vain, and loses nothing of a recording that is
        // not in order.
        type Lie = fn(&mut Chunk<'_>);
        let lies: [(Lie, bool); 4] = [
            (|c| c.t_first -= 1, false),
            (|c| c.t_min += 1, false),
            (|c| c.t_max -= 1, false),
            (|c| c.t_max += 1, true),
        ];
        for (lie, harmless) in lies {
            let mut chunks: Vec<_> = held.iter().map(chunk).collect();
            lie(&mut chunks[1]);
            for sorted in [true, false] {
                let job = DeviceJob {
                    windows: &windows,
                    sorted,
                    ..job(DeviceEvents::Chunks(&chunks), Representation::Signed, size)
                };
                let found = lane(0).run(&job, &mut || None);
                match (sorted, harmless) {
                    (false, true) => assert_eq!(found.unwrap().len(), 2),
                    _ => assert_eq!(
                        found.unwrap_err().to_string(),
                        "chunk 1 of the job: its times are not what its head says of them, though its \
                         checksums hold; verify the file, which tells more"
                    ),
                }
            }
        }
    }
}

#[test]
fn a_first_time_that_is_not_that_of_the_head_is_damage() {
    let size = size(20, 10);
    let recording = Recording::new(events(500, size, true, 1), size, &FAST, 1_000);
    let held = recording.compressed();
    let honest = chunk(&held[0]);
    // By its entry in the table of contents, the only block starts a step late.
    let mut payload = honest.payload.to_vec();
    payload[8] += 1;
    let late = [Chunk {
        payload: &payload,
        t_max: honest.t_max + honest.t_divisor as i64,
        ..honest
    }];
    let windows = JobWindows::Ticks(vec![0..500, 500..10_000]);
    let job = DeviceJob {
        windows: &windows,
        sorted: false,
        ..job(DeviceEvents::Chunks(&late), Representation::Signed, size)
    };
    let error = lane(0).run(&job, &mut || None).unwrap_err().to_string();
    let expected = "chunk 0 of the job: its times are not what its head says of them";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_codec_that_the_device_lacks_is_an_error() {
    let size = size(20, 10);
    let recording = Recording::new(events(100, size, true, 1), size, &FAST, 1_000);
    let held = recording.compressed();
    let mut chunks: Vec<_> = held.iter().map(chunk).collect();
    chunks[0].codec = 77;
    let window = 0..100;
    let windows = JobWindows::Positions(vec![window]);
    let job = DeviceJob {
        windows: &windows,
        ..job(DeviceEvents::Chunks(&chunks), Representation::Signed, size)
    };
    let error = lane(0).run(&job, &mut || None).unwrap_err().to_string();
    assert_eq!(error, "the GPU: chunk 0 of the job has codec 77");
}

#[test]
fn lanes_of_several_threads_do_not_meet() {
    let size = size(20, 10);
    let gpu = gpu(Device::default(), 1 << 26);
    let lanes = gpu.lanes(4).unwrap();
    std::thread::scope(|scope| {
        for (k, mut lane) in lanes.into_iter().enumerate() {
            scope.spawn(move || {
                let events = events(3_000, size, true, k as u64);
                let recording = Recording::new(events, size, &FAST, 700);
                for of in [
                    Representation::Signed,
                    Representation::ExpDecay(Decay::new(std::time::Duration::from_micros(40))),
                    Representation::histogram(3),
                ] {
                    recording.compare(&mut lane, &by_count(of, 500, 300));
                    recording.compare(&mut lane, &by_time(of, 300, 200));
                }
            });
        }
    });
}

#[test]
fn frames_can_stay_on_the_device() {
    let size = size(20, 11);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 700);
    let mut lane = lane(0);
    let held = recording.compressed();
    let chunks: Vec<_> = held.iter().map(chunk).collect();
    let windows = JobWindows::Positions(vec![0..1_000, 500..2_000, 2_999..3_000]);
    let job = DeviceJob {
        windows: &windows,
        ..job(DeviceEvents::Chunks(&chunks), Representation::Counts, size)
    };
    let expected = lane.run(&job, &mut || None).unwrap();
    let mut seen = 0;
    lane.run_on_device(&job, &mut |frames| {
        assert_eq!((frames.first(), frames.stride()), (seen, 440));
        for k in 0..frames.len() {
            let at = frames.address() as usize + 2 * k * frames.stride();
            // SAFETY: here the device's memory is the host's, and the frame has as many values.
            let values = unsafe { std::slice::from_raw_parts(at as *const u16, 440) };
            let evz_render::Values::U16(expected) = &expected[seen].frame.values else {
                panic!("counts are u16")
            };
            assert_eq!(values, expected);
            seen += 1;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, 3);
}

#[test]
fn arrays_on_the_device_are_owned() {
    let gpu = gpu(Device::default(), 1 << 22);
    let empty = Used::so_far().now;
    // 209 pixels, which no alignment divides.
    let size = size(19, 11);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 700);
    let held = recording.compressed();
    let chunks: Vec<_> = held.iter().map(chunk).collect();
    let windows = JobWindows::Positions(vec![0..1_000, 500..2_000, 2_999..3_000]);
    let mut lane = gpu.lanes(1).unwrap().remove(0);
    let mut expected = Vec::new();
    for of in every() {
        let job = DeviceJob {
            windows: &windows,
            ..job(DeviceEvents::Chunks(&chunks), of, size)
        };
        expected.push((of, lane.run(&job, &mut || None).unwrap()));
    }
    let mut arrays = Vec::new();
    for (of, _) in &expected {
        let job = DeviceJob {
            windows: &windows,
            ..job(DeviceEvents::Chunks(&chunks), *of, size)
        };
        arrays.push(lane.run_to_array(&job).unwrap());
    }
    // They stay when the lane goes, which frees what is its own.
    let both = Used::so_far().now;
    drop(lane);
    let theirs = Used::so_far().now;
    assert!(theirs < both);
    for (array, (of, painted)) in arrays.iter().zip(&expected) {
        assert_eq!(array.shape(), [3, of.channels(), 11, 19]);
        assert_eq!(array.value_type(), of.value_type());
        assert_eq!(
            (array.device(), array.strides()[1..].to_vec()),
            (0, vec![209, 19, 1])
        );
        for (k, (info, painted)) in array.frames().iter().zip(painted).enumerate() {
            let frame = &painted.frame;
            assert_eq!(
                (&info.window, info.n_events, info.beyond),
                (&frame.window, frame.n_events, painted.beyond)
            );
            same_values(array, k, &frame.values, *of);
        }
    }
    while let Some(array) = arrays.pop() {
        let before = Used::so_far().now;
        drop(array);
        assert!(Used::so_far().now < before);
    }
    assert_eq!(Used::so_far().now, empty);
}

/// Frame `k` of an array has these values.
#[track_caller]
fn same_values(array: &DeviceArray, k: usize, expected: &Values, of: Representation) {
    let at = array.address() as usize + k * array.strides()[0] * of.value_type().bytes();
    macro_rules! found {
        ($type:ty, $n:expr) => {
            // SAFETY: here the device's memory is the host's, and the frame has as many values.
            unsafe { std::slice::from_raw_parts(at as *const $type, $n) }
        };
    }
    match expected {
        Values::I16(values) => assert_eq!(found!(i16, values.len()), values, "{of:?}"),
        Values::U16(values) => assert_eq!(found!(u16, values.len()), values, "{of:?}"),
        Values::F32(values) => {
            // Sums of a voxel grid come in any order.
            let most = if of.facts().name == "voxel" {
                1e-3
            } else {
                0.0
            };
            for (a, b) in found!(f32, values.len()).iter().zip(values) {
                assert!((a - b).abs() <= most, "{of:?}: {a}, not {b}");
            }
        }
    }
}

#[test]
fn an_array_that_does_not_fit_is_an_error_that_says_so() {
    let gpu = gpu(Device::default(), 1 << 18);
    let size = size(64, 64);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 700);
    let held = recording.compressed();
    let chunks: Vec<_> = held.iter().map(chunk).collect();
    let mut lane = gpu.lanes(1).unwrap().remove(0);
    let windows = |n: u64| JobWindows::Positions((0..n).map(|k| k..k + 10).collect());
    let mut run = |windows: &JobWindows| {
        let job = DeviceJob {
            windows,
            ..job(DeviceEvents::Chunks(&chunks), Representation::Signed, size)
        };
        lane.run_to_array(&job)
    };
    let error = run(&windows(64)).err().unwrap().to_string();
    assert_eq!(
        error,
        "the GPU: 64 frames take 524288 bytes and what makes them, more than it may use at once; \
         ask for fewer, or allow it more memory"
    );
    // The next job is whole, and no windows are an array without frames.
    assert_eq!(run(&windows(4)).unwrap().shape(), [4, 1, 64, 64]);
    let none = run(&windows(0)).unwrap();
    assert_eq!((none.shape(), none.address()), ([0, 1, 64, 64], 0));
}

#[test]
fn chunks_can_stay_on_the_device() {
    let size = size(20, 11);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 700);
    let mut lane = lane(0);
    let held = recording.compressed();
    let chunks: Vec<_> = held.iter().map(chunk).collect();
    let resident = lane.upload(&chunks).unwrap();
    assert_eq!(resident.n_events(), 3_000);
    let windows = JobWindows::Positions(vec![0..1_000, 500..2_000, 2_999..3_000]);
    let jobs = [
        DeviceEvents::Chunks(&chunks),
        DeviceEvents::Resident(&resident),
    ]
    .map(|events| DeviceJob {
        windows: &windows,
        ..job(events, Representation::TimeSurface, size)
    });
    let frames = |p: Vec<Painted>| p.into_iter().map(|p| p.frame).collect::<Vec<_>>();
    let [expected, found] = jobs.map(|job| frames(lane.run(&job, &mut || None).unwrap()));
    assert_eq!(found, expected);
}

#[test]
fn rates_can_be_measured() {
    let size = size(20, 11);
    let recording = Recording::new(events(3_000, size, true, 1), size, &FAST, 700);
    let mut lane = lane(0);
    let held = recording.compressed();
    let chunks: Vec<_> = held.iter().map(chunk).collect();
    let resident = lane.upload(&chunks).unwrap();
    // The clock of the shim stands still.
    let work = |lane: &mut evz_cuda::Lane| {
        lane.decode_only(&resident, Columns::ALL)?;
        lane.decode_only(&resident, Columns::T)?;
        lane.copy_on_device(1 << 16)?;
        lane.copy_to_device(1 << 16)
    };
    assert_eq!(lane.time(work).unwrap(), 0.001);
    recording.compare(&mut lane, &by_count(Representation::Counts, 500, 500));
}
