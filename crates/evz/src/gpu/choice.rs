//! Which device ends sooner.

use std::time::Duration;

use evz_core::Error;

use super::device::Device;

/// How long a GPU takes to start: 0.33 to 0.40 s were measured with code of our own, self-test included.
pub const DEFAULT_GPU_START: Duration = Duration::from_millis(400);

/// The CPU is looked at for this part of the time that a GPU takes to start.
const LOOK: f64 = 0.25;
/// So many times what a GPU takes to start, with less to wait for it is not started: starting it and
/// measuring it take half of that, so that one that is twice as fast would end at the same time.
const PAYS: f64 = 2.5;

/// Why [`Device::Auto`] took a device.
#[derive(Debug)]
#[non_exhaustive]
pub enum Choice {
    /// The CPU: so little was left to wait for that starting a GPU could not have paid.
    InTime {
        /// How long the caller waited for frames, all in all.
        waited: Duration,
        /// How long a GPU takes to start.
        gpu_start: Duration,
    },
    /// The CPU: a GPU cannot be had, or cannot make these frames.
    NoGpu(Error),
    /// The faster one: both made the first frames.
    Measured(Rates),
}

impl Choice {
    /// What was taken.
    pub fn device(&self) -> Device {
        match self {
            Self::InTime { .. } | Self::NoGpu(_) => Device::Cpu,
            Self::Measured(rates) => rates.faster(),
        }
    }
}

/// Frames a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// By the CPU, beside what the caller did with them.
    pub cpu: f64,
    /// By the GPU, back in memory of the host.
    pub gpu: f64,
}

impl Rates {
    /// The faster one; the CPU where there is no difference.
    pub fn faster(&self) -> Device {
        match self.gpu > self.cpu {
            true => Device::Cuda,
            false => Device::Cpu,
        }
    }
}

/// How far the CPU is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// Seconds since the first frame was there.
    pub(super) elapsed_s: f64,
    /// Seconds that the caller waited for frames, the first one included.
    pub(super) waited_s: f64,
    /// Frames that the caller has, without the first.
    pub(super) made: u64,
    /// Frames that nobody works on yet.
    pub(super) left: u64,
}

impl Progress {
    /// Whether it may pay to start a GPU that takes so long for it.
    pub(super) fn asks_for_gpu(&self, gpu_start: Duration) -> bool {
        let start_s = gpu_start.as_secs_f64();
        let wait_s = self.waited_s * self.left as f64 / self.made.max(1) as f64;
        self.left > 0
            && self.made > 0
            && self.elapsed_s >= LOOK * start_s
            && wait_s >= PAYS * start_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faster_device_is_taken() {
        let faster = |cpu, gpu| Choice::Measured(Rates { cpu, gpu }).device();
        assert_eq!(faster(5_400.0, 14_900.0), Device::Cuda);
        assert_eq!(faster(5_400.0, 2_700.0), Device::Cpu);
        assert_eq!(faster(5_400.0, 5_400.0), Device::Cpu);
    }

    #[test]
    fn a_gpu_is_started_for_much_that_is_waited_for() {
        let asks = |elapsed_s, waited_s, made, left| {
            let progress = Progress {
                elapsed_s,
                waited_s,
                made,
                left,
            };
            progress.asks_for_gpu(DEFAULT_GPU_START)
        };
        // In 0.1 s it made 500 frames, and of the others each 5,000 take 1 s.
        assert!(asks(0.1, 0.1, 500, 5_000));
        assert!(!asks(0.1, 0.1, 500, 4_999));
        // Too early to tell.
        assert!(!asks(0.099, 0.099, 500, 1_000_000));
        assert!(!asks(1.0, 1.0, 0, 1_000_000));
        // Frames are written ten times more slowly than made.
        assert!(!asks(0.1, 0.01, 500, 49_999));
        assert!(asks(0.1, 0.01, 500, 50_000));
        // There is nothing left to begin.
        assert!(!asks(10.0, 10.0, 500, 0));
        let nothing = Progress {
            made: 1,
            left: 1,
            ..Progress::default()
        };
        assert!(nothing.asks_for_gpu(Duration::ZERO));
    }
}
