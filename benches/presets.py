"""How fast `evz render --like` makes the frames of others, beside signed frames and beside the others' own code.

    python benches/presets.py --evz target/release/evz --recordings DIR [--count 100000] [--events 20000000]
        [--tonic to_voxel_grid.py] [--dsec representations.py]

evt2.raw and evt3.raw, real scenes, are repeated with their clocks put forward until there are so many events, and
written with `--profile fast`. `evz bench render` decodes them and makes all frames of `--count` events each, in memory
that is used again. The codes of Tonic (`tonic/functional/to_voxel_grid.py`) and of DSEC (`scripts/dataset/
representations.py`, with PyTorch) are given the same events as columns in memory; each grid is fresh memory there, as
these codes make it. Figures are medians; a ratio above 1 says that evz is faster, though it decodes too.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

SIZES = {"evt2.raw": (640, 480), "evt3.raw": (1280, 720)}
PRESETS = ["e2vid", "eraft", "dsec", "rvt", "tonic", "openeb", "evflownet", "spikingjelly", "eventcv", "ess"]


def repeated(evz, source, size, n, folder):
    """An .evz of `n` events, and their columns."""
    once = folder / "once.npy"
    subprocess.run([evz, "convert", source, once, "--force", "--events-only"], check=True, capture_output=True)
    events = np.load(once)
    times = -(-n // len(events))
    step = int(events["t"][-1] - events["t"][0]) + 1
    all_events = np.tile(events, times)[:n]
    all_events["t"] += np.repeat(np.arange(times) * step, len(events))[:n].astype(events["t"].dtype)
    long, out = folder / "long.npy", folder / f"{source.stem}.evz"
    np.save(long, all_events)
    told = ["--size", f"{size[0]}x{size[1]}", "--time-unit", "us", "--profile", "fast", "--force"]
    subprocess.run([evz, "convert", long, out, *told], check=True, capture_output=True)
    long.unlink()
    return out, all_events


def evz_rate(evz, path, count, *what):
    """Frames and events a second."""
    command = [evz, "bench", "render", path, "--count", str(count), "--json", *what]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return said["frames_per_s"], said["events_per_s"]


def peer_rate(make, events, count):
    """Events a second of a code that makes one grid at a time, of at most ten windows."""
    seconds = []
    for first in range(0, min(10 * count, len(events) - count + 1), count):
        part = events[first : first + count]
        given = make(part)
        start = time.perf_counter()
        given()
        seconds.append(time.perf_counter() - start)
    return count / statistics.median(seconds)


def loaded(path):
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tonic_grid(path, size, bins):
    module = loaded(path)

    def make(part):
        columns = [("x", np.int16), ("y", np.int16), ("t", np.int64), ("p", np.int8)]
        given = np.zeros(len(part), columns)
        for name, _ in columns:
            given[name] = part[name]
        return lambda: module.to_voxel_grid_numpy(given, (*size, 2), bins)

    return make


def dsec_grid(path, size, bins):
    import torch

    module = loaded(path)

    def make(part):
        t = (part["t"] - part["t"][0]).astype(np.float32)
        columns = [part["x"].astype(np.float32), part["y"].astype(np.float32), part["p"].astype(np.float32), t / t[-1]]
        x, y, p, t = (torch.from_numpy(column) for column in columns)
        grid = module.VoxelGrid(bins, size[1], size[0], normalize=True)
        return lambda: grid.convert(x, y, p, t)

    return make


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evz", type=Path, required=True)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--tonic", type=Path)
    parser.add_argument("--dsec", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, size in SIZES.items():
            path, events = repeated(args.evz, args.recordings / name, size, args.events, Path(folder))
            print(f"{name}, {size[0]}x{size[1]}, {args.count} events a frame: frames/s, events/s, of signed")
            signed = evz_rate(args.evz, path, args.count, "--mode", "signed")[0]
            rates = {}
            for preset in PRESETS:
                frames, rates[preset] = evz_rate(args.evz, path, args.count, "--like", preset)
                print(f"  {preset:13} {frames:8.0f} {rates[preset] / 1e6:8.1f} M {frames / signed:6.2f}")
            print(f"  {'signed':13} {signed:8.0f}")
            peers = [("tonic", args.tonic, tonic_grid, 10), ("dsec", args.dsec, dsec_grid, 15)]
            for preset, code, grid, bins in peers:
                if code:
                    own = peer_rate(grid(code, size, bins), events, args.count)
                    ratio = rates[preset] / own
                    print(f"  {preset}'s own code: {own / 1e6:.2f} M events/s; evz {ratio:.1f} times that")


if __name__ == "__main__":
    main()
