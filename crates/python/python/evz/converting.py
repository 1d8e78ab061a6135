"""From any format to any other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from . import _evz
from .arguments import listed, map_text
from .errors import InvalidArgumentError
from .progress import told
from .recording import _is_on
from .report import Report
from .sources import source_of

AnySource = str | os.PathLike[str] | BinaryIO


@dataclass(frozen=True)
class Conversion(Report):
    """What was converted, and what there is to say of it."""

    events: int = 0
    """Events that were written; of a side stream, rows."""


def convert(
    source: AnySource | Sequence[AnySource],
    path: str | os.PathLike[str],
    *,
    seconds: tuple[float | None, float | None] | None = None,
    events: tuple[int, int] | None = None,
    roi: tuple[int, int, int, int] | None = None,
    polarity: str | int | bool | None = None,
    format: str | None = None,
    stream: str | None = None,
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
    time: str = "recorded",
    on_unsorted: str = "keep",
    profile: str | None = None,
    raw_encoding: str | None = None,
    separator: str | None = None,
    polarity_style: str | None = None,
    header: str | None = None,
    output_format: str | None = None,
    replace: bool = False,
    threads: int | None = None,
    progress: Callable[[int, int | None], object] | bool | None = None,
    storage_options: dict[str, Any] | None = None,
) -> Conversion:
    """Converts a recording into a file, as `evz convert` does.

    The file gets its name when it is whole: what fails, or is interrupted, leaves none.

    Args:
        source: A path, a binary file that seeks, or a URL; several of them become event streams of one
            `.evz`.
        path: The file, whose name says the format: `.evz`, `.raw`, `.csv`, `.parquet`, ...
        seconds: From and to, counted from the first event; None is open.
        events: From and to by number, the end excluded.
        roi: Left and top edge, width and height of a region of pixels.
        polarity: `"on"` or `"off"`.
        format, size, encoding, word_order, polarity_map, on_bad_line, round, drop, filters: As of
            `evz.open`.
        columns, time_unit, decimals: How text is read; of a source that is not text, how it is written.
        stream: The event stream to convert, with the side streams that belong to it or to none; or a side stream,
            which becomes a table.
        time: What times count from: as they are `"recorded"`; `"relative"`, the first event, as `seconds`
            does; `"absolute"`, what the clock counts from; `"zero"`, the first event that is written.
        on_unsorted: `"keep"`, `"sort"` or `"stop"` where times run backwards.
        profile: How `.evz` is encoded: `"small"` for storing, `"fast"` for working, `"small-gpu"`.
        raw_encoding: How `.raw` and `.es` are written.
        separator, polarity_style, header: How text is written.
        output_format: Another format than the one of the name.
        replace: Whether an existing file is replaced.
        threads: Threads to work on; one a core, if it is not said.
        progress: Called now and then with what was read and how much there is, where that is known; an
            exception that it raises ends the conversion. True shows a bar, where there is tqdm.
        storage_options: What fsspec wants for URLs.

    Returns:
        How many events were written; what was inferred, noticed and lost.

    Raises:
        AmbiguousError: If the source can be read in two ways; `argument` says what settles it, `further` more.
        InvalidArgumentError: If the file exists, or an option is of no use here.

    Warns:
        InferredWarning: What was inferred rather than told.
        LossWarning: What the file does not hold.
    """
    several: Sequence[Any] = source if isinstance(source, (list, tuple)) else [source]
    sources = [source_of(each, storage_options) for each in several]
    if not sources:
        raise InvalidArgumentError("no recording to convert")
    start, stop = map(_nanoseconds, seconds or (None, None))
    wanted = (start, stop, events, roi, None if polarity is None else _is_on(polarity))
    reading = {
        "format": format, "stream": stream, "size": size, "columns": columns,
        "time_unit": time_unit, "decimals": decimals, "encoding": encoding,
        "word_order": word_order, "polarity_map": map_text(polarity_map), "on_bad_line": on_bad_line,
        "round": round, "drop": drop, "filters": listed(filters),
    }
    writing = {
        "profile": profile, "raw_encoding": raw_encoding, "separator": separator,
        "polarity_style": polarity_style, "header": header,
    }
    with told(progress, os.path.basename(os.fspath(path))) as call:
        n, words = _evz.convert(
            [(each.open(), each.name) for each in sources],
            (os.fspath(path), output_format, replace),
            reading,
            writing,
            (wanted, time, on_unsorted),
            (threads, call),
        )
    report = Report._of(words)
    report._warn(", ".join(each.name for each in sources), stacklevel=2)
    return Conversion(report.inferred, report.notes, report.losses, n)


def _nanoseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e9)
