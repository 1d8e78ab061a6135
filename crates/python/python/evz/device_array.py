"""Frames in memory of a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from . import _evz

_CUDA = 2  # kDLCUDA


class DeviceArray:
    """A frame, or some in one array, in memory of a GPU, for whatever goes on with it there:

        torch.from_dlpack(frame)       # the same for cupy, jax and others
        cupy.asarray(frame)            # as for numba, by `__cuda_array_interface__`

    These share the memory, which is freed when the last of them is gone. All values are complete, so
    that no stream has to wait for them. `numpy.asarray(frame)` copies it to the host.

    Made by `rec.frames(…, device="cuda")`.
    """

    __slots__ = ("_dtype", "_native", "_one")

    def __init__(self, native: _evz.DeviceArray, dtype: np.dtype, one: bool = False) -> None:
        self._native = native
        self._dtype = dtype
        self._one = one

    @property
    def shape(self) -> tuple[int, ...]:
        """Channels, height and width; before them the number of frames, if these are some."""
        return self._native.shape[int(self._one) :]

    @property
    def dtype(self) -> np.dtype:
        """The type of the values."""
        return self._dtype

    @property
    def device(self) -> str:
        """Where it is, such as `cuda:0`."""
        return f"cuda:{self._native.device}"

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        strides = self._native.strides[int(self._one) :]
        return {
            "version": 3,
            "shape": self.shape,
            "typestr": self._dtype.str,
            "data": (self._native.address, False),
            "strides": tuple(values * self._dtype.itemsize for values in strides),
            # Nothing has to be waited for.
            "stream": None,
        }

    def __dlpack_device__(self) -> tuple[int, int]:
        return _CUDA, self._native.device

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> object:
        if dl_device is not None and tuple(dl_device) != self.__dlpack_device__():
            raise BufferError(f"these frames are on {self.device}; take them there, and copy them then")
        if copy:
            raise BufferError("the memory of frames is shared; copy what takes it")
        return self._native.dlpack(self._one, max_version is not None and max_version >= (1, 0))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError(f"these frames are on {self.device}: to have them here is to copy them")
        values: np.ndarray = self._native.copy().reshape(self.shape)
        return values if dtype is None else values.astype(dtype, copy=False)

    def _frame(self, number: int) -> DeviceArray:
        return DeviceArray(self._native.frame(number), self._dtype, one=True)

    def __repr__(self) -> str:
        return f"<evz.DeviceArray: {self.shape} of {self._dtype} on {self.device}>"
