"""EventsIterator against slices that are cut out of the whole array."""

import pickle

import evz
import numpy as np
import pytest
from evz.events_iterator import EVENT_CD, EVENT_EXT_TRIGGER

T = np.array([100, 200, 200, 9_999, 10_000, 45_000, 45_001, 90_000], np.int64)


@pytest.fixture
def gaps(tmp_path):
    """Events with gaps of whole slices."""
    n = np.arange(len(T))
    evz.write(tmp_path / "gaps.evz", T, n, n + 1, n % 2, size=(640, 480))
    return evz.open(tmp_path / "gaps.evz")


def times(iterator):
    return [events["t"].tolist() for events in iterator]


def test_slices_of_time_and_empty_ones(gaps):
    iterator = evz.EventsIterator(gaps, delta_t=10_000)
    assert iterator.get_size() == (480, 640)
    slices = list(iterator)
    assert [len(events) for events in slices] == [4, 1, 0, 0, 2, 0, 0, 0, 0, 1]
    assert all(events.dtype == EVENT_CD and events.dtype.itemsize == 16 for events in slices)
    assert np.concatenate(slices)["t"].tolist() == T.tolist()
    assert np.concatenate(slices)["y"].tolist() == list(range(1, 9))
    assert iterator.get_current_time() == 100_000
    assert times(iterator) == times(pickle.loads(pickle.dumps(iterator)))


def test_slices_from_a_time_and_of_a_duration(gaps):
    assert times(evz.EventsIterator(gaps, start_ts=40_000, delta_t=20_000)) == [
        [45_000, 45_001], [], [90_000],
    ]
    assert times(evz.EventsIterator(gaps, delta_t=10_000, max_duration=15_000)) == [
        [100, 200, 200, 9_999], [10_000],
    ]
    relative = evz.EventsIterator(gaps, start_ts=40_000, delta_t=10_000, relative_timestamps=True)
    assert times(relative)[0] == [5_000, 5_001]


def test_slices_by_number(gaps):
    by_number = evz.EventsIterator(gaps, mode="n_events", n_events=3)
    assert times(by_number) == [[100, 200, 200], [9_999, 10_000, 45_000], [45_001, 90_000]]
    cut = evz.EventsIterator(gaps, mode="n_events", n_events=3, max_duration=10_000)
    assert times(cut) == [[100, 200, 200], [9_999]]


def test_mixed_slices(gaps):
    mixed = evz.EventsIterator(gaps, mode="mixed", n_events=2, delta_t=10_000)
    # From 9,999, the end of a full slice, the next ones go on to 19,999 and 29,999.
    assert times(mixed) == [
        [100, 200], [200, 9_999], [10_000], [], [], [45_000, 45_001], [], [], [], [], [90_000],
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"start_ts": 5}, "multiple"),
        ({"mode": "n_events", "start_ts": 10_000}, "start_ts is 0"),
        ({"mode": "frames"}, "delta_t, n_events or mixed"),
        ({"delta_t": 0}, "at least"),
    ],
)
def test_what_makes_no_sense(gaps, wrong, says):
    with pytest.raises(ValueError, match=says):
        evz.EventsIterator(gaps, **wrong)


def test_a_clock_far_from_0(tmp_path):
    t = np.array([10**15, 10**15 + 5])
    evz.write(tmp_path / "far.evz", t, [1, 2], [1, 2], [0, 1])
    with pytest.raises(evz.InvalidArgumentError, match="pass origin=1000000000000000"):
        next(iter(evz.EventsIterator(tmp_path / "far.evz")))
    assert times(evz.EventsIterator(tmp_path / "far.evz", origin=10**15)) == [[0, 5]]


def test_nanoseconds_are_microseconds_here(tmp_path):
    evz.write(tmp_path / "ns.evz", [999, 10_000_999, 10_001_000], [1] * 3, [1] * 3, [1] * 3, tick="ns")
    assert times(evz.EventsIterator(tmp_path / "ns.evz")) == [[0], [10_000, 10_001]]


def test_triggers(tmp_path, gaps):
    with evz.Writer(tmp_path / "triggers.evz") as writer:
        writer.write([100, 900], [1, 2], [1, 2], [0, 1])
        edges = {"t": [50, 70], "polarity": np.array([True, False]), "id": np.array([3, 3], np.uint8)}
        writer.write_side("triggers", edges)
    triggers = evz.EventsIterator(tmp_path / "triggers.evz").get_ext_trigger_events()
    assert triggers.dtype == EVENT_EXT_TRIGGER and triggers.dtype.itemsize == 24
    assert triggers.tolist() == [(1, 50, 3), (0, 70, 3)]
    with pytest.raises(evz.UnsupportedError, match="no triggers"):
        evz.EventsIterator(gaps).get_ext_trigger_events()


def test_a_real_recording(recordings):
    """Every slice of a RAW file and of the DAT that OpenEB's own tool made of it."""
    raw, dat = evz.open(recordings / "evt3.raw"), evz.open(recordings / "gen4.dat")
    iterator = evz.EventsIterator(raw, delta_t=50_000)
    t = raw["t"][:] - raw.start
    edges = np.searchsorted(t, np.arange(0, t[-1] + 50_001, 50_000))
    slices = list(iterator)
    assert [len(events) for events in slices] == np.diff(edges).tolist()
    assert np.array_equal(np.concatenate(slices)["t"], t)
    # The DAT's clock was shifted by a known time, which raw files start with.
    shifted = evz.EventsIterator(raw, delta_t=50_000, origin=raw.start - dat.start)
    for ours, theirs in zip(shifted, evz.EventsIterator(dat, delta_t=50_000), strict=True):
        assert np.array_equal(ours, theirs)
