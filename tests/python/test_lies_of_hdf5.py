"""HDF5 files that say what is not so, claim much, or say what is easily passed over, made by h5py."""

import re
import struct
import subprocess
import sys

import numpy as np
import pytest

from command import evz_command

h5py = pytest.importorskip("h5py")
pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

N = 1_000
TYPES = {"t": "u4", "x": "u2", "y": "u2", "p": "u1"}


def columns(n=N):
    dice = np.random.default_rng(0)
    t = np.arange(n) * 5
    return {"t": t, "x": dice.integers(0, 640, n), "y": dice.integers(0, 480, n), "p": dice.integers(0, 2, n)}


def dsec(file, of=None, **how):
    for name, values in (of or columns()).items():
        file.create_dataset(f"events/{name}", data=values.astype(TYPES[name]), **how)
    file["t_offset"] = 0


def evz(*args):
    done = subprocess.run([evz_command(), *map(str, args)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def rows(text):
    return np.array([[int(word) for word in line.split()] for line in text.splitlines()], dtype=int).reshape(-1, 4)


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_chunks_that_are_the_same_bytes_are_damaged(tmp_path, libver):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=libver) as file:
        dsec(file, chunks=(100,), compression="gzip", maxshape=(None,))
        file.flush()
        chunks = [file["events/x"].id.get_chunk_info(i) for i in range(10)]
    data = bytearray(path.read_bytes())
    # What leads to the fourth chunk leads to the second.
    key = struct.pack("<Q", chunks[3].byte_offset)
    assert data.count(key) == 1
    at = data.find(key)
    data[at : at + 8] = struct.pack("<Q", chunks[1].byte_offset)
    path.write_bytes(data)
    code, out, err = evz("cat", path)
    expected = np.stack(list(columns().values()), 1)
    assert code == 3 and "100 rows that are damaged" in err and "bytes of a chunk before it" in err, err
    assert np.array_equal(rows(out), np.delete(expected, slice(300, 400), 0))


def test_large_chunks_take_from_what_memory_there_is(tmp_path):
    path = tmp_path / "a.h5"
    n = 8 << 20
    with h5py.File(path, "w") as file:
        for name in "txyp":
            how = {"chunks": (n,), "compression": "gzip", "compression_opts": 1}
            file.create_dataset(f"events/{name}", shape=(2 * n,), dtype="u8", **how)[:] = 0
        file["t_offset"] = 0
    # Started by a process of its own, for what started it counts with what a process took.
    measure = "import os, sys; os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ); print(os.wait4(-1, 0)[1:])"
    command = [sys.executable, "-c", measure, evz_command(), "digest", str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    status, taken = re.search(r"\((\d+), .*ru_maxrss=(\d+)", said).groups()
    # Four columns of 64 MiB, and no more of each.
    assert status == "0"
    assert int(taken) < 400 << 10, taken
    code, _, err = evz("digest", path, "--max-memory", "100MiB")
    assert code == 1 and "dataset events/" in err and "a chunk takes 65MiB" in err and "--max-memory" in err, err
    assert evz("cat", path, "--max-memory", "100MiB")[0] == 1


def test_a_window_by_an_index_of_the_file_says_how_it_was_found(tmp_path):
    n = 200_000
    of = columns(n)
    # A run out of order, in a chunk that is none of the samples.
    of["t"][101_000:101_200] = 102_000
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        dsec(file, of, chunks=(500,))
        file["ms_to_idx"] = np.searchsorted(np.arange(n) * 5, np.arange(1_001) * 1_000).astype("u8")
    window = ["--from", "100ms", "--to", "105ms"]
    code, out, err = evz("cat", path, *window)
    assert code == 0 and len(rows(out)) == 1_000 and "only some were looked at; evz index looks at all" in err, err
    assert evz("index", path)[0] == 0
    code, out, err = evz("cat", path, *window)
    inside = np.stack(list(of.values()), 1)
    inside = inside[(inside[:, 0] >= 100_000) & (inside[:, 0] < 105_000)]
    assert code == 0 and len(inside) == 1_200 and np.array_equal(rows(out), inside), err


def named(path, names, values):
    with h5py.File(path, "w") as file:
        dsec(file)
        del file["events/p"]
        file.create_dataset("events/p", data=values, dtype=h5py.enum_dtype(names, "i1"))


@pytest.mark.parametrize("names", [{"ON": 0, "OFF": 1}, {"Positive": -1, "Negative": 7}, {"TRUE": 0, "FALSE": 1}])
def test_polarities_are_what_their_names_say(tmp_path, names):
    p = columns()["p"]
    on, off = list(names.values())
    named(tmp_path / "a.h5", names, np.where(p == 1, on, off))
    code, out, err = evz("cat", tmp_path / "a.h5")
    assert code == 0 and np.array_equal(rows(out)[:, 3], p), err
    assert f"{on}=on,{off}=off" in err
    # The same in a window by an index, whose parts are read by themselves.
    assert evz("index", tmp_path / "a.h5")[0] == 0
    _, out, _ = evz("cat", tmp_path / "a.h5", "--events", "10..20")
    assert np.array_equal(rows(out)[:, 3], p[10:20])
    # Told, they are what is told.
    _, out, _ = evz("cat", tmp_path / "a.h5", "--polarity-map", f"{on}=off,{off}=on")
    assert np.array_equal(rows(out)[:, 3], 1 - p)


def test_names_that_are_no_polarities_are_asked_for(tmp_path):
    p = columns()["p"]
    named(tmp_path / "a.h5", {"LEFT": 0, "RIGHT": 1}, p)
    code, _, err = evz("cat", tmp_path / "a.h5")
    assert code != 0 and "--polarity-map" in err and "events/p" in err, err
    code, out, _ = evz("cat", tmp_path / "a.h5", "--polarity-map", "1=on,0=off")
    assert code == 0 and np.array_equal(rows(out)[:, 3], p)
    # Those that say what numbers say are no question.
    named(tmp_path / "b.h5", {"OFF": 0, "ON": 1}, p)
    code, out, err = evz("cat", tmp_path / "b.h5")
    assert code == 0 and np.array_equal(rows(out)[:, 3], p) and "names" not in err, err


def test_an_offset_that_is_not_added_is_lost(tmp_path):
    of = columns()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, values in of.items():
            file[f"events/{name}"] = values / 1e6 if name == "t" else values.astype(TYPES[name])
        file["t_offset"] = np.int64(1_600_000_000_000_000)
    code, out, err = evz("cat", tmp_path / "a.h5", "--time-unit", "s")
    assert code == 3 and "offset of times that is not added" in err, err
    assert np.array_equal(rows(out)[:, 0], of["t"])


@pytest.mark.parametrize(
    "link, said",
    [(h5py.SoftLink("/other/t"), 'a link to "/other/t"'), (h5py.ExternalLink("b.h5", "/t"), "a link into another file")],
)
def test_links_are_said_to_be_links(tmp_path, link, said):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dsec(file)
        file["other/t"] = file["events/t"][:]
        del file["events/t"]
        file["events/t"] = link
    code, _, err = evz("cat", tmp_path / "a.h5")
    assert code == 1 and f"events/t ({said}" in err, err
