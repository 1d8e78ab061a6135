"""Frames of the GPU beside frames of the CPU.

The CPU makes the frames of a file, the GPU those of the same events by each profile. Every
representation and every kind of window is compared on synthetic events. What recordings add is other
columns to decode, so that each needs few windows, of which one shows the times and one all events.
"""

import array
import filecmp
import re
import shutil
import struct
import tempfile
from operator import sub
from pathlib import Path

from session import ROOT, Failed

PROFILES = ["fast", "small", "small-gpu"]
# A value of a voxel grid is a sum of at most so many events here, see the crate's documentation.
VOXEL_BOUND = 1e-2
BLOCK = 1 << 16


def part(session):
    folder = Path(tempfile.mkdtemp(dir=session.folder))
    jobs = list(synthetic(session))
    jobs += fixture(session)
    if session.recordings:
        jobs += recorded(session, folder)
    session.at_once([lambda job=job: session.row(*job) for job in jobs])


# The GPU refuses all others.
PAINTED = """
signed counts total binary exp-decay linear-decay time-surface merged-time-surface voxel histogram
""".split()


def modes(session):
    """Every representation that a GPU paints, if the help of the command lists it."""
    text = " ".join(session.run_evz("render", "--help").split())
    listed = re.search(r"--mode <MODE>.*?\[possible values: ([^]]*)\]", text)
    if not listed:
        raise Failed("the help of render lists no modes")
    return [mode for mode in listed.group(1).split(", ") if mode in PAINTED]


def synthetic(session):
    events = session.size("1M", "500k", "9k")
    files = {p: session.synth("correct", p, "320x240", events) for p in PROFILES}
    overlapping = ["--count", "100k", "--stride", "70k"]
    others = [
        ["--count", "30k", "--to", "50ms"],
        ["--window", "7ms", "--stride", "3ms", "--to", "100ms"],
        ["--window", "20ms", "--roi", "20,20,100,90", "--polarity", "on"],
    ]
    if session.dry:
        overlapping = ["--count", "3k", "--stride", "2k"]
        others = [["--window", "700us", "--stride", "500us"]]
    for mode in modes(session):
        yield job(session, "synthetic", files, mode, overlapping)
    for windows in others:
        for mode in modes(session):
            # All columns are decoded alike for all modes: these two tell whether it was done right.
            told = PROFILES if mode in ("counts", "time-surface") else ["fast"]
            yield job(session, "synthetic", {p: files[p] for p in told}, mode, windows)
    yield from optional(session, files)


# What each option changes, over windows whose time is not that of their events.
OPTIONS = """
voxel --bin-places ends32
voxel --bin-places starts
voxel --bin-places centers
voxel --span window
voxel --span window --bin-places ends32 --bins 9
voxel --split-polarity --channels by-bin
voxel --reverse-time
binary --memory
voxel --normalize max
histogram --span window
histogram --reverse-time --bins 3
exp-decay --span events
exp-decay --split-polarity
exp-decay --reverse-time
exp-decay --memory
linear-decay --span events --split-polarity --tau 2ms
time-surface --reverse-time
time-surface --memory
merged-time-surface --reverse-time
signed --reverse-time
signed --clip 1 --dtype f16
counts --channels on-off --dtype u8 --clip 3
counts --resize 100x80 --resize-by area
binary --pad-multiple 64
""".strip().splitlines()


def optional(session, files):
    for line in OPTIONS:
        mode, *options = line.split()
        # Values of voxel grids are compared one by one, so that windows are few.
        windows = [("--window 3ms", "5ms", "--to 40ms"), ("--count 7k", "5k", "--events 0..50k")]
        for window, stride, limit in windows[: session.size(2, 2, 1)]:
            apart = [] if "--memory" in options else ["--stride", stride]
            told = {profile: files[profile] for profile in ("fast", "small")[: session.size(2, 2, 1)]}
            yield job(session, "options", told, mode, [*options, *window.split(), *apart, *limit.split()])


def fixture(session):
    file = ROOT / "fixtures" / "moving.evz"
    if not file.exists():
        return
    for mode in modes(session):
        yield job(session, file.name, {"its own": file}, mode, ["--count", "10k"])


def recorded(session, folder):
    windows = [
        ("counts", ["--count", "100k", "--stride", "70k"]),
        ("time-surface", ["--count", "250k"]),
        ("signed", ["--window", "20ms", "--stride", "50ms", "--to", "1s"]),
    ]
    limit = ["--events", "0..9k"] if session.dry else []
    for subject, files in converted(session, folder, limit).items():
        for mode, of in windows[:2] if session.short or session.dry else windows:
            yield job(session, subject, files, mode, of)


def converted(session, folder, limit):
    """Each recording that can be read, by each profile; a second copy in another format is left out."""
    told, found = {}, {}

    def convert(recording, profile):
        out = folder / f"{recording.name}-{profile}.evz"
        session.run_evz("convert", recording, out, "--force", "--profile", profile, *limit)
        return out

    def tell(recording):
        try:
            info = session.evz_json("info", convert(recording, "fast"))
        except Failed:
            return  # No recording, or of a format that evz does not read.
        events = [info[k] for k in ("events", "on", "x_min", "x_max", "y_min", "y_max")]
        told[recording] = (*events, info["t_last_us"] - info["t_first_us"])

    def convert_all(recording):
        try:
            found[recording.name] = {p: convert(recording, p) for p in PROFILES}
        except Failed as why:
            session.keep({"name": recording.name, "failed": str(why)})

    recordings = [p for p in sorted(session.recordings.iterdir()) if p.is_file()]
    session.at_once([lambda r=r: tell(r) for r in recordings])
    firsts = {events: r for r, events in sorted(told.items(), reverse=True)}
    session.at_once([lambda r=r: convert_all(r) for r in firsts.values()])
    return dict(sorted(found.items()))


def job(session, subject, files, mode, windows):
    """The arguments of a row."""
    name = f"{subject}: {mode} {' '.join(windows)}"
    return name, lambda: compare(session, subject, files, mode, windows)


def compare(session, subject, files, mode, windows):
    folder = Path(tempfile.mkdtemp(dir=session.folder))

    def frames(device, file):
        out = folder / f"{device}.npy"
        args = ["render", file, "-o", out, "--force", "--mode", mode, "--device", device, *windows]
        session.run_evz(*args)
        return out

    try:
        expected = frames("cpu", next(iter(files.values())))
        verdicts = {}
        for profile, file in files.items():
            if verdicts and session.left_s() <= 0:
                break  # One that hung took the time of the others.
            try:
                verdicts[profile] = difference(mode, frames("cuda", file), expected) or "same"
            except Failed as why:
                verdicts[profile] = str(why)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    row = {"subject": subject, "mode": mode, "windows": windows, "verdicts": verdicts}
    wrong = [f"{profile}: {said}" for profile, said in verdicts.items() if said != "same"]
    return {**row, "failed": "; ".join(wrong)} if wrong else row


def difference(mode, gpu, cpu):
    """What two arrays differ in, without numpy."""
    if filecmp.cmp(gpu, cpu, shallow=False):
        return None
    with open(gpu, "rb") as mine, open(cpu, "rb") as expected:
        if header(mine) != header(expected) or gpu.stat().st_size != cpu.stat().st_size:
            return "another shape"
        while block := mine.read(BLOCK):
            other = expected.read(BLOCK)
            if block == other:
                continue
            if mode != "voxel":
                at = next(i for i, (a, b) in enumerate(zip(block, other)) if a != b)
                return f"other values, first at byte {mine.tell() - len(block) + at}"
            apart = [abs(d) for d in map(sub, array.array("f", block), array.array("f", other))]
            if far := [d for d in apart if not d <= VOXEL_BOUND]:
                return f"off by {far[0]}"
    return None


def header(file):
    start = file.read(10)
    return start + file.read(struct.unpack("<H", start[8:10])[0])
