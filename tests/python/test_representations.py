"""The representations of training codes that `evz render` knows by their modes, against NumPy, on real recordings."""

import numpy as np
import pytest

import originals
from command import evz_command
from test_presets import columns_of, rendered, some_windows
from test_presets import recording  # noqa: F401, a fixture

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

US = 1e-6


def mixed_density(columns, size, start, end):
    return originals.mixed_density_stack(*columns, *size, bins=6, count_cutoff=127)


def tore(columns, size, start, end):
    volume = originals.tore(*columns, *size, end, k=3)
    return volume.transpose(2, 0, 1).reshape(2, 3, size[1], size[0])[::-1].reshape(6, size[1], size[0])


def hats(columns, size, start, end):
    # Tonic's code has times as floats of 32 bits, of which only small ones are exact.
    t, x, y, p = columns
    cells = originals.tonic_averaged_timesurface(t - start, x, y, p, *size, 10, 7, end - start, 30e3)
    columns, rows = -(-size[0] // 10), -(-size[1] // 10)
    return cells.reshape(rows, columns, 98).transpose(2, 0, 1)


def tencode(columns, size, start, end):
    return originals.eventcv_tencode(*columns, *size)


def mcts(columns, size, start, end):
    return originals.eventcv_mcts(*columns, *size)


def mean_decay(columns, size, start, end):
    return originals.eventcv_averaged_time_surface(*columns, *size)[::-1]


def exp_decay(columns, size, start, end):
    return originals.exponential_surface(*columns, *size, 30e3, end)


def linear_decay(columns, size, start, end):
    """0 to 1 from the start of the window to its end, 0 for none."""
    last = originals._latest(*columns, *size)
    return np.maximum(0, 1 - (end - last) / 20e3)


def unit_surface(columns, size, start, end):
    last = originals._latest(*columns, *size, empty=start) - start
    return last / max(last.max(), 1)


def leaky_sum(columns, size, start, end):
    t, x, y, p = columns
    total = np.zeros((1, size[1], size[0]))
    np.add.at(total, (0, y, x), np.where(p, 1, -1) * np.exp(-(end - t) / 30e3))
    return total


def voxel_of_window(columns, size, start, end):
    return originals.timelens_voxel_grid(*columns, *size, start, end, bins=4)


def backwards(columns, size, start, end):
    """Time Lens turns a window round before it makes the grid."""
    t, x, y, p = (column[::-1] for column in columns)
    return originals.e2vid(start + end - 1 - t, x, y, 1 - p, *size, bins=4, normalize=False)


def histogram_of_window(columns, size, start, end):
    t, x, y, p = columns
    counts = np.zeros((2, 4, size[1], size[0]), int)
    np.add.at(counts, (p, (t - start) * 4 // (end - start), y, x), 1)
    return counts.reshape(8, size[1], size[0])


def openeb_signed(columns, size, start, end):
    return originals.openeb_event_cube(
        *columns, *size, start, end - start, bins=5, split_polarity=False, max_incr=1.0, clip=1e9
    )


CASES = {
    "mixed-density": (mixed_density, ["--bins", "6"]),
    "tore": (tore, ["--depth", "3"]),
    "hats": (hats, []),
    "tencode": (tencode, ["--span", "events"]),
    "mcts": (mcts, ["--span", "events"]),
    "mean-decay": (mean_decay, ["--span", "events", "--split-polarity"]),
    "exp-decay": (exp_decay, ["--split-polarity"]),
    "linear-decay": (linear_decay, ["--split-polarity", "--tau", "20ms"]),
    "time-surface": (unit_surface, ["--normalize", "max"]),
    "leaky-sum": (leaky_sum, []),
    "voxel of the window": (voxel_of_window, ["--bins", "4", "--span", "window"]),
    "voxel backwards": (backwards, ["--bins", "4", "--reverse-time"]),
    "voxel by centers": (openeb_signed, ["--span", "window", "--bin-places", "centers"]),
    "histogram of the window": (histogram_of_window, ["--bins", "4", "--span", "window"]),
}


@pytest.mark.parametrize("name", CASES)
def test_frames_are_those_of_the_definition(recording, tmp_path, name):  # noqa: F811
    path, events, size = recording
    make, options = CASES[name]
    windows = [window for window in some_windows(events.t) if np.ptp(np.searchsorted(events.t, window))]
    (tmp_path / "windows.csv").write_text("start,end\n" + "".join(f"{a},{b}\n" for a, b in windows))
    mode = name.split()[0]
    frames = rendered(path, tmp_path, "--between", tmp_path / "windows.csv", "--mode", mode, *options)
    for frame, (start, end) in zip(frames, windows):
        wanted = make(columns_of(events, start, end), size, start, end)
        assert frame.shape == wanted.shape
        if frame.dtype.kind == "f":
            np.testing.assert_allclose(frame, wanted, rtol=1e-5, atol=1e-5)
        else:
            np.testing.assert_array_equal(frame, wanted)


def test_a_memory_goes_on_as_the_time_surfaces_of_tonic(recording, tmp_path):  # noqa: F811
    path, events, size = recording
    columns = columns_of(events, int(events.t[0]), int(events.t[0]) + 40_000)
    frames = rendered(
        path, tmp_path, "--to", "40ms", "--window", "5ms", "--mode", "exp-decay", "--tau", "7ms",
        "--split-polarity", "--memory",
    )
    wanted = originals.tonic_timesurface(*columns, *size, 5_000, 7_000)
    np.testing.assert_allclose(frames[: len(wanted)], wanted, rtol=1e-5, atol=1e-6)


def test_nothing_is_nothing_in_each_mode(recording, tmp_path):  # noqa: F811
    path, events, size = recording
    when = ["--from", "-2s", "--to", "-1s", "--window", "500ms"]
    for mode in sorted({name.split()[0] for name in CASES}):
        frames = rendered(path, tmp_path, *when, "--mode", mode)
        background = {"tore": np.float32(np.log(5_000_001) - np.log(151)), "time-surface": -1}.get(mode, 0)
        np.testing.assert_allclose(frames, background, rtol=1e-6)
