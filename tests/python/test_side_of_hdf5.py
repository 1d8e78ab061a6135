"""What stands beside the events of HDF5 files, written by `evz convert --stream`, against h5py."""

import subprocess

import numpy as np
import pytest

from command import evz_command
from test_render import run

h5py = pytest.importorskip("h5py")
pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

START = 1_500_000_000


def camera(file, name, dice):
    n = 2_000
    t = START + np.sort(dice.integers(0, 1_000_000, n)) / 1e6
    events = [dice.integers(0, 40, n), dice.integers(0, 30, n), t, dice.choice([-1, 1], n)]
    group = file.create_group(f"davis/{name}")
    group["events"] = np.stack(events, 1).astype(float)
    group["imu"] = dice.normal(0, 1, (500, 6)).astype(np.float32)
    group["imu_ts"] = START + np.arange(500) / 500
    return group["imu"][:], np.round(group["imu_ts"][:] * 1e6).astype(np.int64)


def test_samples_of_mvsec_are_written_by_their_name(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        samples, times = camera(file, "left", np.random.default_rng(0))
    run("convert", tmp_path / "a.h5", tmp_path / "imu.csv", "--stream", "imu")
    found = np.loadtxt(tmp_path / "imu.csv", delimiter=",", skiprows=1)
    assert np.array_equal(found[:, 0].astype(np.int64), times)
    assert np.allclose(found[:, 1:], samples, rtol=1e-6)


def test_samples_of_two_cameras_ask_which(tmp_path):
    dice = np.random.default_rng(1)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        camera(file, "left", dice)
        camera(file, "right", dice)
    command = [evz_command(), "convert", tmp_path / "a.h5", tmp_path / "imu.csv", "--stream", "imu"]
    done = subprocess.run(command, capture_output=True, text=True)
    said = done.stderr.splitlines()[-1]
    assert done.returncode == 2 and "left" in said and "right" in said
    assert not (tmp_path / "imu.csv").exists()
