"""Frames of windows on a GPU."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import _evz
from .device_array import DeviceArray
from .errors import InvalidArgumentError
from .indexing import place
from .look import Look
from .painted import Painted, choice_of

if TYPE_CHECKING:
    from .windows import Windows

_AHEAD = 64
"""Frames that are made at once by who goes through all of them."""


class DeviceFrames(Painted):
    """Frames of windows, each of which is decoded and painted on a GPU where it is asked for, and stays
    there.

    `len(frames)` is their number, `frames[3]` one, `(channels, height, width)`, `frames[3:8]` some of
    them in one array, `(n, channels, height, width)`; to go through them makes some ahead. Each is a
    `DeviceArray`. It pickles with its recording; what it makes does not.

    Made by `rec.frames(…, device="cuda")`.
    """

    __slots__ = ("_device", "_made")

    def __init__(self, windows: Windows, look: Look, device: int) -> None:
        super().__init__(windows, look)
        if look.get("rectify") is not None:
            raise InvalidArgumentError("frames are rectified by the CPU alone: leave out rectify=, or take device='cpu'")
        if self._prepared:
            raise InvalidArgumentError(
                f"frames on a GPU are as they are painted, and those of {look.get('like') or self._mode} are prepared "
                "here: leave out channels=, clip=, normalize=, crop=, resize= and pad_to=, take no like= that has them, "
                "and do that where the frames are"
            )
        self._device = device
        self._made: _evz.GpuPainter | None = None

    def _start(self) -> DeviceFrames:
        """Starts the GPU, if it can be had."""
        assert self._painter is not None
        return self

    @property
    def _painter(self) -> _evz.GpuPainter:
        # Where it was unpickled, the GPU is started by what is done with it: a worker of a pool ends
        # without a word where an argument cannot be unpickled.
        if self._made is None:
            reader, choice = self.windows.recording._one(), choice_of(self.windows)
            self._made = _evz.GpuPainter(reader, self._look, choice, self._device)
        return self._made

    @property
    def device(self) -> str:
        """Where they are made, such as `cuda:0`."""
        return f"cuda:{self._device}"

    def __getitem__(self, key: Any) -> DeviceArray:
        """A frame, or some in one array."""
        if isinstance(key, slice):
            bounds = self.windows.bounds[key]
            if len(bounds) == 0:
                raise IndexError(f"frames {key}: no frame is among them, and an array on a GPU has one")
            return DeviceArray(self._painter.paint(self._bounds(bounds)), self.dtype)
        bounds = self.windows.bounds[place(key, len(self), "frame")][None]
        return DeviceArray(self._painter.paint(self._bounds(bounds)), self.dtype, one=True)

    def __iter__(self) -> Iterator[DeviceArray]:
        for first in range(0, len(self), _AHEAD):
            some = self[first : first + _AHEAD]
            for number in range(len(some)):
                yield some._frame(number)

    def __reduce__(self) -> tuple[Any, ...]:
        return DeviceFrames, (self.windows, self._look, self._device)


def gpu_of(device: Any) -> int | None:
    """The number of the GPU that a device names, None for the CPU.

    Args:
        device: `"cpu"`, `"cuda"`, `"cuda:1"`, or a `torch.device`.

    Raises:
        InvalidArgumentError: If it names no device.
    """
    found = re.fullmatch(r"cpu|cuda(?::(\d+))?", str(device))
    if found is None:
        raise InvalidArgumentError(f"device={str(device)!r} is no device; it is 'cpu', 'cuda' or 'cuda:1'")
    return None if found[0] == "cpu" else int(found[1] or 0)
