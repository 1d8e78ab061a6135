"""Further columns: tables of pyarrow against those of evz, both ways, and Event Stream
against a reader that was written by its specification."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from command import evz_command
from es_reader import ATIS, COLOR, read_es

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

ENDINGS = ["parquet", "arrow", "arrows"]


def evz(*args, code=0):
    done = subprocess.run([evz_command(), *map(str, args)], capture_output=True)
    assert done.returncode == code, done.stderr.decode()
    return done.stderr.decode()


def read(path):
    if path.suffix == ".parquet":
        return pq.read_table(path)
    opened = pa.ipc.open_stream if path.suffix == ".arrows" else pa.ipc.open_file
    return opened(path.read_bytes()).read_all()


def write(table, path):
    if path.suffix == ".parquet":
        return pq.write_table(table, path)
    opened = pa.ipc.new_stream if path.suffix == ".arrows" else pa.ipc.new_file
    with opened(path, table.schema) as out:
        out.write(table)


def bits(column):
    """The values as bytes: NaN is not equal to itself."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.to_numpy(zero_copy_only=False).tobytes()


def events(n):
    return {
        "t": pa.array(np.arange(n) * 3, pa.duration("us")),
        "x": pa.array(np.arange(n) % 640, pa.uint16()),
        "y": pa.array(np.arange(n) % 480, pa.uint16()),
        "p": pa.array(np.arange(n) % 2 == 1),
    }


def further(n):
    """A column of each type, of random bytes."""
    random = np.random.default_rng(5)
    columns = {"bool": pa.array(random.integers(0, 2, n) == 1)}
    for name in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]:
        dtype = np.dtype(name)
        columns[name] = pa.array(np.frombuffer(random.bytes(n * dtype.itemsize), dtype))
    return columns


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("theirs", ENDINGS)
def test_every_type_through_evz(tmp_path, theirs, ending):
    table = pa.table(events(5_000) | further(5_000))
    source, own, path = tmp_path / f"in.{theirs}", tmp_path / "own.evz", tmp_path / f"out.{ending}"
    write(table, source)
    evz("convert", source, own)
    evz("convert", own, path)
    found = read(path)
    assert found.schema.names == table.schema.names
    assert found.schema.types[4:] == table.schema.types[4:]
    assert not any(field.nullable for field in found.schema)
    for name in table.schema.names[1:]:
        assert bits(found[name]) == bits(table[name]), name
    assert found["t"].cast(pa.int64()).to_pylist() == list(range(0, 15_000, 3))


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_pyarrow_has_and_evz_has_not(tmp_path, ending):
    others = {
        "name": pa.array(["a", "b", "c"]),
        "list": pa.array([[1], [], [2, 3]]),
        "kind": pa.array(["u", "v", "u"]).dictionary_encode(),
        "seen": pa.array([1, 2, 3], pa.timestamp("us")),
        "half": pa.array(np.array([1, 2, 3], np.float16)),
        "struct": pa.array([{"a": 1}, {"a": 2}, {"a": 3}]),
    }
    label = {"label": pa.array([7, 8, 9], pa.int16())}
    source, path = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    write(pa.table(events(3) | others | label), source)
    said = evz("convert", source, path)
    assert "columns that are not read: " + ", ".join(f'"{name}"' for name in others) in said
    found = read(path)
    assert found.schema.names == ["t", "x", "y", "p", "label"]
    assert found["label"].to_pylist() == [7, 8, 9]


@pytest.mark.parametrize("ending", ENDINGS)
def test_nulls_are_refused_and_the_way_out_is_taken(tmp_path, ending):
    label = {"label": pa.array([1, None, 3]), "score": pa.array([0.5, 1.5, 2.5])}
    source, path = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    write(pa.table(events(3) | label), source)
    said = evz("convert", source, path, code=1)
    assert "row 1" in said and '"label" is null' in said
    assert "--columns t,x,y,p,score" in said
    said = evz("convert", source, path, "--columns", "t,x,y,p,score")
    assert 'columns that are not read: "label"' in said
    assert read(path)["score"].to_pylist() == [0.5, 1.5, 2.5]


def test_more_columns_than_a_recording_has(tmp_path):
    columns = {f"c{i}": pa.array([i, i + 1], pa.uint8()) for i in range(70)}
    source, path = tmp_path / "in.parquet", tmp_path / "out.parquet"
    write(pa.table(events(2) | columns), source)
    said = evz("convert", source, path)
    assert '"c64", "c65", "c66", "c67", "c68", "c69"' in said
    found = read(path)
    assert found.schema.names[4:] == [f"c{i}" for i in range(64)]
    assert found["c63"].to_pylist() == [63, 64]


def test_floats_as_pandas_writes_them(tmp_path):
    """With null for NaN."""
    score = np.array([0.5, np.nan, -0.0])
    columns = {"label": pa.array([7, 7, 8]), "score": pa.array(score, from_pandas=True)}
    source, path = tmp_path / "in.parquet", tmp_path / "out.parquet"
    write(pa.table(events(3) | columns), source)
    assert pq.read_table(source)["score"].null_count == 1
    said = evz("convert", source, path, code=3)
    assert "1 null of further columns of floats" in said
    found = read(path)
    assert found["label"].to_pylist() == [7, 7, 8]
    assert np.array_equal(found["score"], score, equal_nan=True)
    assert np.signbit(found["score"].to_numpy()[2])


RECORDINGS = os.environ.get("EVZ_RECORDINGS")
recordings = pytest.mark.skipif(RECORDINGS is None, reason="EVZ_RECORDINGS is not set")


@recordings
def test_colours_by_the_specification(tmp_path):
    source, own = Path(RECORDINGS) / "color.es", tmp_path / "own.evz"
    path, back = tmp_path / "out.parquet", tmp_path / "back.es"
    evz("convert", source, own)
    evz("convert", own, path)
    found = read(path)
    found_kind, (_, height), rows = read_es(source.read_bytes())
    assert found_kind == COLOR
    t, x, y, *values = np.array(rows, np.int64).T
    assert np.array_equal(found["t"].cast(pa.int64()), t)
    assert np.array_equal(found["x"], x)
    assert np.array_equal(found["y"], height - 1 - y)
    for column, expected in zip(["r", "g", "b"], values, strict=True):
        assert np.array_equal(found[column].cast(pa.uint8()), expected), column
    evz("convert", own, back, "--raw-encoding", "color")
    assert back.read_bytes() == source.read_bytes()


@recordings
def test_threshold_crossings_by_the_specification(tmp_path):
    source, own = Path(RECORDINGS) / "atis.es", tmp_path / "own.evz"
    path, back = tmp_path / "out.parquet", tmp_path / "back.es"
    evz("convert", source, own)
    evz("convert", own, path, "--stream", "exposure")
    found = read(path)
    kind, (_, height), rows = read_es(source.read_bytes())
    assert kind == ATIS
    t, x, y, is_second, _ = np.array([row for row in rows if row[4]], np.int64).T
    assert np.array_equal(found["t"].cast(pa.int64()), t)
    assert np.array_equal(found["x"], x)
    assert np.array_equal(found["y"], height - 1 - y)
    assert np.array_equal(found["is_second"].cast(pa.int64()), is_second)
    # Of one microsecond, crossings come first.
    evz("convert", own, back, "--raw-encoding", "atis")
    _, _, again = read_es(back.read_bytes())
    for crossing in (0, 1):
        assert [r for r in again if r[4] == crossing] == [r for r in rows if r[4] == crossing]


@recordings
def test_generic_events_by_the_specification(tmp_path):
    source, own, path = Path(RECORDINGS) / "generic.es", tmp_path / "own.evz", tmp_path / "out.parquet"
    evz("convert", source, own)
    evz("convert", own, path, "--stream", "generic")
    found = read(path)
    _, _, rows = read_es(source.read_bytes())
    assert found["t"].cast(pa.int64()).to_pylist() == [t for t, _ in rows]
    assert found["data"].to_pylist() == [data for _, data in rows]
