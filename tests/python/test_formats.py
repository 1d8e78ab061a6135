"""What evz writes, read by independent readers of each format; and what it reads, against dv-processing."""

import datetime
import hashlib
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from command import evz_command

faery = pytest.importorskip("faery")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")
dv = pytest.importorskip("dv_processing")
evt3 = pytest.importorskip("evt3")
expelliarmus = pytest.importorskip("expelliarmus")
import pyarrow.parquet as pq  # noqa: E402

RECORDINGS = os.environ.get("EVZ_RECORDINGS")
pytestmark = [
    pytest.mark.skipif(evz_command() is None, reason="evz is not built"),
    pytest.mark.skipif(RECORDINGS is None, reason="EVZ_RECORDINGS is not set"),
]

# Recordings to write out: row bursts of a Prophesee sensor, and epoch times of a DAVIS.
EVT2, DAVIS = "evt2.raw", "davis346.aedat4"


def evz(*args, code=0):
    done = subprocess.run([evz_command(), *map(str, args)], capture_output=True)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout


def columns_of(recording):
    """The events as evz prints them: t in microseconds, x, y, p."""
    text = evz("cat", Path(RECORDINGS) / recording)
    return np.loadtxt(text.decode().splitlines(), dtype=np.int64).T


def digest(t, x, y, p):
    columns = (np.asarray(t, "<i8"), np.asarray(x, "<u2"), np.asarray(y, "<u2"), np.asarray(p, "u1"))
    return hashlib.sha256(b"".join(c.tobytes() for c in columns)).hexdigest()


def truth(recording):
    return json.loads((Path(RECORDINGS) / "truth.json").read_text())[recording]["sha256"]


def written(tmp_path, recording, ending, *options):
    """The recording in another format; its side streams are a loss there, but for AEDAT 4."""
    path = tmp_path / f"out.{ending}"
    code = 3 if recording == DAVIS and ending != "aedat4" else 0
    evz("convert", Path(RECORDINGS) / recording, path, *options, code=code)
    return path


def by_faery(path, **options):
    parts = [part.copy() for part in faery.events_stream_from_file(path, **options)]
    events = np.concatenate(parts)
    return events["t"], events["x"], events["y"], events["on"]


def by_expelliarmus(path, encoding):
    events = expelliarmus.Wizard(encoding=encoding).read(path)
    return events["t"], events["x"], events["y"], events["p"]


def by_evt3(path):
    events = evt3.decode_file(str(path))
    get = lambda *names: next(np.asarray(getattr(events, n)) for n in names if hasattr(events, n))
    return get("timestamp", "t"), get("x"), get("y"), get("polarity", "p")


def by_dv(path):
    recording = dv.io.MonoCameraRecording(str(path))
    parts = []
    while (batch := recording.getNextEventBatch()) is not None:
        parts.append(batch.numpy())
    events = np.concatenate(parts)
    return events["timestamp"], events["x"], events["y"], events["polarity"]


def shifted(events, t0):
    t, *rest = events
    return (np.asarray(t, np.int64) + t0, *rest)


def t0_of(path):
    """What the header says was taken off every time; readers that do not know it leave it out."""
    head = path.read_bytes()[:2000]
    lines = [line for line in head.split(b"\n") if line.startswith(b"% t0 ")]
    return int(lines[0].split()[2]) if lines else 0


@pytest.mark.parametrize("encoding", ["evt2", "evt3"])
def test_raw_is_read_by_others(tmp_path, encoding):
    path = written(tmp_path, EVT2, "raw", "--raw-encoding", encoding)
    expected = truth(EVT2)
    t0 = t0_of(path)
    assert digest(*by_faery(path)) == expected
    if encoding == "evt3":
        # Not by expelliarmus, which keeps the old TIME_LOW where TIME_HIGH changes.
        assert digest(*shifted(by_evt3(path), t0)) == expected
    else:
        assert digest(*shifted(by_expelliarmus(path, encoding), t0)) == expected


def test_dat_is_read_by_others(tmp_path):
    path = written(tmp_path, EVT2, "dat")
    assert digest(*shifted(by_expelliarmus(path, "dat"), t0_of(path))) == truth(EVT2)
    assert digest(*by_faery(path)) == truth(EVT2)


@pytest.mark.parametrize("recording", [EVT2, DAVIS])
def test_aedat4_is_read_by_others(tmp_path, recording):
    path = written(tmp_path, recording, "aedat4")
    assert digest(*by_dv(path)) == truth(recording)
    assert digest(*by_faery(path)) == truth(recording)


@pytest.mark.parametrize("recording", [EVT2, DAVIS])
@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_numpy_reads_arrays(tmp_path, recording, ending):
    events = np.load(written(tmp_path, recording, ending))
    t = events["t"]
    if t.dtype.kind == "m":
        t = t.astype("m8[us]").astype(np.int64)
    assert digest(t, events["x"], events["y"], events["p"]) == truth(recording)


@pytest.mark.parametrize("recording", [EVT2, DAVIS])
@pytest.mark.parametrize("ending", ["parquet", "arrow", "arrows"])
def test_arrow_reads_tables(tmp_path, recording, ending):
    path = written(tmp_path, recording, ending)
    if ending == "parquet":
        table = pq.read_table(path)
    else:
        opened = pa.ipc.open_stream if ending == "arrows" else pa.ipc.open_file
        table = opened(path.read_bytes()).read_all()
    assert [f.name for f in table.schema] == ["t", "x", "y", "p"]
    t = table["t"].cast(pa.int64()).to_numpy()
    assert digest(t, table["x"], table["y"], table["p"].cast(pa.uint8())) == truth(recording)


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_tables_of_pyarrow_are_read(tmp_path, ending):
    t, x, y, p = columns_of(EVT2)
    columns = {"timestamp": pa.array(t, pa.timestamp("us")), "x": x, "y": y, "polarity": p * 2 - 1}
    table, path = pa.table(columns), tmp_path / f"theirs.{ending}"
    if ending == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as out:
            out.write(table)
    assert evz("digest", path).split()[0].decode() == truth(EVT2)


def test_queries_of_parquet_equal_those_of_evz(tmp_path, capfd):
    """A range of time and the counts of pixels, by DuckDB and Polars, which skip row groups."""
    recording = "evt3.raw"
    path = written(tmp_path, recording, "parquet")
    own = tmp_path / "own.evz"
    evz("convert", Path(RECORDINGS) / recording, own)
    groups = pq.ParquetFile(path).metadata
    assert groups.num_row_groups > 4
    start, end = 15_000_000, 15_500_000
    text = evz("cat", own, "--from", "@15s", "--to", "@15.5").decode().splitlines()
    t, x, y, p = np.loadtxt(text, dtype=np.int64).T
    counts = np.zeros((720, 1280), np.int64)
    np.add.at(counts, (y, x), 1)

    def as_frame(rows):
        frame = np.zeros((720, 1280), np.int64)
        for px, py, n in rows:
            frame[py, px] = n
        return frame

    lazy = pl.scan_parquet(path)
    literal = lambda t: pl.lit(t).cast(lazy.collect_schema()["t"])
    window = lazy.filter((pl.col("t") >= literal(start)) & (pl.col("t") < literal(end)))
    capfd.readouterr()
    with pl.Config(verbose=True):
        pixels = window.group_by("x", "y").len().collect()
    plan = capfd.readouterr().err
    assert (as_frame(pixels.iter_rows()) == counts).all()

    db = duckdb.connect()
    where = f"FROM '{path}' WHERE t >= make_timestamp({start}) AND t < make_timestamp({end})"
    rows = db.sql(f"SELECT x, y, count(*) {where} GROUP BY x, y").fetchall()
    assert (as_frame(rows) == counts).all()
    # As many row groups as have times of the window, and no more, were read by both.
    micros = lambda t: (t - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
    bounds = [groups.row_group(i).column(0).statistics for i in range(groups.num_row_groups)]
    met = sum(micros(b.max) >= start and micros(b.min) < end for b in bounds)
    assert 0 < met < len(bounds) / 2
    assert f"reading {met} / {len(bounds)} row groups" in plan, plan
    rows = db.sql(f"EXPLAIN (ANALYZE, FORMAT json) SELECT x, y, count(*) {where} GROUP BY x, y")
    query = json.loads(rows.fetchall()[0][1])["query"]
    assert query["total_row_groups_scanned"] == met, query
    assert query["total_row_groups_to_scan"] == len(bounds), query


def test_side_streams_equal_those_of_dv_processing(tmp_path):
    source = Path(RECORDINGS) / DAVIS
    own = tmp_path / "davis.evz"
    evz("convert", source, own)
    frames, imu, triggers = side_by_dv(source)
    triggers = [time for time, _ in triggers]
    imu = [(sample["timestamp"], sample["accelerometerX"], sample["gyroscopeZ"]) for sample in imu]
    frames = [(time, image) for time, image, *_ in frames]
    for read in (source, own):
        table = lambda name: pq.read_table(side(tmp_path, read, name))
        ticks = lambda table: table["t"].cast(pa.int64()).to_pylist()
        assert ticks(table("triggers")) == triggers
        mine = table("imu")
        assert ticks(mine) == [s[0] for s in imu]
        assert np.array_equal(mine["accel_x"].to_numpy(), np.float32([s[1] for s in imu]))
        assert np.array_equal(mine["gyro_z"].to_numpy(), np.float32([s[2] for s in imu]))
        mine = table("frames")
        assert ticks(mine) == [time for time, _ in frames]
        assert mine["pixels"].to_pylist() == [image.tobytes() for _, image in frames]

    evz("render", own, "--stream", "frames", "-o", tmp_path / "frame.png")
    from PIL import Image

    for k in (0, len(frames) - 1):
        png = np.asarray(Image.open(tmp_path / f"frame_{k:05}.png"))
        assert np.array_equal(png, frames[k][1].reshape(png.shape))


def side_by_dv(path):
    """Frames, IMU samples and triggers, each with all that dv-processing tells of it."""
    recording = dv.io.MonoCameraRecording(str(path))
    frames, imu, triggers = [], [], []
    while (frame := recording.getNextFrame()) is not None:
        details = (frame.exposure, frame.positionX, frame.positionY, frame.source)
        frames.append((frame.timestamp, frame.image.copy(), *details))
    values = [f"{what}{axis}" for what in ("accelerometer", "gyroscope", "magnetometer") for axis in "XYZ"]
    while (batch := recording.getNextImuBatch()) is not None:
        imu += [{name: getattr(s, name) for name in ["timestamp", "temperature", *values]} for s in batch]
    while (batch := recording.getNextTriggerBatch()) is not None:
        triggers += [(s.timestamp, s.type) for s in batch]
    return frames, imu, triggers


@pytest.mark.parametrize("through", ["aedat4", "evz"])
def test_dv_processing_reads_side_streams_that_evz_wrote(tmp_path, through):
    source, between = Path(RECORDINGS) / DAVIS, tmp_path / f"between.{through}"
    evz("convert", source, between)
    path = tmp_path / "out.aedat4"
    evz("convert", between, path)
    frames, imu, triggers = side_by_dv(path)
    expected_frames, expected_imu, expected_triggers = side_by_dv(source)
    assert len(frames) == len(expected_frames) > 0
    for (time, image, *rest), (expected_time, expected_image, *expected) in zip(frames, expected_frames):
        assert (time, rest) == (expected_time, expected)
        assert np.array_equal(image, expected_image)
    assert imu == expected_imu and len(imu) > 0
    assert triggers == expected_triggers and len(triggers) > 0


def side(tmp_path, source, name):
    path = tmp_path / f"{name}.parquet"
    evz("convert", source, path, "--stream", name, "--force")
    return path
