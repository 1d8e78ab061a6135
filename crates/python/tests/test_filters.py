"""Filters against numpy, on a real recording."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from needs import needs

import evz

pytestmark = pytest.mark.filterwarnings("ignore::evz.InferredWarning")


@pytest.fixture
def raw(recordings):
    return recordings / "evt3.raw"


@pytest.fixture
def events(raw):
    return evz.open(raw)[:]


def columns(events):
    return [np.asarray(getattr(events, name)).astype(np.int64) for name in "txyp"]


def same(found, t, x, y, p):
    for name, expected in zip("txyp", (t, x, y, p)):
        np.testing.assert_array_equal(getattr(found, name), expected)


def test_background(raw, events):
    t, x, y, p = columns(events)
    last = np.full((events.size[1] + 2, events.size[0] + 2), -(10**15))
    keep = np.zeros(len(t), bool)
    around = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)
    for i in range(60_000):
        keep[i] = t[i] - last[y[i] : y[i] + 3, x[i] : x[i] + 3][around].max() < 2_000
        last[y[i] + 1, x[i] + 1] = t[i]
    found = evz.open(raw, filters="background=2ms")[: int(keep.sum())]
    same(found, *(column[keep] for column in (t, x, y, p)))


def test_refractory(raw, events):
    t, x, y, p = columns(events)
    # The event before of the same pixel: by pixel, in the order of the recording.
    order = np.lexsort((np.arange(len(t)), y * 10_000 + x))
    pixel = (y * 10_000 + x)[order]
    keep = np.ones(len(t), bool)
    again = pixel[1:] == pixel[:-1]
    keep[order[1:]] = ~again | (t[order[1:]] - t[order[:-1]] >= 1_000)
    same(evz.open(raw, filters=["refractory=1ms"])[:], *(column[keep] for column in (t, x, y, p)))


def test_hot_pixels(raw, events):
    t, x, y, p = columns(events)
    counts = np.zeros((events.size[1], events.size[0]), np.int64)
    np.add.at(counts, (y, x), 1)
    active = counts[counts > 0]
    keep = counts[y, x] <= active.mean() + 5 * active.std()
    assert 0 < (~keep).sum() < len(t)
    same(evz.open(raw, filters="hot-pixels")[:], *(column[keep] for column in (t, x, y, p)))
    keep = counts[y, x] <= 50 * (t.max() - t.min()) / 1e6
    same(evz.open(raw, filters="hot-pixels=50Hz")[:], *(column[keep] for column in (t, x, y, p)))


def test_geometry_is_numpys(raw, events):
    width, height = events.size
    counts = np.zeros((height, width), np.int64)
    np.add.at(counts, (events.y, events.x), 1)
    for filters, expected in [
        ("flip=x", np.fliplr(counts)),
        ("flip=y", np.flipud(counts)),
        ("rotate=90", np.rot90(counts, -1)),
        ("rotate=270", np.rot90(counts, 1)),
        ("transpose", counts.T),
        ("crop=100,50,300,200", counts[50:250, 100:400]),
        (["crop=100,50,300,200", "rotate=90"], np.rot90(counts[50:250, 100:400], -1)),
    ]:
        rec = evz.open(raw, filters=filters)
        assert rec.size == expected.shape[::-1], filters
        found = np.zeros(expected.shape, np.int64)
        every = rec[:]
        np.add.at(found, (every.y, every.x), 1)
        np.testing.assert_array_equal(found, expected)


def test_converted_and_refused(raw, events, tmp_path):
    done = evz.convert(raw, tmp_path / "a.evz", filters=["time-shift=1s", "invert-polarity"])
    rec = evz.open(tmp_path / "a.evz")
    same(rec[:], events.t + 1_000_000, events.x, events.y, 1 - events.p)
    assert rec.metadata["filters"] == "time-shift=1s; invert-polarity"
    assert done.events == len(events) and not done.losses
    with pytest.raises(evz.InvalidArgumentError, match="there are hot-pixels"):
        evz.open(raw, filters="sharpen")


@pytest.fixture
def noisy(tmp_path):
    """An event alone at 1 ms, and pairs side by side from 5.2 ms on, which a filter of the background leaves."""
    t = [1_000, *(t for start in range(5_200, 9_000, 300) for t in (start, start + 10))]
    path = tmp_path / "n.evz"
    evz.write(path, t, [5] + [8, 9] * 13, [5] * 27, [1] * 27, size=(16, 16))
    return path


@pytest.mark.parametrize("filters", ["background=2ms", ["background=2ms", "time-shift=-0.5ms"]])
def test_times_count_from_the_first_event_before_any_is_left_out(noisy, tmp_path, filters):
    """As --from, --to and the windows of frames of the command do."""
    rec = evz.open(noisy, filters=filters)
    shift = 0 if isinstance(filters, str) else -500
    assert rec.start == 1_000 + shift and rec.time_range[0] > 5_000 + shift
    for seconds in [(0, 0.0045), (0.0045, 0.006), (0.006, 1)]:
        evz.convert(noisy, tmp_path / "part.evz", seconds=seconds, filters=filters, replace=True)
        assert np.array_equal(rec.s[seconds[0] : seconds[1]].t, evz.open(tmp_path / "part.evz")["t"][:])
    assert len(rec.s[0:0.0041]) == 0 and len(rec.ms[0:4.3]) == 1
    told = [filters] if isinstance(filters, str) else filters
    rendered = tmp_path / "frames.npz"
    done = subprocess.run(
        [sys.executable, "-m", "evz", "render", noisy, "-o", rendered, "--window", "1ms", "--mode", "counts",
         *(f"--{told_one}" for told_one in told)],
        capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with np.load(rendered) as command:
        frames = rec.frames(us=1_000, mode="counts")
        assert np.array_equal(frames[:], command["frames"])
    assert frames.windows.bounds[0].tolist() == [1_000 + shift, 2_000 + shift]
    again = pickle.loads(pickle.dumps(rec))
    assert again.start == rec.start and np.array_equal(again.windows(us=1_000).bounds, frames.windows.bounds)


def test_nothing_is_left_or_nothing_was_left_out(noisy):
    whole = evz.open(noisy)
    same_times = evz.open(noisy, filters="invert-polarity")
    assert same_times.start == whole.start == 1_000
    assert np.array_equal(same_times.windows(us=700).bounds, whole.windows(us=700).bounds)
    nothing = evz.open(noisy, filters="crop=0,0,2,2")
    assert nothing.time_range is None and nothing.start == 1_000 and len(nothing.windows(us=700)) == 0


def test_windows_before_the_first_event_that_is_left_are_no_mistake(noisy):
    """None of them was meant from the first event on: a filter left out what they had."""
    rec = evz.open(noisy, filters="background=2ms")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(rec.s[0:0.001]) == 0
        assert [len(part) for part in rec.windows(us=1_000)][:4] == [0] * 4
    with pytest.warns(evz.InferredWarning, match="begins at 1000"):
        rec.time[0:800]


def test_a_rate_stands_where_its_events_are(noisy):
    figure = needs("matplotlib.figure")
    rec = evz.open(noisy, filters="background=2ms")
    (stairs,) = rec.plot.rate(4, ax=figure.Figure().add_subplot()).patches
    # From the first event that is left to the last one, in seconds since that at 1 ms, which is not.
    assert stairs.get_data().edges[[0, -1]] == pytest.approx([(t - 1_000) / 1e6 for t in rec.time_range])


def test_each_stream_counts_from_its_own_first_event(tmp_path):
    path = tmp_path / "two.evz"
    with evz.Writer(path, size=(16, 16), name="left") as writer:
        right = writer.add_stream("right", size=(16, 16))
        writer.write([100, 5_000, 5_001], [1, 8, 9], [1, 8, 8], [1, 1, 1])
        writer.write([300, 6_000, 6_001], [1, 8, 9], [1, 8, 8], [1, 1, 1], stream=right)
    rec = evz.open(path, filters="background=2ms")
    assert [(rec.stream(i).start, rec.stream(i)["t"][:].tolist()) for i in range(2)] == [(100, [5_001]), (300, [6_001])]
