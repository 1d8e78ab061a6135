//! Looking for a GPU: what is said where there is none, in processes of their own, since a driver
//! that was loaded once stays.

use std::process::{Command, Output};

use evz_cuda::{GpuOptions, NoGpu};
use evz_cuda_shim::{Device, driver_folder, old_driver_folder};

/// Which case a process is to look at.
const CASE: &str = "EVZ_PROBE";

/// Runs this test binary for one case, with this folder searched for the driver first, and a device
/// that is set up by variables.
fn probe(case: &str, folder: &str, device: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "looks", "--nocapture"])
        .env(CASE, case)
        .env("LD_LIBRARY_PATH", folder)
        .envs(device.iter().copied())
        .output()
        .unwrap()
}

#[track_caller]
fn says(case: &str, folder: &str, text: &str) {
    finds(probe(case, folder, &[]), text);
}

/// A device set up by variables, on which a look for it ends like this.
#[track_caller]
fn device_says(device: &[(&str, &str)], text: &str) {
    let folder = driver_folder();
    finds(probe("", folder.to_str().unwrap(), device), text);
}

#[track_caller]
fn finds(output: Output, text: &str) {
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
        Ok(gpu) => println!(
            "says: {} with {} bytes runs {}",
            gpu.name(),
            gpu.memory(),
            gpu.code()
        ),
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
    let text = "host shim with 1073741824 bytes runs sm_90";
    says("one", "", text);
    says("", driver_folder().to_str().unwrap(), text);
}

#[test]
fn a_device_runs_the_code_that_fits_it() {
    let runs = |device: &[(&str, &str)], code: &str| {
        device_says(
            device,
            &format!("host shim with 1073741824 bytes runs {code}"),
        );
    };
    for (sm, code) in [
        ("75", "PTX"),
        ("80", "sm_80"),
        ("89", "sm_80"),
        ("90", "sm_90"),
        ("100", "sm_100"),
        ("103", "sm_100"),
        ("110", "PTX"),
        ("121", "sm_120"),
    ] {
        runs(&[("EVZ_SHIM_SM", sm)], code);
    }
    // As a driver that is older than the code.
    runs(&[("EVZ_SHIM_ONLY_PTX", "1")], "PTX");
}

#[test]
fn a_device_that_decodes_wrongly_is_refused() {
    let settled = "another driver may settle it, the CPU does (--device cpu); please report it";
    for (kernel, profile) in [
        ("evz_decode_fast", "fast"),
        ("evz_small_cells", "small"),
        ("evz_small_places", "small-gpu"),
    ] {
        device_says(
            &[("EVZ_SHIM_WRONG", kernel)],
            &format!(
                "this GPU (host shim, CUDA 12.6, sm_90) decodes the profile {profile} wrongly: \
                 1 of 3000 events, the first is event 0: t 1000002, x 23, y 20, \
                 p 1, not t 1000002, x 23, y 20, p 0; {settled}"
            ),
        );
    }
    device_says(
        &[
            ("EVZ_SHIM_FAULT", "evz_small_tables"),
            ("EVZ_SHIM_ONLY_PTX", "1"),
        ],
        &format!(
            "this GPU (host shim, CUDA 12.6, PTX) decodes the profile small wrongly: \
             the GPU: it did not end its work: unspecified launch failure (719); {settled}"
        ),
    );
}
