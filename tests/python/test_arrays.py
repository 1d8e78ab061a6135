"""Further columns of NumPy arrays: what numpy writes is read, and what evz writes numpy reads."""

import subprocess

import numpy as np
import pytest

from command import evz_command

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

N = 1000
TYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]


def evz(*args, code=0):
    done = subprocess.run([evz_command(), *map(str, args)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stderr


def events():
    p = np.arange(N) % 3 == 0
    return {"t": np.arange(N, dtype="i8") * 7, "x": np.arange(N, dtype="u2"), "y": np.full(N, 9, "u2"), "p": p}


def further():
    """A column of each type, of any bits: floats that are no number among them."""
    random, columns = np.random.default_rng(1), {}
    for kind in TYPES:
        dtype = np.dtype(kind)
        values = random.integers(0, 256, N * dtype.itemsize, dtype=np.uint8)
        columns[f"c{kind}é'"] = values % 2 == 1 if kind == "?" else values.view(dtype)
    return columns


def swapped(values):
    return values.astype(values.dtype.newbyteorder(">"))


def through_evz(tmp_path, source, ending, *options):
    evz("convert", source, tmp_path / "own.evz", "--time-unit", "us", *options)
    evz("convert", tmp_path / "own.evz", tmp_path / f"back.{ending}")
    return np.load(tmp_path / f"back.{ending}")


def assert_holds(array, columns):
    for name, values in columns.items():
        assert array[name].dtype == values.dtype, name
        assert array[name].tobytes() == values.tobytes(), name


@pytest.mark.parametrize("ending", ["npy", "npz"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_members_of_every_type(tmp_path, save, ending):
    # Big-endian integers; floats as they are, for numpy may quiet a NaN that it swaps.
    members = {n: swapped(v) if v.dtype.kind in "iu" else v for n, v in further().items()}
    save(tmp_path / "theirs.npz", **members, **events(), half=np.zeros(N, "f2"), short=np.zeros(3))
    back = through_evz(tmp_path, tmp_path / "theirs.npz", ending)
    assert_holds(back, events() | further())
    assert not {"half", "short"} & set(back.files if ending == "npz" else back.dtype.names)


@pytest.mark.parametrize("ending", ["npy", "npz"])
@pytest.mark.parametrize("align", [False, True])
def test_fields_in_any_order(tmp_path, align, ending):
    fields = [("w", ">f8"), ("y", "u2"), ("flag", "?"), ("t", ">i8"), ("nested", [("a", "u1")]), ("half", "f2"),
              ("x", "u2"), ("box", "f4", (2,)), ("p", "i1"), ("label", ">i2")]
    records = np.zeros(N, np.dtype(fields, align=align))
    for name, values in events().items():
        records[name] = values
    expected = {"w": np.linspace(-1, 1, N), "flag": np.arange(N) % 5 == 0, "label": np.arange(N, dtype="i2") - 500}
    for name, values in expected.items():
        records[name] = values
    np.save(tmp_path / "theirs.npy", records)
    said = evz("convert", tmp_path / "theirs.npy", tmp_path / "said.npz", "--time-unit", "us")
    assert '"nested", "half", "box"' in said
    assert_holds(through_evz(tmp_path, tmp_path / "theirs.npy", ending), events() | expected)


@pytest.mark.parametrize("order", ["C", "F"])
def test_plain_numbers_with_more_columns(tmp_path, order):
    label, weight = np.arange(N) % 200, np.arange(N) / 8
    rows = np.stack([*events().values(), label, np.zeros(N), weight], axis=1)
    np.save(tmp_path / "theirs.npy", np.asarray(rows, order=order))
    said = evz("convert", tmp_path / "theirs.npy", tmp_path / "own.evz", code=1)
    assert "--columns" in said
    columns = ["--columns", "t,x,y,p,label:u8,-,weight"]
    back = through_evz(tmp_path, tmp_path / "theirs.npy", "npz", *columns)
    assert_holds(back, events() | {"label": label.astype("u1"), "weight": weight})
