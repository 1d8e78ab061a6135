"""The ways in which public loaders take events, on evz and on the files that they were made for.

Each is written anew from a description of how that loader reads; the file that it reads by itself is written
here from a real recording.
"""

import types

import evz
import numpy as np
import pytest
from needs import needs

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
h5py = needs("h5py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("loaders")


@pytest.fixture(scope="module")
def real(folder):
    """A part of a real recording, as .evz."""
    import os
    import pathlib

    if "EVZ_RECORDINGS" not in os.environ:
        pytest.skip("EVZ_RECORDINGS names no folder of recordings")
    source = pathlib.Path(os.environ["EVZ_RECORDINGS"]) / "evt3.raw"
    evz.convert(source, folder / "real.evz", seconds=(3, 5))
    return evz.open(folder / "real.evz")


@pytest.fixture(scope="module")
def columns(real):
    """Its events as plain arrays, in microseconds."""
    events = real[:]
    assert real.tick * 1_000_000 == 1 and len(events) > 100_000
    return types.SimpleNamespace(t=events.t, x=events.x, y=events.y, p=events.p)


# DSEC, and those that copied its slicer (E-RAFT, DAGR): p, x, y, t of a window of microseconds.


class DsecSlicer:
    """Finds a window by milliseconds first, then among the times between."""

    def __init__(self, file):
        self.events = {name: file[f"events/{name}"] for name in "pxyt"}
        self.ms_to_idx = np.asarray(file["ms_to_idx"], dtype="int64")
        self.t_offset = int(file["t_offset"][()]) if "t_offset" in list(file.keys()) else 0
        self.t_final = int(self.events["t"][-1]) + self.t_offset

    def get_events(self, start_us, end_us):
        start, end = start_us - self.t_offset, end_us - self.t_offset
        from_ms, to_ms = start // 1_000, -(-end // 1_000)
        if to_ms >= len(self.ms_to_idx):
            return None
        low, high = self.ms_to_idx[from_ms], self.ms_to_idx[to_ms]
        times = np.asarray(self.events["t"][low:high])
        first, last = np.searchsorted(times, [start, end])
        found = {name: np.asarray(self.events[name][low + first : low + last]) for name in "pxy"}
        found["t"] = times[first:last] + self.t_offset
        return found


def write_dsec(path, columns):
    t = columns.t - columns.t[0]
    with h5py.File(path, "w") as file:
        for name, values, dtype in (("p", columns.p, "u1"), ("x", columns.x, "u2"), ("y", columns.y, "u2"),
                                    ("t", t, "u4")):
            file.create_dataset(f"events/{name}", data=values.astype(dtype), chunks=(20_000,), compression="gzip")
        file["ms_to_idx"] = np.searchsorted(t, np.arange(t[-1] // 1_000 + 2) * 1_000).astype("u8")
        file["t_offset"] = np.int64(columns.t[0])


def test_dsec(folder, real, columns):
    write_dsec(folder / "dsec.h5", columns)
    with h5py.File(folder / "dsec.h5") as file:
        theirs, ours = DsecSlicer(file), DsecSlicer(evz.h5view(real))
        assert theirs.t_final == ours.t_final == columns.t[-1]
        starts = columns.t[0] + np.random.default_rng(0).integers(0, 1_900_000, 50)
        for start in starts.tolist():
            a, b = theirs.get_events(start, start + 33_333), ours.get_events(start, start + 33_333)
            for name in "pxyt":
                assert np.array_equal(a[name], b[name]) and a[name].dtype == b[name].dtype
        assert ours.get_events(int(starts[0]), columns.t[-1] + 10_000) is None


def test_a_file_that_dsec_could_have_made(recordings):
    """The same events in the recording of the camera, and in HDF5 with Blosc, written by others."""
    needs("hdf5plugin")
    with h5py.File(recordings / "evt2_dsec.h5") as file:
        view = evz.h5view(recordings / "evt2.raw", "dsec")
        assert view["t_offset"][()] == file["t_offset"][()]
        for path in ("events/t", "events/x", "events/y", "events/p", "ms_to_idx"):
            assert view[path].dtype == file[path].dtype
            assert np.array_equal(view[path][:], file[path][:]), path


# RVT: all times, made monotone; the places of label times; slices by number as int64 tensors.


def rvt_windows(times, columns, label_times, length):
    times = np.maximum.accumulate(np.asarray(times, dtype="int64"))
    ends = np.searchsorted(times, label_times, side="right")
    starts = np.searchsorted(times, label_times - length, side="left")
    for start, end in zip(starts.tolist(), ends.tolist()):
        yield {name: np.asarray(columns[name][start:end], dtype="int64") for name in "xypt"}


def stacked_histogram(events, bins, height, width):
    """(2 * bins, H, W), OFF first, as far as 255 goes; the bins are of the time between the first and the
    last event."""
    first, last = events["t"][0], events["t"][-1]
    part = ((events["t"] - first) * bins // max(last - first, 1)).clip(0, bins - 1)
    out = np.zeros((2, bins, height, width), np.int64)
    np.add.at(out, (events["p"], part, events["y"], events["x"]), 1)
    return out.reshape(2 * bins, height, width).clip(max=255).astype(np.uint8)


def test_rvt(folder, real, columns):
    write_dsec(folder / "rvt.h5", columns)
    labels = columns.t[0] + np.arange(100_000, 1_900_000, 200_000)
    with h5py.File(folder / "rvt.h5") as file:
        events = file["events"]
        shifted = {name: events[name] for name in "xyp"} | {"t": events["t"][:].astype("i8") + columns.t[0]}
        theirs = list(rvt_windows(shifted["t"], shifted, labels, 50_000))
    ours = list(rvt_windows(real["t"], real, labels, 50_000))
    for a, b in zip(theirs, ours, strict=True):
        assert all(np.array_equal(a[name], b[name]) for name in "xypt")
    # Without all times: the index finds the places, and the frames need no second file.
    assert np.array_equal(real.searchsorted(labels), np.searchsorted(columns.t, labels))
    windows = np.stack([labels - 50_000, labels], axis=1)
    frames = real.frames(times=windows, mode="histogram", bins=10)
    for i, (start, end) in enumerate(windows.tolist()):
        inside = slice(*np.searchsorted(columns.t, [start, end]))
        events = {name: getattr(columns, name)[inside].astype("i8") for name in "xypt"}
        wanted = stacked_histogram(events, 10, real.height, real.width)
        assert np.array_equal(frames[i].clip(max=255).astype(np.uint8), wanted)


# event_cnn_minimal: xs, ys, ts, ps by number; windows by number, by seconds, between images.


class MonashLoader:
    def __init__(self, file):
        self.events = file["events"]
        self.height, self.width = (int(n) for n in file.attrs["sensor_resolution"][:2])
        self.n = int(file.attrs["num_events"])

    def find_ts_index(self, seconds):
        """Bisection, a time at a time."""
        low, high, times = 0, self.n, self.events["ts"]
        while low < high:
            middle = (low + high) // 2
            if times[middle] < seconds:
                low = middle + 1
            else:
                high = middle
        return low

    def get_events(self, first, last):
        xs, ys = self.events["xs"][first:last], self.events["ys"][first:last]
        return xs, ys, self.events["ts"][first:last], self.events["ps"][first:last] * 2.0 - 1.0

    def k_events(self, k, step):
        return [self.get_events(i, i + k) for i in range(0, self.n - k, step)]

    def t_seconds(self, length, step):
        start, end = self.events["ts"][0], self.events["ts"][self.n - 1]
        starts = np.arange(start, end - length, step)
        return [
            self.get_events(self.find_ts_index(s), self.find_ts_index(s + length)) for s in starts
        ]


def test_event_cnn_minimal(folder, real, columns):
    with h5py.File(folder / "monash.h5", "w") as file:
        for name, values in (("xs", columns.x.astype("i2")), ("ys", columns.y.astype("i2")),
                             ("ts", columns.t / 1e6), ("ps", columns.p.astype(bool))):
            file.create_dataset(f"events/{name}", data=values, compression="gzip")
        file.attrs["sensor_resolution"] = [real.height, real.width]
        file.attrs["num_events"] = len(columns.t)
        theirs, ours = MonashLoader(file), MonashLoader(evz.h5view(real, "monash"))
        assert (theirs.height, theirs.width, theirs.n) == (ours.height, ours.width, ours.n)
        by_number = theirs.k_events(10_000, 25_000), ours.k_events(10_000, 25_000)
        by_time = theirs.t_seconds(0.05, 0.3), ours.t_seconds(0.05, 0.3)
        for a, b in [*zip(*by_number, strict=True), *zip(*by_time, strict=True)]:
            for left, right in zip(a, b, strict=True):
                assert np.array_equal(left, right) and left.dtype == right.dtype


def test_between_frames(recordings):
    """Events between images, whose attributes hold their times."""
    rec = evz.open(recordings / "davis346.aedat4")
    view = evz.h5view(rec, "monash")
    loader, images = MonashLoader(view), view["images"]
    stamps = [images[name].attrs["timestamp"] for name in sorted(images)]
    frames = rec.read(stream="frames")
    places = np.searchsorted(rec["t"][:], frames.t)
    assert [loader.find_ts_index(stamp) for stamp in stamps[10:13]] == places[10:13].tolist()
    assert [images[name].attrs["event_idx"] for name in sorted(images)] == places.tolist()


# e2vid: (N, 4) of seconds, x, y, 0 or 1, by number or by duration, from text.


def e2vid_by_number(rows, n):
    return [rows[i : i + n] for i in range(0, len(rows), n)]


def test_e2vid(folder, real, columns):
    few = real[:30_000]
    rows = np.stack([few.t / 1e6, few.x, few.y, few.p], axis=1)
    np.savetxt(folder / "e2vid.txt", rows, fmt=["%.6f", "%d", "%d", "%d"], header="1280 720", comments="")
    theirs = np.loadtxt(folder / "e2vid.txt", skiprows=1)
    part = evz.open(folder / "real.evz").windows(count=7_000)
    for a, window in zip(e2vid_by_number(theirs, 7_000)[:4], part):
        assert np.array_equal(a, window.array("txyp", "f8"))
    starts = theirs[0, 0] + np.arange(3) * 0.033
    edges = np.searchsorted(theirs[:, 0].round(6), (starts * 1e6).round() / 1e6)
    for i in range(2):
        window = real.windows(us=33_000)[i]
        assert np.array_equal(theirs[edges[i] : edges[i + 1]], window.array("txyp", "f8"))


# event_based_optical_flow: (N, 4) of y, x, seconds, -1 or 1 by number.


def test_event_based_optical_flow(folder, real, columns):
    with h5py.File(folder / "flow.h5", "w") as file:
        file["events"] = np.stack([columns.x, columns.y, columns.t / 1e6, columns.p * 2.0 - 1], axis=1)
        first = int(np.searchsorted(columns.t, columns.t[0] + 500_000))
        theirs = file["events"][first : first + 15_000][:, [1, 0, 2, 3]]
    assert real.searchsorted(real.start + 500_000) == first
    ours = real[first : first + 15_000].array("yxtp", "f8", signed=True)
    assert np.array_equal(ours, theirs)


def test_mvsec_as_it_is(recordings):
    """The dataset of MVSEC, which flow, E-RAFT and others read, written by others."""
    with h5py.File(recordings / "davis346_mvsec.h5") as file:
        view = evz.h5view(recordings / "davis346.aedat4", "mvsec")
        theirs, ours = file["davis/left/events"], view["davis/left/events"]
        assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
        assert np.array_equal(ours[:], theirs[:])
        assert np.array_equal(ours[:, 2], theirs[:, 2]) and ours[77, 2] == theirs[77, 2]


# rpg_event_representation_learning: arrays of NumPy, one file a sample, as float32.


def test_event_representation_learning(folder, recordings):
    rec = evz.open(recordings / "faces_easy_0001.bin")
    events = rec[:]
    saved = np.stack([events.x, events.y, events.t / 1e6, np.where(events.p, 1.0, -1.0)], axis=1)
    np.save(folder / "sample.npy", saved)
    theirs = np.load(folder / "sample.npy").astype(np.float32)
    ours = events.array("xytp", "f4", signed=True)
    assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


# OpenEB: slices of time of arrays of records, and of so many events.


def test_openeb(folder, recordings):
    """The records of a DAT file, 8 bytes each, against the iterator on the same file."""
    data = (recordings / "gen4.dat").read_bytes()
    at = 0
    while data[at : at + 1] == b"%":
        at = data.index(b"\n", at) + 1
    words = np.frombuffer(data[at + 2 :], "<u4").reshape(-1, 2)
    t = words[:, 0].astype("i8")
    x, y, p = words[:, 1] & 0x3FFF, words[:, 1] >> 14 & 0x3FFF, words[:, 1] >> 28 & 1
    iterator = evz.EventsIterator(str(recordings / "gen4.dat"), start_ts=2_000_000, delta_t=20_000,
                                  max_duration=1_000_000)
    assert iterator.get_size() == (720, 1280)
    seen = 0
    for i, events in enumerate(iterator):
        start = 2_000_000 + i * 20_000
        inside = slice(*np.searchsorted(t, [start, start + 20_000]))
        assert np.array_equal(events["t"], t[inside]) and np.array_equal(events["x"], x[inside])
        assert np.array_equal(events["y"], y[inside]) and np.array_equal(events["p"], p[inside])
        seen += 1
    assert seen == 50


# tonic, and snntorch on it: records, cut by slicers, made frames by transforms.


def test_tonic_and_snntorch(folder, real):
    needs("tonic")
    from tonic import SlicedDataset, slicers, transforms

    dtype = np.dtype([("x", "i2"), ("y", "i2"), ("t", "i8"), ("p", "?")])
    np.save(folder / "tonic.npy", real[:].numpy(dtype))
    theirs = np.load(folder / "tonic.npy")
    slicer = slicers.SliceByTime(100_000, overlap=20_000)
    frames = transforms.ToFrame((real.width, real.height, 2), n_time_bins=3)
    a = SlicedDataset([(theirs, 7)], slicer, transform=frames)
    b = SlicedDataset([(evz.Records(real, dtype), 7)], slicer, transform=frames)
    assert len(a) == len(b) > 10
    for i in (0, 5, len(a) - 1):
        assert np.array_equal(a[i][0], b[i][0]) and a[i][1] == b[i][1]


# spikingjelly: a dict of arrays from .npz.


def test_spikingjelly(folder, real, columns):
    np.savez(folder / "jelly.npz", t=columns.t, x=columns.x, y=columns.y, p=columns.p)
    theirs, ours = np.load(folder / "jelly.npz"), real[:].to_dict()
    assert set(theirs) == set(ours)
    assert all(np.array_equal(theirs[name], ours[name]) for name in theirs)


def integrated(events, n_frames, height, width):
    """Frames of equal numbers of events, as spiking networks take them: (n_frames, 2, H, W)."""
    n = len(events["t"]) // n_frames
    frames = np.zeros((n_frames, 2, height, width))
    for i in range(n_frames):
        stop = (i + 1) * n if i < n_frames - 1 else len(events["t"])
        part = slice(i * n, stop)
        np.add.at(frames[i], (events["p"][part], events["y"][part], events["x"][part]), 1)
    return frames


def test_spikingjelly_frames(real, columns):
    """Its frames, and its rule that the last of them takes what is left over."""
    n = len(real) // 4
    edges = np.array([0, n, 2 * n, 3 * n, len(real)])
    theirs = integrated(vars(columns), 4, real.height, real.width)
    for i, frame in enumerate(theirs):
        part = real[edges[i] : edges[i + 1]].to_dict()
        assert np.array_equal(integrated(part, 1, real.height, real.width)[0], frame)
    ours = real.frames(count=n, drop_last=True, mode="counts")
    assert all(np.array_equal(ours[i], theirs[i]) for i in range(3))
