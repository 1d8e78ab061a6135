"""Frames of windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from . import _evz
from .errors import InvalidArgumentError, UnsupportedError
from .indexing import place
from .recording import _is_on

if TYPE_CHECKING:
    from .windows import Windows

_VALUES: dict[str, np.dtype] = {"i16": np.dtype("<i2"), "u16": np.dtype("<u2"), "f32": np.dtype("<f4")}

MODES: dict[str, str] = {name: line for name, _, line, _, _ in _evz.modes()}
"""The representations, and what each is in a line."""


class Frames:
    """Frames of windows, each of which is painted where it is asked for.

    `len(frames)` is their number, `frames[3]` one, `(channels, height, width)`, `frames[3:8]` some of
    them in one array, `(n, channels, height, width)`; to go through them paints a few ahead, on all
    threads. It pickles with its recording.

    Made by `rec.frames`.
    """

    __slots__ = ("_args", "_dtype", "_native", "_out", "_painter", "windows")

    def __init__(
        self,
        windows: Windows,
        mode: str = "voxel",
        bins: int | None = None,
        tau: float | None = None,
        size: tuple[int, int] | None = None,
        dtype: DTypeLike | None = None,
        out: np.ndarray | None = None,
        device: str = "cpu",
    ) -> None:
        if device != "cpu":
            raise UnsupportedError(
                f"frames on {device!r}: this build of evz gives frames on the CPU alone; "
                "pass device='cpu', and move them there"
            )
        self.windows = windows
        polarity = windows._polarity
        self._painter = _evz.Painter(
            windows.recording._one(),
            (mode, bins, tau, size),
            (windows._roi, None if polarity is None else _is_on(polarity)),
        )
        kind = next(value for name, value, _, _, _ in _evz.modes() if name == mode)
        self._native = _VALUES[kind]
        self._dtype = self._native if dtype is None else np.dtype(dtype)
        self._args = (mode, bins, tau, size, dtype)
        self._out = out
        if out is not None:
            _check(out, self.shape[1:], self._dtype)

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

    def __getitem__(self, key: Any) -> np.ndarray:
        """A frame, or some in one array."""
        if isinstance(key, slice):
            bounds = self.windows.bounds[key]
            flat = self._painter.paint_all(self._native_bounds(bounds))
            return self._shaped(flat, (len(bounds), *self._painter.shape))
        bounds = self.windows.bounds[place(key, len(self), "frame")][None]
        if self._out is not None:
            return self._into(bounds)
        return self._shaped(self._painter.paint(self._native_bounds(bounds))[0], self._painter.shape)

    def __iter__(self) -> Iterator[np.ndarray]:
        bounds = self.windows.bounds
        if self._out is not None:
            # The same memory for each, so that none can be painted ahead.
            for i in range(len(bounds)):
                yield self._into(bounds[i : i + 1])
            return
        shape = self._painter.shape
        for first in range(0, len(bounds), 8):
            for flat in self._painter.paint(self._native_bounds(bounds[first : first + 8])):
                yield self._shaped(flat, shape)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        frames = self[:]
        return frames if dtype is None else frames.astype(dtype, copy=False)

    def _native_bounds(self, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        starts, ends = np.ascontiguousarray(bounds.T)
        return starts, ends, self.windows.by == "events"

    def _shaped(self, flat: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        frames: np.ndarray = flat.reshape(shape)
        return frames.astype(self._dtype, copy=False)

    def _into(self, bounds: np.ndarray) -> np.ndarray:
        out = self._out
        assert out is not None
        if out.dtype == self._native and out.flags.c_contiguous:
            self._painter.paint_into(self._native_bounds(bounds), out.reshape(-1).view(np.uint8))
        else:
            out[...] = self._painter.paint(self._native_bounds(bounds))[0].reshape(out.shape)
        return out

    def __repr__(self) -> str:
        return f"<evz.Frames: {self._args[0]}, {self.shape} of {self._dtype}>"

    def __reduce__(self) -> tuple[Any, ...]:
        mode, bins, tau, size, dtype = self._args
        return Frames, (self.windows, mode, bins, tau, size, dtype)


def _check(out: Any, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if not isinstance(out, np.ndarray) or not out.flags.writeable:
        raise InvalidArgumentError("out= is no array of NumPy that can be written to")
    if out.shape != shape or out.dtype != dtype:
        raise InvalidArgumentError(
            f"out= is of {out.dtype} and shape {out.shape}; a frame is of {dtype} and shape {shape}"
        )
