"""Slices of a recording by time."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from .events import Events
from .units import ticks_before

if TYPE_CHECKING:
    from .recording import Recording

LEAST, MOST = -(1 << 63), (1 << 63) - 1


class TimeSlices:
    """Events by their times: `rec.time[t0:t1]` in ticks of the recording, `rec.us[a:b]`, `rec.ms[a:b]`
    and `rec.s[a:b]` from its first event on. The start is included, the end is not; either may be left
    out."""

    __slots__ = ("_recording", "_unit_ns")

    def __init__(self, recording: Recording, unit_ns: int | None) -> None:
        self._recording = recording
        self._unit_ns = unit_ns

    def __getitem__(self, key: Any) -> Events:
        if not isinstance(key, slice) or key.step is not None:
            raise TypeError("times are taken by a slice without a step: [t0:t1]")
        recording = self._recording
        window = as_window((self._tick(key.start), self._tick(key.stop)))
        return recording._read(window, None, None, None, recording._all)

    def _tick(self, time: Any) -> Any:
        if time is None or self._unit_ns is None:
            return time
        recording = self._recording
        return recording.start + ticks_before(time, self._unit_ns, recording.tick)


def as_window(time: Any) -> tuple[int, int]:
    """A window of ticks, held within what a tick can be."""
    if isinstance(time, slice):
        if time.step is not None:
            raise TypeError("a window of time has no step")
        time = (time.start, time.stop)
    start, stop = time
    start = LEAST if start is None else _tick(start)
    stop = MOST if stop is None else _tick(stop)
    return min(max(start, LEAST), MOST), min(max(stop, LEAST), MOST)


def _tick(time: Any) -> int:
    if isinstance(time, int):
        return time
    if hasattr(time, "__index__"):
        return operator.index(time)
    if float(time).is_integer():
        return int(time)
    raise TypeError(f"a time of {time} is no whole number of ticks; take rec.us, rec.ms or rec.s")
