"""What frames are made ready by, what is chosen of a mode, and memory, against NumPy."""

import pickle

import numpy as np
import originals
import pytest

import evz

WINDOW = 20_000


@pytest.fixture
def rec(moving):
    return evz.open(moving)


def columns(rec, start, end):
    events = rec.time[start:end]
    return events.t, events.x.astype(int), events.y.astype(int), events.p.astype(int)


def counts(rec, start, end):
    _, x, y, p = columns(rec, start, end)
    out = np.zeros((2, 180, 240))
    np.add.at(out, (p, y, x), 1)
    return out


def test_values_are_ordered_clipped_and_divided(rec):
    windows = rec.windows(us=WINDOW)
    wanted = counts(rec, *windows.bounds[1].tolist())
    frames = rec.frames(windows, "counts", channels="on-off", clip=3)
    assert frames.dtype == np.uint16
    np.testing.assert_array_equal(frames[1], np.minimum(wanted, 3)[::-1])
    np.testing.assert_allclose(rec.frames(windows, "counts", normalize="max")[1], wanted / wanted.max(), rtol=1e-6)
    np.testing.assert_allclose(rec.frames(windows, "counts", normalize=4)[1], wanted / 4, rtol=1e-6)
    np.testing.assert_array_equal(
        rec.frames(windows, "counts", normalize=np.float32(4))[1], rec.frames(windows, "counts", normalize="4")[1]
    )
    p90 = np.percentile(wanted[wanted > 0], 90)
    np.testing.assert_allclose(
        rec.frames(windows, "counts", normalize="p90")[1], np.minimum(wanted / p90, 1), rtol=1e-6
    )
    grid = rec.frames(windows, bins=3)[1].astype(float)
    there = grid != 0
    for how, ddof in (("nonzero", 0), ("sample", 1)):
        normal = np.where(there, (grid - grid[there].mean()) / grid[there].std(ddof=ddof), 0)
        np.testing.assert_allclose(rec.frames(windows, bins=3, normalize=how)[1], normal, atol=1e-5)
    stacked = rec.frames(windows, "histogram", bins=3)[1]
    np.testing.assert_array_equal(
        rec.frames(windows, "histogram", bins=3, channels="by-bin")[1], stacked[[0, 3, 1, 4, 2, 5]]
    )


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "f2", "f4", "i4", "f8", ">f4"])
def test_types_of_prepared_values(rec, dtype):
    frames = rec.frames(us=WINDOW, mode="counts", channels="on-off", dtype=dtype)
    wanted = counts(rec, *frames.windows.bounds[1].tolist())[::-1]
    out = np.empty((2, 180, 240), dtype)
    into = rec.frames(us=WINDOW, mode="counts", channels="on-off", dtype=dtype, out=out)
    for frame in (frames[1], frames[1:3][0], list(frames)[1], into[1]):
        assert frame.dtype == frames.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(frame, wanted)


def test_no_prepared_value_is_cut(tmp_path):
    t = np.arange(401)
    evz.write(tmp_path / "a.evz", t, t // 400, t // 400, t * 0 + 1, size=(4, 4))
    rec = evz.open(tmp_path / "a.evz")
    with pytest.raises(evz.InvalidArgumentError, match="to 400, which uint8 does not hold"):
        rec.frames(us=1_000, mode="counts", channels="on-off", dtype="u1")[0]
    with pytest.raises(evz.InvalidArgumentError, match="which uint8 does not hold"):
        rec.frames(us=1_000, like="rvt", clip=500, bins=1)[0]
    assert rec.frames(us=1_000, mode="counts", clip=255, dtype="u1")[0].max() == 255


def surface(rec, start, end, tau):
    return originals.exponential_surface(*columns(rec, start, end), 240, 180, tau, end)


def test_what_is_chosen_of_a_mode(rec):
    windows = rec.windows(us=WINDOW)
    start, end = windows.bounds[2].tolist()
    of = columns(rec, start, end)
    split = rec.frames(windows, "exp-decay", tau=0.005, split_polarity=True)[2]
    np.testing.assert_allclose(split, surface(rec, start, end, 5_000), atol=1e-6)
    last = rec.frames(windows, "exp-decay", split_polarity=True, span="events")[2]
    np.testing.assert_allclose(last, originals.eventcv_time_surface(*of, 240, 180)[::-1], atol=1e-6)
    grid = rec.frames(windows, bins=4, span="window")[2]
    np.testing.assert_allclose(grid, originals.timelens_voxel_grid(*of, 240, 180, start, end, bins=4), atol=1e-5)
    tonic = rec.frames(windows, bins=4, bin_places="starts")[2]
    np.testing.assert_allclose(tonic, originals.tonic_voxel_grid(*of, 240, 180, bins=4)[:, 0], atol=1e-5)
    tore = rec.frames(windows, "tore", depth=3)[2]
    volume = originals.tore(*of, 240, 180, end, k=3).transpose(2, 0, 1)
    np.testing.assert_allclose(tore, volume[[3, 4, 5, 0, 1, 2]], atol=1e-5)


def remembered(mode, rec, start, end):
    """What all events from the first window's start to this end make, by NumPy alone."""
    t, x, y, p = columns(rec, start, end)
    out = np.zeros((1, 180, 240))
    sign = p * 2.0 - 1
    if mode == "binary":
        out[0, y, x] = sign
    elif mode == "exp-decay":
        out[0, y, x] = sign * np.exp(-(end - t) / 2_000)
    elif mode == "linear-decay":
        out[0, y, x] = sign * np.maximum(0, 1 - (end - t) / 2_000)
    elif mode == "leaky-sum":
        np.add.at(out[0], (y, x), sign * np.exp(-(end - t) / 2_000))
    elif mode == "merged-time-surface":
        out[:] = -1
        out[0, y, x] = (t - start) * 1e-6
    else:
        out = np.full((2, 180, 240), -1.0)
        out[p, y, x] = (t - start) * 1e-6
    return out


@pytest.mark.parametrize(
    "mode", ["binary", "exp-decay", "linear-decay", "leaky-sum", "time-surface", "merged-time-surface"]
)
def test_a_frame_with_memory_is_of_all_events_before_its_end(rec, mode):
    how = {"tau": 0.002} if mode.endswith(("decay", "sum")) else {}
    edges = [20_000, 21_000, 21_000, 40_000, 90_000, 95_000, 130_000]
    frames = rec.frames(edges=edges, mode=mode, memory=True, **how)
    again = pickle.loads(pickle.dumps(frames))
    some = frames[1:5]
    for i, frame in enumerate(frames):
        np.testing.assert_allclose(frame, remembered(mode, rec, 20_000, edges[i + 1]), rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(frames[i], frame)
        np.testing.assert_array_equal(again[i], frame)
    np.testing.assert_array_equal(some, np.stack(list(frames))[1:5])


def test_memory_is_of_the_time_surfaces_of_tonic(rec):
    frames = rec.frames(us=5_000, mode="exp-decay", tau=0.007, split_polarity=True, memory=True, drop_last=True)
    whole = rec[:]
    wanted = originals.tonic_timesurface(whole.t, whole.x, whole.y, whole.p, 240, 180, 5_000, 7_000)
    np.testing.assert_allclose(frames[: len(wanted)], wanted[: len(frames)], atol=1e-6)


def test_frames_that_are_prepared_pickle(rec):
    frames = rec.frames(us=WINDOW, like="rvt", dtype="f8", size=(200, 100))
    again = pickle.loads(pickle.dumps(frames))
    assert again.dtype == np.float64 and again.shape == frames.shape and repr(again) == repr(frames)
    np.testing.assert_array_equal(again[1], frames[1])


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"like": "e3vid"}, "it is e2vid, eraft"),
        ({"like": "e2vid", "mode": "voxel"}, "mode= too"),
        ({"like": "e2vid", "span": "window"}, "span= too"),
        ({"like": "e2vid", "tau": 1.0}, "has no tau"),
        ({"mode": "counts", "split_polarity": True}, "split_polarity: only exp-decay, .* and voxel can be split"),
        ({"mode": "voxel", "depth": 3}, "only tore has a depth"),
        ({"mode": "counts", "span": "window"}, "has no span"),
        ({"mode": "histogram", "bin_places": "ends"}, "only voxel has such bins"),
        ({"bin_places": "middle"}, "ends, ends32, starts or centers"),
        ({"span": "frame"}, "events or window"),
        ({"mode": "signed", "channels": "on-off"}, "no channels of each polarity"),
        ({"channels": "up"}, "off-on, on-off or by-bin"),
        ({"clip": 0}, "more than 0"),
        ({"normalize": "mean"}, "nonzero, sample, max"),
        ({"normalize": True}, "no normalisation"),
        ({"normalize": -1}, "more than 0"),
        ({"normalize": "p101"}, "no percentile"),
        ({"mode": "time-surface", "clip": 1}, "normalise by max"),
        ({"mode": "counts", "normalize": "max", "dtype": "u1"}, "values with a fraction"),
        ({"dtype": "float33"}, "no type of NumPy"),
        ({"mode": "counts", "memory": True}, "take binary, exp-decay"),
        ({"mode": "exp-decay", "span": "events", "memory": True}, "of these options has no memory"),
        ({"mode": "binary", "memory": True, "stride": 5_000}, "follow each other"),
        ({"mode": "binary", "memory": True, "stride": 50_000}, "window 0 ends at tick"),
        ({"like": "e2vid", "device": "cuda"}, "frames on a GPU are as they are painted"),
        ({"mode": "counts", "clip": 3, "device": "cuda"}, "do that where the frames are"),
    ],
)
def test_what_makes_no_sense_is_refused(rec, wrong, says):
    with pytest.raises(evz.InvalidArgumentError, match=says):
        rec.frames(us=WINDOW, **wrong)


def test_memory_of_windows_of_events_is_refused(rec):
    with pytest.raises(evz.InvalidArgumentError, match="cut them by us="):
        rec.frames(count=1_000, mode="binary", memory=True)
