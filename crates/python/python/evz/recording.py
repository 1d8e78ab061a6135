"""An open recording."""

from __future__ import annotations

import os

from . import _evz
from .events import Events


class Recording:
    """An open recording, of which any part is read at once."""

    __slots__ = ("_reader",)

    def __init__(self, reader: _evz.Reader) -> None:
        self._reader = reader

    def __len__(self) -> int:
        return len(self._reader)

    def __getitem__(self, key: slice) -> Events:
        start, stop, _ = key.indices(len(self))
        return Events(*self._reader.read(start, stop))


def open(path: str | os.PathLike[str]) -> Recording:
    """Opens a recording."""
    return Recording(_evz.open(path))
