#!/usr/bin/env python3
"""Movies of recordings by evz and by faery, as whole processes.

    python benches/movies.py target/release/evz RECORDINGS [--runs 5] [--only mp4]

Both make 30 frames a second of real time, an exponential decay of 100 ms, as large as the sensor and with their own
settings otherwise: evz has ffmpeg encode MP4 (on the path, or named by IMAGEIO_FFMPEG_EXE), faery brings x264. Each run
is a process of its own, files are in the page cache, and they take turns. Printed are medians, and how many times as
long faery takes. Frames are counted in what was written. `--up N` makes both enlarge the sensor N times.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FAERY = """
import sys, faery
path, out, up = sys.argv[1], sys.argv[2], int(sys.argv[3])
frames = faery.events_stream_from_file(path).regularize(frequency_hz=30.0).render(
    decay="exponential", tau="00:00:00.100000", colormap=faery.colormaps.starry_night)
if up > 1:
    frames = frames.scale(float(up))
frames.to_file(out, frame_rate=30.0)
"""

RECORDINGS = ["davis346.aedat4", "test_events_1.bag", "evt3.raw"]


def ffmpeg():
    return os.environ.get("IMAGEIO_FFMPEG_EXE") or shutil.which("ffmpeg") or sys.exit("there is no ffmpeg")


def frames_of(path):
    said = subprocess.run([ffmpeg(), "-i", path, "-map", "0:v", "-f", "null", "-"], capture_output=True, text=True)
    size = re.search(r"Video:.*?, (\d+x\d+)", said.stderr)[1]
    return int(re.findall(r"frame=\s*(\d+)", said.stderr)[-1]), size


def took(command):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("evz")
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--up", type=int, default=1)
    parser.add_argument("--only", choices=["mp4", "gif"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in RECORDINGS:
            path = args.recordings / name
            if path.suffix == ".bag":
                # Which faery does not read.
                path = folder / "bag.aedat4"
                took([args.evz, "convert", args.recordings / name, "-o", path, "--events-only"])
            for kind in ["mp4", "gif"] if not args.only else [args.only]:
                ours, theirs = folder / f"ours.{kind}", folder / f"theirs.{kind}"
                commands = {
                    ours: [args.evz, "render", path, "-o", ours, "--force", "--upscale", str(args.up), "--tau", "100ms"],
                    theirs: [sys.executable, "-c", FAERY, path, theirs, str(args.up)],
                }
                seconds = {out: [] for out in commands}
                for _ in range(args.runs):
                    for out, command in commands.items():
                        seconds[out].append(took(command))
                evz, faery = (statistics.median(seconds[out]) for out in commands)
                made = ", ".join(
                    "{} frames of {} in {:.2f} MB".format(*frames_of(out), out.stat().st_size / 1e6) for out in commands
                )
                print(f"{name:18} {kind}  evz {evz:7.3f} s  faery {faery:7.3f} s  {faery / evz:6.2f} times  ({made})", flush=True)


main()
