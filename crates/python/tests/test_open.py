"""Every way to open a recording gives the same events."""

import gzip
import io
import os
import pickle
import shutil
import warnings

import numpy as np
import pytest
from conftest import digest

import evz

FORMATS = [
    "evt3.raw", "gen4.dat", "evt2.raw", "davis346.aedat4", "tonic_sample.aedat4", "dvs.es", "atis.es",
    "ncars.dat", "faces_easy_0001.bin", "dvs.csv", "evt2_dsec.h5", "evt2_ecf.h5", "davis346_mvsec.h5",
    "test_events_1.bag", "test_events_2_0.mcap",
]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
def test_foreign_formats_hold_what_other_decoders_find(recordings, truth, name):
    rec = evz.open(recordings / name)
    known = truth.get(name)
    if known is None or "sha256" not in known:
        pytest.skip("nobody else decoded it")
    events = rec[:]
    assert len(rec) == known["events"]
    assert int((events.p == 1).sum()) == known["on"]
    assert digest(events, rec) == known["sha256"]
    assert rec.sorted == known["sorted"]
    # Any window, too, of what is held in memory.
    first, last = rec.time_range
    a, b = first + (last - first) // 3, first + (last - first) // 2
    inside = (events.t >= a) & (events.t < b)
    assert np.array_equal(rec.time[a:b].x, events.x[inside])


def test_paths_files_and_bytes_are_the_same(moving, tmp_path):
    rec = evz.open(moving)
    assert evz.open(str(moving))[:] == rec[:]
    with open(moving, "rb") as file:
        by_file = evz.open(file)
    assert by_file[:] == rec[:]  # a plain file is read by its path, also once it is closed
    data = moving.read_bytes()
    in_memory = evz.open(io.BytesIO(data))
    assert in_memory[:] == rec[:] and in_memory.us[5_000:6_000] == rec.us[5_000:6_000]
    with gzip.open(tmp_path / "moving.gz", "wb") as packed:
        packed.write(data)
    with gzip.open(tmp_path / "moving.gz") as packed:
        assert evz.open(packed)[-50:] == rec[-50:]


def test_a_url_is_read_through_fsspec(moving):
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://moving.evz", "wb") as file:
        file.write(moving.read_bytes())
    rec = evz.open("memory://moving.evz")
    assert rec[:] == evz.open(moving)[:]
    with pytest.raises(FileNotFoundError):
        evz.open("memory://nothing.evz")


def test_a_closed_file_says_so(moving):
    file = io.BytesIO(moving.read_bytes())
    rec = evz.open(file)
    file.close()
    with pytest.raises(evz.IoError, match="BytesIO.*closed file") as caught:
        rec[:]
    assert isinstance(caught.value.__cause__, ValueError)


def test_what_is_inferred_is_a_warning(tmp_path):
    text = tmp_path / "events.txt"
    text.write_text("0.000001 3 7 1\n0.000020 4 7 0\n")
    with pytest.warns(evz.InferredWarning, match="read as: t x y p, seconds") as caught:
        rec = evz.open(text)
    assert caught[0].filename == __file__
    assert rec.report.inferred and not rec.report.losses
    text.write_text("0.000001 3 7 1\nnonsense\n0.000020 4 7 0\n")
    with pytest.warns(evz.InferredWarning, match="as told: 1 line that is no event"):
        rec = evz.open(text, on_bad_line="skip")
    assert rec.report.losses[0].count == 1 and rec.report.losses[0].agreed


def test_rows_that_are_none_and_polarities_that_are_told(tmp_path):
    np = pytest.importorskip("numpy")
    rows = np.zeros(5, [("t_us", "i8"), ("x", "i2"), ("y", "i2"), ("p", "i1")])
    rows["t_us"] = range(5)
    rows["x"] = [3, -1, 4, 5, 6]
    rows["p"] = [2, 2, 0, 1, 2]
    np.save(tmp_path / "events.npy", rows)
    with pytest.raises(evz.CorruptError) as caught:
        evz.open(tmp_path / "events.npy")
    assert caught.value.argument == "polarity_map" or "on_bad_line" in str(caught.value)
    for told in ({2: "on", 0: "off", 1: "drop"}, "2=on,0=off,1=drop"):
        with pytest.warns(evz.InferredWarning, match="as told: 1 row"):
            rec = evz.open(tmp_path / "events.npy", polarity_map=told, on_bad_line="skip")
        assert rec[:].x.tolist() == [3, 4, 6] and rec[:].p.tolist() == [1, 0, 1]
        assert sorted(loss.count for loss in rec.report.losses) == [1, 1]
        assert all(loss.agreed for loss in rec.report.losses)


def test_several_streams_are_asked_for(compat):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rec = evz.open(compat / "v0_2_0_two-streams-unix.evz")
    assert rec.streams == ("0", "right")
    with pytest.raises(evz.AmbiguousError) as caught:
        rec[:]
    assert caught.value.argument == caught.value.question == "stream"
    assert caught.value.readings == rec.streams
    right = rec.stream("right")
    assert right[:] == rec.read(stream="right") == rec.stream(1)[:]
    with pytest.raises(evz.InvalidArgumentError, match="left"):
        rec.stream("left")


def test_the_only_stream_with_events_is_named(compat, tmp_path):
    half = tmp_path / "half.evz"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evz.convert(compat / "v0_2_0_two-streams-unix.evz", half, roi=(0, 70, 640, 400))
    note = "event stream '0' is read, the only one of 2 that has events"
    with pytest.warns(evz.InferredWarning, match=note):
        rec = evz.open(half)
    assert rec.streams == ("0", "right") and len(rec) > 0
    assert note in rec.report.notes and note in pickle.loads(pickle.dumps(rec)).report.notes
    for told in (rec.stream("0"), evz.open(half, stream="0")):
        assert note not in told.report.notes and told[:] == rec[:]


@pytest.fixture
def stereo(tmp_path):
    """Two event streams of 64x48 pixels, the second called right, and a side stream."""
    path = tmp_path / "stereo.evz"
    t = np.arange(100)
    with evz.Writer(path, size=(64, 48), name="left") as writer:
        writer.add_stream("right", size=(64, 48))
        writer.write(t, t % 64, t % 48, t % 2)
        writer.write(t[:50], t[:50] % 64, t[:50] % 48, t[:50] % 2, stream=1)
        writer.write_side("imu", {"t": t, "temp": np.zeros(100)})
    return path


def test_a_side_stream_is_no_event_stream(stereo):
    with pytest.raises(evz.InvalidArgumentError, match='"imu" is a side stream.*leave out stream=') as caught:
        evz.open(stereo, stream="imu")
    assert caught.value.argument == "stream" and str(stereo) in str(caught.value)
    with pytest.raises(evz.InvalidArgumentError, match="side stream"):
        evz.open(stereo, stream="imu", filters="invert-polarity")
    with pytest.raises(evz.InvalidArgumentError, match="no event stream"):
        evz.open(stereo, stream="imu2")
    for told, n in (("left", 100), ("right", 50), ("1", 50), (0, 100)):
        rec = evz.open(stereo, stream=told)
        assert len(rec) == n
    assert evz.open(stereo, stream="left").read(stream="imu").n_rows == 100


@pytest.mark.parametrize("name", ["a.raw", "a.csv", "a.es", "a.parquet", "a.npy", "a.dat"])
@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
def test_a_recording_of_one_stream_has_none_that_is_told(moving, tmp_path, name):
    path = tmp_path / name
    evz.convert(moving, path)
    rec = evz.open(path)
    for how in ({}, {"filters": "invert-polarity"}):
        for known in (*rec.streams, 0):
            assert len(evz.open(path, stream=known, **how)) == len(rec)
        with pytest.raises(evz.InvalidArgumentError, match='one event stream, and none "typo"; leave out stream='):
            evz.open(path, stream="typo", **how)


def test_a_size_that_is_told_is_that_of_every_event_stream(stereo):
    size = (1280, 720)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = evz.open(stereo, size=size)
        ways = {
            "left": told.stream("left"), "right": told.stream("right"), "by number": told.stream(1),
            "pickled": pickle.loads(pickle.dumps(told.stream("right"))),
            "alone": evz.open(stereo, size=size, stream="right"),
            "held": evz.open(stereo, size=size, stream="right", filters="invert-polarity"),
            "all held": evz.open(stereo, size=size, filters="invert-polarity").stream("right"),
        }
    for way, rec in ways.items():
        assert (rec.size, rec[:].size) == (size, size), way
        assert rec.frames(us=1_000, mode="counts").shape[2:] == (720, 1280), way
    assert evz.open(stereo, stream="right").size == (64, 48)


def test_what_was_told_is_used(tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("1000 3 7 1\n2000 4 7 0\n")
    with pytest.raises(evz.AmbiguousError) as caught:
        evz.open(text, columns="txyp")
    assert caught.value.argument == "time_unit" and "us" in caught.value.readings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert evz.open(text, columns="txyp", time_unit="us").time_range == (1000, 2000)
        assert evz.open(text, columns="txyp", time_unit="us", size=(9, 8)).size == (9, 8)


def test_all_that_is_in_doubt_is_asked_at_once(tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("".join(f"{1000 * i} {i % 7} {i % 5} {1 + i % 2}\n" for i in range(50)))
    with pytest.raises(evz.AmbiguousError) as caught:
        evz.open(text, columns="txyp")
    error = caught.value
    assert error.argument == "time_unit" and "us" in error.readings
    (polarity,) = error.further
    assert polarity.argument == "polarity_map" and polarity.readings[0] == "1=on,2=off"
    assert str(error).count(str(text)) == 1
    assert 'pass time_unit="us"' in str(error) and '; and column 4 holds 1 ' in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.further[0].argument == "polarity_map"
    told = {each.argument: each.readings[0] for each in (error, *error.further)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rec = evz.open(text, columns="txyp", **told)
        assert rec[:].p.tolist() == [1, 0] * 25


def test_an_option_without_effect_is_refused(moving):
    with pytest.raises(evz.InvalidArgumentError, match="leave out time_unit=") as caught:
        evz.open(moving, time_unit="us")
    assert caught.value.argument == "time_unit"


def test_threads_that_make_no_sense(moving):
    assert evz.open(moving, threads=1)[:] == evz.open(moving)[:]
    with pytest.raises(evz.InvalidArgumentError, match="from 1 to 1024"):
        evz.open(moving, threads=0)


def test_damage_is_an_error_that_says_where(moving, tmp_path):
    damaged = tmp_path / "damaged.evz"
    data = bytearray(moving.read_bytes())
    data[len(data) // 3] ^= 0x55
    damaged.write_bytes(data)
    with pytest.raises(evz.CorruptError, match="chunk 0 .*evz recover") as caught:
        evz.open(damaged)[:]
    assert caught.value.place["chunk"] == 0 and caught.value.place["file"] == str(damaged)
    damaged.write_bytes(data[: len(data) // 2])
    with pytest.raises(evz.Error):
        evz.open(damaged)[:]


def test_a_file_that_is_cut_while_it_is_open_is_an_error(moving, tmp_path):
    path = tmp_path / "cut.evz"
    shutil.copy(moving, path)
    rec = evz.open(path)
    kept = rec[:100]
    before = kept.t.copy()
    os.truncate(path, 200)
    with pytest.raises(evz.Error):
        rec[20_000:30_000]
    assert np.array_equal(kept.t, before)  # what was read owns its memory


def test_no_file_and_no_recording(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        evz.open(tmp_path / "nothing.evz")
    assert isinstance(caught.value, evz.NotFoundError) and caught.value.errno == 2
    (tmp_path / "what.bin").write_bytes(b"\x00\xff" * 500)
    with pytest.raises(evz.Error):
        evz.open(tmp_path / "what.bin")
    with pytest.raises(TypeError, match="a path, a URL or a binary file"):
        evz.open(7)


def test_a_closed_recording_lets_go_of_its_file(moving, tmp_path):
    path = shutil.copy(moving, tmp_path)
    with evz.open(path) as rec:
        frames = rec.frames(us=10_000, mode="counts")
        first = rec[:10]
    assert repr(rec).endswith("closed>") and len(first) == 10
    assert frames[0].sum() > 0
    for use in (len, lambda rec: rec[:10], lambda rec: rec.format, lambda rec: rec.streams, pickle.dumps):
        with pytest.raises(evz.InvalidArgumentError, match="it is closed; open it again"):
            use(rec)
    rec.close()
    del frames
    assert os.path.realpath(path) not in [os.path.realpath(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")]
