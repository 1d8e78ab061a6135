"""Arrays that `evz render` prepares for a network, against NumPy on the events, on real recordings."""

import os
from pathlib import Path

import numpy as np
import pytest

from command import evz_command
from evz_reader import Evz
from test_render import run

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

SIZES = {"davis346_seconds.txt": (346, 260), "evt2.raw": (640, 480)}


@pytest.fixture(scope="module", params=sorted(SIZES))
def recording(request, tmp_path_factory):
    """An .evz of a real recording, its sensor, and the events of 33 ms in its middle by the second reader."""
    folder = os.environ.get("EVZ_RECORDINGS")
    if not folder:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
    width, height = SIZES[request.param]
    out = tmp_path_factory.mktemp("recording") / "events.evz"
    run("convert", Path(folder) / request.param, out, "--size", f"{width}x{height}")
    events = Evz(out.read_bytes()).events()
    end = int(events.t[0] + 90_000)
    part = slice(*np.searchsorted(events.t, [end - 33_000, end]))
    return out, (width, height), end, [np.asarray(column[part]) for column in (events.t, events.x, events.y, events.p)]


def rendered(recording, folder, *options):
    path, _, end, _ = recording
    out = folder / "out.npz"
    run("render", path, "-o", out, "--at", f"@{end}us", "--window", "33ms", "--force", *options)
    frames = np.load(out)["frames"]
    assert frames.shape[0] == 1
    return frames[0]


def voxel_grid(recording, bins):
    """The voxel grid of E2VID: a polarity in proportion to the two bins around its time."""
    _, (width, height), _, (t, x, y, p) = recording
    grid = np.zeros((bins, height, width))
    place = (bins - 1) * (t - t[0]) / max(t[-1] - t[0], 1)
    low = np.minimum(place.astype(int), bins - 1)
    sign = 2.0 * p - 1
    np.add.at(grid, (low, y, x), sign * (1 - (place - low)))
    inner = low + 1 < bins
    np.add.at(grid, (low[inner] + 1, y[inner], x[inner]), (sign * (place - low))[inner])
    return grid


def counts(recording):
    _, (width, height), _, (_, x, y, p) = recording
    both = np.zeros((2, height, width))
    np.add.at(both, (p, y, x), 1)
    return both


@pytest.mark.parametrize("how, ddof", [("nonzero", 0), ("sample", 1)])
def test_values_that_are_not_zero_have_mean_zero_and_deviation_one(recording, tmp_path, how, ddof):
    frame = rendered(recording, tmp_path, "--mode", "voxel", "--bins", "5", "--normalize", how)
    grid = voxel_grid(recording, 5)
    # Where polarities cancel out, floats leave a rest that is no event's.
    there = np.abs(grid) > 1e-6
    assert (there != (frame != 0)).sum() < 1e-3 * there.sum()
    expected = np.where(there, (grid - grid[there].mean()) / grid[there].std(ddof=ddof), 0)
    both = there & (frame != 0)
    np.testing.assert_allclose(frame[both], expected[both], atol=2e-3)
    assert frame.dtype == np.float32
    assert abs(frame[frame != 0].mean()) < 1e-4 and abs(frame[frame != 0].std(ddof=ddof) - 1) < 1e-4


def test_counts_are_clipped_and_of_bytes_with_on_first(recording, tmp_path):
    frame = rendered(recording, tmp_path, "--mode", "counts", "--clip", "2", "--dtype", "u8", "--channels", "on-off")
    assert frame.dtype == np.uint8
    np.testing.assert_array_equal(frame, np.minimum(counts(recording), 2)[::-1])


@pytest.mark.parametrize("mode", ["counts", "signed"])
def test_values_are_divided(recording, tmp_path, mode):
    both = counts(recording)
    plain = both if mode == "counts" else (both[1] - both[0])[None]
    magnitudes = np.abs(plain[plain != 0])
    for how, expected in [
        ("max", plain / magnitudes.max()),
        ("p90", np.clip(plain / np.percentile(magnitudes, 90), -1, 1)),
        ("7.5", plain / 7.5),
    ]:
        frame = rendered(recording, tmp_path, "--mode", mode, "--normalize", how)
        np.testing.assert_allclose(frame, expected, rtol=1e-6, err_msg=how)
        half = rendered(recording, tmp_path, "--mode", mode, "--normalize", how, "--dtype", "f16")
        assert half.dtype == np.float16
        np.testing.assert_array_equal(half, frame.astype(np.float16), err_msg=how)


def test_an_npy_has_the_same_values(recording, tmp_path):
    path, _, end, _ = recording
    options = ["--mode", "histogram", "--bins", "4", "--clip", "3", "--dtype", "u8"]
    archived = rendered(recording, tmp_path, *options)
    run("render", path, "-o", tmp_path / "out.npy", "--at", f"@{end}us", "--window", "33ms", *options)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy")[0], archived)


def test_nothing_stays_nothing(recording, tmp_path):
    path, (width, height), _, _ = recording
    options = ["--from", "-2s", "--to", "-1s", "--window", "500ms"]
    for how in ["nonzero", "sample", "max", "p50"]:
        run("render", path, "-o", tmp_path / "none.npy", *options, "--mode", "voxel", "--normalize", how, "--force")
        frames = np.load(tmp_path / "none.npy")
        assert frames.shape[1:] == (5, height, width) and not frames.any(), how


def test_halves_hold_the_largest_that_they_have(recording, tmp_path):
    found = rendered(recording, tmp_path, "--mode", "counts", "--normalize", "1e-5", "--dtype", "f16")
    largest = np.finfo(np.float16).max
    assert np.array_equal(found, np.minimum(counts(recording) * 1e5, largest).astype(np.float16))
    assert (found == largest).any()
