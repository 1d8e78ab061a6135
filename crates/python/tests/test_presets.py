"""Frames as published code makes them, against those codes written anew in NumPy."""

import numpy as np
import originals
import pytest

import evz
from conftest import FIXTURES, recordings_folder

pytestmark = pytest.mark.filterwarnings("ignore::evz.InferredWarning")


def evflownet(t, x, y, p, width, height, start):
    return originals.evflownet(t, x, y, p, width, height, start).transpose(2, 0, 1)


def plain(make, **options):
    """Of an original that asks for nothing but events and sensor."""
    return lambda *columns_and_size, start, end: make(*columns_and_size, **options)


ORIGINALS = {
    "e2vid": plain(originals.e2vid),
    "eraft": plain(originals.eraft),
    "dsec": plain(originals.dsec),
    "rvt": plain(originals.stacked_histogram),
    "tonic": plain(lambda *of: originals.tonic_voxel_grid(*of)[:, 0]),
    "openeb": lambda *of, start, end: originals.openeb_event_cube(*of, start, end - start),
    "evflownet": lambda *of, start, end: evflownet(*of, start),
    "spikingjelly": plain(lambda *of: originals.spikingjelly_frames(*of, frames=1)[0]),
    "eventcv": plain(originals.eventcv_time_surface),
    "ess": plain(lambda *of: originals.normalize_e2vid(originals.ess_voxel_grid(*of))),
}


@pytest.fixture(scope="module", params=["moving.evz", "evt2.raw", "davis346_seconds.txt"])
def rec(request):
    """A made recording and two real ones."""
    folder = FIXTURES if request.param == "moving.evz" else recordings_folder()
    size = {"davis346_seconds.txt": (346, 260), "evt2.raw": (640, 480)}.get(request.param)
    return evz.open(folder / request.param, **({} if size is None else {"size": size}))


@pytest.fixture(scope="module")
def windows(rec):
    """Some thousand events each, the last one none."""
    t = rec["t"]
    starts = [int(t[k]) for k in np.linspace(0, len(rec) - 4_001, 3).astype(int)]
    ends = [int(t[int(k) + 4_000]) for k in np.linspace(0, len(rec) - 4_001, 3).astype(int)]
    none = rec.time_range[1] + 1
    return rec.windows(times=[*zip(starts, ends), (none, none + 1_000)])


def original(name, rec, windows, i):
    events, (start, end) = windows[i], windows.bounds[i].tolist()
    columns = [events.t, events.x, events.y, events.p]
    with np.errstate(invalid="ignore", divide="ignore"):
        frame = ORIGINALS[name](*columns, *rec.size, start=start, end=end)
    # Those that divide by zero have no number there, and evz has 0.
    return np.where(np.isfinite(frame), frame, 0)


def test_there_is_an_original_for_each():
    assert set(ORIGINALS) == set(evz.PRESETS)
    assert "rpg_e2vid" in evz.PRESETS["e2vid"]


@pytest.mark.parametrize("name", ORIGINALS)
def test_frames_are_those_of_the_original(rec, windows, name):
    frames = rec.frames(windows, like=name)
    assert frames.dtype == (np.uint8 if name == "rvt" else np.float32)
    some = frames[:]
    for i in range(3):
        wanted = original(name, rec, windows, i)
        assert some[i].dtype == frames.dtype and some[i].any()
        np.testing.assert_allclose(some[i], wanted, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(frames[i], some[i])
    assert not some[3].any()


def test_what_is_told_beside_a_preset_changes_it(rec, windows):
    frames = rec.frames(windows, like="rvt", bins=3, clip=2, dtype="f2")
    events = windows[1]
    wanted = originals.stacked_histogram(
        events.t, events.x, events.y, events.p, *rec.size, bins=3, count_cutoff=2
    )
    assert frames.dtype == frames[1].dtype == np.float16
    np.testing.assert_array_equal(frames[1], wanted)
    raw = rec.frames(windows, like="eventcv", channels="off-on", tau=0.01)[1]
    turned = originals.eventcv_time_surface(events.t, events.x, events.y, events.p, *rec.size, tau_ms=10)
    np.testing.assert_allclose(raw, turned[::-1], atol=1e-6)
