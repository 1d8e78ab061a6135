"""What frames of windows are, wherever they are made."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from . import _evz
from .look import Look
from .recording import _is_on
from .remembering import Remembering

if TYPE_CHECKING:
    from .windows import Windows


class Painted:
    """Frames of windows, by a painter."""

    __slots__ = ("_dtype", "_look", "_mode", "_prepared", "_remembering", "windows")

    def __init__(self, windows: Windows, look: Look) -> None:
        self.windows = windows
        self._look = look
        self._mode, values, self._prepared = _evz.described(look)
        self._dtype = np.dtype(look.get("dtype") or values)
        self._remembering = Remembering.of(windows, look) if look.get("memory") else None

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
        return self._dtype

    @property
    def beyond(self) -> int:
        """Events that lay beyond the frames so far, once for each window that they are in."""
        return self._painter.beyond

    def __len__(self) -> int:
        return len(self.windows)

    def _bounds(self, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        if self._remembering is not None:
            bounds = self._remembering.widened(bounds)
        starts, ends = np.ascontiguousarray(bounds.T)
        return starts, ends, self.windows.by == "events"

    def __repr__(self) -> str:
        what = self._look.get("like") or self._mode
        return f"<evz.{type(self).__name__}: {what}, {self.shape} of {self.dtype}>"


def choice_of(windows: Windows) -> tuple[tuple[int, int, int, int] | None, bool | None]:
    """The region and the polarity of the events of windows."""
    polarity = windows._polarity
    return windows._roi, None if polarity is None else _is_on(polarity)
