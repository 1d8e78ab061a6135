"""Files that lie, of the folder --forged: a GPU ends with what the CPU ends with, and touches no other memory."""

from session import Failed, find

# What reads and sums in different ways; over time, so that times are decoded on either device.
MODES = ["counts", "signed", "time-surface", "voxel", "histogram"]
WINDOWS = ["--window", "10ms"]


def part(session):
    if session.forged is None:
        return session.skip("files", "no folder of them told")
    tool = find("compute-sanitizer", "usr/local/cuda*/bin/compute-sanitizer")
    files = list(enumerate(sorted(session.forged.glob("*.evz"))))
    some = files[:: session.size(3, 6, 60)]
    told = {}
    session.at_once([lambda n=n, file=file: look(session, file, MODES[n % len(MODES)], told) for n, file in files])
    if tool is None:
        session.skip("memcheck", "compute-sanitizer is not installed")
    else:
        session.at_once([lambda file=file: checked(session, tool, file, told) for _, file in some])
    for name, count in sorted(told.items()):
        session.keep({"name": name, "files": count})


def look(session, file, mode, told):
    """Compares what both devices make of a file."""
    if session.left_s() <= 0:
        return count(session, told, "not reached in time")
    name = f"{file.name}, {mode}"
    try:
        expected, found = (render(session, file, device, mode) for device in ("cpu", "cuda"))
    except Failed as why:
        return session.keep({"name": name, "failed": str(why)})
    if expected[0] != found[0]:
        return session.keep({"name": name, "failed": f"{expected[0]} by the CPU, {found[0]} by the GPU"})
    # Sums of voxel grids are rounded in another order.
    if mode != "voxel" and expected[1] != found[1]:
        return session.keep({"name": name, "failed": "other frames"})
    return count(session, told, f"{found[0]} by both")


def render(session, file, device, mode):
    """How it ended, and what it made. A panic or a signal fails."""
    out = session.folder / f"{file.stem}-{device}.npy"
    work = ["render", file, "-o", out, "--force", "--device", device, "--mode", mode, *WINDOWS]
    status, _, _ = session.ended({}, session.evz, *work)
    made = out.read_bytes() if out.exists() else None
    out.unlink(missing_ok=True)
    return ended(status, device), made


def ended(status, what):
    if status not in (0, 1, 2, 3):
        raise Failed(f"{what}: exit status {status}")
    return {0: "read", 3: "read in part"}.get(status, "refused")


def checked(session, tool, file, told):
    """Looks whether only memory of its own is touched."""
    if session.left_s() <= 0:
        return count(session, told, "memcheck: not reached in time")
    out = session.folder / f"{file.stem}-memcheck.npy"
    work = ["render", file, "-o", out, "--force", "--device", "cuda", "--mode", "counts", *WINDOWS]
    command = [tool, "--tool", "memcheck", "--error-exitcode", "99", session.evz, *work]
    status, said, _ = session.ended({}, *command)
    out.unlink(missing_ok=True)
    try:
        ended(status, "memcheck")
    except Failed as why:
        return session.keep({"name": file.name, "failed": str(why), "said": said[-3000:]})
    return count(session, told, "memcheck: nothing")


def count(session, told, name):
    with session.lock:
        told[name] = told.get(name, 0) + 1
