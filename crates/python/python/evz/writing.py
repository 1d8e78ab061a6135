"""Writing a recording."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _evz
from .arguments import check_names
from .errors import InvalidArgumentError, asking
from .events import Events, _polarities, _whole
from .recording import Recording
from .report import Report
from .table import Table
from .types import EVZ, NUMPY
from .units import UNITS, tick_of


class Writer:
    """Writes a recording, part by part: in the format that the name of the file stands for.

    The file gets its name when the writer is closed and is not there before: a `with` block that fails
    leaves nothing. What its format has no place for, such as further columns in `.raw`, is then in
    `writer.report`, and a warning says it.

        with evz.Writer("out.evz", size=(640, 480)) as writer:
            writer.write(t, x, y, p)

    Args:
        path: The file: `.evz`, or `.raw`, `.csv`, `.parquet` and the others that evz writes.
        size: Width and height of the sensor.
        tick: What a tick of `t` is: `"us"`, `"ns"`, `"ms"`, `"s"`, or a Fraction of a second. That of `Events`
            is `events.tick`.
        columns: Further columns of the events, by name, with their types. `.evz`, text, tables of Arrow,
            `.npy` and `.npz` hold them; elsewhere they are left out, which is a loss.
        name: What the event stream is called.
        metadata: What else there is to say: text, bytes, numbers, truth values, and lists and dicts of
            them.
        profile: How `.evz` is encoded: `"small"` for storing, `"fast"` for working, `"small-gpu"`.
        raw_encoding: How `.raw` is written: `"evt3"`, `"evt2"`, `"evt4"`; and `.es`.
        output_format: Another format than the one of the name.
        replace: Whether an existing file is replaced.
        threads: Threads that encode; one a core, if it is not said.

    Raises:
        InvalidArgumentError: If the file exists, or its name stands for no format.

    Warns:
        LossWarning: What the output could not hold, where it is closed.
        InferredWarning: What is odd about the events.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        size: tuple[int, int] | None = None,
        tick: str | Fraction = "us",
        columns: Mapping[str, DTypeLike] | None = None,
        name: str = "",
        metadata: Mapping[str, Any] | None = None,
        profile: str | None = None,
        raw_encoding: str | None = None,
        output_format: str | None = None,
        replace: bool = False,
        threads: int | None = None,
    ) -> None:
        self.tick = tick_of(tick)
        self._name = os.fspath(path)
        self.report: Report | None = None
        """What the output could not hold, once it is closed."""
        self._columns = [_further(columns)]
        stream = (name, size, list(self._columns[0].items()))
        self._writer = _evz.Writer(
            (os.fspath(path), output_format, replace),
            self.tick.as_integer_ratio(),
            stream,
            dict(metadata or {}),
            {"profile": profile, "raw_encoding": raw_encoding},
            threads,
        )

    def add_stream(
        self,
        name: str,
        *,
        size: tuple[int, int] | None = None,
        columns: Mapping[str, DTypeLike] | None = None,
    ) -> int:
        """Begins another event stream of the same clock, such as that of a second camera; returns its
        number, which `write` takes."""
        further = _further(columns)
        number = self._writer.add_stream((name, size, list(further.items())))
        self._columns.append(further)
        return number

    def write(self, *events: Any, stream: int = 0, **further: ArrayLike) -> None:
        """Writes the next events.

        Args:
            events: `Events`, an array of records, a mapping of columns; or four columns t, x, y, p.
            stream: The number of the event stream.
            further: Further columns by name, where the others are given one by one.

        Raises:
            InvalidArgumentError: If the columns are not those of the stream, differ in length, or hold
                what no event has; or if the times of `Events` are in another tick than those of the file.
        """
        if len(events) == 1:
            self._check_tick(events[0], "events")
        columns = columns_of(events, further)
        known = self._columns[stream] if 0 <= stream < len(self._columns) else {}
        extra = []
        for name, of_type in known.items():
            if name not in columns:
                raise InvalidArgumentError(f"column {name!r} is missing")
            array = np.ascontiguousarray(columns[name])
            if EVZ.get(array.dtype.name) != of_type:
                raise InvalidArgumentError(
                    f"column {name!r} is of {array.dtype}, "
                    f"and of {np.dtype(NUMPY[of_type])} in the stream"
                )
            # Its bytes are handed on, so that they are to be in the order of this machine.
            extra.append((of_type, array.astype(NUMPY[of_type], copy=False).view(np.uint8)))
        left = set(columns) - {"t", "x", "y", "p", *known}
        if left:
            raise InvalidArgumentError(
                f"columns that the stream does not have: {', '.join(sorted(left))}; "
                "name them to the Writer, as columns="
            )
        t, x, y, p = (columns[name] for name in "txyp")
        self._writer.write(
            stream,
            (
                _whole(t, np.int64, "t"),
                _whole(x, np.uint16, "x"),
                _whole(y, np.uint16, "y"),
                _polarities(p),
            ),
            extra,
        )

    def write_side(
        self, name: str, columns: Mapping[str, Any], *, stream: int | None = None
    ) -> None:
        """Writes rows of a side stream: triggers, samples, frames.

        Args:
            name: What it is called.
            columns: `t` in ticks, and others: arrays of bool, uint8, uint16, int64, float32 or float64, or
                lists of bytes or str.
            stream: The event stream that they belong to.

        Raises:
            InvalidArgumentError: If the times of a `Table` are in another tick than those of the file.
            UnsupportedError: If the output has no place for them.
        """
        self._check_tick(columns, f"rows of {name}")
        rest = {key: values for key, values in columns.items() if key != "t"}
        t = _whole(columns["t"], np.int64, "t").tolist()
        for key, values in rest.items():
            if len(values) != len(t):
                raise InvalidArgumentError(f"column {key!r} has {len(values)} values for {len(t)} rows")
        if not self._writer.write_side(name, stream, t, list(rest.items())):
            from .errors import UnsupportedError

            raise UnsupportedError(f"the output has no place for a side stream {name!r}")

    def _check_tick(self, of: object, what: str) -> None:
        """Refuses times in another tick, which would be written as if they were in that of the file."""
        if not isinstance(of, (Events, Recording, Table)) or of.tick == self.tick:
            return
        unit = next((unit for unit in UNITS if tick_of(unit) == of.tick), None)
        raise asking(
            f"{self._name}: {what} with ticks of {of.tick} s, as their own tick= says, in a file with ticks of "
            f"{self.tick} s",
            "tick", [] if unit is None else [unit],
        )

    def close(self, metadata: Mapping[str, Any] | None = None) -> None:
        """Makes the file whole and gives it its name.

        Args:
            metadata: What is known only now.
        """
        if self.report is None:
            self.report = Report._of(self._writer.finish(dict(metadata or {})))
            self.report._warn(self._name, stacklevel=3)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._writer.abort()


def write(path: str | os.PathLike[str], *events: Any, **options: Any) -> None:
    """Writes a recording in one call.

        evz.write("out.evz", t, x, y, p, size=(640, 480))
        evz.write("out.evz", events)

    Args:
        path: The file, whose name says the format.
        events: `Events` or a recording, whose size, tick and further columns are taken over, an array of
            records, a mapping of columns; or four columns t, x, y, p. For a recording that is larger
            than memory there is `evz.convert`.
        options: Those of `Writer`; `columns` may be a mapping from names to further columns themselves.
    """
    if len(events) == 1 and isinstance(events[0], Recording):
        events = (events[0][:],)
    columns = columns_of(events, {})
    further = options.pop("columns", None) or {}
    for name, values in further.items():
        columns.setdefault(name, np.asarray(values))
    if len(events) == 1 and isinstance(events[0], Events):
        options.setdefault("size", events[0].size)
        options.setdefault("tick", events[0].tick)
    types = {name: np.asarray(c).dtype for name, c in columns.items() if name not in "txyp"}
    check_names("write", Writer, options, write)
    with Writer(path, columns=types, **options) as writer:
        writer._check_tick(events[0], "events")
        writer.write(columns)


def columns_of(events: tuple[Any, ...], further: Mapping[str, ArrayLike]) -> dict[str, Any]:
    """The columns of whatever holds events."""
    if len(events) == 4:
        return dict(zip("txyp", events)) | dict(further)
    if len(events) == 1 and not further:
        one = events[0]
        if isinstance(one, np.ndarray) and one.dtype.names is not None:
            return {name: one[name] for name in one.dtype.names}
        if hasattr(one, "keys") and hasattr(one, "__getitem__"):
            columns = {name: one[name] for name in one.keys()}
            missing = [name for name in "txyp" if name not in columns]
            if missing:
                raise InvalidArgumentError(
                    f"events without {', '.join(missing)}; the columns are called t, x, y and p, and here "
                    f"{', '.join(map(str, columns)) or 'nothing'}"
                )
            return columns
    raise InvalidArgumentError(
        "events are given as Events, an array of records, a mapping of columns, or as t, x, y, p; of an array "
        "(n, 4) of such rows, as *rows.T"
    )


def _further(columns: Mapping[str, DTypeLike] | None) -> dict[str, str]:
    types = {}
    for name, dtype in (columns or {}).items():
        of_type = EVZ.get(np.dtype(dtype).name)
        if of_type is None:
            raise InvalidArgumentError(f"column {name!r} of {np.dtype(dtype)} cannot be written")
        types[name] = of_type
    return types
