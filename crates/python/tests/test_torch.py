"""Data sets of PyTorch against the windows that they are made of."""

import os
import pickle
import sys

import evz
import numpy as np
import pytest
from needs import needs

torch = needs("torch")
from torch.utils.data import DataLoader  # noqa: E402

SIZE = (64, 48)


def write(path, seed, n=20_000, columns=None):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.integers(0, 400_000, n)) + 1_000
    x, y, p = rng.integers(0, SIZE[0], n), rng.integers(0, SIZE[1], n), rng.integers(0, 2, n)
    path.parent.mkdir(exist_ok=True)
    evz.write(path, t, x, y, p, size=SIZE, **({"columns": columns} if columns else {}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five recordings of two classes."""
    root = tmp_path_factory.mktemp("data")
    for i in range(5):
        write(root / ("cat" if i % 2 else "ant") / f"r{i}.evz", i)
    return root


def expected(folder, **how):
    files = sorted(folder.glob("**/*.evz"))
    return [frame for file in files for frame in evz.open(file).frames(us=50_000, **how)]


def test_windows_of_a_folder(folder):
    data = evz.torch.WindowDataset(folder, us=50_000, bins=3, labels="folder")
    frames = expected(folder, mode="voxel", bins=3)
    assert len(data) == len(frames) > 30
    assert data.classes == ["ant", "cat"] and len(data.names) == 5
    for i in (0, 9, len(data) - 1, -1):
        tensor, label = data[i]
        assert tensor.dtype == torch.float32 and tensor.shape == (3, 48, 64)
        assert np.array_equal(tensor.numpy(), frames[i])
        assert data.classes[label] in data.window(i)[0]
    with pytest.raises(IndexError, match=f"window {len(data)} of"):
        data[len(data)]


def test_many_at_once(folder):
    """What newer DataLoaders ask for: the windows of a batch in one call."""
    data = evz.torch.WindowDataset(folder, us=50_000, bins=3, labels="folder")
    numbers = [30, 2, 31, 2, 0, len(data) - 1]
    for (frame, label), i in zip(data.__getitems__(numbers), numbers, strict=True):
        assert torch.equal(frame, data[i][0]) and label == data[i][1]
    events = evz.torch.WindowDataset(folder, us=50_000, mode=None)
    assert events.__getitems__(numbers) == [events[i] for i in numbers]
    with pytest.raises(IndexError):
        data.__getitems__([0, len(data)])


@pytest.mark.parametrize("mode", sorted(evz.MODES))
def test_every_mode_is_a_tensor(folder, mode):
    data = evz.torch.WindowDataset(folder / "cat", us=100_000, mode=mode)
    frame = evz.open(data.names[0]).frames(us=100_000, mode=mode)[1]
    assert np.array_equal(data[1].numpy(), frame)


def test_labels(folder, tmp_path):
    names = {f"r{i}": i * 10 for i in range(5)}
    by_name = evz.torch.WindowDataset(folder, us=50_000, labels=names)
    by_call = evz.torch.WindowDataset(
        str(folder / "*" / "*.evz"), us=50_000, labels=lambda name, start, end: (name, start)
    )
    for i in (0, 20, 39):
        name, start, _ = by_name.window(i)
        assert by_name[i][1] == int(os.path.basename(name)[1]) * 10
        assert by_call[i][1] == (name, start)
    write(tmp_path / "l.evz", 9, columns={"label": (np.arange(20_000) // 5_000).astype(np.uint8)})
    column = evz.torch.WindowDataset(tmp_path / "l.evz", count=5_000, labels="label")
    assert [label for _, label in column] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="no such column"):
        evz.torch.WindowDataset(folder, us=50_000, labels="label")
    with pytest.raises(ValueError, match="has none for"):
        evz.torch.WindowDataset(folder, us=50_000, labels={"r0": 1})
    with pytest.raises(ValueError, match="2 labels for 5"):
        evz.torch.WindowDataset(folder, us=50_000, labels=[1, 2])


def test_labels_of_a_table(folder):
    class Table:
        """As those of pandas and polars are asked."""

        columns = ("file", "label")

        def __getitem__(self, name):
            return {"file": [f"r{i}.evz" for i in range(5)], "label": list("abcde")}[name]

    table = Table()
    data = evz.torch.WindowDataset(folder, us=50_000, labels=table)
    assert [data[i][1] for i in (0, len(data) - 1)] == ["a", "d"]


def test_rows_of_a_table_are_not_taken_silently(folder):
    files = [f"r{i}.evz" for i in range(5)]
    table = {"file": files + ["r3.evz"], "label": list("abcdee")}
    with pytest.raises(evz.InvalidArgumentError, match="r3.evz has two labels, 'd' and 'e'; take one"):
        evz.torch.WindowDataset(folder, us=50_000, labels=Columns(table))
    # Twice the same is no contradiction.
    table["label"][-1] = "d"
    for kind in (evz.torch.WindowDataset, evz.torch.StreamDataset):
        data = kind(folder, us=50_000, labels=Columns(table))
    assert [label for _, label in data][-1] == "d"
    for other in ({"r3": "e"}, {str(folder / "cat" / "r3.evz"): "e"}):
        with pytest.raises(evz.InvalidArgumentError, match="r3.evz has two labels, .* take one of them away"):
            evz.torch.WindowDataset(folder, us=50_000, labels=dict(zip(files, "abcde")) | other)
    # What is missing is no other label, nor is an array with the same values.
    for labels in ([1.0, 2.0, 3.0, np.nan, 5.0, np.nan], [np.array([i % 4, 1]) for i in (0, 1, 2, 3, 0, 3)]):
        data = evz.torch.WindowDataset(folder, us=50_000, labels=Columns({"file": table["file"], "label": labels}))
        np.testing.assert_equal({str(label) for _, label in data}, {str(label) for label in labels})
    with pytest.raises(evz.InvalidArgumentError, match="r3.evz has two labels"):
        evz.torch.WindowDataset(folder, us=50_000, labels=Columns(table | {"label": [*map(np.arange, range(6))]}))
    table["file"].extend(["r9.evz", "r7.evz"])
    table["label"].extend("ef")
    for labels in (Columns(table), dict(zip(*table.values()))):
        with pytest.warns(evz.InferredWarning, match="2 labels of no recording, such as 'r7.evz'") as warned:
            data = evz.torch.WindowDataset(folder, us=50_000, labels=labels)
        assert warned[0].filename == __file__ and data[0][1] == "a"


class Columns:
    """A table, as those of pandas and polars are asked."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = tuple(columns)

    def __getitem__(self, name):
        return self._columns[name]


@pytest.mark.parametrize("choice", [{"roi": (0, 0, 20, 30)}, {"polarity": "off"}, {"roi": (9, 9, 9, 9), "polarity": 1}])
@pytest.mark.parametrize("cut", [{"us": 30_000}, {"count": 700}])
def test_labels_are_of_the_events_that_a_window_has(tmp_path, choice, cut):
    rng = np.random.default_rng(3)
    write(tmp_path / "l.evz", 9, columns={"label": rng.integers(0, 4, 20_000).astype(np.uint8)})
    data = evz.torch.WindowDataset(tmp_path / "l.evz", labels="label", mode=None, **cut, **choice)
    events, labels = zip(*data)
    expected = [np.bincount(each["label"]).argmax() if len(each) else -1 for each in events]
    assert list(labels) == expected and len(set(expected)) > 2
    nothing = evz.torch.WindowDataset(tmp_path / "l.evz", us=30_000, labels="label", roi=(60, 40, 0, 0))
    assert {label for _, label in nothing} == {-1}


def test_a_window_for_each_time(folder):
    path = folder / "cat" / "r1.evz"
    rec = evz.open(path)
    times = np.array([300_000, 51_000, 200_000])
    data = evz.torch.TimesDataset(
        path, times, before_us=20_000, labels=["c", "a", "b"], mode="histogram", bins=2
    )
    for i, t in enumerate(times.tolist()):
        frame, label = data[i]
        assert label == "cab"[i]
        wanted = rec.frames(times=[(t - 20_000, t)], mode="histogram", bins=2)[0]
        assert np.array_equal(frame.numpy(), wanted)
    boxes = np.array(
        [(51_000, 1, 2, 0), (300_000, 5, 5, 1), (51_000, 8, 9, 1)],
        [("t", "i8"), ("x", "f4"), ("y", "f4"), ("class_id", "u1")],
    )
    data = evz.torch.TimesDataset(path, labels=boxes, before_us=10_000)
    assert [len(label) for _, label in data] == [2, 1]
    assert data.window(0)[1:] == (41_000, 51_000)
    several = evz.torch.TimesDataset([path, path], [times, times[:1]], labels=[[1, 2, 3], [4]])
    assert [label for _, label in several] == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="2 labels for 3 windows"):
        evz.torch.TimesDataset(path, times, labels=[1, 2])
    with pytest.raises(ValueError, match="whole numbers"):
        evz.torch.TimesDataset(path, [0.5])


def test_frames_like_published_code(folder):
    path = folder / "cat" / "r1.evz"
    rec = evz.open(path)
    stamps = np.array([200_000, 90_000, 350_000])
    at = {"at": stamps, "before_us": 40_000, "after_us": 1_000}
    wanted = rec.frames(**at, like="rvt", bins=4, clip=2)
    for data in (
        evz.torch.WindowDataset(path, **at, like="rvt", bins=4, clip=2),
        evz.torch.TimesDataset(path, stamps, 40_000, 1_000, like="rvt", bins=4, clip=2),
        list(evz.torch.StreamDataset(path, **at, like="rvt", bins=4, clip=2)),
    ):
        assert len(data) == 3
        for i in range(3):
            assert data[i].dtype == torch.uint8 and np.array_equal(data[i].numpy(), wanted[i])
    batch = next(iter(DataLoader(evz.torch.WindowDataset(folder, us=50_000, like="e2vid"), batch_size=4)))
    frames = expected(folder, like="e2vid")
    assert batch.shape == (4, 5, 48, 64) and np.array_equal(batch.numpy(), np.stack(frames[:4]))
    half = evz.torch.WindowDataset(path, us=50_000, mode="counts", channels="on-off", normalize="p99", dtype="f2")
    how = {"mode": "counts", "channels": "on-off", "normalize": "p99"}
    assert half[2].dtype == torch.float16
    assert np.array_equal(half[2].numpy(), rec.frames(us=50_000, **how)[2].astype("f2"))


def test_frames_with_memory_are_the_same_however_they_are_taken(folder):
    how = {"us": 30_000, "mode": "exp-decay", "tau": 0.05, "memory": True}
    data = evz.torch.WindowDataset(folder, **how)
    files = sorted(folder.glob("**/*.evz"))
    wanted = [frame for file in files for frame in evz.open(file).frames(**how)]
    numbers = [len(data) - 1, 3, 20]
    for i, batched in zip(numbers, pickle.loads(pickle.dumps(data)).__getitems__(numbers), strict=True):
        assert np.array_equal(data[i].numpy(), wanted[i]) and np.array_equal(batched.numpy(), wanted[i])
    stream = evz.torch.StreamDataset(folder, **how)
    assert all(np.array_equal(a.numpy(), b) for a, b in zip(stream, wanted, strict=True))


def test_data_sets_refuse_what_makes_no_sense(folder):
    for wrong, says in (
        ({"like": "e2vid", "mode": "counts"}, "mode= too"),
        ({"like": "e2vid", "mode": None}, "for events themselves"),
        ({"like": "e3vid"}, "it is e2vid"),
        ({"mode": "binary", "memory": True, "stride": 10_000}, "follow each other"),
    ):
        with pytest.raises(ValueError, match=says):
            evz.torch.WindowDataset(folder, us=50_000, **wrong)
    with pytest.raises(TypeError, match=r"TimesDataset\(\) has no argument 'us'"):
        evz.torch.TimesDataset(folder / "cat" / "r1.evz", [5], us=50_000)
    with pytest.raises(TypeError, match=r"WindowDataset\(\) has no argument 'befor_us'; did you mean 'before_us'"):
        evz.torch.WindowDataset(folder, at=[5], befor_us=50_000)


def test_events_themselves(folder):
    data = evz.torch.WindowDataset(folder, count=1_000, mode=None, labels="folder")
    events, label = data[3]
    assert events == evz.open(data.names[0])[3_000:4_000] and label == 0
    loader = DataLoader(data, batch_size=4, collate_fn=evz.torch.collate_events)
    columns, labels = next(iter(loader))
    assert columns["t"].shape == (4_000,) and labels.tolist() == [0] * 4
    assert columns["batch"].bincount().tolist() == [1_000] * 4
    assert np.array_equal(columns["x"][:1_000].numpy(), data[0][0].x)


def digest(batch):
    return [float(frame.double().sum()) for frame in batch[0]], batch[1].tolist()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize("workers", [2, 4])
def test_workers_give_the_same(folder, method, workers):
    """After reads on all threads of this process, whose pool a forked child must not wait for."""
    data = evz.torch.WindowDataset(folder, us=50_000, bins=2, labels="folder")
    here = [digest(batch) for batch in DataLoader(data, batch_size=8)]
    loader = DataLoader(
        data, batch_size=8, num_workers=workers, multiprocessing_context=method, timeout=60
    )
    assert [digest(batch) for batch in loader] == here


@pytest.mark.parametrize("split", ["ranges", "recordings"])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_stream_in_workers(folder, split, method):
    data = evz.torch.StreamDataset(folder, us=50_000, bins=2, split=split)
    here = sorted(float(frame.double().sum()) for frame in data)
    assert len(here) == len(data)
    loader = DataLoader(
        data, batch_size=None, num_workers=2, multiprocessing_context=method, timeout=60
    )
    assert sorted(float(frame.double().sum()) for frame in loader) == here


def test_a_stream_is_in_order_and_shared_out(folder):
    frames = expected(folder, mode="voxel", bins=2)
    how = {"us": 50_000, "bins": 2}
    whole = list(evz.torch.StreamDataset(folder, **how))
    assert all(np.array_equal(a.numpy(), b) for a, b in zip(whole, frames, strict=True))
    for split in ("ranges", "recordings"):
        parts = [
            list(evz.torch.StreamDataset(folder, **how, split=split, rank=r, world_size=3))
            for r in range(3)
        ]
        sums = sorted(float(f.double().sum()) for part in parts for f in part)
        assert sums == sorted(float(f.double().sum()) for f in whole)
    even = [
        evz.torch.StreamDataset(folder, **how, even=True, rank=r, world_size=3) for r in range(3)
    ]
    assert {len(list(part)) for part in even} == {len(frames) // 3}


def test_a_stream_knows_its_rank_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    data = evz.torch.StreamDataset(folder, us=50_000)
    again = pickle.loads(pickle.dumps(data))
    monkeypatch.undo()
    assert data.rank == (0, 1) and again.rank == (1, 2)


def train(rank, folder, meet, sums):
    """A process of two that train together."""
    import torch.distributed as dist

    dist.init_process_group("gloo", init_method=f"file://{meet}", rank=rank, world_size=2)
    data = evz.torch.StreamDataset(folder, us=50_000, bins=2, even=True)
    loader = DataLoader(data, batch_size=4, num_workers=1, multiprocessing_context="spawn", timeout=60)
    mine = torch.tensor([float(len(data)), sum(float(batch.double().sum()) for batch in loader)])
    dist.all_reduce(mine)
    sums.put((rank, mine.tolist()))


def test_a_stream_of_ranks_that_talk(folder, tmp_path):
    import torch.multiprocessing as mp

    if not torch.distributed.is_available() or not torch.distributed.is_gloo_available():
        pytest.skip("this PyTorch has no gloo")
    sums = mp.get_context("spawn").SimpleQueue()
    mp.spawn(train, (folder, tmp_path / "meet", sums), nprocs=2)
    whole = list(evz.torch.StreamDataset(folder, us=50_000, bins=2))
    n = len(whole) // 2 * 2
    total = sum(float(frame.double().sum()) for frame in whole[:n])
    for _ in range(2):
        _, (count, found) = sums.get()
        assert count == n and np.isclose(found, total, rtol=1e-3, atol=1)


def test_a_shuffled_stream(folder):
    data = evz.torch.StreamDataset(folder, us=10_000, shuffle=True)
    sums = [[float(f.sum()) for f in data], [float(f.sum()) for f in data]]
    assert sums[0] == sums[1]
    data.set_epoch(1)
    other = [float(f.sum()) for f in data]
    assert other != sums[0] and sorted(other) == sorted(sums[0])


class DsecWindows(torch.utils.data.Dataset):
    """As DSEC's: a file that is opened at the start and read in the workers."""

    def __init__(self, file):
        self.events, self.n = file["events"], len(file["ms_to_idx"]) - 34
        self.ms_to_idx = np.asarray(file["ms_to_idx"], dtype="int64")

    def __len__(self):
        return self.n // 33

    def __getitem__(self, i):
        first, last = self.ms_to_idx[[33 * i, 33 * i + 33]]
        voxels = np.zeros((2, *SIZE[::-1]), np.float32)
        places = tuple(self.events[name][first:last] for name in "pyx")
        np.add.at(voxels, places, 1)
        return voxels


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_view_in_workers(folder, method):
    data = DsecWindows(evz.h5view(folder / "cat" / "r1.evz"))
    loader = DataLoader(data, num_workers=2, multiprocessing_context=method, timeout=60)
    for i, voxels in enumerate(loader):
        assert np.array_equal(voxels[0].numpy(), data[i])
    assert i == len(data) - 1 > 5


def fails(frame):
    raise RuntimeError("out of paint")


# One worker: PyTorch waits 5 s for each that is left when an exception ends a loop.
@pytest.mark.parametrize("workers", [0, 1])
def test_a_transform_that_fails_says_where(folder, workers):
    data = evz.torch.WindowDataset(folder, us=50_000, transform=fails)
    with pytest.raises(RuntimeError, match="out of paint") as raised:
        list(DataLoader(data, num_workers=workers, timeout=60 if workers else 0))
    if sys.version_info >= (3, 11):
        said = "".join(getattr(raised.value, "__notes__", [])) + str(raised.value)
        assert "in window 0 of" in said and "r0.evz" in said


def test_a_file_that_changed(folder, tmp_path):
    write(tmp_path / "a.evz", 1)
    data = pickle.dumps(evz.torch.WindowDataset(tmp_path / "a.evz", us=50_000))
    (tmp_path / "a.evz").unlink()
    write(tmp_path / "a.evz", 2, n=5_000)
    with pytest.raises(evz.ChangedError, match="a.evz"):
        pickle.loads(data)[0]


def test_more_recordings_than_are_open_at_once(folder, monkeypatch):
    import evz.shelf

    monkeypatch.setattr(evz.shelf, "OPEN", 2)
    data = evz.torch.WindowDataset(folder, us=50_000, bins=2)
    frames = expected(folder, mode="voxel", bins=2)
    for i in (0, 39, 10, 20, 1, 30):
        assert np.array_equal(data[i].numpy(), frames[i])


def test_sensors_that_differ(tmp_path):
    for i, size in enumerate([(64, 48), (32, 24)]):
        evz.write(tmp_path / f"{i}.evz", [5, 9], [1, 2], [1, 2], [0, 1], size=size)
    with pytest.raises(ValueError, match=r"frames of 2 sizes .*64x48 of .*0.evz and 32x24"):
        evz.torch.WindowDataset(tmp_path, us=10)
    data = evz.torch.WindowDataset(tmp_path, us=10, size=(64, 48))
    assert {frame.shape for frame in data} == {torch.Size([5, 48, 64])}
    assert len(evz.torch.WindowDataset(tmp_path, us=10, mode=None)) == 2


def test_nothing_there(tmp_path):
    with pytest.raises(evz.NotFoundError, match="no file matches"):
        evz.torch.WindowDataset(tmp_path, us=1_000)
    with pytest.raises(evz.NotFoundError):
        evz.torch.WindowDataset(tmp_path / "*.evz", us=1_000)


def test_arguments_that_nobody_takes_are_named(moving):
    for data in (evz.torch.WindowDataset, evz.torch.StreamDataset):
        with pytest.raises(TypeError, match=rf"{data.__name__}\(\) has no argument 'num_bins'; did you mean 'bins'"):
            data(moving, us=10_000, num_bins=3)


def test_columns_are_tensors_of_any_pytorch(moving):
    tensors = evz.open(moving)[:100].torch()
    assert tensors["x"].tolist() == evz.open(moving)[:100].x.tolist()
    assert evz.open(moving)[:100].torch(torch.float32)["t"].dtype == torch.float32


def test_times_beyond_what_a_tick_can_be_are_held_within(tmp_path):
    most = 2**63 - 1
    evz.write(tmp_path / "ends.evz", [0, most - 1, most], [0] * 3, [0] * 3, [0, 1, 0], size=SIZE)
    for times in ([0, 2**63], np.array([0, 2**63], np.uint64), np.array([0, 2**64 - 1], np.uint64), [0, 2**64]):
        data = evz.torch.TimesDataset(tmp_path / "ends.evz", times, before_us=1_000, after_us=1_000, mode=None)
        assert data.window(1)[1:] == (most - 1_000, most)
        assert [len(data[i]) for i in range(2)] == [1, 2]
    boxes = np.zeros(2, [("t", "u8"), ("x", "f4")])
    boxes["t"] = 0, 2**63
    data = evz.torch.TimesDataset(tmp_path / "ends.evz", labels=boxes, before_us=1_000, mode=None)
    assert data.window(1)[1:] == (most - 1_000, most) and len(data[1][0]) == 2
    for wrong in ([0.5, 1], [float("nan")], [[0, 1]]):
        with pytest.raises(evz.InvalidArgumentError, match="times="):
            evz.torch.TimesDataset(tmp_path / "ends.evz", wrong)
