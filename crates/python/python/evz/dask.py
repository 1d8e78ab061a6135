"""Recordings as data frames of Dask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import InvalidArgumentError
from .parts import PART, Part, parts_of
from .paths import Sources
from .recording import _is_on
from .wanting import wanted

if TYPE_CHECKING:
    import dask.dataframe as dd
    import pandas as pd

__all__ = ["read_evz"]


def read_evz(
    paths: Sources,
    *,
    columns: str | list[str] | None = None,
    time: tuple[int | None, int | None] | slice | None = None,
    roi: tuple[int, int, int, int] | None = None,
    polarity: str | int | bool | None = None,
    index: str | None = "t",
    chunks: int = PART,
    **options: Any,
) -> dd.DataFrame:
    """Recordings as a data frame of Dask, with a partition for every so many chunks.

        df = evz.dask.read_evz("day/*.evz")
        df.loc[1_000_000:2_000_000].groupby(["x", "y"]).size().compute()

    Columns that a computation does not need are not decoded. Parts beyond `time` are no partitions, and
    with times as the index `.loc` leaves out those beyond it. Events of one time are of one partition.

    Args:
        paths: A recording, a path, a pattern, a folder, or a list of these, in order of time.
        columns: Which ones; all, if it is not said.
        time, roi, polarity: As of `rec.read`; Dask does not hand filters down by itself.
        index: `"t"`: times are the index, and the divisions are known; or None: times are a column.
        chunks: Chunks a partition, of 65,536 events each.
        options: Those of `evz.open`.

    Raises:
        MissingError: If dask or pandas is not there.
        InvalidArgumentError: If the events are not in order of time, for `index="t"`.
    """
    frames: Any = wanted("dask.dataframe", "evz.dask")
    if index not in ("t", None):
        raise InvalidArgumentError(f"index is 't' or None, and not {index!r}")
    if polarity is not None:
        _is_on(polarity)
    found = parts_of(paths, chunks, time, columns, options, whole_times=index is not None)
    if index is not None and not found.in_order:
        raise InvalidArgumentError(
            "the events are not in order of time through all recordings; pass index=None, or the "
            "recordings in their order"
        )
    names = [name for name in found.dtypes if name != index]
    read = _Read(names, index, {"time": time, "roi": roi, "polarity": polarity})
    parts = found.parts
    meta = read.frame({name: found.dtypes[name].type for name in names}, None)
    divisions = None
    if not parts:
        return frames.from_pandas(meta, npartitions=1)
    if index is not None:
        divisions = (*(part.t_min for part in parts), parts[-1].t_max)
    return frames.from_map(read, parts, meta=meta, divisions=divisions, label="read-evz")


class _Read:
    """Reads a part into a data frame of pandas."""

    def __init__(self, names: list[str], index: str | None, selection: dict[str, Any]) -> None:
        self.names = names
        self.index = index
        self.selection = selection

    def __call__(self, part: Part, columns: list[str] | None = None) -> pd.DataFrame:
        names = self.names if columns is None else columns
        wanted = [*names, self.index] if self.index else names
        # Without a column there still are rows, which are counted by one.
        events = part.read(columns=wanted or ["p"], **self.selection)
        times = events["t"] if self.index else None
        return self.frame({name: events[name] for name in names}, times, len(events))

    def frame(self, columns: dict[str, Any], times: Any, n: int = 0) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        values = {
            name: np.empty(0, column) if isinstance(column, type) else column
            for name, column in columns.items()
        }
        if self.index is None:
            return pd.DataFrame(values, index=pd.RangeIndex(n), copy=False)
        t = np.empty(0, np.int64) if times is None else times
        return pd.DataFrame(values, index=pd.Index(t, name=self.index), copy=False)

    def __dask_tokenize__(self) -> Any:
        return (type(self).__name__, self.names, self.index, repr(self.selection))
