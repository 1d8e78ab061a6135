"""Columns in numpy's files, made and read in a process of its own.

    columns.py repeat ONCE.npy OUT.npy EVENTS     the recording again and again, its times shifted
    columns.py PEER EVENTS.npy WIDTH HEIGHT       what a peer makes of them, a row of JSON a line
"""

import importlib
import json
import statistics
import sys
import time

COUNT = 100_000
RUNS = 5


def repeat(once, out, n):
    import numpy as np

    events = np.load(once)
    first, last = int(events["t"].min()), int(events["t"].max())
    # The next one starts as long after as events lie apart on average.
    period = last - first + max(1, (last - first) // len(events))
    repeated = np.lib.format.open_memmap(out, "w+", events.dtype, (n,))
    for k, start in enumerate(range(0, n, len(events))):
        part = events[: n - start].copy()
        part["t"] += k * period
        repeated[start : start + len(part)] = part
    repeated.flush()


class Scatter:
    """Signed frames of COUNT events by one scatter: the place of each event, and its weight."""

    def __init__(self, events, width, height):
        import numpy as np

        self.n = len(events)
        frame = np.arange(self.n) // COUNT
        pixel = events["y"].astype(np.int64) * width + events["x"]
        self.at = pixel + frame * (width * height)
        self.weight = np.where(events["p"], 1, -1).astype(np.int32)
        self.len = int(frame[-1] + 1) * width * height


def seconds(act, wait):
    act()
    wait()
    runs = []
    for _ in range(RUNS):
        start = time.perf_counter()
        act()
        wait()
        runs.append(time.perf_counter() - start)
    return statistics.median(runs)


def cupy(events, width, height):
    import cupy as cp

    s, wait = Scatter(events, width, height), cp.cuda.Device().synchronize
    at, weight = cp.asarray(s.at), cp.asarray(s.weight)

    def frames(at, weight):
        cp.add.at(cp.zeros(s.len, cp.int32), at, weight)

    yield "columns on the device", s.n / seconds(lambda: frames(at, weight), wait)
    feed = lambda: frames(cp.asarray(s.at), cp.asarray(s.weight))
    yield "columns from memory", s.n / seconds(feed, wait)


def torch(events, width, height):
    import torch

    s, wait = Scatter(events, width, height), torch.cuda.synchronize
    at, weight = torch.from_numpy(s.at), torch.from_numpy(s.weight)
    at_there, weight_there = at.cuda(), weight.cuda()

    def frames(at, weight):
        torch.zeros(s.len, dtype=torch.int32, device="cuda").index_add_(0, at, weight)

    yield "columns on the device", s.n / seconds(lambda: frames(at_there, weight_there), wait)
    yield "columns from memory", s.n / seconds(lambda: frames(at.cuda(), weight.cuda()), wait)


def numba(events, width, height):
    import numpy as np
    from numba import cuda

    @cuda.jit
    def scatter(at, weight, out):
        i = cuda.grid(1)
        if i < at.size:
            cuda.atomic.add(out, at[i], weight[i])

    s = Scatter(events, width, height)
    at, weight = cuda.to_device(s.at), cuda.to_device(s.weight)
    out = cuda.to_device(np.zeros(s.len, np.int32))
    act = lambda: scatter[(s.n + 255) // 256, 256](at, weight, out)
    yield "columns on the device", s.n / seconds(act, cuda.synchronize)


def nvcomp(events, width, height):
    """Bits an event and the rate of decoding, of each column and of all."""
    import numpy as np

    t = np.ascontiguousarray(events["t"]).astype(np.int64)
    steps = np.diff(t, prepend=t[:1])
    if steps.min() >= 0:
        steps = steps.astype(np.min_scalar_type(steps.max()))
    columns = {"t": t, "t, differences": steps}
    for name in ("x", "y"):
        columns[name] = np.ascontiguousarray(events[name]).astype(np.uint16)
    columns["p"] = np.ascontiguousarray(events["p"]).astype(np.uint8)
    for algorithm in ("ANS", "Cascaded", "Bitcomp"):
        try:
            yield from coded(algorithm, columns)
        except Exception as why:
            yield algorithm, {"skipped": not_measured(why)}


def coded(algorithm, columns):
    import numpy as np
    from nvidia import nvcomp

    wait, all_bits, all_s = device_wait(), 0.0, 0.0
    for name, column in columns.items():
        n = len(column)
        data = column.view(np.uint8) if algorithm == "ANS" else column
        codec = nvcomp.Codec(algorithm=algorithm, data_type=data.dtype.str)
        encoded = codec.encode(nvcomp.as_array(data).cuda())
        decode = lambda: codec.decode(encoded, data.dtype.str)
        if not np.array_equal(np.asarray(decode().cpu()).ravel(), data):
            raise ValueError(f"{name} is another after decoding")
        bits, took_s = encoded.buffer_size * 8 / n, seconds(decode, wait)
        yield f"{algorithm}, {name} as {column.dtype}", row(bits, n / took_s)
        if name != "t":
            all_bits, all_s = all_bits + bits, all_s + took_s
    yield f"{algorithm}, all: differences of t, not summed, x, y, p", row(all_bits, n / all_s)


def row(bits, rate):
    return {"bits_per_event": bits, "decode_events_per_s": rate}


def device_wait():
    try:
        return importlib.import_module("cupy").cuda.Device().synchronize
    except ImportError:
        return importlib.import_module("torch").cuda.synchronize


# What a peer is called, and the module that it needs.
PEERS = {
    "CuPy": ("cupy", cupy),
    "torch": ("torch", torch),
    "numba-cuda": ("numba", numba),
    "nvCOMP": ("nvidia.nvcomp", nvcomp),
}


def peer(name, file, width, height):
    import numpy as np

    module, rows = PEERS[name]
    try:
        importlib.import_module(module)
    except ImportError as why:
        missing = isinstance(why, ModuleNotFoundError)
        print(json.dumps({"name": name, "skipped": "not installed" if missing else str(why)}))
        return
    try:
        for what, found in rows(np.load(file, mmap_mode="r"), width, height):
            key = "file_to_frames_events_per_s" if "memory" in what else "frames_events_per_s"
            found = found if isinstance(found, dict) else {key: found}
            print(json.dumps({"name": f"{name}, {what}", **found}), flush=True)
    except Exception as why:
        print(json.dumps({"name": name, "skipped": not_measured(why)}))


def not_measured(why):
    told = " ".join(f"{type(why).__name__}: {why}".split())
    return f"not measured: {told[:200]}"


if __name__ == "__main__":
    # What lies beside this file must not stand in for modules of the libraries.
    sys.path.pop(0)
    if sys.argv[1] == "repeat":
        repeat(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        peer(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
