"""An open recording."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _evz
from .arguments import check_names
from .arrow import said
from .arrow_stream import ArrowStream
from .column import Column
from .dtypes import EVENT_DTYPE
from .errors import AmbiguousError, InferredWarning, InvalidArgumentError, asking
from .events import Events
from .indexing import place
from .look import Painting, look_of
from .many import EventsList
from .relative import warn_if_relative
from .report import Report
from .samples import Samples
from .table import Table
from .ticks import ticks_of
from .time_slices import MOST, TimeSlices, as_window
from .types import NUMPY
from .windows import Cut, Windows, bounds_of, windows_of

if TYPE_CHECKING:
    import torch  # type: ignore[import-not-found, unused-ignore]
    from typing_extensions import Unpack

    from .device_frames import DeviceFrames
    from .frames import Frames
    from .opening import Opening
    from .plot import Plot

    class PaintingOrCut(Painting, Cut, total=False):
        """What `rec.frames` takes by name, of windows or in their place."""

_PLACES = {"t": 1, "x": 2, "y": 4, "p": 8}


class Recording:
    """An open recording, of which any part is read at once.

    `len(rec)` is the number of events; `rec[1000:2000]` are events by number, `rec.time[t0:t1]` by time
    in ticks, `rec.us[a:b]`, `rec.ms[a:b]` and `rec.s[a:b]` by time from the start; `rec["t"]` is a
    column that is read where it is indexed. It pickles, so that workers read it too, and any number of
    threads may.

    Made by `evz.open`; `with evz.open(path) as rec:` closes it at the end, and one that nobody has any
    more is closed too. Of a recording with several event streams, such as a stereo pair,
    `rec.stream("left")` is one; to read events of all at once is an error that lists them.
    """

    __slots__ = (
        "__weakref__", "_all", "_dtypes", "_extra", "_held", "_inferred", "_opening", "_reader", "_size",
        "_stream", "_tick",
    )

    def __init__(
        self, readers: list[_evz.Reader], opening: Opening, stream: int | None = None
    ) -> None:
        self._held: list[_evz.Reader] | None = readers
        self._opening = opening
        # Whether the stream was not told, and is the only one that has events.
        self._inferred = False
        if stream is None:
            with_events = [i for i, reader in enumerate(readers) if len(reader)]
            if len(with_events) < 2:
                stream = with_events[0] if with_events else 0
                self._inferred = bool(with_events) and len(readers) > 1
        self._stream = stream
        self._reader = None if stream is None else readers[stream]
        first = readers[stream or 0]
        self._size = first.size
        self._tick = Fraction(*first.tick)
        self._extra = tuple(first.columns) if self._reader is not None else ()
        self._dtypes = {name: EVENT_DTYPE[name] for name in "txyp"} | {
            name: np.dtype(NUMPY[of_type]) for name, of_type, _, _ in self._extra
        }
        self._all = (15, (1 << len(self._extra)) - 1)

    @property
    def _readers(self) -> list[_evz.Reader]:
        if self._held is None:
            raise InvalidArgumentError(f"{self.name}: it is closed; open it again")
        return self._held

    def close(self) -> None:
        """Lets go of the file. What was read stays, and what was made of the recording before, such as
        frames, goes on and holds the file for itself."""
        self._held = self._reader = None

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _one(self) -> _evz.Reader:
        """The event stream; there must be one."""
        if self._reader is None:
            raise asking(
                f"{self.name}: it holds {len(self._readers)} event streams",
                "stream", self.streams, AmbiguousError,
            )
        return self._reader

    # What it is.

    @property
    def name(self) -> str:
        """What it was opened by."""
        return self._opening.name

    @property
    def format(self) -> str:
        """The format that it is read from: `"evz"`, `"raw"`, `"text"`."""
        return self._readers[0].format

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the sensor, if the recording says it."""
        return self._size

    @property
    def width(self) -> int | None:
        """Pixels in a row of the sensor, if the recording says it."""
        return self._size[0] if self._size else None

    @property
    def height(self) -> int | None:
        """Rows of the sensor, if the recording says it."""
        return self._size[1] if self._size else None

    @property
    def extent(self) -> tuple[int, int]:
        """Width and height of what holds all events, whatever the recording says of its sensor."""
        x, y = self._one().reach
        return (x + 1, y + 1) if len(self) else (0, 0)

    @property
    def tick(self) -> Fraction:
        """What a tick of `t` is worth in seconds: `Fraction(1, 1000000)` for a clock of microseconds."""
        return self._tick

    @property
    def tick_ns(self) -> float:
        """Nanoseconds a tick."""
        return float(self._tick * 1_000_000_000)

    @property
    def clock(self) -> tuple[str, int]:
        """What clock `t` is of (`"unix"`, `"sensor"`, `"unknown"`, ...), and what tick 0 is on it."""
        return self._readers[self._stream or 0].clock

    @property
    def time_range(self) -> tuple[int, int] | None:
        """Earliest and latest time in ticks, both included; None if there is no event."""
        return self._one().times

    @property
    def start(self) -> int:
        """The time of the first event in ticks, which `rec.us`, `rec.ms` and `rec.s` count from: of a filtered
        recording of the first before any is left out, with `time-shift` from where that moved it."""
        return self._one().start or 0

    @property
    def _span(self) -> tuple[int, int] | None:
        """`time_range`, from `start` on where that is earlier: where windows of all of it begin and end."""
        times = self.time_range
        return None if times is None else (min(self.start, times[0]), times[1])

    @property
    def duration(self) -> float:
        """Seconds from the earliest to the latest event."""
        first, last = self.time_range or (0, 0)
        return float((last - first) * self._tick)

    @property
    def sorted(self) -> bool:
        """Whether no event is earlier than the one before it."""
        return self._one().sorted

    @property
    def metadata(self) -> dict[str, Any]:
        """What else the recording says of itself."""
        return self._readers[self._stream or 0].metadata

    @property
    def streams(self) -> tuple[str, ...]:
        """The event streams by name, or by number where they have none."""
        return tuple(reader.name or str(i) for i, reader in enumerate(self._readers))

    @property
    def side_streams(self) -> dict[str, int]:
        """What is recorded beside the events, each with its number of rows: `{"imu": 4000}`."""
        readers = self._readers if self._reader is None else [self._reader]
        return {name: rows for reader in readers for name, rows in reader.side_streams()}

    @property
    def samples(self) -> Samples:
        """The recordings of a pack, as `evz pack` makes it.

        Raises:
            InvalidArgumentError: If it is no pack.
        """
        samples = self._one().samples()
        if samples is None:
            raise InvalidArgumentError(f"{self.name}: it is no pack, and has no samples")
        return Samples(self, samples)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of an event: t, x, y, p and further ones."""
        return tuple(self._dtypes)

    @property
    def dtype(self) -> np.dtype:
        """A record of an event, packed."""
        return np.dtype(list(self._dtypes.items()))

    @property
    def shape(self) -> tuple[int]:
        """The number of events."""
        return (len(self),)

    @property
    def report(self) -> Report:
        """What was inferred, noticed and left out when it was opened."""
        report = Report._of(self._readers[0].report)
        if self._inferred:
            name, all_streams = self.streams[self._stream or 0], len(self._readers)
            note = f"event stream {name!r} is read, the only one of {all_streams} that has events"
            report = replace(report, notes=(*report.notes, note))
        return report

    def __len__(self) -> int:
        return len(self._one())

    def __repr__(self) -> str:
        if self._held is None:
            return f"<evz.Recording {self.name!r}: closed>"
        if self._reader is None:
            return f"<evz.Recording {self.name!r}: streams {', '.join(self.streams)}>"
        size = f", {self.width}x{self.height}" if self._size else ""
        return f"<evz.Recording {self.name!r}: {len(self):,} events, {self.duration:.6g} s{size}>"

    def _repr_html_(self) -> str:
        from .html import html_of

        return html_of(self)

    @property
    def plot(self) -> Plot:
        """Pictures of it with matplotlib: `rec.plot.rate()`, `rec.plot.frame(ms=500)`."""
        from .plot import Plot

        return Plot(self)

    # Parts of it.

    def stream(self, name: str | int) -> Recording:
        """One of its event streams, by name or number."""
        names = self.streams
        if isinstance(name, int):
            place = name if 0 <= name < len(names) else None
        elif name in names:
            place = names.index(name)
        else:
            place = int(name) if name.isdigit() and int(name) < len(names) else None
        if place is None:
            raise asking(f"{self.name}: there is no event stream {name!r}", "stream", names)
        return Recording(self._readers, self._opening, place)

    @property
    def time(self) -> TimeSlices:
        """Events by time in ticks: `rec.time[t0:t1]`."""
        return TimeSlices(self, None)

    @property
    def us(self) -> TimeSlices:
        """Events by microseconds from the first event: `rec.us[0:33_000]`."""
        return TimeSlices(self, 1_000)

    @property
    def ms(self) -> TimeSlices:
        """Events by milliseconds from the first event: `rec.ms[0:33.3]`."""
        return TimeSlices(self, 1_000_000)

    @property
    def s(self) -> TimeSlices:
        """Events by seconds from the first event: `rec.s[1.5:2]`."""
        return TimeSlices(self, 1_000_000_000)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step != 1:
                raise InvalidArgumentError(
                    f"events are read with a step of 1, and not {step}; "
                    "rec[a:b][::step] takes some of them"
                )
            return self._read(None, (start, stop), None, None, self._all)
        if isinstance(key, str):
            dtype = self._dtypes.get(key)
            if dtype is None:
                raise KeyError(f"there is no column {key!r}; there are {', '.join(self._dtypes)}")
            return Column(self, key, dtype)
        if isinstance(key, (int, np.integer)):
            start = place(key, len(self), "event")
            return self[start : start + 1].numpy()[0]
        raise TypeError(
            f"a recording is indexed by a slice, a number or a name, not by {type(key).__name__}; "
            "rec[:][key] takes some of its events"
        )

    def keys(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.columns

    @overload
    def read(
        self,
        *,
        time: tuple[int | None, int | None] | slice | None = None,
        events: tuple[int | None, int | None] | slice | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        columns: str | Iterable[str] | None = None,
        stream: None = None,
        out: Mapping[str, np.ndarray] | Events | None = None,
    ) -> Events: ...
    @overload
    def read(
        self,
        *,
        time: tuple[int | None, int | None] | slice | None = None,
        events: tuple[int | None, int | None] | slice | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        columns: str | Iterable[str] | None = None,
        stream: str | None = None,
        out: Mapping[str, np.ndarray] | Events | None = None,
    ) -> Any: ...
    def read(
        self,
        *,
        time: tuple[int | None, int | None] | slice | None = None,
        events: tuple[int | None, int | None] | slice | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        columns: str | Iterable[str] | None = None,
        stream: str | None = None,
        out: Mapping[str, np.ndarray] | Events | None = None,
    ) -> Any:
        """The selected events; every argument narrows the others.

        Args:
            time: From and to in ticks, the end excluded; None is open.
            events: From and to by number, the end excluded, as in a slice.
            roi: Left and top edge, width and height of a region of pixels.
            polarity: `"on"` or 1, `"off"` or 0.
            columns: Which ones, `"xy"` or `["t", "label"]`; all, if it is not said.
            stream: An event stream by name, or a side stream, of which the rows in `time` are read.
            out: Arrays to read into, by name, at least as long as there are events; `columns` are then
                theirs. What is returned are views of their fronts.

        Returns:
            Events, or a Table of a side stream.

        Raises:
            InvalidArgumentError: If something makes no sense, or `out` does not fit.
            CorruptError: If a chunk that is needed is damaged.
            UnsupportedError: If rows of a side stream have other columns than those before them.
        """
        if stream is not None and stream not in self.streams and stream in self.side_streams:
            if (events, roi, polarity, columns, out) != (None,) * 5:
                raise InvalidArgumentError("rows of a side stream are selected by time alone")
            return self._side(stream, None if time is None else as_window(time))
        if stream is not None:
            return self.stream(stream).read(
                time=time, events=events, roi=roi, polarity=polarity, columns=columns, out=out
            )
        window = None if time is None else as_window(time)
        numbers = None if events is None else self._numbers(events)
        on = None if polarity is None else _is_on(polarity)
        if out is not None:
            return self._read_into(out, window, numbers, roi, on, columns)
        wanted = self._all if columns is None else self._bits(columns)
        return self._read(window, numbers, roi, on, wanted)

    def _read(
        self,
        time: tuple[int, int] | None,
        events: tuple[int, int] | None,
        roi: tuple[int, int, int, int] | None,
        on: bool | None,
        wanted: tuple[int, int],
    ) -> Events:
        reader = self._reader
        if reader is None:
            reader = self._one()
        arrays = reader.read((time, events, roi, on), wanted)
        if arrays[0] == 0 and time is not None:
            warn_if_relative(self.name, self._span, *time, stacklevel=3)
        return self._events(arrays)

    def _events(self, arrays: tuple[Any, ...]) -> Events:
        n, t, x, y, p, extra = arrays
        if t is None or x is None or y is None or p is None:
            columns = {k: v for k, v in zip("txyp", (t, x, y, p)) if v is not None}
        else:
            columns = {"t": t, "x": x, "y": y, "p": p}
        if extra:
            for column, values in zip(self._extra, extra):
                if values is not None:
                    columns[column[0]] = values
        return Events._of(columns, n, self._size, self._tick)

    def _read_into(
        self,
        out: Mapping[str, np.ndarray] | Events,
        time: tuple[int, int] | None,
        events: tuple[int, int] | None,
        roi: tuple[int, int, int, int] | None,
        on: bool | None,
        columns: str | Iterable[str] | None,
    ) -> Events:
        from .out import bytes_of

        arrays = bytes_of(out, self._dtypes)
        if columns is not None and set(columns) != set(arrays):
            raise InvalidArgumentError(
                f"columns= names {', '.join(columns)}, and out= holds {', '.join(arrays)}"
            )
        further = [arrays.get(column[0]) for column in self._extra]
        main = tuple(arrays.get(name) for name in "txyp")
        n = self._one().read_into((time, events, roi, on), main, further)
        views = {name: out[name][:n] for name in self._dtypes if name in arrays}
        return Events._of(views, n, self._size, self._tick)

    def _numbers(self, events: tuple[int | None, int | None] | slice) -> tuple[int, int]:
        wanted = events if isinstance(events, slice) else slice(*events)
        start, stop, step = wanted.indices(len(self))
        if step != 1:
            raise InvalidArgumentError(f"events are read with a step of 1, and not {step}")
        return start, stop

    def _check_bounds(self, bounds: np.ndarray) -> None:
        """Warns where all windows lie before the recording and were meant from its first event on."""
        if not len(bounds):
            return
        start, stop = int(bounds[:, 0].min()), int(bounds[:, 1].max())
        warn_if_relative(self.name, self._span, start, stop, stacklevel=3)

    def _bits(self, columns: str | Iterable[str]) -> tuple[int, int]:
        """Which columns are meant, as `_evz` takes them."""
        if isinstance(columns, str) and columns in self._dtypes:
            columns = [columns]
        main, extra = 0, 0
        names = [column[0] for column in self._extra]
        for name in columns:
            if name in _PLACES:
                main |= _PLACES[name]
            elif name in names:
                extra |= 1 << names.index(name)
            else:
                raise InvalidArgumentError(
                    f"there is no column {name!r}; there are {', '.join(self._dtypes)}"
                )
        return main, extra

    def _side(self, stream: str, time: tuple[int, int] | None) -> Table:
        readers = self._readers if self._reader is None else [self._reader]
        has = [r for r in readers if stream in dict(r.side_streams())]
        parts = [part for reader in has for part in reader.side_rows(stream, time)]
        return Table._of(self.name, stream, parts, self._tick)

    def read_many(
        self,
        *,
        time: ArrayLike | None = None,
        events: ArrayLike | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        columns: str | Iterable[str] | None = None,
    ) -> EventsList:
        """Many windows at once, on all threads: faster than one `read` each.

        Args:
            time: Start and end of each window in ticks, `(n, 2)`, the ends excluded.
            events: Or the same by event numbers.
            roi, polarity, columns: As of `read`, for all windows.
        """
        if (time is None) == (events is None):
            raise InvalidArgumentError("windows are by one of time= and events=")
        by_number = time is None
        bounds = bounds_of(events, "events") if by_number else bounds_of(time, "time")
        if not by_number:
            self._check_bounds(bounds)
        starts, ends = np.ascontiguousarray(bounds.T)
        wanted = self._all if columns is None else self._bits(columns)
        on = None if polarity is None else _is_on(polarity)
        arrays, offsets = self._one().read_many((starts, ends, by_number), (roi, on), wanted)
        return EventsList(self._events(arrays), offsets)

    def windows(
        self,
        *,
        us: float | None = None,
        count: int | None = None,
        times: ArrayLike | None = None,
        edges: ArrayLike | None = None,
        at: ArrayLike | None = None,
        before_us: float = 0,
        after_us: float = 0,
        parts: int | None = None,
        split_by: str = "time",
        stride: float | None = None,
        drop_last: bool = False,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        columns: str | Iterable[str] | None = None,
    ) -> Windows:
        """Windows of it, by one of `us`, `count`, `times`, `edges`, `at` and `parts`.

        Args:
            us: Windows of so many microseconds each, from the earliest event on, or from `start` where that
                is earlier. They do not drift: a third of a second is a third of a second every time.
            count: Windows of so many events each.
            times: Start and end of each in ticks, `(n, 2)`, in any order, also overlapping.
            edges: `n + 1` ticks, between which there are `n` windows.
            at: Ticks, `(n,)`, in any order: a window from `before_us` microseconds before each to
                `after_us` behind it, as of images, of ground truth or of triggers.
            parts: So many windows of all of it, equal by time or, with `split_by="number"`, by number of
                events, with what is left over in the last one, as SpikingJelly cuts them.
            stride: From one start to the next, in what `us` or `count` counts; as long as a window, if
                it is not said.
            drop_last: Whether windows that reach beyond the last event are left out.
            roi, polarity, columns: As of `read`, for all windows. Windows by count are of so many
                events before these choose.

        Raises:
            InvalidArgumentError: If something makes no sense.
            LimitError: If there are more windows than `evz.set_max_memory` has left room for, at 16 bytes each:
                one wrong time makes a recording of seconds one of centuries.
        """
        bounds, by = windows_of(
            self, us=us, count=count, times=times, edges=edges, stride=stride, drop_last=drop_last, at=at,
            before_us=before_us, after_us=after_us, parts=parts, split_by=split_by,
        )
        return Windows(self, bounds, by, roi, polarity, columns)

    @overload
    def frames(
        self,
        windows: Windows | None = None,
        mode: str | None = None,
        *,
        out: np.ndarray | None = None,
        device: Literal["cpu"] = "cpu",
        **how: Unpack[PaintingOrCut],
    ) -> Frames: ...

    @overload
    def frames(
        self,
        windows: Windows | None = None,
        mode: str | None = None,
        *,
        out: np.ndarray | None = None,
        device: str | torch.device,
        **how: Unpack[PaintingOrCut],
    ) -> Frames | DeviceFrames: ...

    def frames(
        self,
        windows: Windows | None = None,
        mode: str | None = None,
        *,
        like: str | None = None,
        bins: int | None = None,
        tau: float | None = None,
        depth: int | None = None,
        split_polarity: bool = False,
        span: str | None = None,
        bin_places: str | None = None,
        size: tuple[int, int] | None = None,
        channels: str | None = None,
        clip: float | None = None,
        normalize: str | float | None = None,
        dtype: DTypeLike | None = None,
        rectify: str | os.PathLike[str] | np.ndarray | None = None,
        crop: tuple[int, int, int, int] | None = None,
        resize: tuple[int, int] | None = None,
        resize_by: str | None = None,
        pad_to: tuple[int, int] | None = None,
        pad_multiple: int | None = None,
        reverse_time: bool = False,
        memory: bool = False,
        out: np.ndarray | None = None,
        device: str | torch.device = "cpu",
        **cut: Any,
    ) -> Frames | DeviceFrames:
        """Frames of windows, each `(channels, height, width)`.

        Args:
            windows: Those of `rec.windows`; or what it takes, by name: `us=33_000`, `count=100_000`,
                `at=stamps, before_us=50_000`, `parts=16`. `frames.windows.bounds` are their times, and
                `rec.searchsorted` of these the numbers of their events.
            mode: What is made of the events of a window: one of `evz.MODES`; `voxel`, if neither it nor
                `like` is said.
            like: Frames as published code makes them, one of `evz.PRESETS`: a mode, its options and how its
                values are prepared, which `bins`, `tau` and what prepares them change.
            bins: Parts in time of `voxel`, `histogram`, `mixed-density` and `mcts`.
            tau: Time constant of the decays in seconds.
            depth: Latest events of each pixel and polarity of `tore`.
            split_polarity: Whether OFF and ON events have channels of their own, both positive, of `voxel`
                and the decays.
            span: What bins divide and decays end with: `"events"`, from the first event of a window to its
                last one, or `"window"`, from its start to its end.
            bin_places: Where the bins of `voxel` lie in that time: `"ends"`, `"ends32"` (in floats of 32
                bits, as DSEC has it), `"starts"` (tonic's) or `"centers"` (OpenEB's).
            size: Width and height of the frames; those of the sensor, if it is not said.
            channels: Order of the channels of each polarity: `"off-on"`, `"on-off"`, or `"by-bin"` for OFF
                and ON of the first bin, then of the next one.
            clip: Values are held to `-clip..clip`.
            normalize: How the values of each frame are made alike: `"nonzero"` (those that are not 0 to mean
                0 and deviation 1), `"sample"` (the same by the deviation of a sample), `"max"`, a percentile
                such as `"p99"`, or a number to divide by.
            dtype: The type of the values, where it is not that of the mode. None is cut to fit it: that
                is an error.
            rectify: A map that takes the distortion of the lens out: the undistorted position of each pixel, an
                array `(height, width, 2)` with the column first, or the path of an `.npy` of it or of DSEC's
                `rectify_map.h5`; `"calibration"` takes that of the recording. `voxel` and `leaky-sum` share an event among the four pixels around it, all
                others put it into the nearest. A `roi` of the windows is of the sensor's own pixels.
            crop: The region of each frame that is left, once it is rectified: left, top, width and height.
            resize: Width and height that frames are resized to, once they are normalised.
            resize_by: How, as PyTorch's `interpolate`: `"nearest"`, `"nearest-exact"`, `"area"` or `"bilinear"`;
                the nearest, if it is not said.
            pad_to: Width and height with a margin around each frame, as much on either side; on the left and above
                what is left over, as E2VID has it.
            pad_multiple: The same to the next multiple of this in width and height.
            reverse_time: Whether time runs backwards in each window, with polarities exchanged.
            memory: Whether each frame goes on from the one before it, of `binary`, `exp-decay`,
                `linear-decay`, `leaky-sum` and the time surfaces, in windows of time that follow each other.
                Frames may be asked for in any order all the same: each reads what it remembers again, a
                decay 25 `tau` before its end (`linear-decay` one), the others all from the first window on.
            out: A frame to paint each into, which is returned: a loop then takes no memory.
            device: Where they are made and stay: `"cpu"`, or an NVIDIA GPU as PyTorch names it, `"cuda"`
                or `"cuda:1"`. There a frame is a `DeviceArray`, which `torch.from_dlpack` takes; `dtype`,
                `out` and what prepares values are not to be had.

        Raises:
            InvalidArgumentError: If there is no such mode, it has no such choice, or `out` does not fit.
            UnsupportedError: If there is no such GPU, and why.
        """
        from .device_frames import DeviceFrames, gpu_of
        from .frames import Frames

        if (windows is None) == (not cut):
            raise InvalidArgumentError("frames are of windows= or of what rec.windows takes")
        check_names("frames", Recording.windows, cut, Recording.frames)
        chosen = self.windows(**cut) if windows is None else windows
        if size is None and rectify is None and self._size is None and len(self):
            width, height = self.extent
            warnings.warn(
                f"{self.name}: nothing says how large the sensor is; frames are of {width}x{height}, as its events "
                f"reach; size=({width}, {height}) settles it",
                InferredWarning,
                stacklevel=2,
            )
        painting: Painting = {
            "like": like, "bins": bins, "tau": tau, "depth": depth, "split_polarity": split_polarity, "span": span,
            "bin_places": bin_places, "size": size, "channels": channels, "clip": clip, "normalize": normalize,
            "dtype": dtype, "rectify": rectify, "crop": crop, "resize": resize, "resize_by": resize_by,
            "pad_to": pad_to, "pad_multiple": pad_multiple, "reverse_time": reverse_time, "memory": memory,
        }
        look, gpu = look_of(mode, painting), gpu_of(device)
        if gpu is None:
            return Frames(chosen, look, out)
        if dtype is not None or out is not None:
            raise InvalidArgumentError(
                "dtype= and out= are for frames on the CPU; convert and copy those of a GPU where they are"
            )
        return DeviceFrames(chosen, look, gpu)._start()

    # By the index alone.

    def searchsorted(self, times: ArrayLike, side: str = "left") -> Any:
        """Where times stand among those of the events, as `np.searchsorted(rec["t"], times, side)`,
        from the index and at most one block of events each.

        Args:
            times: Ticks: one, or an array of any shape.
            side: `"left"`: the number of events before each time; `"right"`: not behind it.

        Returns:
            int64, in the shape of `times`.

        Raises:
            InvalidArgumentError: If the events are not in order of time.
        """
        reader = self._one()
        if not reader.sorted:
            raise InvalidArgumentError(
                f"{self.name}: its events are not in order of time, so that no place stands for a time"
            )
        if side not in ("left", "right"):
            raise InvalidArgumentError(f"side is left or right, and not {side!r}")
        wanted = ticks_of(times, "times")
        ticks = np.ascontiguousarray(wanted.reshape(-1))
        if side == "right":
            last = ticks == MOST
            ticks = ticks + ~last
        numbers = reader.events_before(ticks)
        if side == "right" and last.any():
            numbers[last] = len(self)
        return numbers.reshape(wanted.shape) if wanted.ndim else int(numbers[0])

    def rate(self, bins: int = 200) -> np.ndarray:
        """How many events fall into each of `bins` equal parts of `time_range`, as closely as the index
        tells: float64, `(bins,)`, whose sum is `len(rec)`.

        Raises:
            LimitError: If so many bins take more memory than `evz.set_max_memory` has left.

        Warns:
            LossWarning: Where the index is damaged that tells it; the events are counted then.
        """
        if bins < 1:
            raise InvalidArgumentError("the rate is of at least one bin")
        counts, said = self._one().activity(min(bins, (1 << 64) - 1))
        Report._of(said)._warn(self.name, stacklevel=2)
        return counts

    # Elsewhere.

    def arrow_stream(
        self,
        *,
        time: tuple[int | None, int | None] | slice | None = None,
        events: tuple[int | None, int | None] | slice | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        columns: str | Iterable[str] | None = None,
    ) -> ArrowStream:
        """The selected events for `pyarrow.table`, `polars.DataFrame` and all that takes streams of
        Arrow, which decode them a chunk at a time. The arguments are those of `read`."""
        return ArrowStream(
            self._one(),
            said(self._size, self._tick),
            (
                None if time is None else as_window(time),
                None if events is None else self._numbers(events),
                roi,
                None if polarity is None else _is_on(polarity),
            ),
            self._all if columns is None else self._bits(columns),
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """All events, as a stream of record batches of Arrow."""
        return self.arrow_stream().__arrow_c_stream__()

    def __reduce__(self) -> tuple[Any, ...]:
        state = self._opening.state() if self._readers else None
        return _reopened, (self._opening, state, None if self._inferred else self._stream)


def _reopened(opening: Opening, state: Any, stream: int | None) -> Recording:
    """A recording that was pickled."""
    return Recording(opening.again(state), opening, stream)


def _is_on(polarity: str | int | bool) -> bool:
    if polarity in ("on", 1):
        return True
    if polarity in ("off", 0):
        return False
    raise InvalidArgumentError(f"a polarity of {polarity!r}; it is 'on' or 1, 'off' or 0")
