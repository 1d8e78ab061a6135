"""What frames of windows are, wherever they are made."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from . import _evz
from .recording import _is_on

if TYPE_CHECKING:
    from .windows import Windows

_VALUES: dict[str, np.dtype] = {"i16": np.dtype("<i2"), "u16": np.dtype("<u2"), "f32": np.dtype("<f4")}
_OF_MODE: dict[str, np.dtype] = {name: _VALUES[values] for name, values, *_ in _evz.modes()}

Look = tuple[str, "int | None", "float | None", "tuple[int, int] | None"]
"""Mode, bins, time constant, width and height."""


class Painted:
    """Frames of windows, by a painter."""

    __slots__ = ("_look", "windows")

    def __init__(self, windows: Windows, look: Look) -> None:
        self.windows = windows
        self._look = look

    @property
    @abstractmethod
    def _painter(self) -> _evz.Painter | _evz.GpuPainter: ...

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Frames, channels, height and width."""
        return (len(self.windows), *self._painter.shape)

    @property
    def dtype(self) -> np.dtype:
        """The type of the values."""
        return _OF_MODE[self._look[0]]

    @property
    def beyond(self) -> int:
        """Events that lay beyond the frames so far, once for each window that they are in."""
        return self._painter.beyond

    def __len__(self) -> int:
        return len(self.windows)

    def _bounds(self, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        starts, ends = np.ascontiguousarray(bounds.T)
        return starts, ends, self.windows.by == "events"

    def __repr__(self) -> str:
        return f"<evz.{type(self).__name__}: {self._look[0]}, {self.shape} of {self.dtype}>"


def choice_of(windows: Windows) -> tuple[tuple[int, int, int, int] | None, bool | None]:
    """The region and the polarity of the events of windows."""
    polarity = windows._polarity
    return windows._roi, None if polarity is None else _is_on(polarity)
