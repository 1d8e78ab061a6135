#!/usr/bin/env python3
"""Packs beside one file a recording: 60,000 recordings like those of N-MNIST.

    PYTHONPATH=... python3 benches/packs.py target/release/evz RECORDINGS [--samples 60000]

N-MNIST itself is not to be had everywhere, so its stand-in is cut out of real recordings: cells of 34x34 pixels,
some 4,172 events each (the mean of N-MNIST), in its own `.bin` layout and ten folders. What is measured is the time of
one random sample as arrays of NumPy, in one process whose memory is reused, files in the page cache, by

    evz       `rec.samples[i].read()` of a pack, `fast` and `small`
    tonic     `tonic.io.read_mnist_file` of the sample's own file, which is what its data set does
    npz       `numpy.load` of a file for each sample, deflated
    hdf5      one file for all, a group for each sample, gzip, by h5py

and how long it takes to open, up to the first sample. Peers that are not installed are left out, and said.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

import evz

RECORDINGS = ["evt3.raw", "evt2.raw", "atis.es", "dvs.es", "davis346.aedat4", "gen4.dat"]
SIDE = 34


def cells(folder):
    """Cells of 34x34 pixels with enough events, of every recording."""
    found = []
    for name in RECORDINGS:
        events = evz.open(os.path.join(folder, name))[:]
        t, x, y, p = (np.array(events[c]) for c in "txyp")
        cell = y.astype(np.int64) // SIDE * 4096 + x // SIDE
        order = np.argsort(cell, kind="stable")
        for some in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
            if len(some) > 4000:
                found.append((t[some], x[some] % SIDE, y[some] % SIDE, p[some].astype(np.int64)))
    return found


def make(folder, recordings, n):
    """The stand-in; paths of its files."""
    rng, pool, paths = np.random.default_rng(7), cells(recordings), []
    for i in range(n):
        t, x, y, p = pool[rng.integers(len(pool))]
        count = max(int(rng.normal(4172, 800)), 500)
        start = rng.integers(0, max(1, len(t) - count))
        part = slice(start, start + count)
        t = t[part] - t[start]
        kept = t < 1 << 23
        words = np.empty((kept.sum(), 5), np.uint8)
        t = t[kept]
        words[:, 0], words[:, 1] = x[part][kept], y[part][kept]
        words[:, 2], words[:, 3], words[:, 4] = (p[part][kept] << 7) | (t >> 16), t >> 8 & 255, t & 255
        path = os.path.join(folder, str(rng.integers(10)), f"{i + 1:05d}.bin")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        words.tofile(path)
        paths.append(path)
    return sorted(paths)


def timed(read, numbers):
    """Microseconds of each read, without those of the first hundred."""
    took = []
    for i in numbers:
        start = time.perf_counter()
        read(i)
        took.append((time.perf_counter() - start) * 1e6)
    took = np.array(took[100:])
    return f"{np.median(took):8.1f} median {took.mean():8.1f} mean {np.percentile(took, 99):8.1f} p99"


def say(name, what):
    print(f"{name:34} {what}", flush=True)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("evz")
    args.add_argument("recordings")
    args.add_argument("--samples", type=int, default=60_000)
    args.add_argument("--peers", type=int, default=5_000, help="samples that are written as peers have them")
    told = args.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "set")
        paths = make(folder, told.recordings, told.samples)
        bytes_ = sum(map(os.path.getsize, paths))
        say("recordings", f"{len(paths)} files, {bytes_ / 1e6:.1f} MB, {bytes_ // 5} events")
        rng = np.random.default_rng(1)
        numbers = rng.integers(len(paths), size=20_000).tolist()
        for profile in ("fast", "small"):
            pack = os.path.join(work, f"{profile}.evz")
            start = time.perf_counter()
            told_format = ["--input-format", "nmnist", "--encoding", "nmnist"]  # one of 60,000 is in doubt by its bytes
            command = [told.evz, "pack", folder, pack, "--profile", profile, *told_format]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            took = time.perf_counter() - start
            say(f"evz {profile}: pack", f"{os.path.getsize(pack) / 1e6:.1f} MB in {took:.1f} s, {bytes_ / 5e6 / took:.1f} M events/s")
            opens, firsts = [], []
            for i in numbers[:20]:
                start = time.perf_counter()
                samples = evz.open(pack).samples
                opens.append(time.perf_counter() - start)
                samples[i].read()
                firsts.append(time.perf_counter() - start)
            say(f"evz {profile}: open", f"{np.median(opens) * 1e3:.2f} ms; with the first sample {np.median(firsts) * 1e3:.2f} ms")
            samples = evz.open(pack).samples
            say(f"evz {profile}: a sample, us", timed(lambda i: samples[i].read(), numbers))
        some = [int(i) for i in rng.choice(len(paths), min(told.peers, len(paths)), replace=False)]
        numbers = rng.choice(some, 5_000).tolist()
        try:
            import tonic.io

            dtype = np.dtype([("x", int), ("y", int), ("t", int), ("p", int)])
            for i in some[:20]:
                ours, theirs = samples[i].read(), tonic.io.read_mnist_file(paths[i], dtype)
                assert all(np.array_equal(ours[c], theirs[c]) for c in "txyp"), paths[i]
            say("tonic: a sample, us", timed(lambda i: tonic.io.read_mnist_file(paths[i], dtype), numbers))
        except ImportError as error:
            say("tonic", f"left out: {error}")
        for i in some:
            np.savez_compressed(os.path.join(work, f"{i}.npz"), **{c: samples[i].read()[c] for c in "txyp"})
        size = sum(os.path.getsize(os.path.join(work, f"{i}.npz")) for i in some)
        events = sum(len(samples[i]) for i in some)
        say("npz: bits an event", f"{size * 8 / events:.1f}")

        def npz(i):
            with np.load(os.path.join(work, f"{i}.npz")) as file:
                return [file[c] for c in "txyp"]

        say("npz: a sample, us", timed(npz, numbers))
        try:
            import h5py
        except ImportError as error:
            return say("hdf5", f"left out: {error}")
        path = os.path.join(work, "all.h5")
        with h5py.File(path, "w") as file:
            for i in some:
                for c in "txyp":
                    file.create_dataset(f"{i}/{c}", data=samples[i].read()[c], compression="gzip")
        say("hdf5: bits an event", f"{os.path.getsize(path) * 8 / events:.1f}")
        with h5py.File(path) as file:
            say("hdf5: a sample, us", timed(lambda i: [file[f"{i}/{c}"][:] for c in "txyp"], numbers))


if __name__ == "__main__":
    sys.exit(main())
