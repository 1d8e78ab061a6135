"""Any part equals the same part of the whole."""

import numpy as np
import pytest

import evz

pytestmark = pytest.mark.filterwarnings("ignore:.*times run backwards")


@pytest.fixture(params=["moving.evz", "compat/v0_2_0_unsorted.evz", "compat/v0_2_0_small-bursts.evz"])
def rec(request):
    from conftest import FIXTURES

    return evz.open(FIXTURES / request.param)


def same(events, whole, mask):
    return all(np.array_equal(events[k], whole[k][mask]) for k in whole.keys())


def test_slices_by_number_are_those_of_a_list(rec):
    whole = rec[:]
    n = len(rec)
    assert len(whole) == n == rec.shape[0]
    for key in [slice(3, 90), slice(-7, None), slice(None, 5), slice(9, 2), slice(n - 2, n + 9)]:
        assert rec[key] == whole[key], key
    for key in [slice(0, 9, 2), slice(9, 0, -1)]:
        with pytest.raises(evz.InvalidArgumentError, match="step of 1"):
            rec[key]
    assert rec[3] == whole[3] and rec[-1]["t"] == whole.t[-1]
    with pytest.raises(IndexError):
        rec[n]
    with pytest.raises(TypeError):
        rec[1.5]


def test_times_regions_and_polarities_narrow_each_other(rec):
    whole, (first, last) = rec[:], rec.time_range
    a, b = first + (last - first) // 4, first + (last - first) // 2
    inside = (whole.t >= a) & (whole.t < b)
    assert same(rec.time[a:b], whole, inside)
    assert same(rec.read(time=(None, b)), whole, whole.t < b)
    assert same(rec.read(time=slice(a, None)), whole, whole.t >= a)
    assert rec.time[b:a].shape == (0,)
    x, y, w, h = 20, 10, 60, 50
    roi = (whole.x >= x) & (whole.x < x + w) & (whole.y >= y) & (whole.y < y + h)
    assert same(rec.read(roi=(x, y, w, h)), whole, roi)
    on = rec.read(time=(a, b), roi=(x, y, w, h), polarity="on")
    assert same(on, whole, inside & roi & (whole.p == 1))
    assert same(rec.read(polarity=0, events=(5, 2_000)), whole[5:2_000], whole.p[5:2_000] == 0)
    for wrong in [dict(polarity=2), dict(roi=(-1, 0, 5, 5)), dict(columns="tz")]:
        with pytest.raises(evz.InvalidArgumentError):
            rec.read(**wrong)


def test_units_count_from_the_first_event():
    from conftest import FIXTURES

    rec = evz.open(FIXTURES / "moving.evz")
    assert rec.us[1_000:2_500] == rec.time[rec.start + 1_000 : rec.start + 2_500]
    assert rec.ms[1:2.5] == rec.us[1_000:2_500] == rec.s[0.001:0.0025]
    assert rec.s[0.1:] == rec.us[100_000:]
    odd = evz.open(FIXTURES / "compat/v0_2_0_leaves-and-nodes-24-mhz.evz")
    ticks = odd[:].t - odd.start
    # 1 us is 24 ticks there, and a window in ns ends at the first tick behind it.
    assert len(odd.us[0:2]) == int((ticks < 48).sum())
    assert np.array_equal(odd.time[odd.start :].t, odd[:].t[ticks >= 0])
    with pytest.raises(TypeError):
        rec.us[5]


def test_columns_alone(rec):
    whole = rec[:]
    xy = rec.read(columns="xy", events=(10, 400))
    assert list(xy.keys()) == ["x", "y"] and len(xy) == len(whole[10:400])
    with pytest.raises(AttributeError, match="no column 't'; there are x, y"):
        xy.t
    t = rec["t"]
    assert (len(t), t.dtype, t.shape, t.ndim) == (len(rec), np.dtype("<i8"), rec.shape, 1)
    assert np.array_equal(np.asarray(t), whole.t) and t[-1] == whole.t[-1]
    for key in [slice(5, 50), slice(None, None, 7), slice(40, 3, -2), slice(-9, None)]:
        assert np.array_equal(t[key], whole.t[key]), key
    numbers = np.array([[5, -1], [0, 77]])
    assert np.array_equal(rec["x"][numbers], whole.x[numbers])
    assert np.array_equal(rec["p"][whole.x < 9], whole.p[whole.x < 9])
    with pytest.raises(KeyError, match="no column 'ts'"):
        rec["ts"]
    assert rec.dtype.names == rec.columns


def test_further_columns_come_along(compat):
    rec = evz.open(compat / "v0_2_0_columns.evz")
    assert rec.columns[:4] == ("t", "x", "y", "p") and "a.f64" in rec.columns
    whole = rec[:]
    assert whole["a.bool"].dtype == bool and whole["a.i64"].dtype == np.int64
    part = rec.read(events=(100, 200), columns=["t", "a.u16", "a.f32"])
    assert np.array_equal(part["a.u16"], whole["a.u16"][100:200])
    assert part["a.f32"].tobytes() == whole["a.f32"][100:200].tobytes()
    on = rec.read(polarity="on")
    assert np.array_equal(on["a.i32"], whole["a.i32"][whole.p == 1])


def test_out_is_filled_and_nothing_else(rec):
    whole = rec[:]
    out = {name: np.full(2_000, 77, rec.dtype[name]) for name in rec.columns}
    events = rec.read(events=(3, 1_003), out=out)
    assert events == whole[3:1_003] and np.shares_memory(events.t, out["t"])
    assert (out["t"][len(events) :] == 77).all()
    on = rec.read(polarity=1, events=(3, 1_003), out=out)
    assert on == whole[3:1_003][whole.p[3:1_003] == 1]
    again = rec.read(events=(0, 10), out=evz.Events._of(out, 2_000, None, rec.tick))
    assert again.t.tolist() == whole.t[:10].tolist()


@pytest.mark.parametrize(
    "out, says",
    [
        ({"t": np.zeros(5, "i8")}, "room for 5 values, and 10 are selected"),
        ({"t": np.zeros(50, "i4")}, "takes one row of int64"),
        ({"t": np.zeros((50, 1), "i8")}, "takes one row"),
        ({"t": np.zeros(100, "i8")[::2]}, "one piece of memory"),
        ({"label": np.zeros(50, "i8")}, "of no column"),
        ({"t": [0] * 50}, "no array of NumPy"),
        ({}, "names no column"),
    ],
)
def test_out_that_does_not_fit(moving, out, says):
    with pytest.raises(evz.InvalidArgumentError, match=says):
        evz.open(moving).read(events=(0, 10), out=out)


def test_out_that_cannot_be_written(moving):
    t = np.zeros(50, "i8")
    t.flags.writeable = False
    with pytest.raises(evz.InvalidArgumentError, match="cannot be written"):
        evz.open(moving).read(events=(0, 10), out={"t": t})


def test_many_windows_at_once(rec):
    whole, (first, last) = rec[:], rec.time_range
    rng = np.random.default_rng(3)
    starts = rng.integers(first - 50, last + 50, 40)
    windows = np.stack([starts, starts + rng.integers(0, 3_000, 40)], axis=1)
    many = rec.read_many(time=windows)
    assert len(many) == 40 and len(many.events) == many.offsets[-1]
    for (a, b), events in zip(windows.tolist(), many):
        assert same(events, whole, (whole.t >= a) & (whole.t < b))
    on = rec.read_many(time=windows, polarity="on", columns="xp")
    for (a, b), events in zip(windows.tolist(), on):
        assert np.array_equal(events.x, whole.x[(whole.t >= a) & (whole.t < b) & (whole.p == 1)])
    numbers = rec.read_many(events=[(0, 5), (5, 5), (2, 9)])
    assert [len(e) for e in numbers] == [5, 0, 7] and numbers[-1] == whole[2:9]
    assert len(rec.read_many(events=[])) == 0
    with pytest.raises(evz.InvalidArgumentError, match="start and end"):
        rec.read_many(time=[1, 2, 3])


def test_searchsorted_is_numpys(rec):
    whole = rec[:]
    times = np.concatenate([whole.t[::50], whole.t[::50] + 1, [-(1 << 63), (1 << 63) - 1]])
    if not rec.sorted:
        with pytest.raises(evz.InvalidArgumentError, match="not in order"):
            rec.searchsorted(times)
        return
    for side in ("left", "right"):
        assert np.array_equal(rec.searchsorted(times, side), np.searchsorted(whole.t, times, side))
    assert rec.searchsorted(int(whole.t[9])) == np.searchsorted(whole.t, whole.t[9])
    assert rec.searchsorted(times[:6].reshape(2, 3)).shape == (2, 3)
    assert rec.searchsorted(times[:4].astype("u4")).dtype == np.int64
    with pytest.raises(evz.InvalidArgumentError, match="whole numbers"):
        rec.searchsorted([0.5])


def test_the_rate_adds_up(rec):
    rate = rec.rate(50)
    assert rate.shape == (50,) and rate.sum() == pytest.approx(len(rec))


def test_the_rate_is_counted_where_its_record_is_damaged(tmp_path):
    path = tmp_path / "long.evz"
    t = np.arange(200_000) ** 2 // 1000
    evz.write(path, t, t % 64, t % 48, t % 2, size=(64, 48))
    rate = evz.open(path).rate(50)
    data = bytearray(path.read_bytes())
    heads = [at for at in range(64, len(data), 64) if data[at : at + 6] == b"EVZR\x08\x00"]
    data[heads[0] + 40] ^= 1
    path.write_bytes(data)
    rec = evz.open(path)
    with pytest.warns(evz.LossWarning, match="1 record of activity that is damaged.*activity at byte"):
        assert np.array_equal(rec.rate(50), rate)
    assert np.array_equal(rec[:].t, t)


def test_facts(moving):
    rec = evz.open(moving)
    assert (rec.size, rec.width, rec.height) == ((240, 180), 240, 180)
    assert (rec.format, rec.tick_ns, rec.streams) == ("evz", 1000.0, ("0",))
    assert rec.time_range == (int(rec["t"][0]), int(rec["t"][-1])) and rec.duration == 0.119997
    assert rec.metadata["synth.seed"] == "7" and rec.side_streams == {}
    assert "36,000 events" in repr(rec)


def test_side_streams(compat, recordings):
    with pytest.warns(evz.InferredWarning):
        rec = evz.open(recordings / "davis346.aedat4")
    assert rec.side_streams == {"frames": 59, "triggers": 236, "imu": 2363}
    imu = rec.read(stream="imu")
    assert imu.n_rows == 2363 and imu["gyro_x"].dtype == np.float32
    first, last = rec.time_range
    part = rec.read(stream="imu", time=(first, first + 100_000))
    assert np.array_equal(part.t, imu.t[(imu.t >= first) & (imu.t < first + 100_000)])
    frames = rec.read(stream="frames")
    assert len(frames["pixels"][0]) == 346 * 260
    with pytest.raises(evz.InvalidArgumentError, match="by time alone"):
        rec.read(stream="imu", polarity=1)
    with pytest.raises(evz.InvalidArgumentError):
        rec.read(stream="gps")


def test_no_events(compat):
    rec = evz.open(compat / "v0_2_0_no-events.evz")
    assert len(rec) == len(rec[:]) == 0 and rec.time_range is None and rec.start == 0
    assert len(rec.windows(us=10)) == len(rec.windows(count=5)) == 0
    assert rec.us[0:10].t.dtype == np.int64
