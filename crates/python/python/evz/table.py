"""Rows of a side stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from .errors import UnsupportedError


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
    def _of(
        cls, recording: str, name: str, parts: list[list[tuple[str, Any]]], tick: Fraction
    ) -> Table:
        """Parts one behind the other.

        Raises:
            UnsupportedError: If they have different columns, as parts of an `.evz` may.
        """
        columns: dict[str, Any] = {"t": np.empty(0, np.int64)}
        gathered: dict[str, list[Any]] = {}
        all_rows = [dict(part) for part in parts]
        # Of no rows, the columns of a part without any.
        all_rows = [rows for rows in all_rows if len(rows["t"])] or all_rows[:1]
        types = _types(all_rows[0]) if all_rows else {}
        for part in all_rows:
            if _types(part) != types:
                raise UnsupportedError(
                    f"{recording}: some rows of {name} have the columns {_in_words(types)}, and others, from tick "
                    f"{part['t'][0]} on, {_in_words(_types(part))}, which make no table together; read them apart: "
                    "those of a time with time=, those of one event stream by rec.stream(...).read"
                )
            for column, values in part.items():
                gathered.setdefault(column, []).append(values)
        for column, values in gathered.items():
            if isinstance(values[0], list):
                columns[column] = [value for part in values for value in part]
            else:
                columns[column] = values[0] if len(values) == 1 else np.concatenate(values)
        return cls(name, columns, tick)


def _types(part: Mapping[str, Any]) -> dict[str, str]:
    """The type of each column of some rows."""
    return {
        name: type(values[0]).__name__ if isinstance(values, list) and values else str(getattr(values, "dtype", "list"))
        for name, values in part.items()
    }


def _in_words(types: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({of_type})" for name, of_type in types.items())
