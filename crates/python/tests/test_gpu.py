"""Frames on a GPU: by a driver whose device is this machine's memory, which is built with the tests of
the kernels; `EVZ_FAKE_DRIVER` names its folder."""

import os
import pathlib
import subprocess
import sys

import pytest

import evz


def test_a_gpu_that_is_not_there_is_said(moving):
    rec = evz.open(moving)
    for device in ("cuda", "cuda:63"):
        with pytest.raises(evz.UnsupportedError, match="no GPU"):
            rec.frames(us=10_000, device=device)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"device": "gpu"}, "'gpu' is no device; it is 'cpu', 'cuda'"),
        ({"device": "cuda:-1"}, "is no device"),
        ({"device": "cuda", "dtype": "f4"}, "dtype= and out= are for frames on the CPU"),
    ],
)
def test_devices_that_make_no_sense(moving, wrong, says):
    with pytest.raises(evz.InvalidArgumentError, match=says):
        evz.open(moving).frames(us=10_000, **wrong)


def test_frames_of_a_gpu_are_those_of_the_cpu(moving, compat):
    driver = os.environ.get("EVZ_FAKE_DRIVER")
    if not driver:
        pytest.skip("EVZ_FAKE_DRIVER names no folder of a driver for tests")
    program = pathlib.Path(__file__).with_name("on_gpu.py")
    paths = [moving, compat / "v0_2_0_unsorted.evz"]
    run = subprocess.run(
        [sys.executable, program, *paths],
        env={**os.environ, "LD_LIBRARY_PATH": driver},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr[-2000:]
