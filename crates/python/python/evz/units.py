"""Units of time."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import numpy as np

from .errors import InvalidArgumentError

UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
"""Nanoseconds of each unit."""


def tick_of(tick: str | Fraction) -> Fraction:
    """Seconds in a tick, by its unit or as they are."""
    if isinstance(tick, str):
        if tick not in UNITS:
            raise InvalidArgumentError(f"a tick of {tick!r}; it is s, ms, us, ns or a Fraction")
        return Fraction(UNITS[tick], 1_000_000_000)
    return Fraction(tick)


def ticks_before(time: Any, unit_ns: int, tick: Fraction) -> int:
    """The first tick that is not before a time, which counts as whole nanoseconds."""
    if hasattr(time, "__index__"):
        ns = operator.index(time) * unit_ns
    else:
        ns = round(float(time) * unit_ns)
    # Nanoseconds a tick are tick * 10**9.
    return -(-ns * tick.denominator // (tick.numerator * 1_000_000_000))


def times_in(t: np.ndarray, unit: str | None, tick: Fraction, dtype: np.dtype) -> np.ndarray:
    """Ticks in a unit: exact for integers, which are rounded down, and nearest for floats."""
    if unit is None:
        return t
    if unit not in UNITS:
        raise InvalidArgumentError(f"no unit {unit!r}; it is s, ms, us, ns, or None for ticks")
    ratio = tick * 1_000_000_000 / UNITS[unit]
    if ratio == 1:
        return t
    if dtype.kind in "iu":
        most = int(max(abs(int(t.min())), abs(int(t.max())))) if len(t) else 0
        if most * ratio.numerator >= 1 << 63:
            raise InvalidArgumentError(f"times up to {most} ticks do not fit 64 bits in {unit}")
        return t * ratio.numerator // ratio.denominator
    # A product with 1e-6 is the neighbour of the nearest number now and then, a quotient is not.
    return t * float(ratio.numerator) / float(ratio.denominator)
