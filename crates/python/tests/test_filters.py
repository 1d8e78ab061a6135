"""Filters against numpy, on a real recording."""

import numpy as np
import pytest

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
