"""Events as records of NumPy, of any dtype that has their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .errors import InvalidArgumentError

EVENT_DTYPE = np.dtype([("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")])
"""The columns of events as they are stored, packed: 13 bytes an event."""


def dtype_of(columns: Mapping[str, np.ndarray]) -> np.dtype:
    """A record of these columns."""
    return np.dtype([(name, column.dtype) for name, column in columns.items()])


def records(
    columns: Mapping[str, np.ndarray],
    n: int,
    dtype: DTypeLike,
    signed: bool,
    tick_s: float | None = None,
) -> np.ndarray:
    """The columns as an array of `n` records of a dtype, which has some of their names; `tick_s` is what a
    tick of times is in seconds, if they are times."""
    wanted = np.dtype(dtype)
    if wanted.names is None:
        raise InvalidArgumentError(
            f"{wanted} has no fields; for a plain array take array(), or one column"
        )
    out = np.empty(n, wanted)
    for name in wanted.names:
        # A title answers too: faery has p under the name "on".
        of = name if name in columns else _title(wanted, name)
        column = columns.get(of)
        if column is None:
            raise InvalidArgumentError(
                f"there is no column {name!r}; there are {', '.join(columns)}"
            )
        is_polarity = column is columns.get("p")
        if column is columns.get("t") and tick_s is not None:
            check_steps(column, tick_s, out[name].dtype)
        out[name] = fitting(column, out[name].dtype, of, signed and is_polarity)
    return out


def check_steps(t: np.ndarray, unit_s: float, dtype: np.dtype) -> None:
    """Refuses a float for times between which it has steps of more than a millisecond, as a 32-bit float
    has from 4.5 hours on: times since 1970 would be the same for minutes.

    Args:
        t: Times as whole numbers.
        unit_s: Seconds in one.
        dtype: The type that they are to be of.

    Raises:
        InvalidArgumentError: With what to do.
    """
    if dtype.kind != "f" or not len(t):
        return
    most = max(abs(int(t[0])), abs(int(t[-1])))
    # Half precision ends at 65504.
    step = float(np.spacing(dtype.type(most))) * unit_s if most <= np.finfo(dtype).max else np.inf
    if step > 1e-3:
        raise InvalidArgumentError(
            f"times up to {most * unit_s:.0f} s are {step:.3g} s apart as {dtype}; take times from the first event "
            "(origin=rec.start), or a float of 64 bits"
        )


def _title(dtype: np.dtype, name: str) -> Any:
    """The title of a field, or None."""
    fields: Any = dtype.fields
    field = fields[name]
    return field[2] if len(field) > 2 else None


def fitting(column: np.ndarray, dtype: np.dtype, name: str, signed: bool) -> np.ndarray:
    """A column whose values a type can hold, so that none is cut to its lower bits or loses a fraction."""
    if signed:
        if dtype.kind in "ub":
            raise InvalidArgumentError(f"polarities of -1 and 1 do not fit {dtype}")
        return column.astype(np.int8) * np.int8(2) - np.int8(1)
    kinds = column.dtype.kind + dtype.kind
    if not len(column) or not set(kinds) <= set("biuf") or _holds_all(column.dtype, dtype, name):
        return column
    odd = column[:0]
    if dtype.kind == "b":
        odd = column[(column != 0) & (column != 1)]
    elif kinds in ("fi", "fu"):
        odd = column[(column != np.trunc(column)) | ~np.isfinite(column)]
    if len(odd):
        raise InvalidArgumentError(f"{name} has values such as {odd[0]}, which {dtype} does not hold")
    least, most = column.min(), column.max()
    fits = True
    if kinds in ("ii", "iu", "ui", "uu", "fi", "fu"):
        limits = np.iinfo(dtype)
        fits = limits.min <= int(least) and int(most) <= limits.max
    elif kinds in ("if", "uf"):
        # Beyond these the next whole number is another one.
        whole = 1 << np.finfo(dtype).nmant + 1
        fits = -whole <= int(least) and int(most) <= whole
    elif kinds == "ff":
        finite = np.abs(column[np.isfinite(column)])
        fits = not len(finite) or bool(finite.max() <= np.finfo(dtype).max)
    if not fits:
        raise InvalidArgumentError(f"{name} goes from {least} to {most}, which {dtype} does not hold")
    return column


def _holds_all(of: np.dtype, dtype: np.dtype, name: str) -> bool:
    """Whether a type holds every value of another, so that no value has to be looked at."""
    if of.kind in "iu" and dtype.kind == "f":
        # NumPy says that 64 bits of a float hold 64 bits of a whole number. Of times `check_steps` looks what is
        # between them.
        return name == "t" or of.itemsize * 8 <= np.finfo(dtype).nmant + 1
    return np.can_cast(of, dtype)
