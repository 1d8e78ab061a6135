"""Frames of windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from . import _evz
from .dtypes import fitting
from .errors import InvalidArgumentError
from .indexing import place
from .look import Look
from .painted import Painted, choice_of

if TYPE_CHECKING:
    from .windows import Windows


class Frames(Painted):
    """Frames of windows, each of which is painted where it is asked for.

    `len(frames)` is their number, `frames[3]` one, `(channels, height, width)`, `frames[3:8]` some of
    them in one array, `(n, channels, height, width)`; to go through them paints a few ahead, on all
    threads. It pickles with its recording.

    Made by `rec.frames`.
    """

    __slots__ = ("_of_cpu", "_out", "_values")

    def __init__(self, windows: Windows, look: Look, out: np.ndarray | None = None) -> None:
        super().__init__(windows, look)
        self._of_cpu = _evz.Painter(windows.recording._one(), look, choice_of(windows))
        self._values = np.dtype(self._of_cpu.dtype)
        """The type that they are painted in, of which some may not fit the one that is asked for."""
        if self._dtype.kind in "iub" and self._values.kind == "f":
            raise InvalidArgumentError(
                f"{self._mode} has values with a fraction, which {self._dtype} cuts; take a float"
            )
        self._out = out
        if out is not None:
            _check(out, self.shape[1:], self._dtype)

    @property
    def _painter(self) -> _evz.Painter:
        return self._of_cpu

    @property
    def moved_out(self) -> int:
        """Events that `rectify=` put beyond the frames so far, once for each window that they are in."""
        return self._of_cpu.moved_out

    def __getitem__(self, key: Any) -> np.ndarray:
        """A frame, or some in one array."""
        if isinstance(key, slice):
            return self._some(self.windows.bounds[key])
        bounds = self.windows.bounds[place(key, len(self), "frame")][None]
        if self._out is not None:
            return self._into(bounds)
        return self._shaped(self._painter.paint(self._bounds(bounds))[0], self._painter.shape)

    def __iter__(self) -> Iterator[np.ndarray]:
        bounds = self.windows.bounds
        if self._out is not None:
            # The same memory for each, so that none can be painted ahead.
            for i in range(len(bounds)):
                yield self._into(bounds[i : i + 1])
            return
        shape = self._painter.shape
        for first in range(0, len(bounds), 8):
            for flat in self._painter.paint(self._bounds(bounds[first : first + 8])):
                yield self._shaped(flat, shape)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        frames = self[:]
        return frames if dtype is None else frames.astype(dtype, copy=False)

    def _some(self, bounds: np.ndarray) -> np.ndarray:
        """The frames of any of the windows in one array."""
        flat = self._painter.paint_all(self._bounds(bounds))
        return self._shaped(flat, (len(bounds), *self._painter.shape))

    def _shaped(self, flat: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        # Half precision comes as its bits.
        frames: np.ndarray = flat.view(self._values).reshape(shape)
        if self._dtype == frames.dtype:
            return frames
        fitting(frames.reshape(-1), self._dtype, "a value of a frame", False)
        return frames.astype(self._dtype, copy=False)

    def _into(self, bounds: np.ndarray) -> np.ndarray:
        out = self._out
        assert out is not None
        if out.dtype == self._values and out.flags.c_contiguous:
            self._painter.paint_into(self._bounds(bounds), out.reshape(-1).view(np.uint8))
        else:
            out[...] = self._shaped(self._painter.paint(self._bounds(bounds))[0], out.shape)
        return out

    def __reduce__(self) -> tuple[Any, ...]:
        return Frames, (self.windows, self._look)


def _check(out: Any, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if not isinstance(out, np.ndarray) or not out.flags.writeable:
        raise InvalidArgumentError("out= is no array of NumPy that can be written to")
    if out.shape != shape or out.dtype != dtype:
        raise InvalidArgumentError(
            f"out= is of {out.dtype} and shape {out.shape}; a frame is of {dtype} and shape {shape}"
        )
