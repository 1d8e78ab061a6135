"""Numbers that index a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np


def place(key: int | np.integer[Any], n: int, what: str) -> int:
    """The place that a number, which may count from the end, stands for among n things."""
    if not isinstance(key, (int, np.integer)):
        raise TypeError(f"{what}s are taken by a number or a slice, and not by {type(key).__name__}")
    if not -n <= key < n:
        raise IndexError(f"{what} {key} of {n}")
    return int(key) % n
