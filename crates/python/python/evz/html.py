"""A recording as notebooks show it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from .units import times_in

if TYPE_CHECKING:
    from .recording import Recording

_BINS, _WIDTH, _HEIGHT = 160, 480, 48


def html_of(recording: Recording) -> str:
    """What a recording is, in a table, with the rate of its events as a picture; from the index alone."""
    if recording._reader is None:
        rows = [(name, _line(recording.stream(i))) for i, name in enumerate(recording.streams)]
        return _page(recording, [("streams", str(len(rows))), *rows], "")
    picture = _picture(recording.rate(_BINS)) if len(recording) else ""
    return _page(recording, _facts(recording), picture)


def _page(recording: Recording, rows: list[tuple[str, str]], picture: str) -> str:
    lines = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(value)}</td></tr>"
        for name, value in rows
    )
    if picture:
        lines += f"<tr><td colspan='2'>{picture}</td></tr>"
    return f"<div><b>{escape(recording.name)}</b><table>{lines}</table></div>"


def _line(recording: Recording) -> str:
    size = f", {recording.width}x{recording.height}" if recording.size else ""
    return f"{len(recording):,} events{size}"


def _facts(recording: Recording) -> list[tuple[str, str]]:
    reader, n = recording._one(), len(recording)
    facts = [("format", ", ".join([recording.format, *(f"profile {p}" for p in reader.profiles())]))]
    facts.append(("events", f"{n:,}"))
    right, bottom = recording.extent
    reach = f"events from (0, 0) to ({right - 1}, {bottom - 1}) at most" if n else ""
    sensor = f"{recording.width}x{recording.height}" if recording.size else "not said"
    facts.append(("sensor", ", ".join(filter(None, [sensor, reach]))))
    span = recording.time_range
    if span is not None:
        order = "in order" if recording.sorted else "not in order"
        tick = f"ticks of {_seconds(float(recording.tick))}"
        start, stop = (_stamp(recording, t) for t in span)
        facts.append(("time", f"{_seconds(recording.duration)}, from {start} to {stop}, {tick}, {order}"))
    kind, epoch = recording.clock
    if kind != "unknown":
        facts.append(("clock", kind if not epoch else f"{kind}, tick 0 is {epoch}"))
    if n:
        stored = reader.held_bytes
        held = "" if recording.format == "evz" else ", held in memory"
        facts.append(("size", f"{_bytes(stored)}, {stored * 8 / n:.1f} bits an event{held}"))
    if recording.duration:
        rate = recording.rate(_BINS)
        peak = rate.max() * _BINS / recording.duration
        facts.append(("rate", f"{_many(n / recording.duration)} events/s, {_many(peak)} at the peak"))
    further = [f"{name} ({recording.dtype[name]})" for name in recording.columns[4:]]
    if further:
        facts.append(("columns", ", ".join(["t, x, y, p", *further])))
    beside = [f"{name} ({rows:,} rows)" for name, rows in recording.side_streams.items()]
    if beside:
        facts.append(("beside", ", ".join(beside)))
    made = recording.metadata.get("source.file")
    if made:
        facts.append(("made from", f"{made} ({recording.metadata.get('source.format', 'unknown')})"))
    return facts


def _stamp(recording: Recording, t: int) -> str:
    ns = int(times_in(np.array([t]), "ns", recording.tick, np.dtype(np.int64))[0])
    if recording.clock[0] == "unix":
        when = np.datetime64(ns // 1_000, "us")
        return f"{str(when).replace('T', ' ')} UTC"
    return f"{ns / 1e9:.6f} s"


def _seconds(seconds: float) -> str:
    for unit, worth in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(seconds) >= worth:
            return f"{seconds / worth:.6g} {unit}"
    return f"{seconds / 1e-9:.6g} ns"


def _bytes(n: int) -> str:
    for unit, worth in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n >= worth:
            return f"{n / worth:.3g} {unit}"
    return f"{n} bytes"


def _many(n: float) -> str:
    for unit, worth in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if n >= worth:
            return f"{n / worth:.3g} {unit}"
    return f"{n:.3g}"


def _picture(rate: np.ndarray) -> str:
    """The rate as an area, in the colour of the text around it."""
    top = float(rate.max()) or 1.0
    step = _WIDTH / len(rate)
    path = "".join(
        f"L{i * step:.1f} {_HEIGHT - _HEIGHT * n / top:.1f}h{step:.1f}" for i, n in enumerate(rate.tolist())
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{_HEIGHT}' role='img' "
        f"aria-label='events over time'><path d='M0 {_HEIGHT}{path}V{_HEIGHT}Z' fill='currentColor' "
        "fill-opacity='0.5'/></svg>"
    )
