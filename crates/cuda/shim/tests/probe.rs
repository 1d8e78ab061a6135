//! Looking for a GPU: what is said where there is none, in processes of their own, since a driver
//! that was loaded once stays.

use std::process::{Command, Output};

use evz_cuda::{GpuOptions, NoGpu};
use evz_cuda_shim::{Device, driver_folder, old_driver_folder};

/// Which case a process is to look at.
const CASE: &str = "EVZ_PROBE";

/// Runs this test binary for one case, with this folder searched for the driver first.
fn probe(case: &str, folder: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "looks", "--nocapture"])
        .env(CASE, case)
        .env("LD_LIBRARY_PATH", folder)
        .output()
        .unwrap()
}

#[track_caller]
fn says(case: &str, folder: &str, text: &str) {
    let output = probe(case, folder);
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{found}");
    assert!(found.contains(&format!("says: {text}\n")), "{found}");
}

#[test]
#[ignore = "started by the other tests"]
fn looks() {
    let case = std::env::var(CASE).unwrap_or_default();
    let device = match case.as_str() {
        "none" => Some(Device {
            count: 0,
            ..Device::default()
        }),
        "refuses" => Some(Device {
            count: -1,
            ..Device::default()
        }),
        "one" | "second" => Some(Device::default()),
        _ => None,
    };
    if let Some(device) = device {
        device.install();
    }
    let options = GpuOptions::default().with_device(usize::from(case == "second"));
    match options.open() {
        Ok(gpu) => println!("says: {} with {} bytes", gpu.name(), gpu.memory()),
        Err(why) => println!("says: {why}"),
    }
}

#[test]
fn a_machine_without_a_driver() {
    let driver = GpuOptions::default().open().err();
    if !matches!(driver, Some(NoGpu::NoDriver)) {
        println!("skipped: this machine has a driver");
        return;
    }
    says(
        "",
        "",
        "no NVIDIA driver library (libcuda.so.1) on this machine",
    );
}

#[test]
fn a_driver_that_finds_no_device() {
    says("none", "", "the NVIDIA driver finds no GPU");
    says("refuses", "", "the NVIDIA driver finds no GPU");
}

#[test]
fn a_device_that_is_not_there() {
    let text = "there is no GPU 1; the NVIDIA driver finds 1, counted from 0";
    says("second", "", text);
}

#[test]
fn a_driver_without_a_function() {
    let text =
        "the NVIDIA driver is too old or broken: it has no cuDeviceGet; 525 or later is needed";
    says("", old_driver_folder().to_str().unwrap(), text);
}

#[test]
fn a_device() {
    let text = "host shim with 1073741824 bytes";
    says("one", "", text);
    says("", driver_folder().to_str().unwrap(), text);
}
