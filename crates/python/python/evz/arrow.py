"""Events as Arrow, for who asks for capsules: pyarrow, polars, DuckDB, pandas."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from .types import EVZ


def named(columns: Mapping[str, np.ndarray]) -> list[tuple[str, str, np.ndarray]]:
    """Columns as `_evz` takes them."""
    return [
        (name, EVZ[column.dtype.name], np.ascontiguousarray(column))
        for name, column in columns.items()
    ]


def said(size: tuple[int, int] | None, tick: Fraction) -> dict[str, str]:
    """What evz says of its columns in tables of Arrow: `t` are ticks, whatever these are worth."""
    words = {"evz.tick": f"{tick.numerator}/{tick.denominator}"}
    if size is not None:
        words |= {"evz.width": str(size[0]), "evz.height": str(size[1])}
    return words
