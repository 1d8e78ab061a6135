"""Events slice by slice, as OpenEB's `EventsIterator` gives them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from .errors import InvalidArgumentError, UnsupportedError
from .opening import open
from .recording import Recording
from .units import ticks_before

EVENT_CD = np.dtype(
    {
        "names": ["x", "y", "p", "t"],
        "formats": ["<u2", "<u2", "<i2", "<i8"],
        "offsets": [0, 2, 4, 8],
        "itemsize": 16,
    }
)
"""OpenEB's record of an event: 16 bytes, two of which are unused."""

EVENT_EXT_TRIGGER = np.dtype(
    {
        "names": ["p", "t", "id"],
        "formats": ["<i2", "<i8", "<i2"],
        "offsets": [0, 8, 16],
        "itemsize": 24,
    }
)
"""OpenEB's record of a trigger."""

_AHEAD = 32
"""Slices that are read at once."""

_MOST_EMPTY = 10_000_000
"""Empty slices before the first event from which on the origin is taken for a mistake."""


class EventsIterator:
    """Goes through a recording of any format in slices, as the class of that name in OpenEB does: slices
    without events are given too, as empty arrays.

        for events in evz.EventsIterator("in.evz", delta_t=10_000):
            ...     # an array of records x, y, p, t

    It may be gone through more than once, and pickles.

    Args:
        input_path: A recording, or what `evz.open` takes.
        start_ts: Where to start, in microseconds: a multiple of `delta_t`, and 0 by number of events.
        mode: `"delta_t"`: slices of time; `"n_events"`: of so many events; `"mixed"`: of so many events,
            or of that time where it holds fewer.
        delta_t: Microseconds a slice.
        n_events: Events a slice.
        max_duration: Microseconds from `start_ts` on after which nothing is given; to the end, if it is
            not said.
        relative_timestamps: Whether times count from the start of each slice.
        do_time_shifting: Whether times of RAW files count from the first event, as OpenEB has them up to
            the few milliseconds between a file's first word of time and its first event.
        origin: The time of the recording in microseconds that counts as 0, where `do_time_shifting` is
            not to choose it. Epoch times are always counted from some origin, the first event if it is
            not said.
        options: Those of `evz.open`.

    Raises:
        InvalidArgumentError: If `start_ts` does not fit, or the first event is so far from time 0 that
            there is nothing but empty slices.
    """

    def __init__(
        self,
        input_path: Recording | str | os.PathLike[str] | BinaryIO,
        start_ts: int = 0,
        mode: str = "delta_t",
        delta_t: int = 10_000,
        n_events: int = 10_000,
        max_duration: int | None = None,
        relative_timestamps: bool = False,
        *,
        do_time_shifting: bool = True,
        origin: int | None = None,
        **options: Any,
    ) -> None:
        if mode not in ("delta_t", "n_events", "mixed"):
            raise InvalidArgumentError(f"mode is delta_t, n_events or mixed, and not {mode!r}")
        if mode != "n_events" and (delta_t < 1 or start_ts % delta_t):
            raise InvalidArgumentError(
                f"start_ts of {start_ts} is no multiple of delta_t, {delta_t}, which is 1 at least"
            )
        if mode != "delta_t" and n_events < 1:
            raise InvalidArgumentError(f"slices of {n_events} events; they hold at least one")
        if mode == "n_events" and start_ts:
            raise InvalidArgumentError("by n_events, start_ts is 0")
        recording = input_path if isinstance(input_path, Recording) else open(input_path, **options)
        self.recording = recording
        self.mode = mode
        self.start_ts = int(start_ts)
        self.delta_t = 0 if mode == "n_events" else int(delta_t)
        self.n_events = 0 if mode == "delta_t" else int(n_events)
        self.max_duration = max_duration
        self.end_ts = None if max_duration is None else int(start_ts) + int(max_duration)
        self.relative_timestamps = relative_timestamps
        self.origin = self._origin(do_time_shifting) if origin is None else int(origin)
        self.current_time = self.start_ts

    def _origin(self, shift: bool) -> int:
        recording = self.recording
        raw = recording.metadata.get("source.format") == "raw"
        since = recording.clock[0] not in ("sensor", "unknown")
        return self._us(recording.start) if since or (raw and shift) else 0

    # Microseconds of the iterator are ticks of the recording.

    def _us(self, tick: int) -> int:
        us = self.recording.tick * 1_000_000
        return tick * us.numerator // us.denominator

    def _tick(self, time: int) -> int:
        """The first tick that is not before a time of the iterator."""
        return ticks_before(time + self.origin, 1_000, self.recording.tick)

    def _slice(self, events: Any, start: int) -> np.ndarray:
        """Events as OpenEB has them, of a slice that starts at a time."""
        us = self.recording.tick * 1_000_000
        records: np.ndarray = np.zeros(len(events), EVENT_CD)
        t = events.t if us == 1 else events.t * us.numerator // us.denominator
        records["t"] = t - (self.origin + (start if self.relative_timestamps else 0))
        for name in "xyp":
            records[name] = events[name]
        return records

    def get_size(self) -> tuple[int | None, int | None]:
        """Height and width of the sensor, in that order."""
        return self.recording.height, self.recording.width

    def get_current_time(self) -> int:
        """Where the iteration is, in microseconds."""
        return self.current_time

    def get_ext_trigger_events(self) -> np.ndarray:
        """The triggers of the recording, in records of OpenEB: polarity, time in microseconds, channel.

        Raises:
            UnsupportedError: If the recording has none of that kind.
        """
        recording = self.recording
        rows: Any = recording.read(stream="triggers") if "triggers" in recording.side_streams else {}
        if not {"t", "polarity", "id"} <= rows.keys():
            raise UnsupportedError(f"{recording.name}: it has no triggers with polarity and channel")
        triggers = np.zeros(rows.n_rows, EVENT_EXT_TRIGGER)
        us = recording.tick * 1_000_000
        triggers["t"] = rows["t"] * us.numerator // us.denominator - self.origin
        triggers["p"], triggers["id"] = rows["polarity"], rows["id"]
        return triggers

    def __iter__(self) -> Iterator[np.ndarray]:
        self.current_time = self.start_ts
        if not len(self.recording):
            return iter(())
        if self.mode == "n_events":
            return self._by_number()
        return self._by_time() if self.mode == "delta_t" else self._mixed()

    def _by_time(self) -> Iterator[np.ndarray]:
        _, latest = self.recording.time_range or (0, 0)
        end = self._us(latest) - self.origin + 1
        if self.end_ts is not None:
            end = min(end, self.end_ts)
        self._check_gap(end)
        for first in range(self.start_ts, end, self.delta_t * _AHEAD):
            starts = range(first, min(end, first + self.delta_t * _AHEAD), self.delta_t)
            ends = [start + self.delta_t for start in starts]
            if self.end_ts is not None:
                ends[-1] = min(ends[-1], self.end_ts)
            ticks = [(self._tick(a), self._tick(b)) for a, b in zip(starts, ends)]
            for start, events in zip(starts, self.recording.read_many(time=ticks, columns="txyp")):
                self.current_time = start + self.delta_t
                yield self._slice(events, start)

    def _check_gap(self, end: int) -> None:
        earliest = self._us((self.recording._span or (0, 0))[0]) - self.origin
        empty = (min(earliest, end) - self.start_ts) // self.delta_t
        if empty > _MOST_EMPTY:
            raise InvalidArgumentError(
                f"{self.recording.name}: {empty:,} slices are empty before the first event, at "
                f"{earliest} us; pass origin={earliest + self.origin} to count times from it"
            )

    def _by_number(self) -> Iterator[np.ndarray]:
        previous = 0
        for events in self.recording.windows(count=self.n_events, columns="txyp"):
            records = self._slice(events, previous)
            times = records["t"] + (previous if self.relative_timestamps else 0)
            if self.end_ts is not None and times[-1] >= self.end_ts:
                yield records[times < self.end_ts]
                return
            self.current_time = previous = int(times[-1])
            yield records

    def _mixed(self) -> Iterator[np.ndarray]:
        recording = self.recording
        end = None if self.end_ts is None else recording.searchsorted(self._tick(self.end_ts))
        at, time = recording.searchsorted(self._tick(self.start_ts)), self.start_ts
        end = len(recording) if end is None else end
        self._check_gap(self._us((recording.time_range or (0, 0))[1]) - self.origin)
        while at < end:
            until = min(recording.searchsorted(self._tick(time + self.delta_t)), end)
            stop = min(until, at + self.n_events)
            events = recording.read(events=(at, stop), columns="txyp")
            records = self._slice(events, time)
            full = len(records) == self.n_events
            # A full slice ends at its last event, and the next one spans delta_t from there on.
            start, at = time, stop
            time = self._us(int(events.t[-1])) - self.origin if full else start + self.delta_t
            self.current_time = time
            yield records

    def __repr__(self) -> str:
        return (
            f"<evz.EventsIterator: {self.mode} of {self.recording.name!r}, delta_t {self.delta_t} us, "
            f"n_events {self.n_events}, from {self.start_ts} us to {self.end_ts}>"
        )
