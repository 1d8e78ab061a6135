"""Windows of a recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from .errors import InvalidArgumentError
from .events import Events
from .indexing import place
from .room import check_room
from .ticks import floors, moved, ticks_of
from .time_slices import MOST

if TYPE_CHECKING:
    from .many import EventsList
    from .recording import Recording

_AHEAD = 32
"""Windows that are read at once where all are taken in turn."""

_CUT_AT_ONCE = 1 << 20
"""Windows that are cut at once: the numbers on the way take several times what the bounds do."""


class Cut(TypedDict, total=False):
    """Where windows are cut and which events they have, as `rec.windows` takes it."""

    us: float | None
    count: int | None
    times: ArrayLike | None
    edges: ArrayLike | None
    at: ArrayLike | None
    before_us: float
    after_us: float
    parts: int | None
    split_by: str
    stride: float | None
    drop_last: bool
    roi: tuple[int, int, int, int] | None
    polarity: str | int | bool | None
    columns: str | Iterable[str] | None


class Windows:
    """Windows of a recording, each of which is read where it is asked for.

    `len(windows)` is their number, `windows[3]` the events of one, `windows[3:5]` some of them; to go
    through them reads a few ahead, on all threads. It pickles with its recording.

    Made by `rec.windows`.
    """

    __slots__ = ("_bounds", "_by", "_columns", "_polarity", "_recording", "_roi")

    def __init__(
        self,
        recording: Recording,
        bounds: np.ndarray,
        by: str,
        roi: tuple[int, int, int, int] | None,
        polarity: str | int | bool | None,
        columns: str | Iterable[str] | None,
    ) -> None:
        self._recording = recording
        self._bounds = bounds
        self._by = by
        self._roi = roi
        self._polarity = polarity
        self._columns = columns

    @property
    def recording(self) -> Recording:
        """The recording that they are of."""
        return self._recording

    @property
    def by(self) -> str:
        """What `bounds` are: `"time"`, in ticks, or `"events"`, by number."""
        return self._by

    @property
    def bounds(self) -> np.ndarray:
        """Start (included) and end (excluded) of each: int64, `(n, 2)`."""
        return self._bounds

    def __len__(self) -> int:
        return len(self._bounds)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return self._of(self._bounds[key])
        window = tuple(self._bounds[place(key, len(self._bounds), "window")].tolist())
        by_time = self._by == "time"
        return self._recording.read(
            time=window if by_time else None,
            events=None if by_time else window,
            roi=self._roi,
            polarity=self._polarity,
            columns=self._columns,
        )

    def __iter__(self) -> Iterator[Events]:
        for first in range(0, len(self), _AHEAD):
            yield from self[first : first + _AHEAD].read()

    def read(self) -> EventsList:
        """All of them at once, as `rec.read_many` does."""
        by_time = self._by == "time"
        return self._recording.read_many(
            time=self._bounds if by_time else None,
            events=None if by_time else self._bounds,
            roi=self._roi,
            polarity=self._polarity,
            columns=self._columns,
        )

    def __repr__(self) -> str:
        return f"<evz.Windows: {len(self):,} by {self._by} of {self._recording.name!r}>"

    def _of(self, bounds: np.ndarray) -> Windows:
        return Windows(
            self._recording, bounds, self._by, self._roi, self._polarity, self._columns
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return Windows, (
            self._recording, self._bounds, self._by, self._roi, self._polarity, self._columns
        )


def windows_of(
    recording: Recording,
    *,
    us: float | None = None,
    count: int | None = None,
    times: ArrayLike | None = None,
    edges: ArrayLike | None = None,
    stride: float | None = None,
    drop_last: bool = False,
    at: ArrayLike | None = None,
    before_us: float = 0,
    after_us: float = 0,
    parts: int | None = None,
    split_by: str = "time",
) -> tuple[np.ndarray, str]:
    """The bounds of windows, and what they count."""
    if sum(told is not None for told in (us, count, times, edges, at, parts)) != 1:
        raise InvalidArgumentError("windows are by one of us=, count=, times=, edges=, at= and parts=")
    if stride is not None and us is None and count is None:
        raise InvalidArgumentError("stride= is of us= and count=; the others say where windows start")
    if us is not None:
        return _by_time(recording, us, stride, drop_last), "time"
    if count is not None:
        return _by_count(recording, count, stride, drop_last), "events"
    if parts is not None:
        return _parts(recording, parts, split_by)
    if at is not None:
        bounds = around(at, "at", before_us, after_us, recording.tick)
        recording._check_bounds(bounds)
        return bounds, "time"
    if times is not None:
        bounds = bounds_of(times, "times")
        recording._check_bounds(bounds)
        return bounds, "time"
    ticks = ticks_of(edges, "edges")
    if ticks.ndim != 1:
        raise InvalidArgumentError(f"edges= is of shape {ticks.shape}; it is a row of ticks")
    bounds = np.stack([ticks[:-1], ticks[1:]], axis=1)
    recording._check_bounds(bounds)
    return bounds, "time"


def bounds_of(windows: Any, name: str) -> np.ndarray:
    """Windows as an array `(n, 2)`."""
    bounds = ticks_of(windows, name)
    if bounds.size == 0:
        return np.empty((0, 2), np.int64)
    if bounds.ndim != 2 or bounds.shape[1] != 2:
        raise InvalidArgumentError(
            f"{name}= is of shape {bounds.shape}; it has a row of start and end for each window"
        )
    return bounds


def around(
    times: ArrayLike, name: str, before_us: float, after_us: float, tick: Fraction
) -> np.ndarray:
    """Windows that begin so long before each time and end so long behind it."""
    array = ticks_of(times, name)
    if array.ndim != 1:
        raise InvalidArgumentError(f"{name}= is of shape {array.shape}; it is a row of ticks")
    before, after = (
        round(Fraction(us).limit_denominator(1_000) / (tick * 1_000_000)) for us in (before_us, after_us)
    )
    if before + after < 1:
        raise InvalidArgumentError(
            f"windows from {before_us} us before to {after_us} us behind a time; tell before_us= or after_us="
        )
    return np.stack([moved(array, -before), moved(array, after)], axis=1)


def _parts(recording: Recording, n: int, split_by: str) -> tuple[np.ndarray, str]:
    """As `integrate_events_by_fixed_frames_number` of SpikingJelly cuts: what is left over is in the last."""
    if split_by not in ("time", "number"):
        raise InvalidArgumentError(f"split_by={split_by!r}; it is 'time' or 'number'")
    if split_by == "number":
        first, last, end = 0, len(recording), len(recording)
    else:
        span = recording.time_range or (0, 0)
        first, last, end = span[0], span[1], span[1] + 1
    step = (last - first) // n if n > 0 and int(n) == n else 0
    if step < 1:
        what = "events" if split_by == "number" else "ticks"
        raise InvalidArgumentError(f"{last - first} {what} do not make {n} windows")
    bounds = _bounds(recording, first, Fraction(step), Fraction(step), int(n))
    bounds[-1, 1] = min(end, MOST)
    return bounds, "events" if split_by == "number" else "time"


def _by_time(
    recording: Recording, us: float, stride: float | None, drop_last: bool
) -> np.ndarray:
    length = _in_ticks(us, recording.tick)
    step = length if stride is None else _in_ticks(stride, recording.tick)
    if length < 1 or step <= 0:
        raise InvalidArgumentError(
            f"windows of {us} us, {us if stride is None else stride} us apart; they take a tick of "
            f"the recording ({recording.tick} s) at least, and a stride more than nothing"
        )
    span = recording._span
    if span is None:
        return np.empty((0, 2), np.int64)
    # Those that start before the end, `k * step < end - first`; a window that ends at the last tick there is has no end.
    first, end = span[0], min(span[1] + 1, MOST)
    n = -(-(end - first) * step.denominator // step.numerator)
    reaches = n > 0 and first + (n - 1) * step + length >= MOST
    if span[1] == MOST and not reaches and first + int(n * step) == MOST:
        n += 1
    if drop_last:
        # Those that end by then.
        room = span[1] + 1 - first - length
        n = min(n, max(0, room * step.denominator // step.numerator + 1) if room >= 0 else 0)
        n = int(n)
    return _bounds(recording, first, step, length, n)


def _bounds(recording: Recording, first: int, step: Fraction, length: Fraction, n: int) -> np.ndarray:
    """`n` windows of that length, the first from there on and each so much behind the one before it."""
    check_room(
        n, 16, f"a list of {n:,} windows", recording.name,
        "cut fewer: longer ones, further apart, or those of a part by times= or edges=",
    )
    bounds = np.empty((n, 2), np.int64)
    for start in range(0, n, _CUT_AT_ONCE):
        stop = min(start + _CUT_AT_ONCE, n)
        bounds[start:stop, 0] = floors(first, step, 0, start, stop)
        bounds[start:stop, 1] = floors(first, step, length, start, stop)
    return bounds


def _in_ticks(us: float, tick: Fraction) -> Fraction:
    ns = us * 1_000 if isinstance(us, int) else round(float(us) * 1_000)
    return Fraction(int(ns), 1_000_000_000) / tick


def _by_count(recording: Recording, count: int, stride: float | None, drop_last: bool) -> np.ndarray:
    step = count if stride is None else stride
    if count < 1 or step < 1 or int(count) != count or int(step) != step:
        raise InvalidArgumentError(
            f"windows of {count} events, {step} apart; both are whole numbers from 1 on"
        )
    events, count, step = len(recording), int(count), int(step)
    # Those that start before the last event, or that are full by then.
    n = (max(0, (events - count) // step + 1)) if drop_last else -(-events // step)
    bounds = _bounds(recording, 0, Fraction(step), Fraction(count), n)
    np.minimum(bounds, events, out=bounds)
    return bounds
