"""Views in the shape of HDF5 files against such files, written by h5py from the same events."""

import pickle

import evz
import numpy as np
import pytest
from needs import needs

h5py = needs("h5py")


@pytest.fixture(scope="module")
def dsec(tmp_path_factory):
    """The same events as .evz and as HDF5 in the layout of DSEC."""
    folder = tmp_path_factory.mktemp("dsec")
    rng = np.random.default_rng(5)
    n = 200_000
    t = np.sort(rng.integers(49_599_300_523, 49_599_300_523 + 900_000, n))
    x, y, p = rng.integers(0, 640, n), rng.integers(0, 480, n), rng.integers(0, 2, n)
    evz.write(folder / "events.evz", t, x, y, p, size=(640, 480))
    with h5py.File(folder / "events.h5", "w") as f:
        since = t - t[0]
        for name, values, dtype in (("t", since, "u4"), ("x", x, "u2"), ("y", y, "u2"), ("p", p, "u1")):
            f.create_dataset(f"events/{name}", data=values.astype(dtype), compression="gzip", shuffle=True)
        edges = np.arange(0, since[-1] + 2_000, 1_000)[: since[-1] // 1_000 + 2]
        f["ms_to_idx"] = np.searchsorted(since, edges).astype(np.uint64)
        f["t_offset"] = np.int64(t[0])
    return folder


KEYS = [
    5, -3, slice(None), slice(100, 200), slice(-50, None), slice(10, 5_000, 7), (), Ellipsis,
    [3, 70_000, 199_999], np.array([4, 9]),
]


@pytest.mark.parametrize("name", ["t", "x", "y", "p"])
def test_a_dataset_gives_what_that_of_h5py_gives(dsec, name):
    ours = evz.h5view(dsec / "events.evz")[f"events/{name}"]
    with h5py.File(dsec / "events.h5") as f:
        theirs = f[f"events/{name}"]
        assert (ours.dtype, ours.shape, ours.size, ours.ndim, len(ours)) == (
            theirs.dtype, theirs.shape, theirs.size, theirs.ndim, len(theirs),
        )
        for key in KEYS:
            a, b = ours[key], theirs[key]
            assert np.array_equal(a, b) and np.asarray(a).dtype == np.asarray(b).dtype, key
        assert np.array_equal(np.asarray(ours, dtype="int64"), np.asarray(theirs, dtype="int64"))


def test_the_rest_of_dsec(dsec):
    with evz.h5view(dsec / "events.evz") as ours, h5py.File(dsec / "events.h5") as theirs:
        assert list(ours.keys()) == list(theirs.keys())
        assert "t_offset" in list(ours.keys()) and "events/x" in ours and "images" not in ours
        assert ours["t_offset"][()] == theirs["t_offset"][()]
        assert np.array_equal(ours["ms_to_idx"][5:9], theirs["ms_to_idx"][5:9])
        assert ours["ms_to_idx"][7] == theirs["ms_to_idx"][7]
        a, b = np.asarray(ours["ms_to_idx"], "int64"), np.asarray(theirs["ms_to_idx"], "int64")
        assert np.array_equal(a, b)
        assert ours["events"]["x"][3] == theirs["events"]["x"][3]
        with pytest.raises(KeyError, match="there are p, t, x, y"):
            ours["events"]["q"]


def test_columns_of_a_window_are_read_at_once(dsec, monkeypatch):
    reads = []
    read = evz.Recording.read

    def spy(self, **how):
        reads.append("".join(how["columns"]))
        return read(self, **how)

    view, whole = evz.h5view(dsec / "events.evz")["events"], evz.open(dsec / "events.evz")[:]
    monkeypatch.setattr(evz.Recording, "read", spy)
    rng = np.random.default_rng(1)
    for start in rng.integers(0, 190_000, 20).tolist():
        inside = slice(start + rng.integers(0, 9), start + 3_000 - rng.integers(0, 9))
        assert np.array_equal(view["t"][start : start + 3_000], (whole.t - whole.t[0])[start : start + 3_000])
        for name in "pxy":
            part = view[name][inside]
            assert np.array_equal(part, whole[name][inside])
            part[:] = 0
            assert np.array_equal(view[name][inside], whole[name][inside])
    # Times alone, and bisection, take no more than they ask for.
    reads.clear()
    for start in range(0, 100_000, 5_000):
        view["t"][start : start + 100], view["x"][start]
    assert reads[2:] == ["t", "x"] * 19
    # DSEC's order, window by window: after the first two reads, one each.
    reads.clear()
    for start in range(0, 100_000, 5_000):
        view["t"][start : start + 100]
        for name in "pxy":
            view[name][start + 3 : start + 90]
    assert reads == ["t", "txyp"] + ["txyp"] * 19


def test_an_offset_that_is_told(dsec):
    view = evz.h5view(dsec / "events.evz", t_offset=49_599_000_000)
    first = view["events/t"][0]
    assert first + view["t_offset"][()] == evz.open(dsec / "events.evz").start
    with pytest.raises(ValueError, match="behind the first event"):
        evz.h5view(dsec / "events.evz", t_offset=1 << 60)


def test_views_pickle(dsec):
    view = pickle.loads(pickle.dumps(evz.h5view(dsec / "events.evz")))
    assert np.array_equal(view["events/x"][:10], evz.h5view(dsec / "events.evz")["events/x"][:10])


def test_mvsec(dsec, tmp_path):
    rec = evz.open(dsec / "events.evz")
    events = rec[:]
    rows = np.stack([events.x, events.y, events.t / 1e6, events.p * 2.0 - 1], axis=1)
    with h5py.File(tmp_path / "mvsec.h5", "w") as f:
        f["davis/left/events"] = rows
        theirs, ours = f["davis/left/events"], evz.h5view(rec, "mvsec")["davis"]["left"]["events"]
        assert (ours.shape, ours.dtype, ours.size) == (theirs.shape, theirs.dtype, theirs.size)
        for key in [
            3, -1, slice(5, 9), (slice(None), 2), (7, 2), (slice(2, 80_000, 5), 3), Ellipsis, (),
            (slice(0, 9), slice(0, 2)), (3, slice(1, 3)), [5, 6, 100],
        ]:
            assert np.array_equal(ours[key], theirs[key]), key


def test_mvsec_of_a_stereo_pair(tmp_path):
    with evz.Writer(tmp_path / "pair.evz", name="left", size=(346, 260)) as writer:
        right = writer.add_stream("right", size=(346, 260))
        writer.write([1, 2], [3, 4], [5, 6], [0, 1])
        writer.write([1], [7], [8], [1], stream=right)
    view = evz.h5view(tmp_path / "pair.evz", "mvsec")
    assert view["davis/left/events"].shape == (2, 4)
    assert view["davis/right/events"][0].tolist() == [7, 8, 1e-6, 1]


def test_monash_with_images(recordings):
    rec = evz.open(recordings / "davis346.aedat4")
    view = evz.h5view(rec, "monash")
    assert view["events/ts"].dtype == np.float64 and view["events/ps"].dtype == bool
    assert np.array_equal(view["events/ts"][:100], rec["t"][:100] / 1e6)
    assert view.attrs["num_events"] == len(rec) and view.attrs["num_imgs"] == 59
    assert view.attrs["sensor_resolution"].tolist() == [260, 346]
    images = view["images"]
    assert sorted(images)[0] == "image000000000"
    assert images["image000000003"][:].shape == (260, 346)
    stamps = [images[name].attrs["timestamp"] for name in sorted(images)]
    assert stamps == sorted(stamps) and rec.time_range[0] / 1e6 <= stamps[5] <= rec.time_range[1] / 1e6


def test_no_such_layout(moving):
    with pytest.raises(evz.InvalidArgumentError, match="dsec") as raised:
        evz.h5view(moving, layout="hdf4")
    assert raised.value.readings == ("dsec", "monash", "mvsec")
