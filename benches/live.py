"""How fast `evz record` takes events from a pipe, and how long they are on their way to a reader.

    python benches/live.py --evz target/release/evz --follow target/release/examples/follow \\
        --recordings DIR [--rates 1e4,1e6,1e7,5e7] [--seconds 10] [--profile fast]

evt2.raw (half a million events of a real scene, 4 bytes each) is sent again and again, each time with
its clock put forward, at so many events a second, in slices of 10 ms; `0` is as fast as they are taken.
`follow` looks ten times a second how many events the file has. An event's way is from when the slice that
holds it was written into the pipe to when `follow` said that it is there; of each slice it is measured
for the last event. The feeder, `record` and `follow` share the machine. For each rate: events a second
that were taken, how long the feeder was behind its clock at the end, what `record` said, and the way of an
event: median and longest.
"""

import argparse
import fcntl
import os
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

SLICE_S = 0.01
F_SETPIPE_SZ = 1031
PIPE = 1 << 20


def scene(path):
    """The header, the words, which of them are time, and how many events stand before each."""
    data = path.read_bytes()
    start = 0
    while data[start : start + 1] == b"%":
        start = data.index(b"\n", start) + 1
    words = np.frombuffer(data[start : start + (len(data) - start) // 4 * 4], "<u4")
    kinds = words >> 28
    times = kinds == 8
    # From the first time on, so that every event has one.
    first = int(np.argmax(times))
    words, kinds, times = words[first:], kinds[first:], times[first:]
    return data[:start], words, times, np.concatenate([[0], np.cumsum(kinds < 2)])


def feed(out, header, words, times, counts, rate, seconds):
    """Sends events at a rate; gives when how many had been sent, and how late the last came."""
    highs = words[times] & 0x0FFFFFFF
    span = int(highs.max() - highs.min()) + 1
    total, sent, marks, at, lap = int(rate * seconds), 0, [], 0, 0
    out.write(header)
    started = time.time()
    one = words.copy()
    while (sent < total) if rate else (time.time() - started < seconds):
        due = started + sent / rate if rate else 0
        if due > time.time():
            time.sleep(due - time.time())
        wanted = max(1, int(rate * SLICE_S)) if rate else 100_000
        to = int(np.searchsorted(counts, counts[at] + wanted))
        to = min(max(to, at + 1), len(words))
        out.write(one[at:to])
        sent += int(counts[to] - counts[at])
        marks.append((time.time(), sent))
        at = to
        if at == len(words):
            at, lap = 0, lap + 1
            one[times] = (8 << 28) | ((words[times] & 0x0FFFFFFF) + lap * span & 0x0FFFFFFF)
    ended = time.time()
    return marks, ended - started, max(0, ended - started - sent / rate) if rate else 0


def run(args, rate):
    header, words, times, counts = scene(args.recordings / "evt2.raw")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "live.evz"
        record = subprocess.Popen(
            [args.evz, "record", "-", file, "--profile", args.profile],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        )
        fcntl.fcntl(record.stdin, F_SETPIPE_SZ, PIPE)
        seen = []

        def look():
            while not file.exists() or file.stat().st_size < 200:
                time.sleep(0.01)
            follow = subprocess.Popen([args.follow, file], stdout=subprocess.PIPE, text=True)
            for line in follow.stdout:
                when, events = line.split()
                seen.append((float(when), int(events)))

        looking = threading.Thread(target=look)
        looking.start()
        out = open(os.dup(record.stdin.fileno()), "wb", buffering=0)
        marks, took, late = feed(Full(out), header, words, times, counts, rate, args.seconds)
        out.close()
        record.stdin.close()
        said = record.stderr.read().decode().strip().splitlines()
        looking.join()
        bits = file.stat().st_size * 8 / marks[-1][1]
    ways, i = [], 0
    for when, events in marks:
        while i < len(seen) and seen[i][1] < events:
            i += 1
        ways.append(seen[i][0] - when)
    asked = f"{rate:.3g}" if rate else "all it takes"
    print(
        f"{asked} events/s asked, {marks[-1][1] / took:.3g} taken, feeder {late:.2f} s late, "
        f"{bits:.1f} bits an event; way of an event: median {statistics.median(ways):.3f} s, "
        f"longest {max(ways):.3f} s; {said[-1].split(': ', 1)[1]}",
        flush=True,
    )


class Full:
    """A pipe into which all is written: one write may take a part."""

    def __init__(self, out):
        self.out = out

    def write(self, data):
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.out.write(rest) :]


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--evz", required=True)
    args.add_argument("--follow", required=True)
    args.add_argument("--recordings", type=Path, required=True)
    args.add_argument("--rates", default="10,1e4,1e6,1e7,5e7,0")
    args.add_argument("--seconds", type=float, default=10)
    args.add_argument("--profile", default="fast")
    args = args.parse_args()
    for rate in args.rates.split(","):
        run(args, float(rate))


if __name__ == "__main__":
    main()
