//! The shim itself: it runs kernels as a device would, and catches what they must not do.

use evz_cuda_shim::{Kernel, SEEDS, Sanitizer, run_under, sanitized, under_sanitizers};

#[test]
fn this_with_sanitizers() {
    under_sanitizers();
}

fn reverse(seed: u32, with_barrier: i32) -> Vec<i32> {
    let mut values: Vec<i32> = (0..128).collect();
    Kernel::new("shim_reverse")
        .grid(2, 64)
        .seed(seed)
        .slice_mut(&mut values)
        .arg(with_barrier)
        .launch()
        .unwrap();
    values
}

#[test]
fn blocks_share_memory_behind_a_barrier() {
    let expected: Vec<i32> = (0..64).rev().chain((64..128).rev()).collect();
    for seed in SEEDS {
        assert_eq!(reverse(seed, 1), expected, "seed {seed}");
        if !sanitized() {
            assert_ne!(reverse(seed, 0), expected, "seed {seed}, no barrier");
        }
    }
}

#[test]
fn lanes_share_values() {
    let values: Vec<u32> = (0..32).map(|i| i * i % 7).collect();
    let (mut sums, mut odd) = (vec![0u32; 32], vec![0u32; 32]);
    for seed in SEEDS {
        let run = |mask: u32, sums: &mut [u32], odd: &mut [u32]| {
            Kernel::new("shim_warp")
                .seed(seed)
                .slice(&values)
                .slice_mut(sums)
                .slice_mut(odd)
                .arg(mask)
                .launch()
        };
        run(u32::MAX, &mut sums, &mut odd).unwrap();
        let mut sum = 0;
        for (i, value) in values.iter().enumerate() {
            sum += value;
            assert_eq!(sums[i], sum);
            assert_eq!(odd[0] >> i & 1, value & 1);
        }
        assert!(odd.iter().all(|o| *o == odd[0]));
        let error = run(u32::MAX >> 1, &mut sums, &mut odd).unwrap_err();
        assert!(error.contains("mask 7fffffff"), "{error}");
    }
}

#[test]
fn threads_at_different_barriers_are_an_error() {
    let error = Kernel::new("shim_diverge").launch().unwrap_err();
    assert!(error.contains("wait at different barriers"), "{error}");
}

#[test]
fn a_lane_that_ended_cannot_be_waited_for() {
    let mut out = vec![0u32; 32];
    let error = Kernel::new("shim_absent_lane")
        .slice_mut(&mut out)
        .launch()
        .unwrap_err();
    assert!(error.contains("which has ended"), "{error}");
}

#[test]
fn dynamic_shared_memory_has_its_size() {
    let mut out = vec![0u32];
    Kernel::new("shim_dynamic")
        .grid(3, 48)
        .shared(48 * 4)
        .slice_mut(&mut out)
        .arg(0u32)
        .launch()
        .unwrap();
    assert_eq!(out[0], 3 * 47 * 48 / 2);
}

#[test]
fn parameters_are_compared_with_the_kernel() {
    let error = Kernel::new("shim_diverge").arg(1u32).launch().unwrap_err();
    assert_eq!(error, "shim_diverge takes 0 parameters, not 1");
    let error = Kernel::new("shim_reverse")
        .null()
        .arg(1u64)
        .launch()
        .unwrap_err();
    assert_eq!(error, "parameter 1 of shim_reverse has 4 bytes, not 8");
    let error = Kernel::new("nothing").launch().unwrap_err();
    assert_eq!(error, "no kernel is called nothing");
}

#[test]
#[ignore = "a race, started by the test below"]
fn race() {
    reverse(0, 0);
}

#[test]
#[ignore = "a stray write, started by the test below"]
fn stray() {
    let mut out = vec![0u32];
    let launched = Kernel::new("shim_dynamic")
        .grid(1, 48)
        .shared(48 * 4)
        .slice_mut(&mut out)
        .arg(1u32)
        .launch();
    assert_eq!(launched, Ok(()));
}

#[test]
fn sanitizers_find_races_and_stray_writes() {
    if sanitized() {
        return;
    }
    for (sanitizer, mistake, found) in [
        (Sanitizer::Thread, "race", "ThreadSanitizer: data race"),
        (Sanitizer::Address, "stray", "heap-buffer-overflow"),
    ] {
        let output = run_under(sanitizer, &["--ignored", "--exact", mistake]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(found), "{text}");
    }
}
