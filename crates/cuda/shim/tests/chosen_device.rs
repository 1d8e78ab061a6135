//! Frames by the device that is told or chosen: the same, whatever it is. What the kernels do is for
//! other tests to show, with sanitizers.

mod frames;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use evz::render::{
    CountWindows, Frame, Job, JobEvents, JobWindows, RenderOptions, Representation, TimeWindows,
    Values, Windows,
};
use evz::{
    Choice, Device, DeviceOptions, EventIndex, GpuPainter, Polarity, Reader, Rendering, Roi,
    Selection,
};
use evz_codec::FAST;
use evz_cuda::GpuOptions;
use evz_cuda_shim::Used;
use frames::{Recording, events, size};

/// Does something with the device alone, on two threads: so all know how many jobs are begun.
fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static DEVICE: Mutex<()> = Mutex::new(());
    let _guard = DEVICE.lock().unwrap_or_else(PoisonError::into_inner);
    evz_cuda_shim::Device::default().install();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2);
    pool.build().unwrap().install(work)
}

/// Frames of 32 KB, of which the CPU begins 128 at first.
fn reader() -> Reader {
    let size = size(128, 128);
    Recording::new(events(3_000, size, true, 3), size, &FAST, 700).reader
}

fn by_count(length: u64) -> RenderOptions {
    let windows = Windows::Count(CountWindows::new(length, length).unwrap());
    RenderOptions::new(windows, Representation::Signed)
}

/// Some 200 windows, known in each way: by a rule, and as lists that touch, and that run backwards.
fn asked() -> Vec<RenderOptions> {
    let by_time = |length, stride| {
        let windows = Windows::Time(TimeWindows::new(length, stride, 1).unwrap());
        RenderOptions::new(windows, Representation::Binary)
    };
    let some = Selection {
        polarity: Some(Polarity::On),
        roi: Some(Roi {
            x: 20,
            y: 10,
            width: 90,
            height: 80,
        }),
        ..Selection::default()
    };
    // The first of these reach back to before the recording.
    let trailing = TimeWindows::new(60, 8, 1).unwrap().trailing();
    let trailing = RenderOptions::new(Windows::Time(trailing), Representation::Binary);
    let list = |windows: Vec<std::ops::Range<i64>>| {
        let mut options = RenderOptions::new(Windows::List(windows), Representation::Counts);
        options.numbered = true;
        options
    };
    let touching = |k: i64| k * 8..k * 8 + 10;
    vec![
        by_count(15),
        by_time(10, 8).with_selection(some),
        trailing,
        list((0..190).map(touching).collect()),
        list((-2..190).rev().map(touching).collect()),
    ]
}

fn rendering(options: &RenderOptions, on: DeviceOptions) -> Rendering {
    Rendering::new(Arc::new(reader()), options.clone(), on).unwrap()
}

fn all(mut rendering: Rendering) -> (Vec<Frame>, Rendering) {
    let mut frames = Vec::new();
    while let Some(frame) = rendering.next_frame().unwrap() {
        frames.push(frame.clone());
    }
    (frames, rendering)
}

#[test]
fn frames_are_the_same_by_every_device() {
    alone(|| {
        for options in asked() {
            let (cpu, told) = all(rendering(&options, DeviceOptions::new(Device::Cpu)));
            assert!(cpu.len() > 180, "{}", cpu.len());
            assert!(told.choice().is_none() && told.painter().is_none());
            assert_eq!(Used::so_far().launches, 0);
            let (gpu, told) = all(rendering(&options, DeviceOptions::new(Device::Cuda)));
            assert!(gpu == cpu && told.choice().is_none() && told.painter().is_some());
            let at_once = DeviceOptions::new(Device::Auto).with_gpu_start(Duration::ZERO);
            let (auto, chose) = all(rendering(&options, at_once));
            assert!(auto == cpu);
            // Which one is faster here does not matter.
            let Some(Choice::Measured(rates)) = chose.choice() else {
                panic!("{:?}", chose.choice())
            };
            assert!(rates.cpu > 0.0 && rates.gpu > 0.0);
            let by_gpu = rates.faster() == Device::Cuda;
            assert_eq!(chose.painter().is_some(), by_gpu);
            evz_cuda_shim::Device::default().install();
        }
    });
}

#[test]
fn a_gpu_goes_on_where_the_cpu_is() {
    alone(|| {
        let gpu = GpuOptions::default().open().unwrap();
        for options in asked() {
            let reader = reader();
            let index: Arc<dyn EventIndex> = Arc::new(reader.clone());
            let (cpu, _) = all(rendering(&options, DeviceOptions::new(Device::Cpu)));
            for taken in [1, 20, cpu.len()] {
                let mut frames = options.clone().render_index(index.clone()).unwrap();
                let painter =
                    Arc::new(GpuPainter::new(&gpu, &reader, options.frame_spec(&reader)).unwrap());
                let mut found = Vec::new();
                for _ in 0..taken {
                    found.push(frames.next_frame().unwrap().unwrap().clone());
                }
                let before = Used::so_far().launches;
                frames.go_on_by(&options, &index, painter).unwrap();
                while let Some(frame) = frames.next_frame().unwrap() {
                    found.push(frame.clone());
                }
                assert!(found == cpu, "after {taken}");
                assert_eq!(Used::so_far().launches > before, taken < cpu.len());
            }
        }
    });
}

#[test]
fn arrays_of_many_jobs_are_on_the_device_at_once() {
    alone(|| {
        let gpu = GpuOptions::default().open().unwrap();
        let (reader, options) = (reader(), by_count(100));
        let painter = GpuPainter::new(&gpu, &reader, options.frame_spec(&reader)).unwrap();
        let (expected, _) = all(rendering(&options, DeviceOptions::new(Device::Cpu)));
        let before = Used::so_far().now;
        let jobs = (0..10u64).map(|k| {
            let selection = Selection::default().with_events(300 * k..300 * k + 300);
            let windows = (0..3).map(|w| 100 * w..100 * w + 100).collect();
            painter.paint_on_device(Job {
                events: JobEvents::Read(selection),
                windows: JobWindows::Positions(windows),
            })
        });
        let arrays: Vec<_> = jobs.map(Result::unwrap).collect();
        for (k, frame) in expected.iter().enumerate() {
            let array = &arrays[k / 3];
            assert_eq!(array.frames()[k % 3].window, frame.window);
            let at = array.address() as usize + k % 3 * array.strides()[0] * 2;
            // SAFETY: here the device's memory is the host's, and the frame has as many values.
            let values = unsafe { std::slice::from_raw_parts(at as *const i16, 128 * 128) };
            assert!(frame.values == Values::I16(values.to_vec()), "frame {k}");
        }
        // A lane and what it keeps go, and each array with its 96 KiB.
        drop((painter, gpu));
        assert!(Used::so_far().now >= 10 * 3 * (32 << 10));
        drop(arrays);
        assert!(Used::so_far().now <= before);
    });
}

#[test]
fn what_is_begun_comes_and_then_the_end() {
    alone(|| {
        let options = by_count(15);
        let mut frames = options.render_index(Arc::new(reader())).unwrap();
        assert_eq!(frames.left(), Some(200));
        frames.next_frame().unwrap().unwrap();
        // Four jobs of 32, and the one that follows the first.
        assert_eq!(frames.left(), Some(200 - 5 * 32));
        frames.begin_no_more();
        assert_eq!(frames.left(), Some(0));
        let mut n = 1;
        while frames.next_frame().unwrap().is_some() {
            n += 1;
        }
        assert_eq!(n, 5 * 32);
    });
}

#[test]
fn a_short_recording_never_starts_a_gpu() {
    alone(|| {
        let auto = DeviceOptions::new(Device::Auto);
        let (frames, chose) = all(rendering(&by_count(1_000), auto));
        assert_eq!(frames.len(), 3);
        assert!(
            matches!(chose.choice(), Some(Choice::InTime { .. })),
            "{:?}",
            chose.choice()
        );
        assert_eq!(Used::so_far().launches, 0);
    });
}

#[test]
fn what_a_gpu_cannot_make_never_starts_one() {
    alone(|| {
        let on = Selection {
            polarity: Some(Polarity::On),
            ..Selection::default()
        };
        let options = by_count(10).with_selection(on);
        let at_once = DeviceOptions::new(Device::Auto).with_gpu_start(Duration::ZERO);
        let (_, chose) = all(rendering(&options, at_once));
        let why = match chose.choice() {
            Some(Choice::NoGpu(why)) => why.to_string(),
            other => panic!("{other:?}"),
        };
        assert!(why.contains("painted by the CPU alone"), "{why}");
        let cuda = DeviceOptions::new(Device::Cuda);
        let told = Rendering::new(Arc::new(reader()), options, cuda);
        assert_eq!(told.err().map(|e| e.to_string()), Some(why));
        assert_eq!(Used::so_far().launches, 0);
    });
}
