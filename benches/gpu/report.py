"""The results as Markdown."""

RATES = ["bits_per_event", "decode_events_per_s", "decode_of_device_copy", "frames_events_per_s"]
RATES += ["file_to_frames_events_per_s", "file_of_host_to_device", "frames_back_events_per_s"]
# What each part's table shows; everything else is in the JSON.
COLUMNS = {
    "correct": ["same"],
    "forged": ["files"],
    "figures-synthetic": ["events", *RATES],
    "figures-real": ["events", *RATES],
    "frames-back": ["cuda_events_per_s", "frames_back_of_bus", "cpu_events_per_s", "cuda_by_cpu"],
    "auto": ["cpu_events_per_s", "cuda_events_per_s", "auto_events_per_s", "auto_by_best", "chose"],
    "python": ["same", "frames_per_s", "device_events_per_s", "cpu_events_per_s"],
    "peers": ["bits_per_event", "decode_events_per_s", "frames_events_per_s"]
    + ["file_to_frames_events_per_s"],
    "sanitizers": ["found"],
    "ncu": ["ns", "dram_pct", "sm_pct", "occupancy_pct", "l1_hit_pct", "l2_hit_pct", "registers"]
    + ["stalls"],
}
TITLES = {
    "bits_per_event": "bits an event",
    "decode_events_per_s": "chunks to columns, both on the device",
    "decode_of_device_copy": "of the copy rate",
    "frames_events_per_s": "to frames, from the device",
    "file_to_frames_events_per_s": "to frames, from memory",
    "file_of_host_to_device": "of the bus rate",
    "frames_back_events_per_s": "to frames back in memory",
    "cuda_events_per_s": "GPU",
    "frames_back_of_bus": "of the bus rate",
    "cpu_events_per_s": "CPU",
    "cuda_by_cpu": "GPU by CPU",
    "auto_events_per_s": "auto",
    "auto_by_best": "auto by the better",
    "device_events_per_s": "left on the GPU",
    "frames_per_s": "frames a second there",
    "ns": "us",
}

CEILINGS = {
    "device_copy_bytes_per_s": "a copy on the device, read and written",
    "host_to_device_bytes_per_s": "the bus, from pinned memory",
}


def markdown(found):
    lines = ["# On a GPU", ""]
    machine = found.get("machine", {})
    lines += [f"- device: {machine.get('device', 'not known')}"]
    lines += [f"- driver: {machine.get('driver', 'not known')}"]
    lines += [
        f"- {name}: {machine[key] / 1e9:.4g} GB/s" for key, name in CEILINGS.items() if key in machine
    ]
    lines += [f"- {key}: {machine[key]}" for key in ("failed", "skipped") if key in machine]
    lines += ["", "Rates are events a second, unless they say otherwise."]
    for name, part in found["parts"].items():
        took = f"{part['seconds']:.0f} s" if "seconds" in part else "not ended"
        lines += ["", f"## {name} ({took})"]
        rows = by_subject(part["rows"]) if name == "correct" else part["rows"]
        lines += table(COLUMNS[name], rows) + notes(part)
    return "\n".join(lines) + "\n"


def table(keys, rows):
    rows = [row for row in rows if any(key in row for key in keys)]
    keys = [key for key in keys if any(key in row for row in rows)]
    if not rows:
        return []
    lines = ["", "| " + " | ".join(["", *(TITLES.get(key, key) for key in keys)]) + " |"]
    lines += ["| --- |" + " --- |" * len(keys)]
    for row in rows:
        cells = [cell(key, row.get(key)) for key in keys]
        lines.append("| " + " | ".join([row["name"], *cells]) + " |")
    return lines


def cell(key, value):
    if value is None or isinstance(value, str):
        return value or ""
    if key == "ns":
        return f"{value / 1e3:.4g}"
    if "_of_" in key:
        return f"{value:.1%}"
    if key.endswith("_per_s") or key == "events":
        for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if value >= unit:
                return f"{value / unit:.3g} {name}"
    return f"{value:.3g}"


def notes(part):
    """What failed and what was skipped, the latter once for each reason."""
    lines = [f"- FAILED: {part['failed']}"] if "failed" in part else []
    lines += [f"- FAILED: {row['name']}: {row['failed']}" for row in part["rows"] if "failed" in row]
    skipped = {}
    for row in part["rows"]:
        if "skipped" in row:
            skipped.setdefault(row["skipped"], []).append(row["name"])
    for why, names in skipped.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        lines.append(f"- skipped: {', '.join(names[:3])}{more}: {why}")
    return [""] * bool(lines) + lines


def by_subject(rows):
    """Comparisons, counted by recording."""
    told = {}
    for row in rows:
        for profile, verdict in row.get("verdicts", {}).items():
            name = f"{row['subject']}, {profile}"
            told.setdefault(name, []).append(verdict == "same")
    return [{"name": name, "same": f"{sum(v)} of {len(v)}"} for name, v in told.items()]


def failed(parts):
    """The parts and rows that failed."""
    rows = [row for part in parts for row in [part, *part.get("rows", [])]]
    return [row for row in rows if "failed" in row]
