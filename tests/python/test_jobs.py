"""The commands of docs/jobs.md, as they stand there, on real recordings; what comes out, by NumPy."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from command import evz_command
from golden import ROOT

PAGE = (ROOT / "docs" / "jobs.md").read_text()
JOBS = {title: re.findall(r"```sh\n(.*?)```", text, re.S)[0].splitlines()
        for title, text in re.findall(r"^## (.*?)$(.*?)(?=^## |\Z)", PAGE, re.S | re.M)}

# The command of DuckDB, as far as the page uses it, by its package for Python.
DUCKDB = f"""#!{sys.executable}
import csv, sys, duckdb
flag, command, query = sys.argv[1:]
assert (flag, command) == ("-csv", "-c")
found = duckdb.sql(query)
out = csv.writer(sys.stdout)
out.writerow(found.columns)
out.writerows(found.fetchall())
"""


# An example, which is built beside the command.
CARGO = f'''#!/bin/sh
[ "$1 $2 $3 $5" = "run --release --example --" ] && name=$4 && shift 5 && exec "{Path(evz_command() or "").parent}/examples/$name" "$@"
'''


@pytest.fixture(scope="module")
def recordings():
    folder = os.environ.get("EVZ_RECORDINGS")
    if not folder or not evz_command():
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings, or evz is not built")
    return Path(folder)


@pytest.fixture
def place(recordings, tmp_path):
    """A folder with what the page speaks of."""
    place = tmp_path
    shutil.copy(recordings / "davis346_seconds.txt", place / "events.txt")
    evz = [evz_command(), "convert"]
    # The only recording of these with triggers and words of EVT3.
    subprocess.run([*evz, recordings / "test_events_1.bag", place / "recording.raw"], check=True)
    (place / "recordings" / "more").mkdir(parents=True)
    for name in ("davis346_seconds.txt", "evt2.raw", "davis346.aedat4", "atis.es"):
        shutil.copy(recordings / name, place / "recordings" / name)
    shutil.copy(recordings / "gen4.dat", place / "recordings" / "more" / "gen4.dat")
    (place / "bin").mkdir()
    cargo = place / "bin" / "cargo"
    cargo.write_text(CARGO)
    cargo.chmod(0o755)
    duckdb = place / "bin" / "duckdb"
    duckdb.write_text(DUCKDB)
    duckdb.chmod(0o755)
    return place


def run(place, title):
    """What each command of a job printed."""
    path = f"{Path(evz_command()).parent}:{place / 'bin'}:{os.environ['PATH']}"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    environment = {**os.environ, "PATH": path, "IMAGEIO_FFMPEG_EXE": ffmpeg}
    printed = []
    for line in JOBS[title]:
        done = subprocess.run(["bash", "-c", line], cwd=place, env=environment, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        printed.append(done.stdout)
    return printed


def text_of(place):
    """t in microseconds after the first event, x, y, p of the text."""
    lines = (place / "events.txt").read_text().splitlines()
    rows = [line.split() for line in lines]
    t = np.array([int(row[0].replace(".", "")) for row in rows])
    return (t - t[0], *(np.array([int(row[i]) for row in rows]) for i in (1, 2, 3)))


def test_every_job_is_at_most_three_commands():
    assert len(JOBS) == 6
    assert all(1 <= len(lines) <= 3 for lines in JOBS.values())


def test_text_becomes_a_video_and_a_moment(place):
    run(place, "Text to a video, and one moment of it")
    t, x, y, p = text_of(place)
    reader = imageio_ffmpeg.read_frames(place / "video.mp4")
    facts = next(reader)
    frames = sum(1 for _ in reader)
    # Each pixel is three wide and high: twice 260 rows would be less than 720.
    width, height = x.max() + 1, y.max() + 1
    assert facts["size"] == (3 * width, 3 * height) and facts["fps"] == 30
    # A frame of 33.3 ms each from the first event on, the last of which has the last event.
    assert frames == t[-1] * 30 // 1_000_000 + 1
    picture = Image.open(place / "moment.png").convert("RGB")
    drawn = np.asarray(picture).astype(int)
    assert drawn.shape == (3 * height, 3 * width, 3)
    seen = drawn[::3, ::3]
    assert (drawn == seen.repeat(3, 0).repeat(3, 1)).all()
    inside = (t >= 1_190_000) & (t < 1_210_000)
    signed = np.zeros(seen.shape[:2], int)
    np.add.at(signed, (y[inside], x[inside]), 2 * p[inside] - 1)
    # Red where ON is more, blue where OFF is, and the ground elsewhere.
    redder = seen[..., 0] - seen[..., 2]
    ground = redder[signed == 0]
    assert inside.sum() > 0 and (ground == ground[0]).all()
    assert (redder[signed > 0] > ground[0]).all() and (redder[signed < 0] < ground[0]).all()


def test_the_events_before_each_image(place):
    run(place, "Text to a video, and one moment of it")
    t, x, y, p = text_of(place)
    first = int((place / "events.txt").read_text().split()[0].replace(".", ""))
    stamps = first + np.arange(0, int(t[-1]), 47_000)
    np.savetxt(place / "stamps.txt", stamps, "%d")
    run(place, "The events before each image, as a data set has them")
    seen = np.load(place / "seen.npz")
    assert seen["frames"].shape == (len(stamps), 5, y.max() + 1, x.max() + 1)
    assert np.array_equal(seen["t_end"], stamps) and np.array_equal(seen["t_start"], stamps - 50_000)
    borders = np.searchsorted(t, np.stack([stamps - 50_000, stamps]) - first)
    assert np.array_equal(seen["first"], borders[0]) and np.array_equal(seen["n_events"], borders[1] - borders[0])
    # A voxel grid spreads the polarities and loses none.
    sums = [(2 * p[a:b] - 1).sum() for a, b in borders.T]
    np.testing.assert_allclose(seen["frames"].sum(axis=(1, 2, 3)), sums, atol=0.05)


def test_triggers_a_part_and_the_rate_of_raw(place):
    triggers, _, _ = run(place, "Triggers of a RAW file, a part of it, and its rate")
    rows = [line.split(",") for line in triggers.splitlines()]
    assert rows[0][0] == "t" and len(rows) > 4_000

    def events(name):
        said = subprocess.run([evz_command(), "cat", place / name], capture_output=True, check=True)
        return np.array([line.split() for line in said.stdout.splitlines()], np.int64)

    def of_part(name):
        said = subprocess.run([evz_command(), "cat", place / name, "--stream", "triggers"],
                              capture_output=True, text=True, check=True)
        return said.stdout.splitlines()[1:]

    all_events, part = events("recording.raw"), events("part.raw")
    t = all_events[:, 0] - all_events[0, 0]
    expected = all_events[(t >= 500_000) & (t < 1_000_000)]
    assert len(part) > 1_000 and np.array_equal(part, expected)
    start = all_events[0, 0]
    inside = [",".join(row) for row in rows[1:]
              if start + 500_000 <= int(row[0]) < start + 1_000_000]
    assert len(inside) > 100 and of_part("part.raw") == inside

    with open(place / "rate.csv") as file:
        bins = list(csv.DictReader(file))
    counts = [np.bincount(t[all_events[:, 3] == p] // 1_000, minlength=len(bins)) for p in (0, 1)]
    assert len(bins) == t.max() // 1_000 + 1
    assert [int(row["off"]) for row in bins] == counts[0].tolist()
    assert [int(row["on"]) for row in bins] == counts[1].tolist()
    assert [int(row["t_us"]) for row in bins] == (start + 1_000 * np.arange(len(bins))).tolist()


def test_events_of_each_pixel(place):
    run(place, "Text to a video, and one moment of it")
    _, table = run(place, "Events of each pixel in DuckDB")
    found = {(int(row["x"]), int(row["y"])): int(row["n"])
             for row in csv.DictReader(table.splitlines())}
    t, x, y, _ = text_of(place)
    inside = (t >= 1_000_000) & (t < 2_000_000)
    assert inside.sum() > 1_000
    assert found == Counter(zip(x[inside].tolist(), y[inside].tolist()))


def test_a_program_in_rust(place):
    [said] = run(place, "A program in Rust with the rate and frames")
    told = subprocess.run([evz_command(), "cat", "recording.raw", "--background", "5ms", "--time", "relative"],
                          cwd=place, capture_output=True, check=True)
    t, x, y, p = np.array([line.split() for line in told.stdout.splitlines()], np.int64).T
    assert said.startswith(f"{len(t)} events in ")
    with open(place / "rate.csv") as file:
        bins = list(csv.DictReader(file))
    start = int(bins[0]["t_us"])
    for name, wanted in (("off", 0), ("on", 1)):
        counts = np.bincount((t[p == wanted] - start) // 1_000, minlength=len(bins))
        assert [int(row[name]) for row in bins] == counts.tolist()
    frames = np.load(place / "frames.npy")
    expected = np.zeros(frames.shape, frames.dtype)
    np.add.at(expected, (t // 33_000, p, y, x), 1)
    assert len(t) > 10_000 and (frames == expected).all()


def test_a_folder_of_several_formats(place, recordings):
    run(place, "A folder of recordings of several formats")
    truth = json.loads((recordings / "truth.json").read_text())
    with open(place / "report.csv") as file:
        rows = {Path(row["source"]).name: row for row in csv.DictReader(file)}
    assert set(rows) == {"davis346_seconds.txt", "evt2.raw", "davis346.aedat4", "atis.es", "gen4.dat"}
    for name, row in rows.items():
        assert int(row["events"]) == truth[name]["events"], name
        file = place / "converted" / Path(row["output"]).relative_to("converted")
        said = subprocess.run([evz_command(), "digest", file], capture_output=True, text=True, check=True)
        assert said.stdout.split()[0] == truth[name]["sha256"], name
