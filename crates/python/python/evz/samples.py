"""The recordings of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from . import _evz
from .errors import CorruptError
from .events import Events
from .indexing import place

if TYPE_CHECKING:
    from .recording import Recording


class Sample:
    """A recording of a pack: what the table says of it. Its events are read where they are asked for.

    Attributes:
        name: What its file was called under the folder that was packed: `"7/00042.bin"`.
        label: Its class; empty if it has none.
        size: Width and height of its sensor, if they are known.
        time_in_pack: Where it stands among the times of the pack, in ticks, the end excluded.
    """

    __slots__ = ("_events", "_pack", "_shift", "label", "name", "size", "time_in_pack")

    def __init__(self, pack: Recording, row: tuple[Any, ...]) -> None:
        self._pack = pack
        self.name, self.label, start, end, self._shift, self._events, self.size = row
        self.time_in_pack: tuple[int, int] = start, end

    def __len__(self) -> int:
        return self._events  # type: ignore[no-any-return]

    @property
    def time_range(self) -> tuple[int, int] | None:
        """Its own earliest and latest time in ticks, both included; None if it has none."""
        start, end = self.time_in_pack
        return (start + self._shift, end + self._shift - 1) if start < end else None

    def read(self, *, columns: str | Iterable[str] | None = None) -> Events:
        """Its events, with its own times.

        Raises:
            CorruptError: If the pack is damaged, or was cut or filtered since it was packed.
        """
        events = self._pack.read(time=self.time_in_pack, columns=columns)
        if len(events) != self._events:
            raise _in_part(self._pack, self.name, len(events), self._events)
        if "t" in (events.dtype.names or ()):
            events["t"][...] += self._shift
        return events

    def frame(self, mode: str | None = None, **painting: Any) -> np.ndarray:
        """A frame of all its events, `(channels, height, width)`.

        Args:
            mode: One of `evz.MODES`; `voxel`, if neither it nor `like` is said.
            painting: As of `rec.frames`: like, bins, tau, size, dtype and so on. The size is that of its sensor,
                if it is not said.

        Raises:
            CorruptError: As `read`.
        """
        check_whole(self._pack, np.array([self.time_in_pack]), [self._events], lambda _: self.name)
        painting.setdefault("size", self.size)
        frame: np.ndarray = self._pack.frames(times=[self.time_in_pack], mode=mode, **painting)[0]
        return frame

    def __repr__(self) -> str:
        label = f", label {self.label!r}" if self.label else ""
        return f"<evz.Sample {self.name}: {len(self):,} events{label}>"


class Samples(Sequence[Sample]):
    """The recordings of a pack: `rec.samples[17]`, `rec.samples["7/00042.bin"]`, `rec.samples[:100]`."""

    __slots__ = ("_pack", "_samples")

    def __init__(self, pack: Recording, samples: _evz.Samples) -> None:
        self._pack = pack
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    @overload
    def __getitem__(self, i: int | str) -> Sample: ...
    @overload
    def __getitem__(self, i: slice) -> list[Sample]: ...
    def __getitem__(self, i: int | str | slice) -> Sample | list[Sample]:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        number = self._samples.number(i) if isinstance(i, str) else place(i, len(self), "sample")
        return Sample(self._pack, self._samples.row(number))

    @property
    def names(self) -> list[str]:
        """The names of all, in their order."""
        return self._samples.names()

    @property
    def labels(self) -> list[str]:
        """The labels of all, in their order; empty where there is none."""
        return self._samples.labels()

    @property
    def classes(self) -> list[str]:
        """The labels that there are, each once, in order."""
        return self._samples.classes()

    @property
    def targets(self) -> np.ndarray:
        """The number of each label among the classes, int64, `(n,)`; -1 where there is no label."""
        numbers = {label: number for number, label in enumerate(self.classes)}
        return np.array([numbers.get(label, -1) for label in self.labels], np.int64)

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Where all stand among the times of the pack, `(n, 2)` in ticks, the ends excluded, and what is
        added to these times for their own, `(n,)`. Where the pack was cut or filtered, not all events of a sample
        are there; `lengths` tells how many they are."""
        bounds, shifts, _ = self._samples.bounds()
        return bounds.reshape(-1, 2), shifts

    @property
    def lengths(self) -> np.ndarray:
        """How many events each has, int64, `(n,)`."""
        return self._samples.bounds()[2]

    def __repr__(self) -> str:
        return f"<evz.Samples: {len(self):,} of {self._pack.name}>"


def check_whole(pack: Recording, bounds: np.ndarray, lengths: Iterable[int], name: Callable[[int], str]) -> None:
    """Refuses samples of which the pack has a part, before a part is taken for the whole.

    Args:
        pack: The recording.
        bounds: Where they stand among its times, `(n, 2)`.
        lengths: How many events each has.
        name: Gives the name of one by its place among these.

    Raises:
        CorruptError: If the pack was cut or filtered since it was packed.
    """
    if pack.sorted:
        # By the index and a block of times.
        there = np.diff(pack.searchsorted(bounds), axis=1)[:, 0]
    else:
        there = np.diff(pack.read_many(time=bounds, columns="t").offsets)
    for i, (n, of) in enumerate(zip(there.tolist(), lengths)):
        if n != of:
            raise _in_part(pack, name(i), n, of)


def _in_part(pack: Recording, name: str, n: int, of: int) -> CorruptError:
    return CorruptError(
        f"{pack.name}: sample {name} has {n} of its {of} events: it was cut or filtered; filter recordings as they "
        "are packed"
    )
