"""What frames are: a mode or a preset, what is chosen of it, and how its values are prepared."""

from __future__ import annotations

import os
from typing import Any, TypedDict

import numpy as np
from numpy.typing import DTypeLike

from . import _evz
from .errors import InvalidArgumentError

MODES: dict[str, str] = dict(_evz.modes())
"""The representations, and what each is in a line."""

PRESETS: dict[str, str] = dict(_evz.presets())
"""The presets, `like=`: the axes that the original has, what it is, and where it is from."""


class Painting(TypedDict, total=False):
    """What `rec.frames` takes to say what frames are, but for their mode. What is None or False is not said."""

    like: str | None
    bins: int | None
    tau: float | None
    depth: int | None
    split_polarity: bool
    span: str | None
    bin_places: str | None
    size: tuple[int, int] | None
    channels: str | None
    clip: float | None
    normalize: str | float | None
    dtype: DTypeLike | None
    rectify: str | os.PathLike[str] | np.ndarray | None
    crop: tuple[int, int, int, int] | None
    resize: tuple[int, int] | None
    resize_by: str | None
    pad_to: tuple[int, int] | None
    pad_multiple: int | None
    reverse_time: bool
    memory: bool


class Look(Painting, total=False):
    """The same with the mode: what a painter takes. It pickles, and what it does not know it leaves out."""

    mode: str | None


def look_of(mode: str | None, painting: Painting) -> Look:
    """What is said, and nothing else.

    Args:
        mode: One of `MODES`, or None for that of `like`, or `voxel`.
        painting: What is beside it.

    Raises:
        InvalidArgumentError: If the type of the values is none.
    """
    said = {name: value for name, value in painting.items() if value is not None and value is not False}
    told: Any = {"mode": mode, **said}
    if painting.get("dtype") is not None:
        try:
            told["dtype"] = np.dtype(painting["dtype"]).str
        except TypeError as error:
            raise InvalidArgumentError(f"dtype={painting['dtype']!r} is no type of NumPy") from error
    rectify = painting.get("rectify")
    if rectify is not None:
        if isinstance(rectify, (str, os.PathLike)):
            told["rectify"] = os.fspath(rectify)
        else:
            told["rectify"] = np.ascontiguousarray(rectify, dtype=np.float32)
    look: Look = told
    return look
