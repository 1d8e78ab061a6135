"""A column of a recording, read where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from .indexing import place

if TYPE_CHECKING:
    from .recording import Recording


class Column:
    """A column of a recording, as `h5py` has them: `rec["t"]`.

    It has a length, a dtype and a shape, and gives what is asked for of it: `column[5]`, `column[-10:]`,
    `column[::100]`, `np.asarray(column)`. Nothing else of the recording is read.
    """

    __slots__ = ("_recording", "dtype", "name")

    ndim = 1

    def __init__(self, recording: Recording, name: str, dtype: np.dtype) -> None:
        self._recording = recording
        self.name = name
        self.dtype = dtype

    def __len__(self) -> int:
        return len(self._recording)

    @property
    def shape(self) -> tuple[int]:
        """The number of events."""
        return (len(self),)

    @property
    def size(self) -> int:
        """The number of events."""
        return len(self)

    def __getitem__(self, key: Any) -> Any:
        n = len(self)
        if isinstance(key, (int, np.integer)):
            start = place(key, n, "event")
            return self._read(start, start + 1)[0]
        if isinstance(key, slice):
            start, stop, step = key.indices(n)
            if step == 1:
                return self._read(start, stop)
            places = range(start, stop, step)
            if not places:
                return np.empty(0, self.dtype)
            low, high = min(places[0], places[-1]), max(places[0], places[-1])
            return self._read(low, high + 1)[:: abs(step)][:: 1 if step > 0 else -1]
        if key is Ellipsis or (isinstance(key, tuple) and not key):
            return self._read(0, n)
        numbers = np.asarray(key)
        if numbers.dtype == bool:
            if len(numbers) != n:
                raise IndexError(f"a mask of {len(numbers)} for {n} events")
            numbers = np.flatnonzero(numbers)
        if not numbers.size:
            return np.empty(numbers.shape, self.dtype)
        numbers = np.where(numbers < 0, numbers + n, numbers)
        low, high = int(numbers.min()), int(numbers.max())
        if low < 0 or high >= n:
            raise IndexError(f"events {low} to {high} of {n}")
        return self._read(low, high + 1)[numbers - low]

    def _read(self, start: int, stop: int) -> np.ndarray:
        return self._recording.read(events=(start, stop), columns=[self.name])[self.name]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("a column of a recording is read, which makes an array of its own")
        values = self._read(0, len(self))
        return values if dtype is None else values.astype(dtype, copy=False)

    def __repr__(self) -> str:
        return f"<evz.Column {self.name!r}: {len(self):,} of {self.dtype}>"
