"""Rates of decoding and painting, of synthetic events and of recordings."""

import importlib.util
import sys
from pathlib import Path

from correct import PROFILES, modes
from session import ROOT, Failed

COUNT = "100k"
# Real recordings of which figures are taken: a scene and a dense burst. Others, where these are absent.
RECORDINGS = ["evt3.raw", "evt2.raw"]
# Bytes of a pixel's values, with the bins that are the default.
VALUE_BYTES = {
    "signed": 2,
    "counts": 4,
    "binary": 2,
    "exp-decay": 4,
    "linear-decay": 4,
    "time-surface": 8,
    "merged-time-surface": 4,
    "voxel": 20,
    "histogram": 40,
}


def machine(session):
    """The device and its ceilings. Compiles the kernels, too, which the driver keeps."""
    file = session.synth("machine", "fast", "320x240", session.size("1M", "1M", "9k"))
    figures = session.evz_json("bench", "gpu", file, "--count", COUNT)
    ceilings = ("device", "device_copy_bytes_per_s", "host_to_device_bytes_per_s")
    return {key: figures[key] for key in ceilings}


def driver(session):
    asked = "name,driver_version,memory.total,clocks.max.sm,clocks.max.mem"
    try:
        return session.run("nvidia-smi", f"--query-gpu={asked}", "--format=csv,noheader").strip()
    except (Failed, OSError) as why:
        return f"not known: {why}"


def screen(session):
    return session.size("1280x720", "1280x720", "128x96")


def measured(session, file):
    """Figures of a file; those that were taken before one failed are kept."""
    row = {}
    try:
        row = session.evz_json("bench", "gpu", file, "--count", COUNT)
        row["bits_per_event"] = row["compressed_bytes"] * 8 / row["events"]
        back = session.evz_json("bench", "render", file, "--count", COUNT, "--device", "cuda")
        row["frames_back_events_per_s"] = back["events_per_s"]
    except Failed as why:
        row["failed"] = str(why)
    return row


def synthetic(session):
    events = session.size("64M", "16M", "20k")
    for profile in PROFILES:

        def work():
            file = session.synth("bench", profile, screen(session), events)
            try:
                return measured(session, file)
            finally:
                file.unlink()

        session.row(profile, work, session.size(15, 6, 0))


def real(session):
    if importlib.util.find_spec("numpy") is None:
        return session.skip("recordings", "numpy is not installed, which repeats them")
    recordings = chosen(session)
    if not recordings:
        return session.skip("recordings", "none given")
    events = session.size(64_000_000, 16_000_000, 20_000)
    for recording in recordings:
        columns = session.folder / f"{recording.name}.npy"
        done = []

        def repeated():
            if not done:
                repeat(session, recording, columns, events)
                done.append(True)
            return columns

        for profile in ("fast", "small"):

            def work():
                file = session.folder / "repeated.evz"
                told = ["--time-unit", "us", "--size", size(session, recording)]
                session.run_evz("convert", repeated(), file, "--force", "--profile", profile, *told)
                return measured(session, file)

            session.row(f"{recording.name}, {profile}", work, session.size(20, 8, 0))
        columns.unlink(missing_ok=True)


def chosen(session):
    if session.recordings is None:
        return [ROOT / "fixtures" / "moving.evz"] if session.dry else []
    named = [session.recordings / name for name in RECORDINGS]
    named = [path for path in named if path.exists()]
    return named or sorted(p for p in session.recordings.iterdir() if p.is_file())[:2]


def size(session, recording):
    info = session.evz_json("info", recording)
    width, height = info["width"] or info["x_max"] + 1, info["height"] or info["y_max"] + 1
    return f"{width}x{height}"


def repeat(session, recording, out, events):
    once = session.folder / "once.npy"
    session.run_evz("convert", recording, once, "--force")
    child = Path(__file__).with_name("columns.py")
    session.run(sys.executable, child, "repeat", once, out, events)


def frames_back(session):
    """Frames on the host, made by the GPU and by all cores of the CPU."""
    events = session.size("16M", "4M", "9k")
    file = session.synth("back", "fast", screen(session), events)
    width, height = map(int, screen(session).split("x"))
    bus = session.found["machine"].get("host_to_device_bytes_per_s")
    for mode in modes(session):

        def work():
            row = {}
            try:
                for device in ("cuda", "cpu"):
                    args = ["--mode", mode, "--count", COUNT, "--device", device]
                    figures = session.evz_json("bench", "render", file, *args)
                    row[f"{device}_events_per_s"] = figures["events_per_s"]
                    if device == "cuda" and bus and mode in VALUE_BYTES:
                        back = figures["frames_per_s"] * width * height * VALUE_BYTES[mode]
                        row["frames_back_of_bus"] = back / bus
                row["cuda_by_cpu"] = row["cuda_events_per_s"] / row["cpu_events_per_s"]
            except Failed as why:
                row["failed"] = f"{device}: {why}"
            return row

        session.row(mode, work, session.size(10, 4, 0))
    file.unlink()
