"""Times of Parquet and Arrow: one type, whatever the recording, by the queries of docs/tables.md as they stand there."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from command import evz_command
from golden import ROOT

duckdb = pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
import pyarrow.parquet as pq  # noqa: E402

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

PAGE = (ROOT / "docs" / "tables.md").read_text()
SQL = re.findall(r"```sql\n-- DuckDB\n(.*?)```", PAGE, re.S)[0]
PYTHON = dict(re.findall(r"```python\n# (\w+)\n(.*?)```", PAGE, re.S))


def evz(*args, code=0):
    done = subprocess.run([evz_command(), *map(str, args)], capture_output=True)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode()


def last_value(code, names):
    """What the last line of Python comes to."""
    *lines, last = code.strip().splitlines()
    exec("\n".join(lines), names)
    return eval(last, names)


@pytest.fixture(params=[("us", 0), ("us", 1_589_163_147_368_868), ("ns", 5_000_000_007), ("ms", -3_000)])
def recording(request, tmp_path, monkeypatch):
    """25 s of events as text, in units of several lengths; the first time is none of 0."""
    unit, start = request.param
    random = np.random.default_rng(7)
    t = np.sort(random.integers(0, 25_000_000, 20_000)) * 1_000
    t -= t[0]
    t = start + t // {"ns": 1, "us": 1_000, "ms": 1_000_000}[unit]
    x, y, p = (random.integers(0, n, len(t)) for n in (12, 9, 2))
    lines = "\n".join(f"{a} {b} {c} {d}" for a, b, c, d in zip(t, x, y, p))
    (tmp_path / "recording.txt").write_text(lines + "\n")
    monkeypatch.chdir(tmp_path)
    evz("convert", "recording.txt", "recording.evz", "--time-unit", unit, "--size", "12x9")
    return t, x, y, unit


def counts(t, x, y, unit):
    """Events of each pixel in seconds 10 to 20."""
    second = {"ns": 10**9, "us": 10**6, "ms": 10**3}[unit]
    inside = (t - t[0] >= 10 * second) & (t - t[0] < 20 * second)
    assert inside.sum() > 1_000
    found = np.zeros((9, 12), int)
    np.add.at(found, (y[inside], x[inside]), 1)
    return {(a, b): found[b, a] for a in range(12) for b in range(9) if found[b, a]}


def test_seconds_10_to_20_in_three_engines(recording):
    t, x, y, unit = recording
    expected = counts(t, x, y, unit)
    evz("convert", "recording.evz", "events.parquet", "--time", "relative")
    assert {(a, b): n for a, b, n in duckdb.sql(SQL).fetchall()} == expected
    found = last_value(PYTHON["Polars"], {"pl": pl})
    assert {(a, b): n for a, b, n in found.iter_rows()} == expected
    found = last_value(PYTHON["pandas"], {"pd": pd})
    assert found.to_dict() == expected
    # A number of which nobody knows the unit is no time.
    with pytest.raises(duckdb.BinderException):
        duckdb.sql("select count(*) from 'events.parquet' where t >= 10 and t < 20")


@pytest.mark.parametrize("ending", ["parquet", "arrow", "arrows"])
@pytest.mark.parametrize("option", [(), ("--time", "relative"), ("--time", "absolute"), ("--zero-t0",)])
def test_the_type_and_the_origin(recording, ending, option):
    t, _, _, unit = recording
    path = Path(f"out.{ending}")
    evz("convert", "recording.evz", path, "--from", "2s", *option)
    if ending == "parquet":
        table = pq.read_table(path)
    else:
        opened = pa.ipc.open_stream if ending == "arrows" else pa.ipc.open_file
        table = opened(path.read_bytes()).read_all()
    assert table.schema.field("t").type == pa.timestamp(unit)
    said = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    second = {"ns": 10**9, "us": 10**6, "ms": 10**3}[unit]
    kept = t[t - t[0] >= 2 * second]
    found = table["t"].cast(pa.int64()).to_numpy()
    zero = {(): 0, ("--time", "relative"): t[0], ("--zero-t0",): kept[0]}.get(option, 0)
    assert np.array_equal(found, kept - zero)
    assert int(said["evz.epoch"]) == zero and int(said["evz.t_first"]) == found[0]
    assert said["evz.clock"] == "unknown" and said["evz.time"].startswith("t counts from ")
    # What comes back is the recording, on its own clock.
    back = evz("cat", path, "--time", "absolute").splitlines()
    assert back == evz("cat", "recording.evz", "--from", "2s").splitlines()


def test_side_streams_have_the_times_of_events(tmp_path, monkeypatch):
    folder = os.environ.get("EVZ_RECORDINGS")
    if not folder:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
    monkeypatch.chdir(tmp_path)
    recording = Path(folder) / "davis346.aedat4"
    first = int(evz("cat", recording, "--events", "0..1").split()[0])
    tables = []
    for option in [(), ("--time", "relative")]:
        evz("convert", recording, "imu.parquet", "--stream", "imu", "--force", *option)
        table = pq.read_table("imu.parquet")
        assert table.schema.field("t").type == pa.timestamp("us")
        tables.append(table["t"].cast(pa.int64()).to_numpy())
    assert len(tables[0]) > 100 and np.array_equal(tables[0] - first, tables[1])


def test_a_window_without_an_end_holds_row_groups_of_the_last_instant(tmp_path):
    last, n, tied = np.iinfo(np.int64).max, 300_000, 20_000
    t = last - np.maximum(n - tied - np.arange(n), 0)
    i = np.arange(n)
    columns = {"t_us": t, "x": (i % 320).astype("u2"), "y": (i % 240).astype("u2"), "p": (i % 2).astype("u1")}
    pq.write_table(pa.table(columns), tmp_path / "far.parquet", row_group_size=5000)
    lines = evz("cat", tmp_path / "far.parquet", "--from", f"{n - tied}us").splitlines()
    assert len(lines) == tied and all(line.startswith(f"{last} ") for line in lines)
