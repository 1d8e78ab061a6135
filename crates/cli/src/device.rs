//! Which device makes frames, and what is said of the choice.

use std::time::Duration;

use anyhow::Result;
use evz::{Choice, DeviceOptions, Error, Rates, Rendering};

use crate::args::Device;
use crate::words::human::{duration, short};
use crate::words::say;

/// How many seconds a GPU takes to start, where it is not what was measured.
const GPU_START: &str = "EVZ_GPU_START";

/// The device of the option.
pub(crate) fn options(device: Device) -> Result<DeviceOptions> {
    let options = DeviceOptions::new(match device {
        Device::Cpu => evz::Device::Cpu,
        Device::Cuda => evz::Device::Cuda,
        Device::Auto => evz::Device::Auto,
    });
    let Some(told) = std::env::var_os(GPU_START) else {
        return Ok(options);
    };
    let seconds = told.to_str().and_then(|s| s.parse().ok());
    let start = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
    let start = start.ok_or_else(|| {
        let told = told.display();
        Error::invalid(format!(
            "{GPU_START}={told}: it is no number of seconds, such as 0.4"
        ))
    })?;
    Ok(options.with_gpu_start(start))
}

/// Says what `auto` chose, and why.
pub(crate) fn say_choice(rendering: &Rendering) {
    if let Some(choice) = rendering.choice() {
        say(words(choice));
    }
}

fn words(choice: &Choice) -> String {
    match choice {
        Choice::InTime { waited, gpu_start } => format!(
            "auto: the CPU; waiting for its frames took {}, and a GPU takes {} to start",
            duration(waited.as_nanos() / 1_000_000 * 1_000_000),
            duration(gpu_start.as_nanos())
        ),
        Choice::Measured(Rates { cpu, gpu }) => {
            let (cpu, gpu) = (short(*cpu), short(*gpu));
            match choice.device() {
                evz::Device::Cuda => {
                    format!("auto: the GPU, which made {gpu} frames/s where the CPU made {cpu}")
                }
                _ => format!("auto: the CPU, which made {cpu} frames/s where the GPU made {gpu}"),
            }
        }
        Choice::NoGpu(why) => {
            let why: &dyn std::error::Error = why;
            let causes = std::iter::successors(Some(why), |e| e.source());
            let causes: Vec<String> = causes.map(|e| e.to_string()).collect();
            format!("auto: the CPU; {}", causes.join(": "))
        }
        _ => format!("auto: {choice:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_line_that_says_why() {
        let rates = |cpu, gpu| words(&Choice::Measured(Rates { cpu, gpu }));
        assert_eq!(
            rates(10_700.0, 14_900.0),
            "auto: the GPU, which made 14.9 k frames/s where the CPU made 10.7 k"
        );
        assert_eq!(
            rates(5_400.0, 2_700.0),
            "auto: the CPU, which made 5.40 k frames/s where the GPU made 2.70 k"
        );
        let in_time = Choice::InTime {
            waited: Duration::from_micros(83_400),
            gpu_start: evz::DEFAULT_GPU_START,
        };
        assert_eq!(
            words(&in_time),
            "auto: the CPU; waiting for its frames took 83 ms, and a GPU takes 400 ms to start"
        );
    }
}
