"""What `evz render --like` makes, against the codes that it is like, written anew in NumPy, on real recordings."""

import os
from pathlib import Path

import numpy as np
import pytest

import originals
from command import evz_command
from evz_reader import Evz
from test_render import run

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

SIZES = {"davis346_seconds.txt": (346, 260), "evt2.raw": (640, 480), "synthetic": (240, 180)}


def of_window(make, **options):
    return lambda columns, size, start, end: make(*columns, *size, **options)


def openeb(columns, size, start, end):
    return originals.openeb_event_cube(*columns, *size, start, end - start)


def evflownet(columns, size, start, end):
    return originals.evflownet(*columns, *size, start).transpose(2, 0, 1)


def ess(columns, size, start, end):
    return originals.normalize_e2vid(originals.ess_voxel_grid(*columns, *size))


def tonic(columns, size, start, end):
    return originals.tonic_voxel_grid(*columns, *size)[:, 0]


def spikingjelly(columns, size, start, end):
    return originals.spikingjelly_frames(*columns, *size, frames=1)[0]


ORIGINALS = {
    "e2vid": of_window(originals.e2vid),
    "eraft": of_window(originals.eraft),
    "dsec": of_window(originals.dsec),
    "rvt": of_window(originals.stacked_histogram),
    "tonic": tonic,
    "openeb": openeb,
    "evflownet": evflownet,
    "spikingjelly": spikingjelly,
    "eventcv": of_window(originals.eventcv_time_surface),
    "ess": ess,
}
SHAPES = {"e2vid": 5, "eraft": 15, "dsec": 15, "rvt": 20, "tonic": 10, "openeb": 20, "evflownet": 4,
          "spikingjelly": 2, "eventcv": 2, "ess": 10}
BIT_BY_BIT = {"rvt", "spikingjelly"}


def made(name, folder):
    """An .evz of a real recording or a made one in this folder, its events by the second reader, and its sensor."""
    width, height = size = SIZES[name]
    out = folder / "events.evz"
    if name == "synthetic":
        run("synth", out, "--size", f"{width}x{height}", "--events", "100k", "--rate", "2M")
    else:
        recordings = os.environ.get("EVZ_RECORDINGS")
        if not recordings:
            pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
        run("convert", Path(recordings) / name, out, "--size", f"{width}x{height}")
    return out, Evz(out.read_bytes()).events(), size


@pytest.fixture(scope="module", params=sorted(SIZES))
def recording(request, tmp_path_factory):
    return made(request.param, tmp_path_factory.mktemp("recording"))


def some_windows(t):
    """Of some thousand events; of one event; of events of one time; and of none."""
    at = np.linspace(0, len(t) - 6_001, 4).astype(int)
    usual = [(int(t[k]) - 3, int(t[k + 6_000])) for k in at]
    tied = np.flatnonzero((t[1:-1] == t[:-2]) & (t[1:-1] != t[2:]))
    alone = np.flatnonzero((t[1:-1] != t[:-2]) & (t[1:-1] != t[2:])) + 1
    one_time = [(int(t[k]), int(t[k]) + 1) for k in (*tied[:2], *alone[:2])]
    return [*usual, *one_time, (int(t[0]) - 500, int(t[0])), (int(t[-1]) + 1, int(t[-1]) + 1_000)]


def columns_of(events, start, end):
    part = slice(*np.searchsorted(events.t, [start, end]))
    return [np.asarray(column[part]) for column in (events.t, events.x, events.y, events.p)]


def rendered(path, folder, *options):
    run("render", path, "-o", folder / "out.npz", "--force", *options)
    return np.load(folder / "out.npz")["frames"]


def expected(name, columns, size, start, end):
    if len(columns[0]) == 0:
        return np.zeros((SHAPES[name], size[1], size[0]))
    with np.errstate(invalid="ignore", divide="ignore"):
        frame = ORIGINALS[name](columns, size, start, end)
    # Those that divide by zero have no number there, and evz has 0.
    return np.where(np.isfinite(frame), frame, 0)


@pytest.mark.parametrize("name", ORIGINALS)
def test_frames_are_those_of_the_original(recording, tmp_path, name):
    path, events, size = recording
    windows = some_windows(events.t)
    (tmp_path / "windows.csv").write_text("start,end\n" + "".join(f"{a},{b}\n" for a, b in windows))
    frames = rendered(path, tmp_path, "--between", tmp_path / "windows.csv", "--like", name)
    assert frames.shape == (len(windows), SHAPES[name], size[1], size[0])
    for frame, (start, end) in zip(frames, windows):
        columns = columns_of(events, start, end)
        if name == "tonic" and len(columns[0]) and columns[0][0] == columns[0][-1]:
            # Its own code divides 0 by 0 and indexes by what comes of it.
            continue
        wanted = expected(name, columns, size, start, end)
        if name in BIT_BY_BIT:
            np.testing.assert_array_equal(frame, wanted)
        else:
            np.testing.assert_allclose(frame, wanted, rtol=1e-5, atol=1e-5, err_msg=f"{len(columns[0])} events")


@pytest.mark.parametrize("split_by", ["time", "number"])
def test_equal_parts_are_those_of_spikingjelly(recording, tmp_path, split_by):
    path, events, size = recording
    frames = rendered(path, tmp_path, "--frames", "8", "--split-by", split_by, "--like", "spikingjelly")
    columns = [np.asarray(column) for column in (events.t, events.x, events.y, events.p)]
    wanted = originals.spikingjelly_frames(*columns, *size, frames=8, split_by=split_by)
    assert frames.dtype == np.float32
    np.testing.assert_array_equal(frames, wanted)


@pytest.mark.parametrize("name", ["rvt", "openeb", "eventcv", "spikingjelly"])
def test_events_in_no_order_make_the_frames_of_their_times(tmp_path, name):
    dice = np.random.default_rng(5)
    n, size = 4_000, (40, 30)
    columns = [dice.permutation(n) * 3 + 100, dice.integers(0, 40, n), dice.integers(0, 30, n), dice.integers(0, 2, n)]
    rows = np.rec.fromarrays(columns, names="t,x,y,p", formats="i8,u2,u2,u1")
    np.save(tmp_path / "events.npy", rows)
    run("convert", tmp_path / "events.npy", tmp_path / "events.evz", "--size", "40x30", "--time-unit", "us")
    in_order = [column[np.argsort(columns[0])] for column in columns]
    [frame] = rendered(tmp_path / "events.evz", tmp_path, "--count", str(n), "--like", name)
    start, end = int(in_order[0][0]), int(in_order[0][-1]) + 1
    if name == "eventcv":
        # There the latest event of a pixel is the last one of the recording.
        in_order = columns
    wanted = expected(name, in_order, size, start, end)
    np.testing.assert_allclose(frame, wanted, rtol=1e-5, atol=1e-5)


def test_what_is_told_beside_a_preset_changes_it(recording, tmp_path):
    path, events, size = recording
    start, end = some_windows(events.t)[0]
    when = ["--from", f"@{start}us", "--to", f"@{end}us"]
    [frame] = rendered(path, tmp_path, *when, "--like", "rvt", "--bins", "3", "--clip", "2", "--dtype", "f16")
    wanted = originals.stacked_histogram(*columns_of(events, start, end), *size, bins=3, count_cutoff=2)
    assert frame.dtype == np.float16
    np.testing.assert_array_equal(frame, wanted)
