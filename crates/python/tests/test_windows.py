"""Windows and frames."""

import pickle
from fractions import Fraction

import numpy as np
import originals
import pytest

import evz


@pytest.fixture
def rec(moving):
    return evz.open(moving)


def test_windows_of_time_cover_everything_once(rec):
    whole = rec[:]
    for us in (10_000, 3_333.3, 700):
        windows = rec.windows(us=us)
        bounds = windows.bounds
        assert bounds[0, 0] == rec.time_range[0] and bounds[-1, 1] > rec.time_range[1]
        assert (bounds[1:, 0] == bounds[:-1, 1]).all()
        k = np.arange(len(bounds))
        assert np.array_equal(bounds[:, 0], bounds[0, 0] + np.floor(np.round(k * us, 6)))
        assert sum(map(len, windows)) == len(rec)
        assert windows[3] == whole[(whole.t >= bounds[3, 0]) & (whole.t < bounds[3, 1])]
    overlapping = rec.windows(us=10_000, stride=2_500)
    assert len(overlapping) == 48 and overlapping.bounds[1].tolist() == [2_500, 12_500]
    whole_ones = rec.windows(us=10_000, stride=2_500, drop_last=True)
    assert whole_ones.bounds[-1, 1] <= rec.time_range[1] + 1 and len(whole_ones) == 44
    assert len(rec.windows(us=10_000_000, drop_last=True)) == 0


def test_windows_of_events(rec):
    windows = rec.windows(count=10_000)
    assert [len(w) for w in windows] == [10_000] * 3 + [6_000]
    assert len(rec.windows(count=10_000, drop_last=True)) == 3
    assert rec.windows(count=10_000, stride=5_000)[1] == rec[5_000:15_000]
    assert windows.by == "events" and windows[-1] == rec[30_000:]


def test_windows_that_are_told(rec):
    edges = rec.windows(edges=[0, 100, 100, 5_000])
    assert [len(w) for w in edges] == [len(rec.time[0:100]), 0, len(rec.time[100:5_000])]
    times = rec.windows(times=[(50, 90), (0, 10), (10**9, 10**9 + 5)], polarity="on", columns="t")
    assert times[0] == rec.read(time=(50, 90), polarity="on", columns="t")
    assert len(times[2]) == 0
    assert [w.shape for w in times] == [times[i].shape for i in range(3)]


def test_windows_at_times(rec):
    stamps = np.array([5_000, 40_000, 20_000, 20_000, 10**9])
    windows = rec.windows(at=stamps, before_us=3_000, after_us=0.5e3)
    assert windows.bounds.tolist() == [[t - 3_000, t + 500] for t in stamps]
    t = rec["t"]
    for window, (start, end) in zip(windows, windows.bounds):
        assert window == rec[:][(t >= start) & (t < end)]
    frames = rec.frames(at=stamps, before_us=3_000, mode="counts")
    assert [int(frame.sum()) for frame in frames] == [int(((t >= s - 3_000) & (t < s)).sum()) for s in stamps]


@pytest.mark.parametrize("n", [1, 7, 16])
def test_parts_are_those_of_spikingjelly(rec, n):
    t = rec["t"]
    by_number = rec.windows(parts=n, split_by="number")
    borders = [k * (len(t) // n) for k in range(n)] + [len(t)]
    assert by_number.bounds.tolist() == [list(b) for b in zip(borders[:-1], borders[1:])]
    step = int(t[-1] - t[0]) // n
    borders = [int(np.searchsorted(t, t[0] + k * step)) for k in range(n)] + [len(t)]
    by_time = rec.windows(parts=n)
    assert [len(w) for w in by_time] == np.diff(borders).tolist()
    assert rec.searchsorted(by_time.bounds).tolist() == [list(b) for b in zip(borders[:-1], borders[1:])]
    assert rec.frames(parts=n, mode="counts")[:].sum() == len(t)


@pytest.fixture
def ends(tmp_path):
    """Events at 0 and at the last ticks that there are."""
    t = np.array([0, 5, MOST - 1, MOST])
    evz.write(tmp_path / "ends.evz", t, [0] * 4, [0] * 4, [0, 1, 0, 1], size=(4, 4))
    return evz.open(tmp_path / "ends.evz")


MOST = 2**63 - 1
BEYOND = [
    [[0, 2**63]], [[-1, 2**63]], [[0, 2**64]], [[0, 2**70]], [[-(2**70), 2**70]], np.array([[0, 2**63]], np.uint64),
    np.array([[0, 2**64 - 1]], np.uint64), np.array([[0, 2**63]], object), [(np.uint64(0), np.uint64(2**63))],
]


@pytest.mark.parametrize("told", BEYOND)
def test_times_beyond_what_a_tick_can_be_are_held_within(ends, told):
    expected = ends.read(time=(told[0][0], told[0][1]))
    # The end that is the last tick is open.
    assert len(expected) == 4
    assert ends.read_many(time=told)[0] == expected
    assert ends.windows(times=told)[0] == expected
    assert ends.windows(times=told).bounds.tolist() == [[max(int(told[0][0]), -MOST - 1), MOST]]
    assert ends.windows(edges=told[0])[0] == expected
    assert ends.read_many(events=told)[0] == ends[:]
    assert ends.searchsorted(told[0], "left").tolist() == [0, 3]
    assert ends.searchsorted(told[0][1], "right") == 4
    assert ends.frames(times=told, mode="counts")[0].sum() == 4


def test_windows_around_the_last_ticks_do_not_wrap(ends):
    windows = ends.windows(at=[0, MOST - 1, 2**63, -(2**63)], before_us=1_000, after_us=2_000)
    assert windows.bounds.tolist() == [
        [-1_000, 2_000], [MOST - 1_001, MOST], [MOST - 1_000, MOST], [-MOST - 1, -MOST - 1 + 2_000],
    ]
    assert [len(w) for w in windows] == [2, 2, 2, 0]
    far = ends.windows(at=[0, 7], before_us=1e30, after_us=2e30)
    assert far.bounds.tolist() == [[-MOST - 1, MOST]] * 2


@pytest.mark.parametrize("end", [0.5, float("nan"), float("inf"), 5.0, 1e300, None, "5"])
def test_what_is_no_whole_number_is_no_time(ends, end):
    wrong = [[0, end]]
    calls = (
        lambda: ends.read_many(time=wrong), lambda: ends.windows(times=wrong), lambda: ends.windows(edges=wrong[0]),
        lambda: ends.windows(at=wrong[0], before_us=5), lambda: ends.searchsorted(wrong[0]),
        lambda: ends.read_many(events=wrong),
    )
    for call in calls:
        with pytest.raises(evz.InvalidArgumentError, match="whole numbers"):
            call()


def test_windows_are_exact_over_all_ticks(ends):
    both = {"us": 2**59, "stride": 2**60 / 3}, {"us": 2**50, "stride": 2**59}
    for how in ({"us": 2**60}, {"us": 2**60 + 1}, {"us": 2**64}, *both):
        us, stride = how["us"], how.get("stride", how["us"])
        # Strides count as whole nanoseconds.
        stride = Fraction(stride * 1000 if isinstance(stride, int) else round(stride * 1000), 1000)
        bounds = ends.windows(**how).bounds.tolist()
        starts = [k * stride for k in range(len(bounds))]
        assert bounds == [[int(s), min(int(s + us), MOST)] for s in starts], how
        assert starts[-1] <= MOST < starts[-1] + stride


def test_an_event_at_the_last_tick_is_in_one_window(tmp_path):
    for t in ([MOST - 10, MOST], [MOST, MOST]):
        path = tmp_path / f"{t[0]}.evz"
        evz.write(path, t, [0, 0], [0, 0], [0, 1], size=(4, 4))
        rec = evz.open(path)
        for how in ({"us": 5}, {"us": 5, "stride": 10}, {"us": 1}, {"us": 1, "stride": 10}, {"us": 50}):
            windows = rec.windows(**how)
            assert sum(len(events) for events in windows) == 2, (t, how, windows.bounds)
            frames = rec.frames(mode="counts", **how)
            assert [f.sum() for f in frames] == [len(events) for events in windows], (t, how)


@pytest.mark.parametrize("tick", [Fraction(1, 3), Fraction(7, 10**9 + 7), Fraction(10**9 + 7, 10**15 + 37)])
def test_windows_of_odd_ticks_do_not_drift(tmp_path, tick):
    t = np.array([-5, 10**7])
    evz.write(tmp_path / "odd.evz", t, [0, 0], [0, 0], [0, 1], size=(4, 4), tick=tick)
    rec = evz.open(tmp_path / "odd.evz")
    us = float(tick * 1_000_000 * 10**4 / 3)
    step = Fraction(round(us * 1000), 10**9) / rec.tick
    bounds = rec.windows(us=us).bounds
    assert len(bounds) == -((-5 - 10**7 - 1) // step)
    assert bounds.tolist() == [[-5 + int(k * step), -5 + int((k + 1) * step)] for k in range(len(bounds))]


def test_windows_are_a_sequence_that_pickles(rec):
    windows = rec.windows(us=10_000, roi=(10, 10, 50, 50))
    assert windows[2:5][1] == windows[3] and windows[-1] == windows[len(windows) - 1]
    again = pickle.loads(pickle.dumps(windows))
    assert again[4] == windows[4] and len(again) == len(windows)
    with pytest.raises(IndexError):
        windows[len(windows)]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"us": 1, "count": 1}, {"us": 0}, {"us": -5}, {"count": 0}, {"us": 10, "stride": 0},
     {"count": 5, "stride": -1}, {"edges": [0.5]}, {"times": [1, 2]}, {"edges": [1, 2], "stride": 3},
     {"at": [5]}, {"at": [[5]], "before_us": 5}, {"at": [0.5], "before_us": 5}, {"parts": 0}, {"parts": 10**9},
     {"parts": 3, "split_by": "size"}, {"parts": 3, "count": 3}, {"parts": 3, "stride": 3}],
)
def test_windows_that_make_no_sense(rec, wrong):
    with pytest.raises(evz.InvalidArgumentError):
        rec.windows(**wrong)


def reference(mode, events, shape, bounds):
    """Each representation by its definition, by NumPy alone."""
    channels, height, width = shape
    p = events.p.astype(int) * 2 - 1
    flat = events.y.astype(int) * width + events.x
    out = np.zeros((channels, height * width))
    start, end = bounds
    t = events.t
    first, last = (int(t.min()), int(t.max())) if len(t) else (0, 0)
    if mode == "signed":
        np.add.at(out[0], flat, p)
    elif mode == "counts":
        np.add.at(out, (events.p, flat), 1)
    elif mode == "total":
        np.add.at(out[0], flat, 1)
    elif mode == "binary":
        out[0][flat] = p
    elif mode == "exp-decay":
        out[0][flat] = p * np.exp(-(end - t) / 30_000)
    elif mode == "linear-decay":
        out[0][flat] = p * np.maximum(0, 1 - (end - t) / 30_000)
    elif mode == "time-surface":
        out[:] = -1
        out[events.p, flat] = (t - start) * 1e-6
    elif mode == "merged-time-surface":
        out[:] = -1
        out[0][flat] = (t - start) * 1e-6
    elif mode == "voxel":
        at = (channels - 1) * (t - first) / max(last - first, 1)
        low = np.floor(at).astype(int)
        np.add.at(out, (low, flat), p * (1 - (at - low)))
        high = np.minimum(low + 1, channels - 1)
        np.add.at(out, (high, flat), np.where(low + 1 < channels, p * (at - low), 0))
    elif mode == "histogram":
        bins = channels // 2
        part = np.minimum((t - first) * bins // max(last - first, 1), bins - 1)
        np.add.at(out, (events.p * bins + part, flat), 1)
    else:
        return later_reference(mode, events, shape, (start, end))
    return out.reshape(shape)


def later_reference(mode, events, shape, bounds):
    """Those of training codes."""
    channels, height, width = shape
    start, end = bounds
    columns = events.t, events.x.astype(int), events.y.astype(int), events.p.astype(int)
    t, x, y, p = columns
    out = np.zeros(shape)
    age = end - t
    if mode == "hats":
        cells = originals.tonic_averaged_timesurface(*columns, 240, 180, 10, 7, end - start, 30e3)
        return cells.reshape(height, width, channels).transpose(2, 0, 1)
    n = np.zeros((2, height, width))
    np.add.at(n, (p, y, x), 1)
    if mode in ("leaky-sum", "mean-decay"):
        np.add.at(out[0], (y, x), (2 * p - 1) * np.exp(-age / 30_000))
        return out / np.maximum(n.sum(0), 1) if mode == "mean-decay" else out
    if mode == "mixed-density":
        return originals.mixed_density_stack(*columns, width, height, bins=channels, count_cutoff=127)
    if mode == "tore":
        on_off = originals.tore(*columns, width, height, end, k=channels // 2)
        return np.roll(on_off.transpose(2, 0, 1), channels // 2, axis=0)
    if mode == "counts-and-times":
        times = np.zeros((2, height, width))
        times[p, y, x] = t - start
        return np.concatenate([n, times / max(times.max(), 1)])
    if mode == "mcts":
        for i in range(channels):
            side, k = divmod(i, channels // 2)
            tau = 1_000 * 30 ** (k / (channels // 2 - 1))
            out[i][y[p == side], x[p == side]] = np.maximum(0, 1 - age[p == side] / tau)
        return out
    assert mode == "tencode"
    out[0, y, x], out[1, y, x], out[2, y, x] = 255 * p, np.floor(255 * age / 30_000 + 0.5), 255 * (1 - p)
    return np.where(np.isin(np.arange(height * width), (y * width + x)[age <= 30_000]).reshape(height, width), out, 0)


@pytest.mark.parametrize("mode", evz.MODES)
@pytest.mark.parametrize("cut", [{"us": 10_000}, {"count": 5_000}])
def test_frames_are_what_their_definition_says(rec, mode, cut):
    windows = rec.windows(**cut)
    frames = rec.frames(windows, mode)
    assert len(frames) == len(windows) and frames.shape[2:] == ((18, 24) if mode == "hats" else (180, 240))
    for i in (0, len(frames) // 2, len(frames) - 1):
        events, frame = windows[i], frames[i]
        if windows.by == "time":
            bounds = windows.bounds[i]
        else:
            bounds = (events.t.min(), events.t.max() + 1)
        assert frame.dtype == frames.dtype
        assert np.allclose(frame, reference(mode, events, frame.shape, bounds), atol=1e-4)


def test_frames_by_slice_by_turn_and_into_memory(rec):
    frames = rec.frames(us=7_000, mode="counts")
    some = frames[2:9]
    assert some.shape == (7, 2, 180, 240)
    assert np.array_equal(np.stack(list(frames)), np.asarray(frames))
    assert all(np.array_equal(some[i], frames[2 + i]) for i in range(7))
    out = np.empty((2, 180, 240), "u2")
    for frame, expected in zip(rec.frames(us=7_000, mode="counts", out=out), frames):
        assert frame is out and np.array_equal(frame, expected)
    half = rec.frames(us=7_000, mode="counts", dtype="f2")
    assert half[1].dtype == np.float16 and np.array_equal(half[1], frames[1])
    assert np.array_equal(pickle.loads(pickle.dumps(frames))[3], frames[3])


def test_frames_of_a_part_and_of_another_size(rec):
    on = rec.frames(us=20_000, mode="counts", polarity="on", roi=(50, 50, 60, 40))
    frame = on[1]
    assert frame[0].sum() == 0 and frame[1].sum() == len(on.windows[1])
    assert frame[1, :50].sum() == 0
    small = rec.frames(us=20_000, mode="counts", size=(100, 80))
    assert small.shape[1:] == (2, 80, 100)
    assert small[0].sum() + small.beyond == len(rec.windows(us=20_000)[0])
    bins = rec.frames(us=20_000, mode="voxel", bins=9)
    assert bins.shape[1] == 9


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"mode": "picture"}, "no mode"),
        ({"mode": "counts", "bins": 3}, "has no bins"),
        ({"mode": "voxel", "tau": 3}, "has no tau"),
        ({"mode": "voxel", "bins": 0}, "at least one bin"),
        ({"mode": "exp-decay", "tau": -1.0}, "more than 0"),
        ({"mode": "voxel", "out": np.zeros((5, 180, 240))}, "float32"),
    ],
)
def test_frames_that_make_no_sense(rec, wrong, says):
    with pytest.raises(evz.InvalidArgumentError, match=says):
        rec.frames(us=10_000, **wrong)


@pytest.mark.filterwarnings("ignore:.*times run backwards")
def test_unsorted_recordings_have_frames_too(compat):
    rec = evz.open(compat / "v0_2_0_unsorted.evz")
    windows = rec.windows(us=500)
    counts = rec.frames(windows, "counts", size=rec.extent)
    for i in range(0, len(windows), max(1, len(windows) // 20)):
        assert counts[i].sum() == len(windows[i])


def test_values_are_never_cut_to_fit_a_type(rec):
    counts = rec.frames(us=120_000, mode="counts")[0]
    assert counts.max() > 10
    assert rec.frames(us=120_000, mode="counts", dtype="u1")[0].max() == counts.max()
    stacked = rec.frames(us=120_000, mode="signed", dtype="u1")
    with pytest.raises(evz.InvalidArgumentError, match="which uint8 does not hold"):
        stacked[0]
    with pytest.raises(evz.InvalidArgumentError, match="values with a fraction"):
        rec.frames(us=10_000, mode="voxel", dtype="i4")


def test_a_sensor_that_nobody_knows_is_said(tmp_path):
    t = np.arange(100)
    evz.write(tmp_path / "a.evz", t, t, t // 2, t % 2)
    rec = evz.open(tmp_path / "a.evz")
    with pytest.warns(evz.InferredWarning, match=r"size=\(100, 50\) settles it"):
        assert rec.frames(us=10, mode="counts").shape[1:] == (2, 50, 100)
    with pytest.raises(TypeError, match=r"frames\(\) has no argument 'bin'; did you mean 'bins'"):
        rec.frames(us=10, bin=5)
    with pytest.raises(TypeError, match="frames are taken by a number or a slice, and not by list"):
        rec.frames(us=10, size=(100, 50))[[1, 2]]
