"""Rows of a side stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np


class Table(Mapping[str, Any]):
    """Rows recorded beside the events: triggers, samples of an IMU, frames.

    A mapping from names of columns to their values: arrays of `(n,)`, and for bytes of any length, such
    as the pixels of a frame, lists. `t` is the time of each row in ticks of the recording.
    """

    __slots__ = ("_columns", "name", "tick")

    def __init__(self, name: str, columns: dict[str, Any], tick: Fraction) -> None:
        self._columns = columns
        self.name = name
        self.tick = tick

    @property
    def t(self) -> np.ndarray:
        """Times in ticks, int64."""
        t: np.ndarray = self._columns["t"]
        return t

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.t)

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"<evz.Table {self.name!r}: {self.n_rows:,} rows of {', '.join(self._columns)}>"

    @classmethod
    def _of(cls, name: str, parts: list[list[tuple[str, Any]]], tick: Fraction) -> Table:
        """Parts that have the same columns, one behind the other."""
        columns: dict[str, Any] = {"t": np.empty(0, np.int64)}
        gathered: dict[str, list[Any]] = {}
        for part in parts:
            for column, values in part:
                gathered.setdefault(column, []).append(values)
        for column, values in gathered.items():
            if isinstance(values[0], list):
                columns[column] = [value for part in values for value in part]
            else:
                columns[column] = values[0] if len(values) == 1 else np.concatenate(values)
        return cls(name, columns, tick)
