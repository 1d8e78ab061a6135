"""Recordings as arrays of records, and tonic on them."""

import pickle

import evz
import numpy as np
import pytest
from needs import needs

TONIC = np.dtype([("x", "i2"), ("y", "i2"), ("t", "i8"), ("p", "?")])
FAERY = np.dtype([("t", "<u8"), ("x", "<u2"), ("y", "<u2"), (("p", "on"), "?")])


def test_records_are_an_array(moving):
    records = evz.Records(moving, TONIC)
    whole = np.asarray(records)
    assert whole.dtype == TONIC and len(records) == len(whole) and records.shape == whole.shape
    assert np.array_equal(records["t"], whole["t"]) and records["p"].dtype == bool
    for key in (5, -1, slice(7, 100), slice(None, None, 50), np.array([5, 9])):
        assert np.array_equal(records[key], whole[key])
    assert records["x"][-1] == whole["x"][-1]
    again = pickle.loads(pickle.dumps(records))
    assert np.array_equal(again[10:20], whole[10:20])
    part = records[10:20]
    part["t"] -= part["t"][0]
    assert part.flags.owndata


def test_polarities_of_minus_one_and_titles(moving):
    signed = evz.Records(moving, [("t", "i8"), ("p", "i1")], signed=True)
    assert set(np.unique(signed["p"])) == {-1, 1} and set(np.unique(signed[:]["p"])) == {-1, 1}
    faery = evz.Records(moving, FAERY)
    assert np.array_equal(faery["on"], faery["p"])
    with pytest.raises(ValueError, match="no column 'q'"):
        evz.Records(moving, [("q", "i8")])


def test_searchsorted_reads_no_times(moving, monkeypatch):
    records = evz.Records(moving)
    whole = records[:]["t"]
    floats = np.linspace(whole[0] - 5.5, whole[-1] + 5.5, 40)
    expected = [np.searchsorted(whole, floats, side) for side in ("left", "right")]
    monkeypatch.setattr(evz.Recording, "read", None)
    for side, places in zip(("left", "right"), expected):
        assert np.array_equal(np.searchsorted(records["t"], floats, side), places)
    assert np.searchsorted(records["t"], whole[100]) == np.searchsorted(whole, whole[100])


@pytest.mark.parametrize("as_what", [evz.open, evz.Records], ids=["Recording", "Records"])
def test_slicers_of_tonic(moving, as_what):
    needs("tonic")
    from tonic import SlicedDataset, slicers, transforms

    data, whole = as_what(moving), evz.open(moving)[:].numpy(evz.EVENT_DTYPE)
    size = (*evz.open(moving).size, 2)
    for slicer in (
        slicers.SliceByTime(10_000, overlap=2_000, include_incomplete=True),
        slicers.SliceByTimeBins(7, overlap=0.1),
        slicers.SliceByEventCount(1_000, overlap=100),
    ):
        frame = transforms.ToFrame(sensor_size=size, n_time_bins=2)
        ours = SlicedDataset([(data, 3)], slicer, transform=frame)
        theirs = SlicedDataset([(whole, 3)], slicer, transform=frame)
        assert len(ours) == len(theirs) > 3
        for i in (0, 1, len(ours) - 1):
            (a, label), (b, _) = ours[i], theirs[i]
            assert label == 3 and np.array_equal(a, b)


def test_transforms_of_tonic(moving):
    needs("tonic")
    from tonic import transforms

    records = evz.Records(moving, TONIC)
    size = (*evz.open(moving).size, 2)
    for transform in (
        transforms.ToVoxelGrid(size, n_time_bins=4),
        transforms.Compose([transforms.Denoise(5_000), transforms.ToFrame(size, event_count=400)]),
        transforms.Compose([transforms.TimeAlignment(), transforms.ToTimesurface(size, 10_000, 5_000)]),
    ):
        assert np.array_equal(transform(records[:2_000]), transform(np.asarray(records)[:2_000]))
