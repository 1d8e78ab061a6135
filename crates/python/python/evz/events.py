"""Events in columns."""

from __future__ import annotations

from collections.abc import Iterator, KeysView
from fractions import Fraction
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _evz
from .arrow import named, said
from .dtypes import check_steps, dtype_of, fitting, records
from .errors import InvalidArgumentError
from .indexing import place
from .units import tick_of, times_in

if TYPE_CHECKING:
    import torch  # type: ignore[import-not-found, unused-ignore]

MICROSECOND = Fraction(1, 1_000_000)


class Events:
    """Events in columns, each a NumPy array that owns its memory.

    The columns are attributes and items: `t` (int64, in ticks), `x` and `y` (uint16, from the top left
    corner), `p` (uint8: 1 is ON, 0 is OFF), and the further ones of the recording, such as `label`.
    `len()` is the number of events; `events[10:20]`, `events[mask]` and `events[numbers]` are events
    again, `events[3]` is a record.

    Args:
        t, x, y, p: The columns, all of one length.
        size: Width and height of the sensor.
        tick: What a tick of `t` is worth in seconds, or the unit: `"us"`.
        further: Further columns by name.
    """

    __slots__ = ("_columns", "_n", "size", "tick")

    size: tuple[int, int] | None
    """Width and height of the sensor, where that is known."""
    tick: Fraction
    """What a tick of `t` is worth in seconds."""

    def __init__(
        self,
        t: ArrayLike,
        x: ArrayLike,
        y: ArrayLike,
        p: ArrayLike,
        *,
        size: tuple[int, int] | None = None,
        tick: str | Fraction = MICROSECOND,
        further: dict[str, ArrayLike] | None = None,
    ) -> None:
        columns = {
            "t": _whole(t, np.int64, "t"),
            "x": _whole(x, np.uint16, "x"),
            "y": _whole(y, np.uint16, "y"),
            "p": _polarities(p),
        }
        for name, values in (further or {}).items():
            column = np.asarray(values)
            # In the byte order of this machine, which is all that Arrow and tensors know.
            columns[name] = np.ascontiguousarray(column, column.dtype.newbyteorder("="))
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise InvalidArgumentError(f"columns of different lengths: {lengths}")
        self._columns = columns
        self._n = len(columns["t"])
        self.size = size
        self.tick = tick_of(tick)

    @classmethod
    def _of(
        cls,
        columns: dict[str, np.ndarray],
        n: int,
        size: tuple[int, int] | None,
        tick: Fraction,
    ) -> Events:
        """Events of columns that are known to be right."""
        self = cls.__new__(cls)
        self._columns = columns
        self._n = n
        self.size = size
        self.tick = tick
        return self

    @property
    def t(self) -> np.ndarray:
        """Times in ticks, int64."""
        return self._attribute("t")

    @property
    def x(self) -> np.ndarray:
        """Columns of the pixels, uint16, 0 at the left."""
        return self._attribute("x")

    @property
    def y(self) -> np.ndarray:
        """Rows of the pixels, uint16, 0 at the top."""
        return self._attribute("y")

    @property
    def p(self) -> np.ndarray:
        """Polarities, uint8: 1 for ON, 0 for OFF."""
        return self._attribute("p")

    @property
    def tick_ns(self) -> float:
        """Nanoseconds a tick."""
        return float(self.tick * 1_000_000_000)

    @property
    def dtype(self) -> np.dtype:
        """A record of the columns: that of `numpy()`."""
        return dtype_of(self._columns)

    @property
    def shape(self) -> tuple[int]:
        """The number of events."""
        return (self._n,)

    def keys(self) -> KeysView[str]:
        """The names of the columns."""
        return self._columns.keys()

    def _column(self, name: str) -> np.ndarray:
        try:
            return self._columns[name]
        except KeyError:
            raise KeyError(
                f"there is no column {name!r}; there are {', '.join(self._columns)}"
            ) from None

    def _attribute(self, name: str) -> np.ndarray:
        try:
            return self._columns[name]
        except KeyError:
            raise AttributeError(
                f"there is no column {name!r}; there are {', '.join(self._columns)}"
            ) from None

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._attribute(name)

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, key: str) -> np.ndarray: ...
    @overload
    def __getitem__(self, key: int) -> np.void: ...
    @overload
    def __getitem__(self, key: slice | np.ndarray) -> Events: ...
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._column(key)
        if isinstance(key, (int, np.integer)):
            start = place(key, self._n, "event")
            return self[start : start + 1].numpy()[0]
        columns = {name: column[key] for name, column in self._columns.items()}
        n = len(next(iter(columns.values()))) if columns else 0
        return Events._of(columns, n, self.size, self.tick)

    def __iter__(self) -> Iterator[np.void]:
        return iter(self.numpy())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Events):
            return NotImplemented
        return (
            (self.size, self.tick, self._n) == (other.size, other.tick, other._n)
            and self.keys() == other.keys()
            and all(np.array_equal(self[name], other[name]) for name in self.keys())
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        times = ""
        if self._n and "t" in self._columns:
            times = f", t {self.t[0]} to {self.t[-1]}"
        return f"<evz.Events: {self._n:,} of {', '.join(self._columns)}{times}>"

    def to_dict(self) -> dict[str, np.ndarray]:
        """The columns by name, without a copy."""
        return dict(self._columns)

    def numpy(self, dtype: DTypeLike | None = None, *, signed: bool = False) -> np.ndarray:
        """The events as an array of records, `(n,)`.

        Args:
            dtype: Any structured dtype whose fields, by name or title, are columns, in any order and of
                any types, as those of OpenEB, tonic, evutils or faery. Without it, the columns as they
                are, packed.
            signed: Whether OFF is -1 and not 0.

        Raises:
            InvalidArgumentError: If a field is no column, or its type does not hold the values.
        """
        return records(
            self._columns, self._n, self.dtype if dtype is None else dtype, signed, float(self.tick)
        )

    def array(
        self,
        order: str = "xytp",
        dtype: DTypeLike = "f8",
        *,
        unit: str | None = "s",
        signed: bool = False,
        origin: int = 0,
    ) -> np.ndarray:
        """The events as rows of numbers, `(n, len(order))`.

        Args:
            order: The columns from left to right: `"xytp"`, `"txyp"`, `"yxtp"`.
            dtype: The type of all numbers.
            unit: What times are in: `"s"`, `"ms"`, `"us"`, `"ns"`, or None for ticks. Integers are
                rounded down.
            signed: Whether OFF is -1 and not 0.
            origin: The tick that is time 0, such as `rec.start`. Times since 1970 in seconds have 200 ns
                left of a 64-bit float, and two minutes of a 32-bit one, which is refused.

        Raises:
            InvalidArgumentError: If there is no such column or unit, or the type does not hold the
                values.
        """
        wanted = np.dtype(dtype)
        out = np.empty((self._n, len(order)), wanted)
        for place, name in enumerate(order):
            column = self._columns.get(name)
            if column is None:
                raise InvalidArgumentError(
                    f"there is no column {name!r}; there are {', '.join(self._columns)}"
                )
            if name == "t":
                ticks = column - origin if origin else column
                check_steps(ticks, float(self.tick), wanted)
                column = times_in(ticks, unit, self.tick, wanted)
            out[:, place] = fitting(column, wanted, name, signed and name == "p")
        return out

    def torch(
        self, dtype: torch.dtype | None = None, device: torch.device | str | None = None
    ) -> dict[str, torch.Tensor]:
        """The columns as tensors of PyTorch, `(n,)` each, without a copy on the CPU.

        PyTorch before 2.3 has no uint16: there x and y become int32, by a copy.

        Args:
            dtype: Another type for all of them; theirs are int64, uint16 and uint8.
            device: Where to.
        """
        import torch.utils.dlpack  # type: ignore[import-not-found, unused-ignore]

        columns = self._columns
        if not hasattr(torch, "uint16"):
            signed = {"uint16": np.int32, "uint32": np.int64}
            columns = {n: c.astype(signed.get(c.dtype.name, c.dtype), copy=False) for n, c in columns.items()}
        tensors = {name: torch.utils.dlpack.from_dlpack(column) for name, column in columns.items()}
        if dtype is not None or device is not None:
            tensors = {name: tensor.to(device, dtype) for name, tensor in tensors.items()}
        return tensors

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """The columns as a struct array of Arrow, without a copy."""
        return _evz.struct_array(named(self._columns), said(self.size, self.tick))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The columns as a stream of one record batch of Arrow, without a copy."""
        return _evz.struct_stream(named(self._columns), said(self.size, self.tick))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("columns become records by a copy; take events.t and the others")
        wanted = None if dtype is None else np.dtype(dtype)
        if wanted is not None and wanted.names is None:
            return self.array(dtype=wanted)
        return self.numpy(wanted)

    def __reduce__(self) -> tuple[Any, ...]:
        return Events._of, (self._columns, self._n, self.size, self.tick)


def _whole(values: ArrayLike, dtype: DTypeLike, name: str) -> np.ndarray:
    """Whole numbers as they are stored."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        raise InvalidArgumentError(
            f"{name} is of shape {array.shape} and {array.dtype}; it is one row of whole numbers"
        )
    wanted = np.dtype(dtype)
    return np.ascontiguousarray(fitting(array, wanted, name, False), wanted)


def _polarities(values: ArrayLike) -> np.ndarray:
    """Polarities of 0 and 1, or False and True, or -1 and 1."""
    array = np.asarray(values)
    if array.dtype == bool:
        return np.ascontiguousarray(array).view(np.uint8)
    if array.dtype.kind == "i" and array.size and array.min() == -1:
        if not np.isin(array, (-1, 1)).all():
            raise InvalidArgumentError("p holds -1, and is not -1 or 1 throughout")
        return (array > 0).astype(np.uint8)
    polarities = _whole(array, np.uint8, "p")
    if polarities.size and polarities.max() > 1:
        raise InvalidArgumentError(f"a polarity of {polarities.max()}; it is 0 for OFF or 1 for ON")
    return polarities
