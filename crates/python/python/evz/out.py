"""Arrays of the caller that events are read into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import InvalidArgumentError
from .events import Events


def bytes_of(out: Mapping[str, np.ndarray] | Events, dtypes: Mapping[str, np.dtype]) -> dict[str, Any]:
    """The arrays as they are written to: those of further columns as bytes.

    Raises:
        InvalidArgumentError: If one is not what its column takes.
    """
    if not len(out):
        raise InvalidArgumentError("out= names no column")
    arrays = {}
    for name in out.keys():
        array, dtype = out[name], dtypes.get(name)
        if dtype is None:
            raise InvalidArgumentError(
                f"out[{name!r}] is of no column; there are {', '.join(dtypes)}"
            )
        if not isinstance(array, np.ndarray):
            raise InvalidArgumentError(f"out[{name!r}] is no array of NumPy")
        if array.dtype != dtype or array.ndim != 1:
            raise InvalidArgumentError(
                f"out[{name!r}] is of {array.dtype} and shape {array.shape}; "
                f"it takes one row of {dtype}"
            )
        if not array.flags.c_contiguous or not array.flags.writeable:
            raise InvalidArgumentError(f"out[{name!r}] cannot be written to as one piece of memory")
        arrays[name] = array if name in "txyp" else array.view(np.uint8)
    return arrays
