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
        column = columns.get(name)
        if column is None:
            # A title answers too: faery has p under the name "on".
            column = columns.get(_title(wanted, name))
        if column is None:
            raise InvalidArgumentError(
                f"there is no column {name!r}; there are {', '.join(columns)}"
            )
        is_polarity = column is columns.get("p")
        if column is columns.get("t") and tick_s is not None:
            check_steps(column, tick_s, out[name].dtype)
        out[name] = fitting(column, out[name].dtype, name, signed and is_polarity)
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
    """A column whose values a type can hold, so that none is cut to its lower bits."""
    if signed:
        if dtype.kind in "ub":
            raise InvalidArgumentError(f"polarities of -1 and 1 do not fit {dtype}")
        return column.astype(np.int8) * np.int8(2) - np.int8(1)
    if dtype.kind in "iu" and column.dtype.kind in "iu" and len(column):
        limits = np.iinfo(dtype)
        if not np.can_cast(column.dtype, dtype):
            least, most = int(column.min()), int(column.max())
            if least < limits.min or most > limits.max:
                raise InvalidArgumentError(
                    f"{name} goes from {least} to {most}, which {dtype} does not hold"
                )
    return column
