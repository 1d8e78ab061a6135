"""Many windows that were read at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .events import Events
from .indexing import place


class EventsList(Sequence[Events]):
    """The events of many windows, one window behind the other in the same columns.

    A sequence of `Events`, which are views of `events`; who keeps one keeps all.
    """

    __slots__ = ("events", "offsets")

    def __init__(self, events: Events, offsets: np.ndarray) -> None:
        self.events = events
        """The events of all windows."""
        self.offsets = offsets
        """Where each window begins, and where the last one ends: int64, `(n + 1,)`."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return [self[i] for i in range(*key.indices(len(self)))]
        key = place(key, len(self), "window")
        return self.events[int(self.offsets[key]) : int(self.offsets[key + 1])]

    def __iter__(self) -> Iterator[Events]:
        events, ends = self.events, self.offsets.tolist()
        return (events[start:end] for start, end in zip(ends, ends[1:]))

    def __repr__(self) -> str:
        return f"<evz.EventsList: {len(self):,} windows, {len(self.events):,} events>"
