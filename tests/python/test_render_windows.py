"""Windows that `evz render` takes at times of a list or in equal parts, and what it says of each, against NumPy."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from command import evz_command
from evz_reader import Evz
from test_render import run

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

MS = 1_000
"""Ticks of the recordings here, which are of microseconds."""


@pytest.fixture(scope="module", params=["davis346_seconds.txt", "evt2.raw", "synthetic"])
def files(request, tmp_path_factory):
    """A recording as it is and as an .evz, with its events by the second reader and its sensor."""
    folder = tmp_path_factory.mktemp("recording")
    out = folder / "events.evz"
    if request.param == "synthetic":
        run("synth", out, "--size", "240x180", "--events", "200k", "--rate", "2M")
        source = folder / "events.npy"
        run("convert", out, source)
    else:
        recordings = os.environ.get("EVZ_RECORDINGS")
        if not recordings:
            pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
        source = Path(recordings) / request.param
        run("convert", source, out)
    events = Evz(out.read_bytes()).events()
    size = int(events.x.max()) + 1, int(events.y.max()) + 1
    return (out, source), events, size


def expected(events, size, windows):
    """Counts of OFF and ON, and the four columns, of each window."""
    numbers = [np.searchsorted(events.t, window) for window in windows]
    rows = [(start, end, a, b - a) for (start, end), (a, b) in zip(windows, numbers)]
    return counted(events, size, numbers), np.array(rows, np.int64)


def counted(events, size, numbers):
    """Counts of OFF and ON of the events from one number to another, for each frame."""
    frames = np.zeros((len(numbers), 2, size[1], size[0]), "<u2")
    for frame, (first, end) in zip(frames, numbers):
        part = slice(first, end)
        np.add.at(frame, (events.p[part], events.y[part], events.x[part]), 1)
    return frames


def rendered(path, size, folder, *options):
    out, table = folder / "out.npz", folder / "table.npy"
    size = "x".join(map(str, size))
    said = run("render", path, "-o", out, "--frame-table", table, "--mode", "counts", "--size", size,
               "--force", *options)
    arrays = np.load(out)
    rows = np.stack([arrays[name] for name in ("t_start", "t_end", "first", "n_events")], axis=1)
    assert arrays["time_base_ns"] == 1_000
    assert np.array_equal(np.load(table).tolist(), rows.tolist())
    return arrays["frames"], rows, said


def check(found, wanted):
    assert found[0].dtype == wanted[0].dtype and found[0].shape == wanted[0].shape
    assert np.array_equal(found[1], wanted[1])
    assert np.array_equal(found[0], wanted[0])


def some_times(t):
    """Stamps as of a camera; then unsorted, tied, before the first event, and behind the last."""
    n, (first, last) = 12, (int(t[0]), int(t[-1]))
    stamps = np.linspace(first, last, n).astype(np.int64)
    wild = np.concatenate([stamps[::-1], stamps[3:5], stamps[3:5], [first - 9 * MS, last + 99 * MS, int(t[7])]])
    return {"stamps": stamps, "wild": wild}


@pytest.mark.parametrize("order", ["stamps", "wild"])
@pytest.mark.parametrize("option, before", [("--at", 5 * MS), ("--around", 2_500), ("--after", 0)])
def test_windows_lie_at_the_times_of_a_list(files, tmp_path, option, before, order):
    paths, events, size = files
    times = some_times(events.t)[order]
    text, array = tmp_path / "times.txt", tmp_path / "times.npy"
    np.savetxt(text, times, "%d")
    np.save(array, times.astype("<i8"))
    wanted = expected(events, size, [(t - before, t - before + 5 * MS) for t in times])
    for path in paths:
        for list_ in (text, array):
            *found, said = rendered(path, size, tmp_path, option, list_, "--window", "5ms")
            check(found, wanted)
            assert f"{len(times)} times, in microseconds of the recording's clock; --list-unit settles it" in said
            outside = (wanted[1][:, 1] <= events.t[0]) | (wanted[1][:, 0] > events.t[-1])
            note = f"{outside.sum()} of {len(times)} windows lie where it has no events"
            assert (note in said) == outside.any()


def test_a_window_of_one_tick_holds_what_is_of_it(files, tmp_path):
    paths, events, size = files
    times = np.array([events.t[0], events.t[100], events.t[100], events.t[-1], events.t[-1] - 1])
    (tmp_path / "times.csv").write_text("t_us,name\n" + "".join(f"{t},frame_{t}.png\n" for t in times))
    for path in paths:
        *found, said = rendered(path, size, tmp_path, "--after", tmp_path / "times.csv", "--window", "1us")
        check(found, expected(events, size, [(t, t + 1) for t in times]))
        assert "in us of the recording's clock by the name of the column" in said


def test_windows_between_times_and_from_pairs_of_them(files, tmp_path):
    paths, events, size = files
    times = some_times(events.t)["stamps"]
    (tmp_path / "times.txt").write_text("".join(f"{t}\n" for t in times))
    # Those of a ground truth of flow: some overlap, and one comes before another.
    pairs = np.stack([times[:-3], times[3:]], axis=1)[[4, 0, 1, 1, 7]]
    lines = "".join(f"{a}, {b}\n" for a, b in pairs)
    (tmp_path / "flow.csv").write_text("# from_timestamp_us, to_timestamp_us\n" + lines)
    np.save(tmp_path / "flow.npy", pairs)
    for path in paths:
        *found, _ = rendered(path, size, tmp_path, "--between", tmp_path / "times.txt")
        check(found, expected(events, size, list(zip(times[:-1], times[1:]))))
        for name in ("flow.csv", "flow.npy"):
            *found, _ = rendered(path, size, tmp_path, "--between", tmp_path / name)
            check(found, expected(events, size, pairs))


def test_what_plain_numbers_are_is_told(files, tmp_path):
    paths, events, size = files
    first = int(events.t[0])
    after = np.array([10.5, 3.25, 20.0])
    np.savetxt(tmp_path / "ms.txt", after)
    np.save(tmp_path / "s.npy", (after * MS + first) / 1e6)
    (tmp_path / "units.txt").write_text("".join(f"{ms}ms\n" for ms in after))
    windows = [(t - 2 * MS, t) for t in (after * MS).astype(np.int64) + first]
    for path in paths:
        for name, unit in [("ms.txt", "ms"), ("s.npy", "@s"), ("s.npy", None), ("units.txt", None)]:
            told = ["--list-unit", unit] if unit else []
            *found, _ = rendered(path, size, tmp_path, "--at", tmp_path / name, "--window", "2ms", *told)
            check(found, expected(events, size, windows))


@pytest.mark.parametrize("split_by", ["time", "number"])
@pytest.mark.parametrize("n", [1, 7, 16])
def test_so_many_frames_are_cut_as_spikingjelly_cuts_them(files, tmp_path, split_by, n):
    """`cal_fixed_frames_number_segment_index` of SpikingJelly, in its definition."""
    paths, events, size = files
    t, total = events.t, len(events.t)
    if split_by == "number":
        borders = [k * (total // n) for k in range(n)]
    else:
        step = int(t[-1] - t[0]) // n
        borders = [int(np.searchsorted(t, t[0] + k * step)) for k in range(n)]
    borders.append(total)
    for path in paths:
        frames, rows, _ = rendered(path, size, tmp_path, "--frames", n, "--split-by", split_by)
        assert rows[:, 2].tolist() == borders[:-1] and rows[:, 3].tolist() == np.diff(borders).tolist()
        assert np.array_equal(frames, counted(events, size, list(zip(borders[:-1], borders[1:]))))
        assert (rows[0, 0], rows[-1, 1]) == (t[0], t[-1] + 1)


def test_the_first_event_is_not_told_where_the_events_do_not_stand_together(files, tmp_path):
    paths, events, size = files
    for path in paths:
        for cut in (["--window", "5ms"], ["--count", "1k"]):
            _, rows, _ = rendered(path, size, tmp_path, "--polarity", "on", *cut)
            assert (rows[:, 2] == -1).all()
            assert rows[:, 3].sum() == (events.p == 1).sum()
        _, rows, _ = rendered(path, size, tmp_path, "--events", "500..2500", "--count", "300", "--stride", "400")
        assert rows[:, 2].tolist() == [500, 900, 1300, 1700, 2100]
        assert rows[:, 0].tolist() == events.t[rows[:, 2]].tolist()


def test_the_first_event_counts_what_filters_leave(files, tmp_path):
    paths, _, size = files
    for path in paths:
        left = ["--size", "x".join(map(str, size)), "--decimate", "2", "--force"]
        run("convert", path, tmp_path / "left.evz", *left)
        kept = Evz((tmp_path / "left.evz").read_bytes()).events().t
        frames, rows, _ = rendered(path, size, tmp_path, "--decimate", "2", "--window", "5ms")
        ends = rows[:, 2] + rows[:, 3]
        assert np.array_equal(ends[:-1], rows[1:, 2]) and ends[-1] == len(kept)
        found = [kept[a:b] for a, b in zip(rows[:, 2], ends)]
        assert all(((t >= start) & (t < end)).all() for t, start, end in zip(found, rows[:, 0], rows[:, 1]))
        a, b = rows[1, 2], ends[1]
        again, _, _ = rendered(path, size, tmp_path, "--decimate", "2", "--events", f"{a}..{b}", "--count", b - a)
        assert np.array_equal(again[0], frames[1])


@pytest.mark.parametrize("lines, said", [
    ("nan\n0.1\n", "line 1: \"nan\" is no time"),
    ("inf\n", "line 1: \"inf\" is no time"),
    ("5ms\n100 ms\n", "line 2: \"ms\" stands alone behind \"100\"; write 100ms"),
    ("1\n99999999999999999999\n", "time 2 is beyond what can be counted"),
])
def test_what_is_no_time_of_a_list_is_refused(files, tmp_path, lines, said):
    (tmp_path / "times.txt").write_text(lines)
    command = [evz_command(), "render", files[0][0], "-o", tmp_path / "out.npz", "--at", tmp_path / "times.txt",
               "--window", "5ms", "--list-unit", "us", "--size", "x".join(map(str, files[2]))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (1, 2) and said in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out.npz").exists()
