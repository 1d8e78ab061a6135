"""The ways without evz, over the sizes and lengths of `evz bench --matrix`.

    python benches/today.py --evz target/release/evz --up-to 10M --csv today.csv

prints the same table and writes the same CSV, to be joined with those of evz. It wants numpy, pandas,
numba and dask. Each step runs in a process of its own; its time leaves out the start of Python and the
imports, its memory is what was seen resident without maps of files, workers included. A step that by
the run before would take longer than LIMIT_S or more than half of the machine's memory is left empty,
and so is one that a way does not have.
"""

import argparse
import bisect
import csv
import functools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SENSORS = [(240, 180), (640, 480), (1280, 720), (1920, 1080)]
LENGTHS = [10**6, 10**7, 10**8, 10**9]
LIMIT_S = 60.0
CHUNK = 1_000_000
WINDOW_S, COUNT = 0.033, 100_000
COLUMNS = [
    ("way", "way"),
    ("sensor", "sensor"),
    ("events", "events"),
    ("text to file", "convert_s"),
    ("memory", "convert_memory_bytes"),
    ("bits an event", "bits_per_event"),
    ("file to columns, events/s", "decode_events_per_s"),
    ("memory", "decode_memory_bytes"),
    ("33 ms frames/s", "frames_33ms_per_s"),
    ("100k-event frames/s", "frames_100k_per_s"),
    ("memory", "frames_memory_bytes"),
]
# The file that each way reads. Those that read plain.bin make frames of it, and convert to it like
# np.memmap.
FILES = {
    "np.loadtxt": "events.txt",
    "pandas in chunks": "events.txt",
    "np.memmap": "plain.bin",
    "NPZ": "events.npz",
    "np.add.at": "plain.bin",
    "numba": "plain.bin",
    "multiprocessing": "plain.bin",
    "Dask": "plain.bin",
}
EVENT = [("t", "<f8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")]


# What a step does, in its own process.


def text_chunks():
    import pandas

    types = dict(EVENT)
    return pandas.read_csv("events.txt", sep=" ", names=list(types), dtype=types, chunksize=CHUNK)


def convert(way):
    import numpy as np

    if way == "np.memmap":
        with open("plain.bin", "wb") as out:
            for chunk in text_chunks():
                out.write(chunk.to_records(index=False).astype(EVENT).tobytes())
    if way == "NPZ":
        np.savez_compressed("events.npz", **decode("np.loadtxt"))


def decode(way):
    """All events as four columns, or for pandas chunk after chunk."""
    import numpy as np

    if way == "np.loadtxt":
        events = np.loadtxt("events.txt", dtype=EVENT)
        return {name: np.ascontiguousarray(events[name]) for name, _ in EVENT}
    if way == "np.memmap":
        events = np.memmap("plain.bin", dtype=EVENT, mode="r")
        return {name: np.ascontiguousarray(events[name]) for name, _ in EVENT}
    if way == "NPZ":
        with np.load("events.npz") as columns:
            return {name: columns[name] for name, _ in EVENT}
    for chunk in text_chunks():
        columns = {name: chunk[name].to_numpy() for name, _ in EVENT}
    return columns


def plain():
    import numpy as np

    return np.memmap("plain.bin", dtype=EVENT, mode="r")


def add_at(events, shape):
    import numpy as np

    frame = np.zeros(shape, np.int16)
    np.add.at(frame, (events["y"], events["x"]), events["p"].astype(np.int16) * 2 - 1)
    return frame


def add_at_range(bounds, shape):
    return add_at(plain()[bounds[0] : bounds[1]], shape)


def windows(events, by):
    """The bounds of each frame, in events."""
    import numpy as np

    if by == "count":
        edges = np.append(np.arange(0, len(events), COUNT), len(events))
    else:
        t = events["t"]
        n = int((t[-1] - t[0]) / WINDOW_S) + 1
        # np.searchsorted would copy all times for each search, for they stand in records.
        starts = [bisect.bisect_left(t, t[0] + i * WINDOW_S) for i in range(n)]
        edges = np.append(starts, len(events))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist()))


def frames(way, by, shape):
    """Makes all frames and throws them away; returns how many."""
    events = plain()
    bounds = windows(events, by)
    if way == "np.add.at":
        for first, end in bounds:
            add_at(events[first:end], shape)
    elif way == "numba":
        signed = numba_signed(shape)
        for first, end in bounds:
            signed(events["x"][first:end], events["y"][first:end], events["p"][first:end], shape)
    elif way == "multiprocessing":
        import multiprocessing

        with multiprocessing.Pool() as pool:
            for _ in pool.imap(functools.partial(add_at_range, shape=shape), bounds):
                pass
    elif way == "Dask":
        import dask

        cores = os.cpu_count()
        for at in range(0, len(bounds), cores):
            dask.compute(*[dask.delayed(add_at_range)(b, shape) for b in bounds[at : at + cores]])
    return len(bounds)


@functools.cache
def numba_signed(shape):
    """The loop over events, compiled for the columns of plain.bin."""
    import numba
    import numpy as np

    @numba.njit
    def signed(x, y, p, shape):
        frame = np.zeros(shape, np.int16)
        for i in range(len(x)):
            frame[y[i], x[i]] += 1 if p[i] else -1
        return frame

    some = plain()[:10]
    signed(some["x"], some["y"], some["p"], shape)
    return signed


def step(name, way, shape):
    """Runs a step and prints its seconds, and the frames a second where it makes frames."""
    import numpy  # noqa: F401  outside of what is timed

    if name in ("convert", "decode") and way in ("np.memmap", "pandas in chunks"):
        import pandas  # noqa: F401
    if way == "Dask":
        import dask  # noqa: F401
    if way == "numba":
        numba_signed(shape)
    started = time.perf_counter()
    n = None
    if name == "convert":
        convert(way)
    elif name == "decode":
        decode(way)
    else:
        n = frames(way, name, shape)
    print(json.dumps([time.perf_counter() - started, n]))


# What runs the steps.


def anonymous_bytes(pid):
    """Resident memory that no file backs, of a process and its children."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    own = [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon:")]
    return sum(own) + sum(anonymous_bytes(child) for child in children)


def run_step(folder, name, way, shape):
    """Seconds, frames and bytes of memory of a step."""
    args = [sys.executable, os.path.abspath(__file__), "--step", name, way, *map(str, shape)]
    child = subprocess.Popen(args, cwd=folder, stdout=subprocess.PIPE)
    most, ended = [0], threading.Event()

    def look():
        while not ended.wait(0.005):
            most[0] = max(most[0], anonymous_bytes(child.pid))

    looking = threading.Thread(target=look)
    looking.start()
    out, _ = child.communicate()
    ended.set()
    looking.join()
    if child.returncode:
        sys.exit(f"{way}, {name}: failed as said above; leave the way out of FILES, or mend it")
    seconds, n = json.loads(out)
    return seconds, n, most[0]


class Limits:
    """Tells from the run before whether a step is worth its time and memory."""

    def __init__(self):
        self.before = {}
        self.memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2

    def run(self, folder, name, way, shape, events):
        key = (name, way, shape)
        if key in self.before:
            events_before, seconds, memory = self.before[key]
            more = events / events_before
            # Memory that did not grow with the events, that of Python itself, is no reason to stop.
            if seconds * more > LIMIT_S or (memory > 1e9 and memory * more > self.memory):
                return None
        got = run_step(folder, name, way, shape)
        self.before[key] = (events, got[0], got[2])
        return got


def rows(folder, sensor, events, limits):
    """A row for each way."""
    shape = (sensor[1], sensor[0])
    for way, file in FILES.items():
        row = dict.fromkeys((name for _, name in COLUMNS), None)
        row.update(way=way, sensor=f"{sensor[0]}x{sensor[1]}", events=events)
        if way in ("np.memmap", "NPZ"):
            if got := limits.run(folder, "convert", way, shape, events):
                row["convert_s"], _, row["convert_memory_bytes"] = got
        path = Path(folder, file)
        if path.exists():
            row["bits_per_event"] = path.stat().st_size * 8 / events
        if way in ("np.loadtxt", "np.memmap", "NPZ", "pandas in chunks"):
            if path.exists() and (got := limits.run(folder, "decode", way, shape, events)):
                row["decode_events_per_s"], row["decode_memory_bytes"] = events / got[0], got[2]
        elif path.exists():
            for by, name in (("time", "frames_33ms_per_s"), ("count", "frames_100k_per_s")):
                if got := limits.run(folder, by, way, shape, events):
                    row[name] = got[1] / got[0]
                    row["frames_memory_bytes"] = max(row["frames_memory_bytes"] or 0, got[2])
        yield row


def short(value):
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k"), (1, "")):
        if value >= 0.9995 * size:
            break
    return f"{value / size:.3g}{letter}"


def for_people(name, value):
    if value is None:
        return ""
    if name.endswith("_bytes"):
        return short(value) + "B"
    if name.endswith("_per_s"):
        return short(value)
    if name == "convert_s":
        return f"{value:.3f} s"
    if name == "bits_per_event":
        return f"{value:.1f}"
    return f"{value:,}" if name == "events" else value


def print_row(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def count(text):
    powers = {"k": 10**3, "M": 10**6, "B": 10**9}
    return int(text[:-1]) * powers[text[-1]] if text[-1] in powers else int(text)


def matrix(args):
    table = None
    if args.csv:
        # Line by line: what was measured is kept if the rest fails.
        out = open(args.csv, "x", buffering=1, newline="")
        table = csv.DictWriter(out, [name for _, name in COLUMNS])
        table.writeheader()
    print_row([head for head, _ in COLUMNS])
    print_row(["---"] * len(COLUMNS))
    limits = Limits()
    for events in [n for n in LENGTHS if n < args.up_to] + [args.up_to]:
        for sensor in SENSORS:
            with tempfile.TemporaryDirectory() as folder:
                text = os.path.join(folder, "events.txt")
                size = f"{sensor[0]}x{sensor[1]}"
                make = [args.evz, "synth", text, "--size", size, "--events", str(events)]
                subprocess.run(make, check=True, stderr=subprocess.DEVNULL)
                for row in rows(folder, sensor, events, limits):
                    print_row([for_people(name, row[name]) for _, name in COLUMNS])
                    if table:
                        table.writerow(row)


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--evz", default="target/release/evz", help="the command, which makes the recordings")
    parser.add_argument("--up-to", type=count, default=LENGTHS[-1], metavar="N", help="events of the longest")
    parser.add_argument("--csv", metavar="FILE", help="write the table as CSV, too")
    parser.add_argument("--step", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        name, way, height, width = args.step
        step(name, way, (int(height), int(width)))
    else:
        matrix(args)


if __name__ == "__main__":
    main()
