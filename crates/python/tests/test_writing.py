"""What is written is read again, and what fails leaves nothing."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from fractions import Fraction

import numpy as np
import pytest

import evz


@pytest.fixture
def events(moving):
    return evz.open(moving)[:5_000]


@pytest.mark.parametrize("name", ["a.evz", "a.csv", "a.raw", "a.dat", "a.parquet", "a.npy", "a.aedat4"])
@pytest.mark.filterwarnings("ignore")
def test_every_format_gives_the_events_back(events, tmp_path, name):
    evz.write(tmp_path / name, events)
    back = evz.open(tmp_path / name)
    assert np.array_equal(back[:].x, events.x) and np.array_equal(back[:].p, events.p)
    assert np.array_equal(back[:].t - back.start, events.t - events.t[0])


@pytest.mark.parametrize("time", ["recorded", "relative", "absolute", "zero"])
def test_times_count_from_where_they_are_told(moving, tmp_path, time):
    every = evz.open(moving)
    done = evz.convert(moving, tmp_path / "a.evz", seconds=(0.01, 0.02), time=time)
    t = every.s[0.01:0.02].t
    zero = {"relative": every.start, "zero": t[0]}.get(time, 0)
    back = evz.open(tmp_path / "a.evz")
    assert not done.losses and np.array_equal(back["t"][:], t - zero)
    with pytest.raises(evz.InvalidArgumentError, match="recorded, absolute, relative or zero"):
        evz.convert(moving, tmp_path / "b.evz", time="t0")


def test_whatever_holds_events_is_written(events, tmp_path):
    ways = {
        "columns": (events.t, events.x, events.y, events.p),
        "records": (events.numpy(),),
        "dict": (events.to_dict(),),
        "signed": (events.t, events.x, events.y, np.where(events.p, 1, -1)),
        "lists": tuple(events[k].tolist() for k in "txyp"),
        "events": (events,),
    }
    for name, given in ways.items():
        evz.write(tmp_path / f"{name}.evz", *given, size=(240, 180))
        assert evz.open(tmp_path / f"{name}.evz")[:] == events, name
    evz.write(tmp_path / "again.evz", evz.open(tmp_path / "dict.evz"), profile="fast")
    assert evz.open(tmp_path / "again.evz")[:] == events


def test_all_that_a_recording_has(tmp_path):
    n = 1_000
    t = np.arange(n) * 24
    path = tmp_path / "all.evz"
    metadata = {"place": "Zürich", "n": 7, "f": 0.5, "yes": True, "raw": b"\x00\xff", "list": [1, {"a": 2}]}
    label = np.arange(n, dtype="u2")
    with evz.Writer(
        path, size=(640, 480), tick=Fraction(1, 24_000_000), columns={"label": "u2", "score": "f4"},
        name="left", metadata=metadata, profile="fast",
    ) as writer:
        writer.write(t, t % 640, t % 480, t % 2, label=label, score=label.astype("f4") / 3)
        right = writer.add_stream("right", size=(64, 48))
        writer.write(t[:5], [1] * 5, [2] * 5, [1] * 5, stream=right)
        writer.write_side("imu", {"t": [0, 24], "accel": np.array([0.5, 1.5], "f4"), "blob": [b"a", b""]})
    rec = evz.open(path)
    assert rec.streams == ("left", "right") and rec.side_streams == {"imu": 2}
    left = rec.stream("left")
    assert left.tick == Fraction(1, 24_000_000) and left.size == (640, 480)
    assert {k: left.metadata[k] for k in metadata} == metadata
    assert np.array_equal(left[:].label, label) and left[:].score.dtype == np.float32
    assert rec.stream("right").size == (64, 48) and len(rec.stream("right")) == 5
    imu = rec.read(stream="imu")
    assert imu["accel"].tolist() == [0.5, 1.5] and imu["blob"] == [b"a", b""]


def test_what_fails_leaves_no_file(events, tmp_path):
    path = tmp_path / "half.evz"
    with pytest.raises(ZeroDivisionError), evz.Writer(path) as writer:
        writer.write(events)
        1 / 0
    with pytest.raises(evz.InvalidArgumentError, match="polarity of 4"), evz.Writer(path) as writer:
        writer.write(events.t, events.x, events.y, events.p + 3)
    assert os.listdir(tmp_path) == []
    writer = evz.Writer(path)
    writer.write(events)
    del writer
    assert os.listdir(tmp_path) == []


def test_a_file_is_not_replaced_unless_told(events, tmp_path):
    path = tmp_path / "a.evz"
    evz.write(path, events)
    with pytest.raises(evz.InvalidArgumentError, match="pass replace=True") as caught:
        evz.write(path, events[:10])
    assert caught.value.argument == "replace" and len(evz.open(path)) == 5_000
    evz.write(path, events[:10], replace=True)
    assert len(evz.open(path)) == 10


def test_columns_that_are_not_those_of_the_stream(events, tmp_path):
    with evz.Writer(tmp_path / "a.evz", columns={"label": "u1"}) as writer:
        with pytest.raises(evz.InvalidArgumentError, match="'label' is missing"):
            writer.write(events)
        with pytest.raises(evz.InvalidArgumentError, match="of uint8 in the stream"):
            writer.write(events.t, events.x, events.y, events.p, label=events.t)
        with pytest.raises(evz.InvalidArgumentError, match="does not have: other"):
            writer.write(events.t, events.x, events.y, events.p, label=events.p, other=events.p)
        with pytest.raises(evz.InvalidArgumentError, match="events are given as"):
            writer.write(events.t)
    with pytest.raises(evz.InvalidArgumentError, match="closed"):
        writer.write(events.t, events.x, events.y, events.p, label=events.p)


def test_values_are_the_same_in_any_order_of_their_bytes(tmp_path):
    """Of arrays of a machine of the other byte order NumPy says what their values are."""
    numbers = np.arange(300) * 7 + 300
    t, x, y, p = numbers.astype(">i8"), (numbers % 640).astype(">u2"), (numbers % 480).astype(">u2"), numbers % 2
    types = ("i2", "i4", "i8", "u2", "u4", "u8", "f4", "f8")
    further = {of: (numbers / 3 if of[0] == "f" else numbers).astype(f">{of}") for of in types}
    side = {"t": t, "count": further["u2"], "more": further["i8"], "gyro": further["f4"], "fine": further["f8"]}
    with evz.Writer(tmp_path / "a.evz", columns={of: column.dtype for of, column in further.items()}) as writer:
        writer.write(t, x, y, p, **further)
        writer.write_side("imu", side)
    events = evz.Events(t, x, y, p, further=further)
    evz.write(tmp_path / "b.evz", events)
    evz.write(tmp_path / "c.evz", np.rec.fromarrays([t, x, y, p, *further.values()], names=["t", "x", "y", "p", *types]))
    for name in "abc":
        rec = evz.open(tmp_path / f"{name}.evz")
        found = rec[:]
        assert np.array_equal(found.t, t) and np.array_equal(found.x, x) and np.array_equal(found.y, y)
        for of, column in further.items():
            assert found[of].dtype == np.dtype(of) and np.array_equal(found[of], column), (name, of)
    imu = evz.open(tmp_path / "a.evz").read(stream="imu")
    assert all(np.array_equal(imu[name], values) for name, values in side.items())
    for of, column in further.items():
        assert np.array_equal(rec[:].numpy([(of, f">{of}")])[of], column)
        with pytest.raises(evz.InvalidArgumentError, match="it takes one row of"):
            rec.read(out={of: np.zeros(300, f">{of}")})
    how = {"count": 300, "mode": "counts", "size": (640, 480)}
    frame = rec.frames(**how)[0]
    assert frame.sum() == 300
    assert np.array_equal(rec.frames(**how, dtype=">u4")[0], frame)
    assert np.array_equal(rec.frames(**how, dtype=">u4", out=np.zeros(frame.shape, ">u4"))[0], frame)
    pa = pytest.importorskip("pyarrow")
    table = pa.table(events)
    assert all(table[of].to_pylist() == column.tolist() for of, column in further.items())


@pytest.mark.parametrize("name", ["a.raw", "a.dat", "a.aedat4", "a.h5"])
@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
def test_columns_that_a_format_has_no_place_for_are_a_loss(events, tmp_path, name):
    n = len(events)
    further = {"label": np.arange(n, dtype="u2"), "score": np.ones(n, "f4")}
    evz.write(tmp_path / "labelled.evz", *(events[k] for k in "txyp"), size=events.size, columns=further)
    with pytest.warns(evz.LossWarning, match="2 further columns"):
        evz.write(tmp_path / name, evz.open(tmp_path / "labelled.evz"))
    with evz.Writer(tmp_path / f"b{name}", size=events.size, columns={"label": "u2", "score": "f4"}) as writer:
        writer.write(events.t, events.x, events.y, events.p, **further)
        with pytest.warns(evz.LossWarning, match="2 further columns .*label; score"):
            writer.close()
    with pytest.warns(evz.LossWarning, match="2 further columns"):
        converted = evz.convert(tmp_path / "labelled.evz", tmp_path / f"c{name}")
    assert writer.report.losses == converted.losses
    with evz.Writer(tmp_path / f"d{name}", size=events.size, columns={"label": "u2"}) as writer:
        # Without an event there was nothing in the column.
        pass
    assert writer.report.losses == ()


@pytest.mark.parametrize("name", ["a.evz", "a.csv", "a.npy", "a.parquet"])
@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
def test_columns_that_a_format_holds_are_no_loss(events, tmp_path, name):
    label = np.arange(len(events), dtype="u2")
    with evz.Writer(tmp_path / name, size=events.size, columns={"label": "u2"}) as writer:
        writer.write(events.t, events.x, events.y, events.p, label=label)
    assert writer.report.losses == () and np.array_equal(evz.open(tmp_path / name)[:]["label"], label)


@pytest.mark.parametrize(
    "other, says",
    [
        ({"accel": np.zeros(2, "f4"), "gyro": np.zeros(2, "f4")}, r"accel \(float32\), gyro \(float32\), which"),
        ({"gyro": np.zeros(2, "f4")}, r"t \(int64\), gyro \(float32\), which"),
        ({"accel": np.zeros(2, "f8")}, r"accel \(float64\), which"),
        ({"accel": [b"a", b"b"]}, r"accel \(bytes\), which"),
        ({}, r"t \(int64\), which"),
    ],
)
def test_rows_of_different_columns_are_not_put_beside_each_other(tmp_path, other, says):
    accel = np.array([0.5, 1.5, 2.5], "f4")
    with evz.Writer(tmp_path / "a.evz") as writer:
        writer.write([0, 100], [1, 1], [2, 2], [1, 1])
        writer.write_side("imu", {"t": [1, 2, 3], "accel": accel})
        writer.write_side("imu", {"t": [11, 12]} | other)
    rec = evz.open(tmp_path / "a.evz")
    with pytest.raises(evz.UnsupportedError, match=rf"a.evz: .* imu .*accel \(float32\), .*tick 11 on, .*{says}.*time="):
        rec.read(stream="imu")
    # What the error advises.
    first, second = rec.read(stream="imu", time=(0, 10)), rec.read(stream="imu", time=(10, 20))
    assert first.t.tolist() == [1, 2, 3] and np.array_equal(first["accel"], accel)
    assert second.t.tolist() == [11, 12] and set(second) == {"t", *other}
    assert rec.read(stream="imu", time=(4, 10)).n_rows == 0


def test_rows_of_two_event_streams_with_different_columns(tmp_path):
    with evz.Writer(tmp_path / "two.evz", name="left") as writer:
        right = writer.add_stream("right")
        for stream, name in enumerate(["accel", "gyro"]):
            writer.write([1], [1], [1], [1], stream=stream)
            writer.write_side("imu", {"t": [1], name: np.ones(1, "f4")}, stream=stream)
    rec = evz.open(tmp_path / "two.evz")
    with pytest.raises(evz.UnsupportedError, match=r"accel .*gyro .*rec\.stream"):
        rec.read(stream="imu")
    assert set(rec.stream("left").read(stream="imu")) == {"t", "accel"}
    assert set(rec.stream(right).read(stream="imu")) == {"t", "gyro"}


@pytest.mark.filterwarnings("ignore:.*OTHERS")
def test_conversion_says_what_it_did(recordings, truth, tmp_path):
    with pytest.warns(evz.InferredWarning, match="clock of 24 bits"):
        done = evz.convert(recordings / "evt3.raw", tmp_path / "a.evz", profile="fast")
    assert done.events == truth["evt3.raw"]["events"] and not done.losses
    assert any("clock" in note for note in done.notes)
    part = evz.convert(
        tmp_path / "a.evz", tmp_path / "part.csv", seconds=(1, 2), polarity="on", roi=(0, 0, 640, 720),
        separator="semicolon", time_unit="us", header="names",
    )
    rec = evz.open(tmp_path / "a.evz")
    wanted = rec.read(
        time=(rec.start + 1_000_000, rec.start + 2_000_000), polarity="on", roi=(0, 0, 640, 720)
    )
    lines = (tmp_path / "part.csv").read_text().splitlines()
    assert part.events == len(wanted) == len(lines) - 1
    assert lines[1].split(";")[:3] == [str(v) for v in (wanted.t[0], wanted.x[0], wanted.y[0])]


@pytest.mark.filterwarnings("ignore")
def test_conversion_of_side_streams_and_of_several(recordings, moving, tmp_path):
    rows = evz.convert(recordings / "davis346.aedat4", tmp_path / "imu.csv", stream="imu")
    assert rows.events == 2363
    evz.convert([moving, moving.parent / "events.txt"], tmp_path / "two.evz")
    assert evz.open(tmp_path / "two.evz").streams == ("moving", "events")


def test_conversion_that_cannot_be(moving, tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("1000 3 7 1\n2000 4 7 0\n")
    for wrong, made, argument in [
        (dict(source=text, path=tmp_path / "a.evz", columns="txyp"), evz.AmbiguousError, "time_unit"),
        (dict(source=moving, path=tmp_path / "a.what"), evz.InvalidArgumentError, "output_format"),
        (dict(source=moving, path=tmp_path / "b.evz", separator="comma"), evz.InvalidArgumentError, "separator"),
        (dict(source=moving, path=tmp_path / "b.evz", profile="tiny"), evz.InvalidArgumentError, "profile"),
    ]:
        with pytest.raises(made) as caught:
            evz.convert(**wrong)
        assert caught.value.argument == argument, caught.value
    assert sorted(os.listdir(tmp_path)) == ["a.txt"]


def test_conversion_tells_its_progress(tmp_path):
    big = tmp_path / "big.txt"
    line = "".join(f"{i / 1e6:.6f} {i % 200} {i % 100} {i % 2}\n" for i in range(100_000))
    shifted = (f"{k}{line[1:]}" if k == 0 else line for k in range(40))
    big.write_text("".join(shifted))
    told = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evz.convert(big, tmp_path / "a.evz", threads=1, progress=lambda *at: told.append(at))
    assert told and all(total == big.stat().st_size for _, total in told)

    def stop(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        evz.convert(big, tmp_path / "b.evz", threads=1, progress=stop)
    assert not (tmp_path / "b.evz").exists()


def test_ctrl_c_ends_a_conversion(tmp_path):
    """In a process of its own, of a recording that never ends."""
    script = textwrap.dedent("""
        import io, os, sys, evz
        class Endless(io.RawIOBase):
            line = b"".join(b"%d 1 2 1\\n" % i for i in range(5000))
            name = "endless.txt"
            at = 0
            def seekable(self): return True
            def readable(self): return True
            def seek(self, at, whence=0):
                self.at = 1 << 40 if whence == 2 else at
                return self.at
            def read(self, n=-1):
                os.write(1, b"reading\\n") if self.at > 1 << 20 else None
                k = self.at % len(self.line)
                part = (self.line * (2 + n // len(self.line)))[k:k + n]
                self.at += n
                return part
        try:
            evz.convert(Endless(), sys.argv[1], columns="txyp", time_unit="us", size=(9, 9))
        except KeyboardInterrupt:
            print("interrupted", os.listdir(os.path.dirname(sys.argv[1])))
    """)
    path = tmp_path / "out" / "a.evz"
    path.parent.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "reading\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    # The last word before may have been cut short.
    assert out.endswith("interrupted []\n")


def test_arrays_of_different_sensors_are_of_one_type(tmp_path):
    t = np.arange(5)
    sizes = [(346, 260), (1280, 720)]
    for i, size in enumerate(sizes):
        evz.write(tmp_path / f"{i}.npy", t, t, t, t % 2, size=size, tick="ns")
    arrays = [np.load(tmp_path / f"{i}.npy") for i in range(2)]
    assert np.concatenate(arrays).dtype == arrays[0].dtype and arrays[0].dtype.names == ("t", "x", "y", "p")
    for i, size in enumerate(sizes):
        with pytest.warns(evz.InferredWarning):
            rec = evz.open(tmp_path / f"{i}.npy")
        assert rec.size == size and rec.tick_ns == 1
        assert np.load(tmp_path / f"{i}.npy", mmap_mode="r")["t"].tolist() == t.tolist()


def test_what_is_odd_about_events_is_said_where_they_are_written(tmp_path):
    t = np.array([3, 2, 1])
    with pytest.warns(evz.InferredWarning, match="times run backwards"):
        evz.write(tmp_path / "back.evz", t, t, t, t % 2, size=(10, 10))
    with pytest.raises(evz.InvalidArgumentError, match="here ts, x, y, pol"):
        evz.write(tmp_path / "named.evz", {"ts": t, "x": t, "y": t, "pol": t})
    with pytest.raises(TypeError, match=r"write\(\) has no argument 'sizes'; did you mean 'size'"):
        evz.write(tmp_path / "wrong.evz", t, t, t, t % 2, sizes=(10, 10))


def test_times_are_rounded_and_events_left_out_where_that_is_told(tmp_path):
    t, x = np.array([1_499, 1_500, 2_501]), np.array([1, 70, 2])
    evz.write(tmp_path / "ns.evz", t, x, x, x % 2, size=(200, 200), tick="ns")
    with pytest.raises(evz.UnsupportedError, match="round") as refused:
        evz.convert(tmp_path / "ns.evz", tmp_path / "us.raw")
    assert refused.value.argument == "round"
    with pytest.warns(evz.InferredWarning, match="as told: 3 times rounded to whole microseconds"):
        done = evz.convert(tmp_path / "ns.evz", tmp_path / "us.raw", round="us", drop="outside", size=(50, 50))
    assert all(loss.agreed for loss in done.losses) and len(done.losses) == 2
    rec = evz.open(tmp_path / "us.raw")
    assert rec["t"][:].tolist() == [1, 3] and rec["x"][:].tolist() == [1, 2]


@pytest.fixture
def in_ns(tmp_path):
    """A recording in nanoseconds, with rows beside the events."""
    path = tmp_path / "ns.evz"
    t = np.arange(10) * 1_500
    with evz.Writer(path, size=(20, 10), tick="ns") as writer:
        writer.write(t, t % 20, t % 10, t % 2)
        writer.write_side("imu", {"t": t, "temp": np.zeros(10)})
    return evz.open(path)


@pytest.mark.parametrize(
    "write",
    [
        lambda path, rec: written(path, rec[:]),
        lambda path, rec: written(path, rec),
        lambda path, rec: written(path, rec[:0]),
        lambda path, rec: written(path, side=rec.read(stream="imu")),
        lambda path, rec: evz.write(path, rec, tick="us"),
        lambda path, rec: evz.write(path, rec[:], tick=Fraction(1, 1_000_000)),
    ],
)
def test_times_are_not_taken_for_those_of_another_tick(in_ns, tmp_path, write):
    path = tmp_path / "out.evz"
    says = r"ticks of 1/1000000000 s.* 1/1000000 s; pass tick=\"ns\""
    with pytest.raises(evz.InvalidArgumentError, match=says) as caught:
        write(path, in_ns)
    assert caught.value.argument == "tick" and caught.value.readings == ("ns",)
    assert str(path) in str(caught.value) and not path.exists()


def test_the_tick_of_what_is_written_settles_it(in_ns, tmp_path):
    rows = in_ns.read(stream="imu")
    for i, tick in enumerate(("ns", in_ns.tick, in_ns[:].tick, rows.tick)):
        written(tmp_path / f"{i}.evz", in_ns[:], rows, tick=tick)
        back = evz.open(tmp_path / f"{i}.evz")
        assert back.tick == in_ns.tick and np.array_equal(back[:].t, in_ns[:].t)
        assert np.array_equal(back.read(stream="imu").t, rows.t)
    # Columns have no tick of their own.
    written(tmp_path / "us.evz", in_ns[:].to_dict())
    assert np.array_equal(evz.open(tmp_path / "us.evz")[:].t, in_ns[:].t)
    odd = evz.Events([0, 1], [0, 0], [0, 0], [0, 1], tick=Fraction(1, 3))
    with pytest.raises(evz.InvalidArgumentError, match="ticks of 1/3 s.*pass tick=$"):
        written(tmp_path / "odd.evz", odd)
    written(tmp_path / "odd.evz", odd, tick=odd.tick)


def written(path, events=None, side=None, **options):
    with evz.Writer(path, **options) as writer:
        if events is not None:
            writer.write(events)
        if side is not None:
            writer.write_side("imu", side)
