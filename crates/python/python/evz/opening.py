"""How a recording is opened, and opened again elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from . import _evz
from .arguments import listed, map_text
from .recording import Recording
from .sources import Source, check_unchanged, source_of


@dataclass(frozen=True)
class Opening:
    """All that it takes to open a recording again."""

    source: Source
    options: dict[str, Any]
    threads: int | None
    was: Any
    """What tells its bytes from others."""

    @property
    def name(self) -> str:
        return self.source.name

    def readers(self) -> list[_evz.Reader]:
        return _evz.open(self.source.open(), self.name, self.options, self.threads)

    def state(self) -> Any:
        """What it was when it was opened."""
        return self.was

    def again(self, before: Any) -> list[_evz.Reader]:
        check_unchanged(self.source, before)
        return self.readers()


def open(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    stream: str | None = None,
    sample: int | str | None = None,
    size: tuple[int, int] | None = None,
    columns: str | None = None,
    time_unit: str | None = None,
    decimals: int | None = None,
    encoding: str | None = None,
    word_order: str | None = None,
    polarity_map: str | Mapping[object, str] | None = None,
    on_bad_line: str | None = None,
    round: str | None = None,
    drop: str | None = None,
    filters: str | Sequence[str] = (),
    index: Literal["memory"] | None = None,
    threads: int | None = None,
    storage_options: dict[str, Any] | None = None,
) -> Recording:
    """Opens a recording of any format that evz knows.

    An `.evz` file is read where it is asked for. Any other recording is read to its end and held in
    memory, compressed; `evz.convert` makes it an `.evz` file for good.

    Args:
        source: A path, a binary file that seeks, or a URL that fsspec knows (`s3://`, `https://`).
        format: What the recording is, where its content does not tell: `"text"`, `"raw"`.
        stream: The event stream to read, by name or number, with the side streams that belong to it or to none;
            rows of a side stream are read by `rec.read(stream=...)`.
        sample: The recording to read of a pack, by number or name; see `rec.samples` for many of them.
        size: Width and height of the sensor, of each event stream, whatever the recording says.
        columns: What columns without names hold: `"txyp"`, `"t,x,y,p,label:u8"`; of HDF5, where they stand:
            `"t=a/ts,x=a/xs,y=a/ys,p=a/ps"`.
        time_unit: The unit of times that are plain numbers: `"s"`, `"ms"`, `"us"`, `"ns"`.
        decimals: Decimals of the times of text.
        encoding: How the recording puts events into words, whatever its header says: `"evt3"`.
        word_order: The order of the halves of long words.
        polarity_map: What the values of a column of polarities stand for: `{2: "on", 0: "off", 1: "drop"}`, or
            `"2=on,0=off,1=drop"`.
        on_bad_line: `"stop"` or `"skip"` at a line of text, or a row of an array or table, that is no event.
        round: The unit that times are rounded to: `"us"`.
        drop: Events that are left out and counted: those `"outside"` the sensor.
        filters: What is done to the events, one behind the other: `"hot-pixels=5sd"` (or `500Hz`; `/1s`
            behind it counts in windows), `"refractory=1ms"`, `"background=2ms"`, `"decimate=4"`,
            `"invert-polarity"`, `"crop=X,Y,W,H"`, `"flip=x"`, `"flip=y"`, `"rotate=90"`, `"transpose"`,
            `"time-shift=-1.5s"`. A filtered recording is held in memory.
        index: `"memory"` makes an index of a file that has none beside it, so that its events are decoded
            where they are asked for and not held: of RAW, DAT, AEDAT, text and `.es`.
        threads: Threads that large reads work on; one a core, if it is not said, and one in a worker of
            `multiprocessing`.
        storage_options: What fsspec wants for the URL.

    Raises:
        NotFoundError: If there is no such file.
        AmbiguousError: If it can be read in two ways; `argument` says what settles it, `further` what is asked too.
        CorruptError, InsufficientDataError, UnsupportedError: If it cannot be read.

    Warns:
        InferredWarning: What was inferred rather than told.
        LossWarning: What was left out.
    """
    where = source_of(source, storage_options)
    options = {
        "format": format, "stream": stream, "sample": sample, "size": size, "columns": columns,
        "time_unit": time_unit, "decimals": decimals, "encoding": encoding,
        "word_order": word_order, "polarity_map": map_text(polarity_map), "on_bad_line": on_bad_line,
        "round": round, "drop": drop, "index": index, "filters": listed(filters),
    }
    opening = Opening(where, options, threads, where.state())
    recording = Recording(opening.readers(), opening)
    recording.report._warn(where.name, stacklevel=2)
    return recording
