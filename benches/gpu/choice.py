"""What `auto` chooses, beside the rates of either device."""

import json

from correct import modes
from figures import COUNT, screen
from session import Failed

# Cheap frames and dear ones: where the choice may differ.
CHOSEN = ["signed", "time-surface", "voxel", "histogram"]


def part(session):
    listed = [mode for mode in CHOSEN if mode in modes(session)]
    few, many = session.size("64M", "64M", "9k"), session.size("1B", "512M", "20k")
    for mode in listed:
        # As if a GPU took no time to start, so that it is tried and measured.
        session.row(f"{mode}, {few}, at once", lambda: row(session, mode, few, "0"), 6)
    for mode in listed[-1:] if session.short else listed[1:]:
        session.row(f"{mode}, {many}", lambda: row(session, mode, many), 12)


def row(session, mode, events, start=None):
    file = session.synth(f"choice-{events}", "fast", screen(session), events)
    work = ["bench", "render", file, "--mode", mode, "--count", COUNT, "--device"]
    found = {}
    for device in ("cpu", "cuda"):
        try:
            found[f"{device}_events_per_s"] = session.evz_json(*work, device)["events_per_s"]
        except Failed as why:
            return {**found, "failed": f"{device}: {why}"}
    return {**found, **chosen(session, work, start, max(found.values()))}


def chosen(session, work, start, best):
    env = {} if start is None else {"EVZ_GPU_START": start}
    out, said = session.run_in(env, session.evz, *work, "auto", "--json")
    rate = json.loads(out)["events_per_s"]
    told = [line for line in said.splitlines() if line.startswith("auto: ")]
    return {"auto_events_per_s": rate, "auto_by_best": rate / best, "chose": " ".join(told)[6:]}
