"""evz from Python beside what Python has: whole files, windows, data sets, queries.

    python benches/python.py --work DIR --recordings DIR [PART ...]

Ten million events of two real recordings in turns (evt3.raw of 1280x720, which is calm, and evt2.raw of
640x480, which is dense), a file for each way, written once. Every figure of a whole file is that of a process of its own, of which
the start and the imports are left out; ways take turns, and the best of --runs is kept. Files are in
the page cache for all. `first` is the first read of the process, into memory that nobody used before;
`again` the best of the reads that follow it, each giving back what it got. No way is given memory to
read into.
"""

import argparse
import bisect
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

N = 10_000_000
PARTS = ["read", "windows", "dsec", "grids", "voxel", "query"]


def have(name):
    return importlib.util.find_spec(name) is not None


# Files


def make(work, recordings):
    """The same events in a file for each way."""
    import numpy as np

    import evz

    if (work / "made").exists():
        return
    both = [evz.open(recordings / name) for name in ("evt3.raw", "evt2.raw")]
    size = both[0].size
    parts, end, n = [], 0, 0
    while n < N:
        one = both[len(parts) % 2][:]
        parts.append((one.t - one.t[0] + end, one.x, one.y, one.p))
        end, n = int(parts[-1][0][-1]) + 1, n + len(one)
    t, x, y, p = (np.concatenate(columns)[:N] for columns in zip(*parts))
    for profile in ("fast", "small"):
        evz.write(work / f"{profile}.evz", t, x, y, p, size=size, profile=profile, replace=True)
    dtype = np.dtype([("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")])
    rows = np.empty(N, dtype)
    for name, column in zip("txyp", (t, x, y, p)):
        rows[name] = column
    np.save(work / "rows.npy", rows)
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"t": t, "x": x, "y": y, "p": p})
    pq.write_table(table, work / "arrow.parquet", compression="zstd", row_group_size=1 << 20)
    evz.convert(work / "fast.evz", work / "evz.parquet", replace=True)
    if have("vortex"):
        import vortex

        vortex.io.write(vortex.array(table), str(work / "events.vortex"))
    if have("hdf5plugin"):
        import h5py
        import hdf5plugin

        # Not compressed, for eventcv, whose HDF5 has no plugins.
        with h5py.File(work / "plain.h5", "w") as f:
            for name, column in zip("txyp", (t, x, y, p)):
                f.create_dataset(f"events/{name}", data=column)
        with h5py.File(work / "blosc.h5", "w") as f:
            blosc = hdf5plugin.Blosc(cname="zstd", clevel=1, shuffle=hdf5plugin.Blosc.SHUFFLE)
            for name, column in zip("txyp", (t.astype("u4"), x, y, p)):
                f.create_dataset(f"events/{name}", data=column, chunks=(100_000,), **blosc)
            ms = np.searchsorted(t, np.arange(0, int(t[-1]) // 1000 + 2) * 1000)
            f["ms_to_idx"], f["t_offset"] = ms.astype("u8"), np.int64(0)
    (work / "made").write_text("")


# Whole files to four columns in NumPy


def read_evz(profile):
    def ready(work):
        import evz

        rec = evz.open(work / f"{profile}.evz")

        def read():
            events = rec[:]
            return events.t, events.x, events.y, events.p

        return read

    return ready


def read_vortex(work):
    import vortex

    file = vortex.open(str(work / "events.vortex"))

    def read():
        table = file.to_arrow().read_all()
        return [table.column(c).combine_chunks().to_numpy() for c in "txyp"]

    return read


def read_polars(work):
    import polars as pl

    def read():
        frame = pl.read_parquet(work / "arrow.parquet")
        return [frame[c].to_numpy() for c in "txyp"]

    return read


def read_pyarrow(work):
    import pyarrow.parquet as pq

    def read():
        table = pq.read_table(work / "arrow.parquet", memory_map=True)
        return [table.column(c).to_numpy() for c in "txyp"]

    return read


def read_h5py(work):
    import h5py
    import hdf5plugin  # noqa: F401

    file = h5py.File(work / "blosc.h5", "r")
    return lambda: [file[f"events/{c}"][:] for c in "txyp"]


READS = {
    "evz `fast`": (read_evz("fast"), "evz", "fast.evz"),
    "evz `small`": (read_evz("small"), "evz", "small.evz"),
    "vortex": (read_vortex, "vortex", "events.vortex"),
    "polars, Parquet": (read_polars, "polars", "arrow.parquet"),
    "pyarrow, Parquet": (read_pyarrow, "pyarrow", "arrow.parquet"),
    "h5py, Blosc zstd": (read_h5py, "hdf5plugin", "blosc.h5"),
}


def one_read(work, way):
    """In a process of its own: the first read, and the best of those after it."""
    import numpy  # noqa: F401

    read = READS[way][0](work)
    times = []
    for _ in range(6):
        start = time.perf_counter()
        got = read()
        times.append(time.perf_counter() - start)
        assert [len(c) for c in got] == [N] * 4 and int(got[1][N // 2]) >= 0
        del got
    return {"first": times[0], "again": min(times[1:])}


def part_read(args):
    ways = [way for way in READS if have(READS[way][1])]
    found = turns(args, "read", ways)
    print(f"\n{N:,} events to t, x, y, p in NumPy, M events/s\n")
    print("| way | bytes | first | again |\n| --- | --- | --- | --- |")
    rate = lambda way, what: N / found[way][what] / 1e6
    for way in ways:
        size = (args.work / READS[way][2]).stat().st_size
        print(f"| {way} | {size} | {rate(way, 'first'):.0f} | {rate(way, 'again'):.0f} |")
    peers = [way for way in ways if not way.startswith("evz")]
    for what in ("first", "again"):
        best = max(peers, key=lambda way: rate(way, what))
        for profile in ("fast", "small"):
            ours = rate(f"evz `{profile}`", what)
            print(f"- {what}: `{profile}` is {ours / rate(best, what):.2f} times the best peer ({best})", end="")
            print(f", {ours / rate('vortex', what):.2f} times vortex" if "vortex" in peers else "")


# Windows of 10 ms


def one_windows(work, way):
    """Microseconds a window, at random places."""
    import numpy as np

    import evz

    rec = evz.open(work / f"{'small' if way == 'evz `small`' else 'fast'}.evz")
    first, last = rec.time_range
    starts = np.random.default_rng(1).integers(first, last - 10_000, 2_000)
    pairs = [(int(a), int(a) + 10_000) for a in starts]
    if way == "evz `fast`, read_many":
        pairs = pairs * 5

        def run():
            return sum(len(events) for events in rec.read_many(time=pairs))

    elif way.startswith("evz"):

        def run():
            return sum(len(rec.time[a:b].t) for a, b in pairs)

    else:
        rows = np.load(work / "rows.npy", mmap_mode="r")
        # `np.searchsorted` would copy the column, as its values are not aligned.
        t = rows["t"]

        def run():
            total = 0
            for a, b in pairs:
                i, j = bisect.bisect_left(t, a), bisect.bisect_left(t, b)
                part = rows[i:j]
                columns = [np.array(part[c]) for c in "txyp"]
                total += len(columns[0])
            return total

    run()
    times, total = [], 0
    for _ in range(3):
        start = time.perf_counter()
        total = run()
        times.append(time.perf_counter() - start)
    return {"us": min(times) / len(pairs) * 1e6, "events": total / len(pairs)}


WINDOWS = ["evz `fast`", "evz `small`", "evz `fast`, read_many", "np.memmap with bisection"]


def part_windows(args):
    found = turns(args, "windows", WINDOWS)
    print("\nRandom windows of 10 ms to four columns, in a loop\n")
    print("| way | µs a window | events |\n| --- | --- | --- |")
    for way in WINDOWS:
        print(f"| {way} | {found[way]['us']:.1f} | {found[way]['events']:.0f} |")
    ratio = found["np.memmap with bisection"]["us"] / found["evz `fast`"]["us"]
    print(f"- np.memmap takes {ratio:.1f} times as long as `fast`")


# A loader in the way of DSEC's: `ms_to_idx`, then a slice of t that is narrowed, then x, y and p


class Slicer:
    def __init__(self, file):
        self.events = {name: file[f"events/{name}"] for name in "txyp"}
        self.ms_to_idx = file["ms_to_idx"][:].astype("int64")
        self.t_offset = int(file["t_offset"][()])

    def get(self, start, end):
        import numpy as np

        start, end = start - self.t_offset, end - self.t_offset
        first = self.ms_to_idx[start // 1_000]
        last = self.ms_to_idx[min(end // 1_000 + 1, len(self.ms_to_idx) - 1)]
        t = self.events["t"][int(first) : int(last)]
        a, b = np.searchsorted(t, (start, end))
        a, b = int(first + a), int(first + b)
        return {name: self.events[name][a:b] for name in "xyp"} | {"t": t[a - first : b - first]}


def slices(job):
    """One worker: events of its windows, by the file that it opens itself."""
    way, work, starts = job
    if way.startswith("evz"):
        import evz

        file = evz.h5view(work / f"{'small' if 'small' in way else 'fast'}.evz", layout="dsec")
    else:
        import h5py
        import hdf5plugin  # noqa: F401

        file = h5py.File(work / "blosc.h5", "r")
    slicer = Slicer(file)
    slicer.get(1_000, 51_000)
    start = time.perf_counter()
    total = sum(len(slicer.get(a, a + 50_000)["x"]) for a in starts)
    return total, time.perf_counter() - start


def last_start(work):
    """Where the last window of 50 ms may start."""
    import evz

    return evz.open(work / "fast.evz").time_range[1] - 60_000


def one_dsec(work, way):
    """Random windows of 50 ms, two workers."""
    import multiprocessing

    import numpy as np

    n = 500
    starts = np.random.default_rng(2).integers(1_000, last_start(work), (2, n)).tolist()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(slices, [(way, work, part) for part in starts])
    seconds = max(seconds for _, seconds in found)
    return {"ms": seconds / (2 * n) * 1e3, "events": sum(total for total, _ in found) / (2 * n)}


DSEC = ["evz `fast`, h5view", "evz `small`, h5view", "h5py, Blosc zstd"]


def part_dsec(args):
    found = turns(args, "dsec", DSEC)
    assert len({found[way]["events"] for way in DSEC}) == 1, found
    print("\nRandom windows of 50 ms by a loader in the way of DSEC's, 2 workers\n")
    print("| file | windows/s |\n| --- | --- |")
    for way in DSEC:
        print(f"| {way} | {1e3 / found[way]['ms']:.0f} |")
    print(f"- `fast` gives {found[DSEC[2]]['ms'] / found[DSEC[0]]['ms']:.1f} times as many")


# The same with voxel grids of 15 bins, as DSEC's loader makes them of what it read


def grid_in_numpy(events, size, bins=15):
    """Time from the first event to the last is 0 to bins - 1; polarity goes to the two bins around."""
    import numpy as np

    width, height = size
    x, y = events["x"].astype(np.int64), events["y"].astype(np.int64)
    t = events["t"].astype(np.float32) - np.float32(events["t"][0])
    t *= (bins - 1) / max(t[-1], 1)
    value = 2 * events["p"].astype(np.float32) - 1
    low = t.astype(np.int64)
    grid = np.zeros(bins * height * width, np.float32)
    for bin in (low, low + 1):
        weight = value * (1 - np.abs(bin - t))
        inside = bin < bins
        place = (bin * height + y) * width + x
        grid += np.bincount(place[inside], weight[inside], grid.size).astype(np.float32)
    return grid.reshape(bins, height, width)


def grid_in_torch(events, size, bins=15):
    """The same as DSEC's code does it, by `put_` that accumulates."""
    import torch

    width, height = size
    x, y = (torch.from_numpy(events[c].astype("int64")) for c in "xy")
    t = torch.from_numpy((events["t"] - events["t"][0]).astype("float32"))
    t = (bins - 1) * t / max(float(t[-1]), 1.0)
    value = 2 * torch.from_numpy(events["p"].astype("float32")) - 1
    low = t.long()
    grid = torch.zeros((bins, height, width))
    for bin in (low, low + 1):
        weight = value * (1 - (bin - t).abs())
        inside = bin < bins
        place = (bin * height + y) * width + x
        grid.put_(place[inside], weight[inside], accumulate=True)
    return grid


def grids(job):
    """One worker: seconds for the voxel grids of its windows."""
    way, work, starts, size = job
    if way.startswith("evz"):
        import evz

        rec = evz.open(work / f"{'small' if 'small' in way else 'fast'}.evz")
        frames = rec.frames(times=[(a, a + 50_000) for a in starts], mode="voxel", bins=15)
        take = lambda i: frames[i]
    else:
        import h5py
        import hdf5plugin  # noqa: F401

        slicer = Slicer(h5py.File(work / "blosc.h5", "r"))
        make = grid_in_torch if "torch" in way else grid_in_numpy
        if "torch" in way:
            import torch

            torch.set_num_threads(1)
        take = lambda i: make(slicer.get(starts[i], starts[i] + 50_000), size)
    total = float(abs(take(0)).sum())
    start = time.perf_counter()
    for i in range(len(starts)):
        grid = take(i)
    return time.perf_counter() - start, total, tuple(grid.shape)


def one_grids(work, way):
    import multiprocessing

    import numpy as np

    import evz

    n, size = 60, evz.open(work / "fast.evz").size
    starts = np.random.default_rng(3).integers(1_000, last_start(work), (2, n)).tolist()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(grids, [(way, work, part, size) for part in starts])
    return {"ms": max(seconds for seconds, *_ in found) / (2 * n) * 1e3, "sum": found[0][1]}


GRIDS = ["evz `fast`", "evz `small`", "h5py, torch", "h5py, numpy"]


def part_grids(args):
    ways = [way for way in GRIDS if "torch" not in way or have("torch")]
    found = turns(args, "grids", ways)
    sums = [found[way]["sum"] for way in ways]
    assert max(sums) - min(sums) < 1e-3 * max(sums), found
    print("\nVoxel grids of 15 bins of random windows of 50 ms, 2 workers\n")
    print("| way | grids/s | |\n| --- | --- | --- |")
    for way in ways:
        ratio = found[way]["ms"] / found["evz `fast`"]["ms"]
        print(f"| {way} | {1e3 / found[way]['ms']:.1f} | {ratio:.1f} times as long as `fast` |")


# Voxel grids of 5 bins, one after the other, in one process


def one_voxel(work, way):
    import numpy as np

    import evz

    rec = evz.open(work / ("small.evz" if "small" in way else "fast.evz"))
    width, height = rec.size
    n = 100
    if way.startswith("evz"):
        frames = rec.frames(us=50_000, mode="voxel", bins=5)
        take = lambda i: frames[i]
    elif way == "eventcv":
        import eventcv

        reader = eventcv.open(
            str(work / "plain.h5"), dt_us=50_000, repr="voxel", sensor_size=(width, height), time_unit="us"
        )
        reader = reader.with_repr("voxel", bins=5)
        take = lambda i: reader[i]
    else:
        from tonic.transforms import ToVoxelGrid

        grid = ToVoxelGrid(sensor_size=(width, height, 2), n_time_bins=5)
        windows = rec.windows(us=50_000)
        dtype = np.dtype([("x", "i2"), ("y", "i2"), ("t", "i8"), ("p", "i1")])
        take = lambda i: grid(windows[i].numpy(dtype))
    take(0)
    start = time.perf_counter()
    for i in range(1, n + 1):
        frame = take(i)
    seconds = time.perf_counter() - start
    assert np.asarray(frame).size == 5 * width * height, np.asarray(frame).shape
    return {"ms": seconds / n * 1e3}


VOXEL = ["evz `fast`", "evz `small`", "tonic.ToVoxelGrid, of windows of evz `fast`", "eventcv"]


def part_voxel(args):
    ways = [way for way in VOXEL if have(way.partition(".")[0]) or way.startswith("evz")]
    found = turns(args, "voxel", ways)
    print("\nVoxel grids of 5 bins, 1280x720, of 50 ms each\n")
    print("| way | grids/s | |\n| --- | --- | --- |")
    for way in ways:
        ratio = found[way]["ms"] / found["evz `fast`"]["ms"]
        print(f"| {way} | {1e3 / found[way]['ms']:.1f} | {ratio:.1f} times as long as `fast` |")


# A query through DuckDB


def one_query(work, way):
    import duckdb

    import evz

    rec = evz.open(work / "fast.evz")
    first, last = rec.time_range
    a = first + (last - first) * 3 // 5
    b = a + (last - first) // 100
    name = {"evz `fast`": "fast.evz", "evz `small`": "small.evz"}.get(way, "evz.parquet")
    if way.startswith("evz"):
        events = evz.dataset(work / name)
        source = "events"
    else:
        source = f"'{work / name}'"
    connection = duckdb.connect()
    sql = f"select x, y, count(*) from {source} where t between {a} and {b} group by x, y"
    times = []
    for _ in range(8):
        start = time.perf_counter()
        rows = connection.sql(sql).fetchnumpy()
        times.append(time.perf_counter() - start)
    return {"ms": min(times) * 1e3, "first_ms": times[0] * 1e3, "pixels": len(rows["x"])}


QUERIES = ["evz `fast`", "evz `small`", "Parquet written by evz"]


def part_query(args):
    found = turns(args, "query", QUERIES)
    assert len({found[way]["pixels"] for way in QUERIES}) == 1, found
    print("\nselect x, y, count(*) of 1% of the time, through DuckDB\n")
    print("| from | ms | the first, ms |\n| --- | --- | --- |")
    for way in QUERIES:
        print(f"| {way} | {found[way]['ms']:.2f} | {found[way]['first_ms']:.2f} |")
    parquet = found["Parquet written by evz"]
    print(f"- Parquet takes {parquet['ms'] / found['evz `fast`']['ms']:.2f} times as long as `fast`")


# All


def turns(args, part, ways):
    """The best of each figure, each from a fresh process, the ways in turns."""
    best = {}
    for _ in range(args.runs):
        for way in ways:
            out = subprocess.run(
                [sys.executable, __file__, "--work", args.work, "--one", part, way],
                check=True, capture_output=True, text=True,
            ).stdout
            found = json.loads(out)
            known = best.setdefault(way, found)
            for name, value in found.items():
                known[name] = min(known[name], value)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all, if none is named")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the files")
    parser.add_argument("--recordings", type=Path, default=os.environ.get("EVZ_RECORDINGS"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.one:
        part, way = args.one
        print(json.dumps(globals()[f"one_{part}"](args.work, way)))
        return
    make(args.work, Path(args.recordings))
    for part in args.parts or PARTS:
        globals()[f"part_{part}"](args)


if __name__ == "__main__":
    main()
