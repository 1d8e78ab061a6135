"""Recordings cut into parts that processes and machines share out among them."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from .chunk_list import ChunkList
from .errors import InvalidArgumentError
from .events import Events
from .opening import open
from .paths import Sources, sources_of
from .recording import Recording
from .time_slices import as_window

PART = 16
"""Chunks of a part, if it is not said: a million events."""


@dataclass(frozen=True)
class Part:
    """Events of a recording side by side, to be read wherever this is sent."""

    recipe: bytes
    """The recording, pickled."""
    name: str
    """What it was opened by."""
    start: int
    """The number of its first event."""
    stop: int
    """The number behind its last one."""
    t_min: int
    """Its earliest time, or one before it."""
    t_max: int
    """Its latest time, or one behind it."""

    def read(self, **selection: Any) -> Events:
        """Its events, selected as by `rec.read`."""
        events: Events = _opened(self.recipe).read(events=(self.start, self.stop), **selection)
        return events


@functools.lru_cache(maxsize=32)
def _opened(recipe: bytes) -> Recording:
    """A recording, which a process that reads many of its parts opens once."""
    recording: Recording = pickle.loads(recipe)
    return recording


@dataclass(frozen=True)
class Parts:
    """The parts of recordings, and what all of these have in common."""

    parts: list[Part]
    dtypes: dict[str, np.dtype]
    """The columns that all of them have, by name."""
    in_order: bool
    """Whether no event is earlier than the one before it, and none of a recording is of a time of another."""
    tick: Fraction
    """What a tick is worth in seconds."""


def parts_of(
    sources: Sources,
    chunks: int,
    time: Any,
    columns: Any,
    options: dict[str, Any],
    *,
    whole_times: bool = False,
) -> Parts:
    """Cuts recordings into parts.

    Args:
        sources: What `sources_of` takes.
        chunks: Chunks a part.
        time: From and to in ticks, if not all times are wanted: parts beyond are left out.
        columns: The columns that are wanted, if not all.
        options: Those of `evz.open`.
        whole_times: Whether events of one time are of one part, where they are in order.
    """
    if chunks < 1:
        raise InvalidArgumentError(f"parts of {chunks} chunks; they have one at least")
    window = None if time is None else as_window(time)
    parts: list[Part] = []
    dtypes: dict[str, np.dtype] = {}
    tick, end, in_order = None, None, True
    for i, source in enumerate(sources_of(sources)):
        recording = source if isinstance(source, Recording) else open(source, **options)
        has = {name: recording.dtype[name] for name in recording.columns}
        dtypes = has if i == 0 else {n: d for n, d in dtypes.items() if has.get(n) == d}
        if tick not in (None, recording.tick):
            raise InvalidArgumentError(
                f"{recording.name} counts time in ticks of {recording.tick} s, and others in {tick} s"
            )
        tick = recording.tick
        span = recording.time_range
        if span is None:
            continue
        in_order &= recording.sorted and (end is None or end < span[0])
        end = span[1]
        parts += _cut(recording, chunks, window, whole_times and recording.sorted)
    if columns is not None:
        columns = [columns] if isinstance(columns, str) and columns in dtypes else list(columns)
        unknown = [name for name in columns if name not in dtypes]
        if unknown:
            raise InvalidArgumentError(
                f"there is no column {unknown[0]!r} in all recordings; there are {', '.join(dtypes)}"
            )
        dtypes = {name: dtypes[name] for name in columns}
    return Parts(parts, dtypes, in_order, tick or Fraction(1, 1_000_000))


def _cut(
    recording: Recording, size: int, window: tuple[int, int] | None, whole_times: bool
) -> Iterator[Part]:
    recipe = pickle.dumps(recording)
    chunks = ChunkList.of(recording)
    groups = chunks.groups(size)
    starts = [int(chunks.first[first]) for first, _ in groups]
    if whole_times:
        for k, (first, _) in enumerate(groups[1:], 1):
            if chunks.t_max[first - 1] == chunks.t_min[first]:
                starts[k] = recording.searchsorted(int(chunks.t_min[first]))
    for k, (first, behind) in enumerate(groups):
        t_min, t_max = chunks.span(first, behind)
        stop = starts[k + 1] if k + 1 < len(starts) else len(recording)
        beyond = window is not None and (t_max < window[0] or t_min >= window[1])
        if not beyond and starts[k] < stop:
            yield Part(recipe, recording.name, starts[k], stop, t_min, t_max)
