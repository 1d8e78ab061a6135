"""Frames that go on from the ones before them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from . import _evz
from .errors import InvalidArgumentError
from .look import Look

if TYPE_CHECKING:
    from .windows import Windows


@dataclass(frozen=True)
class Remembering:
    """A frame with memory is what all events from the start of the first window to its own end make, so that it
    can be made without the ones before it."""

    first: int
    """Tick at which the first window starts."""
    reach: int | None
    """Ticks before its end for which the events of a frame count, all from `first` on if None."""

    @classmethod
    def of(cls, windows: Windows, look: Look) -> Remembering:
        """That of these windows.

        Raises:
            InvalidArgumentError: If they do not follow each other in time, or such frames have no memory.
        """
        seconds = _evz.memory_reach(look)
        if windows.by != "time":
            raise InvalidArgumentError("memory= is of windows of time, and these are of events; cut them by us=")
        bounds = windows.bounds
        apart = np.flatnonzero(bounds[1:, 0] != bounds[:-1, 1])
        if len(apart):
            at = int(apart[0])
            raise InvalidArgumentError(
                f"window {at} ends at tick {bounds[at, 1]}, and the next one starts at {bounds[at + 1, 0]}: "
                "memory= goes on from one window to the next, so that they follow each other"
            )
        reach = None if seconds is None else int(Fraction(seconds) / windows.recording.tick) + 1
        return cls(int(bounds[0, 0]) if len(bounds) else 0, reach)

    def widened(self, bounds: np.ndarray) -> np.ndarray:
        """Windows of all the events that count."""
        ends = bounds[:, 1]
        starts = np.full_like(ends, self.first)
        if self.reach is not None:
            starts += np.maximum(ends - self.first - self.reach, 0)
        return np.stack([starts, ends], axis=1)
