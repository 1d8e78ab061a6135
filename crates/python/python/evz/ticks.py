"""Ticks as arrays, each held within what a tick can be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from .errors import InvalidArgumentError
from .time_slices import LEAST, MOST


def ticks_of(values: Any, name: str) -> np.ndarray:
    """Whole numbers as int64; those beyond are the least or the most that there is, as `rec.read` takes them.

    Args:
        values: One number, or any shape of them.
        name: The argument that they are of.

    Raises:
        InvalidArgumentError: If they are no whole numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iu" and array.size:
        # Of whole numbers that none of its types holds, NumPy makes floats or objects.
        whole = _whole(array if isinstance(values, np.ndarray) else np.asarray(values, object))
        if whole is None:
            raise InvalidArgumentError(f"{name}= are whole numbers, and not {array.dtype}")
        array = whole
    if array.dtype == np.uint64:
        array = np.minimum(array, np.uint64(MOST))
    return array.astype(np.int64, copy=False)


def _whole(array: np.ndarray) -> np.ndarray | None:
    """Objects as int64, if all are whole numbers."""
    if array.dtype != object or not all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in array.flat):
        return None
    held = [min(max(int(v), LEAST), MOST) for v in array.flat]
    return np.array(held, np.int64).reshape(array.shape)


def moved(ticks: np.ndarray, by: int) -> np.ndarray:
    """Ticks so many later; those that would be beyond are the last tick, or the first."""
    left = min(max(by, -1 << 64), 1 << 64)
    while left:
        # As many at once as 64 bits hold.
        step = min(max(left, -MOST), MOST)
        held = np.minimum(ticks, MOST - step) if step > 0 else np.maximum(ticks, LEAST - step)
        ticks, left = held + step, left - step
    return ticks


def floors(first: int, step: Fraction, after: Fraction | int, start: int, stop: int) -> np.ndarray:
    """`first + floor(k * step + after)` for each k from start to stop, exactly; those beyond are the last tick.

    Args:
        first: A tick.
        step: More than nothing.
        after: Nothing or more.
        start, stop: Numbers from 0 on.
    """
    common = step.denominator * Fraction(after).denominator
    stride, offset = int(step * common), int(after * common)
    # From this k on they are beyond.
    beyond = max(start, min(stop, -((offset - (MOST + 1 - first) * common) // stride)))
    n = beyond - start
    out = np.full(stop - start, MOST, np.int64)
    ticks, part = divmod(stride, common)
    base, rest = divmod(start * stride + offset, common)
    if n * part + common < 1 << 62:
        k = np.arange(n, dtype=np.int64)
        # What does not fit 64 bits on the way is cut to them, and whole again at the end.
        out[:n] = (k * part + rest) // common + k * _cut(ticks) + _cut(first + base)
    else:
        exact = (first + (k * stride + offset) // common for k in range(start, beyond))
        out[:n] = np.fromiter(exact, np.int64, n)
    return out


def _cut(number: int) -> np.int64:
    """The lowest 64 bits."""
    return np.int64((number - LEAST) % (1 << 64) + LEAST)
