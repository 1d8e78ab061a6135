"""What label a window has."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ..errors import InferredWarning, InvalidArgumentError
from ..shelf import Shelf


class Labels(Protocol):
    """Labels of the windows of many recordings."""

    def learn(self, shelf: Shelf) -> None:
        """Looks at the recordings before the first label is asked for."""

    def of(self, shelf: Shelf, recording: int, window: int, bounds: Sequence[int], by: str) -> Any:
        """The label of a window."""


class OfFolder:
    """The number of the folder that a recording is in, among all folders in order of their names."""

    def __init__(self) -> None:
        self.classes: list[str] = []
        self._numbers: list[int] = []

    def learn(self, shelf: Shelf) -> None:
        folders = [os.path.basename(os.path.dirname(os.path.abspath(name))) for name in shelf.names]
        self.classes = sorted(set(folders))
        self._numbers = [self.classes.index(folder) for folder in folders]

    def of(self, shelf: Shelf, recording: int, window: int, bounds: Sequence[int], by: str) -> int:
        return self._numbers[recording]


class OfColumn:
    """The most frequent value of a column among the events of the window; -1 if there are none.

    Args:
        name: The column.
        choice: Which events windows have: `roi` and `polarity`, as of `rec.windows`.
    """

    def __init__(self, name: str, choice: Mapping[str, Any]) -> None:
        self.name = name
        self._choice = {key: choice[key] for key in ("roi", "polarity")}

    def learn(self, shelf: Shelf) -> None:
        for i in range(len(shelf)):
            columns = shelf[i].columns
            if self.name not in columns:
                raise InvalidArgumentError(
                    f"labels={self.name!r}: {shelf.names[i]} has no such column; it has "
                    f"{', '.join(columns)}, and labels may be 'folder'"
                )

    def of(self, shelf: Shelf, recording: int, window: int, bounds: Sequence[int], by: str) -> Any:
        selection: dict[str, Any] = {by: (bounds[0], bounds[1])} | self._choice
        values = shelf[recording].read(columns=[self.name], **selection)[self.name]
        if not len(values):
            return -1
        found, counts = np.unique(values, return_counts=True)
        return found[counts.argmax()].item()


class OfTable:
    """A label for each recording, by its name or in their order."""

    def __init__(self, table: Mapping[str, Any] | Sequence[Any]) -> None:
        self._table = table
        self._labels: list[Any] = []

    def learn(self, shelf: Shelf) -> None:
        if not isinstance(self._table, Mapping):
            if len(self._table) != len(shelf):
                raise InvalidArgumentError(
                    f"labels= has {len(self._table)} labels for {len(shelf)} recordings"
                )
            self._labels = list(self._table)
            return
        self._labels = [self._named(name) for name in shelf.names]
        known = {key for name in shelf.names for key in _keys(name)}
        of_none = [str(key) for key in self._table if key not in known]
        if of_none:
            n = "1 label" if len(of_none) == 1 else f"{len(of_none)} labels"
            warnings.warn(f"labels= has {n} of no recording, such as {min(of_none)!r}", InferredWarning, stacklevel=4)

    def _named(self, name: str) -> Any:
        assert isinstance(self._table, Mapping)
        keys = [key for key in _keys(name) if key in self._table]
        if not keys:
            raise InvalidArgumentError(f"labels= has none for {name}, neither by {os.path.basename(name)!r}")
        label = self._table[keys[0]]
        for key in keys[1:]:
            if not _same(self._table[key], label):
                raise InvalidArgumentError(
                    f"labels=: {name} has two labels, {label!r} as {keys[0]!r} and {self._table[key]!r} as {key!r}; "
                    "take one of them away"
                )
        return label

    def of(self, shelf: Shelf, recording: int, window: int, bounds: Sequence[int], by: str) -> Any:
        return self._labels[recording]


def _same(a: Any, b: Any) -> bool:
    """Whether two labels are one: those that are missing are, and arrays with the same values."""
    if isinstance(a, float) and isinstance(b, float) and a != a:
        return b != b
    return a is b or bool(np.array_equal(a, b))


def _keys(name: str) -> tuple[str, str, str]:
    """What a recording is called in a table of labels, the first that is there."""
    base = os.path.basename(name)
    return name, base, os.path.splitext(base)[0]


class OfWindow:
    """A label for each window of each recording."""

    def __init__(self, labels: Sequence[Sequence[Any]]) -> None:
        self._labels = labels

    def learn(self, shelf: Shelf) -> None:
        for i, (bounds, _) in enumerate(shelf.found):
            if len(self._labels[i]) != len(bounds):
                raise InvalidArgumentError(
                    f"{len(self._labels[i])} labels for {len(bounds)} windows of {shelf.names[i]}"
                )

    def of(self, shelf: Shelf, recording: int, window: int, bounds: Sequence[int], by: str) -> Any:
        label = self._labels[recording][window]
        return label.item() if isinstance(label, np.generic) and not label.dtype.names else label


class OfCall:
    """What a function says of the name of a recording and the bounds of a window."""

    def __init__(self, call: Callable[[str, int, int], Any]) -> None:
        self._call = call

    def learn(self, shelf: Shelf) -> None:
        pass

    def of(self, shelf: Shelf, recording: int, window: int, bounds: Sequence[int], by: str) -> Any:
        return self._call(shelf.names[recording], bounds[0], bounds[1])


def labels_of(labels: Any, choice: Mapping[str, Any]) -> Labels | None:
    """The labels that an argument stands for, of windows with the events that `choice` leaves."""
    if labels is None:
        return None
    if isinstance(labels, str):
        return OfFolder() if labels == "folder" else OfColumn(labels, choice)
    if callable(labels):
        return OfCall(labels)
    columns = getattr(labels, "columns", None)
    names = getattr(labels, "column_names", columns)
    if names is not None and not isinstance(labels, Mapping):
        if not {"file", "label"} <= {str(name) for name in names}:
            raise InvalidArgumentError("a table of labels has columns file and label")
        files, values = (_listed(labels[name]) for name in ("file", "label"))
        table: dict[str, Any] = {}
        for file, label in zip(map(str, files), values):
            if not _same(table.setdefault(file, label), label):
                raise InvalidArgumentError(
                    f"labels=: {file} has two labels, {table[file]!r} and {label!r}; take one of its rows away"
                )
        return OfTable(table)
    return OfTable(labels if isinstance(labels, Mapping) else _listed(labels))


def _listed(values: Any) -> list[Any]:
    """A column of pandas, polars, pyarrow or NumPy as a list of Python's own values."""
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, method):
            listed: list[Any] = getattr(values, method)()
            return listed
    return list(values)
