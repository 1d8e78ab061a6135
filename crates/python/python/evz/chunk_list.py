"""The chunks of a recording, as its index has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .recording import Recording


@dataclass(frozen=True)
class ChunkList:
    """The chunks of an event stream, in their order: arrays of int64, `(n,)`."""

    first: np.ndarray
    """The number of the first event of each."""
    n_events: np.ndarray
    """The number of its events."""
    t_min: np.ndarray
    """Its earliest time in ticks."""
    t_max: np.ndarray
    """Its latest time in ticks."""

    @classmethod
    def of(cls, recording: Recording) -> ChunkList:
        """From the index; nothing else is read."""
        return cls(*recording._one().chunks())

    def __len__(self) -> int:
        return len(self.first)

    @property
    def end(self) -> np.ndarray:
        """The number behind its last event."""
        end: np.ndarray = self.first + self.n_events
        return end

    def groups(self, size: int) -> list[tuple[int, int]]:
        """First chunk and the one behind the last, of so many side by side."""
        n = len(self)
        return [(start, min(start + size, n)) for start in range(0, n, size)]

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The earliest and the latest time of some chunks."""
        return int(self.t_min[start:stop].min()), int(self.t_max[start:stop].max())
