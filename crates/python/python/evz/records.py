"""A recording as an array of records that is read where it is indexed."""

from __future__ import annotations

import os
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import DTypeLike

from .column import Column
from .dtypes import EVENT_DTYPE
from .events import Events
from .indexing import place
from .opening import open
from .recording import Recording


class Records:
    """A recording as an array of records of NumPy, of which what is indexed is read: what tonic's slicers
    and transforms, and all that takes an array with fields, take as their data.

        data = evz.Records("in.evz", dtype=[("x", "i2"), ("y", "i2"), ("t", "i8"), ("p", "?")])
        tonic.SlicedDataset([(data, label)], slicer=tonic.slicers.SliceByTime(10_000))

    `len(data)`, `data.dtype`, `data["t"]`, `data[100:200]`, `np.asarray(data)`. It pickles.

    Args:
        recording: A recording, or what `evz.open` takes.
        dtype: Any dtype with fields that are columns of the recording: t, x, y, p packed, if it is not
            said.
        signed: Whether OFF is -1 and not 0.
    """

    __slots__ = ("dtype", "recording", "signed")

    ndim = 1

    def __init__(
        self,
        recording: Recording | str | os.PathLike[str] | BinaryIO,
        dtype: DTypeLike | None = None,
        *,
        signed: bool = False,
    ) -> None:
        self.recording = recording if isinstance(recording, Recording) else open(recording)
        self.dtype: np.dtype[Any] = np.dtype(EVENT_DTYPE if dtype is None else dtype)
        self.signed = signed
        # What cannot be, says so now and not in a worker.
        self[:0]

    def __len__(self) -> int:
        return len(self.recording)

    @property
    def shape(self) -> tuple[int]:
        """The number of events."""
        return (len(self),)

    @property
    def size(self) -> int:
        """The number of events."""
        return len(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return Field(self, key)
        if isinstance(key, (int, np.integer)):
            start = place(key, len(self), "event")
            return self._read(start, start + 1)[0]
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step == 1:
                return self._read(start, stop)
        return self._read(0, len(self))[key]

    def _read(self, start: int, stop: int) -> np.ndarray:
        events: Events = self.recording[start:stop]
        return events.numpy(self.dtype, signed=self.signed)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("records are read, which makes an array of their own")
        records = self._read(0, len(self))
        return records if dtype is None else records.astype(dtype, copy=False)

    def __repr__(self) -> str:
        return f"<evz.Records: {len(self):,} of {self.dtype}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.recording, self.dtype, self.signed)


def _again(recording: Recording, dtype: np.dtype[Any], signed: bool) -> Records:
    return Records(recording, dtype, signed=signed)


class Field(Column):
    """A field of records: a column in the type that the field has."""

    __slots__ = ("_records",)

    def __init__(self, records: Records, name: str) -> None:
        fields: Any = records.dtype.fields
        if name not in fields:
            raise KeyError(f"there is no field {name!r}; there are {', '.join(fields)}")
        of_type, _, *title = fields[name]
        # A title answers too: faery has p under the name "on".
        column = name if name in records.recording.columns or not title else title[0]
        super().__init__(records.recording, column, of_type)
        self._records = records

    def _read(self, start: int, stop: int) -> np.ndarray:
        # A dtype of one field, so that no other column is decoded.
        of_one = np.dtype([(self.name, self.dtype)])
        events = self._recording.read(events=(start, stop), columns=[self.name])
        values: np.ndarray = events.numpy(of_one, signed=self._records.signed and self.name == "p")
        return values[self.name].copy()

    def searchsorted(
        self, times: Any, side: Literal["left", "right"] = "left", sorter: Any = None
    ) -> Any:
        """Where times stand, from the index and not from all times; `np.searchsorted` asks for it."""
        if self.name != "t" or sorter is not None or not self._recording.sorted:
            return self._read(0, len(self)).searchsorted(times, side, sorter)
        wanted = np.asarray(times)
        if wanted.dtype.kind == "f":
            # No time lies between a fraction and the next whole number: events before one are those
            # before the other.
            wanted = (np.ceil(wanted) if side == "left" else np.floor(wanted)).astype(np.int64)
        return self._recording.searchsorted(wanted, side)
