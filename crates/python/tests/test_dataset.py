"""Queries of recordings in place against the same queries of their columns in memory, and what they read."""

import io
import pickle

import evz
import numpy as np
import pytest
from needs import needs

pa, pc = needs("pyarrow", "pyarrow.compute")

CHUNK = 65_536
N = 20 * CHUNK + 1_000


def write(path, first, columns=None):
    rng = np.random.default_rng(first)
    t = first + np.sort(rng.integers(0, 10_000_000, N))
    x, y, p = rng.integers(0, 320, N), rng.integers(0, 240, N), rng.integers(0, 2, N)
    evz.write(path, t, x, y, p, size=(320, 240), profile="fast")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two recordings of 21 chunks each, the second one behind the first in time."""
    root = tmp_path_factory.mktemp("tables")
    write(root / "a.evz", 0)
    write(root / "b.evz", 20_000_000)
    return root


@pytest.fixture
def data(folder):
    return evz.dataset(folder / "*.evz")


@pytest.fixture(scope="module")
def table(folder):
    return pa.concat_tables(pa.table(evz.open(folder / f"{name}.evz")) for name in "ab")


@pytest.fixture
def reads(monkeypatch):
    """What is read: recording, chunks, columns."""
    seen = []
    read = evz.Recording.read

    def spy(self, **how):
        start, stop = how["events"]
        seen.append((self.name[-5], start // CHUNK, -(-stop // CHUNK), "".join(how["columns"])))
        return read(self, **how)

    monkeypatch.setattr(evz.Recording, "read", spy)
    return seen


def chunks(reads):
    return sum(stop - start for _, start, stop, _ in reads)


def test_it_is_the_table(data, table, reads):
    assert data.schema.names == ["t", "x", "y", "p"] and data.schema.metadata[b"evz.tick"] == b"1/1000000"
    assert data.to_table().equals(table.cast(data.schema))
    assert data.count_rows() == 2 * N
    assert chunks(reads) == 42
    assert data.head(5).num_rows == 5
    assert data.take([3, 2 * N - 1]).column("t").to_pylist() == [
        table["t"][3].as_py(), table["t"][2 * N - 1].as_py(),
    ]


def test_a_window_reads_its_chunks_and_columns(data, table, reads):
    window = (pc.field("t") >= 3_000_000) & (pc.field("t") < 3_100_000)
    found = data.to_table(columns=["x"], filter=window)
    assert found["x"].to_pylist() == table.filter(window)["x"].to_pylist()
    assert chunks(reads) <= 2 and {name for name, *_ in reads} == {"a"}
    assert {columns for *_, columns in reads} == {"tx"}


class Counting(io.BytesIO):
    """A file that counts the bytes that are read of it."""

    n_read = 0

    def read(self, *args):
        data = super().read(*args)
        self.n_read += len(data)
        return data


def test_bytes_that_are_read(folder):
    file = Counting((folder / "a.evz").read_bytes())
    data = evz.dataset(file)
    opening, file.n_read = file.n_read, 0
    window = (pc.field("t") >= 3_000_000) & (pc.field("t") < 3_100_000)
    assert data.to_table(filter=window).num_rows > 10_000
    whole = len(file.getbuffer())
    assert opening < whole / 20 and 0 < file.n_read < whole * 2.5 / 21


@pytest.mark.parametrize(
    ("condition", "most"),
    [
        (pc.field("t") < 0, 0),
        (pc.field("x") > 400, 0),
        (pc.field("t") > 29_999_000, 1),
        ((pc.field("p") == 1) & ((pc.field("t") < 1_000) | (pc.field("t") > 29_999_000)), 2),
        (pc.field("t").isin([5_000_000, 25_000_000]), 4),
        (~(pc.field("t") < 29_900_000), 2),
        (pc.field("y") == 7, 42),
    ],
)
def test_conditions(data, table, reads, condition, most):
    assert data.to_table(filter=condition).equals(table.filter(condition).cast(data.schema))
    assert chunks(reads) <= most
    reads.clear()
    assert data.filter(condition).count_rows() == data.count_rows(condition) == table.filter(condition).num_rows
    assert data.filter(condition).filter(pc.field("t") < -1).to_table().num_rows == 0


def test_expressions_as_columns(data):
    late = pc.field("t") > 29_999_000
    found = data.to_table(columns={"us": pc.field("t") * 2, "on": pc.field("p") == 1}, filter=late)
    assert found.schema.names == ["us", "on"] and min(found["us"].to_pylist()) > 59_998_000
    by_place = data.to_table(columns={"first": pc.field(0)}, filter=late)
    assert by_place["first"].to_pylist() == [us // 2 for us in found["us"].to_pylist()]


def test_paths_of_files(folder, reads):
    data = evz.dataset(folder, include_file_paths="file")
    of_b = data.to_table(columns=["file"], filter=pc.field("file") == str(folder / "b.evz"))
    assert of_b.num_rows == N and {name for name, *_ in reads} == {"b"}
    assert set(of_b["file"].to_pylist()) == {str(folder / "b.evz")}
    assert set(data.files) == {str(folder / "a.evz"), str(folder / "b.evz")}


def test_what_has_no_side_in_c(data, table):
    late = data.filter(pc.field("t") > 29_999_900)
    assert late.sort_by("x").to_table()["x"].to_pylist() == sorted(late.to_table()["x"].to_pylist())
    names = pa.table({"p": pa.array([0, 1], pa.uint8()), "name": ["off", "on"]})
    assert set(late.join(names, "p").to_table().column_names) == {"t", "x", "y", "p", "name"}
    assert data.replace_schema(data.schema) is data
    again = pickle.loads(pickle.dumps(late))
    assert again.to_table().equals(late.to_table())
    assert sum(batch.num_rows for batch in data.to_batches(columns=["p"])) == 2 * N


def test_ticks_that_differ(tmp_path):
    evz.write(tmp_path / "us.evz", [1], [1], [1], [1])
    evz.write(tmp_path / "ns.evz", [1], [1], [1], [1], tick="ns")
    with pytest.raises(ValueError, match="ticks of 1/1000000, 1/1000000000 s"):
        evz.dataset(tmp_path)


def test_an_empty_recording(tmp_path):
    evz.write(tmp_path / "none.evz", [], [], [], [])
    data = evz.dataset(tmp_path / "none.evz")
    assert data.to_table().num_rows == data.count_rows() == 0


def test_a_damaged_chunk_is_an_error(folder, tmp_path):
    whole = (folder / "a.evz").read_bytes()
    middle = len(whole) // 2
    (tmp_path / "bad.evz").write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    data = evz.dataset(tmp_path / "bad.evz")
    assert data.to_table(filter=pc.field("t") < 100_000).num_rows
    with pytest.raises(evz.CorruptError):
        data.to_table()


def test_duckdb(data, table, reads):
    duckdb, whole = needs("duckdb"), table
    query = "select x, y, count(*) n from {} where t between 3000000 and 3100000 and p = 1 group by all order by all"
    found = duckdb.sql(query.format("data")).fetchall()
    assert chunks(reads) <= 2 and len(found) > 1_000
    assert found == duckdb.sql(query.format("whole")).fetchall()
    assert duckdb.sql("select count(*) from data").fetchall() == [(2 * N,)]
    assert duckdb.sql("select max(t), min(x) from data where t < 0").fetchall() == [(None, None)]
    reads.clear()
    found = duckdb.sql("select a.t from data a join (select 29999999 as t) b on a.t = b.t").fetchall()
    assert len(found) == pc.sum(pc.equal(table["t"], 29_999_999)).as_py()


def test_polars(folder, table, reads):
    pl = needs("polars")
    frame = evz.scan(folder)
    found = frame.filter(pl.col("t").is_between(3_000_000, 3_100_000)).select("x", "p").collect()
    assert chunks(reads) <= 2 and {columns for *_, columns in reads} == {"txp"}
    window = (pc.field("t") >= 3_000_000) & (pc.field("t") <= 3_100_000)
    assert found["x"].to_list() == table.filter(window)["x"].to_pylist()
    busiest = frame.group_by("x", "y").len().sort("len", "x", "y", descending=True).collect()
    assert busiest["len"].sum() == 2 * N


def test_datafusion(data, table, reads):
    datafusion = needs("datafusion")
    context = datafusion.SessionContext()
    context.register_dataset("events", data)
    found = context.sql("select x, y from events where t >= 3000000 and t < 3100000").to_arrow_table()
    window = (pc.field("t") >= 3_000_000) & (pc.field("t") < 3_100_000)
    assert chunks(reads) <= 2
    assert sorted(found["x"].to_pylist()) == sorted(table.filter(window)["x"].to_pylist())
    total = context.sql("select count(*) as n from events").to_pydict()
    assert total == {"n": [2 * N]}
