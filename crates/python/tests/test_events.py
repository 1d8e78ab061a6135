"""Events as whatever others take."""

import pickle
import warnings
from fractions import Fraction

import numpy as np
import pytest

import evz

DTYPES = {
    "openeb": np.dtype({"names": ["x", "y", "p", "t"], "formats": ["<u2", "<u2", "<i2", "<i8"]}),
    "tonic": np.dtype([("x", "i2"), ("y", "i2"), ("t", "i8"), ("p", "?")]),
    "evutils": np.dtype([("t", "i8"), ("x", "u2"), ("y", "u2"), ("p", "u1")]),
    "frames2py": np.dtype([("t", "u8"), ("x", "u2"), ("y", "u2"), ("p", "u1")]),
    "evio": np.dtype([("x", "u2"), ("y", "u2"), ("t", "i8"), ("p", "i1")]),
    "faery": np.dtype([("t", "u8"), ("x", "u2"), ("y", "u2"), (("p", "on"), "?")]),
}


@pytest.fixture
def events(moving):
    return evz.open(moving)[:2_000]


@pytest.mark.parametrize("library", DTYPES)
def test_records_of_every_library(events, library):
    records = events.numpy(DTYPES[library])
    assert records.dtype == DTYPES[library] and len(records) == len(events)
    for name in "txyp":
        assert np.array_equal(records[name], events[name])


def test_values_that_do_not_fit_are_refused(events):
    with pytest.raises(evz.InvalidArgumentError, match="uint8 does not hold"):
        events.numpy([("t", "u1")])
    with pytest.raises(evz.InvalidArgumentError, match="no column 'z'"):
        events.numpy([("z", "u1")])
    with pytest.raises(evz.InvalidArgumentError, match="has no fields"):
        events.numpy("i8")
    signed = events.numpy([("p", "i1")], signed=True)
    assert np.array_equal(signed["p"], np.where(events.p == 1, 1, -1))
    with pytest.raises(evz.InvalidArgumentError, match="-1 and 1"):
        events.numpy([("p", "?")], signed=True)


FURTHER = {
    "score": np.array([0.25, 1.0, 2.0], "f4"), "whole": np.array([-3.0, 0.0, 200.0]),
    "nan": np.array([0.0, np.nan, 1.0], "f4"), "far": np.array([0.0, 9.3e18, np.inf]), "huge": np.array([0, 1, 1e300]),
    "flag": np.array([0.0, 1.0, 1.0]), "label": np.array([0, 1, 7], "u1"),
    "stamp": np.array([0, 1, (1 << 53) + 1], "i8"), "id": np.array([0, 1, (1 << 24) + 1], "u4"),
}


@pytest.mark.parametrize(
    "name, dtype",
    [
        ("score", "i2"), ("score", ">i8"), ("score", "?"), ("nan", "i4"), ("nan", "?"), ("far", "i8"), ("far", "u8"),
        ("far", "?"), ("whole", "u1"), ("whole", "i1"), ("whole", "?"), ("huge", "f4"), ("huge", "f2"), ("huge", "i8"),
        ("label", "?"), ("stamp", "f8"), ("stamp", "f4"), ("id", "f4"), ("id", "f2"), ("id", "u2"),
    ],
)
def test_no_value_is_cut_for_want_of_room(name, dtype):
    events = evz.Events([0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 1], further=FURTHER)
    with pytest.raises(evz.InvalidArgumentError, match=f"{name} .*which {np.dtype(dtype)} does not hold"):
        events.numpy([("t", "i8"), (name, dtype)])
    with pytest.raises(evz.InvalidArgumentError, match=f"{name} .*does not hold"):
        events.array([name], dtype)


@pytest.mark.parametrize(
    "name, dtype",
    [
        ("score", "f2"), ("score", "f8"), ("nan", "f2"), ("far", "f8"), ("far", "f4"), ("whole", "i2"), ("whole", ">i8"),
        ("whole", "f2"), ("flag", "?"), ("flag", "u1"), ("label", "f2"), ("label", "i1"), ("id", "f8"), ("id", "i4"),
        ("x", "f2"), ("x", "f4"), ("p", "?"), ("t", "f4"), ("t", "u1"),
    ],
)
def test_what_a_type_holds_it_gets(name, dtype):
    events = evz.Events([0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 1], further=FURTHER)
    records, rows = events.numpy([(name, dtype)]), events.array([name], dtype, unit=None)
    for found in (records[name], rows[:, 0]):
        assert found.dtype == np.dtype(dtype) and np.array_equal(found, events[name].astype(dtype), equal_nan=found.dtype.kind == "f")


def test_times_of_another_name_are_times():
    events = evz.Events([0, 1, 20_000_001], [0, 1, 2], [0, 1, 2], [0, 1, 1])
    assert events.numpy([(("t", "ts"), "f4")])["ts"].tolist() == [0.0, 1.0, 20_000_000.0]


def test_rows_of_numbers(events):
    rows = events.array()
    assert rows.shape == (2_000, 4) and rows.dtype == np.float64
    assert np.array_equal(rows[:, 0], events.x) and np.array_equal(rows[:, 2], events.t / 1e6)
    f4 = events.array("txyp", "f4", unit="us", signed=True)
    assert np.array_equal(f4[:, 0], events.t) and set(f4[:, 3]) == {-1.0, 1.0}
    assert events.array("yxtp", "i8", unit="ms")[:, 2].tolist() == (events.t // 1_000).tolist()
    assert np.array_equal(events.array("t", "i8", unit=None)[:, 0], events.t)
    assert events.array("t", origin=int(events.t[5]))[5, 0] == 0
    with pytest.raises(evz.InvalidArgumentError, match="no unit"):
        events.array(unit="min")
    with pytest.raises(evz.InvalidArgumentError, match="does not hold"):
        events.array("xy", "i1")


def test_times_of_any_tick():
    t = np.array([0, 1, 24, 24_000_000, 1 << 58])
    events = evz.Events(t, t * 0, t * 0, t * 0, tick=Fraction(1, 24_000_000))
    assert events.array("t", "i8", unit="us")[:, 0].tolist() == [0, 0, 1, 1_000_000, (1 << 58) // 24]
    assert events.array("t")[3, 0] == 1.0
    with pytest.raises(evz.InvalidArgumentError, match="64 bits"):
        events.array("t", "i8", unit="ns")


def test_items_slices_and_masks(events):
    assert list(dict(events)) == ["t", "x", "y", "p"] and events.to_dict()["x"] is events.x
    assert events["t"] is events.t and len(events[10:20]) == 10
    on = events[events.p == 1]
    assert np.array_equal(on.t, events.t[events.p == 1]) and on.size == events.size
    assert events[-1]["t"] == events.t[-1]
    assert sum(1 for _ in events[:5]) == 5
    with pytest.raises(IndexError):
        events[2_000]


def test_arrays(events):
    assert np.asarray(events).dtype == events.dtype
    assert np.asarray(events, "f8").shape == (2_000, 4)
    assert pickle.loads(pickle.dumps(events)) == events
    assert events == events[:] and not events == events[:-1]


def test_arrow_takes_the_memory_as_it_is(events):
    pa = pytest.importorskip("pyarrow")
    batch = pa.record_batch(events)
    assert batch.schema.field("t").type == pa.int64() and batch.num_rows == 2_000
    for name in "txyp":
        assert batch.column(name).buffers()[1].address == events[name].ctypes.data
    t = events.t.copy()
    del events
    assert np.array_equal(batch.column("t").to_numpy(), t)  # it holds what it looks at
    assert batch.schema.metadata[b"evz.tick"] == b"1/1000000"


def test_recordings_are_streams_of_arrow(moving, compat):
    pa = pytest.importorskip("pyarrow")
    rec = evz.open(moving)
    table = pa.table(rec)
    assert table.equals(pa.table(rec[:]))
    part = pa.table(rec.arrow_stream(time=(1_000, 9_000), polarity="on", columns="xy"))
    assert np.array_equal(
        part["x"].to_numpy(), rec.read(time=(1_000, 9_000), polarity="on").x
    )
    columns = evz.open(compat / "v0_2_0_columns.evz")
    further = pa.table(columns)
    assert further["a.bool"].type == pa.bool_()
    assert further["a.i64"].to_numpy().tolist() == columns[:]["a.i64"].tolist()


def test_polars_and_duckdb(moving):
    rec = evz.open(moving)
    pl = pytest.importorskip("polars")
    assert pl.DataFrame(rec)["t"].to_numpy().tolist() == rec[:].t.tolist()
    duckdb = pytest.importorskip("duckdb")
    events = rec.arrow_stream(time=(0, 50_000))
    found = duckdb.sql("select count(*), sum(p) from events").fetchall()
    assert found[0] == (len(rec.time[0:50_000]), rec.time[0:50_000].p.sum())


def test_torch_takes_the_memory_as_it_is(events):
    torch = pytest.importorskip("torch")
    tensors = events.torch()
    assert tensors["t"].dtype == torch.int64
    assert tensors["t"].data_ptr() == events.t.ctypes.data
    assert events.torch(torch.float32)["x"].tolist() == events.x.tolist()


def test_columns_that_are_none():
    ok = [0, 1]
    for wrong, says in [
        ((ok, ok, ok, [0, 2]), "polarity of 2"),
        ((ok, ok, [0.5, 1], ok), "whole numbers"),
        ((ok, [0, 70_000], ok, ok), "uint16 does not hold"),
        ((ok, [-1, 0], ok, ok), "uint16 does not hold"),
        ((ok, ok, [1], ok), "different lengths"),
    ]:
        with pytest.raises(evz.InvalidArgumentError, match=says):
            evz.Events(*wrong)
    assert evz.Events(ok, ok, ok, [-1, 1]).p.tolist() == [0, 1]
    assert evz.Events(ok, ok, ok, [False, True]).p.tolist() == [0, 1]


def test_a_float_that_cannot_tell_times_apart_is_refused():
    t = np.array([1_605_537_492_000_000, 1_605_537_492_500_000])
    events = evz.Events(t, [1, 2], [3, 4], [0, 1], tick="us")
    for take in (
        lambda: events.array("txyp", "f4"),
        lambda: events.array("t", "f4", unit="us"),
        lambda: events.numpy([("t", "f4"), ("x", "u2")]),
    ):
        with pytest.raises(evz.InvalidArgumentError, match="origin=rec.start"):
            take()
    assert events.array("t", "f4", origin=int(t[0])).ravel().tolist() == [0, 0.5]
    assert events.array("t", "f8").ravel().tolist() == [1_605_537_492.0, 1_605_537_492.5]


def test_times_meant_from_the_first_event_are_noticed(tmp_path):
    t = 1_605_537_492_000_000 + np.arange(1_000)
    evz.write(tmp_path / "unix.evz", t, t % 9, t % 9, t % 2, size=(9, 9))
    rec = evz.open(tmp_path / "unix.evz")
    for take in (
        lambda: rec.time[0:500],
        lambda: rec.read(time=(0, 500)),
        lambda: rec.read_many(time=[(0, 500), (500, 900)]),
        lambda: rec.windows(times=[(0, 500)]),
        lambda: rec.windows(edges=[0, 500, 1_000]),
    ):
        with pytest.warns(evz.InferredWarning, match="the recording begins at 1605537492000000"):
            take()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(rec.time[rec.start : rec.start + 500]) == 500
        # Before it, behind it, and what is empty on purpose.
        assert len(rec.time[0:5_000_000]) == len(rec.time[1 << 60 : 1 << 61]) == 0
