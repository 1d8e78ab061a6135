"""A recording in the shape of an HDF5 file, for loaders that were written for one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike

from .column import Column
from .errors import InvalidArgumentError, UnsupportedError, asking
from .indexing import place
from .opening import open
from .recording import Recording
from .room import check_room
from .units import ticks_before

_LAYOUTS = ("dsec", "monash", "mvsec")

_AT_ONCE = 1 << 22
"""Events that are read with all columns at most, 55 MB of them, where one is asked for."""


def h5view(
    recording: Recording | str | os.PathLike[str] | BinaryIO,
    layout: str = "dsec",
    *,
    t_offset: int | None = None,
) -> H5View:
    """A recording in the shape that `h5py.File` gives an HDF5 file of that layout: existing loaders run on
    it as they are, once `h5py.File(path)` is `evz.h5view(path)`.

    `"dsec"`
        `events/{t,x,y,p}` with t in microseconds from `t_offset`, `ms_to_idx`, `t_offset`; so do E-RAFT,
        DAGR and others have it.
    `"monash"`
        `events/{ts,xs,ys,ps}` with ts in seconds, and attributes `sensor_resolution`, `num_events`,
        `duration`, `t0`, `tk`; images under `images/image000000000` where the recording has frames.
    `"mvsec"`
        `davis/left/events` of float64 `(n, 4)`: x, y, seconds, -1 or 1; and `davis/right/events` where
        the recording has an event stream `"right"`.

    Columns are read where they are indexed. A view pickles, which no `h5py.File` does, and may be used
    after a fork.

    Args:
        recording: A recording, or what `evz.open` takes.
        layout: One of the three.
        t_offset: Of `"dsec"`: the time in microseconds that `events/t` count from; the first event, if it
            is not said.

    Raises:
        InvalidArgumentError: If there is no such layout, or the events are not in order of time, which
            all three take for granted.
    """
    if layout not in _LAYOUTS:
        raise asking(f"there is no layout {layout!r}", "layout", _LAYOUTS)
    if t_offset is not None and layout != "dsec":
        raise InvalidArgumentError(f"the layout {layout!r} has no t_offset")
    opened = recording if isinstance(recording, Recording) else open(recording)
    return H5View(opened, layout, t_offset)


class Group(Mapping[str, Any]):
    """A group: what is in it by name or by path."""

    def __init__(self, name: str, parts: Mapping[str, Any], attrs: Mapping[str, Any]) -> None:
        self.name = name
        self.attrs = dict(attrs)
        self._parts = dict(parts)

    def __getitem__(self, path: str) -> Any:
        found: Any = self
        for step in path.strip("/").split("/"):
            parts = found._parts if isinstance(found, Group) else {}
            if step not in parts:
                raise KeyError(f"{path!r} is not in {self.name!r}; there are {', '.join(self._parts)}")
            found = parts[step]
        return found

    def __contains__(self, path: object) -> bool:
        try:
            self[str(path)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __repr__(self) -> str:
        return f"<evz.h5view {self.name!r}: {', '.join(self._parts)}>"


class H5View(Group):
    """A recording in the shape of an HDF5 file. Made by `evz.h5view`."""

    def __init__(self, recording: Recording, layout: str, t_offset: int | None) -> None:
        parts, attrs = _MAKERS[layout](recording, t_offset)
        super().__init__("/", parts, attrs)
        self.recording = recording
        self.layout = layout
        self.filename = recording.name
        self.mode = "r"
        self._t_offset = t_offset

    def close(self) -> None:
        """Nothing to close: the recording is let go with the last who holds it."""

    def __enter__(self) -> H5View:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<evz.h5view of {self.filename!r} as {self.layout}: {', '.join(self)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return H5View, (self.recording, self.layout, self._t_offset)


class Together:
    """Reads the columns of a window at once for who asks for them one by one.

    Loaders of HDF5 take the times of a window, and then x, y and p of it or of a part of it: four reads of
    the same chunks. Once two columns were asked for side by side, the next window is read with all of them,
    for as long as that turns out to be of use.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        # Column, start and stop of the last read alone; start, stop and columns of the last one together.
        # Each is replaced as a whole, so that threads see one or the other.
        self._alone: tuple[str, int, int] = ("", 0, 0)
        self._window: tuple[int, int, dict[str, np.ndarray]] = (0, 0, {})
        self._of_use = False

    def read(self, name: str, start: int, stop: int) -> np.ndarray:
        """Values of a column, which are the caller's."""
        first, last, columns = self._window
        # Each column is asked for once: its memory is handed on where all of it is wanted.
        known = columns.pop(name, None) if first <= start and stop <= last else None
        if known is not None:
            self._of_use = True
            return known if len(known) == stop - start else known[start - first : stop - first].copy()
        before, low, high = self._alone
        beside = before != name and low <= start and stop <= high and stop - start > 1
        if (beside or self._of_use) and 1 < stop - start <= _AT_ONCE:
            events = self._recording.read(events=(start, stop), columns="txyp")
            columns = events.to_dict()
            column = columns.pop(name)
            self._window, self._of_use = (start, stop, columns), False
            return column
        self._alone, self._of_use = (name, start, stop), False
        values: np.ndarray = self._recording.read(events=(start, stop), columns=[name])[name]
        return values


class Dataset(Column):
    """A column as a dataset of h5py, in the units and the type of a layout."""

    __slots__ = ("_together", "attrs")

    chunks = None
    compression = None

    def __init__(self, together: Together, name: str, dtype: DTypeLike) -> None:
        super().__init__(together._recording, name, np.dtype(dtype))
        self._together = together
        self.attrs: dict[str, Any] = {}

    def _read(self, start: int, stop: int) -> np.ndarray:
        return self._of(self._together.read(self.name, start, stop))

    def _of(self, values: np.ndarray) -> np.ndarray:
        """What the layout has for values of evz."""
        return values.astype(self.dtype, copy=False)

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), 65_536):
            yield from self._read(start, min(start + 65_536, len(self)))


class SinceDataset(Dataset):
    """Times in microseconds from some tick on."""

    __slots__ = ("_since_us",)

    def __init__(self, together: Together, since_us: int, dtype: DTypeLike) -> None:
        super().__init__(together, "t", dtype)
        self._since_us = since_us

    def _of(self, values: np.ndarray) -> np.ndarray:
        us = self._recording.tick * 1_000_000
        if us != 1:
            values = values * us.numerator // us.denominator
        since: np.ndarray = (values - self._since_us).astype(self.dtype)
        return since


class MsToIdx:
    """The number of events before each millisecond: looked up in the index once it is asked for."""

    dtype = np.dtype(np.uint64)
    ndim = 1

    def __init__(self, recording: Recording, offset: int, n: int) -> None:
        self._recording = recording
        self._offset = offset
        self.shape = (n,)
        self.size = n
        self.attrs: dict[str, Any] = {}
        self._known: np.ndarray | None = None

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, np.integer, slice)) and self._known is None:
            return self._looked_up(range(self.size)[key])
        return self.__array__()[key]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if self._known is None:
            self._known = self._looked_up(range(self.size))
        known = self._known
        return known.copy() if dtype is None else known.astype(dtype)

    def _looked_up(self, ms: int | range) -> Any:
        recording = self._recording
        if isinstance(ms, range):
            # Times, numbers and what is made of them.
            check_room(len(ms), 32, f"ms_to_idx of {len(ms):,} ms", recording.name, "index the part that is needed")
            us = np.arange(ms.start, ms.stop, ms.step, dtype=np.int64) * 1_000 + self._offset
        else:
            us = np.asarray(ms, np.int64) * 1_000 + self._offset
        if recording.tick * 1_000_000 != 1:
            ticks = (ticks_before(each, 1_000, recording.tick) for each in us.flat)
            us = np.fromiter(ticks, np.int64, us.size).reshape(us.shape)
        return np.asarray(recording.searchsorted(us)).astype(self.dtype)[()]

    def __repr__(self) -> str:
        return f"<evz.h5view ms_to_idx: {self.size:,}>"


class SecondsDataset(Dataset):
    """Times in seconds."""

    __slots__ = ()

    def _of(self, values: np.ndarray) -> np.ndarray:
        seconds: np.ndarray = _seconds(values, self._recording)
        return seconds


class Rows:
    """All events as rows of float64: x, y, seconds, -1 or 1."""

    dtype = np.dtype("f8")
    ndim = 2

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.attrs: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._recording)

    @property
    def shape(self) -> tuple[int, int]:
        """Events, and four."""
        return (len(self), 4)

    @property
    def size(self) -> int:
        """Values in all."""
        return 4 * len(self)

    def __getitem__(self, key: Any) -> Any:
        if key is Ellipsis or (isinstance(key, tuple) and key == ()):
            key = slice(None)
        rows, column = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(column, (int, np.integer)):
            # One column alone is decoded, as loaders look for times by bisection.
            name = "xytp"[column]
            values = self._recording[name][rows]
            return _as_rows(values, name, self._recording)
        if isinstance(rows, (int, np.integer)):
            start = place(rows, len(self), "event")
            return self._block(start, start + 1)[0][column]
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            if step == 1:
                return self._block(start, stop)[:, column]
        return self._block(0, len(self))[rows][:, column]

    def _block(self, start: int, stop: int) -> np.ndarray:
        events = self._recording.read(events=(start, stop), columns="xytp")
        columns = [_as_rows(events[name], name, self._recording) for name in "xytp"]
        return np.stack(columns, axis=1)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        rows: np.ndarray = self[:]
        return rows if dtype is None else rows.astype(dtype, copy=False)

    def __repr__(self) -> str:
        return f"<evz.h5view rows {self.shape} of float64>"


def _as_rows(values: Any, name: str, recording: Recording) -> Any:
    if name == "t":
        return _seconds(values, recording)
    numbers = np.asarray(values, np.float64)
    return numbers * 2 - 1 if name == "p" else numbers


def _seconds(ticks: Any, recording: Recording) -> Any:
    """Divided where it can be, which is the nearest number; a product of 1e-6 is another now and then."""
    tick = recording.tick
    return ticks * float(tick.numerator) / float(tick.denominator)


def _dsec(recording: Recording, t_offset: int | None) -> tuple[dict[str, Any], dict[str, Any]]:
    _in_order(recording)
    us = recording.tick * 1_000_000
    earliest, latest = (
        tick * us.numerator // us.denominator for tick in recording.time_range or (0, 0)
    )
    offset = earliest if t_offset is None else int(t_offset)
    last = latest - offset
    if earliest < offset:
        raise InvalidArgumentError(f"t_offset of {offset} us is behind the first event, at {earliest}")
    # DSEC's type, which holds 71 minutes; a longer recording wants a wider one.
    dtype = np.uint32 if last < 1 << 32 else np.int64
    together = Together(recording)
    events = {
        "p": Dataset(together, "p", np.uint8),
        "t": SinceDataset(together, offset, dtype),
        "x": Dataset(together, "x", np.uint16),
        "y": Dataset(together, "y", np.uint16),
    }
    parts = {
        "events": Group("/events", events, {}),
        "ms_to_idx": MsToIdx(recording, offset, last // 1_000 + 2 if len(recording) else 0),
        # A scalar dataset is read by [()], as this is.
        "t_offset": np.array(offset, np.int64),
    }
    return parts, {}


def _monash(recording: Recording, _: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    _in_order(recording)
    together = Together(recording)
    events = {
        "ps": Dataset(together, "p", np.bool_),
        "ts": SecondsDataset(together, "t", np.float64),
        "xs": Dataset(together, "x", np.int16),
        "ys": Dataset(together, "y", np.int16),
    }
    parts = {"events": Group("/events", events, {})}
    images = _images(recording)
    if images:
        parts["images"] = Group("/images", images, {})
    width, height = recording.size or recording.extent
    first, last = (_seconds(tick, recording) for tick in recording.time_range or (0, 0))
    attrs = {
        "sensor_resolution": np.array([height, width]),
        "num_events": len(recording),
        "num_imgs": len(images),
        "t0": first,
        "tk": last,
        "duration": last - first,
        "source": "evz",
    }
    return parts, attrs


class Image(np.ndarray):
    """An image with attributes, as a dataset has them."""

    attrs: dict[str, Any]


def _images(recording: Recording) -> dict[str, Image]:
    """The frames of the recording that are grey, by the names that the layout gives them."""
    if "frames" not in recording.side_streams:
        return {}
    rows = recording.read(stream="frames")
    if not {"width", "height", "pixels"} <= rows.keys():
        return {}
    times, before = rows.t, recording.searchsorted(rows.t)
    images: dict[str, Image] = {}
    for i, (width, height) in enumerate(zip(rows["width"].tolist(), rows["height"].tolist())):
        pixels = np.frombuffer(rows["pixels"][i], np.uint8)
        if pixels.size != width * height:
            continue
        image = pixels.reshape(height, width).copy().view(Image)
        image.attrs = {
            "timestamp": _seconds(int(times[i]), recording),
            "event_idx": int(before[i]),
            "size": np.array([height, width]),
            "type": "greyscale",
        }
        images[f"image{len(images):09d}"] = image
    return images


def _mvsec(recording: Recording, _: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    names = recording.streams
    cameras: dict[str, Recording] = {}
    if len(names) > 1:
        for side in ("left", "right"):
            if side in names:
                cameras[side] = recording.stream(side)
        if not cameras:
            raise UnsupportedError(
                f"{recording.name}: its event streams are {', '.join(names)}; this layout has left and "
                "right; pass one of them by rec.stream()"
            )
    else:
        cameras["left"] = recording
    groups: dict[str, Group] = {}
    for side, camera in cameras.items():
        _in_order(camera)
        groups[side] = Group(f"/davis/{side}", {"events": Rows(camera)}, {})
    return {"davis": Group("/davis", groups, {})}, {}


def _in_order(recording: Recording) -> None:
    if not recording.sorted:
        raise InvalidArgumentError(
            f"{recording.name}: its events are not in order of time, which loaders of HDF5 rely on; "
            'evz.convert(…, on_unsorted="sort") sorts them'
        )


_MAKERS = {"dsec": _dsec, "monash": _monash, "mvsec": _mvsec}
