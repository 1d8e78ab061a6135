"""Packs: many short recordings in one file."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import evz


def recording(path, t, size=(34, 34)):
    t = np.asarray(t, np.int64)
    n = np.arange(len(t))
    columns = {"t": t, "x": n % 34, "y": n * 7 % 34, "p": n % 2}
    evz.write(path, columns, size=size)
    return columns


@pytest.fixture
def made(tmp_path):
    """A pack of five recordings in two classes, and their columns by name."""
    columns = {}
    rng = np.random.default_rng(3)
    for k in range(5):
        name = f"class{k % 2}/{k}.evz"
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        columns[name] = recording(path, np.sort(rng.integers(1000 * k, 1000 * k + 900, 200 + k)))
    out = tmp_path / "pack.evz"
    subprocess.run([sys.executable, "-m", "evz", "pack", tmp_path / "set", out], check=True)
    return out, columns


def test_samples_by_number_and_name(made):
    path, columns = made
    with evz.open(path) as pack:
        assert len(pack.samples) == 5
        assert pack.samples.names == sorted(columns)
        assert pack.samples.labels == [name.split("/")[0] for name in sorted(columns)]
        assert pack.samples.classes == ["class0", "class1"]
        assert pack.samples.targets.tolist() == [0, 0, 0, 1, 1]
        for i, name in enumerate(sorted(columns)):
            sample = pack.samples[i]
            assert (sample.name, sample.size, len(sample)) == (name, (34, 34), len(columns[name]["t"]))
            for events in (sample.read(), pack.samples[name].read(), evz.open(path, sample=name)[:]):
                for column in "txyp":
                    np.testing.assert_array_equal(events[column], columns[name][column])
            assert sample.time_range == (columns[name]["t"][0], columns[name]["t"][-1])
            np.testing.assert_array_equal(sample.read(columns="x")["x"], columns[name]["x"])
        assert [s.name for s in pack.samples[-2:]] == sorted(columns)[-2:]


def test_a_frame_is_that_of_the_recording(made, tmp_path):
    path, columns = made
    name = "class1/3.evz"
    frame = evz.open(path).samples[name].frame("counts")
    expected = np.zeros((2, 34, 34))
    c = columns[name]
    np.add.at(expected, (c["p"], c["y"], c["x"]), 1)
    assert sorted(map(float, frame.sum((1, 2)))) == sorted(expected.sum((1, 2)).tolist())
    np.testing.assert_array_equal(frame.sum(0), expected.sum(0))


def test_what_is_no_pack_and_what_is_not_there(made, tmp_path):
    path, _ = made
    recording(tmp_path / "one.evz", [1, 2])
    with pytest.raises(evz.InvalidArgumentError, match="is no pack"):
        evz.open(tmp_path / "one.evz").samples
    with pytest.raises(evz.InvalidArgumentError, match="no sample is called"):
        evz.open(path).samples["class0/9.evz"]
    with pytest.raises(IndexError):
        evz.open(path).samples[5]


def test_a_pack_that_was_cut_gives_the_samples_that_are_whole(made, tmp_path):
    path, columns = made
    cut = tmp_path / "cut.evz"
    evz.convert(path, cut, events=(0, 500))
    samples = evz.open(cut).samples
    whole = samples[0].read()
    np.testing.assert_array_equal(whole["t"], columns[samples[0].name]["t"])
    with pytest.raises(evz.CorruptError, match="cut or filtered"):
        samples[2].read()


@pytest.fixture(params=["in order", "not in order", "as many in all"])
def in_part(request, made, tmp_path):
    """A pack that has all of sample 0 and a part of sample 2."""
    path, out = made[0], tmp_path / "part.evz"
    if request.param == "in order":
        evz.convert(path, out, events=(0, 500))
        return out
    pack = evz.open(path)
    bounds, _ = pack.samples.bounds()
    if request.param == "as many in all":
        # The last event of sample 2 is in sample 3.
        events = pack.read()
        events["t"][pack.searchsorted(bounds[2, 1]) - 1] = bounds[3, 0]
    else:
        order = np.arange(500)
        order[[3, 9]] = order[[9, 3]]
        events = pack[:500][order]
    with evz.Writer(out, size=(34, 34)) as writer:
        writer.write(events)
        writer.write_side("samples", pack.read(stream="samples"))
    assert evz.open(out).sorted == (request.param == "as many in all")
    return out


@pytest.mark.filterwarnings("ignore:.*times run backwards")
@pytest.mark.parametrize(
    "way",
    [
        lambda path, i: evz.open(path).samples[i].read(),
        lambda path, i: evz.open(path).samples[i].read(columns="x"),
        lambda path, i: evz.open(path).samples[i].frame("counts"),
        lambda path, i: evz.open(path).samples[i].frame(like="e2vid"),
        lambda path, i: evz.open(path, sample=i)[:],
    ],
)
def test_no_way_leads_to_a_part_of_a_sample(in_part, way):
    assert len(way(in_part, 0))
    with pytest.raises(evz.CorruptError, match="cut or filtered"):
        way(in_part, 2)


@pytest.mark.filterwarnings("ignore:.*times run backwards")
@pytest.mark.parametrize("how", [{"mode": "counts"}, {"mode": None}, {"mode": None, "polarity": "on"}])
def test_a_data_set_has_no_part_of_a_sample(in_part, how):
    pytest.importorskip("torch")
    import evz.torch

    data = evz.torch.SampleDataset(in_part, **how)
    sample, label = data[0]
    assert len(sample) and label == 0
    name = evz.open(in_part).samples[2].name
    for way in (lambda: data[2], lambda: data.__getitems__([0, 2]), lambda: pickle.loads(pickle.dumps(data))[2]):
        with pytest.raises(evz.CorruptError, match=f"{name} has .* cut or filtered"):
            way()


def test_lengths_are_those_of_the_samples(made):
    samples = evz.open(made[0]).samples
    assert samples.lengths.tolist() == [len(sample) for sample in samples]


def test_a_data_set_of_samples(made):
    torch = pytest.importorskip("torch")
    import evz.torch

    path, columns = made
    data = evz.torch.SampleDataset(path, mode="counts")
    assert (len(data), data.classes) == (5, ["class0", "class1"])
    frame, label = data[3]
    assert isinstance(frame, torch.Tensor) and label == 1
    np.testing.assert_array_equal(frame.numpy(), evz.open(path).samples[3].frame("counts"))
    events = evz.torch.SampleDataset(path, mode=None)
    for i, name in enumerate(sorted(columns)):
        np.testing.assert_array_equal(events[i][0]["t"], columns[name]["t"])
    loader = torch.utils.data.DataLoader(events, batch_size=5, collate_fn=evz.torch.collate_events, num_workers=2)
    (batch, labels), = loader
    assert labels.tolist() == [0, 0, 0, 1, 1]
    np.testing.assert_array_equal(batch["t"], np.concatenate([columns[n]["t"] for n in sorted(columns)]))
