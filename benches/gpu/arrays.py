"""Frames that stay on the device, in Python: by the package evz, in a process of its own.

    arrays.py FILE.evz MODE COUNT      the rows, one of JSON a line
"""

import importlib.util
import json
import sys
import time

from correct import VOXEL_BOUND, modes
from figures import screen

TAKERS = ["torch", "cupy"]


def part(session):
    if importlib.util.find_spec("evz") is None:
        return session.skip("frames", "the package evz is not installed")
    file = session.synth("python", "fast", screen(session), session.size("16M", "16M", "9k"))
    for mode in modes(session):
        work = lambda: child(session, file, mode)
        session.row(mode, work, session.size(6, 3, 0))


def child(session, file, mode):
    said = session.run(sys.executable, __file__, file, mode, session.size(100_000, 100_000, 1_000))
    return json.loads(said.splitlines()[-1])


def measured(path, mode, count):
    import evz
    import numpy as np

    rec = evz.open(path)
    there = rec.frames(count=count, mode=mode, device="cuda")
    here = rec.frames(count=count, mode=mode)
    expected = here[:4]
    row, same = {}, []
    for name in TAKERS:
        if importlib.util.find_spec(name) is None:
            continue
        apart = np.abs(taken(name, there[:4]).astype("f8") - expected).max()
        if apart > (VOXEL_BOUND if mode == "voxel" else 0):
            return {"failed": f"{name}: off by {apart}"}
        same.append(name)
    row["same"] = ", ".join(same) or "not compared: neither torch nor cupy"
    n_frames = len(there)
    for key, frames in (("device", there), ("cpu", here)):
        rates = []
        for _ in range(4):
            began = time.perf_counter()
            for _frame in frames:
                pass
            rates.append(len(rec) / (time.perf_counter() - began))
        row[f"{key}_events_per_s"] = max(rates[1:])
    row["frames_per_s"] = row["device_events_per_s"] / len(rec) * n_frames
    return row


def taken(name, frames):
    """Frames of the device by another library, copied to the host by it."""
    if name == "torch":
        import torch

        return torch.from_dlpack(frames).cpu().numpy()
    import cupy

    return cupy.asnumpy(cupy.asarray(frames))


if __name__ == "__main__":
    # What lies beside this file must not stand in for modules of the libraries.
    sys.path.pop(0)
    print(json.dumps(measured(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
