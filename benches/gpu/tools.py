"""compute-sanitizer and Nsight Compute, where they are installed."""

import csv

from figures import screen
from session import Failed, find

CHECKS = ["memcheck", "racecheck", "synccheck", "initcheck"]


def sanitizers(session):
    tool = find("compute-sanitizer", "usr/local/cuda*/bin/compute-sanitizer")
    if tool is None:
        return session.skip("compute-sanitizer", "not installed")
    files = {p: session.synth("sanitized", p, "64x48", "70k") for p in ("small-gpu", "fast")}
    modes = [
        "signed",
        "time-surface --reverse-time",
        "voxel --span window --split-polarity",
        "histogram --reverse-time",
        "exp-decay --span events --split-polarity",
    ]
    if session.short or session.dry:
        modes = modes[:1]

    def checked(check, file, mode):
        out = file.with_name(f"{file.stem}-{check}-{modes.index(mode)}.npy")
        args = ["render", file, "-o", out, "--force", "--count", "9k", "--device", "cuda"]
        command = [tool, "--tool", check, "--error-exitcode", "99", session.evz, *args]
        command += ["--mode", *mode.split()]
        try:
            session.run(*command)
        except Failed as why:
            said = [line for line in why.said.splitlines() if line.startswith("=====")]
            summary = "; ".join(line.strip("= ") for line in said[1:2] + said[-1:])
            return {"failed": summary or str(why), "said": why.said[-3000:]}
        return {"found": "nothing"}

    jobs = [(c, p, m) for m in modes for p in files for c in CHECKS]
    works = [
        lambda c=c, p=p, m=m: session.row(
            f"{c}, {p}, {m}", lambda: checked(c, files[p], m), session.size(10, 5, 0)
        )
        for c, p, m in jobs
    ]
    session.at_once(works)


METRICS = {
    "gpu__time_duration.sum": "ns",
    "dram__throughput.avg.pct_of_peak_sustained_elapsed": "dram_pct",
    "sm__throughput.avg.pct_of_peak_sustained_elapsed": "sm_pct",
    "sm__warps_active.avg.pct_of_peak_sustained_active": "occupancy_pct",
    "l1tex__t_sector_hit_rate.pct": "l1_hit_pct",
    "lts__t_sector_hit_rate.pct": "l2_hit_pct",
    "launch__registers_per_thread": "registers",
}
# Warps that wait for a reason, for each instruction issued. The section has all reasons; these are asked
# for by name, too, as they matter here.
STALL = ("smsp__average_warps_issue_stalled_", "_per_issue_active.ratio")
STALLS = ["long_scoreboard", "short_scoreboard", "wait", "barrier", "mio_throttle", "lg_throttle"]
# Of which launches: the profile, the kernels, the mode of bench render or none for bench gpu, launches
# to skip and to take. Where several lanes launch, their order is not known: more are taken.
LAUNCHES = [
    ("fast", "^evz_decode_fast$", None, 1, 1),
    ("small", "^evz_small_", None, 4, 4),
    ("small-gpu", "^evz_small_", None, 4, 4),
    ("fast", "^evz_band_", None, 1, 2),
    ("fast", "^evz_(paint|finish|clock|span)", "time-surface", 8, 8),
    ("fast", "^evz_(paint|finish|clock|span)", "voxel", 8, 8),
    ("fast", "^evz_(paint|finish)_", "counts", 8, 8),
    ("fast", "^evz_(paint|finish|clock|span)", "histogram", 8, 8),
]


def ncu(session):
    tool = find("ncu", "usr/local/cuda*/bin/ncu", "opt/nvidia/nsight-compute/*/ncu")
    if tool is None:
        return session.skip("ncu", "not installed")
    for profile, kernels, mode, skipped, taken in LAUNCHES:
        name = f"{profile}, {mode}" if mode else profile
        if session.left_s() <= session.size(10, 5, 0):
            session.skip(f"{name}, {kernels}", "no time left")
            continue
        file = session.synth("ncu", profile, screen(session), session.size("8M", "4M", "9k"))
        work = ["bench", "render", file, "--mode", mode, "--device", "cuda"]
        work = (work if mode else ["bench", "gpu", file]) + ["--count", "100k"]
        take = ["--kernel-name", f"regex:{kernels}", "--launch-skip", skipped, "--launch-count", taken]
        try:
            rows = launches(session, tool, take, work)
        except Failed as why:
            if "ERR_NVGPUCTRPERM" in why.said:
                return session.skip("ncu", "this user may not read the counters of the device")
            session.keep({"name": f"{name}, {kernels}", "failed": str(why)})
            continue
        for kernel, row in rows.items():
            session.keep({"name": f"{name}, {kernel}", **row})


def launches(session, tool, take, work):
    """The longest launch of each kernel."""
    metrics = [*METRICS, *(reason.join(STALL) for reason in STALLS)]
    what = ["--section", "WarpStateStats", "--metrics", ",".join(metrics)]
    shown = ["--csv", "--page", "raw", "--print-units", "base", "--clock-control", "none"]
    try:
        said = session.run(tool, *shown, *what, *take, session.evz, *work)
    except Failed as why:
        told = [line for line in why.said.splitlines() if line.startswith("==ERROR==")]
        raise Failed(" ".join(told)[:300] or str(why), why.said) from None
    found = {}
    for launch in table(said):
        row = figures(launch)
        kernel = launch["Kernel Name"].split("(")[0]
        if row.get("ns", 0) >= found.get(kernel, {}).get("ns", 0):
            found[kernel] = row
    if not found:
        raise Failed(f"ncu took no launch: {said.strip()[-300:]}")
    return found


def table(said):
    """The launches in what ncu printed between its own lines and those of the command."""
    lines = [line for line in said.splitlines() if line.startswith('"')]
    rows = list(csv.DictReader(lines))
    return [row for row in rows if row.get("ID")]  # The row below the names holds the units.


def figures(launch):
    row = {short: number(launch.get(metric)) for metric, short in METRICS.items()}
    start, stop = STALL
    stalls = {
        key[len(start) : -len(stop)]: number(value)
        for key, value in launch.items()
        if key and key.startswith(start) and key.endswith(stop)
    }
    stalls.pop("selected", None)
    top = sorted((item for item in stalls.items() if item[1]), key=lambda item: -item[1])[:4]
    row["stalls"] = ", ".join(f"{name} {value:.2f}" for name, value in top)
    return {key: value for key, value in row.items() if value is not None}


def number(text):
    try:
        return float((text or "").replace(",", ""))
    except ValueError:
        return None
